"""What does a policy answer to a case, and is it what its people expect? Offline: nothing is fetched or recorded."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from release_harness.kernel.digests import ChangeDigest, PolicyDigest, TreeId
from release_harness.kernel.facts import Fact, FactValue, Known, Unknown
from release_harness.kernel.identity import Actor, ActorKind, ProofLevel
from release_harness.policy.catalog import FactEntry, facts_of
from release_harness.policy.identities import AGENT_EMAILS, AGENT_LOGINS
from release_harness.policy.judge import judge
from release_harness.policy.model import Person, Policy
from release_harness.policy.subject import ApprovalSeen, EvidenceSeen, FileOwners, Judgement, Subject
from release_harness.steps.project.model import CaseApproval, CaseEvidence, PolicyCase
from release_harness.steps.project.model.checks import CaseResult, Difference

_CHANGE = ChangeDigest("sha256:" + "1" * 64)
_OTHER_CHANGE = ChangeDigest("sha256:" + "2" * 64)
_RESULT = TreeId("1" * 40)
_OTHER_RESULT = TreeId("2" * 40)
_TARGET = "main"
_SOURCE = "given by the case"
_PYTHON_TYPES = {"bool": bool, "int": int, "float": float, "str": str, "strings": tuple}


def run_case(policy: Policy, digest: PolicyDigest, case: PolicyCase, now: datetime) -> CaseResult:
    """Judge one case and compare the answer with what it expects."""
    subject = _subject(policy, case)
    evidence = tuple(_evidence(each, policy, case, now) for each in case.evidence)
    approvals = tuple(_approval(each, number, policy, now) for number, each in enumerate(case.approvals) if each.by)
    judgement = judge(policy, digest, subject, evidence, approvals, (), now)
    return CaseResult(
        name=case.name,
        source=case.source,
        line=case.line,
        tier=judgement.tier.tier,
        outcome=judgement.outcome,
        reasons=judgement.tier.reasons,
        verdict=judgement.verdict,
        differences=(*_misnamed(policy, case), *_compare(case, judgement)),
    )


def _subject(policy: Policy, case: PolicyCase) -> Subject:
    owned = dict(case.owners)
    return Subject(
        files=case.files,
        listing_complete=case.listing_complete,
        facts=_facts(policy, case),
        authors=tuple(_actor(policy, each) for each in case.authors),
        requester=_actor(policy, case.requester) if case.requester else None,
        owners=tuple(FileOwners(path=path, owners=owned.get(path, ())) for path in case.files),
        change=_CHANGE,
        result_tree=_RESULT,
        target=_TARGET,
    )


def _facts(policy: Policy, case: PolicyCase) -> Mapping[str, Fact]:
    """Return the facts of a case; what it does not name is unknown, but for the files that it lists."""
    entries = facts_of(policy)
    listed: dict[str, FactValue] = {"change.listing_complete": case.listing_complete}
    if case.listing_complete:
        listed["change.files_count"] = len(case.files)
    known: dict[str, Fact] = {
        name: Known(value=_in_type(value, entries.get(name)), source=_SOURCE)
        for name, value in {**listed, **dict(case.facts)}.items()
    }
    return known | {name: Unknown(why="the case says so") for name in case.unknown}


def _in_type(value: FactValue, entry: FactEntry | None) -> FactValue:
    """Return a whole number as the float that its fact is; a file says 1 where it means 1.0."""
    if isinstance(value, int) and not isinstance(value, bool) and entry is not None and entry.type == "float":
        return float(value)
    return value


def _evidence(each: CaseEvidence, policy: Policy, case: PolicyCase, now: datetime) -> EvidenceSeen:
    definition = next((known for known in policy.evidence if known.name == each.name), None)
    same = each.content == "same"
    own: dict[str, Fact] = {name: Known(value=value, source=_SOURCE) for name, value in each.facts}
    return EvidenceSeen(
        id=f"case:{each.name}",
        predicate=definition.predicate if definition else each.name,
        result_tree=_RESULT if same else _OTHER_RESULT,
        change=_CHANGE if same else _OTHER_CHANGE,
        facts={**_facts(policy, case), **own},
        finished_at=now - each.age,
    )


def _approval(each: CaseApproval, number: int, policy: Policy, now: datetime) -> ApprovalSeen:
    person = next((known for known in policy.people if known.id == each.by), None)
    return ApprovalSeen(
        id=f"case:{number}:{each.by}",
        approver=_actor(policy, each.by),
        proof=each.proof,
        lenses=each.lenses,
        approved=each.approved,
        change=_OTHER_CHANGE if each.content == "other" else _CHANGE,
        result_tree=_RESULT if each.content == "same_result" else _OTHER_RESULT,
        target=_TARGET,
        given_at=now,
        tier_shown=policy.tiers[-1],
        key=_key(person, each.proof),
    )


def _key(person: Person | None, proof: ProofLevel) -> str:
    """Return the person's key that can give such a proof; presence needs a security key."""
    if person is None or proof is ProofLevel.LOGIN:
        return ""
    fitting = [key for key in person.keys if proof is not ProofLevel.PRESENCE or key.startswith("sk-")]
    return " ".join(fitting[0].split()[:2]) if fitting else ""


