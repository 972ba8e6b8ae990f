"""Keeps the queue of a branch until it is empty, or until somebody ends it; what it leaves, the next keeper goes on from."""

from dataclasses import replace
from datetime import timedelta

from release_harness.kernel.errors import InputError
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import record
from release_harness.kernel.verdict import NextAction, Outcome
from release_harness.steps.merge.flow.queue.keeper import Keeper
from release_harness.steps.merge.flow.queue.needs import QueueGate, QueueNeeds
from release_harness.steps.merge.flow.queue.reporting import list_queue
from release_harness.steps.merge.flow.queue.running import stop_run
from release_harness.steps.merge.model import Place
from release_harness.steps.merge.model.queued import QueueReport, QueueSettings, SentBack, Ticked
from release_harness.steps.merge.plan.planners import PLANNERS

_LOOK_AGAIN = timedelta(seconds=2)
_IDLE = timedelta(seconds=5)
_MOST_WORKERS = 256


@record
class _Counted:
    landed_count: int = 0
    runs_count: int = 0
    sent_back: tuple[SentBack, ...] = ()


def keep_queue(
    needs: QueueNeeds, gate: QueueGate, place: Place, settings: QueueSettings, *, until_empty: bool
) -> QueueReport:
    """Keep the queue; raises Conflict when another process keeps it."""
    _check(settings)
    with needs.queue_locks.keep(place, f"keeping the queue of {place.name}"):
        needs.runners.open(settings.workers_count)
        keeper = Keeper(needs, gate, place, settings)
        keeper.resume()
        try:
            return _loop(needs, keeper, place, until_empty=until_empty)
        finally:
            _stop_all(needs, place)


def _loop(needs: QueueNeeds, keeper: Keeper, place: Place, *, until_empty: bool) -> QueueReport:
    counted = _Counted()
    while True:
        ticked = keeper.tick()
        counted = _tell(needs, place, ticked, counted)
        if until_empty and not ticked.running_count and not ticked.did_something:
            return _report(needs, place, ticked, counted)
        needs.runners.wait(_LOOK_AGAIN if ticked.running_count else timedelta(0))
        if not ticked.running_count and not ticked.did_something:
            needs.patience.wait(_IDLE)


def _tell(needs: QueueNeeds, place: Place, ticked: Ticked, counted: _Counted) -> _Counted:
    """Say what happened, one line each, and count it."""
    for run in ticked.started:
        names = ", ".join(str(each.number) for each in run.order.members) or "the tip"
        needs.progress.say(f"{run.order.worker} tests {run.order.tree[:12]} ({names}, attempt {run.order.attempt}).")
    for landing in ticked.landed:
        title = show_text(landing.proof.title)
        needs.progress.say(f"landed {landing.proof.tip_after[:12]} on {show_text(place.name)}: {title}")
    for each in ticked.refused:
        needs.progress.say(f"{show_text(each.entry.name)}: {each.refusal.reason.value}. {each.refusal.says}")
    for says in ticked.says:
        needs.progress.say(says)
    return replace(
        counted,
        landed_count=counted.landed_count + len(ticked.landed),
        runs_count=counted.runs_count + len(ticked.started),
        sent_back=(
            *counted.sent_back,
            *(SentBack(name=each.entry.name, refusal=each.refusal) for each in ticked.refused),
        ),
    )


def _report(needs: QueueNeeds, place: Place, ticked: Ticked, counted: _Counted) -> QueueReport:
    listed = list_queue(needs, place)
    left = len(listed.lines)
    says = (
        f"{counted.landed_count} landed, {len(counted.sent_back)} left without landing, in {counted.runs_count} runs."
    )
    if not left:
        return replace(listed, says=f"{says} Nothing waits any more.", sent_back=counted.sent_back)
    why = (
        "the branch itself fails, and nobody is blamed for it"
        if ticked.base_red
        else "nothing can be tested or landed now"
    )
    do = "Mend the branch, or revert what broke it." if ticked.base_red else "`rh queue list` says what each waits for."
    return replace(
        listed,
        outcome=Outcome.UNKNOWN,
        says=f"{says} {left} wait: {why}.",
        notes=(*listed.notes, *ticked.says),
        sent_back=counted.sent_back,
        next_actions=(NextAction(do=do),),
    )


def _stop_all(needs: QueueNeeds, place: Place) -> None:
    """End every worker, and record the runs that were stopped by it."""
    from release_harness.steps.merge import store

    needs.runners.close()
    ledger = needs.ledger.existing()
    if ledger is None:
        return
    with ledger.read() as connection:
        running = store.runs.open_runs(connection, place)
    for run in running:
        stop_run(needs, run, "the keeper was ended")


def _check(settings: QueueSettings) -> None:
    if settings.planner not in PLANNERS:
        raise InputError(
            code="PLANNER_UNKNOWN",
            says=f"There is no planner {show_text(settings.planner)!r}.",
            hint=f"Take one of {', '.join(PLANNERS)}.",
        )
    if not 1 <= settings.workers_count <= _MOST_WORKERS:
        raise InputError(
            code="WORKERS_COUNT",
            says=f"{settings.workers_count} workers cannot be kept.",
            hint=f"Take a number from 1 to {_MOST_WORKERS}.",
        )
