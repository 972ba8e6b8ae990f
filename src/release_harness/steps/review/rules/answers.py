"""What a stored approval, rejection or break-glass is worth for the change at hand."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from release_harness.kernel.digests import ChangeDigest, Sha256
from release_harness.kernel.identity import Actor, ActorKind, ProofLevel
from release_harness.kernel.records import record
from release_harness.policy.identities import identify
from release_harness.policy.model import Person, Policy
from release_harness.policy.subject import ApprovalSeen, BypassSeen
from release_harness.steps.review.model import (
    Answer,
    Approval,
    BreakGlassStatement,
    SignatureCheck,
    Signed,
    Statement,
)


@record
class Content:
    """The content at hand that statements are held against."""

    change: ChangeDigest
    target: str
    digest: Sha256 | None
    """Over the new contents of the changed files; None when one of them is not here, then no statement counts."""


@record
class Read:
    """A stored statement that could be read, and what its signature proves; `check` is None when it has none."""

    signed: Signed
    statement: Statement
    check: SignatureCheck | None


@record
class ReadBreakGlass:
    """A stored break-glass statement that could be read, and what its signature proves."""

    signed: Signed
    statement: BreakGlassStatement
    check: SignatureCheck


def find_person(policies: Iterable[Policy], actor: Actor) -> Person | None:
    """Return the person whose e-mail address, id or login is exactly the actor's; never for an agent.

    The first policy that lists one is asked, which is that of the merge base; each policy judges by its own people.
    """
    if actor.kind in (ActorKind.AGENT, ActorKind.SERVICE):
        return None
    for policy in policies:
        known = identify(policy, actor.name, actor.email)
        if known.kind is ActorKind.AGENT:
            return None
        for person in policy.people:
            if person.id == known.id or (not actor.email and _is_named(person, actor.id)):
                return person
    return None


def keys_of(policies: Iterable[Policy], person_id: str) -> tuple[str, ...]:
    """Return every key that a policy in force lists for this person; each policy later asks for one of its own."""
    found = (key for policy in policies for person in policy.people if person.id == person_id for key in person.keys)
    return tuple(dict.fromkeys(found))


def weigh_answers(read: Sequence[Read], content: Content, policies: Sequence[Policy]) -> tuple[Approval, ...]:
    """Say of every answer whether the policies see it; `read` is in the order of the ledger.

    Which of several answers of one person stands is for the policies to say: they know the proof that they ask for.
    """
    nonces: set[str] = set()
    weighed = []
    for each in read:
        why = _refusal(each, content, policies, nonces)
        proof = each.check.proof if each.check is not None else ProofLevel.LOGIN
        nonces.add(each.statement.nonce)
        weighed.append(
            Approval(
                signed=each.signed,
                statement=each.statement,
                proof=proof if proof is not None else ProofLevel.LOGIN,
                counts=not why,
                why=why or (each.check.why if each.check is not None else "") or "it is seen",
                rejected=each.statement.answer is Answer.REJECT,
                key=each.check.key if each.check is not None and each.check.proof is not None else "",
            )
        )
    return tuple(weighed)


def see_approvals(approvals: Iterable[Approval]) -> tuple[ApprovalSeen, ...]:
    """Return what the policies judge: every answer that counts."""
    return tuple(
        ApprovalSeen(
            id=each.signed.id,
            # Without a key the recorder's address is the whole identity; every policy looks it up for itself.
            approver=Actor(
                kind=ActorKind.PERSON,
                id=each.statement.approver,
                email="" if each.key else each.signed.recorder.email,
            ),
            proof=each.proof,
            lenses=each.statement.lenses,
            approved=not each.rejected,
            change=each.statement.change,
            result_tree=each.statement.result_tree,
            target=each.statement.target,
            given_at=each.statement.given_at,
            tier_shown=each.statement.tier,
            key=each.key,
        )
        for each in approvals
        if each.counts
    )


def see_bypasses(read: Iterable[ReadBreakGlass], content: Content) -> tuple[BypassSeen, ...]:
    """Return the break-glass statements that are signed and about exactly this content and target."""
    return tuple(
        BypassSeen(
            id=each.signed.id,
            actor=Actor(kind=ActorKind.PERSON, id=each.statement.actor),
            rules=each.statement.rules,
            incident=each.statement.incident,
            reason=each.statement.reason,
            given_at=each.statement.given_at,
            ttl=timedelta(seconds=each.statement.ttl_seconds),
            change=each.statement.change,
            proof=each.check.proof,
            key=each.check.key,
        )
        for each in read
        if each.check.proof is not None
        and each.signed.recorder.kind is not ActorKind.AGENT
        and (each.statement.change, each.statement.target, each.statement.content)
        == (content.change, content.target, content.digest)
    )


def _refusal(read: Read, content: Content, policies: Sequence[Policy], nonces: set[str]) -> str:
    """Return why an answer is not seen, or an empty text."""
    statement = read.statement
    if statement.change != content.change:
        return "it was given for other content"
    if statement.target != content.target:
        return f"it was given for the branch {statement.target!r}, not for {content.target!r}"
    if content.digest is None:
        return "a changed file is not in this clone, so its content cannot be held against the approval"
    if statement.content != content.digest:
        return "the contents of the files differ from what was approved, although their git ids are the same"
    if statement.nonce in nonces:
        return "it was recorded before: a statement counts once"
    if read.signed.recorder.kind in (ActorKind.AGENT, ActorKind.SERVICE):
        return f"it was recorded by the agent {read.signed.recorder.id}, and agents never answer for people"
    if not any(person.id == statement.approver for policy in policies for person in policy.people):
        return f"no policy in force lists a person {statement.approver!r}"
    if read.check is not None:
        return "" if read.check.proof is not None else read.check.why or "its signature proves nothing"
    recorder = find_person(policies, read.signed.recorder)
    if recorder is None or recorder.id != statement.approver:
        return "it is not signed, and somebody else recorded it"
    return ""


def _is_named(person: Person, name: str) -> bool:
    return bool(name) and (name == person.id or name.lower() in {login.lower() for login in person.logins})
