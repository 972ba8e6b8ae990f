"""Moves the branch: intent, compare-and-swap, outcome; cut off between any two, it can be done again."""

from release_harness.kernel.digests import CommitId
from release_harness.steps.merge.flow import records
from release_harness.steps.merge.flow.job import Job, landed_report, refused_report
from release_harness.steps.merge.flow.needs import LandNeeds
from release_harness.steps.merge.flow.place import current_tip
from release_harness.steps.merge.model import (
    Abandonment,
    Draft,
    Intent,
    LandFacts,
    Landing,
    LandReport,
    Method,
    MoveOutcome,
    Place,
    PushAnswer,
    PushOutcome,
)
from release_harness.steps.merge.rules import (
    check_draft,
    draft_commit,
    refuse_push,
    refuse_unbuildable,
    refuse_work_tree,
)


def recover(needs: LandNeeds, place: Place) -> tuple[Landing, ...]:
    """Finish what an earlier command began: record what did land, give up what cannot land any more.

    What still stands on the current tip is left open: the same change begun again is the same landing.
    """
    begun = records.open_intents(needs, place)
    if not begun:
        return ()
    tip = current_tip(needs, place)
    finished = []
    standing = {tip}
    for intent in begun:
        commit = intent.proof.tip_after
        if needs.landing.commit_of(commit) is not None and needs.landing.is_ancestor(commit, tip):
            finished.append(_finish(needs, place, intent)[0])
        elif intent.proof.tip_before in standing:
            # Changes that land in one move stand on each other.
            standing.add(commit)
        else:
            records.record_abandoned(needs, intent, Abandonment.TIP_MOVED, f"{place.name} stands at {tip[:12]}")
    return tuple(finished)


def move_branch(needs: LandNeeds, job: Job, facts: LandFacts, flaky: tuple[str, ...]) -> LandReport | None:
    """Make the commit, record the intent, move the branch, record the outcome."""
    draft = draft_commit(facts.look, job.place)
    commit = needs.landing.build(draft) if draft is not None else None
    if draft is None or commit is None:
        return refused_report(needs, job, facts, refuse_unbuildable(facts.look))
    stands_on = stands_on_of(needs, draft, commit)
    check_draft(facts, draft, tree=needs.landing.tree_of(commit), first_parent=stands_on)
    needs.boundaries.reach("built")
    intent = records.record_intent(needs, facts, draft, commit, flaky)
    needs.boundaries.reach("intended")
    answer, blocked = swap_branch(needs, job.place, commit, draft.tip)
    if answer.outcome is PushOutcome.STALE:
        records.record_abandoned(needs, intent, Abandonment.TIP_MOVED, answer.says)
        return None
    if answer.outcome is not PushOutcome.DONE:
        records.record_abandoned(needs, intent, Abandonment.REFUSED, answer.says)
        refusal = refuse_work_tree(job.place, answer.says) if blocked else refuse_push(job.place, answer)
        return refused_report(needs, job, facts, refusal)
    needs.boundaries.reach("pushed")
    landing, notes = _finish(needs, job.place, intent)
    return landed_report(job, landing, notes)


def stands_on_of(needs: LandNeeds, draft: Draft, commit: CommitId) -> CommitId:
    """Return what the commit stands on: its first parent, or for a rebase the tip when it is below the whole row."""
    if draft.method is Method.REBASE:
        return draft.tip if needs.landing.is_ancestor(draft.tip, commit) else commit
    parents = needs.landing.parents_of(commit)
    return parents[0] if parents else commit


def swap_branch(needs: LandNeeds, place: Place, commit: CommitId, tip: CommitId) -> tuple[PushAnswer, bool]:
    """Move the branch by compare-and-swap; the flag says that a work tree was in the way."""
    if place.remote:
        return needs.landing.push(place, commit, tip), False
    moved = needs.landing.move(place.branch, commit, tip)
    if moved.outcome is MoveOutcome.DONE:
        return PushAnswer(outcome=PushOutcome.DONE), False
    if moved.outcome is MoveOutcome.BLOCKED and needs.landing.fetch_tip(place) == tip:
        return PushAnswer(outcome=PushOutcome.UNREACHABLE, says=moved.says), True
    return PushAnswer(outcome=PushOutcome.STALE, says=moved.says), False


def _finish(needs: LandNeeds, place: Place, intent: Intent) -> tuple[Landing, tuple[str, ...]]:
    """Bring the local branch along and record that the change landed; safe to do twice."""
    notes: tuple[str, ...] = ()
    if place.remote:
        moved = needs.landing.move(place.branch, intent.proof.tip_after, None)
        if moved.outcome in (MoveOutcome.BLOCKED, MoveOutcome.STALE):
            notes = (f"The remote has it; the local branch was left behind: {moved.says}",)
    needs.boundaries.reach("moved")
    landing = records.record_landed(needs, intent)
    needs.boundaries.reach("recorded")
    return landing, notes
