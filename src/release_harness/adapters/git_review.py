"""What review reads from git: branches that wait, whether a commit has landed, and the contents that are approved."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from release_harness.adapters.git import GitProgram
from release_harness.kernel.digests import CommitId, Sha256
from release_harness.kernel.errors import OutsideError
from release_harness.kernel.paths import encode_path, show_text
from release_harness.steps.changes.model import FileChange, FileKind
from release_harness.steps.review.model import BranchTip

_SMALL_BLOB_BYTES = 1 << 20
_AT_ONCE_COUNT = 64
_FORMAT = "--format=%(objectname)%00%(committerdate:unix)%00%(refname:lstrip=2)%00%(contents:subject)"


class GitReview:
    """Implements the ReviewRepository port."""

    def __init__(self, git: GitProgram) -> None:
        """`git` is the repository that everything is read from."""
        self._git = git

    def branches_ahead(self, target: CommitId, *, limit_count: int) -> tuple[tuple[BranchTip, ...], tuple[str, ...]]:
        """Return the oldest local branches that the target does not hold, and the names of those past the limit."""
        listed = self._git.run("for-each-ref", "--sort=committerdate", f"--no-merged={target}", _FORMAT, "refs/heads")
        tips = []
        for line in listed.decode("utf-8", "surrogateescape").split("\n"):
            head, found, rest = line.partition("\0")
            if not found:
                continue
            seconds, name, title = rest.split("\0", 2)
            at = datetime.fromtimestamp(int(seconds or 0), UTC)
            tips.append(BranchTip(name=name, head=CommitId(head), committed_at=at, title=title))
        return tuple(tips[:limit_count]), tuple(tip.name for tip in tips[limit_count:])

    def is_landed(self, commit: CommitId, target: CommitId) -> bool | None:
        """Tell whether the target holds the commit; None when one of them is not in the repository."""
        if len(self._git.resolve([commit, target])) < len({commit, target}):
            return None
        found = self._git.try_on_objects("rev-list", "--max-count=1", commit, f"^{target}")
        return None if found is None else not found.strip()

    def content_digest(self, files: Sequence[FileChange]) -> Sha256:
        """Return the SHA-256 over path, kind and SHA-256 of the new content of every file, sorted by path."""
        whole = hashlib.sha256()
        ordered = sorted(files, key=lambda each: encode_path(each.path))
        for start in range(0, len(ordered), _AT_ONCE_COUNT):
            batch = ordered[start : start + _AT_ONCE_COUNT]
            contents = self._content_hashes(batch)
            for each in batch:
                row = (encode_path(each.path), each.new_kind.value.encode(), contents[each.path].encode())
                whole.update(b"\0".join(row) + b"\n")
        return Sha256("sha256:" + whole.hexdigest())

    def _content_hashes(self, files: Sequence[FileChange]) -> dict[str, str]:
        stored = [each for each in files if each.new_kind not in (FileKind.ABSENT, FileKind.SUBMODULE)]
        found = self._git.read_blobs(list({each.new_blob for each in stored}), limit_bytes=_SMALL_BLOB_BYTES)
        hashes = {}
        for each in files:
            if each not in stored:
                hashes[each.path] = "" if each.new_kind is FileKind.ABSENT else each.new_blob
                continue
            blob = found.get(each.new_blob)
            if blob is None:
                raise OutsideError(
                    code="CONTENT_MISSING",
                    says=f"The content of {show_text(each.path)} is not in this clone.",
                    hint="Fetch it (`git fetch --refetch`); nobody can approve or count what is not here.",
                    subject=each.path,
                    retryable=False,
                )
            content = blob.start if blob.whole else self._git.run_on_objects("cat-file", "blob", each.new_blob)
            hashes[each.path] = hashlib.sha256(content).hexdigest()
        return hashes
