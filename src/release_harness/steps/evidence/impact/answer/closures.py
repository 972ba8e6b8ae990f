"""Handlers that are written inside a function and use what it has made: a change of that function is a change of theirs."""

from collections.abc import Iterator

from release_harness.steps.evidence.impact.entries.contract import ProgramView
from release_harness.steps.evidence.impact.entries.definitions import binds
from release_harness.steps.evidence.impact.expressions import walk
from release_harness.steps.evidence.impact.facts import Symbol
from release_harness.steps.evidence.model.impact import SymbolId

_INSIDE = ".<locals>."


def makers_of(program: ProgramView, handler: SymbolId) -> tuple[SymbolId, ...]:
    """Return the functions around a handler whose variables it uses, the nearest first."""
    symbol = program.symbol(handler) if _INSIDE in handler else None
    if symbol is None:
        return ()
    free = {name for name in _names(symbol) if not binds(symbol, name)}
    found = []
    for outer in _outer(handler):
        around = program.symbol(outer)
        used = {name for name in free if around is not None and binds(around, name)}
        if used:
            found.append(outer)
            free -= used
    return tuple(found)


def _outer(symbol: SymbolId) -> Iterator[SymbolId]:
    while _INSIDE in symbol:
        symbol = symbol.rpartition(_INSIDE)[0]
        yield symbol


def _names(symbol: Symbol) -> set[str]:
    """Return the names that the body of a function says; what its decorators say is used once, when it is defined."""
    expressions = [expr for each in symbol.body for expr in (each.value, each.target)]
    return {str(each[1]) for expr in expressions for each in walk(expr) if each[0] == "n"}
