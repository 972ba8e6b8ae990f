"""What holds for every planner in every world: all is decided, no tip is red, nobody is sent back wrongly."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release_harness.steps.merge.model.queue import Memory, Options
from release_harness.steps.merge.plan.planners import PLANNERS
from release_harness.steps.merge.plan.simulation.run import Played, play, red_tips, wrong_rejections
from release_harness.steps.merge.plan.simulation.world import Change, World

STRICT = sorted(name for name, planner in PLANNERS.items() if planner.keeps_order)


@st.composite
def worlds(draw: st.DrawFn, *, lanes: bool = False) -> World:
    """Draw a small world with own failures, conflicts, stacks, and changes that do not merge."""
    count = draw(st.integers(0, 9))
    pairs = draw(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=4))
    areas = [draw(st.frozensets(st.sampled_from("abc"), min_size=1, max_size=2)) for _ in range(count)]
    everywhere = [draw(st.booleans()) for _ in range(count)]

    def meets(one: int, other: int) -> bool:
        if one == other or max(one, other) >= count:
            return False
        return not lanes or everywhere[one] or everywhere[other] or bool(areas[one] & areas[other])

    conflicts: dict[int, set[int]] = {}
    for one, other in pairs:
        if meets(one, other):
            conflicts.setdefault(one, set()).add(other)
            conflicts.setdefault(other, set()).add(one)
    arrivals = sorted(draw(st.lists(st.integers(0, 60), min_size=count, max_size=count)))
    return World(
        name="drawn",
        lanes=lanes,
        changes=tuple(
            Change(
                number=number,
                arrives_at_seconds=float(arrivals[number] * 60),
                code=draw(st.integers(1, 2**63 - 1)),
                fails=draw(st.booleans()) and draw(st.booleans()),
                conflicts=frozenset(conflicts.get(number, ())),
                unmergeable=draw(st.integers(0, 9)) == 0,
                pass_ratio=draw(st.sampled_from([0.5, 0.87, 0.99])),
                needs=frozenset({number - 1}) if not lanes and number and draw(st.integers(0, 3)) == 0 else frozenset(),
                areas=areas[number],
                commutes_never=everywhere[number] if lanes else True,
            )
            for number in range(count)
        ),
    )


def landed(played: Played) -> set[int]:
    """Return all that landed."""
    return {number for each in played.landings for number in each}


@pytest.mark.parametrize("name", sorted(PLANNERS))
@given(world=worlds(), runners_count=st.integers(1, 5))
@settings(max_examples=15, deadline=None)
def test_every_change_is_decided_once_and_rightly(name: str, world: World, runners_count: int) -> None:
    """All arrive at an end, no landing is red, and who was sent back does not pass on the final branch."""
    planner = PLANNERS[name]
    played = play(world, planner, planner.options, runners_count)
    assert sorted(each.number for each in played.decided) == list(range(len(world.changes)))
    assert red_tips(world, played) == 0
    assert list(wrong_rejections(world, played)) == []


@pytest.mark.parametrize("name", sorted(PLANNERS))
@given(world=worlds(lanes=True), runners_count=st.integers(1, 5))
@settings(max_examples=15, deadline=None)
def test_lanes_change_nothing_of_that(name: str, world: World, runners_count: int) -> None:
    """As long as changes that share no area do not conflict."""
    planner = PLANNERS[name]
    played = play(world, planner, planner.options, runners_count)
    assert len(played.decided) == len(world.changes)
    assert red_tips(world, played) == 0
    assert list(wrong_rejections(world, played)) == []


@pytest.mark.parametrize("name", STRICT)
@given(world=worlds(), runners_count=st.integers(1, 5))
@settings(max_examples=15, deadline=None)
def test_a_planner_that_keeps_the_order_lands_what_the_serial_queue_lands(
    name: str, world: World, runners_count: int
) -> None:
    """For any number of runners."""
    planner, serial = PLANNERS[name], PLANNERS["serial"]
    reference = play(world, serial, serial.options, 1)
    assert landed(play(world, planner, planner.options, runners_count)) == landed(reference)


def test_with_flakes_nobody_is_blamed_whose_tree_passed_when_it_was_run_again() -> None:
    """Every tree flakes once and passes the second time: all land, and the queue does not stand still."""
    changes = tuple(Change(number=number, arrives_at_seconds=0.0, code=number + 1) for number in range(6))
    world = World(name="flaky", changes=changes, flake_ratio=0.2)
    for name in ("pcut", "scout", "serial"):
        played = play(world, PLANNERS[name], Options(), 2)
        assert len(played.decided) == len(changes)
        assert red_tips(world, played) == 0


@pytest.mark.parametrize("name", sorted(PLANNERS))
@given(world=worlds(), runners_count=st.integers(1, 4))
@settings(max_examples=10, deadline=None)
def test_a_planner_that_forgets_everything_lands_the_same(name: str, world: World, runners_count: int) -> None:
    """As after a restart before every step: its memory saves time and decides nothing."""
    planner = PLANNERS[name]
    forgetful = replace(planner, plan=lambda seen, options, _memory: planner.plan(seen, options, Memory()))
    played = play(world, forgetful, planner.options, runners_count)
    assert len(played.decided) == len(world.changes)
    assert red_tips(world, played) == 0
    assert list(wrong_rejections(world, played)) == []
    if planner.keeps_order:
        assert landed(played) == landed(play(world, planner, planner.options, runners_count))


@pytest.mark.parametrize("name", sorted(PLANNERS))
@given(world=worlds(lanes=True), runners_count=st.integers(1, 4))
@settings(max_examples=10, deadline=None)
def test_changes_in_a_lane_of_their_own_alter_nothing_elsewhere(name: str, world: World, runners_count: int) -> None:
    """What lands of the others is what lands without them."""
    count = len(world.changes)
    beside = tuple(
        Change(
            number=count + index,
            arrives_at_seconds=10_000.0 + index,
            code=2**62 + index,
            fails=index == 1,
            areas=frozenset({"elsewhere"}),
            commutes_never=False,
        )
        for index in range(3)
    )
    planner = PLANNERS[name]
    together = landed(play(replace(world, changes=(*world.changes, *beside)), planner, planner.options, runners_count))
    alone = landed(play(world, planner, planner.options, runners_count))
    if planner.keeps_order:
        assert together & set(range(count)) == alone
    assert together - set(range(count)) == {count, count + 2}
