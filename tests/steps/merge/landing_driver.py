"""Lands one change in a process of its own, which kills itself at a boundary or meets another one there.

Usage: landing_driver.py FOLDER REVISION OUTPUT [kill=N] [meet=OWN,OTHER] [method=NAME]
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

from release_harness.steps.merge.flow import LandOrder, land
from release_harness.steps.merge.model import Method
from release_harness.testing.landing import LandingDesk, ScriptedGate

_DEADLINE_SECONDS = 60


class KillAt:
    """Ends this process, as a power cut would, at the n-th boundary."""

    def __init__(self, count: int) -> None:
        """Zero never kills."""
        self.left = count
        self.names: list[str] = []

    def reach(self, name: str) -> None:
        """Count, and kill."""
        self.names.append(name)
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


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


def main(folder: str, revision: str, output: str, *options: str) -> None:
    """Land, and write what became of it."""
    wanted = dict(each.split("=", 1) for each in options)
    boundaries: KillAt | Meet = KillAt(int(wanted.get("kill", "0")))
    if "meet" in wanted:
        own, other = wanted["meet"].split(",")
        boundaries = Meet(Path(own), Path(other))
    desk = LandingDesk(Path(folder), boundaries=boundaries)
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
    main(*sys.argv[1:])
