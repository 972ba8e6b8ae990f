"""Nouns of review: statements that people sign, what was examined, who has to look, and what is reported."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum

from release_harness.kernel.digests import ChangeDigest, CommitId, PolicyDigest, Sha256, TreeId
from release_harness.kernel.facts import FactValue
from release_harness.kernel.identity import Actor, ProofLevel
from release_harness.kernel.records import record
from release_harness.kernel.verdict import NextAction, Outcome, Verdict
from release_harness.policy.subject import ApprovalSeen, BypassSeen, Judgement, Subject, TierDecision
from release_harness.steps.changes.model import Change, ReleaseCard
from release_harness.steps.evidence.model import EvidenceFindings
from release_harness.steps.intake.model import Brief
from release_harness.steps.project.model import Rules

APPROVAL_NAMESPACE = "approval@release-harness.dev"
"""Namespace of signatures over approvals and rejections; a signature made for anything else is refused."""
BREAK_GLASS_NAMESPACE = "break-glass@release-harness.dev"
"""Namespace of signatures over break-glass statements."""


class Answer(Enum):
    """What a reviewer says of a change; the first member is the safer one."""

    REJECT = "reject"
    APPROVE = "approve"


@record
class CheckpointShown:
    """The state of the ledger that the signer saw, so that every signer's machine is a witness of it."""

    size: int
    root: str


@record
class AnswerOrder:
    """How a reviewer answers."""

    answer: Answer
    lenses: tuple[str, ...] = ()
    key: str = ""
    """Key file; empty for git's own SSH signing key."""
    unsigned: bool = False
    note: str = ""


@record
class Statement:
    """What a reviewer signs: the content, and all that was shown when the answer was given."""

    schema: str
    answer: Answer
    change: ChangeDigest
    result_tree: TreeId
    base: CommitId
    target: str
    content: Sha256
    """Over the new contents of the changed files, so that nothing hangs on SHA-1 alone."""
    tier: str
    policy: PolicyDigest
    """Over all policies in force."""
    policies: tuple[PolicyDigest, ...]
    evidence: tuple[str, ...]
    checkpoint: CheckpointShown | None
    lenses: tuple[str, ...]
    approver: str
    """Id of the person in the policy."""
    given_at: datetime
    nonce: str
    note: str = ""


@record
class BreakGlassStatement:
    """What somebody signs to go past failing rules, for one content and for a while."""

    schema: str
    change: ChangeDigest
    result_tree: TreeId
    base: CommitId
    target: str
    content: Sha256
    tier: str
    policy: PolicyDigest
    policies: tuple[PolicyDigest, ...]
    checkpoint: CheckpointShown | None
    rules: tuple[str, ...]
    incident: str
    reason: str
    ttl_seconds: int
    actor: str
    given_at: datetime
    nonce: str


@record
class Signed:
    """One stored statement as it was recorded, not yet believed."""

    id: str
    """Event id in the ledger."""
    text: str
    """Canonical JSON of the statement, exactly the bytes that were signed."""
    signature: str
    """Armored SSH signature, or empty for proof level `login`."""
    recorder: Actor
    """Who ran the command, as the ledger recorded it."""
    recorded_at: datetime
    change: str = ""
    target: str = ""
    branch: str = ""
    base: str = ""
    head: str = ""
    title: str = ""


@record
class SignatureCheck:
    """What a signature proves about a text."""

    proof: ProofLevel | None
    """None when it proves nothing."""
    key: str = ""
    """Public key that signed, as `type base64`."""
    why: str = ""
    """Why it proves nothing, or less than it could."""


@record
class Approval:
    """A stored answer of a reviewer with what it is worth for the change at hand."""

    signed: Signed
    statement: Statement
    proof: ProofLevel
    counts: bool
    why: str
    """Why it counts or does not."""
    rejected: bool = False
    """True for a rejection."""
    key: str = ""
    """Public key that proved it; empty for proof level `login`."""


@record
class ReviewDuty:
    """Somebody went past a rule; somebody else has to look afterwards."""

    id: str
    """Event id of the break-glass."""
    change: ChangeDigest
    target: str
    branch: str
    base: str
    head: str
    opened_by: str
    incident: str
    opened_at: datetime
    due_at: datetime
    closed_at: datetime | None = None
    closed_by: str = ""

    def is_overdue(self, now: datetime) -> bool:
        """Tell whether nobody has looked in time."""
        return self.closed_at is None and now > self.due_at


