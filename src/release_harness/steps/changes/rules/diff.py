"""Reads what `git diff-tree -z` printed: raw records, numbers of lines, and the patch.

Nothing is believed that does not fit: a listing that was cut short says so, a patch that does not follow the records is
refused whole. File names and file contents are chosen by strangers; lengths from hunk headers, never the look of a line,
decide where a line belongs.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace

from release_harness.kernel.digests import ChangeDigest, ObjectId
from release_harness.kernel.paths import decode_path
from release_harness.kernel.records import record
from release_harness.steps.changes.model import FileKind, FileLines, FileStatus

_RAW = re.compile(
    rb":([0-7]{6}) ([0-7]{6}) ([0-9a-f]{40}(?:[0-9a-f]{24})?) ([0-9a-f]{40}(?:[0-9a-f]{24})?) ([ACDMRTUX])[0-9]*"
)
_NUMBERS = re.compile(rb"(\d{1,12}|-)\t(\d{1,12}|-)\t")
_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_HEADER = (
    *(b"index ", b"--- ", b"+++ ", b"old mode ", b"new mode ", b"new file mode ", b"deleted file mode "),
    b"Binary files ",
)
_KINDS = {
    b"000000": FileKind.ABSENT,
    b"100644": FileKind.FILE,
    b"100664": FileKind.FILE,
    b"100755": FileKind.EXECUTABLE,
    b"120000": FileKind.SYMLINK,
    b"160000": FileKind.SUBMODULE,
}
_ESCAPES = {7: b"\\a", 8: b"\\b", 9: b"\\t", 10: b"\\n", 11: b"\\v", 12: b"\\f", 13: b"\\r", 34: b'\\"', 92: b"\\\\"}
_DELETE = 127
_FIRST_PRINTABLE = 32


@record
class RawChange:
    """One raw record."""

    path: str
    status: FileStatus
    old_kind: FileKind
    new_kind: FileKind
    old_blob: ObjectId
    new_blob: ObjectId


@record
class ParsedDiff:
    """The parts of one diff."""

    raw: bytes
    """The raw records as they were printed: what the change digest is taken over."""
    changes: tuple[RawChange, ...]
    numbers: dict[str, tuple[int | None, int | None]]
    """Added and removed lines by path; None for what git calls binary."""
    patch: bytes
    complete: bool
    """False when the output ends in the middle of a record, or does not look like one."""


def change_digest(raw_diff: bytes) -> ChangeDigest:
    """Return the SHA-256 over a raw diff (`git diff-tree -r -z --raw --no-renames --no-abbrev base result`).

    It names modes, old and new blobs, status and path of every file; so it survives a squash, a reword and a base that
    moved elsewhere, and nothing else.
    """
    return ChangeDigest("sha256:" + hashlib.sha256(raw_diff).hexdigest())


def parse_diff(output: bytes) -> ParsedDiff:
    """Take the output apart; never raises, whatever the bytes are."""
    parsed, position = read_records(output, 0)
    whole = parsed.complete and (position == len(output) or output[position] == 0)
    names = {each.path for each in parsed.changes}
    return replace(
        parsed,
        patch=output[position + 1 :] if whole else b"",
        complete=whole and len(names) == len(parsed.changes) and names.issuperset(parsed.numbers),
    )


def read_records(output: bytes, start: int) -> tuple[ParsedDiff, int]:
    """Read raw records and numbers of lines from one place on, and return the place behind them.

    What does not begin like a record ends them; what begins like one and is none makes them incomplete.
    """
    changes: list[RawChange] = []
    position = start
    whole = True
    while whole and output[position : position + 1] == b":":
        found, after = _read_raw(output, position)
        if found is None:
            whole = False
        else:
            changes.append(found)
            position = after
    raw = output[start:position]
    numbers: dict[str, tuple[int | None, int | None]] = {}
    while whole and (match := _NUMBERS.match(output, position)) is not None:
        end = output.find(b"\0", match.end())
        if end <= match.end():
            whole = False
        else:
            added, removed = (None if each == b"-" else int(each) for each in match.group(1, 2))
            numbers[decode_path(output[match.end() : end])] = (added, removed)
            position = end + 1
    parsed = ParsedDiff(raw=raw, changes=tuple(changes), numbers=numbers, patch=b"", complete=whole)
    return parsed, position


def _read_raw(output: bytes, position: int) -> tuple[RawChange | None, int]:
    middle = output.find(b"\0", position)
    end = output.find(b"\0", middle + 1) if middle >= 0 else -1
    match = _RAW.fullmatch(output, position, middle) if end >= 0 else None
    if match is None or end == middle + 1:
        return None, position
    old_mode, new_mode, old_blob, new_blob, status = match.groups()
    letter = status.decode()
    if letter not in {each.value for each in FileStatus} or old_mode not in _KINDS or new_mode not in _KINDS:
        return None, position
    change = RawChange(
        path=decode_path(output[middle + 1 : end]),
        status=FileStatus(letter),
        old_kind=_KINDS[old_mode],
        new_kind=_KINDS[new_mode],
        old_blob=ObjectId(old_blob.decode()),
        new_blob=ObjectId(new_blob.decode()),
    )
    return change, end + 1


def parse_patch(patch: bytes, changes: Sequence[RawChange]) -> tuple[FileLines, ...] | None:
    """Return the added lines of each changed file, or None when the patch does not follow the records exactly."""
    lines = patch.split(b"\n")
    if lines and lines[-1] == b"":
        lines.pop()
    position = 0
    found = []
    for change in changes:
        added: list[tuple[int, str]] = []
        removed_count = 0
        # A file that became a link is printed as a deletion and a new file.
        for _ in range(2 if change.status is FileStatus.TYPE_CHANGED else 1):
            if position >= len(lines) or lines[position] != _first_line(change.path):
                return None
            position = _skip_header(lines, position + 1)
            while position < len(lines) and lines[position].startswith(b"@@ "):
                after, removed = _read_hunk(lines, position, added)
                if after is None:
                    return None
                position, removed_count = after, removed_count + removed
        found.append(FileLines(path=change.path, added=tuple(added), removed_count=removed_count))
    return tuple(found) if position == len(lines) else None


def _skip_header(lines: Sequence[bytes], position: int) -> int:
    while position < len(lines) and lines[position].startswith(_HEADER):
        position += 1
    return position


def _read_hunk(lines: Sequence[bytes], position: int, added: list[tuple[int, str]]) -> tuple[int | None, int]:
    """Append the added lines of one hunk; return the place behind it and the number of removed lines."""
    match = _HUNK.match(lines[position])
    if match is None:
        return None, 0
    removed_count = int(match.group(1) or 1)
    number = int(match.group(2))
    added_count = int(match.group(3) or 1)
    minus_left, plus_left = removed_count, added_count
    position += 1
    while minus_left or plus_left:
        if position >= len(lines):
            return None, 0
        line = lines[position]
        sign = line[:1]
        if sign == b"-" and minus_left:
            minus_left -= 1
        elif sign == b"+" and plus_left:
            added.append((number, line[1:].removesuffix(b"\r").decode("utf-8", "surrogateescape")))
            number += 1
            plus_left -= 1
        elif sign != b"\\":
            return None, 0
        position += 1
    while position < len(lines) and lines[position].startswith(b"\\ "):
        position += 1
    return position, removed_count


def _first_line(path: str) -> bytes:
    name = path.encode("utf-8", "surrogateescape")
    return b"diff --git " + _quoted(b"a/" + name) + b" " + _quoted(b"b/" + name)


def _quoted(name: bytes) -> bytes:
    """Write a name as git does in a patch header, with `core.quotePath` off."""
    if not any(byte in _ESCAPES or byte < _FIRST_PRINTABLE or byte == _DELETE for byte in name):
        return name
    inner = b"".join(
        _ESCAPES.get(byte) or (b"\\%03o" % byte if byte < _FIRST_PRINTABLE or byte == _DELETE else bytes([byte]))
        for byte in name
    )
    return b'"' + inner + b'"'
