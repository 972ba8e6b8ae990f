"""Scouts: free runners try groups ahead, suspects are set aside, and what was cleared rides in the next landing."""

from release_harness.steps.merge.model.queue import Memory, Options, Proposal, Running, Snapshot, Waiting
from release_harness.steps.merge.plan.scout import plan


def waiting(number: int, **more: object) -> Waiting:
    """Return a waiting change."""
    return Waiting(number=number, arrived_at_seconds=0.0, **{"pass_ratio": 0.87, **more})  # type: ignore[arg-type]


def propose(count: int, runners_count: int = 1, cleared: frozenset[int] = frozenset(), **more: object) -> Proposal:
    """Ask the planner about a queue of that many changes."""
    values = {
        "now_seconds": 0.0,
        "waiting": tuple(waiting(each, cleared=each in cleared) for each in range(1, count + 1)),
        "runners_count": runners_count,
        "tip_passed": True,
    }
    return plan(Snapshot(**{**values, **more}), Options(), Memory())  # type: ignore[arg-type]


def numbers(*each: int) -> frozenset[int]:
    """Return a set of changes."""
    return frozenset(each)


def test_the_first_runner_tests_what_lands_the_most_on_average() -> None:
    """Among prefixes that pass likely enough, the one with the largest product of length and probability."""
    assert propose(12).start == (frozenset(range(1, 6)),)


def test_further_runners_try_groups_that_share_no_member() -> None:
    """Each answers a question of its own."""
    first, second, third = propose(16, runners_count=3).start
    assert first == frozenset(range(1, 6))
    assert second == frozenset(range(6, 11))
    assert third == frozenset(range(11, 16))


def test_what_was_cleared_rides_in_the_landing_run_without_newcomers() -> None:
    """A landing of ten that passes with 0.8 is worth more than a gamble."""
    assert propose(12, cleared=frozenset(range(1, 11))).start == (frozenset(range(1, 11)),)


def test_suspects_are_set_aside_and_halved_while_the_others_go_on() -> None:
    """Nobody behind them waits for the search."""
    start = propose(12, runners_count=2, suspected=frozenset({numbers(1, 2, 3, 4)})).start
    assert start[0] == numbers(1, 2)
    assert start[1] == frozenset(range(5, 10))


def test_the_oldest_is_served_first_when_there_is_one_runner() -> None:
    """A search is not put off for ever by newcomers."""
    assert propose(12, suspected=frozenset({numbers(1, 2, 3, 4)})).start == (numbers(1, 2),)


def test_a_group_that_somebody_looks_into_is_not_halved_again() -> None:
    """Until that run has ended."""
    running = (Running(id="a", members=numbers(1, 2), started_at_seconds=0.0),)
    start = propose(4, runners_count=2, running=running, suspected=frozenset({numbers(1, 2, 3, 4)})).start
    assert numbers(1, 2) not in start


def test_a_small_landing_waits_for_a_larger_one_that_is_being_tested() -> None:
    """It would make the larger one stale; it lands with or after it."""
    running = (Running(id="a", members=numbers(3, 4, 5), started_at_seconds=0.0),)
    waits = propose(5, runners_count=1, running=running, passed=frozenset({numbers(1)}))
    assert waits.land == frozenset()
    assert propose(5, passed=frozenset({numbers(1)})).land == numbers(1)


def test_a_hint_sends_nobody_back() -> None:
    """Only a failure on the present tip does."""
    assert propose(2, suspected=frozenset({numbers(1)})).reject == ()
    assert propose(2, failed=frozenset({numbers(1)})).reject == (1,)


def test_a_scout_takes_along_what_its_members_need() -> None:
    """Half a stack is no tree that could ever land."""
    stack = (waiting(1), waiting(2), waiting(3, needs=numbers(2)))
    seen = Snapshot(now_seconds=0.0, waiting=stack, runners_count=3, suspected=frozenset({numbers(3)}))
    assert numbers(2, 3) in plan(seen, Options(), Memory()).start
    assert numbers(3) not in plan(seen, Options(), Memory()).start


def test_nothing_is_tested_that_contains_a_known_failure() -> None:
    """It would be begun and stopped for ever."""
    known = frozenset({numbers(1, 2), numbers(2, 3)})
    for start in propose(5, runners_count=5, failed=known).start:
        assert not any(each <= start for each in known)


def test_what_is_built_upon_a_suspect_is_set_aside_with_it() -> None:
    """The others go on without both."""
    stack = (waiting(1), waiting(2, needs=numbers(1)), waiting(3))
    seen = Snapshot(now_seconds=0.0, waiting=stack, runners_count=3, suspected=frozenset({numbers(1)}))
    assert numbers(3) in plan(seen, Options(), Memory()).start
