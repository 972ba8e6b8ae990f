"""Writes signed records to the ledger and reads back only those whose signature holds."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from release_harness.kernel.digests import ChangeDigest, Sha256, TreeId, digest_bytes
from release_harness.kernel.errors import InputError, NotFound
from release_harness.kernel.records import record
from release_harness.kernel.time import from_milliseconds, to_milliseconds
from release_harness.ledger.door import LedgerDoor
from release_harness.steps.evidence.model import EvidenceRecord
from release_harness.steps.evidence.ports import Signer, Verifier
from release_harness.steps.evidence.rules.statement import read_statement, write_statement

if TYPE_CHECKING:
    from release_harness.steps.evidence.store import StoredEvidence

UNSIGNED = Sha256("")
"""Id of a record that was not signed yet."""


class RecordsNeeds(Protocol):
    """What reading records needs."""

    @property
    def ledger(self) -> LedgerDoor:
        """The ledger."""
        ...

    @property
    def verifier(self) -> Verifier:
        """Opens signed statements."""
        ...


class RecordingNeeds(Protocol):
    """What writing records needs."""

    @property
    def ledger(self) -> LedgerDoor:
        """The ledger."""
        ...

    @property
    def signer(self) -> Signer:
        """Signs statements."""
        ...


@record
class Loaded:
    """Records that were read, and why others are not believed."""

    records: tuple[EvidenceRecord, ...] = ()
    rejected: tuple[str, ...] = ()


def record_all(needs: RecordingNeeds, drafts: Sequence[EvidenceRecord], cause: str) -> tuple[EvidenceRecord, ...]:
    """Sign the records and append them, all or none; return them with their ids."""
    from release_harness.steps.evidence.store import evidence_recorded

    signed = []
    for draft in drafts:
        whole = replace(draft, started_at=_whole(draft.started_at), finished_at=_whole(draft.finished_at))
        envelope = needs.signer.sign(write_statement(whole))
        signed.append((replace(whole, id=digest_bytes(envelope)), envelope))
    with needs.ledger.open().write() as transaction:
        for evidence, envelope in signed:
            transaction.append(evidence_recorded(evidence, envelope, cause))
    return tuple(evidence for evidence, _envelope in signed)


def _whole(instant: datetime) -> datetime:
    """Cut an instant to the milliseconds that a statement keeps, so that a record is the same before and after."""
    return from_milliseconds(to_milliseconds(instant))


def load_for(
    needs: RecordsNeeds, *, trees: Sequence[TreeId | None], changes: Sequence[ChangeDigest | None], branch: str = ""
) -> Loaded:
    """Return what was recorded for these trees or changes, or on this branch, and is signed by a trusted key."""
    ledger = needs.ledger.existing()
    if ledger is None:
        return Loaded()
    from release_harness.steps.evidence import store

    with ledger.read() as connection:
        rows = store.find_for(
            connection,
            trees=[each for each in trees if each is not None],
            changes=[each for each in changes if each is not None],
            branch=branch,
        )
    return believe(needs, rows)


def load_all(needs: RecordsNeeds) -> tuple["StoredEvidence", ...]:
    """Return every row, oldest first, without checking it."""
    ledger = needs.ledger.existing()
    if ledger is None:
        return ()
    from release_harness.steps.evidence import store

    with ledger.read() as connection:
        return store.list_all(connection)


def find_row(needs: RecordsNeeds, start: str) -> "StoredEvidence":
    """Return the one row whose id begins so; raises NotFound or InputError."""
    ledger = needs.ledger.existing()
    rows: tuple[StoredEvidence, ...] = ()
    if ledger is not None and start:
        from release_harness.steps.evidence import store

        with ledger.read() as connection:
            rows = store.find_by_id(connection, start)
    if not rows:
        raise NotFound(
            code="EVIDENCE_MISSING",
            says=f"There is no evidence {start!r}.",
            hint="`rh evidence list` shows what there is.",
            subject=start,
        )
    if len(rows) > 1:
        raise InputError(
            code="EVIDENCE_AMBIGUOUS",
            says=f"{len(rows)} pieces of evidence begin with {start!r}.",
            hint="Give more of the id.",
            subject=start,
        )
    return rows[0]


def believe(needs: RecordsNeeds, rows: Sequence["StoredEvidence"]) -> Loaded:
    """Keep the rows whose envelope is the one that was recorded, is signed by a trusted key, and says what the row says."""
    records, rejected = [], []
    for row in rows:
        try:
            records.append(open_row(needs, row))
        except InputError as error:
            rejected.append(f"{row.id[:19]}: {error.says}")
    return Loaded(records=tuple(records), rejected=tuple(rejected))


def open_row(needs: RecordsNeeds, row: "StoredEvidence", *, keys: Sequence[bytes] = ()) -> EvidenceRecord:
    """Return the record of a row; raises InputError when it is not to be believed."""
    if digest_bytes(row.envelope) != row.id:
        raise InputError(
            code="EVIDENCE_CHANGED",
            says=f"The envelope of {row.id[:19]} is not the one that was recorded.",
            hint="Run `rh ledger verify`.",
            subject=row.id,
        )
    evidence = read_statement(needs.verifier.open(row.envelope, keys=keys), Sha256(row.id))
    if (evidence.result_tree, evidence.change) != (row.result_tree, row.change):
        raise InputError(
            code="EVIDENCE_CHANGED",
            says=f"The row of {row.id[:19]} names other content than its signed statement.",
            hint="Run `rh ledger verify`.",
            subject=row.id,
        )
    return evidence
