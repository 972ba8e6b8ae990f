"""Approving, rejecting and breaking the glass: refuse who may not, show, sign, record, and say what it is worth."""

from dataclasses import replace
from typing import Protocol

from release_harness.kernel.digests import ChangeDigest, CommitId, TreeId
from release_harness.kernel.errors import InputError, NotAllowed
from release_harness.kernel.identity import Actor, ActorKind, ProofLevel
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import Plain, record
from release_harness.ledger.model import Entry, NewEvent
from release_harness.policy.model import Person
from release_harness.steps.changes.model import Change, ChangeSpec
from release_harness.steps.review.flow.examine import ExamineNeeds, examine
from release_harness.steps.review.model import (
    APPROVAL_NAMESPACE,
    Answer,
    AnswerOrder,
    CheckpointShown,
    Examination,
    ReviewDuty,
    ReviewGiven,
    SignatureCheck,
    Statement,
)
from release_harness.steps.review.ports import Nonces
from release_harness.steps.review.rules.answers import find_person, keys_of
from release_harness.steps.review.rules.duties import closable_duties
from release_harness.steps.review.rules.shown import name_change
from release_harness.steps.review.rules.statements import APPROVAL_SCHEMA, write_statement
from release_harness.steps.review.rules.worth import worth_of


class AnswerNeeds(ExamineNeeds, Protocol):
    """What recording an answer needs."""

    @property
    def actor(self) -> Actor:
        """Who runs the command, as far as the environment tells."""
        ...

    @property
    def nonces(self) -> Nonces:
        """One-time values for statements."""
        ...


def answer_change(needs: AnswerNeeds, spec: ChangeSpec, order: AnswerOrder) -> ReviewGiven:
    """Approve or reject exactly the content that the examination shows, and say at once what that is worth."""
    refuse_agents(needs.actor, "approve or reject a change")
    key = chosen_key(needs, order.key, unsigned=order.unsigned)
    examination = examine(needs, spec)
    person = known_person(needs.actor, examination)
    statement = _statement(needs, examination, spec, order, person)
    text = write_statement(statement)
    signature, check = sign_and_check(needs, text, APPROVAL_NAMESPACE, key, person, examination)
    proof = check.proof if check is not None and check.proof is not None else ProofLevel.LOGIN
    entry, closed = _record(needs, examination, statement, text, signature, proof)
    return _report(needs, spec, statement, entry, proof, closed)


def _statement(
    needs: AnswerNeeds, examination: Examination, spec: ChangeSpec, order: AnswerOrder, person: Person
) -> Statement:
    bound = signable(examination, spec, target=_duty_target(needs, examination))
    return Statement(
        schema=APPROVAL_SCHEMA,
        answer=order.answer,
        change=bound.change,
        result_tree=bound.result_tree,
        base=bound.base,
        target=bound.target,
        content=needs.review_repository.content_digest(examination.change.files),
        tier=examination.tier.tier,
        policy=examination.rules.digest,
        policies=tuple(each.digest for each in examination.rules.policies),
        evidence=tuple(sorted(each.id for each in examination.findings.seen)),
        checkpoint=latest_checkpoint(needs),
        lenses=tuple(dict.fromkeys(order.lenses)),
        approver=person.id,
        given_at=examination.examined_at,
        nonce=needs.nonces.nonce(),
        note=order.note,
    )


@record
class Bound:
    """What a statement binds to."""

    change: ChangeDigest
    result_tree: TreeId
    base: CommitId
    target: str


def _duty_target(needs: AnswerNeeds, examination: Examination) -> str:
    """Return the branch of a duty to look afterwards: what has landed is named by commits, which have no branch."""
    digest, ledger = examination.change.digests.change, needs.ledger.existing()
    if examination.change.target or digest is None or ledger is None:
        return ""
    from release_harness.steps.review import store

    with ledger.read() as connection:
        duties = store.duties_for(connection, digest)
    return next((duty.target for duty in duties if duty.closed_at is None), "")


def refuse_agents(actor: Actor, deed: str) -> None:
    """Refuse whoever is known to be no person; raises NotAllowed."""
    if actor.kind not in (ActorKind.AGENT, ActorKind.SERVICE):
        return
    raise NotAllowed(
        code="NOT_ALLOWED",
        says=f"An agent ({actor.id}) may not {deed}, with whatever login.",
        hint="A person has to do it, in a terminal that no agent runs.",
        subject=actor.id,
    )


def known_person(actor: Actor, examination: Examination) -> Person:
    """Return the person that the actor is under the policies in force; raises NotAllowed for the unknown."""
    person = find_person([each.policy for each in examination.rules.policies], actor)
    if person is not None:
        return person
    sources = ", ".join(dict.fromkeys(each.source for each in examination.rules.policies))
    raise NotAllowed(
        code="PERSON_UNKNOWN",
        says=f"{actor.email or actor.id} is nobody that the policy knows ({sources}), so this would count for nothing.",
        hint="List yourself under `people:` in .rh/policy.yaml (`rh init` writes one) and land that first, "
        "or say who you are with RH_ACTOR=<id or e-mail address>.",
        subject=actor.id,
    )


