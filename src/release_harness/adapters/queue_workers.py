"""Processes that run the gate for the queue: each has one run at a time, and nothing of it is left when it ends."""

import os
import secrets
import selectors
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from release_harness.kernel.errors import OutsideError

_GRACE_SECONDS = 6.0
"""Between asking a worker to end and ending it; it ends its tests first."""
_MARK = "RH_QUEUE_WORKER"
"""Inherited by everything that a worker starts, so that it can be found when the worker is dead."""
_DIE_WITH_PARENT = 1


class QueueWorkers:
    """Implements the Runners port with processes of this machine that speak over pipes."""

    def __init__(self, folder: Callable[[], Path], environment: Mapping[str, str]) -> None:
        """No process is started before there is something to do."""
        self._folder, self._environment = folder, environment
        self._names: tuple[str, ...] = ()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._marks: dict[str, str] = {}
        self._runs: dict[str, str] = {}

    def open(self, count: int) -> None:
        """Say how many workers there are."""
        self._names = tuple(f"worker-{number + 1}" for number in range(count))

    @property
    def names(self) -> tuple[str, ...]:
        """Every worker."""
        return self._names

    def free(self) -> tuple[str, ...]:
        """Return the workers that have nothing to do."""
        taken = set(self._runs.values())
        return tuple(each for each in self._names if each not in taken)

    def busy(self) -> frozenset[str]:
        """Return the runs that were handed out and not yet done."""
        return frozenset(self._runs)

    def begin(self, run: str, worker: str) -> None:
        """Hand a run to a worker, and start the worker when it does not live."""
        self._runs[run] = worker
        process = self._living(worker)
        if process.stdin is None:
            return
        # A worker that dies at this moment is found to be lost later.
        with suppress(BrokenPipeError):
            process.stdin.write(f"{run}\n".encode())
            process.stdin.flush()

    def lost(self) -> frozenset[str]:
        """Return the runs whose worker is dead, after ending whatever it left behind."""
        dead = [
            run
            for run, worker in self._runs.items()
            if worker not in self._processes or self._processes[worker].poll() is not None
        ]
        for worker in {self._runs[each] for each in dead}:
            self._bury(worker)
        return frozenset(dead)

    def done(self, run: str) -> None:
        """Free the worker of a run."""
        self._runs.pop(run, None)

    def stop(self, run: str) -> None:
        """End the worker of a run with everything that it started; a new one takes its place when it is wanted."""
        worker = self._runs.pop(run, None)
        if worker is not None:
            self._end(worker)

    def wait(self, length: timedelta) -> None:
        """Return when a worker says something or dies, or after that time."""
        with selectors.DefaultSelector() as selector:
            for worker in set(self._runs.values()):
                process = self._processes.get(worker)
                if process is not None and process.stdout is not None:
                    selector.register(process.stdout, selectors.EVENT_READ)
            for key, _events in selector.select(timeout=max(0.0, length.total_seconds())):
                os.read(key.fd, 65_536)

    def close(self) -> None:
        """End every worker."""
        for worker in tuple(self._processes):
            self._end(worker)
        self._runs.clear()

    def _living(self, worker: str) -> "subprocess.Popen[bytes]":
        process = self._processes.get(worker)
        if process is not None and process.poll() is None:
            return process
        mark = f"{worker}-{secrets.token_hex(8)}"
        try:
            process = subprocess.Popen(
                [sys.executable, "-m", "release_harness", "queue", "work"],
                cwd=self._folder(),
                env={**self._environment, _MARK: mark},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            raise OutsideError(
                code="WORKER_NOT_STARTED",
                says=f"A worker of the queue could not be started: {error}.",
                hint="Start `rh queue run` again when the machine has room for more processes.",
            ) from error
        self._processes[worker], self._marks[worker] = process, mark
        return process

    def _end(self, worker: str) -> None:
        process = self._processes[worker]
        if process.poll() is None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=_GRACE_SECONDS)
        self._bury(worker)

    def _bury(self, worker: str) -> None:
        """End the group of a worker and whatever else carries its mark, and forget it."""
        process = self._processes.pop(worker, None)
        if process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for each in _marked(self._marks.pop(worker)):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(each, signal.SIGKILL)
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()


class WorkOrders:
    """Implements the WorkOrders port: the names of runs come on standard input, one a line."""

    def listen(self) -> Iterator[str]:
        """Yield the runs until the keeper closes the pipe; this process ends when the keeper does."""
        _end_with_parent()
        for line in sys.stdin:
            run = line.strip()
            if run:
                yield run

    def tell(self, run: str) -> None:
        """Say that a run is worked off, so that the keeper looks."""
        sys.stdout.write(f"{run}\n")
        sys.stdout.flush()


def _marked(mark: str) -> Iterator[int]:
    """Find the processes that inherited a mark; finds none where the system does not tell."""
    wanted = f"{_MARK}={mark}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                yield int(folder.name)


def _end_with_parent() -> None:
    """Ask the system to end this process politely when its parent is gone, where it can."""
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGTERM)
