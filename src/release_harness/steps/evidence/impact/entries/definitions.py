"""What a statement gives to a name."""

from typing import Any, NamedTuple

from release_harness.steps.evidence.impact.expressions import items_of
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.model.impact import SymbolId


class Definition(NamedTuple):
    """What a variable is set to."""

    scope: SymbolId
    expr: Expr
    how: str
    line: int
    under: int = -1
    """Index of the condition of its scope that it stands under; -1 for none."""


def binds(symbol: Symbol, name: str) -> bool:
    """Tell whether a function binds a name itself: as a parameter or by giving it a value."""
    if any(each.name == name for each in symbol.parameters):
        return True
    return any(each.kind == "set" and definition_of("", each, name) is not None for each in symbol.body)


def definition_of(scope: SymbolId, statement: Any, name: str) -> Definition | None:
    """Return what a statement gives to a name, or None when it gives it nothing."""
    if statement.kind != "set" or statement.value is None or statement.target is None:
        return None
    target = statement.target
    if target[0] == "n" and target[1] == name:
        return Definition(scope, statement.value, statement.how, statement.line, statement.under)
    position = next((at for at, each in enumerate(items_of(target) or ()) if each == ["n", name]), -1)
    if position < 0:
        return None
    return _unpacked(scope, statement, position)


def _unpacked(scope: SymbolId, statement: Any, position: int) -> Definition | None:
    values = items_of(statement.value)
    if values is None:
        return Definition(scope, ["o"], statement.how, statement.line, statement.under)
    if statement.how == "for":
        columns = [items_of(each) for each in values]
        if any(each is None or len(each) <= position for each in columns):
            return Definition(scope, ["o"], statement.how, statement.line, statement.under)
        return Definition(
            scope, ["l", [each[position] for each in columns if each]], "for", statement.line, statement.under
        )
    if len(values) <= position:
        return None
    return Definition(scope, values[position], statement.how, statement.line, statement.under)
