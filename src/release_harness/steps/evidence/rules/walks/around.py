"""The level at which changed code was walked that no single affected entry point answers for.

What stands around many entry points is told once, and judged once: at the level at which at least one entry point that passes
through it was walked through the changed function. What may only be reached counts when a walk shows that it is; where none
does, nobody can tell.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from release_harness.steps.evidence.model.impact import (
    AffectedEntry,
    CrossCutting,
    ImpactAnswer,
    Label,
    SymbolChange,
    SymbolId,
)
from release_harness.steps.evidence.model.trace import Hit, RoutedWalks, TracedTest, Walked, WalkLevel
from release_harness.steps.evidence.rules.walks.levels import INTERNAL_ENVIRONMENTS, NOT_TRACED, level_through
from release_harness.steps.evidence.rules.walks.traces import TraceView

_SURE = frozenset({Label.TRACED, Label.RESOLVED})
_NOTHING_LEFT = frozenset({SymbolChange.REMOVED, SymbolChange.FORMAT})


def walks_around(
    answer: ImpactAnswer,
    functions: Collection[SymbolId],
    view: TraceView | None,
    routed: RoutedWalks,
    missed: Collection[SymbolId] = (),
) -> tuple[Walked, ...]:
    """Return how each line that is told once was walked, and each change that only possibly runs behind an entry point."""
    hits = dispatched(view) if view is not None and view.has_content else None
    found = [_of_line(each, functions, view, hits, missed, _reported(answer, each, routed)) for each in _lines(answer)]
    return (*found, *_of_possible(answer, functions, view, hits, missed))


def dispatched(view: TraceView) -> tuple[tuple[TracedTest, Hit], ...]:
    """Return every way in which a passed test came in through an entry point; an address that no route answers is none."""
    nowhere = {each for each in view.unmapped if each.raw}
    return tuple(
        (test, hit)
        for test in view.map.tests
        if test.outcome == "passed"
        for hit in test.hits
        if hit.entry not in nowhere
    )


def _lines(answer: ImpactAnswer) -> Iterator[CrossCutting]:
    """Yield one line for each symbol that stands around entry points, the one with most of them."""
    seen: set[SymbolId] = set()
    for each in answer.cross_cutting:
        if each.entries_count and each.symbol not in seen:
            seen.add(each.symbol)
            yield each


def _of_line(
    line: CrossCutting,
    functions: Collection[SymbolId],
    view: TraceView | None,
    hits: Sequence[tuple[TracedTest, Hit]] | None,
    missed: Collection[SymbolId],
    reported: Walked | None,
) -> Walked:
    if hits is None or view is None:
        return reported or Walked(entry=line.key, level=None, best=WalkLevel.NOTHING, why=NOT_TRACED)
    wanted = _functions_of(line, functions)
    walked = level_through(line.key, wanted, view, hits, missed) if wanted else _of_module(line, view, hits)
    if line.label not in _SURE and (walked.level or 0) < WalkLevel.DISPATCHED:
        walked = replace(walked, level=None, why="whether it matters to them is not known, and no test walked it")
    if reported is not None and reported.level is not None and (walked.level is None or reported.level > walked.level):
        return reported
    return walked


def _functions_of(line: CrossCutting, functions: Collection[SymbolId]) -> tuple[SymbolId, ...]:
    """Return the changed functions of a line; without any, what stands around stands for them, as a handler does elsewhere."""
    if line.symbol in functions:
        return (line.symbol,)
    inside = tuple(sorted(each for each in functions if each.startswith(f"{line.symbol}.")))
    if inside or line.symbol.endswith(":"):
        return inside
    around = line.way[0].symbol if line.way else ""
    return (around,) if around and not around.endswith(":") else ()


def _of_module(line: CrossCutting, view: TraceView, hits: Sequence[tuple[TracedTest, Hit]]) -> Walked:
    """Return how a file was walked whose own statements changed: they ran before anything else of it could."""
    path = line.symbol.rpartition(":")[0]
    of_file = [symbol for symbol in view.numbers if symbol.rpartition(":")[0] == path]
    if not of_file:
        why = f"no test that passed ran anything of {path}"
        return Walked(entry=line.key, level=WalkLevel.NOTHING, best=WalkLevel.NOTHING, why=why)
    walked = [level_through(line.key, (symbol,), view, hits) for symbol in of_file]
    return max(walked, key=lambda each: each.level or 0)


def _reported(answer: ImpactAnswer, line: CrossCutting, routed: RoutedWalks) -> Walked | None:
    """Return the walk of a started service that passed through a line, where that stands around every route there is."""
    routes = {each.entry.key for each in answer.affected if each.entry.kind == "http"}
    routes |= {f"http {name}" for name, _ in answer.other_routes}
    walks = [each for key, found in sorted(routed.by_entry.items()) if key in routes for each in found]
    if not walks or line.kinds != ("http",) or line.entries_count < len(routes) or line.label not in _SURE:
        return None
    inside = [each for each in walks if each.environment in INTERNAL_ENVIRONMENTS and each.commit]
    level = WalkLevel.INTERNAL if inside else WalkLevel.OUT_OF_PROCESS
    tool = (inside or walks)[0].tool
    return Walked(
        entry=line.key, level=level, best=level, tests=(tool,), why=f"{tool} went through an entry point behind it"
    )


def _of_possible(
    answer: ImpactAnswer,
    functions: Collection[SymbolId],
    view: TraceView | None,
    hits: Sequence[tuple[TracedTest, Hit]] | None,
    missed: Collection[SymbolId],
) -> Iterator[Walked]:
    """Yield what runs behind entry points by guesses alone."""
    judged = {symbol for each in answer.affected if each.label in _SURE for symbol in each.changed}
    judged |= {each.symbol for each in answer.cross_cutting if each.entries_count}
    judged |= {each.symbol for each in answer.changed if each.change in _NOTHING_LEFT}
    waiting: dict[SymbolId, list[AffectedEntry]] = {}
    for each in answer.affected:
        for symbol in (*(each.changed if each.label not in _SURE else ()), *each.possibly):
            if symbol not in judged and symbol.rpartition(".")[0] not in judged:
                waiting.setdefault(symbol, []).append(each)
    for symbol, entries in waiting.items():
        name = f"{symbol}, possibly behind {len(entries)} entry points"
        if view is None or hits is None:
            yield Walked(entry=name, level=None, best=WalkLevel.NOTHING, why=NOT_TRACED)
            continue
        walks = (
            [level_through(name, (symbol,), view, hits, missed)]
            if symbol in functions
            else [
                level_through(name, (each.entry.handler,), view, view.hits.get(each.entry.key, ())) for each in entries
            ]
        )
        best = max(walks, key=lambda each: each.level or 0)
        if (best.level or 0) < WalkLevel.DISPATCHED:
            best = replace(best, level=None, why="whether any of them runs it is not known, and no test walked there")
        yield best
