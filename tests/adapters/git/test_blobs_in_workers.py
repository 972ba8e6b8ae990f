"""Objects are read in forked processes too, each with a git of its own."""

import os
from pathlib import Path

import pytest

from release_harness.adapters.git import GitProgram
from release_harness.adapters.worker_processes import WorkerProcesses
from release_harness.testing.git_repository import GitRepository

GIT: list[tuple[GitProgram, str]] = []


def read(number: int) -> bytes | None:
    """Read one file through the reader that was started before the fork."""
    git, commit = GIT[-1]
    return git.read_file(commit, f"{number}.txt")


@pytest.mark.slow
def test_processes_do_not_take_each_others_answers(tmp_path: Path) -> None:
    """Slow, because it starts processes: with one `cat-file` for all each would wait for what another one has read."""
    repository = GitRepository.create(tmp_path / "repo")
    contents = {f"{number}.txt": f"{number}\n" * 4000 for number in range(60)}
    commit = repository.commit(dict(contents))
    git = GitProgram(repository.path, {"PATH": os.environ["PATH"]})
    assert git.read_file(commit, "0.txt") is not None
    GIT.append((git, commit))
    try:
        found = list(WorkerProcesses(2).map(read, range(60)))
        assert found == [each.encode() for each in contents.values()]
        assert git.read_file(commit, "7.txt") == found[7]
    finally:
        GIT.pop()
        git.close()
