"""What a landing reads from the ledger and writes into it."""

from collections.abc import Sequence
from dataclasses import replace

from release_harness.kernel.digests import CommitId, TreeId
from release_harness.kernel.records import from_plain
from release_harness.steps.merge.flow.needs import LandNeeds
from release_harness.steps.merge.model import (
    Abandonment,
    CheckpointSeen,
    Draft,
    Intent,
    LandFacts,
    Landing,
    LandingProof,
    Look,
    Parent,
    Place,
    Refusal,
    RunOutcome,
    Suspects,
)


def record_intent(needs: LandNeeds, facts: LandFacts, draft: Draft, commit: CommitId, flaky: Sequence[str]) -> Intent:
    """Record what is about to happen, with the checkpoint of what judged it; begun twice, it is one event."""
    from release_harness.steps.merge import store

    ledger = needs.ledger.open()
    with ledger.read() as connection:
        begun = [each for each in store.open_intents(connection, facts.place) if each.proof.tip_after == commit]
        rounds = store.closed_rounds(connection, facts.place, commit)
    if begun:
        return begun[0]
    seen = ledger.checkpoint()
    checkpoint = CheckpointSeen(origin=seen.origin, size=seen.size, root=seen.root)
    proof = make_proof(facts, draft, commit, checkpoint, tuple(flaky))
    entry = ledger.append(store.landing_intended(proof, needs.actor, rounds))
    return Intent(event=entry.id, proof=from_plain(LandingProof, entry.payload))


def make_proof(
    facts: LandFacts, draft: Draft, commit: CommitId, checkpoint: CheckpointSeen, flaky: tuple[str, ...]
) -> LandingProof:
    """Put together which bytes land and what they were judged by."""
    look = facts.look
    assert look.change is not None  # noqa: S101 - a draft is only made of a change that is known
    run = look.run.evidence if look.run is not None and look.run.outcome is RunOutcome.PASSED else ()
    return LandingProof(
        remote=facts.place.remote,
        branch=facts.place.branch,
        method=draft.method,
        base=look.merge_base,
        tip_before=draft.tip,
        tip_after=commit,
        head=draft.head,
        change=look.change,
        result_tree=draft.tree,
        policy=look.policy,
        tier=look.tier,
        evidence=tuple(dict.fromkeys((*run, *look.evidence))),
        approvals=look.approvals,
        approvals_beside=look.approvals_beside,
        bypasses=look.bypasses,
        forced=look.forced,
        verdict=look.verdict.outcome,
        verdict_says=look.verdict.says,
        checkpoint=checkpoint,
        title=look.title,
        brief=look.brief,
        source=look.branch,
        flaky=flaky,
    )


def record_landed(needs: LandNeeds, intent: Intent) -> Landing:
    """Record that it happened; whoever records it first, there is one event."""
    from release_harness.steps.merge import store

    entry = needs.ledger.open().append(store.change_landed(intent, needs.actor))
    return Landing(event=entry.id, at=entry.at, proof=from_plain(LandingProof, entry.payload))


def record_abandoned(needs: LandNeeds, intent: Intent, because: Abandonment, says: str) -> None:
    """Record that an intended landing will not happen."""
    from release_harness.steps.merge import store

    needs.ledger.open().append(store.landing_abandoned(intent, needs.actor, because, says))


def record_intents(
    needs: LandNeeds, place: Place, made: Sequence[tuple[LandFacts, Draft, CommitId, TreeId | None]]
) -> tuple[Intent, ...]:
    """Record several landings that happen in one move, all or none; begun twice, each is one event.

    The tree of each is the one that was run, when that is a later one of the same move.
    """
    from release_harness.steps.merge import store

    intents = []
    with needs.ledger.open().write() as transaction:
        begun = {each.proof.tip_after: each for each in store.open_intents(transaction.connection, place)}
        seen = transaction.checkpoint()
        checkpoint = CheckpointSeen(origin=seen.origin, size=seen.size, root=seen.root)
        for facts, draft, commit, tested in made:
            if commit in begun:
                intents.append(begun[commit])
                continue
            proof = replace(make_proof(facts, draft, commit, checkpoint, ()), tested_tree=tested)
            rounds = store.closed_rounds(transaction.connection, place, commit)
            entry = transaction.append(store.landing_intended(proof, needs.actor, rounds))
            intents.append(Intent(event=entry.id, proof=from_plain(LandingProof, entry.payload)))
    return tuple(intents)


