"""Processes that are cut off at a boundary, and the world of two branches that they land in."""

import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from release_harness.testing.git_repository import GitRepository


class KillAt:
    """Boundaries that end this process, as a power cut would, at the n-th one; zero never does."""

    def __init__(self, count: int) -> None:
        """Nothing was reached yet."""
        self.left = count
        self.names: list[str] = []

    def reach(self, name: str) -> None:
        """Count, and kill."""
        self.names.append(name)
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def serve_jobs(run_job: Callable[..., None]) -> None:
    """Fork a process for every job on standard input, so that the imports are paid for once; print its status.

    A job is one line: a JSON list of the arguments.
    """
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                run_job(*json.loads(line))
            except BaseException:  # noqa: BLE001 - whatever happens, a fork must not go on as the server
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def make_two_branches(folder: Path, *, remote: bool) -> None:
    """Make `origin.git` and a clone `work` with the branches first and second to land, and main checked out."""
    seed = GitRepository.create(folder / "seed")
    seed.commit({"README.md": "hello\n"}, "begin")
    origin = GitRepository.create(folder / "origin.git", bare=True)
    seed.git("push", "--quiet", str(origin.path), "main")
    work = origin.clone(folder / "work")
    if not remote:
        work.git("remote", "remove", "origin")
    for name in ("first", "second"):
        work.branch(name, "main")
        work.commit({f"{name}.py": "x = 1\n"}, f"add {name}")
    work.checkout("main")


def copy_two_branches(template: Path, folder: Path) -> Path:
    """Copy such a world, and point the clone at the copied origin."""
    shutil.copytree(template, folder, symlinks=True)
    work = GitRepository(folder / "work")
    if work.git("remote"):
        work.git("remote", "set-url", "origin", str(folder / "origin.git"))
    return folder
