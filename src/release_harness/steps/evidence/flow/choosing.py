"""Chooses the tests of a run by what a trace of this content or of the base shows."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from release_harness.kernel.digests import TreeId
from release_harness.kernel.errors import InputError
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import Plain, record
from release_harness.steps.changes.model import Change
from release_harness.steps.evidence.flow.records import load_for
from release_harness.steps.evidence.flow.running import Choice, Run
from release_harness.steps.evidence.flow.tracing import TraceNeeds, trace_of_tree
from release_harness.steps.evidence.model import EvidenceRecord, ReportFile, TestCase, TestReport
from release_harness.steps.evidence.model.impact import EntryPoint
from release_harness.steps.evidence.model.relevance import Selection
from release_harness.steps.evidence.model.trace import TraceMap
from release_harness.steps.evidence.rules.choosing import changed_functions, score_selection, select_tests
from release_harness.steps.evidence.rules.relevance import (
    ALL_TESTS,
    NAMES_ADDRESS,
    TRACED,
    tests_naming,
    tests_tracing,
    url_literals,
)
from release_harness.steps.evidence.rules.statement import TEST_RESULT, TRACE
from release_harness.steps.evidence.rules.tests import merge_reports, read_case_rows
from release_harness.steps.evidence.rules.walks import entries_by_function

_TEST_FILE = re.compile(r"(^|/)(test_[^/]*|[^/]*_test)\.py$")
_SHARDS_LIMIT_COUNT = 1_000


@record
class Order:
    """What was asked of a run: all tests or those that bear on the change, and which share of them."""

    affected: bool = False
    shards_count: int = 1
    shard: int = 1

    @property
    def whole(self) -> bool:
        """Tell whether nothing is left out."""
        return not self.affected and self.shards_count == 1


ALL = Order()
"""Every test, in one run."""


def order_for(select: str, *, shards_count: int, shard: int) -> Order:
    """Read what was asked on the command line; raises InputError when it makes no sense."""
    if select not in ("all", "affected"):
        raise InputError(
            code="SELECTION_UNKNOWN",
            says=f"--select {show_text(select)!r} is no way to choose tests.",
            hint="Say --select all or --select affected.",
        )
    if not 1 <= shard <= shards_count <= _SHARDS_LIMIT_COUNT:
        raise InputError(
            code="SHARD_UNKNOWN",
            says=f"There is no shard {shard} of {shards_count}.",
            hint=f"Number the shards from 1 to their count, at most {_SHARDS_LIMIT_COUNT}: --shards 4 --shard 1.",
        )
    return Order(affected=select == "affected", shards_count=shards_count, shard=shard)


def select_for(needs: TraceNeeds, change: Change, tree: TreeId, static: Mapping[str, str] | None = None) -> Selection:
    """Return the tests that bear on a change; `static` adds those that the reference graph names, with the reason.

    The map of the result tree is asked first, then that of the base.
    """
    traced = trace_of_tree(needs, tree)
    if traced is None and change.base is not None:
        traced = trace_of_tree(needs, needs.repository.tree_of(change.base))
    paths = tuple(dict.fromkeys(each.path for each in change.files))
    relevant: dict[str, str] = dict(static or {})
    test_paths = [path for path in needs.repository.list_paths(tree) if _TEST_FILE.search(path)]
    if traced is not None:
        touched = _touched(needs, change, tree, traced, paths)
        relevant |= dict.fromkeys(tests_tracing(traced, touched), TRACED)
        relevant |= _naming(needs, tree, traced, touched, test_paths)
    tip = not paths or change.head == change.base
    return select_tests(paths, traced, relevant=relevant, test_paths=test_paths, on_default_tip=tip)


def _touched(needs: TraceNeeds, change: Change, tree: TreeId, traced: TraceMap, paths: Sequence[str]) -> frozenset[str]:
    """Return the traced functions that the change touches: single ones where only bodies changed, else all of the file."""
    changed = set(paths)
    narrowed: dict[str, frozenset[str] | None] = {}
    for path in paths:
        base = needs.repository.read_file(change.base, path) if change.base is not None else None
        narrowed[path] = changed_functions(base, needs.repository.read_file(tree, path))
    found = set()
    for each in traced.functions:
        if each.path not in changed:
            continue
        names = narrowed[each.path]
        outer = each.symbol.partition(":")[2].partition(".<locals>.")[0]
        if names is None or outer in names:
            found.add(each.symbol)
    return frozenset(found)


def _naming(
    needs: TraceNeeds, tree: TreeId, traced: TraceMap, touched: frozenset[str], test_paths: Sequence[str]
) -> dict[str, str]:
    """Return tests that write the address of a traced entry that reaches the change; the entries come from the trace itself."""
    reaching = {entry for symbol, found in entries_by_function(traced).items() if symbol in touched for entry in found}
    every = {hit.entry for test in traced.tests for hit in test.hits if not hit.entry.raw}
    points = {
        each: EntryPoint(kind=each.kind, name=each.name, framework="traced", handler=each.handler, path="", line=0)
        for each in sorted(every, key=lambda one: (one.kind, one.name, one.handler))
    }
    affected = [point for entry, point in points.items() if entry in reaching]
    if not affected:
        return {}
    files = {}
    for path in test_paths:
        source = needs.repository.read_file(tree, path)
        literals = url_literals(source) if source is not None else None
        if literals:
            files[path] = literals
    return dict.fromkeys(tests_naming(files, affected, tuple(points.values())), NAMES_ADDRESS)


def choice_of(order: Order, selection: Selection | None, took_ms: Mapping[str, int]) -> Choice | None:
    """Return what the module inside pytest is told; None when nothing is left out."""
    if order.whole:
        return None
    chosen = selection if order.affected and selection is not None else None
    everything = chosen is None or chosen.everything or ALL_TESTS in chosen.ids
    return Choice(
        ids=() if chosen is None or everything else chosen.ids,
        everything=everything,
        shards_count=order.shards_count,
        shard=order.shard,
        took_ms=tuple(sorted(took_ms.items())),
    )


def selection_details(order: Order, selection: Selection | None, cases: Sequence[TestCase] | None) -> dict[str, Plain]:
    """Return what a record keeps of the choice; a whole run scores the selection that would have been made."""
    details: dict[str, Plain] = {}
    if not order.whole:
        details["shards"] = {"count": order.shards_count, "numbers": [order.shard]}
        if selection is not None and order.affected:
            details["selection"] = {
                "everything": selection.everything,
                "because": list(selection.because),
                "selected_count": len(selection.ids),
                "known_count": selection.known_count,
            }
    elif selection is not None and not selection.everything and cases is not None:
        score = score_selection(selection.ids, cases)
        details["selection_score"] = {
            "failed_count": score.failed_count,
            "caught_count": score.caught_count,
            "selected_count": score.selected_count,
            "known_count": score.known_count,
            "missed": list(score.missed),
        }
    return details


def join_shards(needs: TraceNeeds, tree: TreeId, run: Run, kept: dict[str, Plain]) -> tuple[Run, dict[str, Plain]]:
    """Put a shard beside those of the same content that ran before; the same shard again replaces nothing but adds up."""
    mine = kept.get("shards")
    loaded = load_for(needs, trees=(tree,), changes=())
    for each in sorted(loaded.records, key=lambda one: one.finished_at, reverse=True):
        content = needs.content.get(each.details) if each.predicate == TEST_RESULT and each.details else None
        details = json.loads(content) if content is not None else {}
        before = details.get("shards")
        if not isinstance(before, dict) or not isinstance(mine, dict) or before["count"] != mine["count"]:
            continue
        earlier = read_case_rows(details["cases"])
        cases = (
            merge_reports([TestReport(cases=earlier), TestReport(cases=run.cases)]) if run.cases is not None else None
        )
        code = run.exit_code if run.exit_code is None or each.exit_code is None else run.exit_code or each.exit_code
        numbers = sorted({*before["numbers"], *_numbers(mine)})
        files = _earlier_traces(needs, loaded.records)
        joined = replace(run, cases=cases, exit_code=code, traces=(*run.traces, *files))
        return joined, {**kept, "shards": {"count": before["count"], "numbers": numbers}}
    return run, kept


def _numbers(shards: dict[str, Plain]) -> list[int]:
    numbers = shards.get("numbers")
    return [each for each in numbers if isinstance(each, int)] if isinstance(numbers, list) else []


def _earlier_traces(needs: TraceNeeds, records: Sequence[EvidenceRecord]) -> tuple[ReportFile, ...]:
    traces = [each for each in records if each.predicate == TRACE]
    newest = max(traces, key=lambda each: each.finished_at, default=None)
    kept = [(digest, needs.content.get(digest)) for digest in (newest.sources if newest is not None else ())]
    return tuple(ReportFile(name=digest, content=content) for digest, content in kept if content is not None)
