"""The commands of the ledger: log, show, verify, prove, checkpoint, export and rebuild."""

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Protocol, cast

from release_harness.kernel.errors import NotFound
from release_harness.kernel.operations import AnyOperation, Effect, Operation, argument, option
from release_harness.kernel.records import Plain, record
from release_harness.ledger import render
from release_harness.ledger.audit import Audit, Outside
from release_harness.ledger.door import LedgerDoor
from release_harness.ledger.inspection import (
    audit_bundle,
    audit_database,
    export_database,
    prove_entry,
    standalone_verifier,
)
from release_harness.ledger.model import CheckpointShown, EntryShown, Exported, LogShown, Proof, Rebuilt
from release_harness.ledger.notes import read_verifier_key, write_verifier_key
from release_harness.ledger.ports import Documents, KnownKey, NoteSigner, SignatureCheck, Witness

if TYPE_CHECKING:
    from release_harness.ledger.database import Database


class NeedsLedger(Protocol):
    """What the commands that read need."""

    @property
    def ledger(self) -> LedgerDoor:
        """The ledger of this repository."""
        ...


class NeedsAudit(NeedsLedger, Protocol):
    """What verification needs beside the ledger."""

    @property
    def witness(self) -> Witness:
        """The checkpoints beside the ledger."""
        ...

    @property
    def keys(self) -> KnownKey:
        """The key of this user."""
        ...

    @property
    def check_signature(self) -> SignatureCheck:
        """How Ed25519 signatures are checked."""
        ...

    @property
    def documents(self) -> Documents:
        """Files that a person names."""
        ...


class NeedsSigning(NeedsLedger, Protocol):
    """What signing a checkpoint needs beside the ledger."""

    @property
    def keys(self) -> NoteSigner:
        """The key of this user."""
        ...


class NeedsDocuments(NeedsLedger, Protocol):
    """What exporting needs beside the ledger."""

    @property
    def documents(self) -> Documents:
        """Files that a person names."""
        ...


@record
class ShowLog:
    """Which entries to list."""

    type: str = field(default="", metadata=option("Only events of this type, such as EvidenceRecorded."))
    subject: str = field(default="", metadata=option("Only about this subject; a beginning when it ends with *."))
    limit: int = field(default=20, metadata=option("How many entries at most; the newest are shown, newest last."))


@record
class ShowEntry:
    """Which entry to show."""

    entry: str = field(metadata=argument("Place in the log or id of the entry.", metavar="SEQ|ID"))


@record
class VerifyLog:
    """What to verify, and against what."""

    since: str = field(
        default="",
        metadata=option("File with signed checkpoints that you kept; the log must contain them.", metavar="FILE"),
    )
    bundle: str = field(default="", metadata=option("Verify this exported file instead of the ledger.", metavar="FILE"))
    key: tuple[str, ...] = field(
        default=(), metadata=option("Verifier key name+hash+key of a signer that you trust.", metavar="KEY")
    )


@record
class ProveEntry:
    """Which entry to prove."""

    entry: str = field(metadata=argument("Place in the log or id of the entry.", metavar="SEQ|ID"))


@record
class Nothing:
    """Takes no input."""


@record
class ExportLog:
    """Where to write the bundle."""

    file: str = field(metadata=argument("File to write.", metavar="FILE"))
    verifier: str = field(
        default="", metadata=option("Also write the verifier that needs nothing but Python.", metavar="FILE")
    )


def _existing(needs: NeedsLedger) -> "Database":
    ledger = needs.ledger.existing()
    if ledger is None:
        raise NotFound(
            code="LEDGER_MISSING",
            says="There is no ledger here yet: nothing was ever recorded in this repository.",
            hint="It is made by the first command that records, such as `rh evidence run` or `rh approve`.",
        )
    return cast("Database", ledger)


def _log(needs: NeedsLedger, request: ShowLog) -> LogShown:
    from release_harness.ledger.reading import LogFilter, count_entries, find_entries, read_origin

    with _existing(needs).read() as connection:
        wanted = LogFilter(type=request.type, subject=request.subject, limit=max(request.limit, 0))
        return LogShown(
            origin=read_origin(connection),
            size=count_entries(connection),
            entries=find_entries(connection, wanted),
        )


def _show(needs: NeedsLedger, request: ShowEntry) -> EntryShown:
    from release_harness.ledger.entries import entry_of
    from release_harness.ledger.inspection import latest_of
    from release_harness.ledger.reading import read_checkpoints, require_row

    with _existing(needs).read() as connection:
        entry = entry_of(require_row(connection, request.entry))
        latest = latest_of(read_checkpoints(connection))
        return EntryShown(entry=entry, sealed=latest is not None and latest.size > entry.seq)


