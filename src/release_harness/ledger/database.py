"""The ledger on SQLite or PostgreSQL: implements `ledger.door.Ledger`. Loading this module loads SQLAlchemy."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine

from release_harness.kernel.errors import Bug
from release_harness.kernel.time import Clock
from release_harness.ledger.failures import database_errors
from release_harness.ledger.model import Checkpoint, Entry, NewEvent
from release_harness.ledger.ports import NoteSigner, Witness
from release_harness.ledger.schema import current_revision, is_free, is_up_to_date, upgrade
from release_harness.ledger.writing import Entropy, LogEnd, WriteTransaction

if TYPE_CHECKING:
    from release_harness.ledger.writing import Folds


class Database:
    """An opened ledger.

    With a witness, every transaction that appends is sealed: it signs a checkpoint, commits it with the entries, and
    notes it outside the database before `write` returns. Without one, `checkpoint` has to be called.
    """

    def __init__(
        self,
        *,
        place: str,
        writer: Engine,
        reader: Engine,
        clock: Clock,
        folds: "Folds",
        signer: NoteSigner | None = None,
        witness: Witness | None = None,
        entropy: Entropy = secrets.token_bytes,
    ) -> None:
        """`place` is how errors name the ledger; it holds no password."""
        self.place = place
        self.folds = folds
        self._writer = writer
        self._reader = reader
        self._clock = clock
        self._signer = signer
        self._witness = witness
        self._entropy = entropy
        self._known_end: LogEnd | None = None

    def is_made(self) -> bool:
        """Tell whether there are tables already; makes none."""
        with database_errors(self.place), self._reader.connect() as connection:
            return current_revision(connection) is not None or not is_free(connection)

    def prepare(self, *, is_new: bool = False) -> None:
        """Make the tables or bring them up to date, unless they are; raises LEDGER_NEWER when this rh is too old.

        `is_new` says that there is no file to look into yet. After an error all connections are closed.
        """
        with database_errors(self.place), ExitStack() as undo:
            undo.callback(self.close)
            self._prepare(is_new=is_new)
            undo.pop_all()

    def _prepare(self, *, is_new: bool) -> None:
        if not is_new:
            with self._reader.connect() as connection:
                if is_up_to_date(connection, self.place):
                    return
        with self._writer.begin() as connection:
            if not is_up_to_date(connection, self.place):
                upgrade(connection)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one consistent state and cannot write."""
        with database_errors(self.place), self._reader.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[WriteTransaction]:
        """Give a write transaction; it commits at the end of the block and rolls back on an exception."""
        with database_errors(self.place), self._writer.connect() as connection:
            with connection.begin():
                transaction = WriteTransaction(
                    connection,
                    folds=self.folds,
                    clock=self._clock,
                    entropy=self._entropy,
                    signer=self._signer,
                    known_end=self._known_end,
                )
                yield transaction
                if self._witness is not None and transaction.appended_count:
                    transaction.checkpoint()
            if transaction.end is not None:
                self._known_end = transaction.end
        # Only after the commit: a note about entries that were never recorded would look like a cut log.
        if self._witness is not None and transaction.signed is not None:
            self._witness.append(transaction.signed.note)

    def append(self, event: NewEvent) -> Entry:
        """Append one event in a transaction of its own."""
        with self.write() as transaction:
            return transaction.append(event)

    def checkpoint(self) -> Checkpoint:
        """Sign, store and return the current size and root, and note it with the witness."""
        if self._signer is None:
            raise Bug(code="LEDGER_UNSIGNED", says="This ledger was opened without a signer.", hint="Pass a signer.")
        with self.write() as transaction:
            checkpoint = transaction.checkpoint()
        if self._witness is not None and checkpoint.note not in (self._witness.read() or ""):
            self._witness.append(checkpoint.note)
        return checkpoint

    def close(self) -> None:
        """Give all connections back to the system."""
        self._writer.dispose()
        self._reader.dispose()
