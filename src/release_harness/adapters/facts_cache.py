"""Keeps what was read from source files in one SQLite file that all work trees and branches share.

Everything in it can be computed again: a file that is damaged or of another version is moved away and built anew, a row
whose checksum does not fit is as good as none, and where nothing can be written rh works without it and says so.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

from release_harness.kernel.time import Clock

_LAYOUT = 1
_LIMIT_BYTES = 512 << 20
_KEPT_SHARE = 0.8
_ASKED_AT_ONCE_COUNT = 500
_PATIENCE_SECONDS = 5.0
_SECONDS_OF_A_DAY = 86_400
_TABLE = """CREATE TABLE IF NOT EXISTS kept (
    kind TEXT NOT NULL, name TEXT NOT NULL, used_day INTEGER NOT NULL, size_bytes INTEGER NOT NULL,
    checksum BLOB NOT NULL, content BLOB NOT NULL, UNIQUE (kind, name)
)"""
_INDEX = "CREATE INDEX IF NOT EXISTS kept_by_use ON kept (used_day, size_bytes)"


Result = TypeVar("Result")


class SqliteFactsCache:
    """Implements the FactsCache port; what it gave or took once stays in memory for as long as the command runs."""

    def __init__(self, folder: Callable[[], Path], clock: Clock, *, limit_bytes: int = _LIMIT_BYTES) -> None:
        """`folder` is asked for when it is first needed, and made when something is kept."""
        self._folder = folder
        self._clock = clock
        self._limit_bytes = limit_bytes
        self._memory: dict[tuple[str, str], bytes] = {}
        self._door: sqlite3.Connection | None = None
        self._opened_inode = 0
        self._problem = ""

    @property
    def problem(self) -> str:
        """Why nothing is kept, or empty."""
        return self._problem

    def get_many(self, kind: str, names: Sequence[str]) -> Mapping[str, bytes]:
        """Return what is kept under those names."""
        found = {name: self._memory[kind, name] for name in names if (kind, name) in self._memory}
        asked = [name for name in names if name not in found]
        if asked:
            read = self._try(lambda door: self._read(door, kind, asked)) or {}
            self._memory.update({(kind, name): content for name, content in read.items()})
            found.update(read)
        return found

    def put_many(self, kind: str, contents: Mapping[str, bytes]) -> None:
        """Keep bytes under their names; a disk that is full or read-only only costs the next command its time."""
        self._memory.update({(kind, name): content for name, content in contents.items()})
        if contents:
            self._try(lambda door: self._write(door, kind, contents))

    def close(self) -> None:
        """Close the file."""
        if self._door is not None:
            self._door.close()
            self._door = None
        self._memory.clear()

    def _try(self, work: Callable[[sqlite3.Connection], Result]) -> Result | None:
        """Do one piece of work; a damaged file is moved away once and the work done on the new one."""
        for attempt in range(2):
            if self._problem:
                break
            try:
                return work(self._opened())
            except sqlite3.OperationalError as error:
                if _is_busy(error):
                    return None
                self._problem = f"Nothing is kept between commands: {self._file()} cannot be used ({error})."
            except sqlite3.DatabaseError as error:
                if attempt:
                    self._problem = f"Nothing is kept between commands: {self._file()} is damaged ({error})."
                else:
                    self._move_away()
            except OSError as error:
                self._problem = f"Nothing is kept between commands: {self._folder()} cannot be used ({error.strerror})."
        return None

    def _file(self) -> Path:
        return self._folder() / f"impact-{_LAYOUT}.db"

    def _opened(self) -> sqlite3.Connection:
        if self._door is None:
            file = self._file()
            file.parent.mkdir(parents=True, exist_ok=True)
            door = sqlite3.connect(file, timeout=_PATIENCE_SECONDS, isolation_level=None)
            try:
                _prepare(door)
                self._opened_inode = file.stat().st_ino
            except BaseException:
                door.close()
                raise
            self._door = door
        return self._door

    def _move_away(self) -> None:
        """Put a damaged file aside; the next question starts a new one."""
        if self._door is not None:
            with suppress(sqlite3.Error):
                self._door.close()
            self._door = None
        file = self._file()
        with suppress(OSError):
            if self._opened_inode in {0, file.stat().st_ino}:
                # Another process may have put a sound file in its place already.
                file.replace(file.with_suffix(".damaged"))
                for ending in ("-wal", "-shm"):
                    file.with_name(file.name + ending).unlink(missing_ok=True)
        self._opened_inode = 0

    def _today(self) -> int:
        return int(self._clock.now().timestamp()) // _SECONDS_OF_A_DAY

    def _read(self, door: sqlite3.Connection, kind: str, names: Sequence[str]) -> dict[str, bytes]:
        today = self._today()
        found: dict[str, bytes] = {}
        bad: list[int] = []
        stale: list[int] = []
        for row_id, name, used_day, checksum, content in _rows(door, kind, names):
            if checksum != _checksum(kind, name, content):
                bad.append(row_id)
                continue
            found[name] = content
            if used_day < today:
                stale.append(row_id)
        if bad or stale:
            with suppress(sqlite3.OperationalError):
                _touch(door, bad, stale, today)
        return found

    def _write(self, door: sqlite3.Connection, kind: str, contents: Mapping[str, bytes]) -> None:
        today = self._today()
        rows = [
            (kind, name, today, len(content), _checksum(kind, name, content), content)
            for name, content in contents.items()
        ]
        door.execute("BEGIN IMMEDIATE")
        try:
            door.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?, ?, ?)", rows)
            self._forget(door)
            door.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                door.execute("ROLLBACK")
            raise

    def _forget(self, door: sqlite3.Connection) -> None:
        """Drop what was not used for the longest time when there is too much."""
        held_bytes = door.execute("SELECT coalesce(sum(size_bytes), 0) FROM kept").fetchone()[0]
        if held_bytes <= self._limit_bytes:
            return
        too_much_bytes = held_bytes - int(self._limit_bytes * _KEPT_SHARE)
        gone: list[tuple[int]] = []
        for row_id, size_bytes in door.execute("SELECT rowid, size_bytes FROM kept ORDER BY used_day, rowid"):
            if too_much_bytes <= 0:
                break
            too_much_bytes -= size_bytes
            gone.append((row_id,))
        door.executemany("DELETE FROM kept WHERE rowid = ?", gone)


def _prepare(door: sqlite3.Connection) -> None:
    layout = door.execute("PRAGMA user_version").fetchone()[0]
    if layout not in {0, _LAYOUT}:
        message = f"it has layout {layout}, this rh writes {_LAYOUT}"
        raise sqlite3.DatabaseError(message)
    door.execute("PRAGMA synchronous = NORMAL")
    if layout == _LAYOUT:
        return
    door.execute("PRAGMA journal_mode = WAL")
    door.execute("BEGIN IMMEDIATE")
    door.execute(_TABLE)
    door.execute(_INDEX)
    door.execute(f"PRAGMA user_version = {_LAYOUT}")
    door.execute("COMMIT")


def _rows(door: sqlite3.Connection, kind: str, names: Sequence[str]) -> Iterator[tuple[int, str, int, bytes, bytes]]:
    for start in range(0, len(names), _ASKED_AT_ONCE_COUNT):
        asked = names[start : start + _ASKED_AT_ONCE_COUNT]
        marks = ",".join("?" * len(asked))
        columns = "rowid, name, used_day, checksum, content"
        # Only question marks are put into the text.
        question = f"SELECT {columns} FROM kept WHERE kind = ? AND name IN ({marks})"  # noqa: S608
        yield from door.execute(question, (kind, *asked)).fetchall()


def _touch(door: sqlite3.Connection, bad: Sequence[int], stale: Sequence[int], today: int) -> None:
    door.execute("BEGIN IMMEDIATE")
    door.executemany("DELETE FROM kept WHERE rowid = ?", [(each,) for each in bad])
    door.executemany("UPDATE kept SET used_day = ? WHERE rowid = ?", [(today, each) for each in stale])
    door.execute("COMMIT")


def _checksum(kind: str, name: str, content: bytes) -> bytes:
    made = blake2b(f"{kind}\0{name}\0".encode(), digest_size=16)
    made.update(content)
    return made.digest()


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return "locked" in str(error) or "busy" in str(error)
