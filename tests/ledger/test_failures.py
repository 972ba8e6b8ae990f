"""Everything that a disk, a file or a server can do to the ledger has a stable code, and nothing half is kept."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy.exc import DBAPIError

from release_harness.adapters.ledger_files import LedgerOpener, WitnessFile
from release_harness.kernel.errors import Bug, HarnessError, InputError, OutsideError
from release_harness.ledger.database import Database
from release_harness.ledger.engines import postgres_engine, read_address
from release_harness.ledger.reading import count_entries
from release_harness.ledger.schema import VERSION_TABLE, head_revision
from release_harness.steps.evidence.store import list_all
from release_harness.testing.clock import FixedClock
from release_harness.testing.ledger import MemoryWitness, SeededSigner, make_event, open_sqlite_ledger

# Every test makes a real database file, which takes 80 ms.
pytestmark = pytest.mark.slow


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Database]:
    """A ledger with one entry."""
    opened = open_sqlite_ledger(tmp_path / "ledger.db", waiting_time=timedelta(milliseconds=50))
    opened.append(make_event())
    yield opened
    opened.close()


def code_of(act: Callable[[], object]) -> str:
    """Return the code of the refusal, which must have a sentence and a hint."""
    with pytest.raises(HarnessError) as caught:
        act()
    assert caught.value.says
    assert caught.value.hint
    return caught.value.code


def size_of(database: Database) -> int:
    """Return the number of entries."""
    with database.read() as connection:
        return count_entries(connection)


def test_a_ledger_held_by_another_writer_is_locked(ledger: Database, tmp_path: Path) -> None:
    """The waiting ends, and says that trying again is right."""
    other = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OutsideError) as caught:
        ledger.append(make_event())
    assert caught.value.code == "LEDGER_LOCKED"
    assert caught.value.retryable
    other.execute("ROLLBACK")
    other.close()
    assert ledger.append(make_event()).seq == 1


def test_a_full_disk_takes_the_whole_transaction_back(ledger: Database) -> None:
    """SQLITE_FULL is provoked by a limit of pages, which fails in the same place as a full disk."""
    with ledger.write() as transaction:
        pages = transaction.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    with ledger._writer.connect() as connection:
        connection.connection.driver_connection.execute(f"PRAGMA max_page_count={pages + 5}")  # type: ignore[union-attr]

    def fill() -> None:
        for _ in range(100):
            ledger.append(make_event(payload={"words": "x" * 4000}))

    assert code_of(fill) == "LEDGER_DISK_FULL"
    kept = size_of(ledger)
    with ledger._writer.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA max_page_count=1000000")  # type: ignore[union-attr]
    assert ledger.append(make_event()).seq == kept


def _leave_out(why: str) -> NoReturn:
    """Say loudly that a really full disk was not tested; where CI judges, that is a failure."""
    says = f"LOUD: {why}, so a really full disk was NOT tested"
    if os.environ.get("CI"):
        pytest.fail(says)
    pytest.skip(says)


def test_a_really_full_file_system_is_named(request: pytest.FixtureRequest) -> None:
    """The limit of pages is not the disk: a small file system of its own is filled to the last byte."""
    if os.geteuid() != 0:
        _leave_out("no right to mount a small file system here")
    folder = Path(tempfile.mkdtemp(prefix="rh-full-"))
    request.addfinalizer(lambda: shutil.rmtree(folder, ignore_errors=True))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=False, capture_output=True, text=True
    )
    if mounted.returncode:
        _leave_out(f"mounting is refused here ({mounted.stderr.strip()})")
    request.addfinalizer(lambda: subprocess.run(["umount", str(folder)], check=True))
    opened = open_sqlite_ledger(folder / "ledger.db")
    request.addfinalizer(opened.close)

    def fill() -> None:
        for _ in range(1000):
            opened.append(make_event(payload={"words": "x" * 4000}))

    assert code_of(fill) == "LEDGER_DISK_FULL"
    kept = size_of(opened)
    assert kept > 0
    opened.close()
    again = open_sqlite_ledger(folder / "ledger.db")
    request.addfinalizer(again.close)
    assert size_of(again) == kept


APPEND_AS_NOBODY = """
import os, sys
from pathlib import Path
from release_harness.kernel.errors import HarnessError
from release_harness.testing.ledger import make_event, open_sqlite_ledger

