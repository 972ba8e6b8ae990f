"""Searches every small world and says what was seen."""

from release_harness.kernel.errors import InputError
from release_harness.kernel.progress import Progress
from release_harness.kernel.verdict import Outcome
from release_harness.steps.merge.model.selftest import Fault, SelftestReport
from release_harness.steps.merge.plan.planners import PLANNERS, Planner
from release_harness.steps.merge.selftest.search import Searched, search, worlds
from release_harness.steps.merge.selftest.state import SmallWorld

_MOST_DISTURBANCES = 3


def search_queue(progress: Progress, planner: str, disturbances_count: int) -> SelftestReport:
    """Search all worlds with one planner; raises InputError for an unknown planner or a number that makes no sense."""
    found = _planner_of(planner)
    if not 0 <= disturbances_count <= _MOST_DISTURBANCES:
        raise InputError(
            code="SELFTEST_DISTURBANCES",
            says=f"{disturbances_count} disturbances cannot be searched.",
            hint=f"Take a number from 0 to {_MOST_DISTURBANCES}; 1 takes about half a minute.",
        )
    progress.start("Searching worlds", len(worlds()))
    searched: list[tuple[SmallWorld, Searched]] = []
    try:
        for world in worlds():
            searched.append((world, search(world, found, disturbances_count)))
            progress.advance()
    finally:
        progress.finish()
    return _report(planner, disturbances_count, searched)


def _planner_of(name: str) -> Planner:
    found = PLANNERS.get(name)
    if found is None:
        raise InputError(
            code="PLANNER_UNKNOWN", says=f"There is no planner {name!r}.", hint=f"Take one of {', '.join(PLANNERS)}."
        )
    return found


def _report(planner: str, disturbances_count: int, searched: list[tuple[SmallWorld, Searched]]) -> SelftestReport:
    faults = tuple(
        Fault(says=each.says, world=describe(world), way=each.way) for world, one in searched for each in one.broken
    )
    states = sum(one.states_count for _world, one in searched)
    steps = sum(one.steps_count for _world, one in searched)
    says = f"{states:,} states in {len(searched)} worlds, reached by {steps:,} steps: every invariant holds in each of them."
    if faults:
        says = f"{len(faults)} of {states:,} states break an invariant."
    return SelftestReport(
        outcome=Outcome.FAIL if faults else Outcome.PASS,
        says=says,
        planner=planner,
        disturbances=disturbances_count,
        worlds_count=len(searched),
        states_count=states,
        steps_count=steps,
        faults=faults,
    )


def describe(world: SmallWorld) -> str:
    """Say in words what is true in a world."""
    parts = [f"change {number} fails" for number in sorted(world.failing)]
    if world.conflict:
        parts.append(" and ".join(str(each) for each in sorted(world.conflict)) + " do not work together")
    parts += [f"{one} needs {other}" for one, other in world.needs]
    if world.foreign_breaks:
        parts.append("what somebody else pushes breaks the branch")
    return ", ".join(parts)
