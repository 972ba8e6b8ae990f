"""What a database says when it fails, and what rh says instead."""

import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from release_harness.kernel.errors import OutsideError

_Words = tuple[str, str, str, bool]
"""Code, sentence about `{place}`, hint, retryable."""

_LOCKED: _Words = (
    "LEDGER_LOCKED",
    "The ledger {place} is held by another writer, and the waiting time is over.",
    "Try again; if it stays like this, look for an rh that hangs.",
    True,
)
_READ_ONLY: _Words = (
    "LEDGER_READ_ONLY",
    "The ledger {place} cannot be written to: the file, its folder or the database is read-only for this user.",
    "Give this user the right to write to the file and to its folder; nothing was recorded.",
    False,
)
_UNOPENABLE: _Words = (
    "LEDGER_UNOPENABLE",
    "The ledger {place} cannot be opened: {detail}.",
    "Check that the folder exists and that this user may read and write in it.",
    False,
)
_FULL: _Words = (
    "LEDGER_DISK_FULL",
    "The ledger {place} could not grow: there is no room left.",
    "Free some space and run the command again; what was recorded before is untouched, this command recorded nothing.",
    True,
)
_NOT_A_DATABASE: _Words = (
    "LEDGER_NOT_A_DATABASE",
    "{place} is not a ledger: the file is no SQLite database.",
    "Move the file away and restore the ledger from a copy.",
    False,
)
_CORRUPT: _Words = (
    "LEDGER_CORRUPT",
    "The ledger {place} is damaged: the database found a page that cannot be right.",
    "Keep the file, restore a copy, then run `rh ledger verify`; the checkpoints beside it say what must be there.",
    False,
)
_UNREACHABLE: _Words = (
    "LEDGER_UNREACHABLE",
    "The ledger {place} cannot be reached: {detail}.",
    "Check that the server runs and that RH_DATABASE_URL is right, then try again.",
    True,
)
_FAILED: _Words = (
    "LEDGER_FAILED",
    "The ledger {place} failed: {detail}.",
    "Nothing of this command was recorded. Try again; `rh ledger verify` tells whether the ledger is whole.",
    True,
)

_MISFIT: _Words = (
    "LEDGER_MISFIT",
    "The tables of the ledger {place} are not those that this rh reads: {detail}.",
    "Another build of rh made them: keep the file and run `rh ledger export` with that rh, or restore a copy.",
    False,
)

_SQLITE: tuple[tuple[str, _Words], ...] = (
    ("SQLITE_BUSY", _LOCKED),
    ("SQLITE_LOCKED", _LOCKED),
    ("SQLITE_READONLY", _READ_ONLY),
    ("SQLITE_PERM", _READ_ONLY),
    ("SQLITE_CANTOPEN", _UNOPENABLE),
    ("SQLITE_FULL", _FULL),
    ("SQLITE_IOERR_SHMSIZE", _FULL),
    ("SQLITE_NOTADB", _NOT_A_DATABASE),
    ("SQLITE_CORRUPT", _CORRUPT),
    ("SQLITE_IOERR", _FAILED),
    ("SQLITE_PROTOCOL", _LOCKED),
)
"""Beginning of the result code's name; the first that fits is taken."""

_POSTGRES: tuple[tuple[str, _Words], ...] = (
    ("55P03", _LOCKED),
    ("40001", _LOCKED),
    ("40P01", _LOCKED),
    ("57014", _LOCKED),
    ("25006", _READ_ONLY),
    ("42501", _READ_ONLY),
    ("53100", _FULL),
    ("XX001", _CORRUPT),
    ("XX002", _CORRUPT),
    ("08", _UNREACHABLE),
    ("57P", _UNREACHABLE),
    ("28", _UNREACHABLE),
    ("3D", _UNREACHABLE),
    ("42P01", _MISFIT),
    ("42703", _MISFIT),
    ("53", _FAILED),
    ("58", _FAILED),
)
"""Beginning of the SQLSTATE; the first that fits is taken."""

_NO_SUCH = re.compile(r"no such (?:table|column): |table \S+ has no column named ")
"""SQLite has one code for every fault of a statement; only its words tell a table that is missing from bad SQL."""


@contextmanager
def database_errors(place: str) -> Iterator[None]:
    """Turn what the database refuses into an error of rh; faults of rh's own SQL pass through unchanged."""
    try:
        yield
    except DBAPIError as error:
        known = explain_failure(error.orig, place)
        if known is None:
            raise
        raise known from error
    except driver_errors() as error:
        known = explain_failure(error, place)
        if known is None:
            raise
        raise known from error


def driver_errors() -> tuple[type[Exception], ...]:
    """Return the errors that drivers raise on the hot path, which goes past SQLAlchemy; loads no driver."""
    psycopg = sys.modules.get("psycopg")
    return (sqlite3.Error,) if psycopg is None else (sqlite3.Error, psycopg.Error)


def explain_failure(origin: BaseException | None, place: str) -> OutsideError | None:
    """Return the driver's error in rh's words, or None when it is a mistake in rh's own SQL."""
    words = _words_for(origin)
    if words is None:
        return None
    lines = str(origin).strip().splitlines() or [type(origin).__name__]
    code, says, hint, retryable = words
    return OutsideError(code=code, says=says.format(place=place, detail=lines[0]), hint=hint, retryable=retryable)


def _words_for(origin: BaseException | None) -> _Words | None:
    name = getattr(origin, "sqlite_errorname", None)
    if isinstance(name, str):
        if name == "SQLITE_ERROR" and _NO_SUCH.match(str(origin)):
            return _MISFIT
        return next((words for start, words in _SQLITE if name.startswith(start)), None)
    state = getattr(origin, "sqlstate", None)
    if isinstance(state, str):
        return next((words for start, words in _POSTGRES if state.startswith(start)), None)
    # libpq could not connect, or lost the connection: there is no SQLSTATE then.
    lost = type(origin).__module__.startswith("psycopg") and type(origin).__name__ == "OperationalError"
    return _UNREACHABLE if lost else None