# Everything is imported before the rights are given up: the other user may not be able to read Python itself.
open_sqlite_ledger(Path(sys.argv[2])).append(make_event())
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    open_sqlite_ledger(Path(sys.argv[1])).append(make_event())
except HarnessError as error:
    print(error.code)
"""


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_read_only_file_or_folder_is_named(what: str, tmp_path: Path) -> None:
    """Root may write everywhere, so as root another user tries."""
    folder = Path(tempfile.mkdtemp(prefix="rh-read-only-"))
    try:
        opened = open_sqlite_ledger(folder / "ledger.db")
        opened.append(make_event())
        opened.close()
        (folder / "ledger.db").chmod(0o444)
        folder.chmod(0o777 if what == "file" else 0o555)
        done = subprocess.run(
            [sys.executable, "-c", APPEND_AS_NOBODY, str(folder / "ledger.db"), str(tmp_path / "warm.db")],
            check=False,
            capture_output=True,
            text=True,
        )
        expected = ("LEDGER_READ_ONLY",) if what == "file" else ("LEDGER_READ_ONLY", "LEDGER_UNOPENABLE")
        assert done.stdout.strip() in expected, done.stderr
    finally:
        folder.chmod(0o777)
        shutil.rmtree(folder)


def test_a_ledger_in_a_folder_that_cannot_be_written_can_still_be_read(tmp_path: Path) -> None:
    """An auditor gets a copy on a read-only medium; `immutable` is how it is opened then."""
    from release_harness.ledger.engines import sqlite_engine

    path = tmp_path / "ledger.db"
    opened = open_sqlite_ledger(path)
    opened.append(make_event())
    opened.close()
    engine = sqlite_engine(path, writes=False, durable=False, immutable=True)
    with engine.connect() as connection:
        assert count_entries(connection) == 1
    engine.dispose()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["ledger.db"]


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    """Somebody's text file must not be overwritten."""
    path = tmp_path / "ledger.db"
    path.write_text("dear diary, " * 500)
    before = path.read_bytes()
    assert code_of(lambda: open_sqlite_ledger(path)) == "LEDGER_NOT_A_DATABASE"
    assert path.read_bytes() == before


def test_a_database_of_another_program_is_named(tmp_path: Path) -> None:
    """Its tables are not ours to mix with."""
    path = tmp_path / "ledger.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE customers (id INTEGER)")
    other.close()
    assert code_of(lambda: open_sqlite_ledger(path)) == "LEDGER_FOREIGN"


