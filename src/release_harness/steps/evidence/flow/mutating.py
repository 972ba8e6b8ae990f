"""Puts a fault into one function at a time in a scratch checkout, and sees whether every test that fails was named as relevant."""

from typing import TYPE_CHECKING, NamedTuple, Protocol

from release_harness.kernel.digests import CommitId, TreeId
from release_harness.kernel.errors import Conflict
from release_harness.steps.evidence.flow.needs import RunningNeeds
from release_harness.steps.evidence.flow.running import run_in_checkout
from release_harness.steps.evidence.impact.evaluation.mutants import Told, change_function, in_turns, run_by_few, tell
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
_ATTEMPTS = 3
"""So many functions are tried for each mutant that is asked for; many faults are noticed by no test."""


class _Tried(NamedTuple):
    """One mutant: the tests that failed, those that the trace names for its function, and what that tells."""

    symbol: SymbolId
    failed: frozenset[str]
    named: frozenset[str]
    told: Told


class MutatingNeeds(RunningNeeds, Protocol):
    """What breaking functions needs."""

    @property
    def repository(self) -> TreeFiles:
        """Git trees."""
        ...


def try_mutants(needs: MutatingNeeds, commit: CommitId, tree: TreeId, settings: TestSettings, count: int) -> MutantsRow:
    """Run all tests once under the tracer, then once for each mutant, until so many were noticed by some tests; raises Conflict when no test ran at all."""
    needs.progress.say("rh: running the tests as they are")
    whole = run_in_checkout(needs, tree, commit, settings, trace=True)
    if whole.cases is None or not whole.traces:
        raise Conflict(
            code="NOTHING_TO_COMPARE",
            says=f"The tests left no report or no trace: {whole.why_no_cases or whole.why_no_trace}.",
            hint="`rh evidence run` says what the test command lacks.",
        )
    passed = frozenset(case.id for case in whole.cases if case.status is TestStatus.PASSED)
    relevant = {
        symbol: passed if _ALL in tests else frozenset(canonical_id(each) for each in tests) & passed
        for symbol, tests in tests_by_function(_merged(needs, whole.traces)).items()
        if not is_test_path(symbol.partition(":")[0])
    }
    waiting = in_turns(run_by_few(relevant, passed), count)[: count * _ATTEMPTS]
    rows: list[_Tried] = []
    needs.progress.start("breaking functions", len(waiting))
    for turn, symbol in enumerate(waiting):
        if sum(each.told is Told.SOME for each in rows) >= count:
            break
        failed = _failing(needs, commit, tree, settings, symbol, turn)
        if failed is not None:
            rows.append(_Tried(symbol, failed & passed, relevant[symbol], tell(failed & passed, passed)))
        needs.progress.advance()
    needs.progress.finish()
    return _row(rows, len(passed))


def _merged(needs: MutatingNeeds, traces: tuple[ReportFile, ...]) -> TraceMap:
    parsed = [needs.reports.parse(each) for each in traces]
    return merge_maps([each for each in parsed if isinstance(each, TraceMap)])


def _failing(
    needs: MutatingNeeds, commit: CommitId, tree: TreeId, settings: TestSettings, symbol: SymbolId, turn: int
) -> frozenset[str] | None:
    path, _, qualname = symbol.partition(":")
    content = needs.repository.read_file(tree, path)
    broken = change_function(content, qualname, turn) if content is not None else None
    if broken is None:
        return None
    restored: Mapping[str, bytes | None] = {path: broken}
    run = run_in_checkout(needs, tree, commit, settings, restored=restored)
    cases: tuple[TestCase, ...] | None = run.cases
    return None if cases is None else frozenset(case.id for case in cases if case.status in _FAILED)


def _row(tried: list[_Tried], tests_count: int) -> MutantsRow:
    rows = [each for each in tried if each.told is Told.SOME]
    missed = tuple(
        f"{each.symbol}: {len(each.failed - each.named)} of {len(each.failed)} failing tests were not named, such as "
        f"{min(each.failed - each.named)}"
        for each in rows
        if each.failed - each.named
    )
    return MutantsRow(
        mutants_count=len(rows),
        killed_count=len(rows),
        unnoticed_count=sum(each.told is Told.NONE for each in tried),
        breaking_most_count=sum(each.told is Told.MOST for each in tried),
        tests_count=tests_count,
        failing_pairs_count=sum(len(each.failed) for each in rows),
        explained_pairs_count=sum(len(each.failed & each.named) for each in rows),
        named_pairs_count=sum(len(each.named) for each in rows),
        missed=missed[:_MISSED_SHOWN_COUNT],
    )
