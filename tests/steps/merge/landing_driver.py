"""Lands changes in processes of their own, which kill themselves at a boundary or meet another one there.

Usage: landing_driver.py FOLDER REVISION OUTPUT [kill=N] [meet=OWN,OTHER] [method=NAME]
Without arguments it reads such lists of arguments as JSON lines, and forks a process for each.
"""

import json
import sys
import time
from pathlib import Path

from release_harness.app import Application
from release_harness.steps.merge import store  # noqa: F401 - loaded once, before the forks
from release_harness.steps.merge.flow import LandOrder, land
from release_harness.steps.merge.model import Method
from release_harness.testing.cut_off import KillAt, serve_jobs
from release_harness.testing.landing import LandingDesk, ScriptedGate, quiet_environment
from release_harness.testing.progress import RecordedProgress

_DEADLINE_SECONDS = 60


class Meet:
    """Waits at the first intent until another process has one, too, so that both push onto the same tip."""

    def __init__(self, own: Path, other: Path) -> None:
        """Files that say that each is there."""
        self.own, self.other = own, other
        self.names: list[str] = []

    def reach(self, name: str) -> None:
        """Meet once."""
        self.names.append(name)
        if name != "intended" or self.own.exists():
            return
        self.own.touch()
        deadline = time.monotonic() + _DEADLINE_SECONDS
        while not self.other.exists() and time.monotonic() < deadline:
            time.sleep(0.01)


def run_job(folder: str, revision: str, output: str, *options: str) -> None:
    """Land, and write what became of it."""
    wanted = dict(each.split("=", 1) for each in options)
    boundaries: KillAt | Meet = KillAt(int(wanted.get("kill", "0")))
    if "meet" in wanted:
        own, other = wanted["meet"].split(",")
        boundaries = Meet(Path(own), Path(other))
    environment = quiet_environment(Path(folder).parent)
    desk = LandingDesk(Application(Path(folder), environment, RecordedProgress()), boundaries=boundaries)
    gate = ScriptedGate(desk.repository)
    gate.method = Method(wanted.get("method", "merge"))
    report = land(desk, gate, LandOrder(revision=revision))
    answer = {
        "landed": report.landed,
        "recovered": report.recovered,
        "attempts": report.attempts_count,
        "tip": report.proof.tip_after if report.proof else "",
        "tree": report.proof.result_tree if report.proof else "",
        "runs": gate.runs,
        "boundaries": boundaries.names,
    }
    Path(output).write_text(json.dumps(answer))


if __name__ == "__main__":
    run_job(*sys.argv[1:]) if sys.argv[1:] else serve_jobs(run_job)
