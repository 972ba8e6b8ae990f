"""Going past failing rules in an emergency: signed, scoped to one content, reasoned, expiring, and looked at afterwards."""

from datetime import timedelta

from release_harness.kernel.errors import InputError
from release_harness.kernel.identity import Actor, ActorKind
from release_harness.kernel.time import format_instant
from release_harness.ledger.model import NewEvent
from release_harness.policy.model import Person
from release_harness.steps.changes.model import ChangeSpec
from release_harness.steps.review.flow.answer import (
    AnswerNeeds,
    known_person,
    latest_checkpoint,
    refuse_agents,
    sign_and_check,
    signable,
    statement_payload,
)
from release_harness.steps.review.flow.examine import examine
from release_harness.steps.review.model import BREAK_GLASS_NAMESPACE, BreakGlassStatement, Examination, GlassBroken
from release_harness.steps.review.rules.breaking import BreakOrder, refuse_order
from release_harness.steps.review.rules.shown import name_change
from release_harness.steps.review.rules.statements import BREAK_GLASS_SCHEMA, write_statement


def break_glass(needs: AnswerNeeds, spec: ChangeSpec, order: BreakOrder, *, key: str) -> GlassBroken:
    """Record a signed permission to go past the named rules for this content, and open the duty to look afterwards."""
    refuse_agents(needs.actor, "break the glass")
    examination = examine(needs, spec)
    signable(examination, spec)
    person = known_person(needs.actor, examination)
    ttl, review_within = refuse_order(order, person, examination)
    wanted_key = key or needs.approval_signer.default_key()
    if not wanted_key:
        raise InputError(
            code="KEY_MISSING",
            says="Break-glass is signed, and there is no key to sign with.",
            hint="Give --key FILE, or set git's user.signingkey with gpg.format=ssh.",
        )
    statement = _statement(needs, spec, examination, order, person, ttl)
    text = write_statement(statement)
    signature, _check = sign_and_check(needs, text, BREAK_GLASS_NAMESPACE, wanted_key, person, examination)
    due_at = examination.examined_at + review_within
    event_id = _record(needs, examination, statement, text, signature, format_instant(due_at))
    after = examine(needs, spec)
    return GlassBroken(
        id=event_id,
        change=statement.change,
        target=statement.target,
        actor=person.id,
        rules=statement.rules,
        incident=statement.incident,
        reason=statement.reason,
        expires_at=statement.given_at + ttl,
        review_due_at=due_at,
        outcome_now=after.outcome,
        forced_now=after.forced,
        next_actions=name_change(after.next_actions, spec, after.change),
        revision=spec.revision,
    )


def _statement(
    needs: AnswerNeeds, spec: ChangeSpec, examination: Examination, order: BreakOrder, person: Person, ttl: timedelta
) -> BreakGlassStatement:
    bound = signable(examination, spec)
    return BreakGlassStatement(
        schema=BREAK_GLASS_SCHEMA,
        change=bound.change,
        result_tree=bound.result_tree,
        base=bound.base,
        target=bound.target,
        content=needs.review_repository.content_digest(examination.change.files),
        tier=examination.tier.tier,
        policy=examination.rules.digest,
        policies=tuple(each.digest for each in examination.rules.policies),
        checkpoint=latest_checkpoint(needs),
        rules=tuple(dict.fromkeys(order.rules)),
        incident=order.incident.strip(),
        reason=order.reason.strip(),
        ttl_seconds=int(ttl.total_seconds()),
        actor=person.id,
        given_at=examination.examined_at,
        nonce=needs.nonces.nonce(),
    )


def _record(
    needs: AnswerNeeds,
    examination: Examination,
    statement: BreakGlassStatement,
    text: str,
    signature: str,
    review_due_at: str,
) -> str:
    from release_harness.steps.review import store

    event = NewEvent(
        type=store.GLASS_BROKEN,
        version=1,
        subject=f"change:{statement.change}",
        actor=Actor(kind=ActorKind.PERSON, id=statement.actor, name=needs.actor.name, email=needs.actor.email),
        payload={
            **statement_payload(examination.change, statement.target, text, signature),
            "opened_by": statement.actor,
            "incident": statement.incident,
            "review_due_at": review_due_at,
        },
        cause="rh break-glass",
        idempotency_key=f"break-glass:{statement.nonce}",
    )
    return needs.ledger.open().append(event).id
