"""Joins the impact of a change with what tests and services were seen to walk."""

from collections.abc import Sequence
from dataclasses import replace

from release_harness.steps.evidence.model import MissedLines
from release_harness.steps.evidence.model.impact import (
    AffectedEntry,
    EntryPoint,
    ImpactAnswer,
    Label,
    SymbolChange,
    SymbolId,
)
from release_harness.steps.evidence.model.trace import RoutedWalks, Walked
from release_harness.steps.evidence.rules.walks.around import walks_around
from release_harness.steps.evidence.rules.walks.levels import level_of
from release_harness.steps.evidence.rules.walks.traces import TraceView

_SURE = frozenset({Label.TRACED, Label.RESOLVED})
_GONE = frozenset({SymbolChange.REMOVED, SymbolChange.FORMAT})


def known_entries(answer: ImpactAnswer) -> tuple[EntryPoint, ...]:
    """Return the affected entries and all other routes, without which `/users/me` would count to `/users/{id}`."""
    others = (
        EntryPoint(kind="http", name=name, framework="", handler=handler, path="", line=0)
        for name, handler in answer.other_routes
    )
    return (*(each.entry for each in answer.affected), *others)


def mark_traced(answer: ImpactAnswer, view: TraceView | None) -> ImpactAnswer:
    """Return the answer with every entry point `traced` that a test was seen to take to the changed code."""
    if view is None or not view.has_content:
        return answer
    functions = _functions(answer)
    marked = [
        replace(each, label=Label.TRACED) if _is_traced(each, view, functions) else each for each in answer.affected
    ]
    # The order by label is kept: what was seen comes first, the rest stays as it was ranked.
    marked.sort(key=lambda each: each.label is not Label.TRACED)
    return replace(answer, affected=tuple(marked))


def _functions(answer: ImpactAnswer) -> frozenset[SymbolId]:
    """Return the changed functions; the body of a class runs when its file is imported, which is no walk."""
    return frozenset(each.symbol for each in answer.changed if each.kind == "function" and each.change not in _GONE)


def _is_traced(each: AffectedEntry, view: TraceView, functions: frozenset[SymbolId]) -> bool:
    wanted = 0
    for symbol in functions.intersection(each.changed):
        wanted |= view.numbers.get(symbol, 0)
    return bool(wanted) and any(hit.functions & wanted for _test, hit in view.hits.get(each.entry.key, ()))


def walk_all(
    answer: ImpactAnswer, view: TraceView | None, routed: RoutedWalks, missed: Sequence[MissedLines]
) -> tuple[Walked, ...]:
    """Return how really each affected entry point was walked to the changed functions, then what no single one answers for."""
    functions = _functions(answer)
    unrun = _unrun(answer, missed)
    surely = tuple(
        level_of(
            each.entry,
            [symbol for symbol in each.changed if symbol in functions],
            view,
            routed,
            missed=unrun,
        )
        for each in answer.affected
        if each.label in _SURE
    )
    return (*surely, *walks_around(answer, functions, view, routed, unrun))


def _unrun(answer: ImpactAnswer, missed: Sequence[MissedLines]) -> frozenset[SymbolId]:
    """Return the changed functions of files in which no test ran a single changed line."""
    files = {each.path for each in missed if each.missed and not each.exercised}
    return frozenset(each.symbol for each in answer.changed if each.path in files)
