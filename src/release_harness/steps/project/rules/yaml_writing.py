"""Writes plain values as YAML that people like to read; what is read back is the same."""

import re
from collections.abc import Sequence

from release_harness.kernel.paths import show_text
from release_harness.kernel.records import Plain

_WIDTH_COLUMNS = 118
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*|[1-9][0-9]*(ms|s|m|h|d|w)")
_RESERVED = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_SHORT_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}


def write_word(text: str) -> str:
    """Write one text, in quotes unless it is a plain word that YAML takes for nothing else."""
    if _BARE.fullmatch(text) and text.lower() not in _RESERVED:
        return text
    return '"' + "".join(_escape(char) for char in text) + '"'


def write_value(value: Plain) -> str:
    """Write a value on one line, in flow style."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return write_word(value)
    if isinstance(value, list):
        return "[" + ", ".join(write_value(item) for item in value) + "]"
    if not value:
        return "{}"
    return "{ " + ", ".join(f"{write_word(key)}: {write_value(item)}" for key, item in value.items()) + " }"


def write_entry(key: str, value: Plain, indent: int) -> list[str]:
    """Write `key: value` as lines; what is too long for one line is spread over several."""
    margin = " " * indent
    line = f"{margin}{write_word(key)}: {write_value(value)}"
    if len(line) <= _WIDTH_COLUMNS or not isinstance(value, list | dict):
        return [line]
    if isinstance(value, dict):
        lines = [f"{margin}{write_word(key)}:"]
        for name, item in value.items():
            lines += write_entry(name, item, indent + 2)
        return lines
    if all(isinstance(item, str) for item in value):
        return [f"{margin}{write_word(key)}: [", *_fill(value, indent + 2), f"{margin}]"]
    return [f"{margin}{write_word(key)}:", *(f"{margin}  - {write_value(item)}" for item in value)]


def comment(text: str, indent: int = 0) -> list[str]:
    """Write prose as comment lines; nothing in it can end the comment."""
    margin = " " * indent + "# "
    lines: list[str] = []
    current = ""
    for word in show_text(text).split(" "):
        if current and len(margin) + len(current) + 1 + len(word) > _WIDTH_COLUMNS:
            lines.append(margin + current)
            current = word
        else:
            current = f"{current} {word}" if current else word
    return [*lines, margin + current]


def _fill(items: Sequence[Plain], indent: int) -> list[str]:
    margin = " " * indent
    lines = [margin]
    for item in items:
        piece = f"{write_value(item)},"
        if len(lines[-1]) > indent and len(lines[-1]) + 1 + len(piece) > _WIDTH_COLUMNS:
            lines.append(margin)
        lines[-1] += piece if len(lines[-1]) == indent else f" {piece}"
    return lines


def _escape(char: str) -> str:
    if char in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[char]
    if char.isprintable():
        return char
    code = ord(char)
    if code <= 0xFF:  # noqa: PLR2004 - two digits
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - four digits