def record_all_landed(needs: LandNeeds, intents: Sequence[Intent]) -> tuple[Landing, ...]:
    """Record that they happened, all at once."""
    from release_harness.steps.merge import store

    with needs.ledger.open().write() as transaction:
        entries = [transaction.append(store.change_landed(each, needs.actor)) for each in intents]
    return tuple(Landing(event=each.id, at=each.at, proof=from_plain(LandingProof, each.payload)) for each in entries)


def record_refusal(needs: LandNeeds, place: Place, look: Look, refusal: Refusal, *, entry: int | None = None) -> str:
    """Record why a change did not land, and return the event; `entry` is its number in the queue, if it is in one."""
    from release_harness.steps.merge import store

    return needs.ledger.open().append(store.landing_refused(place, look, refusal, needs.actor, entry=entry)).id


def open_intents(needs: LandNeeds, place: Place) -> tuple[Intent, ...]:
    """Return what was begun on this branch and has no recorded outcome."""
    ledger = needs.ledger.existing()
    if ledger is None:
        return ()
    from release_harness.steps.merge import store

    with ledger.read() as connection:
        return store.open_intents(connection, place)


def earlier_landing(needs: LandNeeds, place: Place, head: CommitId) -> Landing | None:
    """Return the recorded landing of this head on this branch."""
    ledger = needs.ledger.existing()
    if ledger is None:
        return None
    from release_harness.steps.merge import store

    with ledger.read() as connection:
        return store.landing_of(connection, place, head)


def list_landings(needs: LandNeeds, place: Place, limit_count: int) -> tuple[Landing, ...]:
    """Return the latest landings on this branch, newest first."""
    ledger = needs.ledger.existing()
    if ledger is None:
        return ()
    from release_harness.steps.merge import store

    with ledger.read() as connection:
        return store.list_landings(connection, place, limit_count)


def look_up_parents(needs: LandNeeds, place: Place, look: Look) -> tuple[Parent, ...]:
    """Find out for each declared dependency whether it has landed: in the history of the tip, or in the ledger."""
    return tuple(_look_up_parent(needs, place, look, name) for name in look.depends_on)


def _look_up_parent(needs: LandNeeds, place: Place, look: Look, name: str) -> Parent:
    commit = needs.landing.commit_of(name)
    if commit is not None and needs.landing.is_ancestor(commit, look.tip):
        return Parent(name=name, landed=True)
    ledger = needs.ledger.existing()
    if ledger is None:
        return Parent(name=name, landed=False)
    from release_harness.steps.merge import store

    names = [str(commit)] if commit is not None else [name]
    with ledger.read() as connection:
        landed = any(store.has_landed(connection, place, each) for each in names)
        refused = (
            "" if landed else next(filter(None, (store.last_refusal(connection, place, each) for each in names)), "")
        )
    return Parent(name=name, landed=landed, refused=refused)


def name_changes(needs: LandNeeds, suspects: Suspects) -> Suspects:
    """Add the change digests of those suspects that the ledger knows as landings."""
    ledger = needs.ledger.existing()
    if ledger is None or not suspects.found:
        return suspects
    from release_harness.steps.merge import store

    with ledger.read() as connection:
        known = store.changes_of_commits(connection, tuple(each.commit for each in suspects.found))
    found = tuple(replace(each, change=known.get(each.commit)) for each in suspects.found)
    return replace(suspects, found=found)
