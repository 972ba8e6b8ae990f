"""Work that is spread over processes: few items are done here, many by as many processes as the machine has for us."""

import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, cast

from release_harness.kernel.errors import InputError, OutsideError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import BaseContext
    from multiprocessing.process import BaseProcess as Process

Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD_PER_PROCESS = 4
_WHEELS = {
    "notebook": "tree_sitter_python",
    "tsx": "tree_sitter_typescript",
}


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
        done: dict[int, Result] = {}
        wanted = 0
        with _crew(self._most_count, function) as crew:
            for number, result in crew.work(items):
                done[number] = result
                while wanted in done:
                    yield done.pop(wanted)
                    wanted += 1


class _Crew:
    """Some processes, each with one item at a time; whoever is ready gets the next one."""

    def __init__(self, context: "BaseContext", count: int, function: Callable[[Any], Any]) -> None:
        self._doors: list[Connection] = []
        self.processes: list[Process] = []
        for _ in range(count):
            here, there = context.Pipe()
            process = context.Process(target=_serve, args=(there, function, [*self._doors, here]), daemon=True)  # type: ignore[attr-defined]
            process.start()
            there.close()
            self._doors.append(here)
            self.processes.append(process)

    def work(self, items: Iterable[Item]) -> Iterator[tuple[int, Any]]:
        """Yield the number and the result of each item as they come."""
        from multiprocessing.connection import wait

        source = enumerate(items)
        upcoming = next(source, None)
        busy: dict[Connection, int] = {}
        idle = list(self._doors)
        ahead_count = len(idle) * _AHEAD_PER_PROCESS
        while upcoming is not None or busy:
            # Results wait for the oldest item, so nobody runs far ahead of it.
            while idle and upcoming is not None and upcoming[0] < min(busy.values(), default=upcoming[0]) + ahead_count:
                door = idle.pop()
                _send(door, upcoming[1])
                busy[door] = upcoming[0]
                # The next one is made ready while the others work.
                upcoming = next(source, None)
            for door in cast("list[Connection]", wait(list(busy))):
                result = _receive(door)
                idle.append(door)
                yield busy.pop(door), result

    def end(self) -> None:
        """Stop every process and wait until none is left."""
        for door in self._doors:
            door.close()
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.join()
            process.close()


@contextmanager
def _crew(count: int, function: Callable[[Any], Any]) -> Iterator[_Crew]:
    """Give processes that end with the work: after an interruption none of them is left."""
    import multiprocessing

    gc.freeze()
    try:
        crew = _Crew(multiprocessing.get_context(_way_to_start()), count, function)
        try:
            yield crew
        finally:
            crew.end()
    finally:
        gc.unfreeze()


def _send(door: "Connection", item: object) -> None:
    try:
        door.send(item)
    except OSError as gone:
        raise _lost() from gone


def _receive(door: "Connection") -> Any:
    try:
        failed, result = door.recv()
    except (EOFError, OSError) as gone:
        raise _lost() from gone
    if failed:
        raise result
    return result


def _lost() -> OutsideError:
    return OutsideError(
        code="WORKER_LOST",
        says="A process that was reading source files ended before its work was done.",
        hint="The machine may have run out of memory; run it again with fewer processes (RH_PROCESSES=1).",
    )


def _serve(door: "Connection", function: Callable[[Any], Any], doors_of_others: "Sequence[Connection]") -> None:
    """Answer until the parent closes its end; this is the whole life of a worker process."""
    import signal

    # Interruptions are for the parent; and syntax trees have no cycles that would have to be looked for.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.disable()
    for each in doors_of_others:
        # A forked process holds copies; while it keeps them open nobody would notice that the parent is gone.
        each.close()
    while True:
        try:
            item = door.recv()
        except (EOFError, OSError):
            return
        try:
            answer: tuple[bool, Any] = (False, function(item))
        except Exception as fault:  # noqa: BLE001 - it is raised again where the work was asked for
            answer = (True, fault)
        try:
            door.send(answer)
        except OSError:
            return


def _way_to_start() -> str:
    """Fork where no thread can be holding a lock; a new interpreter elsewhere."""
    import threading

    return "fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn"


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
