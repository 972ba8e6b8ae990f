"""What a look back finds: every landing, which of the seven fields it can answer, and whether it was taken back."""

from datetime import datetime, timedelta
from enum import Enum

from release_harness.kernel.digests import CommitId
from release_harness.kernel.records import record

FIELDS = (
    "goal",
    "scope",
    "risk_tier",
    "verification_evidence",
    "ship_method",
    "rollback_method",
    "watch_metrics",
)
"""The seven fields of the release card, in its order."""


class Answer(Enum):
    """How well a field can be answered from what was kept; the first member is the worst."""

    MISSING = "missing"
    PARTLY = "partly"
    ANSWERED = "answered"


@record
class FieldAnswer:
    """One of the seven fields of one landing."""

    field: str
    answer: Answer
    says: str


@record
class Reversal:
    """How a landing was taken back."""

    by: CommitId
    subject: str
    after: timedelta
    """By the committers' clocks; 0 when they run backwards."""
    landings_between: int
    how: str
    """`commit id`, `number` or `title`: what the later landing names."""
    relanded_by: CommitId | None = None


@record
class LandingReview:
    """One first-parent commit of the branch, and what is known of it."""

    commit: CommitId
    landed_at: datetime
    title: str
    author_kind: str
    authors: tuple[str, ...]
    files_count: int
    lines_added: int | None
    lines_removed: int | None
    tier: str
    tier_exact: bool
    """False when the tier is at least this, since something about the change is not known."""
    reasons: tuple[str, ...]
    fields: tuple[FieldAnswer, ...]
    missing: tuple[str, ...]
    """Of `app`, `data` and `rollback`, those for which nothing proves that it works."""
    touches_data: bool
    release: str
    """First release tag that is known to hold it, or empty."""
    reversal: Reversal | None
    takes_back: bool
    """True when it takes an earlier landing back itself."""
    score: int
    """The worst first: tier, missing fields and reversal together; 0 for nothing missing."""

    @property
    def answered_count(self) -> int:
        """How many of the seven fields are answered whole."""
        return sum(each.answer is Answer.ANSWERED for each in self.fields)


@record
class FieldTotal:
    """One field over all landings."""

    field: str
    answered_count: int
    partly_count: int
    missing_count: int


@record
class Totals:
    """All landings together."""

    landings_count: int
    fields: tuple[FieldTotal, ...]
    missing_app_count: int
    missing_data_count: int
    touching_data_count: int
    missing_rollback_count: int
    reverted_count: int
    reverted_within_day_count: int
    revert_median: timedelta | None
    relanded_count: int
    tiers: tuple[tuple[str, int], ...]
    """From the highest tier to the lowest."""
    authors: tuple[tuple[str, int], ...]


@record
class Retro:
    """A look back over one branch."""

    asked: str
    branch: str
    newest: CommitId
    oldest: CommitId | None
    policy: str
    landings: tuple[LandingReview, ...]
    """The worst first."""
    totals: Totals
    gaps: tuple[str, ...]
    shown_count: int = 20
    """How many rows people asked to see; every other form holds all of them."""
