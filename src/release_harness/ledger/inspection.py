"""Reads an opened ledger, or a bundle, and has it audited; proves single entries. Loads SQLAlchemy only for a ledger."""

from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING

from release_harness.kernel.errors import InputError, NotFound
from release_harness.kernel.records import Plain
from release_harness.ledger.audit import Audit, Outside, audit_log
from release_harness.ledger.model import StoredCheckpoint
from release_harness.ledger.ports import SignatureCheck
from release_harness.ledger.proofs import read_bundle, write_bundle, write_proof

if TYPE_CHECKING:
    from release_harness.ledger.database import Database


def audit_database(
    database: "Database", outside: Sequence[Outside], known_keys: Iterable[bytes], check: SignatureCheck
) -> Audit:
    """Recompute the whole ledger, its checkpoints and its fold tables, and compare with what was kept outside."""
    from release_harness.ledger.folds import compare_folds
    from release_harness.ledger.reading import read_all_nodes, read_checkpoints, read_origin, read_rows

    with database.read() as connection:
        return audit_log(
            origin=read_origin(connection),
            rows=lambda: read_rows(connection),
            nodes=read_all_nodes(connection),
            checkpoints=read_checkpoints(connection),
            outside=outside,
            known_keys=known_keys,
            check=check,
            # Folding damaged events says nothing and may fail, so the tables are looked at only in a sound log.
            tables=lambda: compare_folds(connection, database.folds),
        )


def audit_bundle(
    content: bytes, outside: Sequence[Outside], known_keys: Iterable[bytes], check: SignatureCheck
) -> Audit:
    """Recompute a log that was exported to a file."""
    bundle = read_bundle(content)
    return audit_log(
        origin=bundle.origin,
        rows=lambda: bundle.rows,
        nodes=None,
        checkpoints=bundle.checkpoints,
        outside=outside,
        known_keys=known_keys,
        check=check,
    )


def prove_entry(database: "Database", name: str) -> dict[str, Plain]:
    """Return the document that shows that the entry is in the log of the latest checkpoint."""
    from release_harness.ledger.merkle import inclusion_proof
    from release_harness.ledger.reading import NodeReader, read_checkpoints, read_origin, require_row

    with database.read() as connection:
        row = require_row(connection, name)
        checkpoint = latest_of(read_checkpoints(connection))
        if checkpoint is None or checkpoint.size <= row.seq:
            raise NotFound(
                code="ENTRY_NOT_SEALED",
                says=f"No checkpoint covers entry {row.seq} yet.",
                hint="Run `rh ledger checkpoint` first.",
            )
        try:
            path = inclusion_proof(row.seq, checkpoint.size, NodeReader(connection))
        except KeyError as error:
            raise InputError(
                code="LEDGER_NODES_MISSING",
                says=f"The stored tree lacks node {error.args[0]}, so nothing can be proven.",
                hint="Run `rh ledger verify`.",
            ) from error
        return write_proof(read_origin(connection), row, path, checkpoint)


def export_database(database: "Database") -> tuple[bytes, int]:
    """Return the whole log as one document, and the number of its entries."""
    from release_harness.ledger.reading import count_entries, read_checkpoints, read_origin, read_rows

    with database.read() as connection:
        content = write_bundle(read_origin(connection), read_rows(connection), read_checkpoints(connection))
        return content, count_entries(connection)


def standalone_verifier() -> bytes:
    """Return the verifier that is one file and does not import rh."""
    return files("release_harness.ledger.standalone").joinpath("verify_bundle.py").read_bytes()


def latest_of(checkpoints: Sequence[StoredCheckpoint]) -> StoredCheckpoint | None:
    """Return the checkpoint of the largest log; of several, the newest."""
    return max(checkpoints, key=lambda each: (each.size, each.at_ms), default=None)
