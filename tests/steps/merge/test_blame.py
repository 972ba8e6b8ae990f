"""Who is blamed, and who is not: real branches and a real ledger; only the tests of the project are scripted."""

import pytest

from release_harness.kernel.digests import CommitId, TreeId
from release_harness.kernel.verdict import Outcome
from release_harness.steps.merge.model import RefusalReason, RunOutcome
from release_harness.testing.landing import ReadFile
from release_harness.testing.landing_world import LandingWorld

pytestmark = pytest.mark.slow  # each test builds a real repository with a remote


def pair(read: ReadFile) -> RunOutcome:
    """Tests that fail when `a.py` and `b.py` are there together."""
    return RunOutcome.FAILED if read("a.py") and read("b.py") else RunOutcome.PASSED


def broken(read: ReadFile) -> RunOutcome:
    """Tests that fail when a file `broken` is there."""
    return RunOutcome.FAILED if read("broken") else RunOutcome.PASSED


def test_a_change_is_blamed_only_when_the_tip_passes_and_the_tip_with_it_fails_twice(world: LandingWorld) -> None:
    """Invariant 8: reject only with evidence for both sides, and after a second run."""
    world.feature({"broken": "x\n"})
    world.gate.check = broken
    report = world.land()

    assert report.refusal is not None
    assert report.refusal.reason is RefusalReason.OWN_FAILURE
    assert report.outcome is Outcome.FAIL
    assert report.refusal.next_actions[0].command == "rh evidence run feature"
    tip_tree = TreeId(world.work.head(f"{world.start}^{{tree}}"))
    result = next(tree for tree in world.gate.runs if tree != tip_tree)
    assert world.gate.runs.count(tip_tree) == 1
    assert world.gate.runs.count(result) == 2
    assert len(report.refusal.evidence) == 3
    assert world.origin.head("main") == world.start


def test_a_red_base_is_never_blamed_on_the_change(world: LandingWorld) -> None:
    """Invariant 8: the branch fails without the change, so nothing can be said of the change."""
    world.foreign({"broken": "x\n"})
    world.feature({"fine.py": "x = 1\n"})
    world.gate.check = broken
    report = world.land()

    assert report.refusal is not None
    assert report.refusal.reason is RefusalReason.BASE_RED
    assert report.outcome is Outcome.UNKNOWN


def test_a_change_that_mends_a_red_base_lands(world: LandingWorld) -> None:
    """A red branch must not keep out what makes it green."""
    world.foreign({"broken": "x\n"})
    world.work.git("fetch", "--quiet")
    world.start = world.work.head("origin/main")
    world.feature({"broken": None})
    world.gate.check = broken

    assert world.land().landed


def test_a_flake_does_not_eject_the_innocent(world: LandingWorld) -> None:
    """The same tree fails once and passes once: the change lands, and the flaky test is written into the proof."""
    world.feature({"new.py": "x = 1\n"})
    tree = world.desk.repository.merge(CommitId(world.start), CommitId(world.work.head("feature"))).tree
    assert tree is not None
    world.gate.script = {tree: [RunOutcome.FAILED]}
    report = world.land()

    assert report.landed
    assert report.proof is not None
    assert report.proof.flaky == ("tests/test_pair.py::test_together",)


@pytest.mark.parametrize(
    ("outcome", "reason", "retryable"),
    [
        (RunOutcome.TIMEOUT, RefusalReason.TIMEOUT, False),
        (RunOutcome.INFRA, RefusalReason.INFRA, True),
        (RunOutcome.NOT_RUN, RefusalReason.CHECK_NEVER_REPORTED, False),
    ],
)
def test_a_run_that_says_nothing_about_the_code_blames_nobody(
    world: LandingWorld, outcome: RunOutcome, reason: RefusalReason, *, retryable: bool
) -> None:
    """Invariant 8: never reject for infrastructure, a timeout or a missing report."""
    world.feature({"new.py": "x = 1\n"})
    world.gate.check = lambda _read: outcome
    report = world.land()

    assert report.refusal is not None
    assert (report.refusal.reason, report.outcome, report.refusal.retryable) == (reason, Outcome.UNKNOWN, retryable)
    assert world.origin.head("main") == world.start


def test_two_changes_that_are_green_alone_and_red_together_name_each_other(world: LandingWorld) -> None:
    """`conflict-semantic`, and the landing that it conflicts with is found among several by halving."""
    world.gate.check = pair
    for number in range(3):
        world.foreign({f"noise{number}.py": "n = 1\n"}, f"noise {number}")
    world.feature({"a.py": "a = 1\n"}, "first", "add a")
    assert world.land("first").landed
    guilty = world.origin.head("main")
    for number in range(3, 7):
        world.foreign({f"noise{number}.py": "n = 1\n"}, f"noise {number}")
    world.feature({"b.py": "b = 1\n"}, "second", "add b")
    world.gate.runs.clear()
    report = world.land("second")

    assert report.refusal is not None
    assert report.refusal.reason is RefusalReason.CONFLICT_SEMANTIC
    (culprit,) = report.refusal.culprits
    assert culprit.commit == guilty
    assert culprit.change == world.events("ChangeLanded")[0].payload["change"]
    assert "add a" in report.says
    assert len(world.gate.runs) <= 4 + 3, "eight landings are halved three times"
    assert report.outcome is Outcome.FAIL


def test_every_refusal_is_in_the_ledger_with_reason_and_evidence(world: LandingWorld) -> None:
    """Invariant 5: each change that was tried reaches one terminal state; the same refusal is recorded once."""
    world.feature({"broken": "x\n"})
    world.gate.check = broken
    first = world.land()
    (event,) = world.events("LandingRefused")

    assert event.id == first.event
    refusal = event.payload["refusal"]
    assert isinstance(refusal, dict)
    assert refusal["reason"] == "own-failure"
    assert refusal["evidence"]
    assert world.events("ChangeLanded") == []
