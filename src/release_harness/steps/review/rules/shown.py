"""What of an examination is shown to people and programs, in the order of the JSON contracts."""

from collections.abc import Sequence
from dataclasses import replace

from release_harness.kernel.facts import Fact, Known
from release_harness.kernel.identity import Actor
from release_harness.kernel.verdict import NextAction, Verdict
from release_harness.policy.evidence import ask_to_show
from release_harness.policy.subject import TierDecision
from release_harness.steps.changes.model import Change, ChangeSpec
from release_harness.steps.evidence.model.impact import ImpactAnswer
from release_harness.steps.evidence.rules.joining import entries_behind
from release_harness.steps.review.model import (
    ApprovalShown,
    AuthorShown,
    ChangeShown,
    CheckReport,
    ClaimShown,
    DigestsShown,
    Examination,
    Explanation,
    FactShown,
    FindingShown,
    PolicyExplained,
    PolicyShown,
    ReasonShown,
    TierShown,
    VerdictShown,
)
from release_harness.steps.review.rules.words import quote_argument
from release_harness.steps.review.rules.worth import worth_of
from release_harness.steps.risk.rules import reason_source

_IMPACT_ROWS_COUNT = 200
_ABOUT_A_CHANGE = (
    "rh approve",
    "rh reject",
    "rh check",
    "rh why",
    "rh land",
    "rh evidence run",
    "rh policy explain",
    "rh impact",
)
"""Commands of the policies that speak about the change at hand and take its name first."""
_TAKES_BASE = ("rh approve", "rh reject", "rh check", "rh why", "rh policy explain", "rh impact")


def show_check(examination: Examination, spec: ChangeSpec) -> CheckReport:
    """Return what `rh check` answers."""
    return CheckReport(
        change=show_change(examination.change, worktree=spec.worktree),
        digests=show_digests(examination),
        card=examination.card,
        tier=_show_strictest(examination),
        facts={name: _show_fact(fact) for name, fact in sorted(examination.subject.facts.items())},
        verdict=show_verdict(examination.verdict),
        next_actions=name_change(examination.next_actions, spec, examination.change),
        forced=examination.forced,
        policies=tuple(PolicyShown(source=each.source, digest=each.digest) for each in examination.rules.policies),
        approvals=_show_approvals(examination),
        stale_evidence=_show_stale(examination),
        rejected_evidence=examination.findings.rejected,
        findings=_show_findings(examination),
        claims=_show_claims(examination),
        revision=name_of(spec, examination.change),
        impact=_show_impact(examination.findings.impact),
        walked=examination.findings.walked[:_IMPACT_ROWS_COUNT],
        weakened=examination.findings.weakened[:_IMPACT_ROWS_COUNT],
    )


def _show_impact(answer: ImpactAnswer | None) -> ImpactAnswer | None:
    """Return what is shown of the impact: a base class may touch thousands of entry points, and nobody reads them here."""
    if answer is None:
        return None
    most = _IMPACT_ROWS_COUNT
    return replace(
        answer,
        changed=answer.changed[:most],
        affected=answer.affected[:most],
        entries_added=answer.entries_added[:most],
        entries_removed=answer.entries_removed[:most],
        wired=answer.wired[:most],
        guards=answer.guards[:most],
        reached=answer.reached[:most],
    )


def explain(examination: Examination, spec: ChangeSpec) -> Explanation:
    """Return what every policy in force saw and wanted, and what would make the change pass."""
    return Explanation(
        change=show_change(examination.change, worktree=spec.worktree),
        digests=show_digests(examination),
        tier=_show_strictest(examination),
        policies=tuple(
            PolicyExplained(
                source=rule.source,
                digest=rule.digest,
                tier=_show_tier(judgement.tier, rule.source),
                forced=judgement.forced,
                verdict=show_verdict(judgement.verdict),
            )
            for rule, judgement in zip(examination.rules.policies, examination.judgements, strict=True)
        ),
        verdict=show_verdict(examination.verdict),
        actions=name_change(examination.next_actions, spec, examination.change),
    )


def name_change(actions: Sequence[NextAction], spec: ChangeSpec, change: Change) -> tuple[NextAction, ...]:
    """Put the name of the change into the commands, so that they can be copied as they are; say each command once."""
    joined: dict[tuple[str, str], NextAction] = {}
    for number, each in enumerate(actions):
        # One run of the tests brings several kinds of evidence; two approvals are two, by different people.
        key = (each.command, each.who) if each.command.startswith("rh evidence") else (str(number), "")
        known = joined.get(key)
        named = replace(each, command=_with_revision(each.command, spec, change))
        joined[key] = named if known is None else _join(known, named, each.command)
    return tuple(joined.values())


