"""One landing at a time: a lock file that the system frees when its holder ends, also by `kill -9`."""

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from release_harness.kernel.errors import Conflict, OutsideError
from release_harness.kernel.paths import show_text
from release_harness.kernel.progress import Progress
from release_harness.steps.merge.model import Place

_POLL_SECONDS = 0.1
_MOST_BYTES = 400


class SystemPatience:
    """Implements the Patience port."""

    def wait(self, length: timedelta) -> None:
        """Sleep."""
        time.sleep(max(0.0, length.total_seconds()))


class LockFiles:
    """Implements the LandingLocks and QueueLocks ports with `flock` on files below the common git folder."""

    def __init__(self, common_folder: Callable[[], Path], progress: Progress) -> None:
        """All work trees of a repository share the common folder, so they share the lock."""
        self._common_folder = common_folder
        self._progress = progress

    @contextmanager
    def hold(self, place: Place, what: str, wait: timedelta) -> Iterator[None]:
        """Hold the lock; the file stays, since removing it would let two holders in."""
        import fcntl

        handle = self._open(place)
        try:
            waited = 0.0
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    holder = _read_holder(handle)
                if waited >= wait.total_seconds():
                    raise _taken(place, holder)
                if not waited:
                    self._progress.say(f"Waiting for another landing on {show_text(place.name)}: {holder}.")
                time.sleep(_POLL_SECONDS)
                waited += _POLL_SECONDS
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"process {os.getpid()}, {show_text(what)}"[:_MOST_BYTES].encode(), 0)
            yield
            os.ftruncate(handle, 0)
        finally:
            os.close(handle)

    @contextmanager
    def keep(self, place: Place, what: str) -> Iterator[None]:
        """Hold the lock of the queue of a branch, which is another one than that of a single landing."""
        import fcntl

        handle = self._open(place, "queue")
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise _kept(place, _read_holder(handle)) from None
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"process {os.getpid()}, {show_text(what)}"[:_MOST_BYTES].encode(), 0)
            yield
            os.ftruncate(handle, 0)
        finally:
            os.close(handle)

    def _open(self, place: Place, kind: str = "land") -> int:
        name = hashlib.sha256(f"{place.remote}\0{place.branch}".encode("utf-8", "surrogateescape")).hexdigest()[:16]
        folder = self._common_folder() / "rh" / "locks"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return os.open(folder / f"{kind}-{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise OutsideError(
                code="LANDING_LOCK",
                says=f"The lock file in {folder} cannot be opened: {error.strerror}.",
                hint="Landing needs to write below the git folder of the repository.",
            ) from error


def _read_holder(handle: int) -> str:
    text = os.pread(handle, _MOST_BYTES, 0).decode("utf-8", "replace")
    return show_text(text) or "another process"


def _taken(place: Place, holder: str) -> Conflict:
    return Conflict(
        code="LANDING_UNDERWAY",
        says=f"Another landing on {show_text(place.name)} is under way: {holder}.",
        hint="Run the same command again when it is done, or wait for it with --wait 10m.",
        subject=place.name,
    )


def _kept(place: Place, holder: str) -> Conflict:
    return Conflict(
        code="QUEUE_KEPT",
        says=f"The queue of {show_text(place.name)} is kept already: {holder}.",
        hint="One process keeps the queue of a branch; `rh queue list` shows what it does.",
        subject=place.name,
    )
