"""Gathers what a verification needs, asks the pure parts, and adds up the answer: pass, fail or unknown."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress

from release_harness.kernel.errors import InputError
from release_harness.kernel.records import record
from release_harness.kernel.verdict import Outcome
from release_harness.ledger.merkle import Coordinate
from release_harness.ledger.model import StoredCheckpoint
from release_harness.ledger.notes import SignedNote, is_signed_by, key_hash, read_note, split_notes, write_verifier_key
from release_harness.ledger.ports import SignatureCheck
from release_harness.ledger.verify import Claim, Damage, LogFault, Rows, scan_log, worst_first

DATABASE_SOURCE = "a checkpoint in the database"


@record
class Outside:
    """Signed notes that were kept outside the database."""

    place: str
    """Where they are, in words for people."""
    text: str | None
    """The notes, or None when there are none."""
    complete: bool = False
    """Whether each of them must be in the database too: true for the witness, which is written after the database."""


@record
class Audit:
    """The answer of a verification."""

    outcome: Outcome
    says: str
    origin: str
    size: int
    """Entries that are sound."""
    root: str
    """Tree head over them, hexadecimal."""
    vouched_size: int
    """Entries that a known key vouches for."""
    checkpoints_count: int
    outside_count: int
    """Signed notes that were found outside the database."""
    unknown_keys: tuple[str, ...]
    """Keys that signed checkpoints and that this machine does not know."""
    first_bad: int | None
    faults: tuple[LogFault, ...]
    open_questions: tuple[str, ...]
    """What keeps the answer from being pass although nothing is wrong."""


class _Notes:
    """What signed notes say, gathered one after the other."""

    def __init__(self, origin: str, known: Sequence[bytes], check: SignatureCheck) -> None:
        self.origin = origin
        self.known = known
        self.check = check
        self.claims: list[Claim] = []
        self.vouched: list[int] = []
        self.outside_vouched = False
        self.outside_count = 0
        self.faults: list[LogFault] = []
        self.unknown_keys: set[str] = set()
        self.questions: list[str] = []
        self.verified: dict[str, bytes] = {}
        """Notes of the database whose signature fits, with the signer: the witness repeats them."""

    def accept(self, note: SignedNote, signer: bytes, source: str) -> None:
        """Take a note whose signature fits."""
        self.claims.append(Claim(size=note.size, root=note.root, source=source))
        if signer in self.known:
            self.vouched.append(note.size)
        else:
            self.unknown_keys.add(write_verifier_key(self.origin, signer))

    def refuse(self, damage: Damage, says: str, first: int | None = None) -> None:
        """Remember that a checkpoint itself is not what it was."""
        self.faults.append(LogFault(damage=damage, says=says, first=first))

    def read_stored(self, stored: StoredCheckpoint) -> None:
        """Read a checkpoint of the database: columns, note and signature have to agree."""
        try:
            note = read_note(stored.note)
            signer = bytes.fromhex(stored.public_key)
        except (InputError, ValueError):
            note, signer = None, b""
        agrees = note is not None and (note.origin, note.size, note.root.hex()) == (
            self.origin,
            stored.size,
            stored.root,
        )
        if note is None or not agrees or not is_signed_by(note, signer, self.check):
            says = f"The checkpoint of {stored.size} entries in the database was changed: its signature does not fit"
            self.refuse(Damage.CHECKPOINT_FORGED, says)
            return
        self.verified[stored.note] = signer
        self.accept(note, signer, DATABASE_SOURCE)

    def read_outside(self, text: str, source: str, signers: Sequence[bytes]) -> SignedNote | None:
        """Read a note from outside the database; returns it when it is about this log and its signature fits."""
        try:
            note = read_note(text)
        except InputError as error:
            self.questions.append(f"{_upper(source)} cannot be read. {error.says}")
            return None
        self.outside_count += 1
        if note.origin != self.origin:
            says = f"{_upper(source)} is about the log {note.origin}, but this is the log {self.origin}"
            self.refuse(Damage.FORKED, says, first=0)
            return None
        hashes = {line.key_hash for line in note.signatures}
        named = [key for key in signers if key_hash(self.origin, key) in hashes]
        signer = self.verified.get(text) or next((key for key in named if is_signed_by(note, key, self.check)), None)
        if named and signer is None:
            self.refuse(Damage.CHECKPOINT_FORGED, f"{_upper(source)} was changed: its signature does not fit")
            return None
        if signer is None:
            self.questions.append(f"{_upper(source)} is signed by a key that nobody here knows.")
            self.claims.append(Claim(size=note.size, root=note.root, source=source))
            return note
        self.accept(note, signer, source)
        self.outside_vouched = self.outside_vouched or (signer in self.known and note.size > 0)
        return note


def audit_log(
    *,
    origin: str,
    rows: Rows,
    nodes: Mapping[Coordinate, str] | None,
    checkpoints: Sequence[StoredCheckpoint],
    outside: Sequence[Outside],
    known_keys: Iterable[bytes],
    check: SignatureCheck,
    tables: Callable[[], Sequence[LogFault]] = tuple,
) -> Audit:
    """Verify a whole log against its own checkpoints and against what was kept outside.

    `tables` compares what was folded from the events; it is asked only when the events are sound.
    """
    known = tuple(dict.fromkeys(known_keys))
    notes = _Notes(origin, known, check)
    for stored in checkpoints:
        notes.read_stored(stored)
    for each in outside:
        _read_place(notes, each, checkpoints)
    scan = scan_log(rows, nodes, notes.claims)
    faults = worst_first([*scan.faults, *notes.faults, *(() if scan.faults else tables())])
    vouched = max((size for size in notes.vouched if size <= scan.size), default=0)
    questions = [*notes.questions[:3], *([] if faults else _open_questions(notes, scan.size, vouched))]
    outcome = Outcome.FAIL if faults else Outcome.UNKNOWN if questions else Outcome.PASS
    return Audit(
        outcome=outcome,
        says=_sentence(outcome, scan.size, faults),
        origin=origin,
        size=scan.size,
        root=scan.root.hex(),
        vouched_size=vouched,
        checkpoints_count=len(checkpoints),
        outside_count=notes.outside_count,
        unknown_keys=tuple(sorted(notes.unknown_keys)),
        first_bad=faults[0].first if faults else None,
        faults=faults,
        open_questions=tuple(dict.fromkeys(questions)),
    )


def _sentence(outcome: Outcome, size: int, faults: Sequence[LogFault]) -> str:
    if outcome is Outcome.FAIL:
        return f"{faults[0].says}."
    if outcome is Outcome.UNKNOWN:
        return f"{size} entries are sound in themselves, but that is not the whole answer."
    return f"{size} entries are whole, in order, and what was signed."


def _open_questions(notes: _Notes, size: int, vouched: int) -> list[str]:
    if not size:
        return ["The ledger has no entries: there is nothing to verify."]
    questions = []
    if vouched < size:
        questions.append(
            f"From entry {vouched} on no key that is known here vouches for the log. Look at these entries, then run "
            "`rh ledger checkpoint`, or name the signer's key with --key."
        )
    if not notes.outside_vouched:
        questions.append("No checkpoint outside the log is signed by a known key, so a cut at the end would not show.")
    return questions


def _read_place(notes: _Notes, outside: Outside, checkpoints: Sequence[StoredCheckpoint]) -> None:
    if outside.text is None:
        return
    stored_notes = {each.note for each in checkpoints}
    signers = [*notes.known]
    for each in checkpoints:
        with suppress(ValueError):
            signers.append(bytes.fromhex(each.public_key))
    signers = list(dict.fromkeys(signers))
    for number, text in enumerate(split_notes(outside.text), start=1):
        note = notes.read_outside(text, f"note {number} in {outside.place}", signers)
        if note is not None and outside.complete and text not in stored_notes:
            says = f"The checkpoint of {note.size} entries that {outside.place} knows is no longer in the database"
            notes.refuse(Damage.CHECKPOINT_REMOVED, says)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
