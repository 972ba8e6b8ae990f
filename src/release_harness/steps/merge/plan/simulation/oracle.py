"""What a queue could do that knew every outcome beforehand and kept the order of arrival; nothing to plan with, a yardstick."""

import heapq

from release_harness.steps.merge.plan.simulation.run import Decided, Played
from release_harness.steps.merge.plan.simulation.world import Change, World, is_good, run_seconds


def play_oracle(world: World, runners_count: int) -> Played:
    """Return one run for each change on the right base, first come, first served.

    A change is decided when its run has ended and every earlier change that it may conflict with is decided. It is no
    lower bound for a queue that may change the order; that one is arrival and own run.
    """
    free = [0.0] * runners_count
    landed: set[int] = set()
    decided: list[Decided] = []
    spent = 0.0
    for change in world.changes:
        starts = max(change.arrives_at_seconds, heapq.heappop(free))
        own: frozenset[int] = frozenset((change.number,))
        length = run_seconds(world, own, change.code)
        heapq.heappush(free, starts + length)
        spent += length
        earlier = [one.decided_at_seconds for one in decided if _may_conflict(world, world.changes[one.number], change)]
        lands = not change.unmergeable and change.needs <= landed and is_good(world, own, landed)
        landed |= own if lands else set()
        decided.append(
            Decided(
                number=change.number,
                landed=lands,
                arrived_at_seconds=change.arrives_at_seconds,
                decided_at_seconds=max([starts + length, *earlier]),
            )
        )
    return Played(
        decided=tuple(decided),
        landings=tuple(frozenset((each.number,)) for each in decided if each.landed),
        builds_count=len(decided),
        aborted_count=0,
        build_seconds=spent,
        ended_at_seconds=max((each.decided_at_seconds for each in decided), default=0.0),
        plans_count=0,
    )


def _may_conflict(world: World, one: Change, other: Change) -> bool:
    if not world.lanes or one.commutes_never or other.commutes_never:
        return True
    return not one.areas.isdisjoint(other.areas)
