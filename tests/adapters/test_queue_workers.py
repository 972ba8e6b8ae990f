"""Workers of the queue as real processes: they are found dead, stopped and replaced, and nothing of them is left."""

import os
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from release_harness.adapters.queue_workers import QueueWorkers, _marked
from release_harness.testing.git_repository import GitRepository
from release_harness.testing.landing import quiet_environment

pytestmark = pytest.mark.slow

_PATIENCE_SECONDS = 30


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[QueueWorkers]:
    """Two workers in a repository without any run."""
    repository = GitRepository.create(tmp_path / "work")
    repository.commit({"README.md": "hello\n"}, "begin")
    made = QueueWorkers(lambda: repository.path, quiet_environment(tmp_path))
    made.open(2)
    yield made
    made.close()


def wait_for_word(workers: QueueWorkers) -> float:
    """Wait until a worker says something, and return how long that took."""
    began = time.monotonic()
    workers.wait(timedelta(seconds=_PATIENCE_SECONDS))
    return time.monotonic() - began


def test_a_worker_that_is_killed_is_lost_and_another_takes_its_place(workers: QueueWorkers) -> None:
    """A false `still running` would hold a change for ever. Slow: real processes."""
    workers.begin("a-run", "worker-1")
    assert wait_for_word(workers) < _PATIENCE_SECONDS
    assert workers.lost() == frozenset()
    first = workers._processes["worker-1"].pid
    mark = workers._marks["worker-1"]
    os.kill(first, signal.SIGKILL)
    workers._processes["worker-1"].wait()

    assert workers.lost() == {"a-run"}
    assert list(_marked(mark)) == []
    workers.done("a-run")
    assert workers.free() == ("worker-1", "worker-2")
    workers.begin("another-run", "worker-1")
    assert wait_for_word(workers) < _PATIENCE_SECONDS
    assert workers._processes["worker-1"].pid != first


def test_a_stopped_run_frees_its_worker_and_ends_its_process(workers: QueueWorkers) -> None:
    """A run whose result is of no use takes no runner. Slow: real processes."""
    workers.begin("a-run", "worker-1")
    process = workers._processes["worker-1"]
    assert workers.free() == ("worker-2",)

    workers.stop("a-run")

    assert process.poll() is not None
    assert workers.free() == ("worker-1", "worker-2")
    assert workers.busy() == frozenset()
