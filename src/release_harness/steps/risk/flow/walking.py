"""Walks the first-parent history once, and from then on only what is new."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from release_harness.kernel.errors import OutsideError
from release_harness.kernel.progress import Progress
from release_harness.kernel.records import record
from release_harness.steps.risk.model.landings import Landing
from release_harness.steps.risk.ports import HistoryWalk, WalkCache
from release_harness.steps.risk.rules.packed import WALK_VERSION, pack, unpack
from release_harness.steps.risk.rules.walked import (
    RawDiff,
    build_landing,
    parse_line_numbers,
    parse_messages,
    parse_raw,
    spread_over_landings,
)

PIECE_COUNT = 1000
"""Landings of one packed piece: what an interrupted walk loses at most."""


class WalkNeeds(Protocol):
    """What a walk is made from."""

    @property
    def walk(self) -> HistoryWalk:
        """Reads the history."""
        ...

    @property
    def walk_cache(self) -> WalkCache:
        """Keeps what was walked."""
        ...

    @property
    def progress(self) -> Progress:
        """Says how far it is."""
        ...


@record
class Walked:
    """The landings of a branch, oldest first."""

    tip: str
    landings: tuple[Landing, ...]
    fresh_count: int
    """How many were read from git this time."""
    cut: bool = False
    """True when the clone is shallow: the landing where it was cut off is left out."""


def walk_history(needs: WalkNeeds, tip: str, cut_commits: frozenset[str] = frozenset()) -> Walked:
    """Return every landing of a tip; what was walked before is read from the cache.

    A piece of the cache counts only when its commits are a run of exactly this first-parent line, so branches share what
    they have in common, and a clone that became deeper, or a cache that was damaged, is walked again where it has to be.
    """
    chain = needs.walk.chain(tip)
    cut = bool(chain) and chain[0] in cut_commits
    wanted = chain[1:] if cut else chain
    before = chain[0] if cut else None
    pieces, last = _kept(needs.walk_cache, wanted)
    covered = sum(len(each) for each in pieces)
    landings = [landing for piece in pieces for landing in piece]
    if covered < len(wanted):
        needs.progress.start("walking the history", len(wanted))
        needs.progress.advance(covered)
        taken = {claim.id for landing in landings for claim in landing.claims}
        excluded = landings[-1].id if landings else before
        if last and len(pieces[-1]) < PIECE_COUNT:
            landings = [*landings, *_grow(needs, wanted[covered:], excluded, taken, pieces[-1], last)]
        else:
            landings = [*landings, *_grow(needs, wanted[covered:], excluded, taken, (), "")]
        needs.progress.finish()
    return Walked(tip=tip, landings=tuple(landings), fresh_count=len(wanted) - covered, cut=cut)


def _kept(cache: WalkCache, wanted: Sequence[str]) -> tuple[list[tuple[Landing, ...]], str]:
    """Return the packed pieces that cover the beginning of the line without a gap, and the name of the last one."""
    names = cache.names()
    for name in names:
        if name.startswith("walk-") and not name.startswith(f"walk-{WALK_VERSION}-"):
            cache.drop(name)
    ends = {_name(commit): place for place, commit in enumerate(wanted) if _name(commit) in names}
    pieces: list[tuple[Landing, ...]] = []
    last = ""
    covered = 0
    for name, place in ends.items():
        if place < covered:
            continue
        content = cache.get(name)
        piece = unpack(content) if content is not None else None
        if piece is None:
            cache.drop(name)
            continue
        first = place + 1 - len(piece)
        if first != covered or any(landing.id != wanted[first + at] for at, landing in enumerate(piece)):
            continue
        pieces.append(piece)
        covered, last = place + 1, name
    return pieces, last


def _grow(
    needs: WalkNeeds,
    chain: Sequence[str],
    excluded: str | None,
    taken: set[str],
    unfinished: Sequence[Landing],
    unfinished_name: str,
) -> Iterator[Landing]:
    """Walk new landings piece by piece, and keep each piece as soon as it is whole; a short last piece is joined."""
    start = 0
    while start < len(chain):
        room = PIECE_COUNT - len(unfinished)
        part = chain[start : start + room]
        found = _walk_part(needs, part, excluded, taken)
        needs.walk_cache.put(_name(part[-1]), pack([*unfinished, *found]))
        if unfinished_name:
            needs.walk_cache.drop(unfinished_name)
        needs.progress.advance(len(part))
        yield from found
        unfinished, unfinished_name = (), ""
        excluded = part[-1]
        start += len(part)


def _walk_part(needs: WalkNeeds, part: Sequence[str], excluded: str | None, taken: set[str]) -> list[Landing]:
    asked = [part[-1], *([excluded] if excluded else [])]
    commits = parse_messages(needs.walk.messages(part[-1], excluded))
    tree = _tree_before(needs, excluded)
    if commits is None or not commits.keys() >= set(part):
        raise _unreadable(asked)
    pairs = []
    for commit in part:
        pairs.append((tree, commits[commit].tree))
        tree = commits[commit].tree
    diffs = parse_raw(needs.walk.raw(pairs), pairs)
    if diffs is None:
        raise _unreadable(asked)
    numbers = _count_lines(needs, pairs, diffs)
    spread = spread_over_landings(part, commits, taken)
    return [
        build_landing(commit, inner, diff, counted)
        for (commit, inner), diff, counted in zip(spread, diffs, numbers, strict=True)
    ]


def _tree_before(needs: WalkNeeds, excluded: str | None) -> str:
    if excluded is None:
        return needs.walk.empty_tree()
    return needs.walk.tree_of(excluded)


def _count_lines(
    needs: WalkNeeds, pairs: Sequence[tuple[str, str]], diffs: Sequence[RawDiff]
) -> list[dict[str, tuple[int, int]] | None]:
    """Count the lines of those landings whose blobs are all here: git stops at the first one that is not."""
    missing = needs.walk.missing(sorted({blob for each in diffs for blob in each.blobs}))
    whole = [place for place, each in enumerate(diffs) if not missing.intersection(each.blobs)]
    counted: list[dict[str, tuple[int, int]] | None] = [None] * len(pairs)
    for place, numbers in _try_counting(needs, pairs, whole):
        counted[place] = numbers
    return counted


def _try_counting(
    needs: WalkNeeds, pairs: Sequence[tuple[str, str]], places: Sequence[int]
) -> Iterator[tuple[int, dict[str, tuple[int, int]]]]:
    """Count, and when that fails count each half: one damaged blob costs no more than its own landing."""
    asked = [pairs[place] for place in places]
    output = needs.walk.line_numbers(asked) if asked else b""
    numbers = parse_line_numbers(output, asked) if output is not None else None
    if numbers is not None:
        yield from zip(places, numbers, strict=True)
    elif len(places) > 1:
        middle = len(places) // 2
        yield from _try_counting(needs, pairs, places[:middle])
        yield from _try_counting(needs, pairs, places[middle:])


def _name(commit: str) -> str:
    return f"walk-{WALK_VERSION}-{commit}"


def _unreadable(asked: Sequence[str]) -> OutsideError:
    return OutsideError(
        code="HISTORY_UNREADABLE",
        says=f"What git printed of the history up to {asked[0][:12]} is not whole.",
        hint="`git fsck` names damaged objects; with a partial clone, `git fetch --refetch --no-filter` brings the rest.",
        subject=asked[0],
    )
