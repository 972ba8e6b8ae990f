"""The command of a worker of the queue."""

from typing import Protocol

from release_harness.kernel.operations import AnyOperation, Effect, Operation
from release_harness.kernel.records import record
from release_harness.steps.merge.flow.gate import GateNeeds, ReviewGate
from release_harness.steps.merge.flow.queue.working import WorkNeeds, work_off
from release_harness.steps.merge.ports import WorkOrders


class WorkerNeeds(WorkNeeds, GateNeeds, Protocol):
    """What a worker needs."""

    @property
    def work_orders(self) -> WorkOrders:
        """What it is told to run."""
        ...


@record
class WorkInput:
    """Nothing is asked: the runs come on standard input."""


@record
class WorkReport:
    """How many runs were worked off (`rh.queue-work/1`)."""

    runs_count: int


def _work(needs: WorkerNeeds, request: WorkInput) -> WorkReport:
    del request
    gate = ReviewGate(needs)
    count = 0
    for run in needs.work_orders.listen():
        work_off(needs, gate, run)
        needs.work_orders.tell(run)
        count += 1
    return WorkReport(runs_count=count)


OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        name="queue work",
        summary="Work off the runs that a keeper names on standard input; started by `rh queue run`.",
        example="rh queue work",
        schema="rh.queue-work/1",
        input=WorkInput,
        output=WorkReport,
        handler=_work,
        effect=Effect.WRITE,
        text=lambda report, _view: f"Worked off {report.runs_count} runs.",
    ),
)
