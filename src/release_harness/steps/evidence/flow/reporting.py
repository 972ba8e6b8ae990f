"""Takes in reports of a CI: recognised by content, bound to one result tree, merged across shards, once each."""

import json
from collections.abc import Sequence
from dataclasses import replace

from release_harness.kernel.digests import Sha256, TreeId, canonical_json, digest_bytes
from release_harness.kernel.errors import Conflict
from release_harness.kernel.records import record, to_plain
from release_harness.steps.changes.model import Change
from release_harness.steps.evidence.flow.covering import cover_changed_lines, coverage_details
from release_harness.steps.evidence.flow.findings import dependency_lock
from release_harness.steps.evidence.flow.needs import AddNeeds
from release_harness.steps.evidence.flow.records import UNSIGNED, load_for, record_all
from release_harness.steps.evidence.flow.reported_tests import newest, with_tests
from release_harness.steps.evidence.flow.tracing import keep_traces
from release_harness.steps.evidence.model import (
    CoverageReport,
    EndToEndReport,
    EvidenceRecord,
    Origin,
    ParsedReport,
    ReportFile,
    ScanReport,
    TestReport,
)
from release_harness.steps.evidence.model.trace import TraceMap, WalkReport
from release_harness.steps.evidence.rules.statement import COVERAGE, SCAN, TEST_RESULT, TRACE, WALKS
from release_harness.steps.project.model import Rules

_CAUSE = "rh evidence add"


_KINDS: tuple[tuple[str, type], ...] = (
    (TEST_RESULT, TestReport),
    (COVERAGE, CoverageReport),
    (SCAN, ScanReport),
    (TRACE, TraceMap),
    (WALKS, WalkReport),
)


@record
class Added:
    """What became of the reports."""

    records: tuple[EvidenceRecord, ...]
    new_count: int
    notes: tuple[str, ...] = ()


@record
class _Report:
    digest: Sha256
    parsed: ParsedReport


def add_reports(
    needs: AddNeeds, change: Change, rules: Rules, names: Sequence[str], *, exit_code: int | None, rerun: bool
) -> Added:
    """Read all files first, then record; one broken file and nothing is recorded.

    Reports of shards add up, whichever command brings them: a case keeps its worst answer. With `rerun` the files are
    another run of the same content, and what broke and then passed is flaky. A file that was taken in before changes
    nothing.
    """
    tree = change.digests.result_tree
    if tree is None:
        raise Conflict(
            code="NO_RESULT_TREE",
            says="There is no result tree that the reports could speak about.",
            hint="Bring the change up to date with the branch to land on.",
        )
    files = [needs.reports.load(name) for name in names]
    reports = [each for file in files for each in _parts(needs, file)]
    for file in files:
        needs.content.put(file.content)
    recorded = load_for(needs, trees=(tree,), changes=()).records
    known = [each for each in recorded if each.origin is Origin.REPORTED]
    drafts: list[EvidenceRecord] = []
    kept: list[EvidenceRecord] = []
    for predicate, kind in _KINDS:
        of_kind = [each for each in reports if isinstance(each.parsed, kind)]
        before = max((each for each in known if each.predicate == predicate), key=newest, default=None)
        if not of_kind:
            continue
        if (
            before is not None
            and {each.digest for each in of_kind} <= set(before.sources)
            and exit_code in (None, before.exit_code)
        ):
            kept.append(before)
            continue
        drafts.append(_draft(needs, change, tree, rules, of_kind, before, predicate, exit_code=exit_code, rerun=rerun))
    added = (*record_all(needs, drafts, _CAUSE), *kept)
    computed = {each.predicate for each in recorded if each.origin is Origin.COMPUTED}
    notes = tuple(
        f"{each.predicate} was also computed here for this content, and that counts before a report"
        for each in added
        if each.predicate in computed
    )
    return Added(records=added, new_count=len(drafts), notes=notes)


def _parts(needs: AddNeeds, file: ReportFile) -> list[_Report]:
    """Return what one file holds; that of an end-to-end runner holds tests and walks."""
    digest, parsed = digest_bytes(file.content), needs.reports.parse(file)
    if not isinstance(parsed, EndToEndReport):
        return [_Report(digest=digest, parsed=parsed)]
    tests = [_Report(digest=digest, parsed=parsed.tests)]
    return [*tests, _Report(digest=digest, parsed=parsed.walks)] if parsed.walks.walks else tests


