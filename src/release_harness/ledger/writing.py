"""The one way into the log: a write transaction that appends events, grows the tree, runs the folds and signs.

The hot path speaks to the driver's cursor with SQL text prepared once for each dialect; the driver keeps the compiled
statements. SQLAlchemy builds a description of every result, which costs more than the append itself. An append costs one
read of the last entry for each transaction, one look at the idempotency key, one insert of the event, and on average
one inner node.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection

from release_harness.kernel.errors import Bug, Conflict
from release_harness.kernel.time import Clock, to_milliseconds
from release_harness.ledger.door import Fold
from release_harness.ledger.entries import (
    EventRow,
    digest_payload,
    entry_of,
    event_key,
    leaf_of,
    plain_text,
    write_payload,
)
from release_harness.ledger.merkle import Frontier, cover
from release_harness.ledger.model import Checkpoint, Entry, NewEvent
from release_harness.ledger.notes import sign_checkpoint
from release_harness.ledger.ports import NoteSigner
from release_harness.ledger.reading import read_nodes, read_origin, require_row, sql_for

if TYPE_CHECKING:
    Folds = Mapping[str, Sequence[Fold]]

Entropy = Callable[[int], bytes]
"""Gives that many random bytes: `secrets.token_bytes`, or something fixed in a test."""

_ID_BYTES = 10
_SALT_BYTES = 16


class _Statements(NamedTuple):
    """The SQL of the hot path in the words of one driver."""

    last: str
    by_key: str
    insert_event: str
    insert_node: str


@lru_cache
def _statements(dialect: str) -> _Statements:
    columns = ", ".join(EventRow._fields)
    marks = ", ".join("?" * len(EventRow._fields))
    texts = (
        "SELECT seq, leaf, at_ms FROM ledger_events ORDER BY seq DESC LIMIT 1",
        "SELECT seq FROM ledger_events WHERE idempotency_key = ?",
        f"INSERT INTO ledger_events ({columns}) VALUES ({marks})",  # noqa: S608 - constants
        "INSERT INTO ledger_nodes (level, position, hash) VALUES (?, ?, ?)",
    )
    return _Statements(*(sql_for(dialect, text) for text in texts))


_FIND_CHECKPOINT = "SELECT root, note FROM ledger_checkpoints WHERE size = ? AND public_key = ?"
_INSERT_CHECKPOINT = "INSERT INTO ledger_checkpoints (size, public_key, root, at_ms, note) VALUES (?, ?, ?, ?, ?)"


class LogEnd:
    """Where the log ends: what the next entry links to, and the frontier of the tree."""

    __slots__ = ("at_ms", "frontier", "leaf")

    def __init__(self, leaf: str, at_ms: int, frontier: Frontier) -> None:
        """`leaf` is that of the last entry, empty when there is none; its `at_ms` is then 0."""
        self.leaf = leaf
        self.at_ms = at_ms
        self.frontier = frontier

    @property
    def size(self) -> int:
        """Return the number of entries."""
        return self.frontier.size


def read_end(connection: Connection, cursor: Any, known: LogEnd | None) -> LogEnd:
    """Return the end of the log as this transaction sees it; `known` saves reading the frontier when nobody else wrote."""
    cursor.execute(_statements(connection.dialect.name).last)
    row = cursor.fetchone()
    if row is None:
        return LogEnd("", 0, Frontier())
    size = row[0] + 1
    if known is not None and known.size == size and known.leaf == row[1]:
        return LogEnd(known.leaf, known.at_ms, known.frontier.copy())
    covers = cover(0, size)
    nodes = read_nodes(connection, covers)
    if len(nodes) != len(covers):
        raise Bug(
            code="LEDGER_NODES_MISSING",
            says=f"The tree of the ledger lacks nodes for its {size} entries; nothing can be appended to it.",
            hint="Run `rh ledger verify`: entries or nodes were taken out of the database.",
        )
    return LogEnd(row[1], row[2], Frontier(size, (nodes[each] for each in covers)))


class WriteTransaction:
    """An open write transaction; implements `ledger.door.Transaction`."""

    def __init__(
        self,
        connection: Connection,
        *,
        folds: "Folds",
        clock: Clock,
        entropy: Entropy,
        signer: NoteSigner | None,
        known_end: LogEnd | None,
    ) -> None:
        """Nothing is read before the first append."""
        self._connection = connection
        self._folds = folds
        self._clock = clock
        self._entropy = entropy
        self._signer = signer
        self._known_end = known_end
        self._dialect = connection.dialect.name
        self._cursor: Any = connection.connection.cursor()
        self._sql = _statements(self._dialect)
        self.end: LogEnd | None = None
        self.appended_count = 0
        self.signed: Checkpoint | None = None
        """The last checkpoint that was signed in this transaction."""

    @property
    def connection(self) -> Connection:
        """The open connection, inside `BEGIN IMMEDIATE` on SQLite."""
        return self._connection

    def append(self, event: NewEvent) -> Entry:
        """Append one event, run its folds, and return its entry; a key that is known gives the first entry back."""
        key = event_key(event)
        if key is not None:
            self._cursor.execute(self._sql.by_key, (key,))
            found = self._cursor.fetchone()
            if found is not None:
                return _same_event(entry_of(require_row(self._connection, str(found[0]))), event)
        end = self._load_end()
        row, leaf = self._next_row(event, key, end)
        self._cursor.execute(self._sql.insert_event, row)
        self._grow(end, leaf)
        end.leaf, end.at_ms = row.leaf, row.at_ms
        self.appended_count += 1
        entry = entry_of(row)
        for fold in self._folds.get(event.type, ()):
            fold(self._connection, entry)
        return entry

    def checkpoint(self) -> Checkpoint:
        """Sign, store and return size and root as they are inside this transaction."""
        if self._signer is None:
            raise Bug(code="LEDGER_UNSIGNED", says="This ledger was opened without a signer.", hint="Pass a signer.")
        end = self._load_end()
        root, public_key = end.frontier.root(), self._signer.public_key().hex()
        origin = read_origin(self._connection)
        found = self._connection.exec_driver_sql(
            sql_for(self._dialect, _FIND_CHECKPOINT), (end.size, public_key)
        ).first()
        if found is not None:
            return _same_root(Checkpoint(origin=origin, size=end.size, root=found[0], note=found[1]), root.hex())
        checkpoint = sign_checkpoint(origin, end.size, root, self._signer)
        at_ms = max(end.at_ms, to_milliseconds(self._clock.now()))
        self._connection.exec_driver_sql(
            sql_for(self._dialect, _INSERT_CHECKPOINT), (end.size, public_key, checkpoint.root, at_ms, checkpoint.note)
        )
        self.signed = checkpoint
        return checkpoint

    def _load_end(self) -> LogEnd:
        if self.end is None:
            self.end = read_end(self._connection, self._cursor, self._known_end)
        return self.end

    def _next_row(self, event: NewEvent, key: str | None, end: LogEnd) -> tuple[EventRow, bytes]:
        now_ms = to_milliseconds(self._clock.now())
        # Time in the log never goes backwards; how far the clock was behind stays visible in the entry.
        at_ms = max(end.at_ms, now_ms)
        entropy = self._entropy(_ID_BYTES + _SALT_BYTES)
        salt = entropy[_ID_BYTES:].hex()
        payload = write_payload(event)
        actor = event.actor
        row = EventRow(
            seq=end.size,
            id=f"e{at_ms:012x}{entropy[:_ID_BYTES].hex()}",
            type=plain_text(event.type),
            version=event.version,
            subject=plain_text(event.subject),
            actor_kind=actor.kind.value,
            actor_id=plain_text(actor.id),
            actor_name=plain_text(actor.name),
            actor_email=plain_text(actor.email),
            actor_on_behalf_of=plain_text(actor.on_behalf_of),
            cause=plain_text(event.cause),
            at_ms=at_ms,
            clock_behind_ms=at_ms - now_ms,
            idempotency_key=key,
            payload_digest=digest_payload(salt, payload),
            prev=end.leaf,
            leaf="",
            salt=salt,
            payload=payload,
        )
        leaf = leaf_of(row)
        return row._replace(leaf=leaf.hex()), leaf

    def _grow(self, end: LogEnd, leaf: bytes) -> None:
        rows = [(level, position, node.hex()) for level, position, node in end.frontier.append(leaf)]
        if rows:
            self._cursor.executemany(self._sql.insert_node, rows)


def collect_folds(sources: Iterable[Mapping[str, Fold]]) -> "Folds":
    """Join the FOLDS of several steps: an event type may be folded by more than one, in the order of the steps."""
    joined: dict[str, list[Fold]] = {}
    for source in sources:
        for event_type, fold in source.items():
            joined.setdefault(event_type, []).append(fold)
    return joined


def _same_event(entry: Entry, event: NewEvent) -> Entry:
    if (entry.type, entry.subject) != (plain_text(event.type), plain_text(event.subject)):
        raise Conflict(
            code="LEDGER_KEY_REUSED",
            says=f"The idempotency key {entry.idempotency_key!r} of {event.type} about {event.subject} already stands for "
            f"{entry.type} about {entry.subject} (entry {entry.seq}).",
            hint="Nothing was recorded; give different events different keys.",
            subject=event.subject,
        )
    return entry


def _same_root(stored: Checkpoint, root: str) -> Checkpoint:
    if stored.root != root:
        raise Conflict(
            code="LEDGER_FORKED",
            says=f"This key signed another root for {stored.size} entries before: {stored.root}, now {root}.",
            hint="The ledger was changed after it was signed. Keep the file and run `rh ledger verify`.",
        )
    return stored
