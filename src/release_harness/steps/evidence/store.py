"""The table of evidence: a fold over `EvidenceRecorded`. A row finds an envelope; only the verified envelope is believed."""

import json
from collections.abc import Iterable, Mapping

from sqlalchemy import BigInteger, Column, Connection, Index, Table, Text, delete, insert, or_, select
from sqlalchemy.engine import RowMapping

from release_harness.kernel.digests import ChangeDigest, TreeId, canonical_json
from release_harness.kernel.records import Plain, record
from release_harness.kernel.time import to_milliseconds
from release_harness.ledger.door import Fold
from release_harness.ledger.model import Entry, NewEvent
from release_harness.ledger.tables import METADATA
from release_harness.steps.evidence.model import EvidenceRecord

EVIDENCE_RECORDED = "EvidenceRecorded"

EVIDENCE = Table(
    "evidence",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("predicate", Text, nullable=False),
    Column("result_tree", Text),
    Column("change", Text),
    Column("base", Text),
    Column("branch", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("started_at_ms", BigInteger, nullable=False),
    Column("finished_at_ms", BigInteger, nullable=False),
    Column("entry_seq", BigInteger, nullable=False),
    Column("envelope", Text, nullable=False),
    Index("evidence_result_tree", "result_tree"),
    Index("evidence_change", "change"),
    Index("evidence_branch", "branch"),
)


@record
class StoredEvidence:
    """One row: where an envelope was found, and what it claims to be about."""

    id: str
    result_tree: str | None
    change: str | None
    entry_seq: int
    envelope: bytes


def evidence_recorded(evidence: EvidenceRecord, envelope: bytes, cause: str) -> NewEvent:
    """Return the event that records a signed statement; the same statement twice is one event."""
    payload: dict[str, Plain] = {
        "id": evidence.id,
        "predicate": evidence.predicate,
        "result_tree": evidence.result_tree,
        "change": evidence.change,
        "base": evidence.base,
        "branch": evidence.branch,
        "origin": evidence.origin.name.lower(),
        "started_at_ms": to_milliseconds(evidence.started_at),
        "finished_at_ms": to_milliseconds(evidence.finished_at),
        "envelope": json.loads(envelope),
    }
    about = f"change:{evidence.change}" if evidence.change else f"tree:{evidence.result_tree}"
    return NewEvent(
        type=EVIDENCE_RECORDED,
        version=1,
        subject=about,
        actor=evidence.producer,
        payload=payload,
        cause=cause,
        idempotency_key=f"evidence:{evidence.id}",
    )


def fold_evidence_recorded(connection: Connection, entry: Entry) -> None:
    """Add the row of one event; an event whose payload was erased leaves no row."""
    if "envelope" not in entry.payload:
        return
    # The first events did not say which branch they were about.
    payload = {"branch": "", **entry.payload}
    names = ("id", "predicate", "result_tree", "change", "base", "branch", "origin", "started_at_ms", "finished_at_ms")
    row = {name: payload[name] for name in names}
    connection.execute(delete(EVIDENCE).where(EVIDENCE.c.id == row["id"]))
    connection.execute(
        insert(EVIDENCE).values(**row, entry_seq=entry.seq, envelope=canonical_json(payload["envelope"]).decode())
    )


FOLDS: Mapping[str, Fold] = {EVIDENCE_RECORDED: fold_evidence_recorded}


def find_for(
    connection: Connection, *, trees: Iterable[TreeId], changes: Iterable[ChangeDigest], branch: str = ""
) -> tuple[StoredEvidence, ...]:
    """Return what was recorded for any of these trees or changes, or on this branch, oldest first."""
    wanted = or_(EVIDENCE.c.result_tree.in_(tuple(trees)), EVIDENCE.c.change.in_(tuple(changes)))
    if branch:
        wanted = or_(wanted, EVIDENCE.c.branch == branch)
    rows = connection.execute(_COLUMNS.where(wanted).order_by(EVIDENCE.c.entry_seq))
    return tuple(_read(row) for row in rows.mappings())


def find_by_id(connection: Connection, start: str) -> tuple[StoredEvidence, ...]:
    """Return the evidence whose id begins so, with or without `sha256:`; at most ten."""
    wanted = start if start.startswith("sha256:") else f"sha256:{start}"
    rows = connection.execute(
        _COLUMNS.where(EVIDENCE.c.id.startswith(wanted, autoescape=True)).order_by(EVIDENCE.c.entry_seq).limit(10)
    )
    return tuple(_read(row) for row in rows.mappings())


def list_all(connection: Connection) -> tuple[StoredEvidence, ...]:
    """Return everything that was recorded, oldest first."""
    rows = connection.execute(_COLUMNS.order_by(EVIDENCE.c.entry_seq))
    return tuple(_read(row) for row in rows.mappings())


_COLUMNS = select(EVIDENCE.c.id, EVIDENCE.c.result_tree, EVIDENCE.c.change, EVIDENCE.c.entry_seq, EVIDENCE.c.envelope)


def _read(row: RowMapping) -> StoredEvidence:
    return StoredEvidence(
        id=str(row["id"]),
        result_tree=None if row["result_tree"] is None else str(row["result_tree"]),
        change=None if row["change"] is None else str(row["change"]),
        entry_seq=int(str(row["entry_seq"])),
        envelope=str(row["envelope"]).encode(),
    )
