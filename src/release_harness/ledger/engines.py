"""Connections to SQLite and PostgreSQL that keep the promises of the ledger: one writer at a time, readers that cannot write."""

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from release_harness.kernel.errors import InputError, OutsideError

WAITING_TIME = timedelta(seconds=30)
"""How long a writer waits for the one before it."""

POSTGRES_LOCK = "SELECT pg_advisory_xact_lock(1919446116, hashtext(current_schema()))"
"""First statement of every write on PostgreSQL: appends are put in one order, per database and schema."""


def sqlite_engine(
    path: Path, *, writes: bool, durable: bool, waiting_time: timedelta = WAITING_TIME, immutable: bool = False
) -> Engine:
    """Make an engine on an SQLite file in WAL mode; a missing file is made when `writes`.

    `durable` syncs the log at every commit (synchronous=FULL); else a commit survives a crash of the process, and the
    last ones may be lost with the power (synchronous=NORMAL). `immutable` reads a file whose folder cannot be written.
    """
    mode = "mode=rwc" if writes else "mode=ro&immutable=1" if immutable else "mode=rw"
    address = f"file:{quote(str(path))}?{mode}"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(
            address, uri=True, timeout=waiting_time.total_seconds(), isolation_level=None, check_same_thread=False
        )

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_reset_on_return=None)

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        if not immutable and connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        connection.execute("PRAGMA wal_autocheckpoint=4000")
        if not writes:
            connection.execute("PRAGMA query_only=ON")

    # A deferred BEGIN that turns into a write fails at once when somebody else wrote in between; IMMEDIATE waits.
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        # The driver's own call: SQLAlchemy's costs as much as the rest of a small transaction.
        connection.connection.driver_connection.execute(begin)  # type: ignore[union-attr]

    return engine


def postgres_engine(url: URL, *, writes: bool, waiting_time: timedelta = WAITING_TIME) -> Engine:
    """Make an engine on PostgreSQL by psycopg; writers take turns, readers see one snapshot and cannot write."""
    wait_ms = waiting_time // timedelta(milliseconds=1)
    options = f"-c lock_timeout={wait_ms} -c application_name=rh"
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            connect_args={"options": options, "connect_timeout": 10},
            isolation_level="READ COMMITTED" if writes else "REPEATABLE READ",
        )
    except ModuleNotFoundError as error:
        raise OutsideError(
            code="LEDGER_DRIVER_MISSING",
            says="RH_DATABASE_URL names a PostgreSQL server, but its driver is not installed.",
            hint='Install it with `pip install "release-harness[postgres]"`.',
            retryable=False,
        ) from error

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(POSTGRES_LOCK if writes else "SET TRANSACTION READ ONLY")

    return engine


def read_address(address: str) -> URL:
    """Read RH_DATABASE_URL; raises InputError LEDGER_URL_UNKNOWN for anything but PostgreSQL or SQLite."""
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        url = None
    backend = "" if url is None else url.drivername.partition("+")[0]
    if url is None or backend not in ("postgresql", "postgres", "sqlite"):
        raise InputError(
            code="LEDGER_URL_UNKNOWN",
            says="RH_DATABASE_URL names no database that rh can keep its ledger in.",
            hint="Write postgresql://user@host/database or sqlite:////full/path/ledger.db, or leave it out.",
        )
    return url
