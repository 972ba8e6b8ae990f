"""What a walked history says of a change that waits: its place by score, and whether its files were in a revert lately.

A backtest leaves this behind as one file; `rh check` reads it without numpy, looks a few dozen rows up, and is done in
milliseconds. Everything is checked before it is believed: a damaged file is as good as none.
"""

import hashlib
import json
import struct
import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from release_harness.kernel.records import record
from release_harness.steps.risk.rules.features import FEATURES, Pending, measure
from release_harness.steps.risk.rules.past import NOTHING, Seen

_MAGIC = b"rh-outlook 1 "
_ROW = struct.Struct("<8s8fI")
_KEY_BYTES = 8


@record
class Comparison:
    """Values of the last landings, sorted: what a place is taken among."""

    values: "array[float]"

    def place(self, value: float) -> float:
        """Return the place of a value, -0.5 to 0.5; ties lie in the middle, and without values all are in the middle."""
        if not self.values:
            return 0.0
        return (bisect_left(self.values, value) + bisect_right(self.values, value)) / (2 * len(self.values)) - 0.5


@record
class Outlook:
    """A history as it was when it was walked last; it is a Past."""

    tip: str
    branch: str
    walked_at_seconds: float
    weights: tuple[float, ...]
    """One for each of FEATURES."""
    comparisons: tuple[Comparison, ...]
    scores: Comparison
    """Scores of the last landings."""
    pace: float
    reverts: float
    rows: bytes

    def seen(self, key: str) -> Seen:
        """Return what is known under a key; raises ValueError for a damaged row."""
        wanted = _digest(key)
        low, high = 0, len(self.rows) // _ROW.size
        while low < high:
            middle = (low + high) // 2
            if self.rows[middle * _ROW.size : middle * _ROW.size + _KEY_BYTES] < wanted:
                low = middle + 1
            else:
                high = middle
        row = self.rows[low * _ROW.size : (low + 1) * _ROW.size]
        if row[:_KEY_BYTES] != wanted:
            return NOTHING
        _key, *numbers, check = _ROW.unpack(row)
        if check != zlib.crc32(row[:-4]):
            message = "a row of the outlook is damaged"
            raise ValueError(message)
        return Seen(*numbers)

    def percentile(self, change: Pending, now: float) -> float:
        """Return the share of the last landings that had a lower score, 0 to 1."""
        raw = measure(change, self, now)
        places = [comparison.place(value) for comparison, value in zip(self.comparisons, raw, strict=True)]
        total = sum(weight * place for weight, place in zip(self.weights, places, strict=True))
        return self.scores.place(total) + 0.5


def pack_outlook(
    head: Mapping[str, Any], columns: Sequence[Sequence[float]], rows: Mapping[str, Sequence[float]]
) -> bytes:
    """Write an outlook; `head` has the fields of Outlook but the three big ones, `columns` one for each feature and the scores."""
    sections = [array("d", sorted(column)) for column in columns]
    plain = {**head, "features": list(FEATURES), "lengths": [len(each) for each in sections]}
    numbers = b"".join(each.tobytes() for each in sections)
    body = json.dumps(plain, separators=(",", ":")).encode("ascii") + b"\n" + numbers
    table = b"".join(sorted(_row(key, values) for key, values in rows.items()))
    return _MAGIC + f"{zlib.crc32(body):08x} {len(body)}\n".encode() + body + table


def unpack_outlook(content: bytes) -> Outlook | None:
    """Read an outlook back; None when it is damaged, or of another version."""
    line, _, rest = content.partition(b"\n")
    try:
        check, length = line.removeprefix(_MAGIC).split()
        body, rows = rest[: int(length)], rest[int(length) :]
        if not line.startswith(_MAGIC) or zlib.crc32(body) != int(check, 16) or len(rows) % _ROW.size:
            return None
        text, _, numbers = body.partition(b"\n")
        plain = json.loads(text)
        if plain["features"] != list(FEATURES):
            return None
        columns = _split(numbers, plain["lengths"])
        return Outlook(
            tip=plain["tip"],
            branch=plain["branch"],
            walked_at_seconds=float(plain["walked_at_seconds"]),
            weights=tuple(plain["weights"]),
            comparisons=tuple(Comparison(values=each) for each in columns[:-1]),
            scores=Comparison(values=columns[-1]),
            pace=float(plain["pace"]),
            reverts=float(plain["reverts"]),
            rows=rows,
        )
    except (ValueError, KeyError, TypeError, IndexError):
        return None


def _split(numbers: bytes, lengths: Sequence[int]) -> "list[array[float]]":
    values = array("d")
    values.frombytes(numbers)
    if len(values) != sum(lengths) or len(lengths) != len(FEATURES) + 1:
        message = "the outlook has other columns than it says"
        raise ValueError(message)
    found, start = [], 0
    for length in lengths:
        found.append(values[start : start + length])
        start += length
    return found


def _row(key: str, values: Sequence[float]) -> bytes:
    plain = _ROW.pack(_digest(key), *values, 0)[:-4]
    return plain + struct.pack("<I", zlib.crc32(plain))


def _digest(key: str) -> bytes:
    return hashlib.blake2b(key.encode("utf-8", "surrogateescape"), digest_size=_KEY_BYTES).digest()
