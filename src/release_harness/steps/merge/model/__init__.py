"""Nouns of landing: where to, what was seen, what is intended, what was proven, and why something was refused."""

from datetime import datetime
from enum import Enum

from release_harness.kernel.digests import ChangeDigest, CommitId, PolicyDigest, TreeId
from release_harness.kernel.records import record
from release_harness.kernel.verdict import NextAction, Outcome, Verdict


class RefusalReason(Enum):
    """Why a change did not land; a closed set, so that agents can act on it."""

    OWN_FAILURE = "own-failure"
    CONFLICT_TEXTUAL = "conflict-textual"
    CONFLICT_SEMANTIC = "conflict-semantic"
    BASE_RED = "base-red"
    FLAKE_EXHAUSTED = "flake-exhausted"
    INFRA = "infra"
    TIMEOUT = "timeout"
    CHECK_NEVER_REPORTED = "check-never-reported"
    HEAD_CHANGED = "head-changed"
    APPROVAL_LOST = "approval-lost"
    PARENT_REJECTED = "parent-rejected"
    FROZEN = "frozen"
    SUPERSEDED = "superseded"
    ALREADY_ON_MAIN = "already-on-main"
    CANCELLED_BY = "cancelled-by"
    POLICY = "policy"


class Abandonment(Enum):
    """Why an intended landing was given up without anybody being blamed."""

    REFUSED = "refused"
    TIP_MOVED = "tip-moved"


class Method(Enum):
    """How the landed commit is made; all give the same tree."""

    MERGE = "merge"
    SQUASH = "squash"
    REBASE = "rebase"


@record
class Place:
    """The branch that is landed on."""

    branch: str
    """Short name."""
    remote: str = ""
    """Empty when the branch of this repository itself is the target."""

    @property
    def name(self) -> str:
        """The place in one word, such as `origin/main`."""
        return f"{self.remote}/{self.branch}" if self.remote else self.branch


class RunOutcome(Enum):
    """What the tests said of one exact tree; only the last two say something about the code."""

    NOT_RUN = "not run"
    INFRA = "infra"
    TIMEOUT = "timeout"
    FAILED = "failed"
    PASSED = "passed"


@record
class TreeRun:
    """One run of the tests on one exact tree."""

    tree: TreeId
    outcome: RunOutcome
    evidence: tuple[str, ...] = ()
    """Ids of the records."""
    says: str = ""
    failed: tuple[str, ...] = ()
    """Names of failed tests, when they are known."""
    flaky: tuple[str, ...] = ()
    took_seconds: int = 0


class Tree(Enum):
    """The trees whose runs a landing may have to compare."""

    RESULT = "the change on the tip"
    AGAIN = "the change on the tip, once more"
    TIP = "the tip without the change"
    ALONE = "the change without what landed since it was begun"


@record
class Parent:
    """A change that this one says it needs (trailer `Depends-on:`)."""

    name: str
    landed: bool
    refused: str = ""
    """Reason of its last refusal, when it was refused and has not landed."""


@record
class Culprit:
    """A landing that does not work together with the change."""

    commit: CommitId
    subject: str
    change: ChangeDigest | None = None
    evidence: tuple[str, ...] = ()


@record
class Suspects:
    """With whom the change conflicts: one landing when it was found, else all that are left."""

    found: tuple[Culprit, ...]
    exact: bool
    says: str = ""


@record
class Person:
    """Whose name a made commit carries as its author."""

    name: str
    email: str


@record
class Look:
    """One examination of the change on one tip, in the words of landing."""

    head: CommitId
    tip: CommitId
    merge_base: CommitId | None
    branch: str
    title: str
    brief: str
    author: Person
    result_tree: TreeId | None
    change: ChangeDigest | None
    policy: PolicyDigest
    tier: str
    verdict: Verdict
    forced: bool
    conflicts: tuple[str, ...]
    gaps: tuple[str, ...]
    files: tuple[str, ...]
    evidence: tuple[str, ...]
    approvals: tuple[str, ...]
    bypasses: tuple[str, ...]
    approvals_lost: tuple[str, ...]
    """Ids of approvals that were given to this branch with another content."""
    next_actions: tuple[NextAction, ...]
    tests_configured: bool
    run: TreeRun | None
    """The newest run for exactly the result tree."""
    method: Method
    depends_on: tuple[str, ...] = ()
    approvals_beside: tuple[str, ...] = ()
    """Ids of approvals of this content that fill nothing that was asked."""