def _actor(policy: Policy, named: str) -> Actor:
    person = next((each for each in policy.people if each.id == named), None)
    if person is not None:
        return Actor(kind=ActorKind.PERSON, id=named, name=person.name, email=next(iter(person.emails), "").lower())
    if named in _agents(policy):
        return Actor(kind=ActorKind.AGENT, id=named)
    return Actor(kind=ActorKind.UNKNOWN, id=named)


def _agents(policy: Policy) -> frozenset[str]:
    return frozenset({each.id for each in policy.agents} | {*AGENT_EMAILS.values(), *AGENT_LOGINS.values()})


def _misnamed(policy: Policy, case: PolicyCase) -> Iterator[Difference]:
    """A case that speaks of what the policy does not have tests nothing; it fails, with the nearest name."""
    entries = facts_of(policy)
    given = [*case.facts, *(pair for each in case.evidence for pair in each.facts)]
    for name, value in given:
        if name not in entries:
            yield _missing("fact", name, entries)
        elif type(_in_type(value, entries[name])) is not _PYTHON_TYPES[entries[name].type]:
            yield Difference(what=f"type of {name}", expected=entries[name].type, got=type(value).__name__)
    yield from (_missing("fact", name, entries) for name in case.unknown if name not in entries)
    defined = [each.name for each in policy.evidence]
    yield from (_missing("evidence", each.name, defined) for each in case.evidence if each.name not in defined)
    wanted = case.expect
    if wanted.tier is not None and wanted.tier not in policy.tiers:
        yield _missing("tier", wanted.tier, policy.tiers)
    surfaces = [each.name for each in policy.surfaces]
    yield from (_missing("surface", name, surfaces) for name in wanted.surfaces or () if name not in surfaces)


def _missing(kind: str, name: str, known: Iterable[str]) -> Difference:
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return Difference(what=kind, expected=name, got=f"the policy has none{hint}")


def _compare(case: PolicyCase, judgement: Judgement) -> Iterator[Difference]:
    wanted, tier = case.expect, judgement.tier
    if wanted.tier is not None and wanted.tier != tier.tier:
        because = "; ".join(f"{each.rule} gives {each.tier}" for each in tier.reasons[:3])
        yield Difference(what="tier", expected=wanted.tier, got=f"{tier.tier} ({because})" if because else tier.tier)
    if wanted.outcome is not None and wanted.outcome is not judgement.outcome:
        open_ones = [leaf.says for leaf in judgement.verdict.leaves() if leaf.outcome is judgement.outcome]
        got = f"{judgement.outcome.value} ({'; '.join(open_ones[:3])})"
        yield Difference(what="outcome", expected=wanted.outcome.value, got=got)
    if wanted.surfaces is not None and set(wanted.surfaces) != set(tier.surfaces):
        yield Difference(what="surfaces", expected=_list(wanted.surfaces), got=_list(tier.surfaces))
    rules = [each.rule for each in tier.reasons]
    for rule in wanted.reasons or ():
        if rule not in rules:
            yield Difference(what="reason", expected=rule, got=_list(rules))


def _list(words: Iterable[str]) -> str:
    return ", ".join(sorted(words)) or "none"
