"""Breaks one function at a time in a scratch checkout, and sees whether every test that fails was named as relevant."""

from typing import TYPE_CHECKING, Protocol

from release_harness.kernel.digests import CommitId, TreeId
from release_harness.kernel.errors import Conflict
from release_harness.steps.evidence.flow.needs import RunningNeeds
from release_harness.steps.evidence.flow.running import run_in_checkout
from release_harness.steps.evidence.impact.evaluation.mutants import break_function, breakable
from release_harness.steps.evidence.model import ReportFile, TestCase, TestStatus
from release_harness.steps.evidence.model.evaluation import MutantsRow
from release_harness.steps.evidence.model.impact import SymbolId
from release_harness.steps.evidence.model.trace import TraceMap
from release_harness.steps.evidence.ports import TreeFiles
from release_harness.steps.evidence.rules.coverage import is_test_path
from release_harness.steps.evidence.rules.tests import canonical_id
from release_harness.steps.evidence.rules.walks import merge_maps, tests_by_function
from release_harness.steps.project.model import TestSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

_FAILED = frozenset({TestStatus.FAILED, TestStatus.ERROR})
_MISSED_SHOWN_COUNT = 20
_ALL = "*"


class MutatingNeeds(RunningNeeds, Protocol):
    """What breaking functions needs."""

    @property
    def repository(self) -> TreeFiles:
        """Git trees."""
        ...


def try_mutants(needs: MutatingNeeds, commit: CommitId, tree: TreeId, settings: TestSettings, count: int) -> MutantsRow:
    """Run all tests once under the tracer, then once for each broken function; raises Conflict when no test ran at all."""
    needs.progress.say("rh: running the tests as they are")
    whole = run_in_checkout(needs, tree, commit, settings, trace=True)
    if whole.cases is None or not whole.traces:
        raise Conflict(
            code="NOTHING_TO_COMPARE",
            says=f"The tests left no report or no trace: {whole.why_no_cases or whole.why_no_trace}.",
            hint="`rh evidence run` says what the test command lacks.",
        )
    relevant = tests_by_function(_merged(needs, whole.traces))
    passed = {case.id for case in whole.cases if case.status is TestStatus.PASSED}
    sources = {each: each.partition(":")[0] for each in breakable(relevant) if not is_test_path(each.partition(":")[0])}
    chosen = _spread(list(sources), count)
    needs.progress.start("breaking functions", len(chosen))
    rows: list[tuple[SymbolId, frozenset[str], frozenset[str]]] = []
    for symbol in chosen:
        failed = _failing(needs, commit, tree, settings, symbol)
        if failed is not None:
            named = relevant[symbol]
            explained = passed if _ALL in named else {canonical_id(each) for each in named}
            rows.append((symbol, frozenset(failed & passed), frozenset(explained & passed)))
        needs.progress.advance()
    needs.progress.finish()
    return _row(rows, len(passed))


def _merged(needs: MutatingNeeds, traces: tuple[ReportFile, ...]) -> TraceMap:
    parsed = [needs.reports.parse(each) for each in traces]
    return merge_maps([each for each in parsed if isinstance(each, TraceMap)])


def _spread(functions: list[SymbolId], count: int) -> list[SymbolId]:
    step = max(len(functions) / max(count, 1), 1.0)
    return [functions[int(index * step)] for index in range(min(count, len(functions)))]


def _failing(
    needs: MutatingNeeds, commit: CommitId, tree: TreeId, settings: TestSettings, symbol: SymbolId
) -> set[str] | None:
    path, _, qualname = symbol.partition(":")
    content = needs.repository.read_file(tree, path)
    broken = break_function(content, qualname) if content is not None else None
    if broken is None:
        return None
    restored: Mapping[str, bytes | None] = {path: broken}
    run = run_in_checkout(needs, tree, commit, settings, restored=restored)
    cases: tuple[TestCase, ...] | None = run.cases
    return None if cases is None else {case.id for case in cases if case.status in _FAILED}


def _row(rows: list[tuple[SymbolId, frozenset[str], frozenset[str]]], tests_count: int) -> MutantsRow:
    missed = tuple(
        f"{symbol}: {len(failed - named)} of {len(failed)} failing tests were not named, such as {min(failed - named)}"
        for symbol, failed, named in rows
        if failed - named
    )
    return MutantsRow(
        mutants_count=len(rows),
        killed_count=sum(1 for _, failed, _ in rows if failed),
        tests_count=tests_count,
        failing_pairs_count=sum(len(failed) for _, failed, _ in rows),
        explained_pairs_count=sum(len(failed & named) for _, failed, named in rows),
        named_pairs_count=sum(len(named) for _, _, named in rows),
        missed=missed[:_MISSED_SHOWN_COUNT],
    )
