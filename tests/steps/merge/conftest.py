"""Worlds to land in, with the adapters of the real application."""

from collections.abc import Callable
from pathlib import Path

import pytest

from release_harness.app import Application
from release_harness.testing.landing import Wired, quiet_environment
from release_harness.testing.landing_world import LandingWorld
from release_harness.testing.progress import RecordedProgress


@pytest.fixture
def wire(tmp_path: Path) -> Callable[[Path], Wired]:
    """Makes the application of a folder; its keys are made in the temporary folder."""
    return lambda folder: Application(folder, quiet_environment(tmp_path), RecordedProgress())


@pytest.fixture
def world(tmp_path: Path, wire: Callable[[Path], Wired]) -> LandingWorld:
    """A world with a remote."""
    return LandingWorld(tmp_path, wire)


@pytest.fixture
def local_world(tmp_path: Path, wire: Callable[[Path], Wired]) -> LandingWorld:
    """A world with one repository and no remote."""
    return LandingWorld(tmp_path, wire, remote=False)
