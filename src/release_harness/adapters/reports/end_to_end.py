"""End-to-end runners: Playwright JSON, CTRF, and mochawesome as Cypress writes it.

The reports name tests; addresses are taken where a test says them: annotations of type `route`, `url` or `entry`,
archives attached as HAR, `extra.entries`, and mochawesome's context.
"""

import base64
import binascii
import json
from collections.abc import Iterator

from release_harness.adapters.reports.har import read_requests
from release_harness.adapters.reports.hardened import as_list, as_object, read_json, refuse
from release_harness.adapters.reports.walk_shapes import check_count, merge_walks, objects_at, read_spoken, text_at
from release_harness.kernel.records import Plain
from release_harness.steps.evidence.model import EndToEndReport, TestCase, TestReport, TestStatus
from release_harness.steps.evidence.model.trace import ReportedWalk, WalkReport

_DEPTH_LIMIT = 32
_MILLISECONDS_LIMIT = 10_000_000_000
_SAYING = frozenset({"route", "url", "entry", "endpoint"})
_CTRF = {
    "passed": TestStatus.PASSED,
    "failed": TestStatus.FAILED,
    "skipped": TestStatus.SKIPPED,
    "pending": TestStatus.SKIPPED,
    "other": TestStatus.ERROR,
}
_PLAYWRIGHT = {
    "expected": TestStatus.PASSED,
    "unexpected": TestStatus.FAILED,
    "flaky": TestStatus.FLAKY,
    "skipped": TestStatus.SKIPPED,
}
_MESSAGE_CHARS = 2_000


class _Collecting:
    """Tests and walks of one report."""

    def __init__(self, name: str, tool: str, *, commit: str = "", environment: str = "") -> None:
        self.name, self.tool, self.commit, self.environment = name, tool, commit, environment
        self.cases: dict[str, TestCase] = {}
        self.walks: list[ReportedWalk] = []
        self.count = 0

    def case(self, test_id: str, status: TestStatus, *, milliseconds: Plain = 0, message: str = "") -> None:
        self.count += 1
        check_count(self.count, self.name)
        number = 2
        unique = test_id
        while unique in self.cases:
            unique, number = f"{test_id} (#{number})", number + 1
        took = (
            milliseconds / 1000
            if isinstance(milliseconds, int | float) and 0 <= milliseconds < _MILLISECONDS_LIMIT
            else 0.0
        )
        self.cases[unique] = TestCase(
            id=unique, status=status, duration_seconds=float(took), message=message[:_MESSAGE_CHARS]
        )

    def spoken(self, text: str, test_id: str, status: TestStatus) -> None:
        """Take an address that a test says; what is none is left alone."""
        said = read_spoken(text)
        if said is not None:
            kind, entry = said
            self.walks.append(
                ReportedWalk(
                    kind=kind,
                    name=entry,
                    raw=kind == "http",
                    tool=self.tool,
                    commit=self.commit,
                    environment=self.environment,
                    passed=status in (TestStatus.PASSED, TestStatus.FLAKY),
                    test=test_id,
                )
            )

    def report(self, *notes: str) -> EndToEndReport:
        walks = WalkReport(tool=self.tool, walks=merge_walks(self.walks), spans_count=self.count, notes=notes)
        return EndToEndReport(tests=TestReport(cases=tuple(self.cases.values()), tool=self.tool), walks=walks)


def parse_playwright(name: str, document: dict[str, Plain]) -> EndToEndReport:
    """Read Playwright's JSON report; a test that passed on a retry is flaky."""
    config = as_object(document.get("config"), name, "config")
    metadata = config.get("metadata")
    found = _Collecting(name, "Playwright", commit=_commit_of(metadata if isinstance(metadata, dict) else {}))
    for suite, place in objects_at(document, "suites", name, "report"):
        _read_suite(found, suite, place, (), 0)
    errors = as_list(document.get("errors") or [], name, "errors")
    for at, _error in enumerate(errors):
        # A file that could not be loaded has no tests; without this the report would read as a pass.
        found.case(f"(global error {at + 1})", TestStatus.ERROR)
    return found.report()


