"""What runs when a registration is hit: the function or method behind names, wrappers, partials and `as_view()`."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from release_harness.steps.evidence.impact.entries.conditions import alternatives
from release_harness.steps.evidence.impact.entries.guards import GuardReader
from release_harness.steps.evidence.impact.entries.objects import Objects
from release_harness.steps.evidence.impact.entries.reading import last_name
from release_harness.steps.evidence.impact.expressions import walk
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
    arms = alternatives(expr)
    if len(arms) > 1:
        return _of_arms([(when, _handler(objects, guards, scope, arm, line, depth - 1)) for arm, when in arms])
    found = objects.program.resolve(scope, expr)
    if found.symbol:
        symbol = objects.program.symbol(found.symbol)
        if symbol is not None and symbol.kind != "module":
            wrapped = tuple(_wrapped_later(objects, guards, found.symbol))
            return Handler(found.symbol, found.receiver, wrapped, symbol.kind == "class", scope=scope)
    there, value = objects.value(scope, expr)
    if value is not None and value is not expr:
        return _handler(objects, guards, there, value, line, depth - 1)
    several = _set_in_several(objects, guards, scope, expr, depth)
    return several or Handler(external=found.external or found.type, scope=scope)


def _of_arms(arms: Sequence[tuple[str, Handler]]) -> Handler:
    """Return the handler of several branches; a guard that does not stand in all of them has the condition of its own."""
    known = [(when, each) for when, each in arms if each.known]
    if not known or len({each.symbol or each.external for _, each in known}) > 1:
        return Handler()
    held = [{_identity(guard) for guard in each.guards} for _, each in known]
    everywhere = set.intersection(*held) if len(known) == len(arms) else set()
    found: dict[tuple[str, str], Guard] = {}
    for when, each in known:
        for guard in each.guards:
            own = "" if _identity(guard) in everywhere else when
            found.setdefault((_identity(guard), own), replace(guard, when=guard.when or own))
    return known[0][1]._replace(guards=tuple(found.values()))


def _identity(guard: Guard) -> str:
    return guard.symbol or guard.name


def _wrapped_later(objects: Objects, guards: GuardReader, function: SymbolId) -> Iterator[Guard]:
    """Yield the guards that later statements wrap around a function under its own name: `view = login_required(view)`."""
    scope = guards.scope_around(function)
    name = function.rpartition(":")[2].rpartition(".")[2]
    for each in objects.definitions(function):
        if each.expr[0] in {"c", "b"} and not each.how:
            for arm, own in alternatives(each.expr):
                when = " and ".join(text for text in (guards.conditions.text_of(each), own) if text)
                yield from _around(guards, scope, arm, name, each.line, when)


def _around(
    guards: GuardReader, scope: SymbolId, expr: Expr, name: str, line: int, when: str, depth: int = 0
) -> Iterator[Guard]:
    """Yield what is called around a name, from outside to inside."""
    if expr[0] != "c" or depth > DEPTH_LIMIT or not any(each == ["n", name] for each in walk(expr)):
        return
    wrapper = expr[1][1] if expr[1][0] == "c" else expr[1]
    if guards.is_guard(scope, wrapper):
        yield guards.guard(scope, expr[1], "decorator", line, when=when)
    for given in expr[2]:
        yield from _around(guards, scope, given, name, line, when, depth + 1)


def _set_in_several(objects: Objects, guards: GuardReader, scope: SymbolId, expr: Expr, depth: int) -> Handler | None:
    """Return what a variable stands for that several statements set; a statement that wraps the variable itself adds guards."""
    name = objects.name_of(scope, expr)
    found = objects.definitions(name) if name else []
    last = name.rpartition(":")[2].rpartition(".")[2]
    wraps = [each for each in found if any(inner == ["n", last] for inner in walk(each.expr))]
    sets = [each for each in found if each not in wraps]
    if not sets or len(found) < 2 or any(each.how for each in found):  # noqa: PLR2004 - one is followed
        return None
    text_of = guards.conditions.text_of
    arms = [(text_of(each), _handler(objects, guards, each.scope, each.expr, each.line, depth - 1)) for each in sets]
    made = _of_arms(arms)
    more = [
        guard
        for each in wraps
        for arm, own in alternatives(each.expr)
        for when in [" and ".join(text for text in (text_of(each), own) if text)]
        for guard in _around(guards, each.scope, arm, last, each.line, when)
    ]
    return made._replace(guards=(*reversed(more), *made.guards)) if made.known else None


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
            around: tuple[Guard, ...] = (
                (guards.guard(scope, function, "decorator", line),) if guards.is_guard(scope, wrapper) else ()
            )
            if not around and function[0] == "c":
                around = tuple(guards.guards(scope, function, "decorator", line))
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
