"""Begins, stops and ends runs; what is written down comes before what is done, and both can be done again."""

from release_harness.kernel.digests import CommitId, TreeId
from release_harness.steps.merge.flow.queue.blaming import Probe
from release_harness.steps.merge.flow.queue.chain import Chain
from release_harness.steps.merge.flow.queue.needs import QueueGate, QueueNeeds
from release_harness.steps.merge.flow.queue.view import View
from release_harness.steps.merge.lander import may_start
from release_harness.steps.merge.model import RunOutcome
from release_harness.steps.merge.model.queue import Members, Running
from release_harness.steps.merge.model.queued import (
    GateAnswer,
    GateTerms,
    MemberRef,
    QueueRun,
    RunAnswer,
    RunOrder,
)


def start_set(needs: QueueNeeds, gate: QueueGate, view: View, chain: Chain, *, anew: bool) -> QueueRun | None:
    """Begin the run of a set of changes, or of the tip itself; None when nobody is free or the tree is run already."""
    members = tuple(MemberRef(number=each.number, head=each.asked.head) for each in chain.entries)
    after = gate.terms(chain.commit, view.place).gate if members else view.terms.gate
    return _start(needs, view, members, (chain.tip, chain.commit), chain.tree, view.terms, after, anew=anew)


def start_probe(needs: QueueNeeds, view: View, probe: Probe) -> QueueRun | None:
    """Begin the run of a change on the commit that it began at."""
    commits = (probe.base, probe.entry.asked.head)
    return _start(needs, view, (), commits, probe.tree, probe.terms, probe.terms.gate, anew=probe.again)


def stop_run(needs: QueueNeeds, run: QueueRun, because: str) -> None:
    """Record that a run is stopped."""
    from release_harness.steps.merge import store

    needs.ledger.open().append(store.runs.run_stopped(run, because, needs.actor))


def end_lost(needs: QueueNeeds, view: View, lost: frozenset[str]) -> tuple[str, ...]:
    """Record the runs whose worker died before it could say anything: the machine is to blame, and nobody else."""
    from release_harness.steps.merge import store

    ended = []
    for run in view.open:
        if run.id not in lost:
            continue
        says = f"the worker {run.order.worker} died"
        answer = RunAnswer(
            run=run.id,
            outcome=RunOutcome.INFRA,
            answers=(GateAnswer(gate=run.order.gate, outcome=RunOutcome.INFRA),),
            says=says,
        )
        needs.ledger.open().append(store.runs.run_ended(run.order, answer, needs.actor))
        ended.append(run.id)
    for each in lost:
        needs.runners.done(each)
    return tuple(ended)


def is_useless(run: Running, waiting: Members, *, keeps_probes: bool) -> bool:
    """Tell whether nobody can use the result of a run any more, whatever a planner says."""
    if not run.members <= waiting:
        return True
    return not run.holds and not keeps_probes


def _start(
    needs: QueueNeeds,
    view: View,
    members: tuple[MemberRef, ...],
    commits: tuple[CommitId, CommitId],
    tree: TreeId,
    terms: GateTerms,
    after: str,
    *,
    anew: bool,
) -> QueueRun | None:
    """Record that a run begins and hand it to a free worker; cut off in between, the worker counts as lost."""
    from release_harness.kernel.digests import Sha256
    from release_harness.steps.merge import store

    ledger = needs.ledger.open()
    with ledger.read() as connection:
        running = store.runs.open_runs(connection, view.place)
        attempts = store.runs.attempts_on(connection, view.place, tree, terms)
    free = needs.runners.free()
    if any(each.order.tree == tree for each in running) or not free:
        return None
    if not may_start(len(running), len(needs.runners.names)).given:
        return None
    order = RunOrder(
        remote=view.place.remote,
        branch=view.place.branch,
        tip=commits[0],
        members=members,
        commit=commits[1],
        tree=tree,
        gate=terms.gate,
        gate_after=Sha256(after),
        environment=terms.environment,
        attempt=attempts + 1,
        worker=free[0],
        anew=anew,
    )
    entry = ledger.append(store.runs.run_began(order, needs.actor))
    needs.runners.begin(entry.id, free[0])
    return QueueRun(id=entry.id, seq=entry.seq, order=order, began_at=entry.at)