def _commit_of(metadata: dict[str, Plain]) -> str:
    for outer, inner in (("gitCommit", "hash"), ("ci", "commitHash")):
        part = metadata.get(outer)
        if isinstance(part, dict) and isinstance(part.get(inner), str):
            return str(part[inner])[:64]
    return ""


def _read_suite(found: _Collecting, suite: dict[str, Plain], place: str, above: tuple[str, ...], depth: int) -> None:
    if depth > _DEPTH_LIMIT:
        raise refuse(found.name, f"{place}: suites are nested more than {_DEPTH_LIMIT} levels deep")
    title = text_at(suite, "title", found.name, place)
    names = (*above, title) if title else above
    for spec, spec_place in objects_at(suite, "specs", found.name, place):
        test_title = text_at(spec, "title", found.name, spec_place)
        for test, test_place in objects_at(spec, "tests", found.name, spec_place):
            project = text_at(test, "projectName", found.name, test_place)
            test_id = " > ".join(filter(None, (f"[{project}]" if project else "", *names, test_title)))
            _read_playwright_test(found, test, test_place, test_id)
    for inner, inner_place in objects_at(suite, "suites", found.name, place):
        _read_suite(found, inner, inner_place, names, depth + 1)


def _read_playwright_test(found: _Collecting, test: dict[str, Plain], place: str, test_id: str) -> None:
    said = text_at(test, "status", found.name, place)
    if said not in _PLAYWRIGHT:
        raise refuse(found.name, f"{place}.status: {said[:40]!r} is none of {sorted(_PLAYWRIGHT)}")
    results = objects_at(test, "results", found.name, place)
    status = _PLAYWRIGHT[said] if results or said == "skipped" else TestStatus.NOT_RUN
    took = sum(each for row, _ in results if isinstance(each := row.get("duration"), int | float))
    found.case(test_id, status, milliseconds=took)
    for note, note_place in objects_at(test, "annotations", found.name, place):
        if text_at(note, "type", found.name, note_place) in _SAYING:
            found.spoken(text_at(note, "description", found.name, note_place), test_id, status)
    for result, result_place in results:
        for archive in _archives(found.name, result, result_place):
            passed = status in (TestStatus.PASSED, TestStatus.FLAKY)
            walks, count = read_requests(found.name, archive, tool=found.tool, test=test_id, test_passed=passed)
            found.walks += walks
            found.count += count
            check_count(found.count, found.name)


def _archives(name: str, result: dict[str, Plain], place: str) -> Iterator[dict[str, Plain]]:
    """Yield the HTTP archives that are in the report itself; files elsewhere are never opened."""
    for attached, where in objects_at(result, "attachments", name, place):
        body = text_whole(attached, "body", name, where)
        if body and text_at(attached, "name", name, where).endswith("har"):
            try:
                content = base64.b64decode(body, validate=True)
            except binascii.Error as error:
                raise refuse(name, f"{where}.body: it is no base64") from error
            yield as_object(read_json(name, content), name, f"{where}.body")


def text_whole(row: dict[str, Plain], key: str, name: str, place: str) -> str:
    """Return a text uncut, empty when there is none; raises InputError when it is something else."""
    value = row.get(key)
    if value is not None and not isinstance(value, str):
        raise refuse(name, f"{place}.{key}: expected a text")
    return value or ""


