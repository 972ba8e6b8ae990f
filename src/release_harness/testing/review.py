"""Builders of changes and examinations, so that a test of review says only what it is about."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from release_harness.kernel.digests import CommitId, ObjectId, PolicyDigest, Sha256
from release_harness.kernel.facts import FactValue, Unknown
from release_harness.kernel.identity import Actor, ActorKind
from release_harness.policy.actions import smallest_actions
from release_harness.policy.judge import is_forced, judge
from release_harness.policy.model import Policy
from release_harness.policy.subject import EvidenceSeen
from release_harness.steps.changes.model import Change, CommitFacts, Digests, FileChange, FileKind, FileStatus
from release_harness.steps.evidence.model import EvidenceFindings
from release_harness.steps.intake.model import Brief
from release_harness.steps.project.model import Codeowners, PolicyInForce, ProjectFile, Rules
from release_harness.steps.review.model import Answer, Approval, Examination, Signed, Statement
from release_harness.steps.review.rules.answers import see_approvals
from release_harness.steps.review.rules.card import build_card
from release_harness.steps.review.rules.gate import judge_gate
from release_harness.steps.review.rules.statements import APPROVAL_SCHEMA, write_statement
from release_harness.steps.risk.rules import file_owners, paths_of, strictest_tier, subject_for, touched_surfaces
from release_harness.testing.policies import (
    CHANGE,
    GREEN,
    NOW,
    POLICY_DIGEST,
    QUIET,
    TREE,
    actor,
    default_policy_with_people,
    facts,
    green_run,
)

BASE = CommitId("b" * 40)
HEAD = CommitId("a" * 40)
CONTENT = Sha256("sha256:" + "5" * 64)
_BLOB = ObjectId("3" * 40)
_NOTHING = ObjectId("0" * 40)

BRIEF = Brief(
    id="refunds",
    title="Refunds by mail",
    goal="Customers can ask for a refund by mail and see within a day what became of it.",
    non_goals="No refunds over 500 EUR.",
    principles="Money back twice is worse than money back late.",
    success_signals="refund_requests_total rises above 5 a day within a week",
    risks="Double refunds; owner: @bo",
    acceptance="A mail to refunds@ creates one request.",
)


def changed_file(path: str, *, added: int = 8, removed: int = 2, kind: FileKind = FileKind.FILE) -> FileChange:
    """Make one modified file."""
    return FileChange(
        path=path,
        status=FileStatus.MODIFIED,
        old_kind=kind,
        new_kind=kind,
        old_blob=_NOTHING,
        new_blob=_BLOB,
        lines_added=added,
        lines_removed=removed,
        binary=False,
        language="Python",
    )


def small_change(*paths: str, author: Actor | None = None, known: Mapping[str, FactValue] = QUIET) -> Change:
    """Make a whole change by Ana onto `main`, of the files of the subject in `testing.policies` unless named."""
    writer = author or actor("ana")
    commit = CommitFacts(
        id=HEAD,
        author=writer,
        committer=writer,
        co_authors=(),
        trailers=(),
        subject="Answer refunds by mail",
        authored_at=NOW - timedelta(hours=5),
        parents_count=1,
    )
    return Change(
        base=BASE,
        merge_base=BASE,
        head=HEAD,
        branch="refunds",
        target="main",
        title="Answer refunds by mail",
        files=tuple(changed_file(path) for path in paths or ("src/app.py",)),
        listing_complete=True,
        gaps=(),
        conflicts=(),
        commits=(commit,),
        authors=(writer,),
        requester=None,
        lines=(),
        lines_complete=True,
        digests=Digests(result_tree=TREE, change=CHANGE, policy=POLICY_DIGEST),
        facts={**facts(known), "migrations.files_count": facts({"x": 0})["x"]},
    )


def rules_of(*policies: Policy, codeowners: Codeowners | None = None) -> Rules:
    """Put policies in force; the default one with people unless others are given."""
    listed = policies or (default_policy_with_people(),)
    return Rules(
        policies=tuple(
            PolicyInForce(
                policy=policy,
                digest=PolicyDigest("sha256:" + str(number) * 64),
                source="built-in defaults" if number == 0 else f".rh/policy.yaml at place {number}",
            )
            for number, policy in enumerate(listed)
        ),
        codeowners=codeowners or Codeowners(),
        project=ProjectFile(),
        digest=POLICY_DIGEST,
    )


def findings_of(*evidence: EvidenceSeen, known: Mapping[str, FactValue] | None = None) -> EvidenceFindings:
    """Make findings with these facts; without any evidence the tests are unknown."""
    unknown = {
        "tests.run_count": Unknown(why="no test result for this tree"),
        "entry_points.affected_count": Unknown(why="entry points are not analysed yet"),
    }
    values = {"secrets.found_count": 0} if known is None else known
    return EvidenceFindings(facts={**unknown, **facts(values)}, seen=evidence, records=(), stale=(), findings=())


def green_findings() -> EvidenceFindings:
    """Make findings with a green test run."""
    values = {
        **GREEN,
        "secrets.found_count": 0,
        "coverage.changed_lines_count": 10,
        "coverage.exercised_lines_count": 10,
    }
    return findings_of(green_run(), known=values)


def statement_by(
    person: str, *, answer: Answer = Answer.APPROVE, nonce: str = "n1", lenses: tuple[str, ...] = ()
) -> Statement:
    """Make the statement of somebody about the small change, a minute ago."""
    return Statement(
        schema=APPROVAL_SCHEMA,
        answer=answer,
        change=CHANGE,
        result_tree=TREE,
        base=BASE,
        target="main",
        content=CONTENT,
        tier="medium",
        policy=POLICY_DIGEST,
        policies=(POLICY_DIGEST,),
        evidence=(),
        checkpoint=None,
        lenses=lenses,
        approver=person,
        given_at=NOW - timedelta(minutes=1),
        nonce=nonce,
    )


def signed_by(statement: Statement, *, recorder: Actor | None = None, signature: str = "") -> Signed:
    """Make the stored form of a statement."""
    person = Actor(kind=ActorKind.PERSON, id=statement.approver, email=f"{statement.approver}@example.org")
    return Signed(
        id=f"event-{statement.approver}-{statement.nonce}",
        text=write_statement(statement),
        signature=signature,
        recorder=recorder or person,
        recorded_at=statement.given_at,
        change=statement.change,
        target=statement.target,
        head=HEAD,
        base=BASE,
    )


def examination_of(
    change: Change,
    *,
    rules: Rules | None = None,
    findings: EvidenceFindings | None = None,
    brief: Brief | None = None,
    approvals: tuple[Approval, ...] = (),
    root_names: tuple[str, ...] = ("pyproject.toml", "src"),
) -> Examination:
    """Judge a built change as `review.flow.examine` judges a gathered one."""
    in_force, found = rules or rules_of(), findings or findings_of()
    owners = file_owners(paths_of(change), in_force.codeowners)
    subject = subject_for(change, found, owners, brief, change.target, rules=in_force.digest)
    seen = see_approvals(approvals)
    judgements = tuple(
        judge(each.policy, each.digest, subject, found.seen, seen, (), NOW) for each in in_force.policies
    )
    tier = strictest_tier(judgements)
    forced = is_forced(judgements)
    verdict = judge_gate(change, [each.verdict for each in judgements], (), forced=forced)
    return Examination(
        change=change,
        rules=in_force,
        brief=brief,
        findings=found,
        subject=subject,
        judgements=judgements,
        tier=tier,
        verdict=verdict,
        forced=forced,
        card=build_card(change, subject, tier, brief, touched_surfaces(in_force, tier), root_names),
        approvals=approvals,
        next_actions=smallest_actions(verdict),
        examined_at=NOW,
        approvals_seen=seen,
    )


def without_result(change: Change) -> Change:
    """Take the digests away, as a shallow clone does."""
    return replace(change, digests=Digests(result_tree=None, change=None), gaps=("The history is cut short.",))
