"""String literals as tree-sitter sees them, decoded the way Python decodes them."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from release_harness.steps.evidence.impact.extract.shapes import NULL, joined, relined, text
from release_harness.steps.evidence.impact.facts import Expr

_ESCAPE = re.compile(
    r"\\(\n|[\\'\"abfnrtv]|[0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]+\})", re.DOTALL
)
_START = re.compile(r"([a-zA-Z]*)('''|\"\"\"|'|\")")
_PLAIN = {
    "\n": "",
    "\\": "\\",
    "'": "'",
    '"': '"',
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
}
_LARGEST_CHARACTER = 0x10FFFF

Read = Callable[[Any], Expr]


def string_of(node: Any, read: Read) -> Expr:
    """Return a string literal; calls inside a formatted one carry the line where it begins."""
    parts = _literal(node, read)
    if parts is None:
        return NULL
    made = joined(parts)
    return relined(made, node.start_point[0] + 1) if made[0] == "f" else made


def strings_of(node: Any, read: Read) -> Expr:
    """Return literals that stand one after the other."""
    parts: list[Expr] = []
    for each in node.named_children:
        if each.type == "string":
            found = _literal(each, read)
            if found is None:
                return NULL
            parts.extend(found)
    made = joined(parts)
    return relined(made, node.start_point[0] + 1) if made[0] == "f" else made


def _literal(node: Any, read: Read) -> list[Expr] | None:
    written = node.text.decode("utf-8", "replace")
    start = _START.match(written)
    if start is None:
        return [text(written)]
    prefix = start.group(1).lower()
    if "b" in prefix:
        return None
    raw = "r" in prefix
    if "f" in prefix or "t" in prefix:
        return _formatted(node, read, raw=raw)
    quote = start.group(2)
    end = len(written) - len(quote) if written.endswith(quote) else len(written)
    return [text(_unescaped(written[start.end() : end], raw=raw))]


def _formatted(node: Any, read: Read, *, raw: bool) -> list[Expr]:
    parts: list[Expr] = []
    for each in node.children:
        kind = each.type
        if kind == "string_content":
            written = each.text.decode("utf-8", "replace")
            parts.append(text(_unescaped(written, raw=raw, formatted=True)))
        elif kind == "interpolation":
            parts.extend(_interpolated(each, read))
    return parts


def _interpolated(node: Any, read: Read) -> list[Expr]:
    parts: list[Expr] = []
    children = [each for each in node.children if each.type != "comment"]
    for position, each in enumerate(children):
        if each.type == "=" and position + 1 < len(children):
            begin = children[0].end_byte - node.start_byte
            end = children[position + 1].start_byte - node.start_byte
            parts.insert(0, text(node.text[begin:end].decode("utf-8", "replace")))
    expression = node.child_by_field_name("expression")
    if expression is not None:
        parts.append(read(expression))
    for each in children:
        if each.type == "format_specifier":
            parts.extend(_specified(each, read))
    return parts


def _specified(node: Any, read: Read) -> list[Expr]:
    parts: list[Expr] = []
    for each in node.named_children:
        if each.type in {"format_expression", "interpolation"}:
            parts.extend(part for part in joined(_interpolated(each, read))[1] if type(part) is list and part[0] != "s")
    return parts


def _unescaped(written: str, *, raw: bool, formatted: bool = False) -> str:
    if formatted:
        written = _single_braces(written, raw=raw)
    if raw or "\\" not in written:
        return written
    return _ESCAPE.sub(_escape, written)


def _single_braces(written: str, *, raw: bool) -> str:
    if "{{" not in written and "}}" not in written:
        return written
    if raw or "\\N{" not in written:
        return written.replace("{{", "{").replace("}}", "}")
    pieces = re.split(r"(\\N\{[^}]+\})", written)
    return "".join(each if each.startswith("\\N{") else each.replace("{{", "{").replace("}}", "}") for each in pieces)


def _escape(found: re.Match[str]) -> str:
    said = found.group(1)
    plain = _PLAIN.get(said)
    if plain is not None:
        return plain
    if said[0] == "N":
        try:
            return unicodedata.lookup(said[2:-1])
        except KeyError:
            return found.group(0)
    code = int(said[1:], 16) if said[0] in "xuU" else int(said, 8)
    return chr(code) if code <= _LARGEST_CHARACTER else found.group(0)
