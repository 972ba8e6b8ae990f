"""What the policies judge, and the tier of a change over all policies in force. Pure."""

from collections.abc import Sequence

from release_harness.kernel.digests import PolicyDigest
from release_harness.kernel.facts import Fact, Facts, Known, Unknown
from release_harness.policy.model import Surface
from release_harness.policy.subject import FileOwners, Judgement, Subject, TierDecision, TierReason
from release_harness.steps.changes.model import Change
from release_harness.steps.evidence.model import EvidenceFindings
from release_harness.steps.intake.model import Brief
from release_harness.steps.intake.rules import judge_brief
from release_harness.steps.project.model import Codeowners, Rules
from release_harness.steps.project.rules import owner_rules_of
from release_harness.steps.risk.rules.risk_names import NOT_WALKED, unknown_risk


def subject_for(
    change: Change,
    findings: EvidenceFindings,
    owners: tuple[FileOwners, ...],
    brief: Brief | None,
    target: str,
    *,
    rules: PolicyDigest | None = None,
    risk: Facts | None = None,
) -> Subject:
    """Put together what a policy judges; a fact of the evidence never replaces one of the diff, nor one of the history."""
    facts: dict[str, Fact] = {
        **findings.facts,
        **change.facts,
        **brief_facts(brief),
        **(risk or unknown_risk(NOT_WALKED)),
    }
    facts["rollback.known"] = _rollback_known(change, brief)
    return Subject(
        files=paths_of(change),
        listing_complete=change.listing_complete,
        facts=facts,
        authors=change.authors,
        requester=change.requester,
        owners=owners,
        change=change.digests.change,
        result_tree=change.digests.result_tree,
        target=target,
        conflicts=change.conflicts,
        base=change.base or "",
        dependency_lock=findings.dependency_lock,
        advice=findings.advice,
        rules=rules,
    )


def paths_of(change: Change) -> tuple[str, ...]:
    """Return every changed path once, in order; without rename detection old and new names are rows of their own."""
    return tuple(dict.fromkeys(each.path for each in change.files))


def brief_facts(brief: Brief | None) -> dict[str, Fact]:
    """Return `brief.present` and `brief.outcome`; without a brief its outcome is unknown, not missing."""
    if brief is None:
        return {
            "brief.present": Known(value=False, source="computed here"),
            "brief.outcome": Unknown(why="the change names no brief"),
        }
    outcome = judge_brief(brief).outcome.value
    return {
        "brief.present": Known(value=True, source="computed here"),
        "brief.outcome": Known(value=outcome, source=f"computed here from {brief.path or brief.id}"),
    }


def file_owners(paths: Sequence[str], codeowners: Codeowners) -> tuple[FileOwners, ...]:
    """Return one row for every path and CODEOWNERS section that asks for it, and an empty row where nobody is asked.

    Sections stay apart, and the owners of surfaces are left to the judge: whoever owns one of two things
    that own a file must not stand in for the other.
    """
    rows: list[FileOwners] = []
    for path in paths:
        asked = [each.owners for each in owner_rules_of(codeowners, path) if each.owners and not each.optional]
        rows += [FileOwners(path=path, owners=owners) for owners in asked or [()]]
    return tuple(rows)


def touched_surfaces(rules: Rules, tier: TierDecision) -> tuple[Surface, ...]:
    """Return the surfaces that were touched, of every policy in force, one for each name and wording."""
    named = set(tier.surfaces)
    found = (each for rule in rules.policies for each in rule.policy.surfaces if each.name in named)
    return tuple(dict.fromkeys(found))


def strictest_tier(judgements: Sequence[Judgement]) -> TierDecision:
    """Return the highest tier of all policies in force, with the reasons and surfaces of each.

    Policies may have different tiers: the one that leaves the fewest above it is the highest.
    """
    if not judgements:
        return TierDecision(tier="unknown", reasons=(), surfaces=())
    ranked = sorted(judgements, key=_tiers_above)
    reasons = tuple(dict.fromkeys(reason for each in ranked for reason in each.tier.reasons))
    surfaces = tuple(dict.fromkeys(name for each in ranked for name in each.tier.surfaces))
    possible = tuple(dict.fromkeys(name for each in ranked for name in each.tier.possible))
    return TierDecision(tier=ranked[0].tier.tier, reasons=reasons, surfaces=surfaces, possible=possible)


def reason_source(rules: Rules, judgements: Sequence[Judgement], reason: TierReason) -> str:
    """Say which policies give this reason; empty when all of them do."""
    sources = [
        rule.source for rule, each in zip(rules.policies, judgements, strict=True) if reason in each.tier.reasons
    ]
    return "" if len(sources) == len(judgements) else " and ".join(dict.fromkeys(sources))


def _tiers_above(judgement: Judgement) -> int:
    tiers = judgement.policy.tiers
    return len(tiers) - 1 - tiers.index(judgement.tier.tier) if judgement.tier.tier in tiers else -1


def _rollback_known(change: Change, brief: Brief | None) -> Fact:
    """Tell whether a way back is written down or follows from the diff: a revert undoes code, not data."""
    if brief is not None and brief.rollback.strip():
        return Known(value=True, source=f"brief {brief.id}")
    migrations = change.facts.get("migrations.files_count", Unknown(why="migration files were not looked for"))
    if isinstance(migrations, Unknown):
        return Unknown(why=f"nobody knows whether the change touches data: {migrations.why}")
    if not change.listing_complete:
        return Unknown(why="the list of files was cut short")
    if not change.files:
        return Unknown(why="there is no change")
    if migrations.value:
        return Known(value=False, source="computed here: migrations are not undone by a revert")
    return Known(value=True, source="computed here: reverting the commit undoes it")
