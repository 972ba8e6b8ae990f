"""One landing, once it is known what is meant, and the reports that it can end with."""

from dataclasses import replace
from datetime import timedelta

from release_harness.kernel.digests import CommitId
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import record
from release_harness.kernel.verdict import NextAction, Outcome
from release_harness.steps.merge.flow import records
from release_harness.steps.merge.flow.needs import LandNeeds
from release_harness.steps.merge.model import Already, LandFacts, Landing, LandReport, Place, Refusal


@record
class LandOrder:
    """What is to be landed, where, and how."""

    revision: str = ""
    onto: str = ""
    remote: str = ""
    dry_run: bool = False
    may_run: bool = True
    wait: timedelta = timedelta(0)


@record
class Job:
    """One landing, once it is known what is meant."""

    order: LandOrder
    place: Place
    head: CommitId
    branch: str
    name: str


def landed_report(job: Job, landing: Landing, notes: tuple[str, ...], *, recovered: bool = False) -> LandReport:
    """Say that it landed, with the proof."""
    proof = landing.proof
    forced = ", FORCED by break-glass" if proof.forced else ""
    return LandReport(
        outcome=Outcome.PASS,
        says=f"Landed {show_text(job.name)} on {show_text(job.place.name)} as {proof.tip_after[:12]}{forced}.",
        place=job.place,
        revision=job.order.revision,
        landed=True,
        recovered=recovered,
        proof=proof,
        event=landing.event,
        notes=notes,
    )


def already_report(needs: LandNeeds, job: Job, step: Already, finished: tuple[Landing, ...]) -> LandReport:
    """Say that it is there, with the proof if this head was landed by rh."""
    mine = next((each for each in finished if each.proof.head == job.head), None)
    if mine is not None:
        return landed_report(job, mine, (), recovered=True)
    earlier = records.earlier_landing(needs, job.place, job.head)
    return LandReport(
        outcome=Outcome.PASS,
        says=f"{show_text(job.name)} is on {show_text(job.place.name)} already: {step.how}. Nothing was done.",
        place=job.place,
        revision=job.order.revision,
        landed=True,
        already=True,
        proof=earlier.proof if earlier else None,
        event=earlier.event if earlier else "",
    )


def refused_report(needs: LandNeeds, job: Job, facts: LandFacts, refusal: Refusal) -> LandReport:
    """Record why it did not land, and say so; commands name the change, so that they can be copied as they are."""
    refusal = replace(refusal, next_actions=tuple(_with_name(each, job.name) for each in refusal.next_actions))
    event = "" if job.order.dry_run else records.record_refusal(needs, job.place, facts.look, refusal)
    return LandReport(
        outcome=refusal.outcome,
        says=refusal.says,
        place=job.place,
        revision=job.order.revision,
        landed=False,
        dry_run=job.order.dry_run,
        refusal=refusal,
        event=event,
    )


def _with_name(action: NextAction, name: str) -> NextAction:
    if action.command not in ("rh land", "rh evidence run"):
        return action
    from shlex import quote

    return replace(action, command=f"{action.command} {quote(show_text(name))}")
