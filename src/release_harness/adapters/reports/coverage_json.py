"""The JSON report of coverage.py (formats 2 and 3)."""

from release_harness.adapters.reports.hardened import as_line_numbers, as_object
from release_harness.kernel.records import Plain
from release_harness.steps.evidence.model import CoverageReport, LineCoverage


def parse_coverage_json(name: str, document: dict[str, Plain]) -> CoverageReport:
    """Read executed and missing lines of every file."""
    files = []
    for path, value in as_object(document.get("files"), name, "files").items():
        entry = as_object(value, name, f"files.{path}")
        exercised = as_line_numbers(entry.get("executed_lines"), name, f"files.{path}.executed_lines")
        missing = as_line_numbers(entry.get("missing_lines"), name, f"files.{path}.missing_lines")
        files.append(LineCoverage(path=path, executable=exercised | missing, exercised=exercised))
    return CoverageReport(files=tuple(files), tool="coverage.py json")
