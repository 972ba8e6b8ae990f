"""Keeps contents under their own digest, beside the ledger: logs, lists of test cases, reports as they came in."""

import errno
import os
import tempfile
from pathlib import Path

from release_harness.kernel.digests import Sha256, digest_bytes, is_sha256
from release_harness.kernel.errors import InputError, OutsideError


class FolderContentStore:
    """Implements the ContentStore port in a folder; every file is named after what it holds and never changes."""

    def __init__(self, folder: Path) -> None:
        """The folder is made when the first content is put."""
        self._folder = folder

    def put(self, content: bytes) -> Sha256:
        """Keep the bytes and return their digest; a crash leaves the whole content or nothing."""
        digest = digest_bytes(content)
        path = self._path(digest)
        if path.exists():
            return digest
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise _not_written(path, error) from error
        return digest

    def get(self, digest: Sha256) -> bytes | None:
        """Return the bytes, or None when they are not here; raises OutsideError when they were changed."""
        path = self._path(digest)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise OutsideError(
                code="CONTENT_UNREADABLE",
                says=f"{path} cannot be read: {error.strerror}.",
                hint="Check the disk and the rights of the folder.",
                subject=digest,
            ) from error
        if digest_bytes(content) != digest:
            raise OutsideError(
                code="CONTENT_CHANGED",
                says=f"{path} no longer holds what its name says: the file was changed or the disk is damaged.",
                hint="Delete the file and run the command again that made it; `rh evidence list` names it.",
                subject=digest,
                retryable=False,
            )
        return content

    def _path(self, digest: Sha256) -> Path:
        if not is_sha256(digest):
            raise InputError(
                code="DIGEST_MALFORMED",
                says=f"{digest!r} is not a digest.",
                hint="A digest reads sha256: and 64 hexadecimal digits.",
            )
        name = digest.removeprefix("sha256:")
        return self._folder / name[:2] / name[2:]


def _not_written(path: Path, error: OSError) -> OutsideError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return OutsideError(
        code="DISK_FULL" if full else "CONTENT_NOT_WRITTEN",
        says=f"{path.parent} takes no new file: {error.strerror}. Nothing was recorded.",
        hint="Free some room on the disk, then run the command again." if full else "Check the rights of the folder.",
        retryable=full,
    )
