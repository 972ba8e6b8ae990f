"""The exhaustive search: no order of events breaks the queue, and a lander that lets one thing through is found out."""

import pytest

from release_harness.kernel.errors import InputError
from release_harness.kernel.operations import View
from release_harness.kernel.verdict import Outcome
from release_harness.steps.merge.flow.selftest import search_queue
from release_harness.steps.merge.model.landing import Granted
from release_harness.steps.merge.plan.planners import PLANNERS
from release_harness.steps.merge.render.selftest import selftest_text
from release_harness.steps.merge.selftest import steps
from release_harness.steps.merge.selftest.search import search, worlds
from release_harness.steps.merge.selftest.state import SmallWorld
from release_harness.testing.progress import RecordedProgress

CONFLICT = SmallWorld(conflict=frozenset((0, 1)))
PAIRS = [
    SmallWorld(changes_count=2, needs=needs, failing=failing, conflict=conflict)
    for needs in ((), ((1, 0),))
    for failing in (frozenset[int](), frozenset((0,)), frozenset((1,)))
    for conflict in (frozenset[int](), frozenset((0, 1)))
]
"""Worlds of two changes: with everything proposed that can be, those of three are too many states for a test."""


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(PLANNERS))
def test_no_order_of_arrivals_and_answers_breaks_the_queue(name: str) -> None:
    """With any planner, in worlds with failures and conflicts."""
    for world in (*worlds(quick=True), CONFLICT):
        found = search(world, PLANNERS[name], 0)
        assert found.broken == ()
        assert found.states_count > 50


@pytest.mark.slow
@pytest.mark.parametrize("world", PAIRS, ids=str)
def test_the_lander_alone_keeps_the_invariants_whatever_is_proposed(world: SmallWorld) -> None:
    """Every set to land, everybody to blame, every run to stop."""
    assert search(world, None, 0).broken == ()


@pytest.mark.slow
@pytest.mark.parametrize("world", worlds(), ids=str)
def test_no_disturbance_at_any_moment_breaks_the_queue(world: SmallWorld) -> None:
    """A flake, a lost run, a new head, a cancellation, a foreign push, a freeze, an emergency: at every moment."""
    found = search(world, PLANNERS["pcut"], 1)
    assert found.broken == ()
    assert found.states_count > 5000


@pytest.mark.parametrize(("name", "says"), [("may_land", "1:"), ("may_blame", "8:"), ("may_start", "11:")])
def test_a_lander_that_grants_everything_is_found_out(monkeypatch: pytest.MonkeyPatch, name: str, says: str) -> None:
    """The search is able to fail, and names the invariant and the way."""
    monkeypatch.setattr(steps, name, lambda *_claims: Granted(proof="exact"))
    world = SmallWorld(changes_count=2, needs=(), failing=frozenset((0,)))
    broken = search(world, None, 0, most_broken_count=50).broken
    assert any(each.says.startswith(says) for each in broken)
    assert all(each.way for each in broken)


@pytest.mark.slow
def test_the_command_says_how_much_it_has_seen_and_fails_on_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the world and the shortest way to it."""
    report = search_queue(RecordedProgress(), "pcut", 0)
    assert report.outcome is Outcome.PASS
    assert "every invariant holds" in selftest_text(report, View(unicode=False))
    monkeypatch.setattr(steps, "may_blame", lambda _claim: Granted())
    monkeypatch.setattr(steps, "FAILURES_WANTED", 1)
    broken = search_queue(RecordedProgress(), "pcut", 1)
    assert broken.outcome is Outcome.FAIL
    assert "the shortest way to it" in selftest_text(broken, View())
    with pytest.raises(InputError, match="no planner"):
        search_queue(RecordedProgress(), "magic", 0)
    with pytest.raises(InputError, match="cannot be searched"):
        search_queue(RecordedProgress(), "pcut", 9)
