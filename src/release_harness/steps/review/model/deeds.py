"""What the commands answer that record what people say."""

from datetime import datetime

from release_harness.kernel.digests import ChangeDigest
from release_harness.kernel.identity import ProofLevel
from release_harness.kernel.records import record
from release_harness.kernel.verdict import NextAction, Outcome
from release_harness.steps.review.model.statements import Answer


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
