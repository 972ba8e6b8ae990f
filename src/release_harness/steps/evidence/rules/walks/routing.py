"""Which entry point answers an address: literal segments beat parameters, in every framework's spelling."""

import re
from collections.abc import Iterable, Sequence
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from release_harness.kernel.digests import CommitId
from release_harness.steps.evidence.model.impact import EntryPoint
from release_harness.steps.evidence.model.trace import ReportedWalk, RoutedWalks

_LISTED_COUNT = 50
_SHORT_COMMIT_CHARS = 12
_METHODS = re.compile(r"[A-Z*]+(?:[|,][A-Z]+)*")
_HTTP = frozenset({"http", "page", "admin", "serverless"})


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


class Router:
    """The entry points of a tree, ready to be asked."""

    def __init__(self, entries: Iterable[EntryPoint]) -> None:
        """Entries of kinds that have routes are found by address, all of them by name and handler."""
        self._entries = tuple(entries)
        self._routes = [(read_template(each.name), each) for each in self._entries if each.kind in _HTTP]
        self._by_handler: dict[tuple[str, str], list[EntryPoint]] = {}
        self._by_name: dict[tuple[str, str], EntryPoint] = {}
        for each in self._entries:
            self._by_handler.setdefault((_family(each.kind), each.handler), []).append(each)
            self._by_name.setdefault((_family(each.kind), _comparable(each.kind, each.name)), each)
        self._by_path: dict[str, list[EntryPoint]] = {}
        for each in self._entries:
            if each.kind in _HTTP:
                self._by_path.setdefault(_path_of(each.name), []).append(each)
        self._asked: dict[str, EntryPoint | None] = {}

    def answering(self, address: str) -> EntryPoint | None:
        """Return the entry that answers `METHOD /path`; of equally certain ones the first."""
        if address not in self._asked:
            method, _, path = address.rpartition(" ")
            path = path.partition("?")[0].partition("#")[0]
            scored = [
                (score, each) for route, each in self._routes if (score := matches(route, method, path)) is not None
            ]
            self._asked[address] = min(scored, key=lambda each: each[0])[1] if scored else None
        return self._asked[address]

    def named(self, kind: str, name: str, *, raw: bool = False, handler: str = "") -> EntryPoint | None:
        """Return the entry that a tracer or a report names: by its handler where that is enough, else by name or address."""
        found = self._by_handler.get((_family(kind), handler), []) if handler else []
        if len(found) == 1:
            return found[0]
        wanted = _comparable(kind, name)
        for each in found:
            if _comparable(each.kind, each.name) == wanted:
                return each
        if kind not in _HTTP:
            return self._by_name.get((kind, wanted))
        ending = None if raw else _ending_alike(found, name)
        if ending is not None:
            return ending
        return self.answering(name) if raw else self._of_route(name)

    def _of_route(self, name: str) -> EntryPoint | None:
        """Return the entry with this very route; no other route answers for it, however well it would fit as an address."""
        asked = read_template(name)
        for each in self._by_path.get(_path_of(name), ()):
            methods = read_template(each.name).methods
            if not methods or not asked.methods or asked.methods & methods:
                return each
        return None


def _ending_alike(entries: Sequence[EntryPoint], name: str) -> EntryPoint | None:
    """Return the entry with the longest route that is the end of the one that is named: a prefix may be computed at run time."""
    asked, path = read_template(name), _path_of(name)
    found: dict[str, EntryPoint] = {}
    for each in entries:
        template = read_template(each.name)
        certain = any(segment.piece is Piece.LITERAL for segment in template.segments)
        agrees = not template.methods or not asked.methods or bool(asked.methods & template.methods)
        if certain and agrees and path.endswith(_path_of(each.name)):
            found.setdefault(_path_of(each.name), each)
    return found[max(found, key=len)] if found else None


def _family(kind: str) -> str:
    return "http" if kind in _HTTP else kind


def _comparable(kind: str, name: str) -> str:
    return same_name(name) if kind in _HTTP else " ".join(name.split())


def _path_of(name: str) -> str:
    return same_name(name).partition(" ")[2]


def map_walks(
    walks: Iterable[ReportedWalk], entries: Sequence[EntryPoint], commits: Iterable[CommitId], *, bound: bool = False
) -> RoutedWalks:
    """Lay reported walks to the entry points that they went through; what is of another commit never counts.

    `commits` are the names of this very content. With `bound` a walk that names no commit counts, because the report as
    a whole was added for this content by somebody who signs for it.
    """
    router, accepted = Router(entries), tuple(commits)
    by_entry: dict[str, list[ReportedWalk]] = {}
    unmapped: dict[str, int] = {}
    others = failed = 0
    for walk in walks:
        if not _is_of(walk.commit, accepted, bound=bound):
            others += walk.count
            continue
        if walk.passed is False:
            failed += walk.count
            continue
        entry = router.named(walk.kind, walk.name, raw=walk.raw)
        if entry is None:
            unmapped[f"{walk.kind} {walk.name}"] = unmapped.get(f"{walk.kind} {walk.name}", 0) + walk.count
        else:
            by_entry.setdefault(entry.key, []).append(walk)
    return RoutedWalks(
        by_entry={key: tuple(found) for key, found in by_entry.items()},
        unmapped=tuple(sorted(unmapped, key=lambda each: (-unmapped[each], each))[:_LISTED_COUNT]),
        unmapped_count=sum(unmapped.values()),
        other_commit_count=others,
        failed_count=failed,
    )


def _is_of(commit: str, accepted: Sequence[str], *, bound: bool) -> bool:
    if not commit:
        return bound
    return commit in accepted or (
        len(commit) >= _SHORT_COMMIT_CHARS and any(each.startswith(commit) for each in accepted)
    )


def merge_routed(parts: Iterable[RoutedWalks]) -> RoutedWalks:
    """Put the walks of several reports together."""
    by_entry: dict[str, tuple[ReportedWalk, ...]] = {}
    listed = tuple(parts)
    for part in listed:
        for key, walks in part.by_entry.items():
            by_entry[key] = (*by_entry.get(key, ()), *walks)
    return RoutedWalks(
        by_entry=by_entry,
        unmapped=tuple(dict.fromkeys(each for part in listed for each in part.unmapped))[:_LISTED_COUNT],
        unmapped_count=sum(part.unmapped_count for part in listed),
        other_commit_count=sum(part.other_commit_count for part in listed),
        failed_count=sum(part.failed_count for part in listed),
    )
