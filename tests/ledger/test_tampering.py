"""Somebody edits the database file behind rh's back: verification finds it and names the first bad entry."""

# ruff: noqa: S608 - the tests write the SQL of an intruder

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from release_harness.adapters.keys import check_signature
from release_harness.kernel.verdict import Outcome
from release_harness.ledger.audit import Audit, Outside
from release_harness.ledger.entries import EventRow, leaf_of
from release_harness.ledger.inspection import audit_database
from release_harness.ledger.merkle import Frontier
from release_harness.ledger.notes import sign_checkpoint
from release_harness.ledger.verify import Damage
from release_harness.testing.ledger import MemoryWitness, SeededSigner, make_event, open_sqlite_ledger

SIZE = 13

# Every test makes a real file, signs thirteen checkpoints and verifies: 150 ms together.
pytestmark = pytest.mark.slow


_HEALTHY: list[tuple[bytes, list[str]]] = []
"""The file and the notes of the first healthy victim: the others are copies."""


class Victim:
    """A ledger of thirteen entries, each sealed by a checkpoint, and its database open for mischief."""

    def __init__(self, folder: Path, *, sealed: bool = True) -> None:
        self.path = folder / "ledger.db"
        self.signer = SeededSigner()
        self.witness = MemoryWitness()
        if sealed and _HEALTHY:
            content, notes = _HEALTHY[0]
            self.path.write_bytes(content)
            self.witness.notes += notes
            return
        ledger = open_sqlite_ledger(self.path, signer=self.signer, witness=self.witness if sealed else None)
        for number in range(SIZE):
            ledger.append(make_event(payload={"number": number}, subject=f"change:{number}"))
        if not sealed:
            self.witness.append(ledger.checkpoint().note)
        ledger.close()
        if sealed:
            _HEALTHY.append((self.path.read_bytes(), list(self.witness.notes)))

    def run(self, *statements: str) -> None:
        """Run SQL on the file, behind the back of rh."""
        connection = sqlite3.connect(self.path)
        with connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    def rows(self) -> list[EventRow]:
        """Return the rows as they are."""
        connection = sqlite3.connect(self.path)
        found = connection.execute(f"SELECT {', '.join(EventRow._fields)} FROM ledger_events ORDER BY seq").fetchall()
        connection.close()
        return [EventRow._make(row) for row in found]

    def write_rows(self, rows: list[EventRow]) -> None:
        """Replace all rows."""
        connection = sqlite3.connect(self.path)
        with connection:
            connection.execute("DELETE FROM ledger_events")
            marks = ", ".join("?" * len(EventRow._fields))
            connection.executemany(
                f"INSERT INTO ledger_events ({', '.join(EventRow._fields)}) VALUES ({marks})",
                [tuple(row) for row in rows],
            )
        connection.close()

    def rewrite(
        self, change: Callable[[list[EventRow]], list[EventRow]], *, nodes: bool, signer: SeededSigner | None
    ) -> None:
        """Change the rows and compute every hash anew, as somebody would who knows how rh works."""
        rows: list[EventRow] = []
        frontier = Frontier()
        completed: list[tuple[int, int, str]] = []
        checkpoints: list[tuple[int, str, str, int, str]] = []
        connection = sqlite3.connect(self.path)
        origin = connection.execute("SELECT origin FROM ledger_origin").fetchone()[0]
        for seq, row in enumerate(change(self.rows())):
            linked = row._replace(seq=seq, prev=rows[-1].leaf if rows else "")
            leaf = leaf_of(linked)
            rows.append(linked._replace(leaf=leaf.hex()))
            completed += [(level, place, node.hex()) for level, place, node in frontier.append(leaf)]
            if signer is not None:
                signed = sign_checkpoint(origin, seq + 1, frontier.root(), signer)
                checkpoints.append((seq + 1, signer.public_key().hex(), signed.root, 0, signed.note))
        self.write_rows(rows)
        with connection:
            if nodes:
                connection.execute("DELETE FROM ledger_nodes")
                connection.executemany("INSERT INTO ledger_nodes VALUES (?, ?, ?)", completed)
            if signer is not None:
                connection.execute("DELETE FROM ledger_checkpoints")
                connection.executemany("INSERT INTO ledger_checkpoints VALUES (?, ?, ?, ?, ?)", checkpoints)
        connection.close()

    def audit(self, *, outside: str | None = None) -> Audit:
        """Verify the file against the witness, or against other notes (none when empty)."""
        ledger = open_sqlite_ledger(self.path)
        text = self.witness.read() if outside is None else outside
        noted = Outside(place="the witness", text=text or None, complete=True)
        try:
            return audit_database(ledger, (noted,), (self.signer.public_key(),), check_signature)
        finally:
            ledger.close()


