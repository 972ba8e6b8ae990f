"""Searches every state that can be reached, holds each against the invariants, and sees that each can still come to an end."""

from collections import deque
from collections.abc import Iterator, Sequence

from release_harness.kernel.records import record
from release_harness.steps.merge.plan.planners import Planner
from release_harness.steps.merge.selftest.state import SmallWorld, State, begin, name_of
from release_harness.steps.merge.selftest.steps import fair_step, next_steps

_MOST_FAIR_STEPS = 400


@record
class Broken:
    """A state that breaks an invariant, and the shortest way to it."""

    says: str
    way: tuple[str, ...]


@record
class Searched:
    """What an exhaustive search has seen."""

    states_count: int
    steps_count: int
    broken: tuple[Broken, ...] = ()


def search(world: SmallWorld, planner: Planner | None, disturbances_count: int, most_broken_count: int = 3) -> Searched:
    """Visit every state that any order of events can reach, breadth first, so that the way to a fault is the shortest.

    Without a planner everything that can be proposed is, to see that the lander alone keeps the invariants.
    """
    first = begin(world, disturbances_count)
    came: dict[State, tuple[State, str] | None] = {first: None}
    waiting = deque((first,))
    live: set[State] = set()
    broken: list[Broken] = []
    steps_count = 0
    while waiting and len(broken) < most_broken_count:
        state = waiting.popleft()
        faults = [*faults_of(world, state), *(_stuck(world, planner, state, live) if planner else ())]
        broken += [Broken(says=says, way=_way(came, state)) for says in faults[:1]]
        for name, following in next_steps(world, planner, state):
            steps_count += 1
            fault = _step_fault(state, following, name)
            if fault:
                broken.append(Broken(says=fault, way=(*_way(came, state), name)))
            if following not in came:
                came[following] = (state, name)
                waiting.append(following)
    return Searched(states_count=len(came), steps_count=steps_count, broken=tuple(broken[:most_broken_count]))


def faults_of(world: SmallWorld, state: State) -> Iterator[str]:
    """Yield what is wrong in a state."""
    if len(state.runs) > world.runners_count:
        yield f"11: {len(state.runs)} runs on {world.runners_count} runners"
    for tree, by in state.tips:
        if by == "queue" and not world.is_good(tree):
            yield f"1: the queue moved the branch to a tree that fails: {sorted(tree)}"
    landed = {number for number, end in enumerate(state.ended) if end is not None and end.how == "landed"}
    for number, end in enumerate(state.ended):
        if end is None:
            continue
        name = name_of(number, state.queued[number])
        if end.how == "landed" and name not in state.tip:
            yield f"13: {number} is recorded as landed and is not on the branch"
        if end.how != "landed" and name in state.tip and (state.intent is None or number not in state.intent.members):
            yield f"5: {number} is on the branch and ended as {end.how}"
        if end.how == "landed" and not world.needs_of(number) <= landed:
            yield f"7: {number} landed without what it needs"
        if end.how == "failed" and (world.is_good(end.tree) or not world.is_good(end.base)):
            yield f"8: {number} was blamed wrongly on {sorted(end.base)}"


def worlds(*, quick: bool = False) -> Sequence[SmallWorld]:
    """Return the small worlds: every set of failing changes, with and without a conflict and a foreign push that breaks."""
    sets = [frozenset(), frozenset((0,)), frozenset((1,)), frozenset((2,)), frozenset((0, 1)), frozenset((1, 2))]
    plain = [SmallWorld(failing=each) for each in sets]
    if quick:
        return plain[:3]
    more = [
        SmallWorld(conflict=frozenset((0, 1))),
        SmallWorld(conflict=frozenset((1, 2))),
        SmallWorld(conflict=frozenset((0, 1)), failing=frozenset((2,))),
        SmallWorld(foreign_breaks=True),
    ]
    return [*plain, *more]


def _step_fault(before: State, after: State, name: str) -> str:
    """Return what is wrong with one step: an end that changes, or a landing in a freeze."""
    for number, (was, now) in enumerate(zip(before.ended, after.ended, strict=True)):
        if was is not None and was != now:
            return f"5: {number} ended as {was.how} and then as {now.how if now else 'nothing'}"
    if name == "a landing is written down" and before.frozen and after.intent is not None:
        late = after.intent.members - before.urgent
        if late:
            return f"10: {sorted(late)} would land in a freeze"
    return ""


def _stuck(world: SmallWorld, planner: Planner, state: State, live: set[State]) -> Iterator[str]:
    """Yield a fault when a state does not come to an end though nothing disturbs it any more."""
    path: list[State] = []
    here: State | None = state
    while here is not None and here not in live:
        path.append(here)
        if len(path) > _MOST_FAIR_STEPS:
            yield "liveness: the queue goes on and on"
            return
        step = fair_step(world, planner, here)
        here = step[1] if step is not None else None
    if here is None and path:
        last = path[-1]
        undecided = [number for number, end in enumerate(last.ended) if end is None]
        if undecided and world.is_good(last.tip):
            yield f"liveness: {undecided} never come to an end"
            return
    live.update(path)


def _way(came: dict[State, tuple[State, str] | None], state: State) -> tuple[str, ...]:
    names: list[str] = []
    here: State | None = state
    while here is not None:
        origin = came[here]
        here = None
        if origin is not None:
            here = origin[0]
            names.append(origin[1])
    return tuple(reversed(names))
