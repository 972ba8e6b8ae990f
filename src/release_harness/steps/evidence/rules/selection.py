"""Which records speak for a change now, which are stale, and what is therefore known."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from release_harness.kernel.facts import Fact, Known, Unknown
from release_harness.kernel.time import format_duration
from release_harness.policy.catalog import FACTS
from release_harness.policy.evidence import COMPUTED
from release_harness.policy.model import (
    AllOf,
    AnyOf,
    Condition,
    CustomFact,
    EvidenceDefinition,
    FactTest,
    Invalidator,
    Not,
    Policy,
)
from release_harness.policy.subject import EvidenceSeen
from release_harness.steps.changes.model import Change
from release_harness.steps.evidence.model import EvidenceRecord, Finding, Origin, StaleEvidence
from release_harness.steps.evidence.rules.advice import advice_of_record
from release_harness.steps.evidence.rules.coverage import NAMES as COVERAGE_NAMES
from release_harness.steps.evidence.rules.statement import (
    CLAIM,
    COVERAGE,
    CUSTOM_FACT,
    PROOF,
    SCAN,
    TEST_RESULT,
    TRACE,
    WALKS,
    took,
)
from release_harness.steps.evidence.rules.tests import NAMES as TEST_NAMES
from release_harness.steps.evidence.rules.values import has_type
from release_harness.steps.project.model import Rules

_RERUN = "rh evidence run"
_ABOUT_TREE = frozenset({TEST_RESULT, SCAN, TRACE, WALKS})
_ABOUT_BOTH = frozenset({COVERAGE, PROOF})
MEASURED = frozenset({TEST_RESULT, SCAN, COVERAGE, TRACE, WALKS, PROOF})
"""Predicates that come from a run or a report; nobody can attach a fact under their name."""
_TRUST = (Origin.CLAIMED, Origin.REPORTED, Origin.COMPUTED)

NOT_ANALYSED = {
    "entry_points.walk_level": "entry points are not analysed yet",
    "tests.weakened_count": "tests were not compared with those of the base",
    "tests.relevant_not_run_count": "no trace of this content is recorded, so nobody can tell which tests bear on the change",
    "tests.quarantined_count": "no test run of this content is recorded; run `rh evidence run`",
    "tests.proved": "nobody has taken the change back to see a test fail; run `rh evidence prove`",
    "trace.tests_count": "no trace of this content is recorded; `rh evidence run` follows the tests of pytest",
    "entry_points.affected_count": "entry points are not analysed yet",
    "entry_points.unwalked_count": "entry points are not analysed yet",
    "wiring.unreached_count": "entry points are not analysed yet",
}
"""Facts of an analysis that rh does not have yet: visibly unknown, never absent and never 0."""


def speaks_about(record: EvidenceRecord, change: Change) -> bool:
    """Tell whether a record is about exactly this content.

    Tests and scans are about a tree. Coverage of changed lines, and the proof
    that tests notice them, are about the tree and the change together. Everything
    else is about the change, which survives an unrelated move of the base.
    """
    same_tree = record.result_tree is not None and record.result_tree == change.digests.result_tree
    same_change = record.change is not None and record.change == change.digests.change
    if record.predicate in _ABOUT_TREE:
        return same_tree
    if record.predicate in _ABOUT_BOTH:
        return same_tree and same_change
    return same_change or (record.change is None and same_tree)


def speaks_about_change(record: EvidenceRecord, change: Change) -> bool:
    """Tell whether a record of a run was made for this change, if on another base; only a policy can let that count."""
    return record.predicate in _ABOUT_TREE and record.change is not None and record.change == change.digests.change


def select(
    records: Iterable[EvidenceRecord],
    change: Change,
    speaks: Callable[[EvidenceRecord, Change], bool] = speaks_about,
) -> tuple[EvidenceRecord, ...]:
    """Return the records that speak for the change, one for each kind.

    What was computed here goes before what CI reported, however new the report is; among equals the newest counts.
    Claims are never among them.
    """
    chosen: dict[tuple[str, ...], EvidenceRecord] = {}
    for record in records:
        if record.predicate == CLAIM or record.origin is Origin.CLAIMED or not speaks(record, change):
            continue
        key = _kind(record)
        known = chosen.get(key)
        if known is None or _rank(record) > _rank(known):
            chosen[key] = record
    return tuple(chosen.values())


def claims_about(records: Iterable[EvidenceRecord], change: Change) -> tuple[EvidenceRecord, ...]:
    """Return the claims that were made for exactly this change, for people to read."""
    return tuple(record for record in records if record.predicate == CLAIM and speaks_about(record, change))


def _kind(record: EvidenceRecord) -> tuple[str, ...]:
    """Facts are attached one by one, so each stands for itself; a run or a scan replaces the one before."""
    return (record.predicate,) if record.predicate in MEASURED else (record.predicate, *sorted(record.facts))


def _rank(record: EvidenceRecord) -> tuple[int, datetime, str]:
    return _TRUST.index(record.origin), record.finished_at, record.id


def as_seen(record: EvidenceRecord) -> EvidenceSeen:
    """Return the record as a policy judges it."""
    facts: dict[str, Fact] = {name: Unknown(why=why) for name, why in record.unknown.items()}
    facts |= {name: Known(value=value, source=source_of(record)) for name, value in record.facts.items()}
    return EvidenceSeen(
        id=record.id,
        predicate=record.predicate,
        result_tree=record.result_tree,
        change=record.change,
        facts=facts,
        finished_at=record.finished_at,
        policy=record.policy,
        base=record.base or "",
        dependency_lock=record.dependency_lock,
        advice=advice_of_record(record),
    )


def source_of(record: EvidenceRecord) -> str:
    """Say how the facts of a record came to be known."""
    if record.origin is Origin.COMPUTED:
        return Origin.COMPUTED.value
    if record.predicate not in MEASURED:
        return f"attached by {record.producer.id}"
    return f"{record.origin.value}: {record.producer.id}"


def known_facts(
    selected: Sequence[EvidenceRecord],
    rules: Rules,
    base_findings: Sequence[Finding],
    findings: Sequence[Finding] | None,
) -> dict[str, Fact]:
    """Return every fact of evidence, known or unknown with its reason."""
    facts: dict[str, Fact] = {
        **{name: Unknown(why=f"no test run of this content is recorded; run `{_RERUN}`") for name in TEST_NAMES},
        **{name: Unknown(why=f"no coverage of this content is recorded; run `{_RERUN}`") for name in COVERAGE_NAMES},
        **{name: Unknown(why=why) for name, why in NOT_ANALYSED.items()},
        "sarif.errors_count": Unknown(why="no report of a scanner was added for this content"),
    }
    declared = declared_facts(rule.policy for rule in rules.policies)
    for name in declared:
        facts[name] = Unknown(why=f"nobody has attached it; run `rh evidence fact {name}=…`")
    for record in selected:
        for name, fact in as_seen(record).facts.items():
            if name in declared:
                facts[name] = _typed(declared[name], fact)
            elif record.predicate in MEASURED:
                facts[name] = fact
    if findings is not None and isinstance(facts["sarif.errors_count"], Known):
        facts["sarif.errors_count"] = _new_errors(facts["sarif.errors_count"], base_findings, findings)
    return facts


def declared_facts(policies: Iterable[Policy]) -> dict[str, CustomFact]:
    """Return the custom facts that policies declare; the name of a built-in fact cannot be declared anew."""
    built_in = {each.name for each in FACTS}
    return {each.name: each for policy in policies for each in policy.facts if each.name not in built_in}


def facts_read_by(condition: Condition) -> frozenset[str]:
    """Return the names of the facts that a condition reads."""
    match condition:
        case FactTest():
            return frozenset({condition.fact})
        case AllOf() | AnyOf():
            return frozenset().union(*(facts_read_by(each) for each in condition.conditions))
        case Not():
            return facts_read_by(condition.condition)
        case _:
            return frozenset()


def predicate_for_fact(name: str, policies: Iterable[Policy]) -> str:
    """Return the predicate under which a fact is recorded: that of the evidence that asks for it, else `custom-fact/v1`."""
    for policy in policies:
        for each in policy.evidence:
            if name in facts_read_by(each.when) and each.predicate not in (*MEASURED, COMPUTED):
                return each.predicate
    return CUSTOM_FACT


def _typed(declared: CustomFact, fact: Fact) -> Fact:
    if isinstance(fact, Unknown) or has_type(fact.value, declared.type):
        return fact
    return Unknown(why=f"{declared.name} was attached as {fact.value!r}, but the policy declares it as {declared.type}")


def _new_errors(known: Known, base: Sequence[Finding], findings: Sequence[Finding]) -> Known:
    """Leave out errors that a scan of the base shows, too; without one all of them count."""
    old = {each.fingerprint for each in base}
    return Known(
        value=sum(each.level == "error" and each.fingerprint not in old for each in findings), source=known.source
    )


def definition_for(record: EvidenceRecord, policies: Iterable[Policy]) -> tuple[EvidenceDefinition, ...]:
    """Return the evidence definitions of all policies that this record could serve."""
    return tuple(each for policy in policies for each in policy.evidence if each.predicate == record.predicate)


def list_stale(
    records: Iterable[EvidenceRecord],
    selected: Sequence[EvidenceRecord],
    change: Change,
    rules: Rules,
    dependency_lock: str,
    now: datetime,
) -> tuple[StaleEvidence, ...]:
    """Return what no longer counts, why, and the rerun that would renew it, cheapest first."""
    fresh = {record.id for record in selected if not _aged(record, change, rules, dependency_lock, now)}
    renewed = {_kind(record) for record in selected if record.id in fresh}
    newest: dict[tuple[str, ...], EvidenceRecord] = {}
    for record in records:
        if record.id in fresh or record.predicate == CLAIM or _kind(record) in renewed:
            continue
        known = newest.get(_kind(record))
        if known is None or record.finished_at > known.finished_at:
            newest[_kind(record)] = record
    stale = [_stale(record, change, rules, dependency_lock, now) for record in newest.values()]
    return tuple(sorted(stale, key=lambda each: (each.cost_seconds is None, each.cost_seconds or 0.0, each.predicate)))


def _stale(record: EvidenceRecord, change: Change, rules: Rules, dependency_lock: str, now: datetime) -> StaleEvidence:
    because = (
        _aged(record, change, rules, dependency_lock, now) if speaks_about(record, change) else _other(record, change)
    )
    computed = record.origin is Origin.COMPUTED and bool(record.command)
    return StaleEvidence(
        id=record.id,
        predicate=record.predicate,
        because=because,
        rerun=_rerun(record),
        cost_seconds=took(record).total_seconds() if computed else None,
    )


def _rerun(record: EvidenceRecord) -> str:
    if record.predicate not in MEASURED:
        return "; ".join(f"rh evidence fact {name}=…" for name in sorted(record.facts))
    return _RERUN if record.origin is Origin.COMPUTED else "rh evidence add REPORT"


def _other(record: EvidenceRecord, change: Change) -> str:
    if record.predicate in (*_ABOUT_TREE, *_ABOUT_BOTH):
        if record.change is not None and record.change == change.digests.change:
            return "the base has moved: it was taken on another result tree of the same change"
        return "it speaks about other content: the result tree differs"
    return "it speaks about other content: the change digest differs"


def _aged(record: EvidenceRecord, change: Change, rules: Rules, dependency_lock: str, now: datetime) -> str:
    """Say why a record about this very content no longer counts under one of the policies, or return an empty text."""
    for rule in rules.policies:
        for definition in definition_for(record, (rule.policy,)):
            if definition.max_age is not None and now - record.finished_at > definition.max_age:
                age = format_duration(now - record.finished_at)
                return f"it is {age} old; {definition.name} may be {format_duration(definition.max_age)} old"
            for invalidator in definition.invalidated_by:
                why = _invalidated(invalidator, record, change, rules, dependency_lock)
                if why:
                    return why
    return ""


def _invalidated(
    invalidator: Invalidator, record: EvidenceRecord, change: Change, rules: Rules, dependency_lock: str
) -> str:
    match invalidator:
        case Invalidator.POLICY:
            return "" if record.policy == rules.digest else "the policy has changed since"
        case Invalidator.BASE_MOVED:
            return "" if record.base == change.base else "the base has moved since"
        case Invalidator.DEPENDENCY_LOCK:
            return "" if record.dependency_lock == dependency_lock else "the locked dependencies have changed since"
