"""Recognises a report by what is in it, never by its name."""

from collections.abc import Mapping
from pathlib import Path

from release_harness.adapters.git_checkout import read_limited
from release_harness.adapters.reports.hardened import local_name, read_json, refuse, walk_xml
from release_harness.kernel.errors import InputError
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import Plain
from release_harness.steps.evidence.model import ParsedReport, ReportFile

_SQLITE = b"SQLite format 3\0"
_OTLP_START = b'{"resourceSpans"'
_SPACE = b" \t\r\n"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class ReportFiles:
    """Implements the ReportReader port."""

    def __init__(self, folder: Path) -> None:
        """Names on the command line are taken from `folder`."""
        self._folder = folder

    def load(self, name: str) -> ReportFile:
        """Read one file named by a person; raises NotFound or InputError."""
        return ReportFile(name=name, content=read_limited((self._folder / name).resolve()))

    def parse(self, report: ReportFile) -> ParsedReport:
        """Read a report; raises InputError with the place of the fault."""
        content = report.content.removeprefix(b"\xef\xbb\xbf")
        start = content[:64].lstrip(_SPACE)
        if content.startswith(_SQLITE):
            from release_harness.adapters.reports.coverage_data import parse_coverage_data

            return parse_coverage_data(report.name, content)
        if start.startswith(b"<") or content.startswith(_UTF16):
            return _parse_xml(report.name, content)
        if start.startswith(b"{"):
            return _parse_json_or_lines(report.name, content)
        if start.startswith((b"TN:", b"SF:")):
            from release_harness.adapters.reports.lcov import parse_lcov

            return parse_lcov(report.name, content)
        raise _unknown(report.name)

    def executable_lines(self, source: bytes) -> frozenset[int] | None:
        """Return the lines of a Python source that can run, or None when it cannot be read."""
        from release_harness.adapters.reports.coverage_data import python_executable_lines

        return python_executable_lines(source)

    def statement_starts(self, source: bytes) -> Mapping[int, int]:
        """Return, for each line of a Python source within a statement, the first line of that statement."""
        from release_harness.adapters.reports.coverage_data import python_statement_starts

        return python_statement_starts(source)


def _parse_xml(name: str, content: bytes) -> ParsedReport:
    root = _root_name(name, content)
    if root in ("testsuites", "testsuite"):
        from release_harness.adapters.reports.junit import parse_junit

        return parse_junit(name, content)
    if root == "coverage":
        from release_harness.adapters.reports.cobertura import parse_cobertura

        return parse_cobertura(name, content)
    raise refuse(name, f"its root element is <{show_text(root)}>; expected <testsuites>, <testsuite> or <coverage>")


def _root_name(name: str, content: bytes) -> str:
    for _event, element, _depth in walk_xml(name, content):
        return local_name(element.tag)
    raise refuse(name, "it ends early: there is no element")


def _parse_json_or_lines(name: str, content: bytes) -> ParsedReport:
    """The collector's file exporter writes one request a line, which is no JSON document as a whole."""
    first, _, rest = content.lstrip(_SPACE).partition(b"\n")
    if first.startswith(_OTLP_START) and rest.strip() and first.rstrip().endswith(b"}"):
        from release_harness.adapters.reports.otlp import parse_otlp_lines

        return parse_otlp_lines(name, content)
    return _parse_json(name, content)


def _parse_json(name: str, content: bytes) -> ParsedReport:
    document = read_json(name, content)
    if not isinstance(document, dict):
        raise _unknown(name)
    walked = _parse_walks(name, document)
    if walked is not None:
        return walked
    if "runs" in document:
        from release_harness.adapters.reports.sarif import parse_sarif

        return parse_sarif(name, document)
    if "files" in document and "meta" in document:
        from release_harness.adapters.reports.coverage_json import parse_coverage_json

        return parse_coverage_json(name, document)
    raise _unknown(name)


def _parse_walks(name: str, document: dict[str, Plain]) -> ParsedReport | None:
    """Read what tells of entry points; None for any other document."""
    if str(document.get("schema", "")).startswith("rh.trace/"):
        from release_harness.adapters.reports.trace_map import parse_trace_map

        return parse_trace_map(name, document)
    if "resourceSpans" in document:
        from release_harness.adapters.reports.otlp import parse_otlp

        return parse_otlp(name, document)
    log = document.get("log")
    if isinstance(log, dict) and "entries" in log:
        from release_harness.adapters.reports.har import parse_har

        return parse_har(name, document)
    results = document.get("results")
    if isinstance(results, dict) and "tool" in results:
        from release_harness.adapters.reports.end_to_end import parse_ctrf

        return parse_ctrf(name, document)
    if isinstance(results, list) and "stats" in document:
        from release_harness.adapters.reports.end_to_end import parse_mochawesome

        return parse_mochawesome(name, document)
    if "suites" in document and "config" in document:
        from release_harness.adapters.reports.end_to_end import parse_playwright

        return parse_playwright(name, document)
    return None


def _unknown(name: str) -> InputError:
    return InputError(
        code="REPORT_UNKNOWN",
        says=f"{show_text(name)} is no report that rh knows; nothing was recorded.",
        hint="Known are JUnit XML, coverage.py JSON and data files, Cobertura XML, LCOV, SARIF 2.1, our own trace map, OTLP "
        "JSON, HAR, and the JSON of Playwright, Cypress (mochawesome) and CTRF.",
        subject=show_text(name),
    )
