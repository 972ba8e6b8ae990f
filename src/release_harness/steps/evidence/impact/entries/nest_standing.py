"""What stands before a route of NestJS: guards, interceptors, pipes and filters, also behind decorators of the repository."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from release_harness.steps.evidence.impact.entries.call_routes import CHECKS
from release_harness.steps.evidence.impact.entries.reading import last_name, line_of, shown
from release_harness.steps.evidence.impact.expressions import text_of
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.impact.lexical.other_languages import Names
from release_harness.steps.evidence.model.impact import Guard, SymbolId

GUARDS = frozenset({
    "Auth", "Roles", "Public", "Authenticated", "Permissions", "ApiKey", "Authorize", "RequirePermissions",
})  # fmt: skip
"""Decorators of libraries that say in their name that they check."""
WEAK = frozenset({"Public", "AllowAnonymous", "SkipAuth"})
BEFORE = {"UseInterceptors": "interceptor", "UsePipes": "pipe", "UseFilters": "exception filter"}
_MARKS = frozenset({"SetMetadata", "createDecorator"})
STRATEGY = "PassportStrategy"
_OWN_NAMES = {
    "passport-google-oauth20": "google",
    "passport-github2": "github",
    "passport-openidconnect": "openidconnect",
}
_TOGETHER = "applyDecorators"
_DEPTH_LIMIT = 6


class Written(NamedTuple):
    """One decorator of a library, and what stands at the route for it."""

    at_route: Expr
    scope: SymbolId
    """Where `expr` is evaluated."""
    expr: Expr


class Standing(NamedTuple):
    """What stands before something."""

    guards: tuple[Guard, ...] = ()
    marks: tuple[Guard, ...] = ()
    """What a guard asks for, such as a permission: it checks only where some guard stands."""
    around: tuple[tuple[SymbolId, str], ...] = ()
    """(symbol, what it is) of interceptors, pipes and filters."""

    def joined(self, inner: "Standing") -> "Standing":
        """Return this and what stands further inside."""
        return Standing((*self.guards, *inner.guards), (*self.marks, *inner.marks), (*self.around, *inner.around))

    @property
    def checks(self) -> tuple[Guard, ...]:
        """All that checks: what only marks a route counts where something reads the mark."""
        return (*self.guards, *self.marks) if self.guards else self.guards


def standing_of(names: Names, scope: SymbolId, symbol: Symbol) -> Standing:
    """Return what the decorators of a class or a method say."""
    guards: list[Guard] = []
    marks: list[Guard] = []
    around: list[tuple[SymbolId, str]] = []
    for each in written_out(names, outer_of(scope), symbol.decorators):
        word, at_route = last_name(each.expr), last_name(each.at_route)
        line = line_of(each.at_route, symbol.line)
        if word == "UseGuards" and each.expr[0] == "c":
            guards.extend(guard_of(names, each.scope, one, (scope, line), "decorator") for one in each.expr[2])
        elif word in BEFORE and each.expr[0] == "c":
            around.extend((found, BEFORE[word]) for found in symbols_of(names, each.scope, each.expr[2]))
        elif at_route in WEAK or at_route in GUARDS or (word not in _MARKS and word in {*GUARDS, *WEAK}):
            guards.append(guard_of(names, outer_of(scope), each.at_route, (scope, line), "decorator"))
        elif word in _MARKS and CHECKS.search(at_route) and not at_route.startswith(("Allow", "Skip")):
            marks.append(guard_of(names, outer_of(scope), each.at_route, (scope, line), "decorator"))
    return Standing(tuple(guards), tuple(marks), tuple(dict.fromkeys(around)))


def written_out(
    names: Names, scope: SymbolId, decorators: Iterable[Expr], at_route: Expr | None = None, depth: int = 0
) -> Iterator[Written]:
    """Yield decorators with those of the repository replaced by what they put together."""
    for each in decorators:
        found = names.resolve(scope, each[1] if each[0] == "c" else each)
        symbol = names.symbol(found.symbol) if found.symbol else None
        route = at_route or each
        if last_name(each) == _TOGETHER and each[0] == "c":
            yield from written_out(names, scope, each[2], route, depth + 1)
        elif symbol is not None and symbol.kind == "function" and depth < _DEPTH_LIMIT:
            given = [one.value for one in symbol.body if one.kind == "return" and one.value is not None]
            inner = list(written_out(names, found.symbol, given, route, depth + 1))
            yield from inner or [Written(route, scope, each)]
        else:
            yield Written(route, scope, _made_by(names, found.symbol) or each)


def _made_by(names: Names, symbol: SymbolId) -> Expr | None:
    """Return the call that makes a decorator which is kept in a variable: `Reflector.createDecorator()`."""
    path, _, name = symbol.rpartition(":")
    scope = names.scope(f"{path}:") if symbol and "." not in name else None
    bound = scope.bound.get(name) if scope is not None else None
    value = bound.statement.value if bound is not None and bound.statement is not None else None
    return value if value is not None and last_name(value) in _MARKS else None


def symbols_of(names: Names, scope: SymbolId, given: Sequence[Expr]) -> list[SymbolId]:
    """Return what of the repository is named, as a class or as an instance of it."""
    found = []
    for each in given:
        symbol = names.resolve(scope, callee(each)).symbol
        if names.is_class(symbol) or names.symbol(symbol) is not None:
            found.append(symbol)
    return found


def guard_of(names: Names, scope: SymbolId, expr: Expr, place: tuple[SymbolId, int], source: str) -> Guard:
    """Return one guard; `place` is where the route or the setting is written."""
    found = names.resolve(scope, callee(expr))
    return Guard(
        name=shown(expr),
        source=source,
        symbol=found.symbol or found.external,
        path=place[0].rpartition(":")[0],
        line=place[1],
        weak=last_name(expr) in WEAK,
    )


def strategy_name(names: Names, owner: SymbolId) -> str:
    """Return the name that guards call a strategy of Passport by: what the class says, else that of its library."""
    symbol = names.symbol(owner)
    base = next((each for each in symbol.bases if last_name(each) == STRATEGY), None) if symbol is not None else None
    if base is None or base[0] != "c" or not base[2]:
        return ""
    if len(base[2]) > 1:
        return text_of(base[2][1]) or names.resolve(outer_of(owner), base[2][1]).text
    library = names.resolve(outer_of(owner), base[2][0]).external.rpartition(".")[0]
    return _OWN_NAMES.get(library, library.rpartition("/")[2].removeprefix("passport-"))


def callee(expr: Expr) -> Expr:
    """Return what is called in the end: `Guard` for `new Guard(…)` and for `Guard`."""
    while expr[0] == "c":
        expr = expr[1]
    return expr


def outer_of(scope: SymbolId) -> SymbolId:
    """Return the module of a scope, in which decorators are evaluated."""
    return scope.rpartition(":")[0] + ":"
