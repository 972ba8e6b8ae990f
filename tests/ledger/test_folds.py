"""Folds can be made again from the events, and a table that somebody wrote into is found."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import BigInteger, Column, Integer, Table, Text, insert

from release_harness.adapters.keys import check_signature
from release_harness.kernel.errors import OutsideError
from release_harness.kernel.verdict import Outcome
from release_harness.ledger.audit import Outside
from release_harness.ledger.folds import compare_folds, rebuild_folds
from release_harness.ledger.inspection import audit_database
from release_harness.ledger.tables import METADATA
from release_harness.ledger.verify import Damage
from release_harness.ledger.writing import collect_folds
from release_harness.testing.ledger import MemoryWitness, SeededSigner, make_event, open_sqlite_ledger

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from release_harness.ledger.database import Database
    from release_harness.ledger.model import Entry
    from release_harness.ledger.writing import Folds

# Each test makes a real database: 100 ms.
pytestmark = pytest.mark.slow


@pytest.fixture
def notes() -> Iterator[Table]:
    """A fold table of a made-up step, which leaves the shared metadata again."""
    table = Table(
        "test_notes",
        METADATA,
        Column("number", Integer, primary_key=True),
        Column("seq", BigInteger, nullable=False),
        Column("words", Text, nullable=False),
    )
    yield table
    METADATA.remove(table)


@pytest.fixture
def folds(notes: Table) -> "Folds":
    """One step that folds notes."""

    def fold_note(connection: "Connection", entry: "Entry") -> None:
        connection.execute(insert(notes).values(seq=entry.seq, words=entry.payload["words"]))

    return collect_folds([{"NoteTaken": fold_note}])


@pytest.fixture
def ledger(tmp_path: Path, folds: "Folds") -> Iterator["Database"]:
    """A ledger with five notes and something that nobody folds."""
    opened = open_sqlite_ledger(tmp_path / "ledger.db", folds=folds, witness=MemoryWitness(), signer=SeededSigner())
    with opened.write() as transaction:
        METADATA.create_all(transaction.connection, tables=[*METADATA.sorted_tables])
    for number in range(5):
        opened.append(make_event(payload={"words": f"note {number}"}))
    opened.append(make_event(event_type="Other"))
    yield opened
    opened.close()


def rows_of(ledger: "Database", table: Table) -> list[tuple[object, ...]]:
    """Return the rows of the fold table in the order of the events."""
    with ledger.read() as connection:
        return [tuple(row) for row in connection.execute(table.select().order_by(table.c.seq))]


def test_rebuilding_gives_the_same_rows(ledger: "Database", notes: Table, folds: "Folds") -> None:
    """What steps read is nothing but the events in another shape."""
    before = rows_of(ledger, notes)
    with ledger.write() as transaction:
        assert rebuild_folds(transaction.connection, folds) == 6
    assert rows_of(ledger, notes) == before
    assert len(before) == 5


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE test_notes SET words = 'forged' WHERE seq = 2",
        "DELETE FROM test_notes WHERE seq = 2",
        "INSERT INTO test_notes (seq, words) VALUES (9, 'forged')",
        "INSERT INTO test_notes (seq, words) VALUES (2, 'note 2')",
    ],
)
def test_a_table_that_was_written_into_is_found_and_mended(
    ledger: "Database", notes: Table, folds: "Folds", statement: str
) -> None:
    """Decisions read the tables, so a forged approval there is as good as one in the log."""
    before = rows_of(ledger, notes)
    with ledger.write() as transaction:
        transaction.connection.exec_driver_sql(statement)
    outside = Outside(place="the witness", text=ledger._witness.read() if ledger._witness else None)
    audit = audit_database(ledger, (outside,), (SeededSigner().public_key(),), check_signature)
    assert audit.outcome is Outcome.FAIL
    assert [fault.damage for fault in audit.faults] == [Damage.TABLES_DIFFER]
    assert "test_notes" in audit.says
    with ledger.write() as transaction:
        rebuild_folds(transaction.connection, folds)
    assert [row[1:] for row in rows_of(ledger, notes)] == [row[1:] for row in before]
    with ledger.read() as connection:
        assert compare_folds(connection, folds) == ()


def test_an_event_that_no_fold_can_read_is_named(ledger: "Database", folds: "Folds") -> None:
    """A payload of another build must be said with its entry, not end in a failure inside rh."""

    def fold_strictly(_connection: "Connection", entry: "Entry") -> None:
        raise KeyError(entry.payload["words"])

    stricter = {**folds, "NoteTaken": (fold_strictly,)}
    with ledger.read() as connection:
        (fault,) = compare_folds(connection, stricter)
    assert fault.damage is Damage.TABLES_DIFFER
    assert fault.says.startswith("Entry 0 (NoteTaken, version 1) has a payload that this rh cannot read")
    with pytest.raises(OutsideError) as caught, ledger.write() as transaction:
        rebuild_folds(transaction.connection, stricter)
    assert caught.value.code == "LEDGER_EVENT_UNREADABLE"


def test_several_steps_may_fold_one_event_in_their_order() -> None:
    """A later step must not take an event away from an earlier one."""
    called: list[str] = []
    folds = collect_folds(
        [
            {"A": lambda _c, _e: called.append("first")},
            {"A": lambda _c, _e: called.append("second"), "B": lambda _c, _e: None},
        ]
    )
    for fold in folds["A"]:
        fold(None, None)  # type: ignore[arg-type]
    assert called == ["first", "second"]
    assert set(folds) == {"A", "B"}
