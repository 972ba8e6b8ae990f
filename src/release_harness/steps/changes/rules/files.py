"""Puts the facts of each changed file together."""

from collections.abc import Mapping, Sequence

from release_harness.kernel.digests import ObjectId
from release_harness.steps.changes.model import BlobText, FileChange, FileKind, FileLines, FileStatus
from release_harness.steps.changes.rules.attributes import Attributes
from release_harness.steps.changes.rules.diff import ParsedDiff, RawChange
from release_harness.steps.changes.rules.kinds import is_lock_file, kinds_of, language_of

LOOK_LIMIT_BYTES = 1 << 20
"""Longer blobs are only looked at from their beginning."""
_LOOK_LIMIT_COUNT = 1_000
_TEXT_BYTES = 8_000
_LFS_START = b"version https://git-lfs.github.com/spec/"
_LFS_LIMIT_BYTES = 1_024
_YES = ("set", "true")
_CONTENT = frozenset({FileKind.FILE, FileKind.EXECUTABLE})

Blobs = Mapping[ObjectId, BlobText]


def blobs_to_look_at(parsed: ParsedDiff, lines: Sequence[FileLines]) -> tuple[ObjectId, ...]:
    """Name the blobs that must be read: what git calls binary, and what may be an LFS pointer; source files first."""
    binary = [each for each in parsed.changes if _called_binary(parsed, each)]
    binary.sort(key=lambda each: not language_of(each.path))
    pointers = {each.path for each in lines if any(text.startswith("oid sha256:") for _, text in each.added[:3])}
    wanted = [blob for each in binary[:_LOOK_LIMIT_COUNT] for blob in _blobs_of(each)]
    wanted += [each.new_blob for each in parsed.changes if each.path in pointers and each.new_kind in _CONTENT]
    return tuple(dict.fromkeys(wanted))


def describe_files(parsed: ParsedDiff, before: Attributes, after: Attributes, blobs: Blobs) -> tuple[FileChange, ...]:
    """Describe every changed file.

    A change cannot call its own files generated or vendored: the attributes of the base must say so, and those of the
    result must agree. What either of them hides from the diff counts as hidden.
    """
    sources = {each.old_blob: each.path for each in parsed.changes if each.status is FileStatus.DELETED}
    return tuple(_describe(parsed, each, before, after, blobs, sources) for each in parsed.changes)


def _describe(
    parsed: ParsedDiff,
    raw: RawChange,
    before: Attributes,
    after: Attributes,
    blobs: Blobs,
    sources: Mapping[ObjectId, str],
) -> FileChange:
    kinds = kinds_of(raw.path)
    old, new = before.of(raw.path), after.of(raw.path)
    called_binary = _called_binary(parsed, raw)
    added, removed = parsed.numbers.get(raw.path, (None, None))
    hidden = called_binary and _is_source(raw, blobs)
    if hidden:
        added, removed = _count(raw.new_kind, raw.new_blob, blobs), _count(raw.old_kind, raw.old_blob, blobs)
    elif not called_binary and FileKind.SUBMODULE not in (raw.old_kind, raw.new_kind):
        hidden = "unset" in (old.get("diff"), new.get("diff"))
    return FileChange(
        path=raw.path,
        status=raw.status,
        old_kind=raw.old_kind,
        new_kind=raw.new_kind,
        old_blob=raw.old_blob,
        new_blob=raw.new_blob,
        lines_added=added,
        lines_removed=removed,
        binary=called_binary and not hidden,
        language=language_of(raw.path) if {raw.old_kind, raw.new_kind} & _CONTENT else "",
        generated=_is_marked("generated" in kinds, old, new, "linguist-generated"),
        vendored=_is_marked("vendored" in kinds, old, new, "linguist-vendored"),
        lock_file=is_lock_file(raw.path),
        lfs_pointer=_is_pointer(raw, blobs),
        renamed_from=sources.get(raw.new_blob, "") if raw.status is FileStatus.ADDED else "",
        hidden_from_diff=hidden,
    )


def lines_of_hidden_files(files: Sequence[FileChange], blobs: Blobs) -> tuple[tuple[FileLines, ...], bool]:
    """Return all lines of source files that git will not diff, and whether that is every one of them.

    Every line of such a file counts as added: which of them are new cannot be told, and too many is the safe side.
    """
    found, complete = [], True
    for each in files:
        blob = blobs.get(each.new_blob)
        if not each.hidden_from_diff or each.new_kind not in _CONTENT:
            continue
        if blob is None:
            complete = complete and each.lines_added is not None
        elif not blob.whole:
            complete = False
        else:
            texts = _decode(blob.start).splitlines()
            found.append(
                FileLines(
                    path=each.path,
                    added=tuple(enumerate(texts, start=1)),
                    removed_count=each.lines_removed or 0,
                )
            )
    return tuple(found), complete


def _called_binary(parsed: ParsedDiff, raw: RawChange) -> bool:
    return parsed.numbers.get(raw.path) == (None, None)


def _blobs_of(raw: RawChange) -> list[ObjectId]:
    pairs = ((raw.new_kind, raw.new_blob), (raw.old_kind, raw.old_blob))
    return [blob for kind, blob in pairs if kind in _CONTENT]


def _is_source(raw: RawChange, blobs: Blobs) -> bool:
    """Tell whether a file that git calls binary is one that a person should have read: named as source, or plain text."""
    if language_of(raw.path) and not raw.path.endswith((".m", ".t", ".s")):
        return True
    seen = [blobs[blob] for blob in _blobs_of(raw) if blob in blobs]
    return bool(seen) and all(b"\0" not in each.start[:_TEXT_BYTES] for each in seen)


def _count(kind: FileKind, blob: ObjectId, blobs: Blobs) -> int | None:
    if kind not in _CONTENT:
        return 0
    if blob not in blobs or not blobs[blob].whole:
        return None
    return len(_decode(blobs[blob].start).splitlines())


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    return content.decode("utf-8", "surrogateescape")


def _is_pointer(raw: RawChange, blobs: Blobs) -> bool:
    blob = blobs.get(raw.new_blob)
    return blob is not None and blob.size_bytes <= _LFS_LIMIT_BYTES and blob.start.startswith(_LFS_START)


def _is_marked(by_name: bool, old: Mapping[str, str], new: Mapping[str, str], attribute: str) -> bool:  # noqa: FBT001 - private
    if "unset" in (old.get(attribute), new.get(attribute)):
        return False
    return by_name or (old.get(attribute) in _YES and new.get(attribute) in _YES)
