"""Replaying a repository's own landings: they arrive as they did and pass, and failing attempts are drawn beside them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release_harness.steps.merge.plan.planners import PLANNERS
from release_harness.steps.merge.plan.simulation.history import (
    HistoryWorkload,
    PastChange,
    busiest_hour,
    commuting_ratio,
    history_world,
    join_pushes,
    most_touched,
)
from release_harness.steps.merge.plan.simulation.run import play, red_tips


def past(*seconds: float, author: str = "ana", **more: object) -> tuple[PastChange, ...]:
    """Return changes that came at these seconds."""
    values = {"author": author, "lines_count": 10, "areas": frozenset({"src/**"}), "commutes_never": False, **more}
    return tuple(PastChange(arrived_at_seconds=each, **values) for each in seconds)  # type: ignore[arg-type]


def workload(changes: tuple[PastChange, ...], fails: float, *, lanes: bool = False) -> HistoryWorkload:
    """Return a workload with one rate for all."""
    return HistoryWorkload(changes=changes, fail_ratios=(fails,) * len(changes), lanes=lanes)


def test_without_failures_exactly_the_landings_arrive_with_their_distances() -> None:
    """Nothing is made up that nobody asked for."""
    world = history_world(workload(past(1000.0, 1060.0, 5000.0), 0.0), 1)
    assert [each.arrives_at_seconds for each in world.changes] == [0.0, 60.0, 4000.0]
    assert not any(each.fails for each in world.changes)


def test_failing_attempts_come_before_what_landed_and_in_the_wanted_share() -> None:
    """A share of the attempts fails, and every landing still lands."""
    world = history_world(workload(past(*(600.0 * number for number in range(4000))), 0.2), 7)
    failed = sum(each.fails for each in world.changes)
    assert len(world.changes) - failed == 4000
    assert failed / len(world.changes) == pytest.approx(0.2, abs=0.02)
    arrivals = [each.arrives_at_seconds for each in world.changes]
    assert arrivals == sorted(arrivals)
    assert arrivals[0] == 0.0


def test_the_same_seed_is_the_same_world_and_another_one_is_not() -> None:
    """Planners are compared on paired draws."""
    asked = workload(past(*(600.0 * number for number in range(200))), 0.2)
    assert history_world(asked, 3) == history_world(asked, 3)
    assert history_world(asked, 3) != history_world(asked, 4)


def test_a_change_that_fails_more_often_has_worse_odds_in_the_world() -> None:
    """The planner is told what the counts say, and the draws follow it."""
    changes = past(0.0, 10.0)
    world = history_world(HistoryWorkload(changes=changes, fail_ratios=(0.5, 0.0)), 2)
    assert {each.pass_ratio for each in world.changes} == {0.5, 1.0}


@given(
    seconds=st.lists(st.integers(0, 20_000), max_size=12),
    fails=st.sampled_from([0.0, 0.1, 0.5]),
    seed=st.integers(0, 99),
    lanes=st.booleans(),
    name=st.sampled_from(sorted(PLANNERS)),
)
@settings(max_examples=60, deadline=None)
def test_every_planner_lands_exactly_what_landed(
    seconds: list[int], fails: float, seed: int, name: str, *, lanes: bool
) -> None:
    """In any history, and with lanes too."""
    changes = past(*sorted(float(each) for each in seconds))
    world = history_world(workload(changes, fails, lanes=lanes), seed)
    planner = PLANNERS[name]
    played = play(world, planner, planner.options, 2)
    assert sum(each.landed for each in played.decided) == len(changes)
    assert red_tips(world, played) == 0


def test_commits_of_one_push_are_one_change() -> None:
    """A rebase lands five commits in one second; nobody queued them one by one."""
    pushed = (*past(0.0, 1.0, 50.0), *past(55.0, author="bo"), *past(300.0))
    joined = join_pushes(pushed, 60.0)
    assert [each.arrived_at_seconds for each in joined] == [0.0, 55.0, 300.0]
    assert [each.lines_count for each in joined] == [30, 10, 10]


def test_a_joined_push_touches_what_all_its_commits_touch() -> None:
    """And commutes with nothing when one of them does not."""
    one, two = past(0.0, areas=frozenset({"a/**"})), past(5.0, areas=frozenset({"b/**"}), commutes_never=True)
    (joined,) = join_pushes((*one, *two), 60.0)
    assert joined.areas == {"a/**", "b/**"}
    assert joined.commutes_never


def test_the_busiest_hour_is_counted_from_any_minute() -> None:
    """Not by the clock on the wall."""
    assert busiest_hour(past(0.0, 3000.0, 3590.0, 3610.0, 9000.0)) == 3
    assert busiest_hour(()) == 0


def test_neighbours_that_share_no_area_could_go_in_lanes() -> None:
    """What everything depends on never could."""
    a, b = past(0.0, areas=frozenset({"a/**"})), past(1.0, areas=frozenset({"b/**"}))
    everywhere = past(2.0, areas=frozenset({"c/**"}), commutes_never=True)
    assert commuting_ratio((*a, *b, *everywhere)) == 0.5
    assert commuting_ratio(()) == 0.0
    assert most_touched((*a, *b, *a), 1) == (("a/**", 2),)
