"""What waits for whom."""

from datetime import datetime
from enum import Enum

from release_harness.kernel.digests import CommitId
from release_harness.kernel.records import record


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
