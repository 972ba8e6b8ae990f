"""Functions of the repository that put their parameter into a table: who reads the table then uses what was handed in."""

from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.impact.link import reasons
from release_harness.steps.evidence.impact.link.bindings import Scope
from release_harness.steps.evidence.impact.link.core import Core

_ADDING = frozenset({"append", "add", "insert", "setdefault", "register", "appendleft"})


def tables_of(resolver: Core, function: str) -> tuple[str, ...]:
    """Return the variables of modules or classes into which a function puts one of its parameters."""
    found: tuple[str, ...] = resolver.ask(
        resolver.answers, ("tables", function), _read, resolver, function, otherwise=()
    )
    return found


def reason_of_table(resolver: Core, symbol: str) -> int:
    """Return why a table leads to what was put into it: of its classes a reader takes one, and runs it by what it then calls."""
    return reasons.HELD if resolver.kind(symbol) == "class" else reasons.ASSIGNED


def _read(resolver: Core, function: str) -> tuple[str, ...]:
    place = resolver.place(function)
    if place is None or place[1].is_class or not place[1].symbol.qualname:
        return ()
    file, scope = place
    found: list[str] = []
    names = {each.name for each in scope.symbol.parameters}
    scopes = [scope]
    for child in file.children.get(scope.symbol.qualname, ()):
        if child.kind != "class" and child.parameters:
            inner = file.scope_of(child)
            scopes.append(inner)
            names |= {each.name for each in child.parameters}
    for each in scopes:
        resolver.read.append(each.body_key)
        found.extend(_stored(resolver, each, names))
    return tuple(dict.fromkeys(found))


def _stored(resolver: Core, scope: Scope, names: set[str]) -> list[str]:
    """Return the tables that the statements of a scope put a parameter into: `TABLE[key] = it`, `TABLE.append(it)`."""
    found = []
    for statement in scope.symbol.body:
        value, target = statement.value, statement.target
        if statement.kind == "set" and target is not None and target[0] == "i" and _is_one(value, names):
            found.append(_variable(resolver, scope, target[1]))
        elif statement.kind == "do" and value is not None and _adds(value, names):
            found.append(_variable(resolver, scope, value[1][1]))
    return [each for each in found if each]


def _adds(call: Expr, names: set[str]) -> bool:
    """Tell whether it is `TABLE.append(it)` or the like."""
    if call[0] != "c" or call[1][0] != "a" or call[1][2] not in _ADDING:
        return False
    return any(_is_one(each, names) for each in call[2])


def _is_one(value: Expr | None, names: set[str]) -> bool:
    return value is not None and value[0] == "n" and value[1] in names


def _variable(resolver: Core, scope: Scope, expr: Expr) -> str:
    """Return the variable of a module or class that an expression names; empty for anything local."""
    value = resolver.evaluate(scope, expr)
    symbol = value.through or value.symbol
    local = ".<locals>." in symbol or symbol.endswith(":")
    return "" if local or not symbol or resolver.kind(symbol) != "variable" else symbol
