"""Queues on real git and a real ledger, with runners that run when they are told to."""

from collections.abc import Callable
from pathlib import Path

import pytest

from release_harness.app import Application
from release_harness.steps.merge.model import RunOutcome
from release_harness.testing.landing import ReadFile, quiet_environment
from release_harness.testing.landing_world import LandingWorld
from release_harness.testing.progress import RecordedProgress
from release_harness.testing.queue import QueueWorld


def check_words(read: ReadFile) -> RunOutcome:
    """The tests of the worlds here: a file that says `broken` fails, and so do `left` and `right` together."""
    listed = (read("names.txt") or b"").decode().split()
    texts = {name: (read(name) or b"").decode() for name in (*listed, *(f"file{n}.txt" for n in range(12)))}
    if any("broken" in text for text in texts.values()):
        return RunOutcome.FAILED
    joined = " ".join(texts.values())
    return RunOutcome.FAILED if "left" in joined and "right" in joined else RunOutcome.PASSED


@pytest.fixture
def queue_world(tmp_path: Path) -> Callable[..., QueueWorld]:
    """Makes a world with a queue; with or without a remote."""

    def make(*, remote: bool = True, **options: int) -> QueueWorld:
        def wire(folder: Path) -> Application:
            return Application(folder, quiet_environment(tmp_path), RecordedProgress())

        world = LandingWorld(tmp_path, wire, remote=remote)
        world.gate.check = check_words
        return QueueWorld(world, **options)  # type: ignore[arg-type] # settings are not given here

    return make