@pytest.fixture
def victim(tmp_path: Path) -> Victim:
    """A ledger that was sealed after every entry."""
    return Victim(tmp_path)


def assert_found(audit: Audit, damage: Damage, first: int | None) -> None:
    """Fail unless the first fault is of this kind and names this entry."""
    assert audit.outcome is Outcome.FAIL, audit
    assert (audit.faults[0].damage, audit.first_bad) == (damage, first), audit.faults


def edit_subject(place: int) -> Callable[[list[EventRow]], list[EventRow]]:
    """Return a change that forges one entry."""
    return lambda rows: [row._replace(subject="change:forged") if row.seq == place else row for row in rows]


def test_an_untouched_ledger_passes(victim: Victim) -> None:
    """Otherwise every other test here would prove nothing."""
    assert victim.audit().outcome is Outcome.PASS


@pytest.mark.parametrize(
    "column",
    [
        name
        for name in EventRow._fields
        if name not in ("seq", "leaf", "salt", "payload", "at_ms", "version", "clock_behind_ms")
    ],
)
@pytest.mark.parametrize("place", [0, 6, 12])
def test_an_edited_column_is_named(victim: Victim, column: str, place: int) -> None:
    """Every column is covered by the hash: one that is not could be changed for ever without a trace."""
    victim.run(f"UPDATE ledger_events SET {column} = 'forged' WHERE seq = {place}")
    assert_found(victim.audit(), Damage.EDITED, place)


@pytest.mark.parametrize("column", ["at_ms", "version", "clock_behind_ms"])
def test_an_edited_number_is_named(victim: Victim, column: str) -> None:
    """A decision moved to another day is as bad as another decision."""
    victim.run(f"UPDATE ledger_events SET {column} = {column} + 1 WHERE seq = 7")
    assert_found(victim.audit(), Damage.EDITED, 7)


@pytest.mark.parametrize("value", ["'{\"number\":99}'", "payload || ' '"])
def test_an_edited_payload_is_named(victim: Victim, value: str) -> None:
    """The payload is where the facts are."""
    victim.run(f"UPDATE ledger_events SET payload = {value} WHERE seq = 4")
    assert_found(victim.audit(), Damage.PAYLOAD_EDITED, 4)


@pytest.mark.parametrize("salt", ["'00000000000000000000000000000000'", "'no hex'"])
def test_an_edited_salt_is_named(victim: Victim, salt: str) -> None:
    """The digest is over salt and payload together."""
    victim.run(f"UPDATE ledger_events SET salt = {salt} WHERE seq = 4")
    assert_found(victim.audit(), Damage.PAYLOAD_EDITED, 4)


def test_a_payload_that_was_taken_out_is_named(victim: Victim) -> None:
    """An entry without its content cannot be checked any more."""
    victim.run("UPDATE ledger_events SET payload = NULL WHERE seq = 4")
    assert_found(victim.audit(), Damage.PAYLOAD_DELETED, 4)


