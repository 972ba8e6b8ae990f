"""What runs when a handler of Go is asked: behind conversions, middleware that wraps one handler, variables and makers."""

from typing import NamedTuple

from release_harness.steps.evidence.impact.entries.routers import owner_of
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.impact.lexical.other_languages import Names
from release_harness.steps.evidence.model.impact import SymbolId

_HTTP: Expr = ["n", "http"]
HANDLERS: tuple[Expr, ...] = (["a", _HTTP, "Handler"], ["a", _HTTP, "HandlerFunc"])
"""How a handler is typed."""
FUNCTION: Expr = ["n", "func"]
"""How the type of a function is named among facts: `["i", FUNCTION, ["l", [arguments and results]]]`."""
_PASSING = {
    "net/http.HandlerFunc": 0,
    "net/http.Handler": 0,
    "net/http.StripPrefix": 1,
    "net/http.TimeoutHandler": 0,
    "net/http.MaxBytesHandler": 0,
    "net/http.AllowQuerySemicolons": 0,
}
"""Functions of the library that hand a request on, and which argument they hand it to."""
TAKING = frozenset({
    *_PASSING, "net/http.ListenAndServe", "net/http.ListenAndServeTLS", "net/http.Serve", "net/http.ServeTLS",
})  # fmt: skip
"""All of the library that takes a handler; what another library does with one is not known."""
_DEPTH_LIMIT = 8


class Wrapped(NamedTuple):
    """A call that gives a handler around another."""

    by: Expr
    """What wraps; None-like `["o"]` for what only converts."""
    inner: Expr


def wrapped(names: Names, scope: SymbolId, call: Expr) -> Wrapped | None:
    """Return what a call wraps, or None when it is no call that takes one handler and gives one back."""
    if call[0] != "c" or not call[2]:
        return None
    found = names.resolve(scope, call[1])
    if found.external:
        position = _PASSING.get(found.external)
        known = position is not None and position < len(call[2])
        return Wrapped(["o"], call[2][position or 0]) if known else None
    if call[1][0] == "c":
        maker = _function(names, names.resolve(scope, call[1][1]).symbol)
        curried = maker is not None and maker.returns is not None and _is_middleware(maker.returns)
        return Wrapped(call[1], call[2][0]) if curried and len(call[2]) == 1 else None
    symbol = _function(names, found.symbol)
    if symbol is None or symbol.returns not in HANDLERS:
        return None
    given = [each.annotation for each in symbol.parameters if each.kind == "positional"]
    at = [position for position, each in enumerate(given) if each in HANDLERS]
    return Wrapped(call[1], call[2][at[0]]) if len(at) == 1 and at[0] < len(call[2]) else None


def _is_middleware(returns: Expr) -> bool:
    """Tell whether a type is that of a function from one handler to another."""
    if returns[0] != "i" or returns[1] != FUNCTION:
        return False
    parts = returns[2][1]
    return len(parts) == 2 and all(each in HANDLERS for each in parts)  # noqa: PLR2004 - what it takes and what it gives


class Running(NamedTuple):
    """What runs when a handler is asked."""

    symbol: SymbolId
    """The function; empty when it cannot be told."""
    makers: tuple[tuple[str, int], ...] = ()
    """Path and line of what gives it back: who makes a handler does not run it."""


_NOTHING = Running("")


def running(names: Names, scope: SymbolId, expr: Expr | None, depth: int = 0) -> Running:
    """Return the function that runs behind an expression, and where it was given back on the way."""
    if expr is None or depth > _DEPTH_LIMIT:
        return _NOTHING
    if expr[0] == "y":
        return Running(f"{scope.rpartition(':')[0]}:{expr[1]}")
    if expr[0] == "c":
        inner = wrapped(names, scope, expr)
        return running(names, scope, inner.inner, depth + 1) if inner is not None else _made(names, scope, expr, depth)
    if expr[0] not in {"n", "a"}:
        return _NOTHING
    found = names.resolve(scope, expr)
    if _function(names, found.symbol) is not None:
        return Running(found.symbol)
    typed = _of_type(names, found.type)
    return Running(typed) if typed else _of_variable(names, found.symbol, depth)


def _made(names: Names, scope: SymbolId, call: Expr, depth: int) -> Running:
    """Return the handler that a function gives back; the function itself when its returns do not tell."""
    found = names.resolve(scope, call[1])
    symbol = _function(names, found.symbol)
    if symbol is None:
        return Running(_of_type(names, found.symbol))
    for each in symbol.body:
        inner = running(names, found.symbol, each.value, depth + 1) if each.kind == "return" else _NOTHING
        if inner.symbol:
            return Running(inner.symbol, (*inner.makers, (found.symbol.rpartition(":")[0], each.line)))
    return Running(found.symbol)


def _of_type(names: Names, owner: SymbolId) -> SymbolId:
    """Return the method by which a value of a type handles requests."""
    found = names.find_member(owner, "ServeHTTP") if ":" in owner else ""
    return f"{found}.ServeHTTP" if found else ""


def _of_variable(names: Names, symbol: SymbolId, depth: int) -> Running:
    owner, name = owner_of(symbol) if symbol else ("", "")
    scope = names.scope(owner) if owner else None
    bound = scope.bound.get(name) if scope is not None else None
    value = bound.statement.value if bound is not None and bound.statement is not None else None
    return running(names, owner, value, depth + 1)


def _function(names: Names, symbol: SymbolId) -> Symbol | None:
    found = names.symbol(symbol) if symbol else None
    return found if found is not None and found.kind == "function" else None
