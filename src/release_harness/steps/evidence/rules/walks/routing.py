"""Which entry point answers an address: literal segments beat parameters."""

from collections.abc import Iterable, Sequence

from release_harness.kernel.digests import CommitId
from release_harness.steps.evidence.model.impact import EntryPoint
from release_harness.steps.evidence.model.trace import ReportedWalk, RoutedWalks
from release_harness.steps.evidence.rules.walks.templates import Piece, matches, read_template, same_name

_LISTED_COUNT = 50
_SHORT_COMMIT_CHARS = 12
_HTTP = frozenset({"http", "page", "admin", "serverless"})


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
