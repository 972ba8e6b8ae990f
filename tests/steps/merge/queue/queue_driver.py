"""Keeps a queue in processes of their own, which kill themselves at a boundary.

It reads lists of arguments as JSON lines, FOLDER OUTPUT KILL, and forks a process for each.
"""

import json
from pathlib import Path

from release_harness.app import Application
from release_harness.steps.merge import store  # noqa: F401 - loaded once, before the forks
from release_harness.steps.merge.flow.queue.adding import AddOrder, add_change
from release_harness.steps.merge.flow.queue.keeper import Keeper
from release_harness.steps.merge.model import Place
from release_harness.steps.merge.model.queued import QueueSettings
from release_harness.testing.cut_off import KillAt, serve_jobs
from release_harness.testing.landing import ScriptedGate, quiet_environment
from release_harness.testing.progress import RecordedProgress
from release_harness.testing.queue import QueueDesk

NAMES = ("first", "second")


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


if __name__ == "__main__":
    serve_jobs(run_job)
