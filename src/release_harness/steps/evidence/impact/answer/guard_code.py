"""What a guard asks by itself, and whether the code of a guard that still stands there is another one now.

The same name before a handler says little when what it checks was emptied. A changed guard is told as changed; it is only
called weakened where a way past it was added that depends on nothing the guard asked before, and nobody can tell whether it
is kept where it refused somebody before and nothing in it is seen to refuse now.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from release_harness.steps.evidence.impact.answer.entry_pairs import Pair
from release_harness.steps.evidence.impact.difference.side import SideView
from release_harness.steps.evidence.impact.difference.symbols import SymbolDiff
from release_harness.steps.evidence.impact.entries.conditions import condition_text, same
from release_harness.steps.evidence.impact.entries.guards import GuardReader
from release_harness.steps.evidence.impact.entries.objects import Objects
from release_harness.steps.evidence.impact.entries.reading import is_test_path, path_of, qualname_of
from release_harness.steps.evidence.impact.expressions import walk
from release_harness.steps.evidence.impact.facts import Expr, Statement, Symbol
from release_harness.steps.evidence.model.impact import (
    ChangedSymbol,
    EntryPoint,
    Guard,
    GuardChange,
    GuardMove,
    SymbolChange,
    SymbolId,
)

_PARTS_LIMIT = 400
"""How many symbols are followed to see what a guard asks by itself."""
_CODE = frozenset({
    SymbolChange.BODY, SymbolChange.SIGNATURE, SymbolChange.DECORATOR, SymbolChange.FIELD, SymbolChange.BASE_CLASS,
    SymbolChange.CONSTANT, SymbolChange.REMOVED, SymbolChange.ADDED,
})  # fmt: skip
_TRUE: Expr = ["k", True]


class _Opening(NamedTuple):
    """A statement that lets the caller in whoever it is: `return True`, or `return handler(request)` of what it was handed."""

    tests: tuple[Expr, ...]
    text: str
    """The condition that it stands under, in words; empty for none."""
    line: int
    last: bool
    """True where something before it in the same code refuses."""


class GuardCode:
    """Reads the code of guards on both sides."""

    def __init__(self, diff: SymbolDiff, base: SideView, head: SideView) -> None:
        """Take the change and its two sides."""
        self._base = base
        self._head = head
        self._moved = diff.moved
        self._back = {new: old for old, new in diff.moved.items()}
        self._touched: dict[SymbolId, ChangedSymbol] = {
            each.symbol: each for each in diff.changed if each.change in _CODE and not is_test_path(each.path)
        }
        self._parts: dict[tuple[str, SymbolId], frozenset[SymbolId]] = {}
        self._readers: dict[str, GuardReader] = {}

    def asks_at_head(self, symbol: str, part: str) -> bool:
        """Tell whether a guard of the repository reaches another one by itself."""
        return _is_code(symbol) and bool(part) and symbol != part and part in self._parts_of("head", symbol)

    def asks_at_base(self, symbol: str, part: str) -> bool:
        """Tell the same of the base."""
        return _is_code(symbol) and bool(part) and symbol != part and part in self._parts_of("base", symbol)

    def stands_emptied(self, pair: Pair, guard: Guard) -> bool:
        """Tell whether a guard that is not seen at head still stands there, and only its own code refuses nobody any more."""
        symbol = self._moved.get(guard.symbol, guard.symbol)
        if not _is_code(symbol) or not self._changed_in(symbol):
            return False
        places = {pair.head.handler, pair.head.receiver, pair.head.registered_on} - {""}
        places |= {f"{path_of(each)}:" for each in tuple(places)}
        return any(edge.target.symbol == symbol for place in places for edge in self._head.graph.references(place))

    def changes(self, pairs: Sequence[Pair]) -> list[GuardChange]:
        """Return one change for each guard that stands on both sides and whose code is another one, with all that it stands before."""
        held: dict[SymbolId, tuple[Guard, list[EntryPoint]]] = {}
        for was, now in pairs if self._touched else ():
            names = {self._moved.get(each.symbol, each.symbol) for each in was.guards}
            for guard in (*now.guards, *self._emptied(was, now)):
                if _is_code(guard.symbol) and guard.symbol in names:
                    held.setdefault(guard.symbol, (guard, []))[1].append(now)
        found = []
        for guard, entries in held.values():
            judged = self._judge(guard)
            if judged is None:
                continue
            first = min(entries, key=lambda each: each.key)
            more = len({each.key for each in entries}) - 1
            because = f"{judged[1]}{_behind(more)}"
            found.append(GuardChange(entry=first, move=judged[0], guard=guard, now=first.guards, because=because))
        return found

    def _emptied(self, was: EntryPoint, now: EntryPoint) -> Iterator[Guard]:
        for guard in was.guards:
            symbol = self._moved.get(guard.symbol, guard.symbol)
            if all(each.symbol != symbol for each in now.guards) and self.stands_emptied(Pair(was, now), guard):
                yield guard

    def _judge(self, guard: Guard) -> tuple[GuardMove, str] | None:
        place = f"{guard.name} ({guard.path}:{guard.line})"
        own = self._changed_in(guard.symbol)
        if own and not guard.read:
            return GuardMove.UNKNOWN, f"{place} says which guards stand here, and its code changed ({_where(own)})"
        for opening in filter(None, (self._opened(each.symbol) for each in own)):
            where = f"{path_of(guard.symbol)}:{opening.line}"
            whom = f"callers in where {opening.text} ({where})" if opening.text else f"everybody in ({where})"
            unread = ", and where that holds is not read" if opening.text else ""
            return GuardMove.WEAKENED, f"{place} lets {whom}, which it did not{unread}"
        lost = next(filter(self._refuses_no_more, self._asked(guard.symbol, own=bool(own))), None)
        if lost is not None:
            what = "it" if lost == guard.symbol else f"{qualname_of(lost)}, which it asks,"
            because = f"{what} refused callers before, and nothing in it is seen to refuse any now"
            return GuardMove.UNKNOWN, f"{place} still stands there; {because}"
        if own:
            return GuardMove.CHANGED, f"{place} still stands there, and its own code changed ({_where(own)})"
        return None

    def _asked(self, symbol: SymbolId, *, own: bool) -> Iterator[SymbolId]:
        """Yield what changed among the guard itself and what it asks."""
        if own:
            yield symbol
        parts = self._parts_of("base", self._back.get(symbol, symbol))
        yield from sorted(parts & self._touched.keys())

    def _refuses_no_more(self, symbol: SymbolId) -> bool:
        return self._denies("base", self._back.get(symbol, symbol)) and not self._denies("head", symbol)

    def _changed_in(self, symbol: SymbolId) -> list[ChangedSymbol]:
        """Return what changed of the code of a guard: itself, what is nested in it, and its classes of this repository."""
        view = self._head.program.class_of(symbol)
        owners = [symbol, *(each for each in (view.bases if view else ()) if _is_code(each))]
        return [
            each
            for name, each in self._touched.items()
            for owner in owners
            if name == owner or name.startswith((f"{owner}.", f"{owner}.<locals>."))
        ]

    def _denies(self, side: str, symbol: SymbolId) -> bool:
        reader = self._readers.get(side)
        if reader is None:
            program = (self._base if side == "base" else self._head).program
            self._readers[side] = reader = GuardReader(Objects(program))
        return reader.denies(symbol)

    def _opened(self, symbol: SymbolId) -> _Opening | None:
        """Return a new `return True` that depends on nothing the code asked before."""
        before = self._base.program.symbol(self._back.get(symbol, symbol))
        after = self._head.program.symbol(symbol)
        if before is None or after is None:
            return None
        known = list(_openings(self._base, self._back.get(symbol, symbol), before))
        asked = _names_of(before)
        for each in _openings(self._head, symbol, after):
            if any(same(each.tests, other.tests) for other in known):
                continue
            names = {name for test in each.tests for name in _names_in(test)}
            # A test of what was asked before, or the end of code that refused before it, may only be written anew.
            if names <= asked if each.tests else each.last:
                continue
            return each
        return None

    def _parts_of(self, name: str, symbol: SymbolId) -> frozenset[SymbolId]:
        known = self._parts.get((name, symbol))
        if known is None:
            side = self._base if name == "base" else self._head
            seen, waiting = {symbol}, [symbol]
            while waiting and len(seen) < _PARTS_LIMIT:
                for edge in side.graph.references(waiting.pop()):
                    if edge.target.symbol not in seen and not is_test_path(path_of(edge.target.symbol)):
                        seen.add(edge.target.symbol)
                        waiting.append(edge.target.symbol)
            self._parts[(name, symbol)] = known = frozenset(seen - {symbol})
        return known


def _is_code(symbol: str) -> bool:
    return ":" in symbol and "|" not in symbol and not symbol.startswith("~")


def _behind(more_count: int) -> str:
    if not more_count:
        return ""
    return (
        f"; {more_count:,} more entry points stand behind it"
        if more_count > 1
        else "; 1 more entry point stands behind it"
    )


def _where(changed: Sequence[ChangedSymbol]) -> str:
    return f"{changed[0].path}:{changed[0].line}"


def _openings(side: SideView, symbol_id: SymbolId, symbol: Symbol) -> Iterator[_Opening]:
    refused = False
    handed = _handed(side, symbol_id)
    for each in symbol.body:
        if each.kind == "return" and not each.how and (each.value == _TRUE or _goes_on(each.value, handed)):
            tests = tuple(_tests(symbol, each))
            yield _Opening(tests, condition_text(side.program, symbol_id, each.under), each.line, refused)
        refused = refused or each.how == "raise" or (each.kind == "return" and each.value == ["k", False])


def _handed(side: SideView, symbol_id: SymbolId) -> frozenset[str]:
    """Return the parameters of a function and of those around it: what stands behind a guard is handed to it."""
    found: set[str] = set()
    while symbol_id:
        symbol = side.program.symbol(symbol_id)
        found.update(each.name for each in (symbol.parameters if symbol is not None else ()))
        symbol_id, _, _ = symbol_id.rpartition(".<locals>.")
    return frozenset(found)


def _goes_on(value: Expr | None, handed: frozenset[str]) -> bool:
    """Tell whether what stands behind is called: `next()`, `call_next(request)`, `view(*args)`."""
    return value is not None and value[0] == "c" and value[1][0] == "n" and value[1][1] in handed


def _tests(symbol: Symbol, statement: Statement) -> Iterator[Expr]:
    under = statement.under
    while under >= 0:
        yield symbol.conditions[under].test
        under = symbol.conditions[under].outer


def _names_of(symbol: Symbol) -> frozenset[str]:
    held: Iterable[Expr | None] = (each.value for each in symbol.body)
    names = {name for expr in held for name in _names_in(expr)}
    return frozenset(names | {name for each in symbol.conditions for name in _names_in(each.test)})


def _names_in(expr: Expr | None) -> Iterator[str]:
    for each in walk(expr):
        if each[0] in {"n", "a", "s"}:
            yield str(each[-1])
