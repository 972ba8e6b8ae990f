"""Functions of the repository that pass their parameters on to a framework: they register too."""

import re
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from release_harness.steps.evidence.impact.entries.contract import FileView, Registration
from release_harness.steps.evidence.impact.entries.objects import Objects
from release_harness.steps.evidence.impact.entries.reading import index_of, last_name, outer_qualname
from release_harness.steps.evidence.impact.expressions import is_call, text_of, walk
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.model.impact import SymbolId

CANDIDATE = "candidate"
NAMES = re.compile(
    r"add|register|route|mount|expose|bind|connect|install|attach|url|endpoint|handle|view|resource|rule|api|page"
    r"|^(get|post|put|patch|delete)$",
    re.IGNORECASE,
)
DEPTH_LIMIT = 4


class Expanded(NamedTuple):
    """A call of a framework as it happens inside a wrapper, with the arguments of the wrapper's caller put in."""

    call: Expr
    scope: SymbolId
    """Where the arguments are written."""
    base_scope: SymbolId
    """Where what it is called on is written: the caller when it was handed in, else the wrapper."""
    whole: bool
    """False when the wrapper changes the arguments on the way."""


def candidates(file: FileView, framework: str, known: Collection[str]) -> Iterator[Registration]:
    """Yield calls and decorators with a URL-like text that lead to functions of the repository and may be wrappers."""
    index = index_of(file.facts)
    for name in index.calls.keys() - set(known):
        if not NAMES.search(name):
            continue
        for site in index.calls[name]:
            if any(_is_url(each) for each in site.call[2]) or any(_is_url(each) for each in site.call[3].values()):
                function = file.resolve(site.scope, site.call[1])
                if function.symbol:
                    data: dict[str, Any] = {"call": site.call, "function": function.symbol, "name": name}
                    yield Registration(framework, CANDIDATE, file.id_of(site.scope), site.call[4], data)
    for name in index.decorations.keys() - set(known):
        for each in index.decorations[name]:
            if is_call(each.expr) and any(_is_url(given) for given in each.expr[2]):
                function = file.resolve(each.around, each.expr[1])
                if function.symbol:
                    data = {"call": each.expr, "function": function.symbol, "name": name}
                    data |= {"handler": file.id_of(each.symbol), "position": each.position}
                    yield Registration(framework, CANDIDATE, file.id_of(each.around), each.expr[4], data)


def _is_url(expr: Expr) -> bool:
    text = text_of(expr)
    if expr[0] == "f" and expr[1]:
        text = text_of(expr[1][0]) or (text_of(expr[1][1]) if len(expr[1]) > 1 else None)
    return text is not None and text.startswith(("/", "^/", r"^\/"))


def expand(
    objects: Objects, registration: Registration, registrars: Collection[str], depth: int = DEPTH_LIMIT
) -> Iterator[Expanded]:
    """Yield the framework calls that a candidate makes through its wrapper, wrappers of wrappers too."""
    yield from _expand(
        objects, registration.data["function"], registration.data["call"], registration.scope, registrars, depth
    )


def _expand(
    objects: Objects, function: SymbolId, call: Expr, scope: SymbolId, registrars: Collection[str], depth: int
) -> Iterator[Expanded]:
    symbol = objects.program.symbol(function)
    if symbol is None or symbol.kind not in {"function", "async"} or depth == 0:
        return
    bound = _bindings(symbol, call)
    if bound is None:
        return
    changed = {
        each.target[1] for each in symbol.body if each.kind == "set" and each.target and each.target[0] == "n"
    } & bound.keys()
    for inner in _calls_of(objects, function, symbol):
        name = last_name(inner)
        mentioned = {each[1] for given in _arguments(inner) for each in walk(given) if each[0] == "n"} & bound.keys()
        if not mentioned:
            continue
        if name in registrars and inner[1][0] == "a":
            made = _substituted(inner, bound)
            base_names = {each[1] for each in walk(inner[1]) if each[0] == "n"}
            handed = bool(base_names & bound.keys())
            yield Expanded(made, scope, scope if handed else function, not (mentioned & changed))
            continue
        called = objects.program.resolve(function, inner[1])
        if called.symbol and called.symbol != function:
            yield from _expand(objects, called.symbol, _substituted(inner, bound), scope, registrars, depth - 1)


