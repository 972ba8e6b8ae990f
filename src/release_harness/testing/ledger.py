"""Builds small ledgers for tests: real SQLite, a key made from a seed, a witness in memory, and a clock that stands still."""

import contextlib
import itertools
import secrets
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from hashlib import shake_128
from pathlib import Path
from typing import TYPE_CHECKING

from release_harness.kernel.identity import Actor, ActorKind
from release_harness.kernel.records import Plain
from release_harness.kernel.time import Clock
from release_harness.ledger.door import Fold
from release_harness.ledger.model import NewEvent
from release_harness.ledger.ports import NoteSigner, Witness
from release_harness.testing.clock import FixedClock

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from release_harness.ledger.database import Database

_SOURCES = itertools.count()

ANA = Actor(kind=ActorKind.PERSON, id="ana", name="Ana Author", email="ana@example.org")


class SeededSigner:
    """A signer whose key is the same on every run; implements NoteSigner."""

    def __init__(self, seed: int = 1) -> None:
        """The seed is one byte, repeated."""
        self._seed = seed

    def public_key(self) -> bytes:
        """Return the 32 bytes of the public key."""
        return self._private.public_key().public_bytes_raw()

    def known_public_key(self) -> bytes:
        """Return the 32 bytes of the public key."""
        return self.public_key()

    def sign(self, message: bytes) -> bytes:
        """Return an Ed25519 signature."""
        return self._private.sign(message)

    @cached_property
    def _private(self) -> "Ed25519PrivateKey":
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(bytes([self._seed]) * 32)


class MemoryWitness:
    """A witness that keeps its notes in a list; implements Witness."""

    def __init__(self) -> None:
        """Start with nothing noted."""
        self.notes: list[str] = []

    @property
    def place(self) -> str:
        """Where it is, in words for people."""
        return "the witness"

    def append(self, note: str) -> None:
        """Add one signed note."""
        self.notes.append(note)

    def read(self) -> str | None:
        """Return everything that was noted, or None."""
        return "".join(f"{note}\n" for note in self.notes) or None


def counted_entropy() -> Callable[[int], bytes]:
    """Return a source of bytes that are different each time; two sources in one process never give the same bytes."""
    counter = itertools.count(next(_SOURCES) << 64)
    return lambda count: shake_128(str(next(counter)).encode()).digest(count)


def make_event(
    event_type: str = "NoteTaken",
    subject: str = "change:1",
    payload: Mapping[str, Plain] | None = None,
    *,
    key: str = "",
    actor: Actor = ANA,
) -> NewEvent:
    """Build an event; everything that a test does not care about is filled in."""
    return NewEvent(
        type=event_type,
        version=1,
        subject=subject,
        actor=actor,
        payload={"words": "hello"} if payload is None else dict(payload),
        cause="rh test",
        idempotency_key=key,
    )


def open_sqlite_ledger(
    path: Path,
    *,
    clock: Clock | None = None,
    signer: NoteSigner | None = None,
    witness: Witness | None = None,
    folds: Mapping[str, Sequence[Fold]] | None = None,
    durable: bool = False,
    waiting_time: timedelta = timedelta(seconds=10),
) -> "Database":
    """Open a real ledger in an SQLite file, making it when there is none.

    The migrations run once in a process; every further new file begins as a copy of the first, under a name of its own.
    """
    from release_harness.ledger.database import Database
    from release_harness.ledger.engines import sqlite_engine

    is_new = not path.exists()
    if is_new and _TEMPLATE:
        path.write_bytes(_TEMPLATE[0])
        _rename_log(path)
        is_new = False
    database = Database(
        place=str(path),
        writer=sqlite_engine(path, writes=True, durable=durable, waiting_time=waiting_time),
        reader=sqlite_engine(path, writes=False, durable=durable, waiting_time=waiting_time),
        clock=clock or FixedClock(),
        folds=folds or {},
        signer=signer or SeededSigner(),
        witness=witness,
        entropy=counted_entropy(),
    )
    database.prepare(is_new=is_new)
    if is_new:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            _TEMPLATE.append(connection.serialize())
    return database


_TEMPLATE: list[bytes] = []
"""The file of a ledger without entries, as the migrations make it."""


def _rename_log(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE ledger_origin SET origin = ?", (f"rh-ledger/{secrets.token_hex(16)}",))


def open_postgres_ledger(
    address: str,
    *,
    clock: Clock | None = None,
    signer: NoteSigner | None = None,
    witness: Witness | None = None,
    folds: Mapping[str, Sequence[Fold]] | None = None,
    waiting_time: timedelta = timedelta(seconds=10),
) -> "Database":
    """Open a real ledger on a PostgreSQL server."""
    from release_harness.ledger.database import Database
    from release_harness.ledger.engines import postgres_engine, read_address

    url = read_address(address)
    database = Database(
        place=url.render_as_string(hide_password=True),
        writer=postgres_engine(url, writes=True, waiting_time=waiting_time),
        reader=postgres_engine(url, writes=False, waiting_time=waiting_time),
        clock=clock or FixedClock(),
        folds=folds or {},
        signer=signer or SeededSigner(),
        witness=witness,
        entropy=counted_entropy(),
    )
    database.prepare()
    return database