def test_an_edit_with_its_hash_computed_anew_is_named(victim: Victim) -> None:
    """The next entry still names the old hash."""
    rows = victim.rows()
    for place in (5, 8):
        forged = rows[place]._replace(subject="change:forged")
        victim.write_rows([*rows[:place], forged._replace(leaf=leaf_of(forged).hex()), *rows[place + 1 :]])
        audit = victim.audit(outside="")
        assert (audit.outcome, audit.first_bad) == (Outcome.FAIL, place)


@pytest.mark.parametrize("place", [5, 8])
def test_a_recomputed_edit_is_named_without_any_checkpoint_near(tmp_path: Path, place: int) -> None:
    """Between two checkpoints the links and the stored tree have to do."""
    victim = Victim(tmp_path, sealed=False)
    rows = victim.rows()
    forged = rows[place]._replace(subject="change:forged")
    victim.write_rows([*rows[:place], forged._replace(leaf=leaf_of(forged).hex()), *rows[place + 1 :]])
    audit = victim.audit()
    assert audit.outcome is Outcome.FAIL
    assert audit.faults[0].damage is Damage.EDITED
    assert audit.faults[0].first is not None
    assert audit.faults[0].last is not None
    assert audit.faults[0].first <= place <= audit.faults[0].last
    assert audit.faults[0].last - audit.faults[0].first <= 1


def test_a_deleted_entry_is_named(victim: Victim) -> None:
    """A hole in the numbers is the first thing that a careless hand leaves."""
    victim.run("DELETE FROM ledger_events WHERE seq = 6")
    assert_found(victim.audit(), Damage.DELETED, 6)


def test_several_deleted_entries_are_named_together(victim: Victim) -> None:
    """The reader wants to know how much is gone."""
    victim.run("DELETE FROM ledger_events WHERE seq IN (6, 7, 8)")
    audit = victim.audit()
    assert_found(audit, Damage.DELETED, 6)
    assert audit.faults[0].last == 8


def test_a_deleted_first_entry_is_named(victim: Victim) -> None:
    """The beginning has no entry before it that could miss it."""
    victim.run("DELETE FROM ledger_events WHERE seq = 0")
    assert_found(victim.audit(), Damage.DELETED, 0)


def test_a_deleted_entry_whose_place_was_closed_is_named(victim: Victim) -> None:
    """Renumbering hides the hole, and changes every entry after it."""
    victim.run(
        "DELETE FROM ledger_events WHERE seq = 6",
        "UPDATE ledger_events SET seq = -seq WHERE seq > 6",
        "UPDATE ledger_events SET seq = -seq - 1 WHERE seq < 0",
    )
    assert_found(victim.audit(), Damage.DELETED, 6)


@pytest.mark.parametrize(("one", "other"), [(3, 5), (0, 12), (7, 8)])
def test_two_entries_in_each_others_place_are_named(victim: Victim, one: int, other: int) -> None:
    """An approval that was given before the change it approves would be worth a lot."""
    victim.run(
        f"UPDATE ledger_events SET seq = -1 WHERE seq = {one}",
        f"UPDATE ledger_events SET seq = {one} WHERE seq = {other}",
        f"UPDATE ledger_events SET seq = {other} WHERE seq = -1",
    )
    assert_found(victim.audit(), Damage.REORDERED, one)


@pytest.mark.parametrize("keep", [0, 1, 8, 12])
def test_a_cut_end_is_named(victim: Victim, keep: int) -> None:
    """The stored checkpoints know how long the log was."""
    victim.run(f"DELETE FROM ledger_events WHERE seq >= {keep}")
    assert_found(victim.audit(outside=""), Damage.TRUNCATED, keep)


def test_a_cut_end_is_named_when_only_the_stored_tree_remembers(victim: Victim) -> None:
    """Nodes cover entries that are no longer there."""
    victim.run("DELETE FROM ledger_events WHERE seq >= 9", "DELETE FROM ledger_checkpoints WHERE size > 9")
    assert_found(victim.audit(outside=""), Damage.TRUNCATED, 9)


