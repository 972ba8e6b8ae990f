"""Everything that is known about one change at one moment."""

from datetime import datetime

from release_harness.kernel.records import record
from release_harness.kernel.verdict import NextAction, Outcome, Verdict
from release_harness.policy.subject import ApprovalSeen, BypassSeen, Judgement, Subject, TierDecision
from release_harness.steps.changes.model import Change, ReleaseCard
from release_harness.steps.evidence.model import EvidenceFindings
from release_harness.steps.intake.model import Brief
from release_harness.steps.project.model import Rules
from release_harness.steps.review.model.statements import Approval


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
