"""Writes what was seen as one JSON file for each process; files of shards and children are merged by their reader."""

from __future__ import annotations

import binascii
import itertools
import json
import operator
import os
import platform
import sys
from typing import TYPE_CHECKING, Any

from . import __version__
from .core import trace

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .collected import Collected, Details

SCHEMA = "rh.trace/1"
TESTS_LIMIT_COUNT = 200_000
_LONGEST_STEP = 128
_STEP_TO_GAP = bytes([0, *range(255)])
"""The gap after a number is one less than the step to the next."""


class _Writer:
    """Numbers everything once, in an order that does not depend on the order of the run."""

    def __init__(self) -> None:
        order = sorted(range(len(trace.functions)), key=trace.functions.__getitem__)
        self.place = [0] * len(order)
        for place, number in enumerate(order):
            self.place[number] = place
        self.paths = sorted(trace.blobs)
        at = {path: index for index, path in enumerate(self.paths)}
        self.functions = [[at[path], name] for path, name in (trace.functions[number] for number in order)]
        self.sets: dict[str, int] = {}
        self.entries: dict[tuple[str, str, int, bool], int] = {}
        self.replaced: dict[tuple[str, str, bool], int] = {}

    def set_of(self, numbers: Iterable[int]) -> int:
        """Return the number of a set of functions; equal sets are written once."""
        return self.sets.setdefault(pack(map(self.place.__getitem__, numbers)), len(self.sets))

    def replaced_of(self, keys: Iterable[tuple[str, str, bool]]) -> list[int]:
        return sorted(self.replaced.setdefault(key, len(self.replaced)) for key in keys)

    def write(self, collected: Collected, every: Sequence[Collected]) -> dict[str, Any]:
        """Write a test with all that its fixtures did."""
        seen = set().union(*(each.ran for each in every))
        written: dict[str, Any] = {"ran": self.set_of(seen), "hits": []}
        optional: dict[str, Any] = {"outcome": collected.outcome, "why": collected.why}
        details = [each.details for each in every if each.details is not None]
        if details:
            written["hits"], more = self._write_details(details)
            optional.update(more)
        return {**written, **{name: value for name, value in optional.items() if value}}

    def _write_details(self, details: list[Details]) -> tuple[list[list[Any]], dict[str, Any]]:
        hits: dict[tuple[Any, ...], set[int]] = {}
        counts: dict[tuple[Any, ...], int] = {}
        for each in details:
            each.settle()
            for key, found in each.hits.items():
                hits.setdefault(key, set()).update(found)
                counts[key] = counts.get(key, 0) + each.counts[key]
        rows = sorted(self._hit(key, found, counts[key]) for key, found in hits.items())
        return rows, {
            "replaced": self.replaced_of({key for each in details for key in each.replaced}),
            "stubs": sorted({name for each in details for name in each.stubs}),
            "sockets": sorted({address for each in details for address in each.sockets}),
            "dropped": sum(each.dropped for each in details),
        }

    def _hit(self, key: tuple[Any, ...], found: set[int], count: int) -> list[Any]:
        kind, name, handler, raw, used, idle = key
        entry = (kind, name, self.place[handler] if handler >= 0 else -1, raw)
        number = self.entries.setdefault(entry, len(self.entries))
        return [number, self.set_of(found), self.replaced_of(used), self.replaced_of(idle), count]


def pack(numbers: Iterable[int]) -> str:
    """Write a set of whole numbers as base64 of the gaps between them, seven bits a byte; no number comes twice."""
    ordered = sorted(numbers)
    steps = list(map(operator.sub, ordered, itertools.chain((-1,), ordered)))
    packed, start = [], 0
    # Nearly all gaps are short, and a run of them is written at once.
    for at in [at for at, step in enumerate(steps) if step > _LONGEST_STEP]:
        packed += [bytes(steps[start:at]).translate(_STEP_TO_GAP), _pack_long(steps[at] - 1)]
        start = at + 1
    packed.append(bytes(steps[start:]).translate(_STEP_TO_GAP))
    return binascii.b2a_base64(b"".join(packed), newline=False).decode("ascii")


def _pack_long(gap: int) -> bytes:
    packed = bytearray()
    while gap > 127:  # noqa: PLR2004 - seven bits
        packed.append(gap & 127 | 128)
        gap >>= 7
    packed.append(gap)
    return bytes(packed)


def as_document() -> dict[str, Any]:
    """Return everything that was seen in this process."""
    writer = _Writer()
    tests = dict(list(trace.tests.items())[:TESTS_LIMIT_COUNT])
    rows = {test_id: writer.write(each, _closure(each)) for test_id, each in tests.items()}
    between = writer.write(trace.between, (trace.between,))
    dropped = trace.dropped_functions + len(trace.tests) - len(tests)
    return {
        "schema": SCHEMA,
        "tracer": __version__,
        "python": platform.python_version(),
        "method": trace.method or trace.last_method,
        "slower": (trace.method or trace.last_method) == "sys.setprofile",
        "commit": _commit(),
        "dropped": dropped,
        "faults": dict(sorted(trace.faults.items())),
        "files": [[path, trace.blobs[path]] for path in writer.paths],
        "functions": writer.functions,
        "entries": [list(each) for each in writer.entries],
        "replaced": [list(each) for each in writer.replaced],
        "sets": list(writer.sets),
        "between": between,
        "tests": rows,
    }


def _commit() -> str:
    """Return the commit that the environment names; rh compares contents and shows this only."""
    for name in ("RH_TRACE_COMMIT", "GITHUB_SHA", "CI_COMMIT_SHA"):
        if os.environ.get(name):
            return os.environ[name][:64]
    return ""


def _closure(collected: Collected) -> list[Collected]:
    found: dict[int, Collected] = {}
    waiting = [collected]
    while waiting:
        each = waiting.pop()
        if id(each) not in found:
            found[id(each)] = each
            waiting.extend(each.reached or ())
    return list(found.values())


def write_map() -> None:
    """Write the map of this process beside those of the others; a full disk is not the tests' fault."""
    folder = os.environ.get("RH_TRACE_FOLDER")
    if not folder:
        return
    try:
        os.makedirs(folder, exist_ok=True)
        name = f"rh-trace-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}-{os.getpid()}.json"
        whole = os.path.join(folder, name)
        with open(whole + ".part", "w", encoding="utf-8") as file:
            # In one piece, since only that is written in C.
            file.write(json.dumps(as_document(), separators=(",", ":")))
        os.replace(whole + ".part", whole)
    except Exception as error:  # noqa: BLE001 - see above
        sys.stderr.write(f"rh: the trace could not be written: {error}\n")
