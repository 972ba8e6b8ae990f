"""What one NestJS application says for all of its routes: prefix, versions, and what stands before, around and after them."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from release_harness.steps.evidence.impact.entries.contract import Registration
from release_harness.steps.evidence.impact.entries.reading import last_name
from release_harness.steps.evidence.impact.expressions import items_of, text_of, walk
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.impact.lexical.other_languages import Names
from release_harness.steps.evidence.model.impact import SymbolId

GLOBALS = {
    "useGlobalGuards": "guard",
    "useGlobalInterceptors": "interceptor",
    "useGlobalPipes": "pipe",
    "useGlobalFilters": "exception filter",
}
PROVIDED = {
    "APP_GUARD": "guard",
    "APP_INTERCEPTOR": "interceptor",
    "APP_PIPE": "pipe",
    "APP_FILTER": "exception filter",
}
WORDS = frozenset({*GLOBALS, "setGlobalPrefix", "enableVersioning", "apply"})
"""Calls that are noted as they are; of middleware the whole chain around `apply` is."""
_CHAIN = frozenset({"apply", "exclude", "forRoutes"})
_WILD = re.compile(r"\{?/?\*\w*\}?|\(\.\*\)")
_NAMED = re.compile(r":\w+|\{\w+\}")


class Place(NamedTuple):
    """Where an expression is written."""

    scope: SymbolId
    expr: Expr
    line: int


class Middleware(NamedTuple):
    """What one `consumer.apply(…).exclude(…).forRoutes(…)` says."""

    given: tuple[Place, ...]
    routes: tuple[Place, ...]
    """Empty when it is not told for which."""
    excluded: tuple[Place, ...]


class Versions(NamedTuple):
    """How versions of routes are told apart."""

    in_path: bool
    sign: str
    default: Place | None


class Settings(NamedTuple):
    """All of it."""

    prefix: str
    unprefixed: tuple[str, ...]
    """Patterns of paths that have no prefix."""
    versions: Versions
    globally: tuple[tuple[str, Place, str], ...]
    """(what it is, where it is written, `hook` or `settings`): guards, interceptors, pipes and filters of everything."""
    middleware: tuple[Middleware, ...]


def settings_calls(value: Expr | None, *, configures: bool) -> Iterator[tuple[str, Expr]]:
    """Yield (word, call) of every setting in an expression; a chain around `apply` once, as a whole.

    Every function has an `apply` too: what names no routes counts only in the method that configures middleware.
    """
    inside: list[Expr] = []
    for each in walk(value):
        if each[0] != "c" or each in inside:
            continue
        word = last_name(each)
        if word in _CHAIN and each[1][0] == "a":
            chain = _chain(each)
            if "apply" in chain and (configures or "forRoutes" in chain):
                inside.extend(chain.values())
                yield "apply", each
        elif word in WORDS and word != "apply":
            yield word, each


def _chain(call: Expr) -> dict[str, Expr]:
    """Return the calls of one chain by their names."""
    found: dict[str, Expr] = {}
    while call[0] == "c" and call[1][0] == "a":
        found[str(call[1][2])] = call
        call = call[1][1]
    return found


def settings_of(names: Names, found: Sequence[Registration]) -> Settings:
    """Read the settings of an application."""
    prefix = ""
    unprefixed: tuple[str, ...] = ()
    versions = Versions(in_path=True, sign="v", default=None)
    globally: list[tuple[str, Place, str]] = []
    middleware: list[Middleware] = []
    for each in found:
        if each.kind == "module":
            globally.extend(_provided(names, each))
        if each.kind != "setting":
            continue
        call, word = each.data["call"], each.data["word"]
        if word == "setGlobalPrefix" and call[2]:
            prefix, unprefixed = _prefix(names, each.scope, call)
        elif word == "enableVersioning":
            versions = _versions(each.scope, call)
        elif word in GLOBALS:
            globally.extend((GLOBALS[word], Place(each.scope, one, each.line), "hook") for one in call[2])
        elif word == "apply":
            middleware.append(_middleware(each.scope, call))
    return Settings(prefix, unprefixed, versions, tuple(globally), tuple(middleware))


def options_of(expr: Expr | None) -> dict[str, Expr]:
    """Return the named values of an object that is written out."""
    return {key[1]: value for key, value in expr[1] if key and key[0] == "s"} if expr and expr[0] == "d" else {}


def _prefix(names: Names, scope: SymbolId, call: Expr) -> tuple[str, tuple[str, ...]]:
    told = _text(names, scope, call[2][0])
    options = options_of(call[2][1]) if len(call[2]) > 1 else {}
    left_out = [
        _text(names, scope, options_of(each).get("path", each)) for each in items_of(options.get("exclude")) or ()
    ]
    return told or "{prefix}", tuple(each for each in left_out if each)


def _text(names: Names, scope: SymbolId, expr: Expr) -> str:
    """Return a text as far as it is told, also by the name of a constant; empty when a part of it is computed."""
    if expr[0] == "f":
        parts = [_text(names, scope, each) for each in expr[1]]
        return "".join(parts) if all(parts) else ""
    return text_of(expr) or names.resolve(scope, expr).text


def _versions(scope: SymbolId, call: Expr) -> Versions:
    options = options_of(call[2][0]) if call[2] else {}
    kind = last_name(options.get("type"))
    sign = text_of(options.get("prefix"))
    if options.get("prefix") == ["k", False]:
        sign = ""
    default = options.get("defaultVersion")
    return Versions(
        in_path=kind in {"", "URI"},
        sign="v" if sign is None else sign,
        default=None if default is None else Place(scope, default, call[4]),
    )


def _provided(names: Names, module: Registration) -> Iterator[tuple[str, Place, str]]:
    """Yield what a module provides for everything, such as `{ provide: APP_GUARD, useClass: … }`."""
    symbol = names.symbol(module.scope)
    for decorator in symbol.decorators if symbol is not None else ():
        for each in walk(decorator):
            pairs = options_of(each)
            what = PROVIDED.get(last_name(pairs.get("provide")))
            made = next((pairs[key] for key in ("useClass", "useExisting", "useFactory") if key in pairs), None)
            if what and made is not None:
                yield what, Place(module.scope.rpartition(":")[0] + ":", made, module.line), "settings"


def _middleware(scope: SymbolId, call: Expr) -> Middleware:
    chain = _chain(call)

    def places(word: str) -> tuple[Place, ...]:
        found = chain.get(word)
        return tuple(Place(scope, each, found[4]) for each in found[2]) if found is not None else ()

    return Middleware(places("apply"), places("forRoutes"), places("exclude"))


def matches(pattern: str, path: str, *, whole: bool) -> bool:
    """Tell whether a pattern of a path stands for a route; `whole` is False where all below it is meant too.

    The pattern comes from the repository, so it is followed by sets of places, in time that grows with pattern times path.
    """
    plain, address = pattern.strip("/"), path.strip("/")
    if plain in {"*", "(.*)"}:
        return True
    places = {0}
    for index, part in enumerate(_WILD.split(plain)):
        if index and places:
            places = set(range(min(places), len(address) + 1))
        for sign in _NAMED.sub(":", part):
            places = _past(sign, places, address)
    return any(each == len(address) or (not whole and address[each] == "/") for each in places)


def _past(sign: str, places: set[int], address: str) -> set[int]:
    """Return the places that one character of a pattern leads to; a colon stands for what is between two slashes."""
    if sign != ":":
        return {each + 1 for each in places if address[each : each + 1] == sign}
    found: set[int] = set()
    within = False
    for place, character in enumerate(address):
        within = (within or place in places) and character != "/"
        if within:
            found.add(place + 1)
    return found


def stands_before(names: Names, middleware: Middleware, owner: SymbolId, verb: str, path: str) -> bool | None:
    """Tell whether middleware stands before a route; None when it is not told for which routes it does."""
    if any(_is_meant(names, each, owner, verb, path) for each in middleware.excluded):
        return False
    answers = {_is_meant(names, each, owner, verb, path) for each in middleware.routes} or {None}
    return True if True in answers else None if None in answers else False


def _is_meant(names: Names, place: Place, owner: SymbolId, verb: str, path: str) -> bool | None:
    expr = place.expr
    options = options_of(expr)
    method = last_name(options.get("method"))
    text = _text(names, place.scope, options.get("path", expr))
    if text:
        return method in {"", "ALL", verb} and matches(text, path, whole=bool(method) and method != "ALL")
    found = names.resolve(place.scope, expr).symbol
    return found == owner if found and names.is_class(found) else None
