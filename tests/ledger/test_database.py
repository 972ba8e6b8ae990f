"""What a ledger promises, on SQLite and on PostgreSQL alike."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import DBAPIError

from release_harness.adapters.keys import check_signature
from release_harness.kernel.errors import Bug, Conflict, OutsideError
from release_harness.kernel.identity import Actor, ActorKind
from release_harness.kernel.time import from_milliseconds, to_milliseconds
from release_harness.kernel.verdict import Outcome
from release_harness.ledger.audit import Outside
from release_harness.ledger.inspection import audit_database, prove_entry
from release_harness.ledger.merkle import inclusion_proof, verify_inclusion
from release_harness.ledger.model import Entry
from release_harness.ledger.notes import is_signed_by, read_note
from release_harness.ledger.reading import LogFilter, NodeReader, find_entries, read_rows, require_row
from release_harness.testing.clock import FixedClock
from release_harness.testing.ledger import MemoryWitness, SeededSigner, make_event

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from release_harness.kernel.records import Plain
    from release_harness.ledger.database import Database

OpenLedger = Callable[..., "Database"]

# Every test here runs on three databases; the servers take a second to start.
pytestmark = pytest.mark.slow


def all_entries(database: "Database") -> list[Entry]:
    """Return every entry, oldest first."""
    with database.read() as connection:
        return list(find_entries(connection, LogFilter(limit=10_000)))


def test_entries_are_numbered_and_linked_from_zero(open_ledger: OpenLedger) -> None:
    """A gap or a broken link is what verification looks for, so a healthy log has none."""
    ledger = open_ledger()
    entries = [ledger.append(make_event(payload={"number": number})) for number in range(5)]
    assert [entry.seq for entry in entries] == [0, 1, 2, 3, 4]
    assert [entry.prev for entry in entries] == ["", *(entry.leaf for entry in entries[:-1])]
    assert all_entries(ledger) == entries


def test_an_entry_comes_back_as_it_was_given(open_ledger: OpenLedger) -> None:
    """Text of any language and hostile bytes must survive both databases, and give the same hash again."""
    ledger = open_ledger()
    actor = Actor(kind=ActorKind.AGENT, id="bot", name="Zoë \x1b[31m", email="z@example.org", on_behalf_of="ana")
    payload: dict[str, Plain] = {
        "text": "héllo \x00 \udc80 \u2028 😀",
        "list": [1, None, True, {"deep": -(2**70)}],
        "empty": {},
    }
    given_entry = ledger.append(make_event(subject="file:\udcff\n", payload=payload, actor=actor))
    [found] = all_entries(open_ledger())
    assert found == given_entry
    assert found.payload == payload
    assert found.subject == r"file:\xff\n"
    assert found.actor.name == r"Zoë \x1b[31m"


def test_a_known_key_gives_the_first_entry_back(open_ledger: OpenLedger) -> None:
    """A command that is run again after a crash must not record a second time."""
    ledger = open_ledger()
    first = ledger.append(make_event(key="land:1", payload={"try": 1}))
    again = ledger.append(make_event(key="land:1", payload={"try": 2}))
    assert again == first
    assert len(all_entries(ledger)) == 1


def test_a_key_for_another_event_is_refused(open_ledger: OpenLedger) -> None:
    """Giving back an unrelated entry would lose the second event without a word."""
    ledger = open_ledger()
    ledger.append(make_event(key="k"))
    with pytest.raises(Conflict) as caught:
        ledger.append(make_event(event_type="ChangeLanded", key="k"))
    assert caught.value.code == "LEDGER_KEY_REUSED"


def test_an_exception_takes_everything_back(open_ledger: OpenLedger) -> None:
    """Rows and events of one transaction stand or fall together."""
    ledger = open_ledger()
    ledger.append(make_event())

    def fail() -> None:
        with ledger.write() as transaction:
            transaction.append(make_event())
            message = "the flow broke"
            raise RuntimeError(message)

    with pytest.raises(RuntimeError, match="the flow broke"):
        fail()
    assert ledger.append(make_event()).seq == 1
    assert len(all_entries(ledger)) == 2


def test_time_in_the_log_never_goes_backwards(open_ledger: OpenLedger) -> None:
    """A clock that is set back must neither reorder the story nor be hidden."""
    clock = FixedClock()
    ledger = open_ledger(clock=clock)
    before = ledger.append(make_event())
    clock.move(-timedelta(hours=1))
    behind = ledger.append(make_event())
    clock.move(timedelta(hours=2))
    after = ledger.append(make_event())
    assert behind.at == before.at
    assert behind.clock_behind_ms == 3_600_000
    assert after.at == before.at + timedelta(hours=1)
    assert after.clock_behind_ms == before.clock_behind_ms == 0


def test_times_far_away_keep_their_milliseconds(open_ledger: OpenLedger) -> None:
    """A column of floating point would be 128 seconds wrong on PostgreSQL."""
    clock = FixedClock(from_milliseconds(1_790_000_000_123))
    ledger = open_ledger(clock=clock)
    ledger.append(make_event())
    assert to_milliseconds(all_entries(ledger)[0].at) == 1_790_000_000_123


def test_a_payload_with_a_float_is_refused_with_its_place(open_ledger: OpenLedger) -> None:
    """Floats have more than one text, so nobody else could compute the digest again."""
    ledger = open_ledger()
    with pytest.raises(Bug) as caught:
        ledger.append(make_event(payload={"facts": [{"ratio": 0.5}]}))
    assert caught.value.code == "LEDGER_PAYLOAD_FLOAT"
    assert "$.facts[0].ratio" in caught.value.says
    assert all_entries(ledger) == []


def test_readers_cannot_write(open_ledger: OpenLedger) -> None:
    """A read operation never writes, whatever its code tries."""
    ledger = open_ledger()
    ledger.append(make_event())
    with pytest.raises((DBAPIError, OutsideError)), ledger.read() as connection:
        connection.exec_driver_sql("DELETE FROM ledger_events")
    assert len(all_entries(ledger)) == 1


def test_a_reader_sees_one_state_while_others_write(open_ledger: OpenLedger) -> None:
    """An answer put together from two states of the ledger could be a pass that never was."""
    ledger = open_ledger()
    ledger.append(make_event())
    with ledger.read() as connection:
        before = len(list(read_rows(connection)))
        ledger.append(make_event())
        assert len(list(read_rows(connection))) == before == 1


def test_every_sealed_write_leaves_a_checkpoint_inside_and_outside(open_ledger: OpenLedger) -> None:
    """What is noted only in the database goes away together with the entries."""
    witness, signer = MemoryWitness(), SeededSigner()
    ledger = open_ledger(witness=witness, signer=signer)
    ledger.append(make_event())
    with ledger.write() as transaction:
        transaction.append(make_event())
        transaction.append(make_event())
    notes = [read_note(note) for note in witness.notes]
    assert [note.size for note in notes] == [1, 3]
    assert all(is_signed_by(note, signer.public_key(), check_signature) for note in notes)
    assert ledger.checkpoint().note == witness.notes[-1]
    assert len(witness.notes) == 2


def test_a_write_without_events_signs_nothing(open_ledger: OpenLedger) -> None:
    """The witness grows with the log and not with the number of commands."""
    witness = MemoryWitness()
    ledger = open_ledger(witness=witness)
    with ledger.write():
        pass
    assert witness.notes == []


def test_a_ledger_goes_on_where_another_process_left_it(open_ledger: OpenLedger) -> None:
    """The frontier that is kept in memory must give way to what others wrote."""
    one, other = open_ledger(), open_ledger()
    for _ in range(7):
        one.append(make_event())
        other.append(make_event())
    one.append(make_event())
    audit = audit_database(one, (), (), check_signature)
    assert audit.size == 15
    assert audit.faults == ()


def test_a_whole_ledger_passes(open_ledger: OpenLedger) -> None:
    """The answer that everything else is measured against."""
    witness, signer = MemoryWitness(), SeededSigner()
    ledger = open_ledger(witness=witness, signer=signer)
    for number in range(9):
        ledger.append(make_event(payload={"number": number}))
    outside = Outside(place="the witness", text=witness.read(), complete=True)
    audit = audit_database(ledger, (outside,), (signer.public_key(),), check_signature)
    assert audit.outcome is Outcome.PASS, audit
    assert (audit.size, audit.vouched_size, audit.first_bad) == (9, 9, None)


def test_proofs_are_read_from_the_stored_tree(open_ledger: OpenLedger) -> None:
    """Every entry can be proven against the latest root without reading the others."""
    ledger = open_ledger()
    for number in range(21):
        ledger.append(make_event(payload={"number": number}))
    root = bytes.fromhex(ledger.checkpoint().root)
    with ledger.read() as connection:
        for place in range(21):
            path = inclusion_proof(place, 21, NodeReader(connection))
            leaf = bytes.fromhex(require_row(connection, str(place)).leaf)
            assert verify_inclusion(leaf, place, 21, path, root)
    assert prove_entry(ledger, "20")["size"] == 21


def test_entries_are_found_by_type_and_subject(open_ledger: OpenLedger) -> None:
    """The log of one change must not be searched by eye; `%` and `_` in a subject are no wildcards."""
    ledger = open_ledger()
    for subject in ("change:a_b", "change:axb", "branch:main"):
        ledger.append(make_event(subject=subject))
        ledger.append(make_event(event_type="ChangeLanded", subject=subject))
    with ledger.read() as connection:
        by_prefix = find_entries(connection, LogFilter(subject="change:a_*"))
        by_both = find_entries(connection, LogFilter(type="ChangeLanded", subject="branch:main"))
        newest = find_entries(connection, LogFilter(limit=2))
    assert [entry.subject for entry in by_prefix] == ["change:a_b", "change:a_b"]
    assert [entry.seq for entry in by_both] == [5]
    assert [entry.seq for entry in newest] == [4, 5]


def test_a_fold_sees_the_entry_and_fails_with_it(open_ledger: OpenLedger) -> None:
    """The tables that steps read may never know less or more than the events."""
    seen: list[Entry] = []

    def fold(connection: "Connection", entry: Entry) -> None:
        if entry.payload.get("refuse"):
            message = "the fold refused"
            raise RuntimeError(message)
        assert connection.exec_driver_sql("SELECT count(*) FROM ledger_events").scalar() == entry.seq + 1
        seen.append(entry)

    ledger = open_ledger(folds={"NoteTaken": (fold,)})
    kept = ledger.append(make_event())
    ledger.append(make_event(event_type="Other"))
    with pytest.raises(RuntimeError, match="the fold refused"):
        ledger.append(make_event(payload={"refuse": True}))
    assert seen == [kept]
    assert len(all_entries(ledger)) == 2


def test_signing_without_a_signer_is_a_bug_of_the_caller(open_ledger: OpenLedger) -> None:
    """A checkpoint that nobody signed must never look like one."""
    ledger = open_ledger()
    ledger._signer = None
    with pytest.raises(Bug) as caught:
        ledger.checkpoint()
    assert caught.value.code == "LEDGER_UNSIGNED"