def test_a_database_cut_without_a_trace_is_caught_by_the_witness(victim: Victim) -> None:
    """Entries, nodes and checkpoints are all gone: inside the database nothing is wrong any more."""
    victim.run(
        "DELETE FROM ledger_events WHERE seq >= 9",
        "DELETE FROM ledger_nodes WHERE (position + 1) << level > 9",
        "DELETE FROM ledger_checkpoints WHERE size > 9",
    )
    assert_found(victim.audit(), Damage.TRUNCATED, 9)
    without = victim.audit(outside="")
    assert without.outcome is Outcome.UNKNOWN
    assert without.faults == ()


def forged_row(victim: Victim, seq: int) -> EventRow:
    """Return an entry that never happened."""
    return victim.rows()[2]._replace(seq=seq, id="eforged", subject="change:forged", idempotency_key=None)


def test_an_inserted_entry_is_named(victim: Victim) -> None:
    """Somebody slips an approval in between."""
    rows = victim.rows()
    shifted = [row._replace(seq=row.seq + 1) for row in rows[6:]]
    victim.write_rows([*rows[:6], forged_row(victim, 6), *shifted])
    assert_found(victim.audit(), Damage.INSERTED, 6)


def test_an_inserted_entry_with_right_hashes_is_named(tmp_path: Path) -> None:
    """The inserted entry itself is in order; the one after it is not where it was."""
    victim = Victim(tmp_path, sealed=False)
    rows = victim.rows()
    forged = forged_row(victim, 6)._replace(prev=rows[5].leaf)
    forged = forged._replace(leaf=leaf_of(forged).hex())
    shifted = [row._replace(seq=row.seq + 1) for row in rows[6:]]
    victim.write_rows([*rows[:6], forged, *shifted])
    assert_found(victim.audit(), Damage.INSERTED, 6)


def test_entries_added_at_the_end_are_not_vouched_for(victim: Victim) -> None:
    """What nobody signed is not wrong in itself, and is never a pass."""
    victim.rewrite(lambda rows: [*rows, forged_row(victim, SIZE)], nodes=True, signer=None)
    audit = victim.audit()
    assert audit.outcome is Outcome.UNKNOWN
    assert audit.vouched_size == SIZE
    assert any(f"From entry {SIZE} on" in question for question in audit.open_questions)


def test_a_rewritten_history_is_named_by_the_stored_tree(tmp_path: Path) -> None:
    """Hashes and links were all computed anew, but the tree was forgotten."""
    victim = Victim(tmp_path, sealed=False)
    victim.rewrite(edit_subject(7), nodes=False, signer=None)
    audit = victim.audit()
    assert_found(audit, Damage.EDITED, 6)
    assert audit.faults[0].last == 7


def test_a_rewritten_history_is_named_by_the_checkpoints(victim: Victim) -> None:
    """Hashes, links and tree were all computed anew: the first signature that does not fit names the entry."""
    victim.rewrite(edit_subject(7), nodes=True, signer=None)
    assert_found(victim.audit(outside=""), Damage.FORKED, 7)


def test_a_rewritten_history_signed_with_another_key_is_named_by_the_witness(victim: Victim) -> None:
    """The forger even signed; but not with the key that the witness knows."""
    victim.rewrite(edit_subject(7), nodes=True, signer=SeededSigner(9))
    assert_found(victim.audit(), Damage.FORKED, 7)
    without = victim.audit(outside="")
    assert without.outcome is Outcome.UNKNOWN
    assert without.vouched_size == 0


def test_a_rewritten_history_is_found_with_database_and_witness_rewritten(victim: Victim) -> None:
    """Without the key nobody can make this machine vouch for the new history."""
    forger = SeededSigner(9)
    victim.rewrite(edit_subject(7), nodes=True, signer=forger)
    connection = sqlite3.connect(victim.path)
    notes = [row[0] for row in connection.execute("SELECT note FROM ledger_checkpoints ORDER BY size")]
    connection.close()
    audit = victim.audit(outside="".join(note + "\n" for note in notes))
    assert audit.outcome is Outcome.UNKNOWN
    assert len(audit.unknown_keys) == 1


