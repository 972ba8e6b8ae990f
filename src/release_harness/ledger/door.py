"""How flows reach the ledger without loading a database toolkit before there is something to read."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from release_harness.ledger.model import Checkpoint, Entry, NewEvent

Fold = Callable[["Connection", "Entry"], None]
"""Brings a step's own tables up to date with one event, in the transaction that appends it."""


class Transaction(Protocol):
    """One write transaction: rows and events in it stand or fall together."""

    @property
    def connection(self) -> "Connection":
        """The open connection, inside `BEGIN IMMEDIATE` on SQLite."""
        ...

    def append(self, event: "NewEvent") -> "Entry":
        """Append one event, run its folds, and return its entry."""
        ...

    def checkpoint(self) -> "Checkpoint":
        """Sign, store and return size and root as they are inside this transaction."""
        ...


class Ledger(Protocol):
    """An opened ledger."""

    def read(self) -> AbstractContextManager["Connection"]:
        """Give a connection that sees one consistent state."""
        ...

    def write(self) -> AbstractContextManager[Transaction]:
        """Give a write transaction; it commits at the end of the block and rolls back on an exception."""
        ...

    def append(self, event: "NewEvent") -> "Entry":
        """Append one event in a transaction of its own."""
        ...

    def checkpoint(self) -> "Checkpoint":
        """Sign, store and return the current size and root."""
        ...


class LedgerDoor(Protocol):
    """Opens the ledger when it is needed."""

    def existing(self) -> Ledger | None:
        """Open the ledger if there is one; never creates it, so that reading stays reading."""
        ...

    def open(self) -> Ledger:
        """Open the ledger, creating it or bringing it up to date when needed."""
        ...
