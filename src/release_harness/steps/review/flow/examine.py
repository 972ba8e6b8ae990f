"""One examination of one change: facts, evidence, owners, approvals, and the verdict over every policy in force."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from release_harness.kernel.digests import Sha256, TreeId
from release_harness.kernel.errors import OutsideError
from release_harness.kernel.time import Clock
from release_harness.kernel.verdict import Verdict
from release_harness.ledger.door import LedgerDoor
from release_harness.policy.actions import smallest_actions
from release_harness.policy.judge import is_forced, judge
from release_harness.policy.subject import BypassSeen, Judgement
from release_harness.steps.changes.flow import ChangeNeeds, gather
from release_harness.steps.changes.model import Change, ChangeSpec
from release_harness.steps.changes.rules import count_migrations, identify_people
from release_harness.steps.evidence.flow import FindingsNeeds, findings_for
from release_harness.steps.evidence.model import EvidenceFindings
from release_harness.steps.evidence.ports import EvidenceRepository
from release_harness.steps.intake.flow import NeedsTree, brief_for
from release_harness.steps.project.flow import RulesNeeds, rules_for
from release_harness.steps.project.model import Rules
from release_harness.steps.project.ports import TreeReader
from release_harness.steps.project.rules import judge_faults
from release_harness.steps.review.model import (
    APPROVAL_NAMESPACE,
    BREAK_GLASS_NAMESPACE,
    Approval,
    Examination,
    SignatureCheck,
    Signed,
)
from release_harness.steps.review.ports import ApprovalSigner, ReviewRepository
from release_harness.steps.review.rules.answers import (
    Content,
    Read,
    ReadBreakGlass,
    keys_of,
    see_approvals,
    see_bypasses,
    weigh_answers,
)
from release_harness.steps.review.rules.card import build_card
from release_harness.steps.review.rules.gate import judge_gate
from release_harness.steps.review.rules.statements import read_approval, read_break_glass
from release_harness.steps.risk.flow.outlook import OutlookNeeds, risk_of
from release_harness.steps.risk.rules import file_owners, paths_of, strictest_tier, subject_for, touched_surfaces


class ExamineRepository(EvidenceRepository, TreeReader, Protocol):
    """What an examination reads from git."""


class ExamineNeeds(ChangeNeeds, RulesNeeds, FindingsNeeds, NeedsTree, OutlookNeeds, Protocol):
    """What examining a change needs."""

    @property
    def repository(self) -> ExamineRepository:
        """The repository that the change is in."""
        ...

    @property
    def clock(self) -> Clock:
        """Says what time it is."""
        ...

    @property
    def ledger(self) -> LedgerDoor:
        """Opens the ledger if there is one."""
        ...

    @property
    def approval_signer(self) -> ApprovalSigner:
        """Checks signatures of people."""
        ...

    @property
    def review_repository(self) -> ReviewRepository:
        """Reads the contents that were approved."""
        ...


def examine(needs: ExamineNeeds, spec: ChangeSpec, *, covering: TreeId | None = None) -> Examination:
    """Gather everything that is known about a change and judge it by every policy in force; writes nothing.

    `covering` is a tree whose runs count for the change, since every file of the change is in it as in its own result.
    """
    now = needs.clock.now()
    change, rules = _gather_with_rules(needs, spec)
    findings = findings_for(needs, change, rules, now, covering=covering)
    statements = read_statements(needs, change, rules)
    return judge_examination(needs, change, rules, findings, statements, now)


def _gather_with_rules(needs: ExamineNeeds, spec: ChangeSpec) -> tuple[Change, Rules]:
    """Gather the change and the rules that judge it; only the rules tell the project's own default branch."""
    change = gather(needs, spec)
    rules = _rules_of(needs, change)
    default_branch = rules.project.default_branch
    if default_branch and not spec.base and ".." not in spec.revision and change.target != default_branch:
        change = gather(needs, spec, default_branch=default_branch)
        rules = _rules_of(needs, change)
    change = count_migrations(change, rules.project.migrations)
    change = identify_people(change, rules.policies)
    return replace(change, digests=replace(change.digests, policy=rules.digest)), rules


def _rules_of(needs: ExamineNeeds, change: Change) -> Rules:
    return rules_for(needs, merge_base=change.merge_base, base=change.base, result_tree=change.digests.result_tree)


class Statements:
    """The answers and break-glass statements that were found for a change, weighed."""

    __slots__ = ("approvals", "bypasses")

    def __init__(self, approvals: tuple[Approval, ...] = (), bypasses: tuple[BypassSeen, ...] = ()) -> None:
        """Nothing was found unless it is given."""
        self.approvals = approvals
        self.bypasses = bypasses