@record
class Examination:
    """Everything that was gathered about one change, and what follows from it."""

    change: Change
    rules: Rules
    brief: Brief | None
    findings: EvidenceFindings
    subject: Subject
    judgements: tuple[Judgement, ...]
    tier: TierDecision
    """The highest of all policies in force, with the reasons of each."""
    verdict: Verdict
    forced: bool
    """True when break-glass was used: the decision is FORCED, never PASSED."""
    card: ReleaseCard
    approvals: tuple[Approval, ...]
    next_actions: tuple[NextAction, ...]
    examined_at: datetime
    approvals_seen: tuple[ApprovalSeen, ...] = ()
    """What the first policy in force was given."""
    bypasses_seen: tuple[BypassSeen, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The outcome of the verdict."""
        return self.verdict.outcome


# ---- what `rh check` and its siblings answer (JSON contracts; keys are only ever added) ----


@record
class AuthorShown:
    """One author of the change."""

    id: str
    kind: str
    name: str
    email: str


@record
class ChangeShown:
    """The change in a few words."""

    base: str | None
    head: str | None
    branch: str
    authors: tuple[AuthorShown, ...]
    files_count: int
    lines_added: int
    lines_removed: int
    target: str
    title: str
    worktree: bool
    requester: AuthorShown | None
    gaps: tuple[str, ...]
    conflicts: tuple[str, ...]
    notes: tuple[str, ...]


@record
class FindingShown:
    """One result of a scanner, or of rh's own look for secrets."""

    rule: str
    path: str
    line: int
    says: str
    level: str


@record
class ClaimShown:
    """What the author or an agent says of the change; no rule reads it."""

    by: str
    about: str
    says: str


@record
class DigestsShown:
    """What everything binds to; None where it could not be computed."""

    result_tree: str | None
    change: str | None
    policy: str | None


@record
class ReasonShown:
    """Why the tier is at least what it is."""

    rule: str
    because: str
    files: tuple[str, ...]
    tier: str
    policy: str
    """Where the policy that says so was read."""


@record
class TierShown:
    """The tier with its reasons, highest first."""

    name: str
    reasons: tuple[ReasonShown, ...]
    surfaces: tuple[str, ...]


@record
class FactShown:
    """A fact: its value and source, or why it is not known."""

    value: FactValue | None
    source: str
    unknown: str
    """Empty when the fact is known."""


@record
class VerdictShown:
    """One node of the verdict tree."""

    outcome: Outcome
    says: str
    seen: str
    wanted: str
    children: tuple["VerdictShown", ...]
    rule: str


@record
class ApprovalShown:
    """One answer that was found for this change, and what it is worth."""

    id: str
    approver: str
    answer: Answer
    proof: ProofLevel
    lenses: tuple[str, ...]
    counts: bool
    why: str
    given_at: datetime


@record
class PolicyShown:
    """One policy in force."""

    source: str
    digest: str


@record
class CheckReport:
    """What `rh check` answers, for people and as `rh.check/1`."""

    change: ChangeShown
    digests: DigestsShown
    card: ReleaseCard
    tier: TierShown
    facts: Mapping[str, FactShown]
    verdict: VerdictShown
    next_actions: tuple[NextAction, ...]
    forced: bool
    policies: tuple[PolicyShown, ...]
    approvals: tuple[ApprovalShown, ...]
    stale_evidence: tuple[NextAction, ...]
    rejected_evidence: tuple[str, ...]
    """Why stored evidence is not believed, one sentence each."""
    findings: tuple[FindingShown, ...]
    claims: tuple[ClaimShown, ...]
    revision: str
    """How the change was named, for commands that are printed."""


@record
class PolicyExplained:
    """What one policy in force says of the change."""

    source: str
    digest: str
    tier: TierShown
    forced: bool
    verdict: VerdictShown


@record
class Explanation:
    """What every policy in force saw and wanted, and the smallest set of actions that would pass (`rh.explain/1`)."""

    change: ChangeShown
    digests: DigestsShown
    tier: TierShown
    policies: tuple[PolicyExplained, ...]
    verdict: VerdictShown
    actions: tuple[NextAction, ...]


@record
class ReviewGiven:
    """What `rh approve` and `rh reject` answer (`rh.approval/1`)."""

    id: str
    answer: Answer
    change: ChangeDigest
    target: str
    approver: str
    proof: ProofLevel
    lenses: tuple[str, ...]
    counts: bool
    why: str
    """Why it counts or does not; said at once, not at the gate."""
    tier: str
    duties_closed: tuple[str, ...]
    outcome_now: Outcome
    """Outcome of the change after this answer."""
    next_actions: tuple[NextAction, ...]
    revision: str


@record
class GlassBroken:
    """What `rh break-glass` answers (`rh.break-glass/1`)."""

    id: str
    change: ChangeDigest
    target: str
    actor: str
    rules: tuple[str, ...]
    incident: str
    reason: str
    expires_at: datetime
    review_due_at: datetime
    outcome_now: Outcome
    forced_now: bool
    next_actions: tuple[NextAction, ...]
    revision: str


class QueueReason(Enum):
    """Why something is in the review queue; the first member comes first."""

    OVERDUE = "overdue review after break-glass"
    DUTY = "review after break-glass"
    REJECTED = "rejected"
    WAITING = "waits for approval"
    BLOCKED = "waits for its author"
    READY = "ready to land"


@record
class EyesNeeded:
    """The part of a change that needs eyes: one surface or the rest, with its lenses, files and lines."""

    surface: str
    """Name of the surface, or empty for files of no surface."""
    lenses: tuple[str, ...]
    files: tuple[str, ...]
    lines_count: int


@record
class QueueItem:
    """One change that waits for somebody."""

    revision: str
    change: str
    title: str
    target: str
    authors: tuple[str, ...]
    waiting_since: datetime
    reason: QueueReason
    tier: str
    waits_for: tuple[str, ...]
    eyes: tuple[EyesNeeded, ...]
    says: str
    command: str
    due_at: datetime | None = None
    head: str = ""


@record
class ReviewQueue:
    """What waits for whom, oldest first (`rh.review-queue/1`)."""

    items: tuple[QueueItem, ...]
    not_examined: tuple[str, ...]
    """Branches that were left out to keep the answer quick, oldest first: they are unknown, not done."""
    problems: tuple[str, ...]
    """Branches that could not be examined, and why."""
    target: str
    as_of: datetime


@record
class BranchTip:
    """A local branch that is ahead of the default branch."""

    name: str
    head: CommitId
    committed_at: datetime
    title: str
