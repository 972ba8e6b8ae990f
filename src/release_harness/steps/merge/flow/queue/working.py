"""What a worker does with one recorded run: run the gate on exactly that tree, and record what it said."""

from typing import Protocol

from release_harness.kernel.errors import HarnessError
from release_harness.kernel.identity import Actor
from release_harness.ledger.door import LedgerDoor
from release_harness.steps.merge.flow.queue.needs import QueueGate
from release_harness.steps.merge.model import Place, RunOutcome, TreeRun
from release_harness.steps.merge.model.queued import GateAnswer, QueueRun, RunAnswer, RunState


class WorkNeeds(Protocol):
    """What working off a run needs."""

    @property
    def ledger(self) -> LedgerDoor:
        """Where the run is recorded."""
        ...

    @property
    def actor(self) -> Actor:
        """Who runs it."""
        ...


def work_off(needs: WorkNeeds, gate: QueueGate, run_id: str) -> RunAnswer | None:
    """Run the gate for one recorded run and record the answer; None when it is not to be run any more."""
    from release_harness.steps.merge import store

    ledger = needs.ledger.open()
    with ledger.read() as connection:
        run = store.runs.run_of(connection, run_id)
    if run is None or run.state is not RunState.OPEN:
        return None
    try:
        answer = _answer(gate, run)
    except HarnessError as error:
        says = f"{error.says} {error.hint}".strip()
        silent = GateAnswer(gate=run.order.gate, outcome=RunOutcome.INFRA)
        answer = RunAnswer(run=run.id, outcome=RunOutcome.INFRA, answers=(silent,), says=says)
    ledger.append(store.runs.run_ended(run.order, answer, needs.actor))
    return answer


def _answer(gate: QueueGate, run: QueueRun) -> RunAnswer:
    """Run the gate of the base, and then the one that the tree brings, when that is another one."""
    order = run.order
    place = Place(branch=order.branch, remote=order.remote)
    first = gate.run(order.commit, order.tip, place, anew=order.anew)
    if first.tree != order.tree:
        says = f"the gate ran on {first.tree[:12]} and not on {order.tree[:12]}"
        first = TreeRun(tree=order.tree, outcome=RunOutcome.INFRA, says=says)
    answers = [GateAnswer(gate=order.gate, outcome=first.outcome)]
    evidence, last = first.evidence, first
    if order.gate_after != order.gate and first.outcome is RunOutcome.PASSED:
        last = gate.run(order.commit, order.commit, place, anew=True)
        answers.append(GateAnswer(gate=order.gate_after, outcome=last.outcome))
        evidence = (*evidence, *last.evidence)
    return RunAnswer(
        run=run.id,
        outcome=last.outcome,
        answers=tuple(answers),
        evidence=evidence,
        failed=last.failed,
        says=last.says,
        took_seconds=first.took_seconds,
    )
