"""Reads what the test commands left behind: reports, the names of the tests, coverage, traces."""

import json

from release_harness.kernel.errors import InputError
from release_harness.kernel.records import record
from release_harness.steps.evidence.flow.needs import RunningNeeds
from release_harness.steps.evidence.model import (
    CoverageReport,
    ParsedReport,
    ReportFile,
    TestCase,
    TestReport,
)
from release_harness.steps.evidence.ports import (
    CleanTree,
)
from release_harness.steps.evidence.rules.commands import (
    TRACE_FAULT,
    TRACES,
    coverage_patterns,
    junit_patterns,
)
from release_harness.steps.evidence.rules.tests import canonical_id, merge_reports
from release_harness.steps.project.model import TestSettings

_COLLECTED = "{probe}/collected-*.json"
_ENVIRONMENT = "{probe}/environment.json"


@record
class Collected:
    """What was found after the commands, and why the rest was not."""

    cases: tuple[TestCase, ...] | None
    why_no_cases: str
    coverage: tuple[CoverageReport, ...] | None
    why_no_coverage: str
    known_ids: frozenset[str] | None
    probed: dict[str, str]
    notes: tuple[str, ...] = ()
    traces: tuple[ReportFile, ...] = ()
    why_no_trace: str = ""


def collect_reports(needs: RunningNeeds, checkout: CleanTree, settings: TestSettings) -> Collected:
    """Return all that the commands left, with the faults that make it unusable."""
    junit_files = checkout.collect(junit_patterns(settings))
    coverage_files = checkout.collect(coverage_patterns(settings))
    tests: list[TestReport] = []
    coverage: list[CoverageReport] = []
    faults: list[str] = []
    wanted = {each.name for each in junit_files} | (
        {each.name for each in coverage_files} if settings.coverage else set()
    )
    for file in {each.name: each for each in (*junit_files, *coverage_files)}.values():
        parsed = _parse(needs, file, faults if file.name in wanted else [])
        if isinstance(parsed, TestReport):
            tests.append(parsed)
        elif isinstance(parsed, CoverageReport):
            coverage.append(parsed)
    known_ids, probed = _read_probe(checkout)
    traces, why_no_trace = _collect_traces(checkout)
    return Collected(
        cases=merge_reports(tests) if tests and not faults else None,
        why_no_cases=faults[0] if faults else "the command left no JUnit report",
        coverage=tuple(coverage) if coverage and not faults else None,
        why_no_coverage=faults[0] if faults else "the command left no coverage report",
        known_ids=known_ids,
        probed=probed,
        notes=tuple(faults),
        traces=traces,
        why_no_trace=why_no_trace,
    )


def _collect_traces(checkout: CleanTree) -> tuple[tuple[ReportFile, ...], str]:
    """Return the maps of the tracer, or why there are none; the tests themselves do not hang on them."""
    try:
        files = checkout.collect(TRACES)
    except InputError as error:
        return (), error.says
    if files:
        return files, ""
    faults = [str(_read_object(each).get("fault", "")) for each in checkout.collect((TRACE_FAULT,))]
    return (
        (),
        f"the tracer could not start: {faults[0]}" if faults else "the tracer left no map",
    )


def _parse(needs: RunningNeeds, file: ReportFile, faults: list[str]) -> ParsedReport | None:
    try:
        return needs.reports.parse(file)
    except InputError as error:
        faults.append(error.faults[0].sentence() if error.faults else error.says)
        return None


def _read_probe(checkout: CleanTree) -> tuple[frozenset[str] | None, dict[str, str]]:
    """Read what the module inside pytest wrote; a broken file is as good as none."""
    ids: set[str] = set()
    files = checkout.collect((_COLLECTED,))
    for file in files:
        listed = _read_object(file).get("ids")
        if not isinstance(listed, list):
            return None, {}
        ids |= {canonical_id(str(each)) for each in listed}
    described: dict[str, str] = {}
    for file in checkout.collect((_ENVIRONMENT,)):
        described |= {f"pytest:{name}": str(value) for name, value in _read_object(file).items()}
    return (frozenset(ids) if files else None), described


def _read_object(file: ReportFile) -> dict[str, object]:
    try:
        document = json.loads(file.content)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
