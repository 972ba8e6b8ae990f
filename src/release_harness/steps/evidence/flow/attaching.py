"""Attaches facts that a policy declares, and keeps claims where no rule reads them."""

from typing import Protocol

from release_harness.kernel.digests import canonical_json
from release_harness.kernel.errors import Conflict, InputError
from release_harness.kernel.facts import FactValue
from release_harness.kernel.identity import Actor
from release_harness.kernel.time import Clock
from release_harness.ledger.door import LedgerDoor
from release_harness.steps.changes.model import Change
from release_harness.steps.evidence.flow.findings import dependency_lock
from release_harness.steps.evidence.flow.records import UNSIGNED, record_all
from release_harness.steps.evidence.model import EvidenceRecord, Origin
from release_harness.steps.evidence.ports import ContentStore, Signer, TreeFiles
from release_harness.steps.evidence.rules.selection import declared_facts, predicate_for_fact
from release_harness.steps.evidence.rules.statement import CLAIM
from release_harness.steps.evidence.rules.values import parse_value
from release_harness.steps.project.model import Rules

_CLAIM_CHARS = 4_000


class AttachNeeds(Protocol):
    """What attaching needs."""

    @property
    def clock(self) -> Clock:
        """The clock."""
        ...

    @property
    def actor(self) -> Actor:
        """Who runs this command."""
        ...

    @property
    def repository(self) -> TreeFiles:
        """Git trees."""
        ...

    @property
    def content(self) -> ContentStore:
        """Contents by digest."""
        ...

    @property
    def ledger(self) -> LedgerDoor:
        """The ledger."""
        ...

    @property
    def signer(self) -> Signer:
        """Signs statements."""
        ...


def attach_fact(needs: AttachNeeds, change: Change, rules: Rules, assignment: str) -> EvidenceRecord:
    """Record `NAME=VALUE` for the change; the policy declares name and type."""
    name, equals, text = assignment.partition("=")
    policies = [rule.policy for rule in rules.policies]
    declared = declared_facts(policies).get(name.strip())
    if not equals or declared is None:
        names = ", ".join(sorted(declared_facts(policies))) or "none"
        raise InputError(
            code="FACT_UNDECLARED" if equals else "FACT_MALFORMED",
            says=f"{name.strip()!r} is no fact that the policy declares."
            if equals
            else f"{assignment!r} is no NAME=VALUE.",
            hint=f"Declared are: {names}. A policy declares them under `facts:`.",
            subject=name.strip(),
        )
    value = parse_value(text.strip(), declared.type)
    if value is None:
        raise InputError(
            code="FACT_TYPE",
            says=f"{text.strip()!r} is not of type {declared.type}, which the policy declares for {declared.name}.",
            hint="Write true or false for bool, digits for int, a decimal point for float, words with commas for strings.",
            subject=declared.name,
        )
    predicate = predicate_for_fact(declared.name, policies)
    draft = _draft(needs, change, rules, predicate, Origin.REPORTED, {declared.name: value}, {})
    return record_all(needs, [draft], "rh evidence fact")[0]


def attach_claim(needs: AttachNeeds, change: Change, rules: Rules, text: str) -> EvidenceRecord:
    """Keep the words of an author or an agent; a reviewer sees them, no rule reads them."""
    plain = text.strip()
    if not plain or len(plain) > _CLAIM_CHARS:
        raise InputError(
            code="CLAIM_LENGTH",
            says=f"A claim has between 1 and {_CLAIM_CHARS} characters; this one has {len(plain)}.",
            hint="Say it shorter, and attach what proves it as a report.",
        )
    draft = _draft(needs, change, rules, CLAIM, Origin.CLAIMED, {}, {"says": plain})
    return record_all(needs, [draft], "rh evidence claim")[0]


def _draft(
    needs: AttachNeeds,
    change: Change,
    rules: Rules,
    predicate: str,
    origin: Origin,
    facts: dict[str, FactValue],
    claims: dict[str, str],
) -> EvidenceRecord:
    if change.digests.change is None:
        raise Conflict(
            code="NO_CHANGE_DIGEST",
            says="The change has no digest that this could be bound to.",
            hint="`rh change show` says what could not be computed.",
        )
    now = needs.clock.now()
    return EvidenceRecord(
        id=UNSIGNED,
        predicate=predicate,
        result_tree=change.digests.result_tree,
        change=change.digests.change,
        base=change.base,
        origin=origin,
        producer=needs.actor,
        command=(),
        exit_code=None,
        environment_digest=needs.content.put(canonical_json({"origin": origin.value})),
        isolation="not known",
        started_at=now,
        finished_at=now,
        log_digest=None,
        policy=rules.digest,
        dependency_lock=dependency_lock(needs, change.digests.result_tree),
        facts=facts,
        unknown={},
        claims=claims,
        details=None,
        branch=change.branch,
    )