def test_a_corrupted_page_is_named(ledger: Database, tmp_path: Path) -> None:
    """A broken disk is not somebody's edit, and needs another remedy."""
    with ledger.write() as transaction:
        for number in range(200):
            transaction.append(make_event(payload={"words": "x" * 500, "number": number}))
    ledger.close()
    path = tmp_path / "ledger.db"
    content = bytearray(path.read_bytes())
    for page in range(3, len(content) // 4096):
        content[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    path.write_bytes(content)

    def read_all() -> None:
        with ledger.read() as connection:
            connection.exec_driver_sql("SELECT * FROM ledger_events").all()

    assert code_of(read_all) == "LEDGER_CORRUPT"


@pytest.mark.parametrize("version", ["9999", "from the future"])
def test_a_newer_ledger_is_refused_before_anything_is_read(ledger: Database, tmp_path: Path, version: str) -> None:
    """An older rh does not know what the new columns mean, so it must not decide by them."""
    with ledger.write() as transaction:
        transaction.connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '{version}'")  # noqa: S608
    with pytest.raises(InputError) as caught:
        open_sqlite_ledger(tmp_path / "ledger.db")
    assert caught.value.code == "LEDGER_NEWER"
    assert version in caught.value.says
    assert head_revision() in caught.value.says


def test_an_append_to_a_tree_with_holes_is_refused(ledger: Database, tmp_path: Path) -> None:
    """Going on would sign a root that nobody can prove anything against."""
    for _ in range(6):
        ledger.append(make_event())
    with ledger.write() as transaction:
        transaction.connection.exec_driver_sql("DELETE FROM ledger_nodes")
    fresh = open_sqlite_ledger(tmp_path / "ledger.db")
    with pytest.raises(Bug) as caught:
        fresh.append(make_event())
    assert caught.value.code == "LEDGER_NODES_MISSING"
    fresh.close()


def test_a_second_root_for_the_same_size_is_never_signed(ledger: Database, tmp_path: Path) -> None:
    """Signing both sides of a fork with one key would make the key worthless."""
    ledger.checkpoint()
    with ledger.write() as transaction:
        transaction.connection.exec_driver_sql("UPDATE ledger_events SET leaf = prev || hex(zeroblob(32))")
    fresh = open_sqlite_ledger(tmp_path / "ledger.db")
    assert code_of(fresh.checkpoint) == "LEDGER_FORKED"
    fresh.close()


def opener(folder: Path, address: str = "") -> LedgerOpener:
    """Build the door that commands go through."""
    return LedgerOpener(
        folder=lambda: folder,
        address=address,
        clock=FixedClock(),
        signer=SeededSigner(),
        witness=WitnessFile(lambda: folder),
        folds=dict,
    )


def test_looking_for_a_ledger_makes_none(tmp_path: Path) -> None:
    """Reading stays reading: no file, no folder."""
    assert opener(tmp_path / "rh").existing() is None
    assert list(tmp_path.iterdir()) == []


def test_the_opener_makes_the_ledger_once_and_finds_it_again(tmp_path: Path) -> None:
    """All commands of a repository share one file."""
    first = opener(tmp_path / "rh").open()
    first.append(make_event())
    first.close()
    again = opener(tmp_path / "rh").existing()
    assert again is not None
    assert size_of(again) == 1
    again.close()


@pytest.mark.parametrize("address", ["mysql://host/db", "nonsense", "sqlite://", "sqlite:///:memory:"])
def test_an_address_that_rh_cannot_use_is_refused(tmp_path: Path, address: str) -> None:
    """A ledger in memory forgets; other databases were never tested."""
    assert code_of(opener(tmp_path, address).open) == "LEDGER_URL_UNKNOWN"


def test_an_sqlite_address_is_a_file_like_any_other(tmp_path: Path) -> None:
    """A service may keep its ledger outside the repository."""
    database = opener(tmp_path, f"sqlite:///{tmp_path}/elsewhere/own.db").open()
    database.append(make_event())
    database.close()
    assert (tmp_path / "elsewhere" / "own.db").exists()


@pytest.mark.postgres
def test_a_server_that_is_not_there_is_named_without_its_password(tmp_path: Path) -> None:
    """An error goes into logs that many can read."""
    address = f"postgresql://ana:verysecret@/rh?host={tmp_path}"
    with pytest.raises(OutsideError) as caught:
        opener(tmp_path, address).open()
    assert caught.value.code == "LEDGER_UNREACHABLE"
    assert "verysecret" not in caught.value.says


@pytest.mark.postgres
def test_a_locked_server_is_named(new_postgres_database: Callable[[int], str]) -> None:
    """The waiting time holds there too."""
    from release_harness.testing.ledger import open_postgres_ledger

    address = new_postgres_database(18)
    holder = open_postgres_ledger(address)
    waiting = open_postgres_ledger(address, waiting_time=timedelta(milliseconds=50))
    with holder.write() as transaction:
        transaction.append(make_event())
        assert code_of(lambda: waiting.append(make_event())) == "LEDGER_LOCKED"
    assert waiting.append(make_event()).seq == 1
    holder.close()
    waiting.close()


@pytest.mark.postgres
def test_a_read_only_server_is_named(new_postgres_database: Callable[[int], str]) -> None:
    """A replica answers questions and takes no entries."""
    from release_harness.testing.ledger import open_postgres_ledger

    address = new_postgres_database(18)
    ledger = open_postgres_ledger(address)
    with ledger.write() as transaction:
        transaction.append(make_event())
        transaction.connection.exec_driver_sql(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %%I SET default_transaction_read_only = on', current_database()); END $$"
        )
    ledger.close()
    assert code_of(lambda: ledger.append(make_event())) == "LEDGER_READ_ONLY"
    ledger.close()


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL is an extra; the error says which one."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    url = read_address("postgresql://host/db")
    assert code_of(lambda: postgres_engine(url, writes=True)) == "LEDGER_DRIVER_MISSING"


def test_a_witness_that_cannot_be_written_says_that_the_entry_is_recorded(tmp_path: Path) -> None:
    """The next try must not be told that nothing happened."""
    (tmp_path / "rh").write_text("a file where the folder should be")
    witness = WitnessFile(lambda: tmp_path / "rh")
    ledger = open_sqlite_ledger(tmp_path / "ledger.db", witness=witness)
    assert code_of(lambda: ledger.append(make_event())) == "WITNESS_UNWRITABLE"
    assert size_of(ledger) == 1
    ledger.close()


def test_the_witness_heals_with_the_next_checkpoint(tmp_path: Path) -> None:
    """A crash between commit and note must not leave the ledger unvouched for ever."""
    witness = MemoryWitness()
    ledger = open_sqlite_ledger(tmp_path / "ledger.db", witness=witness)
    ledger.append(make_event())
    noted = list(witness.notes)
    witness.notes.clear()
    ledger.checkpoint()
    assert witness.notes == noted
    ledger.close()


@pytest.mark.postgres
def test_looking_for_a_ledger_on_a_server_makes_none(
    tmp_path: Path, new_postgres_database: Callable[[int], str]
) -> None:
    """`rh check` in a fresh organisation must not write into the database that it was pointed to."""
    address = new_postgres_database(16)
    assert opener(tmp_path, address).existing() is None
    assert opener(tmp_path, address).existing() is None
    made = opener(tmp_path, address).open()
    made.append(make_event())
    made.close()
    found = opener(tmp_path, address).existing()
    assert found is not None
    assert size_of(found) == 1
    found.close()


def test_an_empty_file_is_no_ledger_yet(tmp_path: Path) -> None:
    """A crash right after the file was made leaves one; the next command that records goes on from there."""
    (tmp_path / "ledger.db").touch()
    assert opener(tmp_path).existing() is None
    made = opener(tmp_path).open()
    assert made.append(make_event()).seq == 0
    made.close()


def test_a_foreign_file_is_refused_even_for_reading(tmp_path: Path) -> None:
    """Saying that there is no ledger would hide that something is in its place."""
    other = sqlite3.connect(tmp_path / "ledger.db")
    other.execute("CREATE TABLE customers (id INTEGER)")
    other.close()
    assert code_of(opener(tmp_path).existing) == "LEDGER_FOREIGN"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "rh").write_text("")
    assert code_of(opener(tmp_path / "rh" / "deep").open) == "LEDGER_READ_ONLY"


@pytest.mark.parametrize(
    ("altered", "detail"),
    [
        ("DROP TABLE evidence", "no such table: evidence"),
        ("ALTER TABLE evidence RENAME COLUMN envelope TO cover", "no such column"),
    ],
)
def test_tables_that_do_not_fit_are_named_and_are_no_bug(ledger: Database, altered: str, detail: str) -> None:
    """A ledger of another build of rh is a state of the world, not a broken promise with SQL in it."""
    with ledger.write() as transaction:
        transaction.connection.exec_driver_sql(altered)

    with pytest.raises(OutsideError) as caught, ledger.read() as connection:
        list_all(connection)

    assert caught.value.code == "LEDGER_MISFIT"
    assert detail in caught.value.says
    assert "rh ledger export" in caught.value.hint
    assert not caught.value.retryable


def test_bad_sql_of_rh_itself_stays_a_fault_of_rh(ledger: Database) -> None:
    """Calling a mistake in a statement a damaged ledger would send people looking in the wrong place."""
    with pytest.raises(DBAPIError), ledger.read() as connection:
        connection.exec_driver_sql("SELEKT 1")
