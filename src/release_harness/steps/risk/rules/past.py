"""What is known of files, folders, areas and authors at one moment of a history."""

import math
from collections import deque
from typing import NamedTuple, Protocol

DAY_SECONDS = 86_400
LATELY_SECONDS = 90 * DAY_SECONDS
_HALF_LIFE_SECONDS = 180.0 * DAY_SECONDS


class Seen(NamedTuple):
    """The past of one file, folder, author, or author in an area; all zeros when there is none.

    Eight numbers and nothing else, so that a row of them can lie in a table on disk.
    """

    changes: float = 0.0
    """Landings that touched it."""
    authors: float = 0.0
    first_seconds: float = 0.0
    last_seconds: float = 0.0
    warmth: float = 0.0
    """Touches, each counting half as much after 180 days, as of `last_seconds`."""
    scars: float = 0.0
    """Times that it was part of a revert, fading likewise, as of `scar_seconds`."""
    scar_seconds: float = 0.0
    """When it was part of a revert last; 0 for never."""
    lines: float = 0.0
    """Lines added so far less lines removed; at least 0."""


NOTHING = Seen()


class Past(Protocol):
    """Looks the past up; keys say what they are of: `f:` file, `d:` folder, `a:` author, `o:` author in an area."""

    def seen(self, key: str) -> Seen:
        """Return what is known under a key, or NOTHING."""
        ...

    @property
    def pace(self) -> float:
        """Landings of the last seven days."""
        ...

    @property
    def reverts(self) -> float:
        """Reverts of the last thirty days."""
        ...


def fade(value: float, since_seconds: float) -> float:
    """Return what is left of a fading count after a while."""
    return value * math.pow(0.5, max(since_seconds, 0.0) / _HALF_LIFE_SECONDS)


def file_key(path: str) -> str:
    """Name the past of a file."""
    return f"f:{path}"


def folder_key(folder: str) -> str:
    """Name the past of a folder, without the folders in it."""
    return f"d:{folder}"


def author_key(author: str) -> str:
    """Name the past of an author."""
    return f"a:{author}"


def own_key(author: str, area: str) -> str:
    """Name the past of an author in one area."""
    return f"o:{author}\0{area}"


class GrowingPast:
    """Implements Past while a history is read, oldest first."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._rows: dict[str, list[float]] = {}
        self._writers: dict[str, set[int]] = {}
        self._author_ids: dict[str, int] = {}
        self._week: deque[float] = deque()
        self._month_of_reverts: deque[float] = deque()

    def seen(self, key: str) -> Seen:
        """Return what is known under a key, or NOTHING."""
        row = self._rows.get(key)
        return NOTHING if row is None else Seen(*row)

    def rows(self) -> dict[str, list[float]]:
        """Return everything, for a table."""
        return self._rows

    @property
    def pace(self) -> float:
        """Landings of the last seven days."""
        return float(len(self._week))

    @property
    def reverts(self) -> float:
        """Reverts of the last thirty days."""
        return float(len(self._month_of_reverts))

    def move_to(self, now: float) -> None:
        """Forget what is too old for `pace` and `reverts`."""
        while self._week and self._week[0] < now - 7 * DAY_SECONDS:
            self._week.popleft()
        while self._month_of_reverts and self._month_of_reverts[0] < now - 30 * DAY_SECONDS:
            self._month_of_reverts.popleft()

    def landed(self, now: float, *, takes_back: bool) -> None:
        """Count one landing."""
        self._week.append(now)
        if takes_back:
            self._month_of_reverts.append(now)

    def touch(self, key: str, author: str, now: float, *, lines: float, scar: bool) -> None:
        """Write down that an author touched something; `scar` when that was a revert."""
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = [0.0, 0.0, now, now, 0.0, 0.0, 0.0, 0.0]
        if key[0] in "fd":
            # An author is a small number here: a set of addresses for each file would take most of the memory.
            writers = self._writers.setdefault(key, set())
            writers.add(self._author_ids.setdefault(author, len(self._author_ids)))
            row[1] = float(len(writers))
        row[0] += 1.0
        row[4] = fade(row[4], now - row[3]) + 1.0
        row[3] = now
        row[7] = max(row[7] + lines, 0.0)
        if scar:
            row[5] = fade(row[5], now - row[6]) + 1.0
            row[6] = now
