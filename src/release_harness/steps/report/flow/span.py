"""Finds which part of which branch is meant, and reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from release_harness.kernel.digests import CommitId, TreeId
from release_harness.kernel.errors import InputError
from release_harness.kernel.records import record
from release_harness.steps.changes.flow import find_head
from release_harness.steps.changes.model import CommitFacts, FileKind
from release_harness.steps.changes.rules import parse_log
from release_harness.steps.changes.rules.commits import FIELDS_COUNT
from release_harness.steps.report.flow.needs import RetroNeeds
from release_harness.steps.report.rules import Landed, parse_history, parse_numbers, spread_commits

LAST_DEFAULT_COUNT = 100
LANDINGS_LIMIT_COUNT = 100_000


@record
class Span:
    """The landings of one part of a branch, newest first, with the commits that each brought in."""

    branch: str
    newest: CommitId
    excluded: CommitId | None
    landings: tuple[Landed, ...]
    inner: tuple[tuple[CommitFacts, ...], ...]
    gaps: tuple[str, ...]
    uncounted: frozenset[CommitId]
    """Landings whose lines could not be counted."""


def read_span(needs: RetroNeeds, asked: str, last_count: int) -> Span:
    """Read the part of the branch; raises NotFound for names that stand for nothing, InputError for an empty wish."""
    if last_count < 0:
        raise InputError(code="LAST_NEGATIVE", says="--last must be 1 or more.", hint="Try --last 50.")
    older, dots, newer = asked.partition("..")
    tip, branch = find_head(needs.repository, newer.removeprefix(".") if dots else asked)
    excluded = find_head(needs.repository, older)[0] if dots and older else None
    limit = last_count or (LANDINGS_LIMIT_COUNT if dots else LAST_DEFAULT_COUNT)
    printed = needs.history.landings(tip, excluded, limit_count=limit)
    landings, whole = parse_history(printed.output)
    gaps = [] if whole else ["The history was cut short; older landings are missing from this page."]
    cut = needs.repository.state().cut_commits
    if any(each.commit.id in cut for each in landings):
        gaps.append("This clone is shallow: the oldest landing looks as if it had brought everything; it is left out.")
        landings = tuple(each for each in landings if each.commit.id not in cut)
    landings, uncounted = _count_lines(needs, landings)
    if uncounted:
        gaps.append(f"The lines of {len(uncounted)} landings are not known: some of their blobs are not in this clone.")
    inner, complete = _inner(needs, tip, landings)
    if not complete:
        gaps.append("The list of commits was cut short, so not everybody who took part is known.")
    return Span(
        branch=branch,
        newest=tip,
        excluded=excluded,
        landings=landings,
        inner=inner,
        gaps=tuple(gaps),
        uncounted=uncounted,
    )


def _inner(
    needs: RetroNeeds, tip: CommitId, landings: Sequence[Landed]
) -> tuple[tuple[tuple[CommitFacts, ...], ...], bool]:
    """Read the commits behind merges, all at once, and spread them over the landings."""
    if not landings or all(len(each.parents) < 2 for each in landings):  # noqa: PLR2004 - a merge has two
        return ((),) * len(landings), True
    log = needs.history.commits(tip, landings[-1].parents[:1])
    commits, whole = parse_log(log.output)
    known: Mapping[CommitId, tuple[CommitFacts, tuple[CommitId, ...]]] = {
        facts.id: (facts, parents) for facts, parents in zip(commits, _parents(log.output, len(commits)), strict=True)
    }
    return tuple(spread_commits(landings, known)), whole


def _parents(output: bytes, count: int) -> list[tuple[CommitId, ...]]:
    fields = output.split(b"\0")
    return [
        tuple(CommitId(each.decode()) for each in fields[number * FIELDS_COUNT + 1].split()) for number in range(count)
    ]


def _count_lines(needs: RetroNeeds, landings: tuple[Landed, ...]) -> tuple[tuple[Landed, ...], frozenset[CommitId]]:
    """Count the lines of those landings whose blobs are all here; a missing blob costs no more than its own landing."""
    blobs = {
        each.commit.id: {
            blob
            for change in each.diff.changes
            for kind, blob in ((change.old_kind, change.old_blob), (change.new_kind, change.new_blob))
            if kind not in (FileKind.ABSENT, FileKind.SUBMODULE)
        }
        for each in landings
    }
    missing = needs.history.missing_blobs(sorted(set().union(*blobs.values())))
    uncounted = {commit for commit, own in blobs.items() if own & missing}
    trees = _old_trees(needs, landings)
    counted = [each for each in landings if each.commit.id not in uncounted and each.commit.id in trees]
    pairs = [(trees[each.commit.id], each.tree) for each in counted]
    numbers = parse_numbers(needs.history.numbers(pairs), pairs)
    if numbers is None:
        return landings, frozenset(blobs)
    found = {each.commit.id: each_numbers for each, each_numbers in zip(counted, numbers, strict=True)}
    mended = tuple(
        replace(each, diff=replace(each.diff, numbers=found[each.commit.id])) if each.commit.id in found else each
        for each in landings
    )
    return mended, frozenset(blobs.keys() - found.keys())


def _old_trees(needs: RetroNeeds, landings: Sequence[Landed]) -> Mapping[CommitId, TreeId]:
    """Return the tree that each landing is compared with: that of its first parent, or the one without files."""
    own = {each.commit.id: each.tree for each in landings}
    old = {}
    for each in landings:
        if not each.parents:
            old[each.commit.id] = needs.history.empty_tree()
        elif each.parents[0] in own:
            old[each.commit.id] = own[each.parents[0]]
        elif each.parents[0] in needs.repository.resolve([each.parents[0]]):
            old[each.commit.id] = needs.repository.tree_of(each.parents[0])
    return old
