"""What a change is looked for by in the graph: the symbols it touches, and those that hold what it touches elsewhere."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from release_harness.steps.evidence.impact.difference.elsewhere import seeds_elsewhere
from release_harness.steps.evidence.impact.difference.side import SideView
from release_harness.steps.evidence.impact.difference.symbols import SymbolDiff, is_no_op
from release_harness.steps.evidence.impact.entries.reading import is_test_path
from release_harness.steps.evidence.impact.expressions import walk
from release_harness.steps.evidence.impact.facts import Symbol
from release_harness.steps.evidence.impact.lexical.scopes import ECMASCRIPT
from release_harness.steps.evidence.model.impact import ChangedSymbol, SymbolChange, SymbolId


class Seed(NamedTuple):
    """A symbol that the search starts from."""

    symbol: SymbolId
    because: ChangedSymbol
    sure: bool = True
    """False where the change is tied to the symbol by a text alone: then nothing that it reaches is more than possible."""
    on_import: bool = False
    """True for a module whose own statements changed: they run when it is imported, whoever does that."""
    referrers: tuple[SymbolId, ...] = ()
    """Of something that is no code of this tree, such as a library: the symbols that use it; the search starts from them."""


class Seeds(NamedTuple):
    """Where the search starts on both sides, and what was changed beside code."""

    base: tuple[Seed, ...]
    head: tuple[Seed, ...]
    elsewhere: tuple[ChangedSymbol, ...]
    """Changed keys, texts and dependencies of files that are no code."""
    unknown: tuple[str, ...] = ()


def seeds_of(diff: SymbolDiff, base: SideView, head: SideView) -> Seeds:
    """Return where the search starts; what is only formatted and what is only tested starts nothing."""
    elsewhere = seeds_elsewhere(diff, base, head)
    on_head: list[Seed] = []
    on_base: list[Seed] = []
    for each in diff.changed:
        if is_no_op(each) or is_test_path(each.path):
            continue
        if each.change is not SymbolChange.REMOVED:
            on_head.extend(_of_change(each, each.symbol, head))
        if each.change is not SymbolChange.ADDED:
            on_base.extend(_of_change(each, each.was or each.symbol, base))
    on_head.extend(Seed(symbol, change, sure=False) for symbol, change in elsewhere.found)
    on_head.extend(Seed(each.symbol, each, sure=False, referrers=found) for each, found in elsewhere.libraries)
    known = {each.symbol for each in diff.changed}
    others = tuple(each for each in elsewhere.changed if each.symbol not in known)
    return Seeds(_once(on_base), _once(on_head), others, elsewhere.unknown)


def _once(seeds: Iterable[Seed]) -> tuple[Seed, ...]:
    found: dict[SymbolId, Seed] = {}
    for each in seeds:
        known = found.get(each.symbol)
        if known is None or (known.on_import, not known.sure) > (each.on_import, not each.sure):
            found[each.symbol] = each
    return tuple(found.values())


def _of_page(change: ChangedSymbol, path: str, side: SideView) -> Iterator[Seed]:
    """Yield a changed template and its macros; what stands between the tags may be anybody's."""
    for each in side.tree.facts(path).symbols if path in side.tree.blobs else ():
        yield Seed(f"{path}:{each.qualname}", change)


def _of_change(change: ChangedSymbol, symbol: SymbolId, side: SideView) -> Iterator[Seed]:
    path, _, qualname = symbol.rpartition(":")
    if change.kind == "file" and change.change is SymbolChange.LITERAL:
        yield from _of_page(change, path, side)
        return
    if _is_type_alone(side, symbol):
        return
    if change.kind in {"module", "file"} or not qualname:
        # A file that came or went changes nothing by itself: its symbols are listed one by one.
        if change.change in {SymbolChange.STATEMENT, SymbolChange.IMPORT}:
            yield Seed(f"{path}:", change, on_import=True)
        return
    if change.change is SymbolChange.IMPORT:
        for user in readers_of_name(side, path, qualname):
            yield Seed(user, change)
        return
    yield Seed(symbol, change)
    if change.change is SymbolChange.FIELD and change.kind == "variable":
        owner = f"{path}:{qualname.rpartition('.')[0]}"
        yield Seed(owner, change, sure=not _is_plain(side, owner))
    elif change.kind == "variable":
        for user in readers_of_name(side, path, qualname):
            yield Seed(user, change)


def _is_type_alone(side: SideView, symbol: SymbolId) -> bool:
    """Tell whether it is an interface or a type of TypeScript, or a part of one: nothing of that is there at run time."""
    path, _, qualname = symbol.rpartition(":")
    if not qualname or path not in side.tree.blobs or side.tree.facts(path).language not in ECMASCRIPT:
        return False
    owners = (symbol, f"{path}:{qualname.rpartition('.')[0]}")
    kinds = {found.kind for each in owners if (found := side.program.symbol(each)) is not None}
    return bool(kinds & {"interface", "type"})


def _is_plain(side: SideView, owner: SymbolId) -> bool:
    """Tell whether a field of a class matters to those alone who read it: no library, decorator or metaclass looks at it."""
    view, symbol = side.program.class_of(owner), side.program.symbol(owner)
    if view is None or symbol is None or view.decorators or symbol.keywords:
        return False
    return all(":" in each or each.rpartition(".")[2] == "object" for each in view.bases)


def readers_of_name(side: SideView, path: str, name: str) -> Iterator[SymbolId]:
    """Yield the functions and classes of a file that use one of its own module-level names."""
    if path not in side.tree.blobs:
        return
    for symbol in side.tree.facts(path).symbols:
        if symbol.kind != "module" and _uses(symbol, name):
            yield f"{path}:{symbol.qualname}"


def _uses(symbol: Symbol, name: str) -> bool:
    if any(each.name == name for each in symbol.parameters):
        return False
    held = [*symbol.decorators, *symbol.bases, *symbol.keywords.values(), symbol.returns]
    held += [each for parameter in symbol.parameters for each in (parameter.annotation, parameter.default)]
    held += [each for statement in symbol.body for each in (statement.value, statement.target, statement.annotation)]
    return any(each[0] == "n" and each[1] == name for expr in held for each in walk(expr))
