"""What runs when a registration is hit: the function or method behind names, wrappers, partials and `as_view()`."""

from typing import NamedTuple

from release_harness.steps.evidence.impact.entries.guards import GuardReader
from release_harness.steps.evidence.impact.entries.objects import Objects
from release_harness.steps.evidence.impact.entries.reading import last_name
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.model.impact import Guard, SymbolId

DEPTH_LIMIT = 8


class Handler(NamedTuple):
    """What an expression in the place of a handler stands for."""

    symbol: SymbolId = ""
    """Function, method or class; empty when it is not of this repository or could not be read."""
    receiver: SymbolId = ""
    guards: tuple[Guard, ...] = ()
    """Guards that were wrapped around it where it is registered, from outside to inside."""
    is_class: bool = False
    external: str = ""
    """Dotted name when it comes from a library."""
    as_view: Expr | None = None
    """The call `X.as_view(…)` that it was found in."""
    scope: SymbolId = ""
    """Where the innermost expression is written."""

    @property
    def known(self) -> bool:
        """Whether reading told anything."""
        return bool(self.symbol or self.external)


def handler_of(objects: Objects, guards: GuardReader, scope: SymbolId, expr: Expr | None, line: int) -> Handler:
    """Return what runs; a lambda or partial of nothing known runs the scope that it is written in."""
    return _handler(objects, guards, scope, expr, line, DEPTH_LIMIT)


def _handler(
    objects: Objects, guards: GuardReader, scope: SymbolId, expr: Expr | None, line: int, depth: int
) -> Handler:
    if expr is None or depth == 0:
        return Handler()
    if expr[0] == "m":
        return Handler(scope, scope=scope)
    if expr[0] == "y":
        return Handler(f"{scope.rpartition(':')[0]}:{expr[1]}", scope=scope)
    if expr[0] == "c":
        return _of_call(objects, guards, scope, expr, line, depth)
    found = objects.program.resolve(scope, expr)
    if found.symbol:
        symbol = objects.program.symbol(found.symbol)
        if symbol is not None and symbol.kind != "module":
            return Handler(found.symbol, found.receiver, (), symbol.kind == "class", scope=scope)
    there, value = objects.value(scope, expr)
    if value is not None and value is not expr:
        return _handler(objects, guards, there, value, line, depth - 1)
    return Handler(external=found.external or found.type, scope=scope)


def _of_call(objects: Objects, guards: GuardReader, scope: SymbolId, call: Expr, line: int, depth: int) -> Handler:
    name = last_name(call)
    function = call[1]
    if name in {"as_view", "as_asgi"} and function[0] == "a":
        found = _handler(objects, guards, scope, function[1], line, depth - 1)
        return found._replace(as_view=call, scope=scope)
    if function[0] == "c" and function[2] and not call[2]:
        return Handler()
    called = objects.program.resolve(scope, function)
    if called.symbol and objects.program.class_of(called.symbol) is not None and not call[2]:
        return Handler(called.symbol, "", (), is_class=True, scope=scope)
    for each in call[2]:
        inner = _handler(objects, guards, scope, each, line, depth - 1)
        if inner.known:
            wrapper = function[1] if function[0] == "c" else function
            around = (guards.guard(scope, function, "decorator", line),) if guards.is_guard(scope, wrapper) else ()
            return inner._replace(guards=(*around, *inner.guards))
    if called.symbol:
        made = _returned(objects, called.symbol)
        return Handler(made or called.symbol, scope=scope)
    return Handler(external=called.external or called.type, scope=scope)


def _returned(objects: Objects, function: SymbolId) -> SymbolId:
    """Return the nested function that a factory of handlers gives back, or empty."""
    symbol = objects.program.symbol(function)
    for statement in symbol.body if symbol else ():
        if statement.kind == "return" and statement.value and statement.value[0] == "n":
            nested = f"{function}.<locals>.{statement.value[1]}"
            if objects.program.symbol(nested) is not None:
                return nested
    return ""
