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


@record
class StoredCheckpoint:
    """A checkpoint as the database or a bundle keeps it, with the key that signed."""

    size: int
    public_key: str
    """32 bytes, hexadecimal."""
    root: str
    """RFC 6962 tree head, hexadecimal."""
    note: str
    at_ms: int = 0


@record
class LogShown:
    """A part of the log, newest last."""

    origin: str
    size: int
    entries: tuple[Entry, ...]


@record
class EntryShown:
    """One entry, and whether a signed checkpoint covers it."""

    entry: Entry
    sealed: bool


@record
class CheckpointShown:
    """A signed checkpoint, and the key that others check it with."""

    checkpoint: Checkpoint
    verifier_key: str


@record
class Proof:
    """An inclusion proof as a document."""

    document: dict[str, Plain]


@record
class Exported:
    """Where a bundle was written."""

    file: str
    entries_count: int
    size_bytes: int
    verifier: str
    """Where the stand-alone verifier was written, or empty."""


@record
class Rebuilt:
    """Which tables were made again, and from how many events."""

    events_count: int
    tables: tuple[str, ...]
