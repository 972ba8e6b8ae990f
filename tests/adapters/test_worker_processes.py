"""Work spread over processes: in order, few items held, and nobody left behind."""

import multiprocessing
import os
from collections.abc import Iterator

import pytest

from release_harness.adapters.worker_processes import WorkerProcesses, process_limit
from release_harness.kernel.errors import InputError, OutsideError


def doubled(number: int) -> tuple[int, int]:
    """Return twice the number and the process that found it."""
    return 2 * number, os.getpid()


def slow_first(number: int) -> int:
    """Take long over the first item, while the others are done at once."""
    if number == 0:
        for _ in range(200_000):
            hash(str(_))
    return number


def refuse(number: int) -> int:
    """Fail on the third item."""
    if number == 3:
        message = "three"
        raise LookupError(message)
    return number


def vanish(number: int) -> int:
    """End the process as the kernel does when memory runs out."""
    if number == 2:
        os._exit(9)
    return number


@pytest.mark.slow
def test_results_come_in_the_order_of_the_items() -> None:
    """Slow, because it starts processes: answers must not depend on which process was quicker."""
    results = list(WorkerProcesses(2).map(doubled, range(50)))
    assert [each[0] for each in results] == [2 * number for number in range(50)]
    assert os.getpid() not in {each[1] for each in results}
    assert multiprocessing.active_children() == []


@pytest.mark.slow
def test_items_are_taken_as_the_work_goes_on() -> None:
    """Slow, because it starts processes: the contents of a million lines must not wait in memory."""
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    results = WorkerProcesses(2).map(slow_first, items())
    first = next(results)
    taken_count = len(taken)
    assert [first, *results] == list(range(100))
    assert taken_count < 20


@pytest.mark.slow
def test_a_failure_reaches_the_caller_and_ends_the_processes() -> None:
    """Slow, because it starts processes: a fault of one item must not leave processes behind."""
    with pytest.raises(LookupError, match="three"):
        list(WorkerProcesses(2).map(refuse, range(10)))
    assert multiprocessing.active_children() == []


@pytest.mark.slow
def test_a_caller_that_stops_asking_leaves_nobody_behind() -> None:
    """Slow, because it starts processes: an interruption arrives in the middle of the work."""
    results = WorkerProcesses(2).map(doubled, range(1000))
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert multiprocessing.active_children() == []


@pytest.mark.slow
def test_a_process_that_was_killed_is_said_and_not_waited_for() -> None:
    """Slow, because it starts processes: when memory runs out the kernel kills one, and rh must not hang."""
    with pytest.raises(OutsideError) as lost:
        list(WorkerProcesses(2).map(vanish, range(10)))
    assert lost.value.code == "WORKER_LOST"
    assert multiprocessing.active_children() == []


def test_little_work_is_done_here() -> None:
    """A process costs more than reading a few files."""
    results = list(WorkerProcesses(2).map(doubled, [1, 2], spread=False))
    assert results == [(2, os.getpid()), (4, os.getpid())]
    assert list(WorkerProcesses(1).map(doubled, [3])) == [(6, os.getpid())]


def test_the_version_names_this_python_and_the_installed_parser() -> None:
    """Facts that a grammar made must not be taken for those of another grammar."""
    workers = WorkerProcesses(1)
    assert workers.version_of("python").count(".") >= 3
    assert workers.version_of("notebook") == workers.version_of("python")
    assert workers.version_of("cobol").endswith("/-")


def test_the_number_of_processes_can_be_limited() -> None:
    """A small machine in CI wants to say how many."""
    assert process_limit({}) is None
    assert process_limit({"RH_PROCESSES": "3"}) == 3
    with pytest.raises(InputError):
        process_limit({"RH_PROCESSES": "many"})
