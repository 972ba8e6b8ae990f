"""What the ledger holds: events that happened, the entries that they became, and signed checkpoints."""

from datetime import datetime

from release_harness.kernel.digests import Sha256
from release_harness.kernel.identity import Actor
from release_harness.kernel.records import Plain, record


@record
class NewEvent:
    """Something that happened and is to be recorded."""

    type: str
    """Past tense, such as `EvidenceRecorded`; never renamed once written."""
    version: int
    subject: str
    """What it is about, such as `change:sha256:…` or `branch:main`."""
    actor: Actor
    payload: dict[str, Plain]
    """Plain data without floats."""
    cause: str = ""
    """Event id or command that led to it."""
    idempotency_key: str = ""
    """A second event with the same key is not appended; the first entry is returned instead."""


@record
class Entry:
    """An event in its place in the log."""

    seq: int
    """Place in the log, from 0."""
    id: str
    type: str
    version: int
    subject: str
    actor: Actor
    cause: str
    at: datetime
    payload: dict[str, Plain]
    payload_digest: Sha256
    """SHA-256 over salt and canonical payload; the log holds this, so that a payload can be erased by law."""
    leaf: str
    """RFC 6962 leaf hash, hexadecimal."""
    prev: str = ""
    """Leaf hash of the entry before, hexadecimal; empty for the first."""
    idempotency_key: str = ""
    clock_behind_ms: int = 0
    """How far the clock stood before the previous entry; `at` is then that of the previous entry."""


@record
class Checkpoint:
    """The size and root of the log at one moment, signed (C2SP signed note)."""

    origin: str
    size: int
    root: str
    """RFC 6962 tree head, hexadecimal."""
    note: str
    """The signed note as text; goes into approvals and landing proofs, so that every reader of those is a witness."""
