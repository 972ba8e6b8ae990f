"""Reads what git printed of a history, and gives every commit to the landing that brought it in."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from release_harness.kernel.digests import CommitId, TreeId
from release_harness.kernel.records import record
from release_harness.steps.changes.model import CommitFacts
from release_harness.steps.changes.rules.commits import FIELDS_COUNT, parse_commit, read_seconds
from release_harness.steps.changes.rules.diff import ParsedDiff, read_records

_TREE = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_COMMITTED = 7


@record
class Landed:
    """One first-parent commit as git printed it."""

    commit: CommitFacts
    tree: TreeId
    parents: tuple[CommitId, ...]
    landed_at: datetime
    diff: ParsedDiff
    """Against the first parent."""


def parse_history(output: bytes) -> tuple[tuple[Landed, ...], bool]:
    """Return the landings, newest first, and whether the output was whole; never raises.

    Each is a tree, the nine fields of a commit, and then records; a record begins with `:` or with numbers and a tab, and
    a tree is hexadecimal, so no message and no file name can be taken for the next commit.
    """
    found: list[Landed] = []
    position = 0
    while position < len(output):
        header, position = _read_header(output, position)
        commit = parse_commit(header[1:]) if header else None
        if commit is None or not _TREE.fullmatch(header[0]):
            return tuple(found), False
        if output[position : position + 1] == b"\n":
            position += 1
        diff, position = read_records(output, position)
        if not diff.complete:
            return tuple(found), False
        found.append(
            Landed(
                commit=commit,
                tree=TreeId(header[0]),
                parents=tuple(CommitId(each) for each in header[2].split()),
                landed_at=read_seconds(header[1 + _COMMITTED]),
                diff=diff,
            )
        )
    return tuple(found), True


def _read_header(output: bytes, position: int) -> tuple[list[str], int]:
    fields = []
    for _ in range(FIELDS_COUNT + 1):
        end = output.find(b"\0", position)
        if end < 0:
            return [], position
        fields.append(output[position:end].decode("utf-8", "surrogateescape"))
        position = end + 1
    return fields, position


def parse_numbers(
    output: bytes, pairs: Sequence[tuple[TreeId, TreeId]]
) -> list[dict[str, tuple[int | None, int | None]]] | None:
    """Return the numbers of lines of each pair of trees, or None when the output is not exactly about these pairs."""
    found = []
    position = 0
    for old, new in pairs:
        header = f"{old} {new}\n".encode()
        if not output.startswith(header, position):
            return None
        diff, position = read_records(output, position + len(header))
        if not diff.complete:
            return None
        found.append(diff.numbers)
    return found if position == len(output) else None


def spread_commits(
    landings: Sequence[Landed], commits: Mapping[CommitId, tuple[CommitFacts, tuple[CommitId, ...]]]
) -> list[tuple[CommitFacts, ...]]:
    """Give every commit that is no landing to the oldest landing that reaches it, in the order of `landings`."""
    own = {each.commit.id for each in landings}
    taken: set[CommitId] = set()
    spread: list[tuple[CommitFacts, ...]] = []
    for landing in reversed(landings):
        inner: list[CommitFacts] = []
        waiting = list(landing.parents[1:])
        while waiting:
            commit = waiting.pop()
            if commit in taken or commit in own or commit not in commits:
                continue
            taken.add(commit)
            facts, parents = commits[commit]
            inner.append(facts)
            waiting.extend(parents)
        spread.append(tuple(inner))
    return spread[::-1]
