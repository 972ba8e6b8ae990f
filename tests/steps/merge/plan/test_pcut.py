"""The default planner: even cuts in the order of the queue, the largest that passes lands, nothing known is asked again."""

import pytest

from release_harness.steps.merge.model.queue import Memory, Options, Proposal, Running, Snapshot, Waiting
from release_harness.steps.merge.plan.pcut import pass_ratios, plan


def waiting(number: int, **more: object) -> Waiting:
    """Return a waiting change."""
    return Waiting(number=number, arrived_at_seconds=0.0, **{"pass_ratio": 0.87, **more})  # type: ignore[arg-type]


def queue(count: int, **more: object) -> Snapshot:
    """Return a queue of that many changes."""
    values = {
        "now_seconds": 0.0,
        "waiting": tuple(waiting(each) for each in range(1, count + 1)),
        "runners_count": 1,
        "tip_passed": True,
    }
    return Snapshot(**{**values, **more})  # type: ignore[arg-type]


def propose(seen: Snapshot) -> Proposal:
    """Ask the planner."""
    return plan(seen, Options(), Memory())


def prefix(length: int) -> frozenset[int]:
    """Return the first changes."""
    return frozenset(range(1, length + 1))


def test_one_runner_tests_the_prefix_that_passes_about_as_likely_as_not() -> None:
    """0.87 to the fifth is 0.498."""
    assert propose(queue(12)).start == (prefix(5),)


def test_several_runners_split_what_is_not_known_into_even_shares() -> None:
    """After one half, the quarter on either side."""
    assert set(propose(queue(12, runners_count=3)).start) == {prefix(5), prefix(2), prefix(9)}


def test_the_largest_prefix_that_passed_lands_whole() -> None:
    """What is shorter is part of it."""
    assert propose(queue(6, passed=frozenset({prefix(2), prefix(4)}))).land == prefix(4)


def test_a_prefix_that_failed_is_never_tested_again_and_nothing_longer_either() -> None:
    """The search goes on inside."""
    started = propose(queue(12, runners_count=8, failed=frozenset({prefix(5)}))).start
    assert started
    assert all(each < prefix(5) for each in started)


def test_a_run_that_contains_a_known_failure_is_stopped() -> None:
    """Whatever it says, it would say it of a tree that fails."""
    running = (Running(id="a", members=prefix(9), started_at_seconds=0.0),)
    assert propose(queue(12, runners_count=2, running=running, failed=frozenset({prefix(5)}))).cancel == ("a",)


def test_a_run_whose_assumptions_hold_is_never_stopped() -> None:
    """Not even when the order has changed since: a newcomer with priority goes first, and the run goes on."""
    running = (Running(id="a", members=prefix(2), started_at_seconds=0.0),)
    seen = queue(2, runners_count=2, running=running)
    newcomer = waiting(3, priority=5)
    seen = Snapshot(now_seconds=1.0, waiting=(*seen.waiting, newcomer), runners_count=2, running=running)
    proposal = propose(seen)
    assert proposal.cancel == ()
    assert frozenset({3}) <= proposal.start[0]


def test_the_last_suspect_is_sent_back() -> None:
    """It fails on the tip, by itself, and the tip passes."""
    assert propose(queue(3, failed=frozenset({prefix(1)}))).reject == (1,)


def test_nobody_is_sent_back_before_the_tip_is_known_to_pass() -> None:
    """The tip is tested first."""
    proposal = propose(queue(3, tip_passed=None, failed=frozenset({prefix(1)})))
    assert proposal.reject == ()
    assert proposal.start[0] == frozenset()


def test_on_a_red_tip_nothing_is_tested_or_blamed() -> None:
    """A run on a red base says nothing about a change."""
    running = (Running(id="a", members=prefix(2), started_at_seconds=0.0),)
    proposal = propose(queue(3, tip_passed=False, failed=frozenset({prefix(1)}), running=running))
    assert (proposal.reject, proposal.start, proposal.land) == ((), (), frozenset())
    assert proposal.cancel == ("a",)


def test_what_does_not_merge_onto_the_tip_is_sent_back_without_a_run() -> None:
    """Git has said so."""
    assert propose(queue(2, merge_conflicts=frozenset({frozenset({2})}))).reject == (2,)


def test_a_change_that_only_conflicts_with_one_before_it_waits_for_that_one() -> None:
    """It is neither tested with it nor blamed."""
    seen = queue(0, waiting=(waiting(1), waiting(2, apart_from=frozenset({1})), waiting(3)), runners_count=4)
    assert all(2 not in each for each in propose(seen).start)


def test_a_stack_is_tested_and_landed_from_the_bottom() -> None:
    """A child rides with what it needs or not at all."""
    seen = queue(0, waiting=(waiting(1, held="draft"), waiting(2, needs=frozenset({1})), waiting(3)), runners_count=4)
    assert propose(seen).start == (frozenset({3}),)
    above = queue(0, waiting=(waiting(1), waiting(2, needs=frozenset({1}))), passed=frozenset({frozenset({2})}))
    assert propose(above).land == frozenset()


def test_a_doubted_failure_is_run_again_first() -> None:
    """And nothing is cut from it meanwhile."""
    proposal = propose(queue(8, runners_count=2, once_more=frozenset({prefix(4)})))
    assert proposal.start[0] == prefix(4)


def test_a_doubted_failure_is_not_run_again_when_something_in_it_is_known_to_fail() -> None:
    """It would be begun and stopped for ever."""
    seen = queue(3, tip_passed=None, runners_count=2, once_more=frozenset({prefix(2)}), failed=frozenset({prefix(1)}))
    assert prefix(2) not in propose(seen).start


def test_never_more_than_the_configured_number_rides_in_one_run() -> None:
    """However sure everybody is."""
    seen = queue(0, waiting=tuple(waiting(each, pass_ratio=1.0) for each in range(1, 100)))
    assert max(len(each) for each in plan(seen, Options(most_count=10), Memory()).start) <= 10


def test_an_empty_queue_asks_for_nothing() -> None:
    """There is nothing to do."""
    assert propose(queue(0)) == Proposal()


def test_what_is_known_to_fail_shifts_all_probabilities() -> None:
    """Given that five fail together, four pass with (q4 - q5) / (1 - q5)."""
    order = [waiting(each) for each in range(1, 8)]
    ratios = pass_ratios(order, 5)
    assert ratios[0] == pytest.approx(1.0)
    assert ratios[4] == pytest.approx((0.87**4 - 0.87**5) / (1 - 0.87**5))
    assert ratios[5] == pytest.approx(0.0)
