"""Which changed lines the tests ran, from the coverage that a run or a CI left."""

from collections.abc import Sequence
from typing import Protocol

from release_harness.kernel.digests import TreeId
from release_harness.steps.changes.model import Change
from release_harness.steps.evidence.model import (
    CoverageReport,
    LineCoverage,
)
from release_harness.steps.evidence.ports import ReportReader, TreeFiles
from release_harness.steps.evidence.rules.coverage import (
    CoverageAnswer,
    family_of,
    judge_lines,
    measurable_files,
    merge_coverage,
)


def coverage_details(answer: CoverageAnswer) -> dict[str, object]:
    """Return the line list of a coverage record as plain data."""
    return {
        "schema": "rh.coverage-details/1",
        "files": [
            {
                "path": each.path,
                "exercised": list(each.exercised),
                "missed": list(each.missed),
                "reported": each.reported,
            }
            for each in answer.lines
        ],
        "notes": list(answer.notes),
    }


class _CoverNeeds(Protocol):
    @property
    def repository(self) -> TreeFiles: ...
    @property
    def reports(self) -> ReportReader: ...


def cover_changed_lines(
    needs: _CoverNeeds,
    change: Change,
    tree: TreeId,
    reports: Sequence[CoverageReport] | None,
    *,
    root: str = "",
    why_none: str = "",
) -> CoverageAnswer:
    """Say which changed lines the reports show as exercised; sources come from the tree, never from a working copy."""
    if reports is None:
        return judge_lines(change, None, reported_count=0, why_none=why_none)
    covered, ambiguous, reported_count = merge_coverage(reports, needs.repository.list_paths(tree), root=root)
    families = {family_of(path) for path in covered}
    raw = any(not report.executable_known for report in reports)
    starts = {}
    for file in measurable_files(change):
        if family_of(file.path) != "py" or "py" not in families:
            continue
        source = needs.repository.read_file(tree, file.path)
        if source is None:
            continue
        starts[file.path] = needs.reports.statement_starts(source)
        known = covered.get(file.path)
        if known is None or raw:
            executable = needs.reports.executable_lines(source)
            if executable is not None:
                before = known.exercised if known else frozenset()
                covered[file.path] = LineCoverage(path=file.path, executable=executable, exercised=before)
    return judge_lines(
        change, covered, reported_count=reported_count, ambiguous=ambiguous, starts=starts, why_none=why_none
    )