def parse_ctrf(name: str, document: dict[str, Plain]) -> EndToEndReport:
    """Read a Common Test Report Format document (ctrf.io)."""
    results = as_object(document.get("results"), name, "results")
    tool = as_object(results.get("tool"), name, "results.tool")
    about = as_object(results.get("environment") or {}, name, "results.environment")
    found = _Collecting(
        name,
        text_at(tool, "name", name, "results.tool") or "CTRF",
        commit=text_at(about, "commit", name, "results.environment"),
        environment=text_at(about, "testEnvironment", name, "results.environment"),
    )
    for test, place in objects_at(results, "tests", name, "results"):
        said = text_at(test, "status", name, place)
        if said not in _CTRF:
            raise refuse(name, f"{place}.status: {said[:40]!r} is none of {sorted(_CTRF)}")
        status = TestStatus.FLAKY if said == "passed" and test.get("flaky") is True else _CTRF[said]
        suite = test.get("suite")
        parts = [str(each) for each in suite] if isinstance(suite, list) else [str(suite)] if suite else []
        test_id = " > ".join((*parts, text_at(test, "name", name, place)))
        found.case(test_id, status, milliseconds=test.get("duration", 0), message=text_at(test, "message", name, place))
        extra = as_object(test.get("extra") or {}, name, f"{place}.extra")
        for key in ("entries", "urls", "url", "route"):
            said_there = extra.get(key) or []
            for each in said_there if isinstance(said_there, list) else [said_there]:
                found.spoken(str(each), test_id, status)
    summary = as_object(results.get("summary"), name, "results.summary")
    if isinstance(failed := summary.get("failed"), int) and failed > 0:
        _check_failures(found, failed)
    return found.report()


def parse_mochawesome(name: str, document: dict[str, Plain]) -> EndToEndReport:
    """Read mochawesome's JSON, which Cypress and Mocha write; addresses come from each test's context."""
    stats = as_object(document.get("stats"), name, "stats")
    found = _Collecting(name, "mochawesome")
    for result, place in objects_at(document, "results", name, "report"):
        _read_mocha_suite(found, result, place, (), 0)
    if isinstance(failed := stats.get("failures"), int) and failed > 0:
        _check_failures(found, failed)
    return found.report()


def _check_failures(found: _Collecting, claimed: int) -> None:
    """A summary that counts failures over tests that show none would otherwise read as a pass."""
    if not any(each.status in (TestStatus.FAILED, TestStatus.ERROR) for each in found.cases.values()):
        raise refuse(found.name, f"it counts {claimed} failures, but no test shows one")


def _read_mocha_suite(
    found: _Collecting, suite: dict[str, Plain], place: str, above: tuple[str, ...], depth: int
) -> None:
    if depth > _DEPTH_LIMIT:
        raise refuse(found.name, f"{place}: suites are nested more than {_DEPTH_LIMIT} levels deep")
    title = text_at(suite, "title", found.name, place) or text_at(suite, "file", found.name, place)
    names = (*above, title) if title else above
    for test, test_place in objects_at(suite, "tests", found.name, place):
        test_id = " > ".join((*names, text_at(test, "title", found.name, test_place)))
        status = _mocha_status(test)
        found.case(test_id, status, milliseconds=test.get("duration", 0))
        for said in _context_of(test):
            found.spoken(said, test_id, status)
    for inner, inner_place in objects_at(suite, "suites", found.name, place):
        _read_mocha_suite(found, inner, inner_place, names, depth + 1)


def _mocha_status(test: dict[str, Plain]) -> TestStatus:
    for key, status in (("fail", TestStatus.FAILED), ("pass", TestStatus.PASSED), ("pending", TestStatus.SKIPPED)):
        if test.get(key) is True:
            return status
    return TestStatus.NOT_RUN


def _context_of(test: dict[str, Plain]) -> list[str]:
    """Return the texts of a context, which is JSON inside a text, or plain words."""
    context = test.get("context")
    if isinstance(context, str):
        try:
            context = json.loads(context)
        except (ValueError, RecursionError):
            return [context]
    rows = context if isinstance(context, list) else [context]
    values = [each.get("value") if isinstance(each, dict) else each for each in rows]
    flat = [one for each in values for one in (each if isinstance(each, list) else [each])]
    return [each for each in flat if isinstance(each, str)]
