"""Work that is spread over processes: few items are done here, many by as many processes as the machine has for us."""

import gc
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from release_harness.kernel.errors import InputError, OutsideError

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

Item = TypeVar("Item")
Result = TypeVar("Result")

_WAITING_PER_PROCESS = 3
_WHEELS = {
    "notebook": "tree_sitter_python",
    "tsx": "tree_sitter_typescript",
}
_END_SECONDS = 5.0


class WorkerProcesses:
    """Implements the Workers port."""

    def __init__(self, most_count: int | None = None) -> None:
        """`most_count` limits the processes; without it the processors that this process may use do."""
        self._most_count = most_count or _processors()
        self._wheels: dict[str, str] | None = None

    def map(
        self, function: Callable[[Item], Result], items: Iterable[Item], *, spread: bool = True
    ) -> Iterator[Result]:
        """Yield the result for each item in order; items are taken as the work goes on, so that few of them are held."""
        if not spread or self._most_count == 1:
            return _here(function, items)
        return self._spread(function, items)

    def version_of(self, language: str) -> str:
        """Return what the facts of a language depend on besides the content: this Python, and the parser of the language."""
        if self._wheels is None:
            self._wheels = _installed_wheels()
        wheel = _WHEELS.get(language, f"tree_sitter_{language}")
        return f"{sys.version_info.major}.{sys.version_info.minor}/{self._wheels.get(wheel, '-')}"

    def _spread(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        from concurrent.futures.process import BrokenProcessPool

        waiting: deque[Future[Result]] = deque()
        with _pool(self._most_count) as pool:
            try:
                for item in items:
                    waiting.append(pool.submit(function, item))
                    while len(waiting) > self._most_count * _WAITING_PER_PROCESS:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            except BrokenProcessPool as broken:
                raise OutsideError(
                    code="WORKER_LOST",
                    says="A process that was reading source files ended before its work was done.",
                    hint="The machine may have run out of memory; run it again with fewer processes (RH_PROCESSES=1).",
                ) from broken


@contextmanager
def _pool(count: int) -> "Iterator[ProcessPoolExecutor]":
    """Give processes that end with the work: after an interruption none of them is left."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    before = set(multiprocessing.active_children())
    gc.freeze()
    pool = ProcessPoolExecutor(
        max_workers=count, mp_context=multiprocessing.get_context(_way_to_start()), initializer=_prepare_worker
    )
    try:
        yield pool
        pool.shutdown()
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in set(multiprocessing.active_children()) - before:
            process.terminate()
            process.join(_END_SECONDS)
        raise
    finally:
        gc.unfreeze()


def _way_to_start() -> str:
    """Fork where no thread can be holding a lock; a new interpreter elsewhere."""
    import threading

    return "fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn"


def _prepare_worker() -> None:
    """Leave interruptions to the parent, and save the search for cycles: syntax trees have none."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()


def _here(function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    for item in items:
        was_on = gc.isenabled()
        gc.disable()
        try:
            result = function(item)
        finally:
            if was_on:
                gc.enable()
        yield result


def process_limit(environment: Mapping[str, str]) -> int | None:
    """Return how many processes `RH_PROCESSES` allows; None when it does not say."""
    said = environment.get("RH_PROCESSES", "").strip()
    if not said:
        return None
    if not said.isdecimal() or int(said) < 1:
        raise InputError(
            code="PROCESSES_MALFORMED",
            says=f"RH_PROCESSES is {said!r}; it must be a whole number of at least 1.",
            hint="Set it to the number of processes that may read source files at the same time.",
        )
    return int(said)


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def _installed_wheels() -> dict[str, str]:
    """Find the parsers that are installed by the folders beside them; asking the packaging machinery costs far more."""
    found: dict[str, str] = {}
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")  # noqa: PTH208 - names only
        except OSError:
            continue
        for name in names:
            if name.startswith("tree_sitter") and name.endswith(".dist-info"):
                wheel, _, version = name.removesuffix(".dist-info").partition("-")
                found.setdefault(wheel, version)
    return found
