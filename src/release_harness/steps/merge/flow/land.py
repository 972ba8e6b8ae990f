"""One landing from its lock to its outcome; cut off anywhere and started again, it ends in the same state."""

from dataclasses import replace

from release_harness.kernel.digests import CommitId
from release_harness.kernel.errors import NotFound
from release_harness.kernel.paths import show_text
from release_harness.kernel.verdict import Outcome
from release_harness.steps.merge.flow import records
from release_harness.steps.merge.flow.act import move_branch, recover
from release_harness.steps.merge.flow.job import Job, LandOrder, already_report, refused_report
from release_harness.steps.merge.flow.needs import Gate, LandNeeds
from release_harness.steps.merge.flow.place import current_tip, find_place
from release_harness.steps.merge.flow.settle import look_facts, settle
from release_harness.steps.merge.model import (
    Already,
    Land,
    Landing,
    LandReport,
    NeedRun,
    Refusal,
    RefusalReason,
)
from release_harness.steps.merge.rules import decide, pause_before, refuse_moving_tip

__all__ = ["LandOrder", "land", "list_landed"]

_LISTED = 50
_ABOUT_THE_MACHINE = (RefusalReason.INFRA, RefusalReason.TIMEOUT)


def land(needs: LandNeeds, gate: Gate, order: LandOrder) -> LandReport:
    """Land a change; raises for what cannot be understood or reached, returns a report for everything else."""
    place = find_place(needs, gate, order.onto, order.remote)
    head = needs.landing.commit_of(order.revision)
    if head is None:
        raise NotFound(
            code="REVISION_UNKNOWN",
            says=f"{show_text(order.revision or 'HEAD')!r} is not a commit of this repository.",
            hint="Name a branch or a commit: rh land my-branch",
            subject=order.revision,
        )
    branch = order.revision if needs.landing.commit_of(f"refs/heads/{order.revision}") else ""
    branch = branch or (needs.landing.current_branch() if order.revision in ("", "HEAD") else "")
    name = order.revision or branch or head[:12]
    job = Job(order=order, place=place, head=head, branch=branch, name=name)
    if order.dry_run:
        return _dry_run(needs, gate, job)
    with needs.landing_locks.hold(place, f"landing {name} at {head[:12]}", order.wait):
        needs.boundaries.reach("locked")
        finished = recover(needs, place)
        needs.boundaries.reach("recovered")
        return _attempts(needs, gate, job, finished)


def list_landed(needs: LandNeeds, gate: Gate, onto: str, remote: str) -> LandReport:
    """List the latest landings on a branch."""
    place = find_place(needs, gate, onto, remote)
    found = records.list_landings(needs, place, _LISTED)
    says = (
        f"{len(found)} landing{'s' if len(found) > 1 else ''} on {show_text(place.name)}, newest first."
        if found
        else f"Nothing was landed on {show_text(place.name)} yet."
    )
    return LandReport(outcome=Outcome.PASS, says=says, place=place, revision="", landed=False, landings=found)


def _attempts(needs: LandNeeds, gate: Gate, job: Job, finished: tuple[Landing, ...]) -> LandReport:
    """Try until it landed, is refused, or the tip moved too often."""
    notes: list[str] = []
    for attempt in range(1, _most_attempts(job) + 1):
        tip = current_tip(needs, job.place)
        needs.boundaries.reach("fetched")
        report = _attempt(needs, gate, job, tip, finished)
        if report is not None:
            return replace(report, attempts_count=attempt, notes=(*notes, *report.notes))
        notes.append(f"{show_text(job.place.name)} moved on from {tip[:12]} meanwhile; the change was judged again.")
        needs.progress.say(notes[-1])
        pause = pause_before(attempt, job.head)
        if pause is not None:
            needs.patience.wait(pause)
    look = gate.look(job.head, current_tip(needs, job.place), job.place, job.branch)
    refusal = refuse_moving_tip(job.place, _most_attempts(job))
    return replace(refused_report(needs, job, look_facts(needs, job, look), refusal), notes=tuple(notes))


def _most_attempts(job: Job) -> int:
    count = 1
    while pause_before(count, job.head) is not None:
        count += 1
    return count


def _attempt(needs: LandNeeds, gate: Gate, job: Job, tip: CommitId, finished: tuple[Landing, ...]) -> LandReport | None:
    """Judge and land on one tip; None when the tip moved before the change was there."""
    facts, step, flaky = settle(needs, gate, job, tip)
    needs.boundaries.reach("tested")
    if isinstance(step, Already):
        return already_report(needs, job, step, finished)
    if isinstance(step, Refusal):
        if step.reason in _ABOUT_THE_MACHINE or current_tip(needs, job.place) == tip:
            return refused_report(needs, job, facts, step)
        # What was found out is about a tip that is gone: nobody is told about it, the new tip is judged.
        return None
    return move_branch(needs, job, facts, flaky)


def _dry_run(needs: LandNeeds, gate: Gate, job: Job) -> LandReport:
    """Say what would happen; runs no tests, records and moves nothing."""
    tip = current_tip(needs, job.place)
    facts = look_facts(needs, job, gate.look(job.head, tip, job.place, job.branch))
    step = decide(facts)
    if isinstance(step, Refusal):
        return refused_report(needs, job, facts, step)
    if isinstance(step, Already):
        return replace(already_report(needs, job, step, ()), dry_run=True)
    name, place = show_text(job.name), show_text(job.place.name)
    says = f"{name} would land on {place} at {tip[:12]} as the tree {(facts.look.result_tree or '')[:12]}."
    if isinstance(step, NeedRun):
        says = f"The tests would be run on {step.tree.value} ({tip[:12]}) before anything is decided."
    return LandReport(
        outcome=Outcome.PASS if isinstance(step, Land) else Outcome.UNKNOWN,
        says=says,
        place=job.place,
        revision=job.order.revision,
        landed=False,
        dry_run=True,
    )
