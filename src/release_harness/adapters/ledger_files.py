"""The ledger's files on this machine: the database or its address, the witness beside it, documents that a person names."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from release_harness.kernel.errors import InputError, NotFound, OutsideError
from release_harness.kernel.time import Clock
from release_harness.ledger.ports import NoteSigner, Witness

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from release_harness.ledger.database import Database
    from release_harness.ledger.writing import Folds

LEDGER_FILE = "ledger.db"
WITNESS_FILE = "checkpoints.txt"
_DOCUMENT_LIMIT_BYTES = 2 << 30


class LedgerOpener:
    """Opens the ledger of a repository when it is needed; implements `ledger.door.LedgerDoor`."""

    def __init__(
        self,
        *,
        folder: Callable[[], Path],
        address: str,
        clock: Clock,
        signer: NoteSigner,
        witness: Witness,
        folds: Callable[[], "Folds"],
    ) -> None:
        """`folder` is `<git common dir>/rh`; `address` is RH_DATABASE_URL or empty. Nothing is looked at yet."""
        self._folder = folder
        self._address = address
        self._clock = clock
        self._signer = signer
        self._witness = witness
        self._folds = folds
        self._opened: Database | None = None

    def existing(self) -> "Database | None":
        """Open the ledger if there is one; never creates it."""
        if self._opened is None:
            path = self._path()
            if path is not None and not path.exists():
                return None
            database = self._connect_server() if path is None else self._connect_file(path)
            if not database.is_made():
                database.close()
                return None
            database.prepare()
            self._opened = database
        return self._opened

    def open(self) -> "Database":
        """Open the ledger, creating it or bringing it up to date when needed."""
        found = self.existing()
        if found is not None:
            return found
        path = self._path()
        if path is None:
            database = self._connect_server()
            database.prepare()
        else:
            _make_folder(path.parent)
            is_new = not path.exists()
            database = self._connect_file(path)
            database.prepare(is_new=is_new)
        self._opened = database
        return database

    def _path(self) -> Path | None:
        """Return the path of the SQLite file, or None when the ledger is on a server."""
        if not self._address:
            return self._folder() / LEDGER_FILE
        if not self._address.startswith("sqlite:"):
            return None
        from release_harness.ledger.engines import read_address

        database = read_address(self._address).database
        if not database or database == ":memory:":
            raise InputError(
                code="LEDGER_URL_UNKNOWN",
                says="RH_DATABASE_URL names an SQLite database in memory, which would forget everything.",
                hint="Write sqlite:////full/path/ledger.db, or leave it out.",
            )
        return Path(database)

    def _connect_file(self, path: Path) -> "Database":
        from release_harness.ledger.engines import sqlite_engine

        # Sealed writes are synced at every commit: what the witness notes must not be lost with the power.
        writer = sqlite_engine(path, writes=True, durable=True)
        reader = sqlite_engine(path, writes=False, durable=True, immutable=_is_sealed_off(path))
        return self._database(str(path), writer, reader)

    def _connect_server(self) -> "Database":
        from release_harness.ledger.engines import postgres_engine, read_address

        url = read_address(self._address)
        place = url.render_as_string(hide_password=True)
        return self._database(place, postgres_engine(url, writes=True), postgres_engine(url, writes=False))

    def _database(self, place: str, writer: "Engine", reader: "Engine") -> "Database":
        from release_harness.ledger.database import Database

        return Database(
            place=place,
            writer=writer,
            reader=reader,
            clock=self._clock,
            folds=self._folds(),
            signer=self._signer,
            witness=self._witness,
        )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutsideError(
            code="LEDGER_READ_ONLY",
            says=f"No ledger can be made in {folder}: {error.strerror}.",
            hint="Give this user the right to write there, or set RH_DATABASE_URL.",
            retryable=False,
        ) from error


def _is_sealed_off(path: Path) -> bool:
    """Tell whether SQLite could not even make its shared memory here, and no unfinished log has to be read."""
    waiting = path.with_name(path.name + "-wal")
    if not path.exists():
        return False
    unwritable = not (os.access(path.parent, os.W_OK) and os.access(path, os.W_OK))
    return unwritable and not (waiting.exists() and waiting.stat().st_size)


class WitnessFile:
    """Signed checkpoints in a text file beside the database, one note after the other, synced to the disk."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        """`folder` is `<git common dir>/rh`."""
        self._folder = folder

    @property
    def path(self) -> Path:
        """Where the notes are."""
        return self._folder() / WITNESS_FILE

    @property
    def place(self) -> str:
        """Return the path as text."""
        return str(self.path)

    def append(self, note: str) -> None:
        """Add one note in a single write and wait until it is on the disk."""
        path = self.path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                content = (note + "\n").encode()
                if os.write(descriptor, content) != len(content):
                    raise OSError(28, "only a part could be written")
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise OutsideError(
                code="WITNESS_UNWRITABLE",
                says=f"The entries are recorded, but their checkpoint could not be noted in {path}: {error.strerror}.",
                hint="Mend that, then run `rh ledger checkpoint`: until then a cut ledger could go unnoticed.",
            ) from error

    def read(self) -> str | None:
        """Return everything that was noted, or None when there is nothing yet."""
        try:
            return self.path.read_text(encoding="utf-8", errors="surrogateescape")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise OutsideError(
                code="WITNESS_UNREADABLE",
                says=f"The checkpoints in {self.path} cannot be read: {error.strerror}.",
                hint="Check the owner and the rights of the file.",
                retryable=False,
            ) from error


class LocalDocuments:
    """Files that a person names, relative to the folder where the command was started."""

    def __init__(self, folder: Path) -> None:
        """`folder` is where the command was started."""
        self._folder = folder

    def read_document(self, name: str) -> bytes:
        """Return the content; raises NotFound FILE_MISSING, or OutsideError FILE_UNREADABLE."""
        path = self._folder / name
        try:
            if path.stat().st_size > _DOCUMENT_LIMIT_BYTES:
                raise InputError(
                    code="FILE_TOO_LARGE", says=f"{path} is larger than 2 GiB.", hint="Export a part of it."
                )
            return path.read_bytes()
        except FileNotFoundError:
            raise NotFound(code="FILE_MISSING", says=f"There is no file {path}.", hint="Check the name.") from None
        except OSError as error:
            raise OutsideError(
                code="FILE_UNREADABLE", says=f"{path} cannot be read: {error.strerror}.", retryable=False
            ) from error

    def write_document(self, name: str, content: bytes) -> str:
        """Write a file beside its place, then move it there, so that nobody ever sees half of it."""
        path = self._folder / name
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with fresh.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        except OSError as error:
            fresh.unlink(missing_ok=True)
            raise OutsideError(
                code="FILE_UNWRITABLE",
                says=f"{path} cannot be written: {error.strerror}.",
                hint="Name a file in a folder that exists and that you may write to.",
                retryable=False,
            ) from error
        return str(path)


def ledger_address(environment: Mapping[str, str]) -> str:
    """Return RH_DATABASE_URL without blanks around it, or nothing."""
    return environment.get("RH_DATABASE_URL", "").strip()
