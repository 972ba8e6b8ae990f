"""Bytes of a source file as text, with the rules of PEP 263 and with a guess where a file breaks them."""

import codecs
import re
from typing import NamedTuple

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"^[ \t\f]*(?:#.*)?$")
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class SourceText(NamedTuple):
    """The text of a file, with one kind of line end, and whether its encoding was a guess."""

    text: str
    guessed: bool


def decode(content: bytes) -> SourceText:
    """Return the text of Python source; never fails, because every byte is a character of latin-1."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return SourceText(_one_line_end(content.decode(encoding, "replace")), guessed=True)
    if content.startswith(codecs.BOM_UTF8):
        content = content[3:]
        named = "utf-8"
    else:
        named = _cookie(content)
    try:
        return SourceText(_one_line_end(content.decode(named)), guessed=False)
    except (UnicodeDecodeError, LookupError, ValueError):
        return SourceText(_one_line_end(_guess(content)), guessed=True)


def _guess(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _cookie(content: bytes) -> str:
    end = content.find(b"\n", content.find(b"\n") + 1)
    first, _, second = content[: end if end >= 0 else 400].partition(b"\n")
    if b"coding" not in first and b"coding" not in second:
        return "utf-8"
    found = _COOKIE.match(first) or (_COOKIE.match(second) if _BLANK.match(first.rstrip()) else None)
    name = found.group(1).decode("ascii", "replace") if found else "utf-8"
    try:
        # Codecs such as `hex` or `zip` turn bytes into bytes; only a text encoding can encode a text.
        "".encode(name)
    except (LookupError, ValueError):
        return "unknown-" + name
    return name


def _one_line_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
