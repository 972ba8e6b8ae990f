"""The migrations give the tables that the code declares, and an up-to-date ledger never loads Alembic."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import inspect

from release_harness.app import folds_of_steps
from release_harness.ledger.folds import fold_tables
from release_harness.ledger.schema import MIGRATIONS, VERSION_TABLE, head_revision
from release_harness.ledger.tables import METADATA
from release_harness.testing.ledger import make_event, open_sqlite_ledger

if TYPE_CHECKING:
    from release_harness.ledger.database import Database

OpenLedger = Callable[..., "Database"]

# Each test migrates a real database: 100 ms and more.
pytestmark = pytest.mark.slow


def test_the_migrations_give_what_the_code_declares(open_ledger: OpenLedger) -> None:
    """A column that only one of the two knows fails on somebody's machine, after an upgrade."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    folds_of_steps()
    ledger = open_ledger()
    with ledger.read() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_no_column_holds_a_floating_point_number(open_ledger: OpenLedger) -> None:
    """REAL keeps 24 bits on PostgreSQL: times and counts would be wrong there, and only there."""
    ledger = open_ledger()
    with ledger.read() as connection:
        inspector = inspect(connection)
        types = {
            f"{table}.{column['name']}": str(column["type"])
            for table in inspector.get_table_names()
            for column in inspector.get_columns(table)
        }
    assert [name for name, kind in types.items() if kind.split("(")[0] in ("REAL", "FLOAT", "DOUBLE", "NUMERIC")] == []
    assert types["ledger_events.at_ms"] == "BIGINT"


def test_every_revision_follows_the_one_before() -> None:
    """Steps add their files in parallel; two heads would stop every upgrade."""
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(MIGRATIONS / "environment"), version_locations=[str(MIGRATIONS)])
    revisions = [revision.revision for revision in script.walk_revisions()]
    assert revisions == sorted(revisions, reverse=True)
    assert script.get_heads() == [head_revision()]
    names = [int(file.name[:4]) for file in MIGRATIONS.glob("[0-9]*.py")]
    assert sorted(names) == list(range(1, len(revisions) + 1))


def test_an_older_ledger_is_brought_up_to_date_with_its_entries(tmp_path: Path) -> None:
    """Entries outlive the forms of the tables around them."""
    from alembic import command
    from alembic.config import Config

    from release_harness.ledger.engines import sqlite_engine

    path = tmp_path / "ledger.db"
    engine = sqlite_engine(path, writes=True, durable=False)
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection, "version_table": VERSION_TABLE})
        config.set_main_option("path_separator", "newline")
        config.set_main_option("script_location", str(MIGRATIONS / "environment"))
        config.set_main_option("version_locations", str(MIGRATIONS))
        command.upgrade(config, "0001")
        connection.exec_driver_sql("INSERT INTO ledger_origin VALUES ('rh-ledger/old')")
    engine.dispose()
    ledger = open_sqlite_ledger(path)
    ledger.append(make_event())
    with ledger.read() as connection:
        assert connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar() == head_revision()  # noqa: S608
        assert connection.exec_driver_sql("SELECT origin FROM ledger_origin").scalar() == "rh-ledger/old"
    ledger.close()


def modules_after(script: str, *arguments: str) -> set[str]:
    """Return the names of all modules that a fresh Python has loaded after the script."""
    done = subprocess.run(
        [sys.executable, "-c", f"{script}\nimport sys\nprint(*sys.modules)", *arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    return set(done.stdout.split())


def test_opening_an_up_to_date_ledger_does_not_load_alembic(tmp_path: Path) -> None:
    """Alembic costs as much as everything else together, and is needed once for each version of rh."""
    path = tmp_path / "ledger.db"
    open_sqlite_ledger(path).close()
    script = (
        "import sys; from pathlib import Path\n"
        "from release_harness.testing.ledger import open_sqlite_ledger\n"
        "open_sqlite_ledger(Path(sys.argv[1])).close()"
    )
    loaded = modules_after(script, str(path))
    assert "sqlalchemy" in loaded
    assert "alembic" not in loaded


def test_the_door_and_the_commands_load_no_database_toolkit() -> None:
    """`rh check` in a repository without a ledger must not pay for SQLAlchemy."""
    loaded = modules_after(
        "import release_harness.app, release_harness.ledger.operations, release_harness.adapters.ledger_files"
    )
    assert not loaded & {"sqlalchemy", "alembic", "sqlite3", "cryptography", "asyncio"}


def test_every_fold_table_can_be_made_again(open_ledger: OpenLedger) -> None:
    """Rebuilding empties every fold table, so each of them must have been declared and migrated."""
    from release_harness.ledger.folds import rebuild_folds

    folds: Any = folds_of_steps()
    ledger = open_ledger(folds=folds)
    with ledger.write() as transaction:
        assert rebuild_folds(transaction.connection, folds) == 0
    assert all(table.name not in ("ledger_events", "ledger_nodes", "ledger_checkpoints") for table in fold_tables())
