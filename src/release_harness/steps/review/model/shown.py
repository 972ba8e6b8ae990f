"""What `rh check` and its siblings answer: JSON contracts, whose keys are only ever added."""

from collections.abc import Mapping
from datetime import datetime

from release_harness.kernel.facts import FactValue
from release_harness.kernel.identity import ProofLevel
from release_harness.kernel.records import record
from release_harness.kernel.verdict import NextAction, Outcome
from release_harness.steps.changes.model import ReleaseCard
from release_harness.steps.evidence.model.impact import ImpactAnswer
from release_harness.steps.evidence.model.relevance import Weakening
from release_harness.steps.evidence.model.together import TogetherAnswer
from release_harness.steps.evidence.model.trace import Walked
from release_harness.steps.review.model.statements import Answer


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
    entries: tuple[str, ...] = ()
    """Entry points that run the changed symbol it lies in."""


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
    impact: ImpactAnswer | None = None
    """What the change touches, at most 200 of each list; `rh impact` has all of it."""
    walked: tuple[Walked, ...] = ()
    """How really each affected entry point was walked."""
    together: TogetherAnswer | None = None
    """What it and the changes named beside it do to each other; None when none was named."""
    weakened: tuple[Weakening, ...] = ()
    """Tests of changed files that say less than on the base, at most 200."""


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
