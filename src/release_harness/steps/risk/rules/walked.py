"""Puts landings together from what git printed: messages, raw records and numbers of lines."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from release_harness.kernel.paths import decode_path
from release_harness.steps.changes.rules.commits import is_landing
from release_harness.steps.risk.model.landings import NOT_COUNTED, Claim, FileRow, Landing
from release_harness.steps.risk.rules.claims import read_claim

MESSAGE_FIELDS = ("%H", "%T", "%P", "%ae", "%ct", "%B")
_RAW = re.compile(
    rb":([0-7]{6}) ([0-7]{6}) ([0-9a-f]{40}(?:[0-9a-f]{24})?) ([0-9a-f]{40}(?:[0-9a-f]{24})?) ([ADMT])\0([^\0]+)\0"
)
_NUMBERS = re.compile(rb"(\d{1,12}|-)\t(\d{1,12}|-)\t([^\0]+)\0")
_KINDS = {b"000000": "-", b"100755": "x", b"120000": "l", b"160000": "s"}
_USUAL = {"A": "-f", "M": "ff", "D": "f-"}
_MESSAGE_LIMIT = 64 << 10
_SUBJECT_LIMIT = 300
_NO_BLOB = (b"160000", b"000000")
"""Modes of a submodule, and of a side that does not exist."""
_WRITTEN_LINE = re.compile(r"^(?![A-Za-z-]+-by:|[*#>]|Conflicts)\S.*")


class Commit(NamedTuple):
    """One commit as git printed it."""

    claim: Claim
    tree: str
    parents: tuple[str, ...]
    committed_seconds: int
    body: str


class RawDiff(NamedTuple):
    """The raw records of one pair of trees."""

    paths: tuple[tuple[str, str], ...]
    """Status and path."""
    blobs: tuple[str, ...]
    """Every blob that counting its lines has to read."""


def parse_messages(output: bytes) -> dict[str, Commit] | None:
    """Return the commits by id, or None when the output is not whole."""
    fields = output.split(b"\0")
    width = len(MESSAGE_FIELDS)
    if fields.pop() != b"" or len(fields) % width:
        return None
    found: dict[str, Commit] = {}
    for start in range(0, len(fields), width):
        commit, tree, parents, author, seconds = (each.decode("utf-8", "replace") for each in fields[start : start + 5])
        if not commit or not tree:
            return None
        message = fields[start + 5][:_MESSAGE_LIMIT].decode("utf-8", "replace")
        subject, _, body = message.lstrip("\n").partition("\n")
        names = tuple(parents.split())
        found[commit] = Commit(
            claim=read_claim(
                commit,
                author.strip().lower(),
                subject.strip()[:_SUBJECT_LIMIT],
                body.strip("\n"),
                is_merge=len(names) > 1,
            ),
            tree=tree,
            parents=names,
            committed_seconds=_seconds(seconds),
            body=body,
        )
    return found


def parse_raw(output: bytes, pairs: Sequence[tuple[str, str]]) -> list[RawDiff] | None:
    """Return the raw records of each pair of trees in order, or None when the output is not exactly about these pairs."""
    found: list[RawDiff] = []
    position = 0
    for old, new in pairs:
        header = f"{old} {new}\n".encode()
        if not output.startswith(header, position):
            return None
        position += len(header)
        paths: list[tuple[str, str]] = []
        blobs: list[str] = []
        while (match := _RAW.match(output, position)) is not None:
            old_mode, new_mode, old_blob, new_blob, status, path = match.groups()
            paths.append((_status(status, old_mode, new_mode), decode_path(path)))
            if old_mode not in _NO_BLOB:
                blobs.append(old_blob.decode())
            if new_mode not in _NO_BLOB:
                blobs.append(new_blob.decode())
            position = match.end()
        found.append(RawDiff(paths=tuple(paths), blobs=tuple(blobs)))
    return found if position == len(output) else None


def parse_line_numbers(output: bytes, pairs: Sequence[tuple[str, str]]) -> list[dict[str, tuple[int, int]]] | None:
    """Return added and removed lines by path for each pair of trees, or None when the output does not fit the pairs."""
    found: list[dict[str, tuple[int, int]]] = []
    position = 0
    for old, new in pairs:
        header = f"{old} {new}\n".encode()
        if not output.startswith(header, position):
            return None
        position += len(header)
        numbers: dict[str, tuple[int, int]] = {}
        while (match := _NUMBERS.match(output, position)) is not None:
            added, removed, path = match.groups()
            numbers[decode_path(path)] = (_count(added), _count(removed))
            position = match.end()
        found.append(numbers)
    return found if position == len(output) else None


def spread_over_landings(
    chain: Sequence[str], commits: Mapping[str, Commit], taken: set[str]
) -> Iterator[tuple[Commit, tuple[Commit, ...]]]:
    """Yield every landing, oldest first, with the commits that it brought in; `taken` grows with each.

    A commit belongs to the oldest landing that reaches it, by place on the first-parent line and never by clock.
    """
    own = set(chain)
    for landing in chain:
        commit = commits[landing]
        inner: list[Commit] = []
        waiting = list(commit.parents[1:])
        while waiting:
            name = waiting.pop()
            if name in taken or name in own or name not in commits:
                continue
            taken.add(name)
            inner.append(commits[name])
            waiting.extend(commits[name].parents)
        taken.add(landing)
        yield commit, tuple(inner)


def build_landing(
    commit: Commit, inner: Sequence[Commit], diff: RawDiff, numbers: Mapping[str, tuple[int, int]] | None
) -> Landing:
    """Put one landing together; without `numbers` its lines are not known."""
    none = (NOT_COUNTED, NOT_COUNTED)
    files = tuple(FileRow(path, status, *(numbers or {}).get(path, none)) for status, path in diff.paths)
    claims = (commit.claim, *(each.claim for each in inner))
    return Landing(
        id=commit.claim.id,
        parents_count=len(commit.parents),
        committed_seconds=commit.committed_seconds,
        author=_author(claims),
        title=_title(commit, inner),
        counted=numbers is not None,
        files=files,
        claims=claims,
    )


def _status(status: bytes, old_mode: bytes, new_mode: bytes) -> str:
    """Write status and kinds as `FileRow.status` has them."""
    letter = status.decode()
    kinds = _KINDS.get(old_mode, "f") + _KINDS.get(new_mode, "f")
    return letter if kinds == _USUAL.get(letter) else letter + kinds


def _author(claims: Sequence[Claim]) -> str:
    writers = Counter(each.author for each in claims[1:] if not each.is_merge)
    return min(writers, key=lambda each: (-writers[each], each)) if writers else claims[0].author


def _title(commit: Commit, inner: Sequence[Commit]) -> str:
    subject = commit.claim.subject
    if len(commit.parents) < 2 or not is_landing(subject):  # noqa: PLR2004 - a merge has two
        return subject
    written = next((line.strip() for line in commit.body.split("\n") if _WRITTEN_LINE.match(line.strip())), "")
    if written:
        return written[:_SUBJECT_LIMIT]
    own = [each.claim.subject for each in inner if not each.claim.is_merge]
    return own[-1] if own else subject


def _seconds(text: str) -> int:
    return min(max(int(text), 0), 253_000_000_000) if text.lstrip("-").isdigit() else 0


def _count(text: bytes) -> int:
    return NOT_COUNTED if text == b"-" else int(text)
