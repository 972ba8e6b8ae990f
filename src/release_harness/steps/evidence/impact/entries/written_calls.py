"""Calls as somebody wrote them: the function behind wrappers, and the rows of a loop that registers."""

from collections.abc import Iterator

from release_harness.steps.evidence.impact.entries.routers import (
    owner_of,
)
from release_harness.steps.evidence.impact.expressions import items_of, walk
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.impact.lexical.other_languages import Names
from release_harness.steps.evidence.model.impact import SymbolId


def candidates(expr: Expr | None) -> Iterator[Expr]:
    """Yield what may be the handler: the function itself, `x` of `x.bind(y)`, then what wrappers are given."""
    if expr is None:
        return
    if expr[0] == "c":
        function = expr[1]
        if function[0] == "a" and function[2] in {"bind", "call"}:
            yield from candidates(function[1])
            return
        for each in [*reversed(expr[2]), *expr[3].values()]:
            yield from candidates(each)
        yield function
    elif expr[0] in {"y", "n", "a"}:
        yield expr
    elif expr[0] == "l":
        for each in reversed(expr[1]):
            yield from candidates(each)


def unrolled(names: Names, scope: SymbolId, call: Expr) -> Iterator[Expr]:
    """Yield a call once for each item of the literal list that its loop variable runs over."""
    variable = next((each[1] for each in call[2] if each[0] == "a" and each[1][0] == "n"), None)
    if variable is None:
        yield call
        return
    rows = loop_rows(names, scope, str(variable[1]))
    if not rows:
        yield call
        return
    for row in rows:
        arguments = [row.get(each[2], each) if each[0] == "a" and each[1] == variable else each for each in call[2]]
        yield ["c", call[1], arguments, call[3], call[4]]


def loop_rows(names: Names, scope: SymbolId, variable: str) -> list[dict[str, Expr]]:
    """Return the dictionaries that a loop variable takes: of `for (const x of rows)` and of `rows.forEach(x => …)`."""
    path, _, qualname = scope.rpartition(":")
    place = names.scope(scope)
    bound = place.bound.get(variable) if place is not None else None
    if bound is None or place is None:
        return []
    source: Expr | None = None
    if bound.statement is not None and bound.statement.how == "for":
        source = bound.statement.value
    elif bound.parameter is not None and place.outer is not None:
        source = iterated(place.outer.symbol, qualname)
        scope = f"{path}:{place.outer.symbol.qualname}"
    if source is not None and source[0] == "n":
        found = names.resolve(scope, source)
        owner, name = owner_of(found.symbol) if found.symbol else ("", "")
        there = names.scope(owner) if owner.rpartition(":")[0] == path else None
        known = there.bound.get(name) if there is not None else None
        source = known.statement.value if known is not None and known.statement is not None else None
    return [
        {key[1]: value for key, value in each[1] if key is not None and key[0] == "s"}
        for each in items_of(source) or ()
        if each[0] == "d"
    ]


def iterated(outer: Symbol, qualname: str) -> Expr | None:
    """Return `rows` of `rows.forEach(function)`."""
    for statement in outer.body:
        for each in walk(statement.value):
            if each[0] == "c" and each[1][0] == "a" and each[1][2] in {"forEach", "map"} and ["y", qualname] in each[2]:
                base: Expr = each[1][1]
                return base
    return None