def _calls_of(objects: Objects, function: SymbolId, symbol: Symbol) -> Iterator[Expr]:
    """Yield the calls of a function and of those written inside it, which hold what a decorator factory does."""
    path = function.rpartition(":")[0]
    view = objects.program.view(path)
    inside = f"{symbol.qualname}.<locals>."
    for each in view.facts.symbols if view else (symbol,):
        if each.qualname == symbol.qualname or each.qualname.startswith(inside):
            for statement in each.body:
                yield from (expr for expr in walk(statement.value) if expr[0] == "c")


def _arguments(call: Expr) -> list[Expr]:
    return [*call[2], *call[3].values()]


def _bindings(symbol: Symbol, call: Expr) -> dict[str, Expr] | None:
    """Return what each parameter of a wrapper is given; None when the call hands over a computed list."""
    if any(each[0] == "*" for each in call[2]):
        return None
    names = [each.name for each in symbol.parameters if each.kind == "positional"]
    bound: dict[str, Expr] = {each.name: each.default for each in symbol.parameters if each.default is not None}
    given = list(call[2])
    if names and names[0] in {"self", "cls"}:
        bound[names[0]] = call[1][1] if call[1][0] == "a" else ["o"]
        names = names[1:]
    bound.update(zip(names, given, strict=False))
    rest = next((each.name for each in symbol.parameters if each.kind == "args"), "")
    if rest:
        bound[rest] = ["l", given[len(names) :]]
    every = {each.name for each in symbol.parameters}
    bound.update({key: value for key, value in call[3].items() if key in every})
    extra = next((each.name for each in symbol.parameters if each.kind == "kwargs"), "")
    if extra:
        left = [[["s", key], value] for key, value in call[3].items() if key not in every and key != "**"]
        bound[extra] = ["d", left]
    return bound


def _substituted(call: Expr, bound: dict[str, Expr]) -> Expr:
    arguments: list[Expr] = []
    for each in call[2]:
        if each[0] == "*" and each[1][0] == "n" and (spread := bound.get(each[1][1])) and spread[0] == "l":
            arguments.extend(spread[1])
        else:
            arguments.append(_replaced(each, bound))
    keywords: dict[str, Expr] = {}
    for key, value in call[3].items():
        spread = bound.get(value[1]) if key == "**" and value[0] == "n" else None
        if spread and spread[0] == "d":
            keywords.update({pair[0][1]: pair[1] for pair in spread[1] if pair[0] and pair[0][0] == "s"})
        else:
            keywords[key] = _replaced(value, bound)
    return ["c", _replaced(call[1], bound), arguments, keywords, call[4]]


def _replaced(expr: Expr, bound: dict[str, Expr]) -> Expr:
    form = expr[0]
    if form == "n":
        return bound.get(expr[1], expr)
    if form == "a":
        return ["a", _replaced(expr[1], bound), expr[2]]
    if form == "c":
        return _substituted(expr, bound)
    if form in {"l", "f", "b"}:
        return [form, [_replaced(each, bound) for each in expr[1]]]
    if form == "*":
        return ["*", _replaced(expr[1], bound)]
    if form == "i":
        return ["i", _replaced(expr[1], bound), _replaced(expr[2], bound)]
    return expr


def owner_of(symbol: SymbolId) -> SymbolId:
    """Return the SymbolId of the scope that a symbol is written in."""
    path, _, qualname = symbol.rpartition(":")
    return f"{path}:{outer_qualname(qualname)}"
