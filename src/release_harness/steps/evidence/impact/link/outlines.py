"""What files of other languages can read of each other: names, signatures and what scopes bind, but not what functions do."""

from typing import Any

from release_harness.steps.evidence.impact.expressions import walk
from release_harness.steps.evidence.impact.facts import FileFacts, Statement, Symbol
from release_harness.steps.evidence.impact.lexical.scopes import CLASSES
from release_harness.steps.evidence.impact.link.fragments import bare


def said_to_others(facts: FileFacts) -> list[Any]:
    """Return everything that a name in another file may be resolved by, without lines; what is equal links others alike."""
    return [facts.language, facts.exports, [_row(each) for each in facts.symbols if "<locals>" not in each.qualname]]


def header_of(symbol: Symbol) -> list[Any]:
    """Return what a symbol says of itself without its body."""
    return [
        symbol.qualname,
        symbol.kind,
        bare(symbol.bases),
        bare(symbol.decorators),
        bare(symbol.keywords),
        bare([list(each) for each in symbol.parameters]),
        bare(symbol.returns),
        symbol.flags,
        [[each.module, each.level, each.name, each.bound] for each in symbol.imports],
    ]


def _row(symbol: Symbol) -> list[Any]:
    return [*header_of(symbol), [_statement(each) for each in symbol.body if _is_read(symbol, each)]]


def _is_read(symbol: Symbol, statement: Statement) -> bool:
    """Tell whether a statement binds what others may ask for; of a function, only what its own return type names."""
    if statement.kind != "set":
        return False
    if symbol.kind == "module" or symbol.kind in CLASSES:
        return True
    target = statement.target
    return target is not None and any(each == target for each in walk(symbol.returns))


def _statement(statement: Statement) -> list[Any]:
    return [statement.how, bare(statement.target), bare(statement.annotation), bare(statement.value)]
