"""Nouns of the queue as it is kept: entries, runs, holds, and what is told about them."""

from datetime import datetime
from enum import Enum

from release_harness.kernel.digests import ChangeDigest, CommitId, Sha256, TreeId
from release_harness.kernel.records import record
from release_harness.kernel.verdict import NextAction, Outcome
from release_harness.steps.merge.model import Landing, Method, Person, Place, Refusal, RunOutcome


class EntryState(Enum):
    """What became of a change in the queue; everything but the first is an end."""

    WAITING = "waiting"
    LANDED = "landed"
    REFUSED = "refused"
    REMOVED = "removed"


@record
class Planned:
    """How the commit of a change is made, as far as it does not hang on the tip; written down when it is queued."""

    method: Method
    subject: str
    trailers: tuple[tuple[str, str], ...]
    author: Person


@record
class Asked:
    """What is said when a change is queued; the payload of `ChangeQueued`."""

    remote: str
    branch: str
    head: CommitId
    revision: str
    """The name that was given; it has to stand for the same head when the change lands."""
    source: str
    """Branch that the change comes from, or empty."""
    change: ChangeDigest
    title: str
    planned: Planned
    files: tuple[str, ...]
    files_known: bool
    """False when the list is cut short; such a change shares no run with another one."""
    needs: tuple[int, ...] = ()
    """Entries that it is built upon or depends on."""
    priority: int = 0
    emergency: str = ""
    """Why it goes first and through a hold; empty for everybody else."""


@record
class QueueEntry:
    """One change in the queue; its number is the place of its event in the ledger."""

    number: int
    event: str
    asked: Asked
    by: str
    queued_at: datetime
    state: EntryState = EntryState.WAITING
    reason: str = ""
    """Class of its end, such as `own-failure`; empty while it waits and when it landed by a run."""
    says: str = ""
    ended_at: datetime | None = None
    end_event: str = ""
    overtaken_count: int = 0

    @property
    def name(self) -> str:
        """What people call it."""
        return self.asked.source or self.asked.revision or self.asked.head[:12]


@record
class MemberRef:
    """One change as it is part of a run."""

    number: int
    head: CommitId


class RunState(Enum):
    """Whether a run is under way."""

    OPEN = "open"
    ENDED = "ended"
    STOPPED = "stopped"


@record
class RunOrder:
    """What is run: exactly one tree, and the chain of commits that would land it; the payload of `QueueRunBegan`."""

    remote: str
    branch: str
    tip: CommitId
    members: tuple[MemberRef, ...]
    """In the order in which they are merged; none for a run of the tip itself."""
    commit: CommitId
    tree: TreeId
    gate: Sha256
    gate_after: Sha256
    """Digest of the gate as the tree has it; another one is run as well, after the first has passed."""
    environment: Sha256
    attempt: int
    worker: str
    anew: bool = False
    """True when an earlier answer for this tree is doubted."""


@record
class GateAnswer:
    """What one gate said."""

    gate: Sha256
    outcome: RunOutcome


@record
class RunAnswer:
    """What came out of a run; the payload of `QueueRunEnded`."""

    run: str
    outcome: RunOutcome
    answers: tuple[GateAnswer, ...] = ()
    evidence: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    says: str = ""
    took_seconds: int = 0


@record
class QueueRun:
    """One run as the ledger holds it."""

    id: str
    seq: int
    order: RunOrder
    began_at: datetime
    state: RunState = RunState.OPEN
    answer: RunAnswer | None = None
    why_stopped: str = ""


@record
class Hold:
    """Nothing but an emergency lands while this holds."""

    reason: str
    by: str
    held_at: datetime
    until: datetime | None = None

    def is_on(self, now: datetime) -> bool:
        """Tell whether it holds at that moment."""
        return self.until is None or now < self.until


@record
class GateTerms:
    """What a run is judged by: the gate as the landed base has it, and where it runs."""

    gate: Sha256
    environment: Sha256


@record
class QueueSettings:
    """The numbers of a running queue."""

    planner: str = "pcut"
    workers_count: int = 2
    most_overtakes_count: int = 20
    flake_ratio: float = 0.01
    """Share of the runs of a good tree that fail all the same; 0 believes the first failure."""
    pass_ratio: float = 0.87
    """How likely a change passes, as long as nothing better is known."""


@record
class Refused:
    """A change that was sent back, and why."""

    entry: QueueEntry
    refusal: Refusal
    event: str


@record
class Ticked:
    """What one look at the queue did."""

    tip: CommitId
    waiting_count: int
    running_count: int
    base_red: bool = False
    landed: tuple[Landing, ...] = ()
    refused: tuple[Refused, ...] = ()
    started: tuple[QueueRun, ...] = ()
    stopped: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    """What stood against a proposal."""

    @property
    def did_something(self) -> bool:
        """Whether anything was written."""
        return bool(self.landed or self.refused or self.started or self.stopped)


@record
class QueueLine:
    """One change as `rh queue` shows it."""

    position: int
    number: int
    name: str
    head: CommitId
    title: str
    state: str
    doing: str
    """What is being tested with it, or why it waits."""
    queued_at: datetime
    overtaken_count: int = 0
    emergency: bool = False


@record
class SentBack:
    """A change that may not be queued, or that left the queue without landing, and why."""

    name: str
    refusal: Refusal


@record
class QueueReport:
    """What the operations of the queue answer (`rh.queue/1`)."""

    outcome: Outcome
    says: str
    place: Place
    lines: tuple[QueueLine, ...] = ()
    sent_back: tuple[SentBack, ...] = ()
    notes: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    next_actions: tuple[NextAction, ...] = ()
    event: str = ""
