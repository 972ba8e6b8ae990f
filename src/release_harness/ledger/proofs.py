"""Proofs and bundles as documents: what leaves the ledger so that others can check it without rh. Pure."""

import json
from collections.abc import Iterable, Sequence

from release_harness.kernel.errors import InputError
from release_harness.kernel.records import Plain, record
from release_harness.kernel.time import parse_instant, to_milliseconds
from release_harness.ledger.entries import ENTRY_FORM, EventRow, entry_object
from release_harness.ledger.model import StoredCheckpoint
from release_harness.ledger.notes import write_verifier_key

BUNDLE_SCHEMA = "rh.ledger.bundle/1"
PROOF_SCHEMA = "rh.ledger.proof/1"


@record
class Bundle:
    """A whole log as it was read from a file; nothing in it is checked yet."""

    origin: str
    rows: tuple[EventRow, ...]
    checkpoints: tuple[StoredCheckpoint, ...]


def write_bundle(origin: str, rows: Iterable[EventRow], checkpoints: Sequence[StoredCheckpoint]) -> bytes:
    """Return the whole log as one JSON document, an entry on each line."""
    head: dict[str, Plain] = {"origin": origin, "schema": BUNDLE_SCHEMA}
    lines = [_line(head)[:-1] + ',"checkpoints":[']
    lines.append(",\n".join(_line(_write_checkpoint(origin, each)) for each in checkpoints))
    lines.append('],"entries":[')
    lines.append(",\n".join(_line(_write_entry(row)) for row in rows))
    lines.append("]}\n")
    return "\n".join(lines).encode("utf-8", "backslashreplace")


def read_bundle(content: bytes) -> Bundle:
    """Read a bundle; raises InputError BUNDLE_MALFORMED when it is none."""
    try:
        document = json.loads(content)
        if document["schema"] != BUNDLE_SCHEMA:
            raise _malformed(found=f"its schema is {document['schema']!r}")
        return Bundle(
            origin=document["origin"],
            rows=tuple(_read_entry(each) for each in document["entries"]),
            checkpoints=tuple(
                StoredCheckpoint(size=each["size"], public_key=each["public_key"], root=each["root"], note=each["note"])
                for each in document["checkpoints"]
            ),
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _malformed(found=f"{type(error).__name__}: {error}") from error


def write_proof(origin: str, row: EventRow, path: Sequence[bytes], checkpoint: StoredCheckpoint) -> dict[str, Plain]:
    """Return the document that shows that one entry is in the log of a checkpoint."""
    return {
        "schema": PROOF_SCHEMA,
        "origin": origin,
        "size": checkpoint.size,
        "root": checkpoint.root,
        "path": [each.hex() for each in path],
        "checkpoint": _write_checkpoint(origin, checkpoint),
        **_write_entry(row),
    }


def _write_checkpoint(origin: str, stored: StoredCheckpoint) -> dict[str, Plain]:
    return {
        "size": stored.size,
        "root": stored.root,
        "public_key": stored.public_key,
        "verifier_key": write_verifier_key(origin, bytes.fromhex(stored.public_key)),
        "note": stored.note,
    }


def _write_entry(row: EventRow) -> dict[str, Plain]:
    return {"entry": entry_object(row), "leaf": row.leaf, "salt": row.salt, "payload": row.payload}


def _read_entry(each: dict[str, Plain]) -> EventRow:
    entry = each["entry"]
    if not isinstance(entry, dict) or entry["form"] != ENTRY_FORM:
        raise _malformed(found="an entry has a form that this rh does not know")
    actor = entry["actor"]
    assert isinstance(actor, dict)  # noqa: S101 - a wrong shape is caught as TypeError by the caller
    values = {
        **{name: entry[name] for name in EventRow._fields if name in entry},
        **{f"actor_{name}": value for name, value in actor.items()},
        "at_ms": to_milliseconds(parse_instant(str(entry["at"]))),
        "leaf": each["leaf"],
        "salt": each["salt"],
        "payload": each["payload"],
    }
    return EventRow(**values)


def _line(value: dict[str, Plain]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _malformed(*, found: str) -> InputError:
    return InputError(
        code="BUNDLE_MALFORMED",
        says=f"This is no bundle of a ledger: {found}.",
        hint="A bundle is the file that `rh ledger export FILE` writes.",
    )
