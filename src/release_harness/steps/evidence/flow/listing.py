"""Lists, shows, exports and verifies what was recorded."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from release_harness.kernel.digests import Sha256, digest_bytes
from release_harness.kernel.errors import HarnessError, InputError, NotFound
from release_harness.kernel.records import record
from release_harness.ledger.door import LedgerDoor
from release_harness.steps.evidence.flow.records import believe, find_row, load_all, open_row
from release_harness.steps.evidence.model import EvidenceRecord, MissedLines
from release_harness.steps.evidence.ports import ContentStore, ReportReader, Signer, Verifier
from release_harness.steps.evidence.rules.statement import COVERAGE, read_statement

if TYPE_CHECKING:
    from release_harness.steps.evidence.store import StoredEvidence


class ListingNeeds(Protocol):
    """What looking at records needs."""

    @property
    def ledger(self) -> LedgerDoor:
        """The ledger."""
        ...

    @property
    def signer(self) -> Signer:
        """Writes bundles."""
        ...

    @property
    def verifier(self) -> Verifier:
        """Opens signed statements."""
        ...

    @property
    def content(self) -> ContentStore:
        """Contents by digest."""
        ...

    @property
    def reports(self) -> ReportReader:
        """Reads files that a person names."""
        ...


@record
class Shown:
    """One record with its long lists and the end of its log."""

    evidence: EvidenceRecord
    lines: tuple[MissedLines, ...]
    not_run: tuple[str, ...]
    failures: tuple[tuple[str, str], ...]
    """Name and message of tests that broke."""
    log_end: str
    notes: tuple[str, ...]


@record
class Check:
    """Whether one signed statement holds."""

    name: str
    """Id, or the file and its line."""
    holds: bool
    says: str
    predicate: str = ""
    subject: str = ""


def list_everything(needs: ListingNeeds) -> tuple[tuple[EvidenceRecord, ...], tuple[str, ...]]:
    """Return every record that is believed, newest first, and why others are not."""
    loaded = believe(needs, load_all(needs))
    return tuple(reversed(loaded.records)), loaded.rejected


def show(needs: ListingNeeds, start: str, *, log_lines: int) -> Shown:
    """Return one record with what its details say."""
    evidence = open_row(needs, find_row(needs, start))
    details = _read_object(needs, evidence.details)
    lines = tuple(
        MissedLines(
            path=str(each["path"]),
            exercised=tuple(each["exercised"]),
            missed=tuple(each["missed"]),
            reported=bool(each["reported"]),
        )
        for each in (details.get("files", []) if evidence.predicate == COVERAGE else [])
    )
    broken = tuple(
        (str(each["id"]), str(each.get("message", "")))
        for each in details.get("cases", [])
        if each["status"] in ("failed", "error", "flaky")
    )
    log = needs.content.get(evidence.log_digest) if evidence.log_digest is not None and log_lines else None
    end = "\n".join((log or b"").decode("utf-8", "replace").splitlines()[-log_lines:]) if log_lines else ""
    return Shown(
        evidence=evidence,
        lines=lines,
        not_run=tuple(str(each) for each in details.get("not_run", [])),
        failures=broken,
        log_end=end,
        notes=tuple(str(each) for each in details.get("notes", [])),
    )


def _read_object(needs: ListingNeeds, digest: Sha256 | None) -> dict[str, Any]:
    """Details are what a signed digest names, written by rh itself, so their shape is known."""
    content = needs.content.get(digest) if digest is not None else None
    document: dict[str, Any] = json.loads(content) if content is not None else {}
    return document


def export_envelopes(needs: ListingNeeds, start: str, *, everything: bool, bundle: bool) -> tuple[bytes, ...]:
    """Return signed envelopes as they were recorded, or as Sigstore bundles."""
    if everything == bool(start):
        raise InputError(
            code="EXPORT_WHAT",
            says="Name one piece of evidence, or ask for all of it.",
            hint="Use `rh evidence export ID` or `rh evidence export --all`.",
        )
    rows: Sequence[StoredEvidence] = load_all(needs) if everything else (find_row(needs, start),)
    return tuple(needs.signer.bundle(row.envelope) if bundle else row.envelope for row in rows)


def verify_evidence(needs: ListingNeeds, name: str, keys: Sequence[str]) -> tuple[Check, ...]:
    """Check signatures and bodies: of everything recorded, of one id, or of an exported file; offline."""
    pems = [needs.reports.load(each).content for each in keys]
    if not name:
        return tuple(_check_row(needs, row, pems) for row in load_all(needs))
    try:
        return (_check_row(needs, find_row(needs, name), pems),)
    except NotFound as missing:
        try:
            file = needs.reports.load(name)
        except NotFound:
            raise missing from None
    lines = [line for line in file.content.split(b"\n") if line.strip()]
    return tuple(_check_envelope(needs, f"{name}:{number}", line, pems) for number, line in enumerate(lines, start=1))


def _check_row(needs: ListingNeeds, row: "StoredEvidence", pems: Sequence[bytes]) -> Check:
    try:
        return _good(row.id, open_row(needs, row, keys=pems))
    except InputError as error:
        return Check(name=row.id, holds=False, says=error.says)


def _check_envelope(needs: ListingNeeds, name: str, envelope: bytes, pems: Sequence[bytes]) -> Check:
    try:
        statement = needs.verifier.open(envelope, keys=pems)
        return _good(name, read_statement(statement, digest_bytes(envelope)))
    except HarnessError as error:
        return Check(name=name, holds=False, says=error.says)


def _good(name: str, evidence: EvidenceRecord) -> Check:
    subject = f"tree {evidence.result_tree}" if evidence.result_tree else f"change {evidence.change}"
    says = f"signed by a trusted key; {evidence.origin.value} by {evidence.producer.id}"
    return Check(name=name, holds=True, says=says, predicate=evidence.predicate, subject=subject)
