"""The product's queue: each change on all ahead of it, with the batches and the failure depth that products offer."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release_harness.steps.merge.model.queue import Memory, Options, Proposal, Running, Snapshot, Waiting
from release_harness.steps.merge.plan.planners import PLANNERS
from release_harness.steps.merge.plan.prefix import plan
from release_harness.steps.merge.plan.simulation.run import Played, play, red_tips, wrong_rejections
from release_harness.steps.merge.plan.simulation.world import Change, World

PREFIX = PLANNERS["prefix"]
DEEP = Options(failure_depth=2)
BATCHES = Options(batch_count=2)


def sets(*members: str) -> frozenset[frozenset[int]]:
    """Return sets of numbers: `12` is the set of 1 and 2."""
    return frozenset(frozenset(int(digit) for digit in each) for each in members)


def queue(count: int, **more: object) -> Snapshot:
    """Return a queue of so many changes, with runners for all."""
    waiting = tuple(Waiting(number=n, arrived_at_seconds=0.0, pass_ratio=0.87) for n in range(1, count + 1))
    return Snapshot(**{"now_seconds": 0.0, "waiting": waiting, "runners_count": 9, "tip_passed": True, **more})  # type: ignore[arg-type]


def propose(seen: Snapshot, options: Options, *stack: str) -> Proposal:
    """Ask the planner, which remembers that these batches were begun, in this order."""
    return plan(seen, options, Memory(stack=tuple(frozenset(map(int, each)) for each in reversed(stack))))


def going(*members: str) -> tuple[Running, ...]:
    """Return runs of these sets, named by their members."""
    return tuple(
        Running(id=each, members=frozenset(map(int, each)), started_at_seconds=0.0, holds=True) for each in members
    )


def test_a_failed_head_waits_for_so_many_later_runs() -> None:
    """Until then nobody is sent back, and what is built on it goes on."""
    seen = queue(3, failed=sets("1"), running=going("12", "123"))
    proposal = propose(seen, DEEP)
    assert (proposal.reject, proposal.land, proposal.cancel, proposal.start) == ((), frozenset(), (), ())
    one_more = propose(queue(3, failed=sets("1", "12"), running=going("123")), DEEP)
    assert (one_more.reject, one_more.cancel) == ((), ())


def test_a_failed_head_is_sent_back_when_those_later_runs_have_failed_too() -> None:
    """The depth was two."""
    assert propose(queue(3, failed=sets("1", "12", "123")), DEEP).reject == (1,)


def test_a_failed_head_with_fewer_changes_behind_it_waits_for_those_only() -> None:
    """Nobody waits for runs that will never be."""
    assert propose(queue(1, failed=sets("1")), DEEP).reject == (1,)
    assert propose(queue(2, failed=sets("1"), running=going("12")), DEEP).reject == ()
    assert propose(queue(2, failed=sets("1", "12")), DEEP).reject == (1,)


def test_a_later_pass_carries_the_failed_head() -> None:
    """The tree with both passed, so both land, as that tree."""
    assert propose(queue(3, failed=sets("1"), passed=sets("12")), DEEP).land == frozenset({1, 2})
    assert propose(queue(3, failed=sets("1", "12"), passed=sets("123")), DEEP).land == frozenset({1, 2, 3})


def test_without_a_depth_a_later_pass_carries_nobody() -> None:
    """A failed head is sent back at once."""
    assert propose(queue(2, failed=sets("1"), passed=sets("12")), Options()).reject == (1,)


def test_what_does_not_commute_alone_counts_as_later() -> None:
    """In lanes, what never meets the failed change says nothing about it."""
    lane = {"areas": frozenset({"a"}), "commutes_never": False}
    other = {"areas": frozenset({"b"}), "commutes_never": False}
    waiting = tuple(
        Waiting(number=number, arrived_at_seconds=0.0, pass_ratio=0.87, **kind)  # type: ignore[arg-type]
        for number, kind in ((1, lane), (2, other), (3, other), (4, lane))
    )
    seen = queue(0, waiting=waiting, lanes=True, failed=sets("1"), running=going("14", "2", "23"))
    assert propose(seen, DEEP).reject == ()
    assert propose(replace(seen, failed=sets("1", "14"), running=going("2", "23")), DEEP).reject == (1,)


def test_batches_stand_on_each_other() -> None:
    """Two by two, the last one as it is."""
    assert propose(queue(5), BATCHES).start == tuple(frozenset(range(1, end + 1)) for end in (2, 4, 5))


def test_a_passed_batch_lands_whole() -> None:
    """Nothing is ahead of it."""
    assert propose(queue(4, passed=sets("12")), BATCHES, "12", "34").land == frozenset({1, 2})


def test_a_failed_batch_at_the_head_is_halved() -> None:
    """Its first half is tested alone; the second half is known to fail with it, and nobody's base."""
    proposal = propose(queue(4, failed=sets("12"), running=going("1234")), BATCHES, "12", "34")
    assert set(proposal.start) == {frozenset({1}), frozenset({1, 3, 4})}
    assert proposal.cancel == ("1234",)