@record
class LandFacts:
    """All that is known at one moment of a landing; what decides gets this and nothing else."""

    place: Place
    look: Look
    head_now: CommitId | None
    """Where the named revision stands now."""
    already: str = ""
    """How the content came to be there already; empty when it did not."""
    may_run: bool = True
    again: TreeRun | None = None
    tip_run: TreeRun | None = None
    alone_run: TreeRun | None = None
    suspects: Suspects | None = None
    parents: tuple[Parent, ...] = ()


@record
class Refusal:
    """Why the change did not land, with the evidence for it and what to do next."""

    reason: RefusalReason
    outcome: Outcome
    """Fail when the change has to be mended, unknown when something or somebody else has to move first."""
    says: str
    evidence: tuple[str, ...] = ()
    next_actions: tuple[NextAction, ...] = ()
    culprits: tuple[Culprit, ...] = ()
    retryable: bool = False
    """True when something outside failed and the same command may go through later."""


@record
class Land:
    """The change may land as it was looked at."""


@record
class NeedRun:
    """The tests have to be run on one more tree before anything can be decided."""

    tree: Tree


@record
class NeedSuspects:
    """It has to be found out which landing the change conflicts with."""


@record
class Already:
    """The content is on the branch; landing is done without doing anything."""

    how: str


Step = Land | NeedRun | NeedSuspects | Already | Refusal


@record
class Draft:
    """A commit as it will be made: a function of the change and the tip alone, so its id is known beforehand."""

    method: Method
    tree: TreeId
    tip: CommitId
    head: CommitId
    subject: str
    trailers: tuple[tuple[str, str], ...]
    author: Person


@record
class CheckpointSeen:
    """Size and root of the ledger when the landing was decided."""

    origin: str
    size: int
    root: str


@record
class LandingProof:
    """Which bytes landed, on what, and what they were judged by; the payload of `LandingIntended` and `ChangeLanded`."""

    remote: str
    branch: str
    method: Method
    base: CommitId | None
    """Merge base of the change and the tip."""
    tip_before: CommitId
    tip_after: CommitId
    head: CommitId
    change: ChangeDigest
    result_tree: TreeId
    policy: PolicyDigest
    tier: str
    evidence: tuple[str, ...]
    approvals: tuple[str, ...]
    bypasses: tuple[str, ...]
    forced: bool
    verdict: Outcome
    verdict_says: str
    checkpoint: CheckpointSeen
    title: str
    brief: str
    source: str
    """Branch that the change came from, or empty."""
    flaky: tuple[str, ...] = ()
    """Tests that failed and then passed on exactly this tree."""
    approvals_beside: tuple[str, ...] = ()
    """Ids of approvals of this content that fill nothing that was asked: of its author, or a second one of a person."""
    tested_tree: TreeId | None = None
    """The tree that the tests ran on when it is not the result tree: that of all that landed in the same move."""


@record
class Landing:
    """A landing as the ledger holds it."""

    event: str
    at: datetime
    proof: LandingProof


@record
class Intent:
    """A landing that was intended and of which no outcome is recorded yet."""

    event: str
    proof: LandingProof


class PushOutcome(Enum):
    """What became of a push, told by looking at the branch afterwards."""

    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    STALE = "stale"
    DONE = "done"


@record
class PushAnswer:
    """The answer of the other side."""

    outcome: PushOutcome
    says: str = ""
    """Its words, safe to show."""


class MoveOutcome(Enum):
    """What became of the branch of this repository."""

    BLOCKED = "blocked"
    """Its work tree holds uncommitted work that is in the way."""
    STALE = "stale"
    """It stands somewhere else than expected."""
    ABSENT = "absent"
    DONE = "done"


@record
class MoveAnswer:
    """How the local branch was moved, and what was left behind."""

    outcome: MoveOutcome
    says: str = ""


@record
class LandReport:
    """What `rh land` answers (`rh.land/1`)."""

    outcome: Outcome
    says: str
    place: Place
    revision: str
    landed: bool
    already: bool = False
    dry_run: bool = False
    recovered: bool = False
    """True when an earlier command had landed it and was stopped before it could say so."""
    proof: LandingProof | None = None
    event: str = ""
    refusal: Refusal | None = None
    attempts_count: int = 0
    notes: tuple[str, ...] = ()
    """What a person should know about the local branch and the retries."""
    landings: tuple[Landing, ...] = ()