def test_another_log_in_its_place_is_found(victim: Victim, tmp_path: Path) -> None:
    """A fresh and perfect ledger is still not the one that was witnessed."""
    (tmp_path / "other").mkdir()
    audit = Victim(tmp_path / "other", sealed=False).audit(outside=victim.witness.read())
    assert_found(audit, Damage.FORKED, 0)
    assert "is about the log" in audit.says


def test_a_damaged_node_is_told_apart_from_a_damaged_entry(victim: Victim) -> None:
    """The entries are whole, so nobody has to look for the decision that was changed."""
    victim.run(f"UPDATE ledger_nodes SET hash = '{'ab' * 32}' WHERE level = 1 AND position = 2")
    assert_found(victim.audit(), Damage.NODE_DAMAGED, None)


def test_a_deleted_node_is_found(victim: Victim) -> None:
    """Proofs would fail, and an append could not go on."""
    victim.run("DELETE FROM ledger_nodes WHERE level = 2 AND position = 1")
    assert_found(victim.audit(), Damage.NODE_DAMAGED, None)


@pytest.mark.parametrize(
    "change",
    [
        "note = replace(note, char(10) || '5' || char(10), char(10) || '4' || char(10))",
        "root = 'ab'",
        "public_key = '00'",
        "note = 'nothing'",
    ],
)
def test_a_changed_checkpoint_is_found(victim: Victim, change: str) -> None:
    """A signature that does not fit vouches for nothing, and somebody was there."""
    victim.run(f"UPDATE ledger_checkpoints SET {change} WHERE size = 5")
    assert_found(victim.audit(), Damage.CHECKPOINT_FORGED, None)


def test_a_removed_checkpoint_is_found(victim: Victim) -> None:
    """The witness is only ever written after the database."""
    victim.run("DELETE FROM ledger_checkpoints WHERE size = 5")
    assert_found(victim.audit(), Damage.CHECKPOINT_REMOVED, None)


def test_a_changed_witness_is_found(victim: Victim) -> None:
    """Whoever can cut the database may be able to edit the file beside it, but cannot sign."""
    text = victim.witness.read()
    assert text is not None
    audit = victim.audit(outside=text.replace("\n13\n", "\n12\n"))
    assert_found(audit, Damage.CHECKPOINT_FORGED, None)


def test_a_missing_witness_leaves_the_answer_open(victim: Victim) -> None:
    """Without a note outside nobody can tell whether the end was cut: unknown, never pass."""
    audit = victim.audit(outside="")
    assert audit.outcome is Outcome.UNKNOWN
    assert any("cut at the end" in question for question in audit.open_questions)


def test_a_torn_witness_leaves_the_answer_open(victim: Victim) -> None:
    """The machine lost power in the middle of a line: that is no forgery, and no pass."""
    text = victim.witness.read()
    assert text is not None
    audit = victim.audit(outside=text[:-60])
    assert audit.outcome is Outcome.UNKNOWN
    assert any("cannot be read" in question for question in audit.open_questions)


def test_an_empty_ledger_is_unknown(tmp_path: Path) -> None:
    """Nothing to verify is never a pass."""
    ledger = open_sqlite_ledger(tmp_path / "ledger.db")
    audit = audit_database(ledger, (), (), check_signature)
    ledger.close()
    assert audit.outcome is Outcome.UNKNOWN


def test_the_key_of_the_signer_has_to_be_known(victim: Victim) -> None:
    """Anybody can sign; the question is who."""
    ledger = open_sqlite_ledger(victim.path)
    outside = Outside(place="the witness", text=victim.witness.read(), complete=True)
    audit = audit_database(ledger, (outside,), (), check_signature)
    ledger.close()
    assert audit.outcome is Outcome.UNKNOWN
    assert audit.vouched_size == 0
