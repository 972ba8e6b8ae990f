"""Queries on the log itself; plain functions on a connection."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, select

from release_harness.kernel.errors import NotFound
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import record
from release_harness.ledger.entries import EventRow, entry_of
from release_harness.ledger.merkle import Coordinate
from release_harness.ledger.model import Entry, StoredCheckpoint
from release_harness.ledger.tables import EVENTS

_COLUMNS = ", ".join(EventRow._fields)
_PAGE_ROWS = 2000


@record
class LogFilter:
    """Which entries are wanted; empty fields do not filter."""

    type: str = ""
    subject: str = ""
    """Whole subject, or its beginning when it ends with `*`."""
    limit: int = 20


@lru_cache(maxsize=256)
def sql_for(dialect: str, text: str) -> str:
    """Return SQL with `?` as the driver of the dialect wants it."""
    return text if dialect == "sqlite" else text.replace("?", "%s")


def count_entries(connection: Connection) -> int:
    """Return the size of the log: the place after the last entry."""
    last = connection.exec_driver_sql("SELECT max(seq) FROM ledger_events").scalar()
    return 0 if last is None else int(last) + 1


def read_origin(connection: Connection) -> str:
    """Return the name of this log."""
    return str(connection.exec_driver_sql("SELECT origin FROM ledger_origin").scalar_one())


def read_nodes(connection: Connection, wanted: Sequence[Coordinate]) -> dict[Coordinate, bytes]:
    """Return the hashes of those perfect subtrees that are stored; leaves come from the events."""
    dialect = connection.dialect.name
    leaves = [position for level, position in wanted if level == 0]
    inner = [each for each in wanted if each[0] > 0]
    found: dict[Coordinate, bytes] = {}
    if leaves:
        marks = ", ".join("?" * len(leaves))
        query = sql_for(dialect, f"SELECT seq, leaf FROM ledger_events WHERE seq IN ({marks})")  # noqa: S608 - marks only
        rows = connection.exec_driver_sql(query, tuple(leaves))
        found.update({(0, row[0]): bytes.fromhex(row[1]) for row in rows})
    if inner:
        marks = " OR ".join(["(level = ? AND position = ?)"] * len(inner))
        query = sql_for(dialect, f"SELECT level, position, hash FROM ledger_nodes WHERE {marks}")  # noqa: S608 - marks only
        rows = connection.exec_driver_sql(query, tuple(part for each in inner for part in each))
        found.update({(row[0], row[1]): bytes.fromhex(row[2]) for row in rows})
    return found


def read_rows(connection: Connection, start: int = 0) -> Iterator[EventRow]:
    """Yield every row from `start` on, in the order of the log, a page at a time."""
    query = sql_for(
        connection.dialect.name,
        f"SELECT {_COLUMNS} FROM ledger_events WHERE seq >= ? ORDER BY seq LIMIT {_PAGE_ROWS}",  # noqa: S608 - constants
    )
    # The driver's own cursor: describing every page of results would cost a quarter of a verification.
    cursor: Any = connection.connection.cursor()
    while True:
        cursor.execute(query, (start,))
        page = cursor.fetchall()
        yield from map(EventRow._make, page)
        if len(page) < _PAGE_ROWS:
            return
        start = page[-1][0] + 1


def read_all_nodes(connection: Connection) -> dict[Coordinate, str]:
    """Return every stored inner node."""
    rows = connection.exec_driver_sql("SELECT level, position, hash FROM ledger_nodes").all()
    return {(row[0], row[1]): row[2] for row in rows}


def read_checkpoints(connection: Connection) -> tuple[StoredCheckpoint, ...]:
    """Return every stored checkpoint, smallest log first."""
    rows = connection.exec_driver_sql(
        "SELECT size, public_key, root, at_ms, note FROM ledger_checkpoints ORDER BY size, public_key"
    )
    return tuple(
        StoredCheckpoint(size=row[0], public_key=row[1], root=row[2], at_ms=row[3], note=row[4]) for row in rows
    )


def find_row(connection: Connection, name: str) -> EventRow | None:
    """Return the row with that place in the log or that id."""
    column = EVENTS.c.seq if name.isdigit() else EVENTS.c.id
    value: int | str = int(name) if name.isdigit() else name
    if isinstance(value, int) and value >= 1 << 63:
        return None
    found = connection.execute(select(EVENTS).where(column == value)).first()
    return None if found is None else EventRow._make(found)


def require_row(connection: Connection, name: str) -> EventRow:
    """Return the row with that place or id; raises NotFound ENTRY_UNKNOWN."""
    row = find_row(connection, name)
    if row is None:
        raise NotFound(
            code="ENTRY_UNKNOWN",
            says=f"The ledger has no entry {show_text(name)!r}.",
            hint="`rh ledger log` lists the entries with their places.",
        )
    return row


def find_entries(connection: Connection, wanted: LogFilter) -> tuple[Entry, ...]:
    """Return the newest entries that fit, the newest last."""
    query = select(EVENTS).order_by(EVENTS.c.seq.desc()).limit(wanted.limit)
    if wanted.type:
        query = query.where(EVENTS.c.type == wanted.type)
    if wanted.subject.endswith("*"):
        query = query.where(EVENTS.c.subject.startswith(wanted.subject[:-1], autoescape=True))
    elif wanted.subject:
        query = query.where(EVENTS.c.subject == wanted.subject)
    rows = connection.execute(query).all()
    return tuple(entry_of(EventRow._make(row)) for row in reversed(rows))


def read_entries(connection: Connection, rows: Iterable[EventRow] | None = None) -> Iterator[Entry]:
    """Yield every entry in the order of the log."""
    yield from map(entry_of, read_rows(connection) if rows is None else rows)


class NodeReader:
    """Reads perfect subtrees for proofs."""

    def __init__(self, connection: Connection) -> None:
        """The connection stays open as long as proofs are made."""
        self._connection = connection

    def __call__(self, wanted: Sequence[Coordinate]) -> Mapping[Coordinate, bytes]:
        """Return the hashes; raises KeyError in the proof when one is missing."""
        return read_nodes(self._connection, wanted)