def judge_examination(
    needs: ExamineNeeds,
    change: Change,
    rules: Rules,
    findings: EvidenceFindings,
    statements: Statements,
    now: datetime,
) -> Examination:
    """Judge what was gathered; nothing more is read but the brief and the names at the top of the tree."""
    treeish = digest_or_head(change)
    trailers = [pair for commit in change.commits for pair in commit.trailers]
    paths = paths_of(change)
    brief = brief_for(needs, treeish=treeish, trailers=trailers, changed_paths=paths) if treeish else None
    owners = file_owners(paths, rules.codeowners)
    risk = risk_of(needs, change, now)
    subject = subject_for(change, findings, owners, brief, change.target, rules=rules.digest, risk=risk)
    approvals_seen = see_approvals(statements.approvals)
    judgements = tuple(
        judge(each.policy, each.digest, subject, findings.seen, approvals_seen, statements.bypasses, now)
        for each in rules.policies
    )
    tier = strictest_tier(judgements)
    forced = is_forced(judgements)
    verdict = judge_gate(change, _name_sources(rules, judgements), judge_faults(rules), forced=forced)
    tree = change.digests.result_tree
    names = needs.repository.folder_names(tree, [""]).get("", ()) if tree else ()
    return Examination(
        change=change,
        rules=rules,
        brief=brief,
        findings=findings,
        subject=subject,
        judgements=judgements,
        tier=tier,
        verdict=verdict,
        forced=forced,
        card=build_card(change, subject, tier, brief, touched_surfaces(rules, tier), names, findings.impact),
        approvals=statements.approvals,
        next_actions=smallest_actions(verdict),
        examined_at=now,
        approvals_seen=approvals_seen,
        bypasses_seen=statements.bypasses,
    )


def digest_or_head(change: Change) -> str:
    """Return what files are read from: the result tree, else the head, else nothing."""
    return change.digests.result_tree or change.head or ""


def read_statements(needs: ExamineNeeds, change: Change, rules: Rules) -> Statements:
    """Read and check what people said of exactly this content; without a ledger nobody said anything."""
    digest = change.digests.change
    ledger = needs.ledger.existing() if digest is not None else None
    if ledger is None or digest is None:
        return Statements()
    # SQLAlchemy costs 150 ms; it is loaded only when there is a ledger to read.
    from release_harness.steps.review import store

    with ledger.read() as connection:
        answers = store.answers_for(connection, digest)
        broken = store.break_glass_for(connection, digest)
    if not answers and not broken:
        return Statements()
    content = Content(change=digest, target=change.target, digest=_content_digest(needs, change))
    policies = [each.policy for each in rules.policies]
    return Statements(
        approvals=weigh_answers(_read_answers(needs, answers, rules), content, policies),
        bypasses=see_bypasses(_read_broken(needs, broken, rules), content),
    )


def _content_digest(needs: ExamineNeeds, change: Change) -> Sha256 | None:
    """Return the digest over the contents, or None when one of them is not here: then no statement can be held against it."""
    try:
        return needs.review_repository.content_digest(change.files)
    except OutsideError:
        return None


def _read_answers(needs: ExamineNeeds, answers: Sequence[Signed], rules: Rules) -> tuple[Read, ...]:
    read = []
    for signed in answers:
        statement = read_approval(signed.text)
        if statement is None:
            continue
        check = _check(needs, signed, APPROVAL_NAMESPACE, statement.approver, rules) if signed.signature else None
        read.append(Read(signed=signed, statement=statement, check=check))
    return tuple(read)


def _read_broken(needs: ExamineNeeds, broken: Sequence[Signed], rules: Rules) -> tuple[ReadBreakGlass, ...]:
    read = []
    for signed in broken:
        statement = read_break_glass(signed.text)
        if statement is None:
            continue
        check = _check(needs, signed, BREAK_GLASS_NAMESPACE, statement.actor, rules)
        read.append(ReadBreakGlass(signed=signed, statement=statement, check=check))
    return tuple(read)


def _check(needs: ExamineNeeds, signed: Signed, namespace: str, person: str, rules: Rules) -> SignatureCheck:
    keys = keys_of([each.policy for each in rules.policies], person)
    return needs.approval_signer.verify(signed.text.encode(), signed.signature, namespace=namespace, keys=keys)


def _name_sources(rules: Rules, judgements: Sequence[Judgement]) -> tuple[Verdict, ...]:
    """Return the verdicts, each with where its policy was read when there are several."""
    if len(judgements) == 1:
        return (judgements[0].verdict,)
    return tuple(
        replace(each.verdict, says=f"{each.verdict.says.rstrip('.')} (by {rule.source}).")
        for rule, each in zip(rules.policies, judgements, strict=True)
    )
