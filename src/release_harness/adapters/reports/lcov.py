"""LCOV tracefiles, as geninfo, Istanbul, c8, cargo-llvm-cov and others write them."""

from release_harness.adapters.reports.hardened import refuse
from release_harness.kernel.paths import decode_path
from release_harness.steps.evidence.model import CoverageReport, LineCoverage

_LINE_FIELDS = 2


def parse_lcov(name: str, content: bytes) -> CoverageReport:
    """Read `SF:` and `DA:` records; a record without `end_of_record` is refused, because the file was cut."""
    found: dict[str, tuple[set[int], set[int]]] = {}
    current: tuple[set[int], set[int]] | None = None
    number = 0
    for number, raw in enumerate(content.splitlines(), start=1):
        key, _, value = raw.strip().partition(b":")
        if key == b"SF":
            if current is not None:
                raise refuse(name, "a new file begins before the last one ended", line=number)
            current = found.setdefault(decode_path(value), (set(), set()))
        elif key == b"end_of_record":
            current = None
        elif key == b"DA":
            if current is None:
                raise refuse(name, "a line count stands outside of a file", line=number)
            _add_line(name, number, current, value)
    if current is not None:
        raise refuse(name, "it ends early: the last file has no end_of_record", line=number)
    files = (
        LineCoverage(path=path, executable=frozenset(executable), exercised=frozenset(exercised))
        for path, (executable, exercised) in found.items()
    )
    return CoverageReport(files=tuple(files), tool="lcov")


def _add_line(name: str, number: int, lines: tuple[set[int], set[int]], value: bytes) -> None:
    fields = value.split(b",")
    if len(fields) < _LINE_FIELDS or not fields[0].isdigit() or not fields[1].lstrip(b"-").isdigit():
        raise refuse(name, "expected `DA:<line>,<hits>`", line=number)
    executable, exercised = lines
    executable.add(int(fields[0]))
    # Old gcc writes negative counts when a counter runs over; that proves nothing.
    if int(fields[1]) > 0:
        exercised.add(int(fields[0]))
