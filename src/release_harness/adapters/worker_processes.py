"""Work that is spread over processes: few items are done here, many by as many processes as the machine has for us."""

import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from typing import TypeVar

from release_harness.kernel.errors import InputError

Item = TypeVar("Item")
Result = TypeVar("Result")

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
        from release_harness.adapters.worker_pool import Pool

        done: dict[int, Result] = {}
        wanted = 0
        # A collection would write to every object, and each worker would have copies of what it shares.
        gc.freeze()
        try:
            with closing(Pool(self._most_count, function).work(items)) as results:
                for number, result in results:
                    done[number] = result
                    while wanted in done:
                        yield done.pop(wanted)
                        wanted += 1
        finally:
            gc.unfreeze()


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
