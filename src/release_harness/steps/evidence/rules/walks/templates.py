"""Routes as text, in every framework's spelling: their methods and segments, and which addresses they answer."""

import re
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

_METHODS = re.compile(r"[A-Z*]+(?:[|,][A-Z]+)*")

ANYTHING = "{}"
"""A segment of an address that is not known, such as a part of a formatted text."""


class Piece(IntEnum):
    """What one segment of a route stands for, the most certain first."""

    LITERAL = 0
    MIXED = 1
    PARAMETER = 2
    REST = 3


class Segment(NamedTuple):
    """One segment: for a literal its text, for a mixed one what stands before and behind the parameter."""

    piece: Piece
    before: str = ""
    behind: str = ""
    tail: str = ""
    """How what may follow a literal begins, such as the dot of `(\\.(?P<format>json))?`."""


class Template(NamedTuple):
    """One route: its methods (none for any) and its segments."""

    methods: frozenset[str]
    segments: tuple[Segment, ...]


_PARAMETER = re.compile(
    r"\{\*?(?P<brace>[^{}]*)\}|<(?P<angle>[^<>]*)>|\[\[?(?P<square>\.{0,3}[^\[\]]+)\]\]?"
    r"|(?P<colon>:[A-Za-z_]\w*(?:\([^()]*\))?[?*+]?)|(?P<star>\*\w*)"
)
_GROUP = re.compile(r"\((?:\?P?<(\w+)>|\?:)?")
_CLASS = re.compile(r"\[\^?\]?(?:[^\]\\]|\\.)*\]")
_OPTIONAL = "\1"
"""Before the first sign of a part of a regular expression that may be missing."""


@lru_cache(maxsize=100_000)
def read_template(name: str) -> Template:
    """Read the name of an entry (`GET /items/{id}`) with its route in any spelling.

    Understood are `{id}`, `{id:int}`, `{rest:path}`, `{*rest}`, `<int:id>`, `<path:rest>`, `:id`, `[id]`, `[...rest]`, `*rest`,
    and the groups of regular expressions; the pattern within a parameter is not run, it stands for one segment.
    """
    methods, _, route = name.rpartition(" ")
    if not _METHODS.fullmatch(methods):
        methods = ""
    named = frozenset() if methods in ("", "*", "ANY", "ALL") else frozenset(re.split(r"[|,]", methods))
    plain = _without_regex(route)
    # `<path:rest>` and the like may hold a slash, so parameters are set aside before the route is cut at slashes.
    kept: list[str] = []

    def set_aside(found: re.Match[str]) -> str:
        kept.append(found.group())
        return f"\0{len(kept) - 1}\0"

    parts = _PARAMETER.sub(set_aside, plain).strip("/").split("/")
    return Template(named, tuple(_segment(part, kept) for part in parts if part))


def _without_regex(route: str) -> str:
    """Turn what Django's `re_path` writes into a plain route."""
    if not (route.startswith(("^", "/^")) or route.endswith("$") or "(?P<" in route):
        return route
    text: list[str] = []
    at = 0
    while at < len(route):
        if route[at] == "(":
            piece, at = _group(route, at)
            text.append(piece)
        elif route[at] == "\\" and at + 1 < len(route):
            text.append(route[at + 1])
            at += 2
        else:
            text.append(route[at] if route[at] not in "^$" else "")
            at += 1
    return "/" + "".join(text).lstrip("/")


def _group(route: str, start: int) -> tuple[str, int]:
    """Return what stands for a group of a regular expression, and where it ends with its sign of repetition."""
    opened = _GROUP.match(route, start)
    inside = at = opened.end() if opened is not None else start + 1
    depth = 1
    while at < len(route) and depth:
        found = _CLASS.match(route, at) if route[at] == "[" else None
        depth += (route[at] == "(") - (route[at] == ")")
        at = found.end() if found is not None else at + 1 + (route[at] == "\\")
    pattern, sign = route[inside : at - 1], route[at : at + 1]
    if sign in {"?", "*"}:
        first = pattern[1:2] if pattern.startswith("\\") else pattern[:1]
        return (_OPTIONAL + first if first and first not in "([/" else ""), at + 1
    name = (opened.group(1) if opened is not None else "") or "group"
    return f"{{{name}:path}}" if pattern in {".*", ".+"} else f"{{{name}}}", at + (sign == "+")


def _segment(part: str, kept: list[str]) -> Segment:
    part, _, tail = part.partition(_OPTIONAL)
    pieces = re.split("\0(\\d+)\0", part)
    if len(pieces) == 1:
        return Segment(Piece.LITERAL, part, tail=tail[:1])
    if any(_is_rest(kept[int(each)]) for each in pieces[1::2]):
        return Segment(Piece.REST)
    before, behind = pieces[0], pieces[-1]
    return Segment(Piece.MIXED if before or behind else Piece.PARAMETER, before, behind)


def _is_rest(parameter: str) -> bool:
    inner = parameter.strip("{}<>[]")
    return (
        inner.startswith(("...", "*", "path:", "subpath:"))
        or inner.endswith((":path", ":.*", ":.+"))
        or parameter.startswith(("*", "{*"))
        or (parameter.startswith(":") and parameter.endswith(("*", "+")))
    )


def literal_words(name: str) -> tuple[bytes, ...]:
    """Return the literal segments of a route as they stand in a source that writes its address whole."""
    return tuple(each.before.encode() for each in read_template(name).segments if each.piece is Piece.LITERAL)


def same_name(name: str) -> str:
    """Return a name in which two spellings of one route are equal: methods sorted, parameters without their names."""
    template = read_template(name)
    shown = "/".join(
        each.before + each.tail
        if each.piece is Piece.LITERAL
        else f"{each.before}{{{'*' * (each.piece is Piece.REST)}}}{each.behind}"
        for each in template.segments
    )
    return f"{'|'.join(sorted(template.methods))} /{shown}"


def matches(template: Template, method: str, path: str) -> tuple[int, ...] | None:
    """Return how certainly a route answers, smaller is better, or None when it does not."""
    asked = {method, "GET"} if method == "HEAD" else {method}
    if template.methods and method and not asked & template.methods:
        return None
    segments = [each for each in path.strip("/").split("/") if each]
    score: list[int] = []
    for at, wanted in enumerate(template.segments):
        if wanted.piece is Piece.REST:
            return (*score, Piece.REST)
        if at >= len(segments) or not _fits(wanted, segments[at]):
            return None
        # A segment that nobody knows rather is a parameter than a certain word.
        guessed = wanted.piece is Piece.LITERAL and segments[at] == ANYTHING != wanted.before
        score.append(Piece.REST if guessed else wanted.piece)
    return tuple(score) if len(segments) == len(template.segments) else None


def _fits(wanted: Segment, given: str) -> bool:
    if wanted.piece is Piece.LITERAL:
        longer = bool(wanted.tail) and given.startswith(wanted.before + wanted.tail)
        return longer or given in {wanted.before, ANYTHING}
    long_enough = len(given) > len(wanted.before) + len(wanted.behind)
    return long_enough and given.startswith(wanted.before) and given.endswith(wanted.behind)
