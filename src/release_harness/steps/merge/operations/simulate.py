"""The command that plays the queue on a virtual clock."""

from dataclasses import field, replace
from typing import TYPE_CHECKING

from release_harness.kernel.operations import AnyOperation, Effect, Operation, option
from release_harness.kernel.records import record
from release_harness.steps.merge.model.simulation import Simulation
from release_harness.steps.merge.render.cost_plot import cost_svg
from release_harness.steps.merge.render.simulate import simulation_markdown, simulation_plain, simulation_text

if TYPE_CHECKING:
    from release_harness.steps.merge.flow.simulate import SimulateNeeds


@record
class SimulateInput:
    """Which queue is played, and by whom."""

    workload: str = field(
        default="team",
        metadata=option(
            "`team` of agents, big `monorepo`, or this repository's own `history`.", metavar="team|monorepo|history"
        ),
    )
    planner: tuple[str, ...] = field(
        default=(),
        metadata=option("A planner; repeatable. pcut, scout, prefix, bors and serial when left out.", metavar="NAME"),
    )
    runners: str = field(
        default="", metadata=option("Numbers of runners; 1,2,4,8, or 100,200,500 for a monorepo.", metavar="N,N,…")
    )
    seeds: int = field(default=12, metadata=option("Draws that every setting goes through.", metavar="COUNT"))
    per_hour: float | None = field(
        default=None, metadata=option("Changes an hour; 20, or 500 in a monorepo.", metavar="COUNT")
    )
    hours: float | None = field(
        default=None, metadata=option("Hours in which they come; 10, or 1 in a monorepo.", metavar="HOURS")
    )
    minutes: float | None = field(
        default=None,
        metadata=option("Median length of a run; as recorded, else 12, or 28 in a monorepo.", metavar="MINUTES"),
    )
    fails: float | None = field(
        default=None,
        metadata=option("Share that fails by itself; as recorded, else 0.10, or 0.06 in a monorepo.", metavar="SHARE"),
    )
    flakes: float = field(
        default=0.0, metadata=option("Share of runs that fail although the tree is good.", metavar="SHARE")
    )
    wait: float = field(default=60.0, metadata=option("Wanted P95 in minutes.", metavar="MINUTES"))
    branch: str = field(
        default="", metadata=option("Whose history; the branch that is checked out when left out.", metavar="BRANCH")
    )
    days: int = field(default=90, metadata=option("Days of history, up to its newest landing.", metavar="COUNT"))
    lanes: bool = field(
        default=False,
        metadata=option("Let changes of the history that share no top folder land independently of each other."),
    )
    svg: str = field(default="", metadata=option("Write the plot of cost against latency here.", metavar="FILE"))


def _simulate(needs: "SimulateNeeds", request: SimulateInput) -> Simulation:
    # numpy is loaded in here, and nowhere on the way of any other command of the queue.
    from release_harness.steps.merge.flow.simulate import SimulateOrder, simulate

    order = SimulateOrder(
        workload=request.workload,
        planners=request.planner,
        runners=request.runners,
        seeds_count=request.seeds,
        per_hour=request.per_hour,
        hours=request.hours,
        minutes=request.minutes,
        fail_ratio=request.fails,
        flake_ratio=request.flakes,
        wait_minutes=request.wait,
        branch=request.branch,
        days=request.days,
        lanes=request.lanes,
    )
    found = simulate(needs, order)
    plot = cost_svg(found) if request.svg else ""
    return replace(found, plot=needs.documents.write_document(request.svg, plot.encode())) if plot else found


OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        name="queue simulate",
        summary="Play the queue on a virtual clock, and say which planner with how many runners to take.",
        example="rh queue simulate --workload history --wait 60 --svg queue.svg",
        schema="rh.queue.simulate/1",
        input=SimulateInput,
        output=Simulation,
        handler=_simulate,
        effect=Effect.READ,
        text=simulation_text,
        markdown=simulation_markdown,
        plain=simulation_plain,
        outcome=lambda found: found.recommendation.outcome,
        details=(
            "The planners are those of the real queue; only the clock and the outcomes are made up. Every setting goes through "
            "the same draws. It passes with the cheapest setting whose P95 is within `--wait`, fails when there is none, and is "
            "unknown when the history has fewer than 50 landings. With `--workload history` changes arrive as this "
            "repository's landings did; the length of runs and the share of failures come from what is recorded, or from the "
            "options."
        ),
    ),
)
