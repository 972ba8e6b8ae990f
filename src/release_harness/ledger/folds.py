"""Folds made again from the events: to mend them, and to show that nobody wrote into the tables that steps read."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Table, create_engine, select
from sqlalchemy.pool import StaticPool

from release_harness.kernel.errors import OutsideError
from release_harness.ledger.entries import EventRow, entry_of
from release_harness.ledger.model import Entry
from release_harness.ledger.reading import read_rows
from release_harness.ledger.tables import METADATA
from release_harness.ledger.verify import Damage, LogFault

if TYPE_CHECKING:
    from release_harness.ledger.door import Fold
    from release_harness.ledger.writing import Folds

_SHOWN_CHARACTERS = 120


def fold_tables() -> tuple[Table, ...]:
    """Return the tables that are folds over events, those that are referred to first."""
    return tuple(table for table in METADATA.sorted_tables if table.info.get("fold", True))


def rebuild_folds(connection: Connection, folds: "Folds", rows: Iterable[EventRow] | None = None) -> int:
    """Empty every fold table and fold all events again, inside the transaction of the connection; returns their number."""
    for table in reversed(fold_tables()):
        connection.execute(table.delete())
    return _run_folds(connection, folds, read_rows(connection) if rows is None else rows)


def compare_folds(connection: Connection, folds: "Folds") -> tuple[LogFault, ...]:
    """Fold all events into an empty database in memory and compare with what the ledger has; nothing is written.

    Generated keys and the order of rows do not count: rows are compared as sets of all their values, except columns
    that the database numbers by itself.
    """
    tables = fold_tables()
    if not tables:
        return ()
    scratch = create_engine("sqlite://", poolclass=StaticPool)
    try:
        with scratch.begin() as fresh:
            METADATA.create_all(fresh, tables=tables)
            try:
                _run_folds(fresh, folds, read_rows(connection))
            except OutsideError as error:
                return (LogFault(damage=Damage.TABLES_DIFFER, says=error.says.removesuffix(".")),)
            found = (_compare_table(table, connection, fresh) for table in tables)
            return tuple(fault for fault in found if fault is not None)
    finally:
        scratch.dispose()


def _run_folds(connection: Connection, folds: "Folds", rows: Iterable[EventRow]) -> int:
    count = 0
    for row in rows:
        count += 1
        wanted = folds.get(row.type)
        if wanted:
            entry = entry_of(row)
            for fold in wanted:
                _fold_one(fold, connection, entry)
    return count


def _fold_one(fold: "Fold", connection: Connection, entry: Entry) -> None:
    try:
        fold(connection, entry)
    except (KeyError, TypeError, ValueError) as error:
        raise OutsideError(
            code="LEDGER_EVENT_UNREADABLE",
            says=f"Entry {entry.seq} ({entry.type}, version {entry.version}) has a payload that this rh cannot read: {error!r}.",
            hint="Another build of rh wrote it: read it with that rh, or bring this one up to date.",
            subject=entry.id,
            retryable=False,
        ) from error


def _compare_table(table: Table, stored: Connection, fresh: Connection) -> LogFault | None:
    columns = [column for column in table.columns if column is not table.autoincrement_column]
    there, wanted = (sorted(map(repr, map(tuple, each.execute(select(*columns))))) for each in (stored, fresh))
    if there == wanted:
        return None
    extra, lacking = _first_without(there, wanted), _first_without(wanted, there)
    differs = f"it has {extra}" if extra else f"it lacks {lacking}"
    says = f"The table {table.name} is not what the events give: {differs}. `rh ledger rebuild` makes it again"
    return LogFault(damage=Damage.TABLES_DIFFER, says=says)


def _first_without(rows: Sequence[str], others: Sequence[str]) -> str:
    known = set(others)
    found = next((row for row in rows if row not in known), "a row twice" if len(rows) > len(others) else "")
    return found if len(found) <= _SHOWN_CHARACTERS else f"{found[:_SHOWN_CHARACTERS]}…"
