"""Plain block YAML, read line by line: enough for serverless.yml, workflows and manifests, with nothing in it that can blow up.

Anchors, aliases, merges, tags and flow collections that span lines are not followed; what they would give is left out, so
an answer may miss something that such a file hides, and never holds anything that the file does not say.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

TEXT_LIMIT_CHARACTERS = 1_000_000
LINES_LIMIT = 20_000
DEPTH_LIMIT = 40
_KEY = re.compile(
    r"""(?P<key>"[^"\n]{0,200}"|'[^'\n]{0,200}'|[^\s#&*!|>%@`\[\]{},"'-][^#\n]{0,200}?|-[^\s][^#\n]{0,200}?)\s*:(?:\s+(?P<value>.*))?$"""
)
_BLOCK = re.compile(r"[|>][+-]?\d?(\s+#.*)?$")


class Leaf(NamedTuple):
    """One value and the keys that lead to it; items of a list are numbered."""

    keys: tuple[str, ...]
    value: str
    line: int


def leaves(text: str | None) -> Iterator[Leaf]:
    """Yield the values of a YAML text with their keys; documents of one file are kept apart by a first key `document N`."""
    if text is None or len(text) > TEXT_LIMIT_CHARACTERS:
        return
    yield from _Reader(text.splitlines()[:LINES_LIMIT]).read()


def below(found: Iterable[Leaf], *keys: str) -> Iterator[Leaf]:
    """Yield the leaves under some keys (`*` stands for any one key), with those keys cut off."""
    for each in found:
        if len(each.keys) >= len(keys) and all(
            want in ("*", have) for want, have in zip(keys, each.keys, strict=False)
        ):
            yield each._replace(keys=each.keys[len(keys) :])


class _Level(NamedTuple):
    indent: int
    key: str
    is_item: bool = False


class _Reader:
    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._at = 0
        self._levels: list[_Level] = []
        self._items: dict[tuple[str, ...], int] = {}
        self._document = 1
        self._started = False

    def read(self) -> Iterator[Leaf]:
        while self._at < len(self._lines):
            raw = self._lines[self._at]
            self._at += 1
            if raw.startswith(("---", "...")):
                self._document += self._started
                self._started = False
                self._levels.clear()
                continue
            bare = raw.lstrip(" ")
            if bare and not bare.startswith("#") and not bare.startswith("\t"):
                yield from self._line(len(raw) - len(bare), bare.rstrip())

    def _line(self, indent: int, text: str) -> Iterator[Leaf]:
        self._started = True
        while self._levels and (
            self._levels[-1].indent > indent
            or (self._levels[-1].indent == indent and not (self._is_list(text) and not self._levels[-1].is_item))
        ):
            self._levels.pop()
        while self._is_list(text) and len(self._levels) < DEPTH_LIMIT:
            keys = self._keys()
            number = self._items.get(keys, -1) + 1
            self._items[keys] = number
            self._levels.append(_Level(indent, str(number), is_item=True))
            rest = text[1:].lstrip(" ")
            indent += len(text) - len(rest)
            text = rest
        if not text or len(self._levels) >= DEPTH_LIMIT:
            return
        match = _KEY.match(text)
        if match is None:
            yield Leaf(self._keys(), _plain(text), self._at)
            return
        self._levels.append(_Level(indent, match["key"].strip("\"'").strip()))
        value = (match["value"] or "").strip()
        if _BLOCK.match(value):
            yield Leaf(self._keys(), self._block(indent), self._at)
        elif value and not value.startswith("#"):
            yield from self._value(value)

    def _value(self, value: str) -> Iterator[Leaf]:
        line, keys = self._at, self._keys()
        if value.startswith("[") and value.partition(" #")[0].rstrip().endswith("]"):
            inner = value.partition(" #")[0].strip()[1:-1]
            for number, each in enumerate(_split(inner)):
                yield Leaf((*keys, str(number)), _plain(each.strip()), line)
        elif value.startswith("{") and value.partition(" #")[0].rstrip().endswith("}"):
            for each in _split(value.partition(" #")[0].strip()[1:-1]):
                key, _, part = each.partition(":")
                yield Leaf((*keys, key.strip(" \"'")), _plain(part.strip()), line)
        elif not value.startswith(("&", "*", "[", "{")):
            yield Leaf(keys, _plain(value), line)

    def _block(self, indent: int) -> str:
        rows = []
        while self._at < len(self._lines):
            raw = self._lines[self._at]
            bare = raw.lstrip(" ")
            if bare.strip() and len(raw) - len(bare) <= indent:
                break
            rows.append(bare)
            self._at += 1
        return "\n".join(rows)

    def _keys(self) -> tuple[str, ...]:
        first = (f"document {self._document}",) if self._document > 1 else ()
        return (*first, *(each.key for each in self._levels))

    @staticmethod
    def _is_list(text: str) -> bool:
        return text == "-" or text.startswith("- ")


def _plain(value: str) -> str:
    if len(value) > 1 and value[0] in "\"'":
        end = value.find(value[0], 1)
        return value[1:end] if end > 0 else value[1:]
    return value.partition(" #")[0].rstrip()


def _split(text: str) -> list[str]:
    """Return the parts of a flow collection on one line; commas inside quotes and brackets do not part."""
    parts, depth, quote, start = [], 0, "", 0
    for at, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "[{":
            depth += 1
        elif letter in "]}":
            depth -= 1
        elif letter == "," and not depth:
            parts.append(text[start:at])
            start = at + 1
    parts.append(text[start:])
    return [each for each in parts if each.strip()]
