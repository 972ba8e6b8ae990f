"""What a repository's past tells its queue: landings as they came, and refusals with the files that they were about."""

from collections.abc import Callable
from pathlib import Path

import pytest

from release_harness.app import Application
from release_harness.steps.merge.flow.past import Past, gather_past
from release_harness.steps.merge.model import RunOutcome
from release_harness.steps.merge.plan.odds import Attempt, Traits, calibrate
from release_harness.steps.merge.plan.simulation.history import PastChange
from release_harness.testing.landing import ReadFile, quiet_environment
from release_harness.testing.landing_world import LandingWorld
from release_harness.testing.progress import RecordedProgress

pytestmark = pytest.mark.slow  # each test builds a real repository


def broken(read: ReadFile) -> RunOutcome:
    """Tests that fail when a file `src/broken.py` is there."""
    return RunOutcome.FAILED if read("src/broken.py") else RunOutcome.PASSED


@pytest.fixture
def past_world(local_world: LandingWorld) -> LandingWorld:
    """One change that landed, and one whose tests failed; it was tried twice."""
    local_world.gate.check = broken
    local_world.feature({"docs/guide.md": "one\ntwo\n"}, "guide")
    local_world.feature({"src/broken.py": "x = 1\n"}, "wrong")
    assert local_world.land("guide").landed
    for _ in range(2):
        assert not local_world.land("wrong").landed
    return local_world


@pytest.fixture
def look(tmp_path: Path) -> Callable[[Path], Application]:
    """Opens the application of a folder."""
    return lambda folder: Application(folder, quiet_environment(tmp_path), RecordedProgress())


def test_recorded_landings_and_refusals_are_attempts_with_what_they_touched(
    past_world: LandingWorld, look: Callable[[Path], Application]
) -> None:
    """A change that was tried twice and failed for one reason failed once."""
    past = gather_past(look(past_world.work.path), "main", 90)
    assert past.branch == "main"
    assert past.attempts == (
        Attempt(traits=Traits(lines_count=2, areas=frozenset({"docs/**"})), failed=False),
        Attempt(traits=Traits(lines_count=1, areas=frozenset({"src/**"})), failed=True),
    )
    assert past.calibration is None


def test_a_refused_change_that_is_gone_is_an_attempt_of_which_nothing_is_known(
    past_world: LandingWorld, look: Callable[[Path], Application]
) -> None:
    """Somebody has deleted the branch, and git has collected the commit."""
    past_world.work.git("branch", "-D", "wrong")
    past_world.work.git("reflog", "expire", "--expire=now", "--all")
    past_world.work.git("gc", "--quiet", "--prune=now")
    past = gather_past(look(past_world.work.path), "main", 90)
    assert past.attempts[1] == Attempt(traits=Traits(), failed=True)


def test_refusals_of_another_branch_say_nothing_of_this_one(
    past_world: LandingWorld, look: Callable[[Path], Application]
) -> None:
    """Each branch has its own gate."""
    past_world.work.git("branch", "release", "main")
    assert gather_past(look(past_world.work.path), "release", 90).attempts == ()


def test_without_enough_attempts_all_changes_have_one_rate(
    past_world: LandingWorld, look: Callable[[Path], Application]
) -> None:
    """Two attempts teach nothing."""
    past = gather_past(look(past_world.work.path), "main", 90)
    assert set(past.odds(0.25, asked=False)) == {0.25}
    assert past.landings_count >= len(past.changes) >= 1


def test_with_enough_attempts_the_counts_tell_the_changes_apart() -> None:
    """Unless a rate was asked for: then that is what everybody gets."""
    attempts = tuple(
        Attempt(traits=Traits(areas=frozenset({area})), failed=number % each == 0)
        for number in range(200)
        for area, each in (("docs/**", 100), ("src/**", 3))
    )
    changes = tuple(
        PastChange(arrived_at_seconds=0.0, author="ana", lines_count=9, areas=frozenset({area}), commutes_never=False)
        for area in ("docs/**", "src/**")
    )
    past = Past(
        branch="main",
        tip="1" * 40,
        landings_count=2,
        changes=changes,
        runs=(),
        attempts=attempts,
        calibration=calibrate(attempts),
        gaps=(),
    )
    quiet, busy = past.odds(0.2, asked=False)
    assert quiet < 0.05
    assert 0.25 < busy < 0.4
    assert past.odds(0.2, asked=True) == (0.2, 0.2)
