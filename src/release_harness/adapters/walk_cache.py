"""Keeps what was walked of a history beside the ledger; every file may be deleted at any time."""

import contextlib
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,120}")


class WalkCacheFolder:
    """Implements the WalkCache port in a folder: whole files only, put in place by renaming."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        """`folder` is asked for when it is first needed, and made when something is kept."""
        self._folder = folder

    def names(self) -> frozenset[str]:
        """Return the names that are kept."""
        try:
            return frozenset(each for each in os.listdir(self._folder()) if _NAME.fullmatch(each))  # noqa: PTH208 - names only
        except OSError:
            return frozenset()

    def get(self, name: str) -> bytes | None:
        """Return what is kept under a name, or None; a file that cannot be read is as good as none."""
        try:
            return self._path(name).read_bytes()
        except OSError:
            return None

    def put(self, name: str, content: bytes) -> None:
        """Keep bytes under a name, whole or not at all; a full or read-only disk only costs the next walk its time."""
        path = self._path(name)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, written = tempfile.mkstemp(dir=path.parent, prefix=".new-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                Path(written).replace(path)
            except BaseException:
                Path(written).unlink(missing_ok=True)
                raise

    def drop(self, name: str) -> None:
        """Forget a name."""
        with contextlib.suppress(OSError):
            self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            message = f"{name!r} is no name of a cached piece"
            raise ValueError(message)
        return self._folder() / name
