"""What others can read of a file of Java or Kotlin, piece by piece, under the keys by which reading it is noted."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from release_harness.steps.evidence.impact.facts import FileFacts, Statement, Symbol
from release_harness.steps.evidence.impact.lexical.packages import packages_above, qualified_names
from release_harness.steps.evidence.impact.lexical.reads import below_key, bound_key, class_key, package_key
from release_harness.steps.evidence.impact.lexical.scopes import Bound, OneModule
from release_harness.steps.evidence.impact.link.fragments import bare
from release_harness.steps.evidence.impact.link.outlines import header_of


def changed_pieces(path: str, old: FileFacts | None, new: FileFacts | None) -> tuple[set[str], bool]:
    """Return the keys whose piece differs between two versions of a path, and whether all of its keys have to count as such.

    Either version may be absent. A scope of another kind changes what is looked for in it at all.
    """
    before, after = _pieces(path, old), _pieces(path, new)
    found = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    names = set(_named(old)) ^ set(_named(new))
    found.update(class_key(name) for name, _ in names)
    found.update(package_key(package) for name, _ in names for package in packages_above(name))
    kinds, others = _kinds(old), _kinds(new)
    return found, any(others.get(name, kind) != kind for name, kind in kinds.items())


def changed_below(old: Mapping[str, Sequence[str]], new: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield the keys of the bases that other classes of one file say now; both are class -> bases as they were resolved."""
    for name in old.keys() | new.keys():
        before, after = old.get(name, ()), new.get(name, ())
        if list(before) != list(after):
            yield from (below_key(base) for base in {*before, *after})


def _named(facts: FileFacts | None) -> Iterator[tuple[str, str]]:
    return qualified_names(facts, ".") if facts is not None else iter(())


def _kinds(facts: FileFacts | None) -> dict[str, str]:
    return {each.qualname: each.kind for each in facts.symbols} if facts is not None else {}


def _pieces(path: str, facts: FileFacts | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if facts is None:
        return found
    for scope in OneModule(path, facts).scopes.values():
        found[scope.key] = _header(scope.symbol)
        for name, bound in scope.bound.items():
            found[bound_key(scope.key, name)] = _bound(bound)
    return found


def _header(symbol: Symbol) -> list[Any]:
    return [*header_of(symbol), [_statement(each) for each in symbol.body if _is_read(symbol, each)]]


def _is_read(symbol: Symbol, statement: Statement) -> bool:
    """Tell whether somebody asks for a statement without its name: what a function without a declared type gives back."""
    return symbol.kind == "type" or (statement.kind == "return" and symbol.returns is None)


def _bound(bound: Bound) -> list[Any]:
    if bound.symbol is not None:
        return ["symbol", _header(bound.symbol)]
    if bound.imported is not None:
        each = bound.imported
        return ["import", each.module, each.level, each.name, each.bound]
    if bound.parameter is not None:
        return ["parameter", *bare([list(bound.parameter)])]
    return ["set", _statement(bound.statement)] if bound.statement is not None else []


def _statement(statement: Statement) -> list[Any]:
    return [statement.kind, statement.how, bare(statement.target), bare(statement.annotation), bare(statement.value)]
