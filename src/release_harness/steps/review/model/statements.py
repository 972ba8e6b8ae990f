"""What people sign, how it is stored, and what it is worth."""

from datetime import datetime
from enum import Enum

from release_harness.kernel.digests import ChangeDigest, CommitId, PolicyDigest, Sha256, TreeId
from release_harness.kernel.identity import Actor, ProofLevel
from release_harness.kernel.records import record

APPROVAL_NAMESPACE = "approval@release-harness.dev"
"""Namespace of signatures over approvals and rejections; a signature made for anything else is refused."""


BREAK_GLASS_NAMESPACE = "break-glass@release-harness.dev"
"""Namespace of signatures over break-glass statements."""


class Answer(Enum):
    """What a reviewer says of a change; the first member is the safer one."""

    REJECT = "reject"
    APPROVE = "approve"


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
class CheckpointShown:
    """The state of the ledger that the signer saw, so that every signer's machine is a witness of it."""

    size: int
    root: str


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
