"""Keeps the maps of the tracer and the walks that others report, and reads them back for a tree."""

from collections.abc import Sequence
from typing import Protocol

from release_harness.kernel.digests import Sha256, TreeId
from release_harness.kernel.errors import InputError
from release_harness.kernel.facts import FactValue
from release_harness.kernel.records import Plain, record
from release_harness.ledger.door import LedgerDoor
from release_harness.steps.changes.model import Change
from release_harness.steps.evidence.flow.records import load_for
from release_harness.steps.evidence.model import EvidenceRecord, ReportFile
from release_harness.steps.evidence.model.impact import EntryPoint
from release_harness.steps.evidence.model.trace import RoutedWalks, TraceMap, WalkReport
from release_harness.steps.evidence.ports import ContentStore, ReportReader, TreeFiles, Verifier
from release_harness.steps.evidence.rules.selection import select
from release_harness.steps.evidence.rules.statement import TRACE, WALKS
from release_harness.steps.evidence.rules.walks import TraceView, map_walks, merge_maps, view_trace
from release_harness.steps.evidence.rules.walks.routing import merge_routed

TRACED_TESTS = "trace.tests_count"


class TraceNeeds(Protocol):
    """What reading traces needs."""

    @property
    def content(self) -> ContentStore:
        """Contents by digest."""
        ...

    @property
    def reports(self) -> ReportReader:
        """Reads report files."""
        ...

    @property
    def repository(self) -> TreeFiles:
        """Git trees."""
        ...

    @property
    def ledger(self) -> LedgerDoor:
        """The ledger."""
        ...

    @property
    def verifier(self) -> Verifier:
        """Opens signed statements."""
        ...


class _KeepNeeds(Protocol):
    @property
    def content(self) -> ContentStore: ...
    @property
    def reports(self) -> ReportReader: ...
    @property
    def repository(self) -> TreeFiles: ...


@record
class KeptTrace:
    """What a record of a trace says: its facts, what is not known, its files and its details."""

    facts: dict[str, FactValue]
    unknown: dict[str, str]
    sources: tuple[Sha256, ...]
    details: Plain
    map: TraceMap | None = None


def keep_traces(needs: _KeepNeeds, tree: TreeId, files: Sequence[ReportFile], why_none: str) -> KeptTrace:
    """Read the maps, keep their files, and say what of them is about this tree; a broken map is none."""
    maps = []
    why = why_none
    for file in files:
        try:
            parsed = needs.reports.parse(file)
        except InputError as error:
            why = error.faults[0].sentence() if error.faults else error.says
            continue
        maps += [parsed] if isinstance(parsed, TraceMap) else []
    # One map that cannot be read may hold what the others do not show, so that all of them would say too little.
    if not maps or len(maps) < len(files):
        return KeptTrace(facts={}, unknown={TRACED_TESTS: why}, sources=(), details={"schema": "rh.trace-details/1"})
    merged = merge_maps(maps)
    view = view_trace(merged, (), needs.repository.list_blobs(tree))
    details: Plain = {
        "schema": "rh.trace-details/1",
        "tests_count": len(merged.tests),
        "functions_count": len(merged.functions),
        "files_count": view.files_count,
        "files_matched_count": view.files_matched_count,
        "methods": list(merged.methods),
        "commits": list(merged.commits),
        "dropped_count": merged.dropped_count,
        "faults": list(merged.faults),
    }
    sources = tuple(sorted({needs.content.put(file.content) for file in files}))
    if not view.has_content:
        why = f"the trace is about other content: 0 of {view.files_count} files are as they ran"
        return KeptTrace(facts={}, unknown={TRACED_TESTS: why}, sources=sources, details=details, map=merged)
    facts: dict[str, FactValue] = {TRACED_TESTS: len(merged.tests)}
    return KeptTrace(facts=facts, unknown={}, sources=sources, details=details, map=merged)


def read_trace(needs: TraceNeeds, records: Sequence[EvidenceRecord]) -> TraceMap | None:
    """Return the map of the trace record among these, or None when there is none or a file of it is not here."""
    kept = next((each for each in records if each.predicate == TRACE and TRACED_TESTS in each.facts), None)
    if kept is None:
        return None
    maps = []
    for digest in kept.sources:
        content = needs.content.get(digest)
        if content is None:
            return None
        parsed = needs.reports.parse(ReportFile(name=digest, content=content))
        maps += [parsed] if isinstance(parsed, TraceMap) else []
    return merge_maps(maps) if len(maps) != 1 else maps[0]


def trace_of_tree(needs: TraceNeeds, tree: TreeId) -> TraceMap | None:
    """Return the newest map that was recorded for a tree, such as that of the base."""
    loaded = load_for(needs, trees=(tree,), changes=())
    found = [each for each in loaded.records if each.predicate == TRACE and each.result_tree == tree]
    return read_trace(needs, sorted(found, key=lambda each: each.finished_at, reverse=True))


def views_for(
    needs: TraceNeeds, change: Change, records: Sequence[EvidenceRecord], entries: Sequence[EntryPoint]
) -> TraceView | None:
    """Return what the trace of the result tree says of these entries; None without one."""
    tree = change.digests.result_tree
    traced = read_trace(needs, records)
    if tree is None or traced is None:
        return None
    return view_trace(traced, entries, needs.repository.list_blobs(tree))


def walks_for(
    needs: TraceNeeds, change: Change, records: Sequence[EvidenceRecord], entries: Sequence[EntryPoint]
) -> RoutedWalks:
    """Return the reported walks of this content by entry; those of another commit are counted and left out."""
    commits = [each for each in (change.head,) if each is not None]
    parts = []
    for kept in select([each for each in records if each.predicate == WALKS], change):
        for digest in kept.sources:
            content = needs.content.get(digest)
            if content is None:
                continue
            parsed = needs.reports.parse(ReportFile(name=digest, content=content))
            report = getattr(parsed, "walks", None) if not isinstance(parsed, WalkReport) else parsed
            if isinstance(report, WalkReport):
                # Spans must name their commit themselves; an archive of a browser cannot.
                bound = report.tool != "OpenTelemetry"
                parts.append(map_walks(report.walks, entries, commits, bound=bound))
    return merge_routed(parts)