def _verify(needs: NeedsAudit, request: VerifyLog) -> Audit:
    known = [key for key in (needs.keys.known_public_key(),) if key is not None]
    known += [read_verifier_key(text)[1] for text in request.key]
    outside = []
    if request.since:
        text = needs.documents.read_document(request.since).decode("utf-8", "replace")
        outside.append(Outside(place=request.since, text=text))
    if request.bundle:
        content = needs.documents.read_document(request.bundle)
        return audit_bundle(content, outside, known, needs.check_signature)
    database = _existing(needs)
    # The witness is read before the database: a checkpoint that is noted in between must not look like a removed one.
    outside.append(Outside(place=needs.witness.place, text=needs.witness.read(), complete=True))
    return audit_database(database, outside, known, needs.check_signature)


def _prove(needs: NeedsLedger, request: ProveEntry) -> Proof:
    return Proof(document=prove_entry(_existing(needs), request.entry))


def _checkpoint(needs: NeedsSigning, _request: Nothing) -> CheckpointShown:
    checkpoint = _existing(needs).checkpoint()
    return CheckpointShown(
        checkpoint=checkpoint, verifier_key=write_verifier_key(checkpoint.origin, needs.keys.public_key())
    )


def _export(needs: NeedsDocuments, request: ExportLog) -> Exported:
    content, count = export_database(_existing(needs))
    file = needs.documents.write_document(request.file, content)
    verifier = needs.documents.write_document(request.verifier, standalone_verifier()) if request.verifier else ""
    return Exported(file=file, entries_count=count, size_bytes=len(content), verifier=verifier)


def _rebuild(needs: NeedsLedger, _request: Nothing) -> Rebuilt:
    from release_harness.ledger.folds import fold_tables, rebuild_folds

    database = _existing(needs)
    with database.write() as transaction:
        count = rebuild_folds(transaction.connection, database.folds)
    return Rebuilt(events_count=count, tables=tuple(table.name for table in fold_tables()))


def _proof_plain(proof: Proof) -> Mapping[str, Plain]:
    return {key: value for key, value in proof.document.items() if key != "schema"}


OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        name="ledger log",
        summary="List what happened, newest last.",
        example="rh ledger log --type ApprovalGiven --limit 5",
        schema="rh.ledger.log/1",
        input=ShowLog,
        output=LogShown,
        handler=_log,
        effect=Effect.READ,
        text=render.show_log,
    ),
    Operation(
        name="ledger show",
        summary="Show one entry whole, with its payload and its hashes.",
        example="rh ledger show 0",
        schema="rh.ledger.entry/1",
        input=ShowEntry,
        output=EntryShown,
        handler=_show,
        effect=Effect.READ,
        text=render.show_entry,
    ),
    Operation(
        name="ledger verify",
        summary="Recompute the whole ledger and name the first bad entry.",
        example="rh ledger verify",
        schema="rh.ledger.audit/1",
        input=VerifyLog,
        output=Audit,
        handler=_verify,
        effect=Effect.READ,
        text=render.show_audit,
        outcome=lambda audit: audit.outcome,
        details=(
            "Recomputes every hash, payload digest, link and tree node, compares the roots with every signed checkpoint in "
            "the database and with those kept outside it, and folds all events again to compare the tables that rh reads. "
            "Unknown means that nothing is wrong, but nobody whose key is known vouches for all of it."
        ),
    ),
    Operation(
        name="ledger prove",
        summary="Prove that one entry is in the log of the latest checkpoint.",
        example="rh ledger prove 0 --format json",
        schema="rh.ledger.proof/1",
        input=ProveEntry,
        output=Proof,
        handler=_prove,
        effect=Effect.READ,
        text=render.show_proof,
        plain=_proof_plain,
        details="The JSON form is a document that the stand-alone verifier checks offline.",
    ),
    Operation(
        name="ledger checkpoint",
        summary="Sign the current size and root, and note them outside the database.",
        example="rh ledger checkpoint",
        schema="rh.ledger.checkpoint/1",
        input=Nothing,
        output=CheckpointShown,
        handler=_checkpoint,
        effect=Effect.WRITE,
        text=render.show_checkpoint,
    ),
    Operation(
        name="ledger export",
        summary="Write the whole ledger into one file that anybody can verify offline.",
        example="rh ledger export ledger.json --verifier verify_bundle.py",
        schema="rh.ledger.export/1",
        input=ExportLog,
        output=Exported,
        handler=_export,
        effect=Effect.WRITE,
        text=render.show_export,
    ),
    Operation(
        name="ledger rebuild",
        summary="Make the tables that rh reads again from the events.",
        example="rh ledger rebuild",
        schema="rh.ledger.rebuild/1",
        input=Nothing,
        output=Rebuilt,
        handler=_rebuild,
        effect=Effect.WRITE,
        text=render.show_rebuild,
    ),
)
