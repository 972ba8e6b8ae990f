"""What holds for every planner in every world: all is decided, no tip is red, nobody is sent back wrongly."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release_harness.steps.merge.model.queue import Options
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
