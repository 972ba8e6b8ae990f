"""Keeps a queue in processes of their own, which kill themselves at a boundary.

It reads lists of arguments as JSON lines, FOLDER OUTPUT KILL, and forks a process for each.
"""

import json
import os
import signal
import sys
import traceback
from pathlib import Path

from release_harness.app import Application
from release_harness.steps.merge import store  # noqa: F401 - loaded once, before the forks
from release_harness.steps.merge.flow.queue.adding import AddOrder, add_change
from release_harness.steps.merge.flow.queue.keeper import Keeper
from release_harness.steps.merge.model import Place
from release_harness.steps.merge.model.queued import QueueSettings
from release_harness.testing.landing import ScriptedGate, quiet_environment
from release_harness.testing.progress import RecordedProgress
from release_harness.testing.queue import QueueDesk

NAMES = ("first", "second")


class KillAt:
    """Ends this process, as a power cut would, at the n-th boundary; zero never does."""

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


def run_job(folder: str, output: str, kill: str) -> None:
    """Queue both changes, unless they came to their end, and keep the queue until it is empty."""
    work = Path(folder) / "work"
    application = Application(work, quiet_environment(Path(folder)), RecordedProgress())
    boundaries = KillAt(int(kill))
    gate = ScriptedGate(application.repository)
    desk = QueueDesk(application, gate, boundaries=boundaries)
    place = Place(branch="main", remote="origin" if application.landing.remotes() else "")
    keeper = Keeper(desk, gate, place, QueueSettings())
    keeper.resume()
    for name in NAMES:
        add_change(desk, gate, place, AddOrder(revision=name))
    for _step in range(40):
        keeper.tick()
        if not desk.runners.running:
            break
        desk.runners.finish()
    Path(output).write_text(json.dumps(boundaries.names))


def serve() -> None:
    """Fork a process for every job, and print its status."""
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


if __name__ == "__main__":
    serve()
