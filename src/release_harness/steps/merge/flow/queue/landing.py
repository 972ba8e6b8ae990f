"""Lands a set of changes in one move: looks at each again, asks the lander, records intents, moves, records outcomes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from release_harness.kernel.digests import CommitId, TreeId
from release_harness.kernel.records import record
from release_harness.kernel.verdict import Outcome
from release_harness.steps.merge.flow import records
from release_harness.steps.merge.flow.act import recover, stands_on_of, swap_branch
from release_harness.steps.merge.flow.place import current_tip
from release_harness.steps.merge.flow.queue.chain import Chain
from release_harness.steps.merge.flow.queue.needs import QueueGate, QueueNeeds
from release_harness.steps.merge.flow.queue.view import View, heads_of, read_view, verdicts_on
from release_harness.steps.merge.lander import may_land
from release_harness.steps.merge.model import (
    Abandonment,
    Draft,
    Intent,
    Land,
    LandFacts,
    Landing,
    Look,
    MoveOutcome,
    PushAnswer,
    PushOutcome,
    Refusal,
    RefusalReason,
    Step,
)
from release_harness.steps.merge.model.landing import Candidate, LandingClaim, Overtaken
from release_harness.steps.merge.model.queue import Members
from release_harness.steps.merge.model.queued import QueueEntry, QueueSettings
from release_harness.steps.merge.rules import check_draft, decide, draft_commit, refuse_push, refuse_unbuildable

_WAIT = timedelta(minutes=10)


@record
class Made:
    """One change as it would land."""

    entry: QueueEntry
    facts: LandFacts
    draft: Draft
    commit: CommitId
    tested: TreeId | None
    """The tree that was run, when it is a later one of the same move."""


@record
class Landed:
    """What became of an attempt to land a set."""

    landings: tuple[Landing, ...] = ()
    blocked: QueueEntry | None = None
    """The change that kept the set from landing."""
    step: Step | None = None
    """What was decided for it."""
    facts: LandFacts | None = None
    uncovered: bool = False
    """True when the run of the set says nothing about it, since a later change touches its files."""
    says: tuple[str, ...] = ()
    moved: bool = False
    """True when the tip is another one by now, or the queue is: then it is looked at again."""


def land_set(
    needs: QueueNeeds, gate: QueueGate, view: View, chain: Chain, apart: Members, settings: QueueSettings
) -> Landed:
    """Land the changes of a chain; `apart` are those that wait for another change, and so are not overtaken."""
    with needs.landing_locks.hold(view.place, f"landing {len(chain.entries)} from the queue", _WAIT):
        needs.boundaries.reach("locked")
        recover(needs, view.place)
        needs.boundaries.reach("recovered")
        if current_tip(needs, view.place) != view.tip:
            return Landed(moved=True)
        needs.boundaries.reach("fetched")
        made = _make_all(needs, gate, view, chain)
        if isinstance(made, Landed):
            return made
        needs.boundaries.reach("built")
        # Looking at the changes takes a while: who waits, what is held and where the branches stand is read anew.
        fresh = read_view(needs, view.place, view.tip, view.terms)
        says = _objections(needs, gate, fresh, made, apart, settings)
        if says:
            return Landed(says=says, moved=_has_news(view, fresh))
        return _move(needs, view, made)


def _has_news(before: View, now: View) -> bool:
    return (before.waiting, before.heads, before.hold) != (now.waiting, now.heads, now.hold)


def _make_all(needs: QueueNeeds, gate: QueueGate, view: View, chain: Chain) -> list[Made] | Landed:
    """Look at each change on the one before it, and make the commits that land."""
    made: list[Made] = []
    tip = view.tip
    heads = heads_of(needs, chain.entries)
    for entry in chain.entries:
        last = entry is chain.entries[-1]
        look = gate.look(entry.asked.head, tip, view.place, entry.asked.source, covering=chain.commit)
        if not last and not _is_covered(needs, look, chain.tree):
            return Landed(blocked=entry, uncovered=True)
        facts = _facts(needs, view, look, made, heads[entry.number])
        needs.boundaries.reach("examined")
        step = decide(facts)
        if not last and isinstance(step, Refusal) and not _leaves_anyway(step):
            # What is missing may come of the run being that of others, too: it is tested as the last one before it is told.
            return Landed(blocked=entry, uncovered=True)
        if not isinstance(step, Land):
            return Landed(blocked=entry, step=step, facts=facts)
        draft = draft_commit(look, view.place)
        commit = needs.landing.build(draft) if draft is not None else None
        if draft is None or commit is None:
            return Landed(blocked=entry, step=refuse_unbuildable(look), facts=facts)
        tree = needs.landing.tree_of(commit)
        check_draft(facts, draft, tree=tree, first_parent=stands_on_of(needs, draft, commit))
        made.append(Made(entry=entry, facts=facts, draft=draft, commit=commit, tested=None if last else chain.tree))
        tip = commit
    needs.boundaries.reach("tested")
    return made


def _leaves_anyway(step: Refusal) -> bool:
    """Tell whether a refusal has nothing to do with what was run."""
    return step.reason in (RefusalReason.HEAD_CHANGED, RefusalReason.PARENT_REJECTED)


def _is_covered(needs: QueueNeeds, look: Look, tree: TreeId) -> bool:
    """Tell whether every file that a change touches has the same content in its own result and in the tree that was run."""
    if look.result_tree is None or look.gaps:
        return False
    return needs.landing.changed_paths(look.result_tree, tree).isdisjoint(look.files)


def _facts(needs: QueueNeeds, view: View, look: Look, before: Sequence[Made], head_now: CommitId | None) -> LandFacts:
    heads = {each.entry.asked.head for each in before}
    parents = tuple(
        replace(each, landed=each.landed or needs.landing.commit_of(each.name) in heads)
        for each in records.look_up_parents(needs, view.place, look)
    )
    there = look.result_tree is not None and look.result_tree == needs.landing.tree_of(look.tip)
    return LandFacts(
        place=view.place,
        look=look,
        head_now=head_now,
        already="the branch holds the same content" if there else "",
        parents=parents,
    )


def _objections(
    needs: QueueNeeds, gate: QueueGate, view: View, made: Sequence[Made], apart: Members, settings: QueueSettings
) -> tuple[str, ...]:
    """Ask the lander; what it says is all that stands between a proposal and the act."""
    last = made[-1]
    members = {each.entry.number for each in made}
    granted = may_land(
        LandingClaim(
            tip=view.tip,
            tip_now=current_tip(needs, view.place),
            tree=last.draft.tree,
            candidates=tuple(_candidate(view, each) for each in made),
            gate=view.terms.gate,
            gate_after=gate.terms(last.commit, view.place).gate,
            environment=view.terms.environment,
            verdicts=verdicts_on(needs, {last.draft.tree}),
            behind=tuple(
                Overtaken(
                    number=each.number,
                    count=each.overtaken_count,
                    held=bool(view.held(each)) or each.number in apart,
                )
                for each in view.waiting
                if each.number not in members
            ),
            most_overtakes_count=settings.most_overtakes_count,
        )
    )
    return tuple(f"{each.says} (invariant {each.invariant.value})" for each in granted.objections)


def _candidate(view: View, made: Made) -> Candidate:
    entry = made.entry
    present = view.by_number()
    waits = entry.number in present
    return Candidate(
        number=entry.number,
        head=entry.asked.head,
        head_now=view.heads[entry.number] if waits else made.facts.head_now,
        waits=waits,
        may_pass=made.facts.look.verdict.outcome is Outcome.PASS,
        on_branch=bool(made.facts.already),
        needs=frozenset(each for each in entry.asked.needs if each in present),
        held=view.held(entry),
        emergency=bool(entry.asked.emergency),
    )


def _move(needs: QueueNeeds, view: View, made: Sequence[Made]) -> Landed:
    """Record what is intended, move the branch once, record what happened."""
    rows = [(each.facts, each.draft, each.commit, each.tested) for each in made]
    intents = records.record_intents(needs, view.place, rows)
    needs.boundaries.reach("intended")
    answer, _blocked = swap_branch(needs, view.place, made[-1].commit, view.tip)
    if answer.outcome is PushOutcome.STALE:
        _give_up(needs, intents, Abandonment.TIP_MOVED, answer.says)
        return Landed(moved=True)
    if answer.outcome is not PushOutcome.DONE:
        _give_up(needs, intents, Abandonment.REFUSED, answer.says)
        return _not_taken(view, made, answer)
    needs.boundaries.reach("pushed")
    says: tuple[str, ...] = ()
    if view.place.remote:
        moved = needs.landing.move(view.place.branch, made[-1].commit, None)
        if moved.outcome in (MoveOutcome.BLOCKED, MoveOutcome.STALE):
            says = (f"The remote has it; the local branch was left behind: {moved.says}",)
    needs.boundaries.reach("moved")
    landings = records.record_all_landed(needs, intents)
    needs.boundaries.reach("recorded")
    return Landed(landings=landings, says=says)


def _not_taken(view: View, made: Sequence[Made], answer: PushAnswer) -> Landed:
    """The other side did not take the commits: one change alone is sent back when it said no, several land singly."""
    if answer.outcome is PushOutcome.REFUSED and view.place.remote:
        refusal: Refusal = refuse_push(view.place, answer)
        first = made[0]
        if len(made) == 1:
            return Landed(blocked=first.entry, step=refusal, facts=first.facts)
        return Landed(blocked=first.entry, uncovered=True, says=(refusal.says,))
    return Landed(says=(f"The branch could not be moved: {answer.says}",))


def _give_up(needs: QueueNeeds, intents: Sequence[Intent], because: Abandonment, says: str) -> None:
    for each in intents:
        records.record_abandoned(needs, each, because, says)