def signable(examination: Examination, spec: ChangeSpec, *, target: str = "") -> Bound:
    """Return what a statement binds to; raises InputError when the change has none of it."""
    change = examination.change
    digest, tree, base = change.digests.change, change.digests.result_tree, change.base
    if spec.worktree or change.head is None:
        raise InputError(
            code="NOT_COMMITTED",
            says="What is not committed cannot be approved: nobody else could name it.",
            hint="Commit it first.",
        )
    if not change.files:
        raise InputError(
            code="NOTHING_TO_APPROVE",
            says=f"{spec.revision or 'HEAD'} does not differ from its base.",
            hint="Name a branch or A..B that holds a change.",
        )
    if digest is None or tree is None or base is None or not change.listing_complete:
        because = "; ".join(change.gaps) or "it does not merge: " + ", ".join(change.conflicts[:5])
        raise InputError(
            code="CONTENT_UNKNOWN",
            says=f"The content of the change is not fully known: {because}",
            hint="Fetch what is missing or solve the conflicts, then look again.",
        )
    target = change.target or target
    if not target:
        raise InputError(
            code="TARGET_UNKNOWN",
            says="An approval is for one branch, and none was named.",
            hint="Add --base BRANCH, the branch that the change is to land on.",
        )
    return Bound(change=digest, result_tree=tree, base=base, target=target)


def latest_checkpoint(needs: AnswerNeeds) -> CheckpointShown:
    """Sign the state of the ledger that is being looked at, so that the signer becomes a witness of it."""
    checkpoint = needs.ledger.open().checkpoint()
    return CheckpointShown(size=checkpoint.size, root=checkpoint.root)


def sign_and_check(
    needs: AnswerNeeds, text: str, namespace: str, key: str, person: Person, examination: Examination
) -> tuple[str, SignatureCheck | None]:
    """Sign when there is a key, and refuse at once a signature that would not be seen later."""
    if not key:
        return "", None
    signature = needs.approval_signer.sign(text.encode(), namespace=namespace, key=key)
    keys = keys_of([each.policy for each in examination.rules.policies], person.id)
    check = needs.approval_signer.verify(text.encode(), signature, namespace=namespace, keys=keys)
    if check.proof is None:
        raise NotAllowed(
            code="KEY_NOT_LISTED",
            says=f"The signature would not be seen: {check.why}.",
            hint=f"List the key under `keys:` of {person.id} in .rh/policy.yaml and land that first: {check.key}",
            subject=person.id,
        )
    return signature, check


def chosen_key(needs: AnswerNeeds, key: str, *, unsigned: bool) -> str:
    """Return the key to sign with: the given one, else git's own for SSH, else none."""
    if key and unsigned:
        raise InputError(code="USAGE", says="--key and --unsigned exclude each other.", hint="Give one of them.")
    return "" if unsigned else key or needs.approval_signer.default_key()


def statement_payload(change: Change, target: str, text: str, signature: str) -> dict[str, Plain]:
    """Return the part of an event that finds its statement again."""
    return {
        "change": change.digests.change or "",
        "target": target,
        "branch": show_text(change.branch),
        "base": change.base or "",
        "head": change.head or "",
        "title": show_text(change.title),
        "statement": text,
        "signature": signature,
    }


def _record(
    needs: AnswerNeeds,
    examination: Examination,
    statement: Statement,
    text: str,
    signature: str,
    proof: ProofLevel,
) -> tuple[Entry, tuple[ReviewDuty, ...]]:
    from release_harness.steps.review import store

    approved = statement.answer is Answer.APPROVE
    recorder = replace(needs.actor, kind=ActorKind.PERSON, id=statement.approver)
    event = NewEvent(
        type=store.APPROVAL_GIVEN if approved else store.CHANGE_REJECTED,
        version=1,
        subject=f"change:{statement.change}",
        actor=recorder,
        payload=statement_payload(examination.change, statement.target, text, signature),
        cause="rh approve" if approved else "rh reject",
        idempotency_key=f"answer:{statement.nonce}",
    )
    authors = [actor.id for actor in examination.change.authors]
    with needs.ledger.open().write() as transaction:
        entry = transaction.append(event)
        duties = store.duties_for(transaction.connection, statement.change)
        closed = closable_duties(
            duties,
            reviewer=statement.approver,
            authors=authors,
            proof=proof,
            policies=[each.policy for each in examination.rules.policies],
        )
        for duty in closed:
            transaction.append(_duty_closed(duty, statement, entry, recorder))
    return entry, closed


def _duty_closed(duty: ReviewDuty, statement: Statement, entry: Entry, recorder: Actor) -> NewEvent:
    from release_harness.steps.review import store

    return NewEvent(
        type=store.DUTY_CLOSED,
        version=1,
        subject=f"change:{statement.change}",
        actor=recorder,
        payload={"duty": duty.id, "closed_by": statement.approver, "answer": statement.answer.value},
        cause=entry.id,
        idempotency_key=f"duty-closed:{duty.id}",
    )


def _report(
    needs: AnswerNeeds,
    spec: ChangeSpec,
    statement: Statement,
    entry: Entry,
    proof: ProofLevel,
    closed: tuple[ReviewDuty, ...],
) -> ReviewGiven:
    after = examine(needs, spec)
    counts, why = worth_of(after, entry.id)
    if closed and not after.change.target:
        counts, why = True, "it was given afterwards, to what has landed already"
    return ReviewGiven(
        id=entry.id,
        answer=statement.answer,
        change=statement.change,
        target=statement.target,
        approver=statement.approver,
        proof=proof,
        lenses=statement.lenses,
        counts=counts,
        why=why,
        tier=after.tier.tier,
        duties_closed=tuple(duty.id for duty in closed),
        outcome_now=after.outcome,
        next_actions=name_change(after.next_actions, spec, after.change),
        revision=spec.revision,
    )
