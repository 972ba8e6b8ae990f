"""Functions of the repository that put their parameter into a table: who reads the table then uses what was handed in."""

from collections.abc import Iterator

from release_harness.steps.evidence.impact.facts import Expr, Symbol
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
        # Its header, and what it stores.
        resolver.read += [f"{file.path}:{each.symbol.qualname}", f"{file.path}:{each.symbol.qualname}^"]
        tables = [_variable(resolver, each, table) for table, stored in puts(each.symbol) if stored in names]
        found.extend(table for table in tables if table)
    return tuple(dict.fromkeys(found))


def puts(symbol: Symbol) -> Iterator[tuple[Expr, str]]:
    """Yield (table, name) of every statement that puts a name into something: `TABLE[key] = it`, `TABLE.append(it)`."""
    for statement in symbol.body:
        value, target = statement.value, statement.target
        if value is None:
            continue
        if statement.kind == "set" and target is not None and target[0] == "i" and value[0] == "n":
            yield target[1], value[1]
        elif statement.kind == "do" and value[0] == "c" and value[1][0] == "a" and value[1][2] in _ADDING:
            for each in value[2]:
                if each[0] == "n":
                    yield value[1][1], each[1]


def _variable(resolver: Core, scope: Scope, expr: Expr) -> str:
    """Return the variable of a module or class that an expression names; empty for anything local."""
    value = resolver.evaluate(scope, expr)
    symbol = value.through or value.symbol
    local = ".<locals>." in symbol or symbol.endswith(":")
    return "" if local or not symbol or resolver.kind(symbol) != "variable" else symbol