def _join(one: NextAction, other: NextAction, command: str) -> NextAction:
    """Say once what one command does for several kinds of evidence."""
    shows = tuple(dict.fromkeys((*one.shows, *other.shows)))
    if one.do == ask_to_show(command, one.shows) and other.do == ask_to_show(command, other.shows):
        return replace(one, do=ask_to_show(command, shows), shows=shows)
    return replace(one, do=one.do if other.do in one.do else f"{one.do} {other.do}", shows=shows)


def name_of(spec: ChangeSpec, change: Change) -> str:
    """Return how to name the change in a command: as it was named, else its branch."""
    return spec.revision or change.branch or "HEAD"


def show_change(change: Change, *, worktree: bool) -> ChangeShown:
    """Return the change in a few words."""
    return ChangeShown(
        base=change.base,
        head=change.head,
        branch=change.branch,
        authors=tuple(_show_actor(actor) for actor in change.authors),
        files_count=len(change.files),
        lines_added=change.lines_added,
        lines_removed=change.lines_removed,
        target=change.target,
        title=change.title,
        worktree=worktree,
        requester=_show_actor(change.requester) if change.requester is not None else None,
        gaps=change.gaps,
        conflicts=change.conflicts,
        notes=change.notes,
    )


def show_digests(examination: Examination) -> DigestsShown:
    """Return the three digests."""
    digests = examination.change.digests
    return DigestsShown(result_tree=digests.result_tree, change=digests.change, policy=examination.rules.digest)


def show_verdict(verdict: Verdict) -> VerdictShown:
    """Return the tree without the actions, which are listed once for the whole."""
    return VerdictShown(
        outcome=verdict.outcome,
        says=verdict.says,
        seen=verdict.seen,
        wanted=verdict.wanted,
        children=tuple(show_verdict(child) for child in verdict.children),
        rule=verdict.rule,
    )


def _show_actor(actor: Actor) -> AuthorShown:
    return AuthorShown(id=actor.id, kind=actor.kind.value, name=actor.name, email=actor.email)


def _show_fact(fact: Fact) -> FactShown:
    if isinstance(fact, Known):
        return FactShown(value=fact.value, source=fact.source, unknown="")
    return FactShown(value=None, source="", unknown=fact.why)


def _show_strictest(examination: Examination) -> TierShown:
    tier = examination.tier
    return TierShown(
        name=tier.tier,
        reasons=tuple(
            ReasonShown(
                rule=reason.rule,
                because=reason.because,
                files=reason.files,
                tier=reason.tier,
                policy=reason_source(examination.rules, examination.judgements, reason),
            )
            for reason in tier.reasons
        ),
        surfaces=tier.surfaces,
    )


def _show_tier(tier: TierDecision, source: str) -> TierShown:
    return TierShown(
        name=tier.tier,
        reasons=tuple(
            ReasonShown(rule=each.rule, because=each.because, files=each.files, tier=each.tier, policy=source)
            for each in tier.reasons
        ),
        surfaces=tier.surfaces,
    )


def _show_approvals(examination: Examination) -> tuple[ApprovalShown, ...]:
    listed = []
    for each in examination.approvals:
        counts, why = worth_of(examination, each.signed.id)
        listed.append(
            ApprovalShown(
                id=each.signed.id,
                approver=each.statement.approver,
                answer=each.statement.answer,
                proof=each.proof,
                lenses=each.statement.lenses,
                counts=counts,
                why=why,
                given_at=each.statement.given_at,
            )
        )
    return tuple(listed)


def _show_findings(examination: Examination) -> tuple[FindingShown, ...]:
    found = examination.findings
    behind = entries_behind(found.impact, found.findings) if found.impact is not None else {}
    return tuple(
        FindingShown(
            rule=each.rule,
            path=each.path,
            line=each.line,
            says=each.says,
            level=each.level,
            entries=behind.get(each, ()),
        )
        for each in found.findings
    )


def _show_claims(examination: Examination) -> tuple[ClaimShown, ...]:
    return tuple(
        ClaimShown(by=record.producer.name or record.producer.id, about=about, says=says)
        for record in (*examination.findings.claims, *examination.findings.records)
        for about, says in record.claims.items()
    )


def _show_stale(examination: Examination) -> tuple[NextAction, ...]:
    return tuple(
        NextAction(do=f"Renew {each.predicate}: {each.because}", command=each.rerun, who="anybody")
        for each in examination.findings.stale
    )


def _with_revision(command: str, spec: ChangeSpec, change: Change) -> str:
    for start in _ABOUT_A_CHANGE:
        if "--worktree" not in command and (command == start or command.startswith(start + " ")):
            base = f" --base {quote_argument(spec.base)}" if spec.base and start in _TAKES_BASE else ""
            return f"{start} {quote_argument(name_of(spec, change))}{command[len(start) :]}{base}"
    return command