def test_a_batch_of_four_is_halved_until_one_is_left() -> None:
    """Each half is smaller, and what is known of the whole is never asked again."""
    four = Options(batch_count=4)
    assert propose(queue(4, failed=sets("1234")), four, "1234").start == (frozenset({1, 2}),)
    assert propose(queue(4, failed=sets("1234", "12")), four, "1234").start == (frozenset({1}), frozenset({1, 3, 4}))
    assert propose(queue(4, failed=sets("1234", "12", "1")), four, "1234").reject == (1,)


def test_a_half_that_is_left_of_a_failed_batch_takes_in_no_newcomer() -> None:
    """1 has landed out of the failed 1 and 2; 2 is known to fail, and would pull the next one down with it."""
    proposal = propose(queue(0, waiting=queue(4).waiting[1:], failed=sets("2")), BATCHES, "2", "34")
    assert proposal.reject == (2,)


def test_batches_that_were_begun_keep_their_members() -> None:
    """What runs stays what it is when the line moves up by an odd number."""
    first = propose(queue(5), BATCHES)
    assert [set(each) for each in first.memory.stack[::-1]] == [{1, 2}, {3, 4}, {5}]
    moved = queue(0, waiting=queue(6).waiting[2:], running=going("34", "345"))
    assert plan(moved, BATCHES, first.memory).cancel == ()


def test_a_batch_that_nobody_began_fills_up() -> None:
    """There was no runner for it; the newcomer rides along."""
    first = propose(queue(3, runners_count=1), BATCHES)
    assert first.start == (frozenset({1, 2}),)
    later = plan(queue(4, runners_count=2, running=going("12")), BATCHES, first.memory)
    assert later.start == (frozenset({1, 2, 3, 4}),)


def test_a_newcomer_that_goes_first_breaks_up_what_was_remembered() -> None:
    """The order of the line is what counts."""
    seen = queue(4)
    first = replace(seen.waiting[3], priority=5)
    changed = replace(seen, waiting=(*seen.waiting[:3], first))
    assert propose(changed, BATCHES, "12", "34").start[0] == frozenset({1, 4})


def test_a_failed_batch_waits_for_later_runs_before_it_is_halved() -> None:
    """The depth counts runs, and a batch is one run."""
    both = Options(batch_count=2, failure_depth=1)
    waits = propose(queue(4, failed=sets("12"), running=going("1234")), both, "12", "34")
    assert (waits.cancel, waits.start) == ((), ())
    assert propose(queue(4, failed=sets("12"), passed=sets("1234")), both, "12", "34").land == frozenset({1, 2, 3, 4})
    halved = propose(queue(4, failed=sets("12", "1234")), both, "12", "34")
    assert frozenset({1}) in halved.start


OPTIONS = st.builds(
    Options,
    batch_count=st.integers(1, 4),
    failure_depth=st.integers(0, 3),
    window_count=st.integers(1, 6),
    window_moves=st.booleans(),
)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw a small world in lanes or not, where only what meets can conflict."""
    count, lanes = draw(st.integers(0, 9)), draw(st.booleans())
    areas = [draw(st.frozensets(st.sampled_from("abc"), min_size=1, max_size=2)) for _ in range(count)]
    conflicts: dict[int, set[int]] = {}
    for one, other in draw(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=4)):
        if one != other and max(one, other) < count and (not lanes or areas[one] & areas[other]):
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
                fails=draw(st.integers(0, 2)) == 0,
                conflicts=frozenset(conflicts.get(number, ())),
                needs=frozenset({number - 1}) if not lanes and number and draw(st.integers(0, 4)) == 0 else frozenset(),
                areas=areas[number],
                commutes_never=not lanes,
            )
            for number in range(count)
        ),
    )


def landed(played: Played) -> set[int]:
    """Return all that landed."""
    return {number for each in played.landings for number in each}


@given(world=worlds(), options=OPTIONS, runners_count=st.integers(1, 5))
@settings(max_examples=200, deadline=None)
def test_with_any_options_all_are_decided_rightly(world: World, options: Options, runners_count: int) -> None:
    """No red tip, nobody sent back wrongly, and without lanes exactly what the serial queue lands."""
    played = play(world, PREFIX, options, runners_count)
    assert sorted(each.number for each in played.decided) == list(range(len(world.changes)))
    assert red_tips(world, played) == 0
    assert list(wrong_rejections(world, played)) == []
    if not world.lanes:
        serial = PLANNERS["serial"]
        assert landed(played) == landed(play(world, serial, serial.options, 1))


@pytest.mark.parametrize("depth", [1, 2])
def test_a_failure_depth_saves_changes_from_flakes(depth: int) -> None:
    """Trees that flake are carried by a later pass: that is what the product's option is for."""
    from release_harness.steps.merge.plan.retries import FlakePolicy

    changes = tuple(Change(number=n, arrives_at_seconds=60.0 * n, code=7919 * n * n + 17 * n + 1) for n in range(300))
    world = World(name="flaky", changes=changes, flake_ratio=0.1)
    at_once = FlakePolicy(flake_ratio=0.1, confirm_blame=False)
    believing = replace(at_once, flake_ratio=0.0)
    shallow, deep = (play(world, PREFIX, Options(failure_depth=each), 8, believing) for each in (0, depth))
    assert len(list(wrong_rejections(world, shallow))) > 10
    assert len(list(wrong_rejections(world, deep))) < len(list(wrong_rejections(world, shallow))) / 4
