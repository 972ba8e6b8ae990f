"""Work spread over processes: in order, few items held, and nobody left behind."""

import operator
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from release_harness.adapters.worker_processes import WorkerProcesses, process_limit
from release_harness.kernel.errors import InputError, OutsideError


def children() -> set[int]:
    """Return the processes that this one has to wait for, dead ones among them."""
    tasks = Path("/proc/self/task").iterdir()
    return {int(number) for task in tasks for number in (task / "children").read_text().split()}


@pytest.fixture(autouse=True)
def nobody_is_left_behind() -> Iterator[None]:
    """Whatever a test here does, it leaves no process; those that others started before are none of its own."""
    before = children()
    yield
    assert children() <= before


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


@pytest.mark.slow
def test_a_caller_that_stops_asking_leaves_nobody_behind() -> None:
    """Slow, because it starts processes: an interruption arrives in the middle of the work."""
    results = WorkerProcesses(2).map(doubled, range(1000))
    next(results)
    results.close()  # type: ignore[attr-defined]


def vanish_once(place: tuple[int, str]) -> int:
    """End the process when an item is worked on for the first time."""
    number, folder = place
    mark = Path(folder) / str(number)
    if number % 7 == 2 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def long_answer(number: int) -> bytes:
    """Return far more than a pipe holds."""
    return bytes([number % 251]) * 3_000_000


class Peculiar(Exception):  # noqa: N818 - any exception
    """Cannot be made from what pickle keeps of it."""

    def __init__(self, *, why: str) -> None:
        super().__init__(f"because {why}")


def refuse_peculiarly(number: int) -> int:
    """Fail with something that cannot be sent."""
    raise Peculiar(why=str(number))


@pytest.mark.slow
def test_work_that_ends_two_processes_is_said_and_not_waited_for() -> None:
    """Slow, because it starts processes: when memory runs out the kernel kills one, and rh must not hang."""
    with pytest.raises(OutsideError) as lost:
        list(WorkerProcesses(2).map(vanish, range(10)))
    assert lost.value.code == "WORKER_LOST"


@pytest.mark.slow
def test_what_a_killed_process_held_is_done_by_another_one(tmp_path: Path) -> None:
    """Slow, because it starts processes: one that was killed for no fault of the work must not cost the answer."""
    items = [(number, str(tmp_path)) for number in range(40)]
    assert list(WorkerProcesses(2).map(vanish_once, items)) == list(range(40))
    assert len(list(tmp_path.iterdir())) == 6


@pytest.mark.slow
def test_items_and_answers_longer_than_a_pipe_pass() -> None:
    """Slow, because it starts processes: pipes that are full in both directions must not make both sides wait."""
    assert [each[0] for each in WorkerProcesses(2).map(long_answer, range(12))] == list(range(12))
    items = [bytes([number]) * 2_000_000 for number in range(12)]
    assert list(WorkerProcesses(2).map(operator.methodcaller("upper"), items)) == [each.upper() for each in items]


@pytest.mark.slow
def test_a_fault_that_cannot_be_sent_is_told_in_words() -> None:
    """Slow, because it starts processes: a fault that ends the worker instead would be taken for lack of memory."""
    with pytest.raises(OutsideError, match="Peculiar: because") as failed:
        list(WorkerProcesses(2).map(refuse_peculiarly, range(10)))
    assert failed.value.code == "WORKER_FAILED"


@pytest.mark.slow
def test_nothing_is_forked_while_a_thread_runs() -> None:
    """Slow, because it starts interpreters: a copy of a lock that a thread holds would be waited for without end."""
    end = threading.Event()
    other = threading.Thread(target=end.wait)
    other.start()
    try:
        assert list(WorkerProcesses(2).map(operator.neg, range(20))) == [-number for number in range(20)]
    finally:
        end.set()
        other.join()


@pytest.mark.slow
def test_no_process_outlives_an_interruption() -> None:
    """Slow, because it starts processes: Ctrl-C and a kill of the parent both leave nobody behind."""
    program = (
        # As at a terminal, also where these tests themselves run in the background, which turns Ctrl-C off for all children.
        "import signal, sys, time\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from release_harness.adapters.worker_processes import WorkerProcesses\n"
        "def work(number):\n    if number > 3: time.sleep(60)\n    return number\n"
        "for each in WorkerProcesses(2).map(work, range(50)):\n    print(each, flush=True)\n"
    )
    for signum in (signal.SIGINT, signal.SIGKILL):
        with subprocess.Popen(
            [sys.executable, "-c", program],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True,
        ) as parent:  # fmt: skip
            assert parent.stdout is not None
            assert [parent.stdout.readline() for _ in range(4)] == ["0\n", "1\n", "2\n", "3\n"]
            # As a terminal does it, to all of them; a kill reaches only the parent.
            send = os.killpg if signum == signal.SIGINT else os.kill
            send(parent.pid, signum)
            assert parent.wait(timeout=30) != 0
            if signum == signal.SIGINT:
                with pytest.raises(ProcessLookupError):
                    os.killpg(parent.pid, 0)
            else:
                os.killpg(parent.pid, signal.SIGKILL)


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