def _draft(
    needs: AddNeeds,
    change: Change,
    tree: TreeId,
    rules: Rules,
    reports: Sequence[_Report],
    before: EvidenceRecord | None,
    predicate: str,
    *,
    exit_code: int | None,
    rerun: bool,
) -> EvidenceRecord:
    now = needs.clock.now()
    sources = {each.digest for each in reports} | set(before.sources if before else ())
    empty = EvidenceRecord(
        id=UNSIGNED,
        predicate=predicate,
        result_tree=tree,
        change=change.digests.change,
        base=change.base,
        origin=Origin.REPORTED,
        producer=needs.actor,
        command=(),
        exit_code=_worse(exit_code, before, rerun=rerun) if predicate == TEST_RESULT else None,
        environment_digest=needs.content.put(canonical_json({"origin": Origin.REPORTED.value})),
        isolation="not known",
        started_at=now,
        finished_at=now,
        log_digest=None,
        policy=rules.digest,
        dependency_lock=dependency_lock(needs, tree),
        facts={},
        unknown={},
        claims={},
        details=None,
        sources=tuple(sorted(sources)),
        branch=change.branch,
    )
    if predicate == TEST_RESULT:
        return with_tests(needs, change, empty, [each.parsed for each in reports], before, rerun=rerun)
    if predicate == COVERAGE:
        return _with_coverage(needs, change, tree, empty, reports)
    if predicate in (TRACE, WALKS):
        return _with_walks(needs, tree, empty, reports)
    return _with_findings(needs, empty, reports, before)


def _with_walks(needs: AddNeeds, tree: TreeId, draft: EvidenceRecord, reports: Sequence[_Report]) -> EvidenceRecord:
    """Maps of earlier shards count again from their own files; walks are laid to entries when they are asked."""
    if draft.predicate == WALKS:
        walks = [each.parsed for each in reports if isinstance(each.parsed, WalkReport)]
        notes = sorted({note for each in walks for note in each.notes})
        counts = {
            "walks_count": sum(len(each.walks) for each in walks),
            "read_count": sum(each.spans_count for each in walks),
        }
        details = {
            "schema": "rh.walk-details/1",
            "tools": sorted({each.tool for each in walks}),
            "notes": notes,
            **counts,
        }
        return replace(draft, details=needs.content.put(canonical_json(details)))
    kept_files = [(digest, needs.content.get(digest)) for digest in draft.sources]
    files = [ReportFile(name=digest, content=content) for digest, content in kept_files if content is not None]
    missing = "" if len(files) == len(kept_files) else "the maps of an earlier shard are not on this machine"
    kept = keep_traces(needs, tree, () if missing else files, missing)
    if not kept.facts and not missing:
        raise Conflict(
            code="TRACE_OTHER_CONTENT",
            says=f"The trace is not one of this content: {next(iter(kept.unknown.values()))}. Nothing was recorded.",
            hint="Let the CI trace the merge result, and add the map for exactly that commit.",
        )
    return replace(
        draft, facts=kept.facts, unknown=kept.unknown, details=needs.content.put(canonical_json(kept.details))
    )


def _worse(exit_code: int | None, before: EvidenceRecord | None, *, rerun: bool) -> int | None:
    """Shards add up: one that failed is not forgotten because the next one passed. A rerun speaks for itself."""
    known = before.exit_code if before is not None else None
    if rerun or known is None:
        return exit_code if exit_code is not None else known
    if exit_code is None:
        return known
    return known or exit_code


def _with_coverage(
    needs: AddNeeds, change: Change, tree: TreeId, draft: EvidenceRecord, reports: Sequence[_Report]
) -> EvidenceRecord:
    """Coverage of earlier shards is read again from the files themselves."""
    parsed = [each.parsed for each in reports if isinstance(each.parsed, CoverageReport)]
    fresh = {each.digest for each in reports}
    for digest in draft.sources:
        content = needs.content.get(digest) if digest not in fresh else None
        if content is not None:
            again = needs.reports.parse(ReportFile(name=digest, content=content))
            parsed += [again] if isinstance(again, CoverageReport) else []
    answer = cover_changed_lines(needs, change, tree, parsed)
    details = needs.content.put(canonical_json(coverage_details(answer)))
    return replace(draft, facts=answer.facts, unknown=answer.unknown, details=details)


def _with_findings(
    needs: AddNeeds, draft: EvidenceRecord, reports: Sequence[_Report], before: EvidenceRecord | None
) -> EvidenceRecord:
    scans = [each.parsed for each in reports if isinstance(each.parsed, ScanReport)]
    rows = {canonical_json(to_plain(finding)): to_plain(finding) for scan in scans for finding in scan.findings}
    content = needs.content.get(before.details) if before is not None and before.details is not None else None
    if content is not None:
        rows = {**{canonical_json(row): row for row in json.loads(content)["findings"]}, **rows}
    errors = sum(isinstance(row, dict) and row["level"] == "error" for row in rows.values())
    incomplete = [scan.tool for scan in scans if not scan.completed]
    if before is not None and "sarif.errors_count" in before.unknown:
        incomplete.append("an earlier scan")
    details = needs.content.put(canonical_json({"schema": "rh.scan-details/1", "findings": list(rows.values())}))
    if incomplete and not errors:
        unknown = {"sarif.errors_count": f"{incomplete[0]} says that it did not finish"}
        return replace(draft, unknown=unknown, details=details)
    return replace(draft, facts={"sarif.errors_count": errors}, details=details)
