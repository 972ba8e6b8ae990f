"""The guards of each entry point at base against head: what was removed, weakened, added, or cannot be told.

Guards are compared by what checks, wherever it stands: a check that moves from a decorator to the router is the same check.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from release_harness.kernel.patterns import LazyPattern
from release_harness.steps.evidence.impact.difference.side import SideView, entries_by_key
from release_harness.steps.evidence.impact.entries.reading import is_test_path
from release_harness.steps.evidence.model.impact import EntryPoint, Guard, GuardChange, GuardMove, SymbolId

_GIVEN = LazyPattern(r"\"[^\"]*\"|[\w.]+")
_WRAPPERS = frozenset({"Depends", "Security", "dependency", "Annotated"})
_PARTS_LIMIT = 400
"""How many symbols are followed to see what a guard asks by itself."""


class Pair(NamedTuple):
    """One entry point on both sides."""

    base: EntryPoint
    head: EntryPoint


class Registry(NamedTuple):
    """What became of the entry points."""

    added: tuple[EntryPoint, ...]
    removed: tuple[EntryPoint, ...]
    pairs: tuple[Pair, ...]


def compare_entries(base: SideView, head: SideView, moved: Mapping[SymbolId, SymbolId]) -> Registry:
    """Match the entry points of both sides by kind and name, else by handler where that tells them apart."""
    before, after = _reachable(base), _reachable(head)
    pairs = [Pair(each, after[key]) for key, each in before.items() if key in after]
    gone = [each for key, each in before.items() if key not in after]
    come = [each for key, each in after.items() if key not in before]
    by_handler = _alone(come, lambda each: each)
    renamed = _alone(gone, lambda each: moved.get(each, each))
    for name, was in renamed.items():
        now = by_handler.get(name)
        if now is not None:
            pairs.append(Pair(was, now))
    return Registry(added=tuple(come), removed=tuple(gone), pairs=tuple(pairs))


def _reachable(side: SideView) -> Mapping[str, EntryPoint]:
    mounted = [each for each in side.entries if each.mounted is not False and not is_test_path(each.path)]
    return entries_by_key(mounted)


def _alone(
    entries: Sequence[EntryPoint], name: Callable[[SymbolId], SymbolId]
) -> dict[tuple[str, str, str], EntryPoint]:
    """Return entry points by handler, those that share one with another of the same kind left out."""
    found: dict[tuple[str, str, str], list[EntryPoint]] = {}
    for each in entries:
        verb = each.name.partition(" ")[0] if each.kind == "http" else ""
        found.setdefault((name(each.handler), each.kind, verb), []).append(each)
    return {key: held[0] for key, held in found.items() if len(held) == 1}


def guard_changes(
    registry: Registry, base: SideView, head: SideView, moved: Mapping[SymbolId, SymbolId]
) -> tuple[GuardChange, ...]:
    """Return every guard that differs; the dangerous ones first."""
    reader = _Reader(base, head, moved)
    found = [change for pair in registry.pairs for change in reader.compare(pair)]
    found += [change for each in registry.added for change in _of_added(each, registry)]
    order = (GuardMove.REMOVED, GuardMove.WEAKENED, GuardMove.UNKNOWN, GuardMove.ADDED)
    return tuple(sorted(found, key=lambda each: (order.index(each.move), each.entry.key, each.guard.name)))


class _Reader:
    """Compares the guards of pairs."""

    def __init__(self, base: SideView, head: SideView, moved: Mapping[SymbolId, SymbolId]) -> None:
        self._base = base
        self._head = head
        self._moved = moved
        self._parts: dict[tuple[str, SymbolId], frozenset[SymbolId]] = {}

    def compare(self, pair: Pair) -> Iterator[GuardChange]:
        was, now = pair
        before = [each for each in was.guards if not each.weak]
        after = [each for each in now.guards if not each.weak]
        kept = {self._identity(each) for each in before} & {_identity(each) for each in after}
        lost = _once([each for each in before if self._identity(each) not in kept], self._identity)
        come = _once([each for each in after if _identity(each) not in kept], _identity)
        for guard in lost:
            change = self._of_lost(pair, guard, after, come)
            if change is not None:
                yield change
        if was.guards_known is not now.guards_known and not lost:
            yield _unreadable(now, was)
        yield from self._of_arguments(pair, before, after)
        weak = [each for each in now.guards if each.weak and each.name not in {old.name for old in was.guards}]
        if weak and not lost and was.guards_known and not was.guards:
            because = f"{weak[0].name} ({_place(weak[0])}) lets everybody in where the framework's own rule held before"
            yield GuardChange(entry=now, move=GuardMove.WEAKENED, guard=weak[0], now=now.guards, because=because)
        yield from (_added(now, each) for each in come if not lost)

    def _identity(self, guard: Guard) -> str:
        """Return what checks, under the name that it has at head."""
        return _identity(guard, self._moved)

    def _of_lost(self, pair: Pair, guard: Guard, after: Sequence[Guard], come: Sequence[Guard]) -> GuardChange | None:
        entry = pair.head
        if any(self._asks(self._head, other.symbol, self._moved.get(guard.symbol, guard.symbol)) for other in after):
            # What remains asks for it by itself.
            return None
        place = f"{guard.name} ({_place(guard)})"
        part = next((each for each in after if self._asks(self._base, guard.symbol, each.symbol)), None)
        weak = next((each for each in entry.guards if each.weak), None)
        if part is not None:
            move, because = (
                GuardMove.WEAKENED,
                f"{place} is gone; what is left, {part.name} ({_place(part)}), is only a part of it",
            )
        elif weak is not None and not after:
            move, because = (
                GuardMove.WEAKENED,
                f"{place} was replaced by {weak.name} ({_place(weak)}), which lets everybody in",
            )
        elif not entry.guards_known:
            move, because = (
                GuardMove.UNKNOWN,
                f"{place} is not seen any more, and the guards at {entry.path}:{entry.line} cannot be read",
            )
        elif come:
            names = ", ".join(f"{each.name} ({_place(each)})" for each in come[:3])
            move, because = (
                GuardMove.UNKNOWN,
                f"{place} was replaced by {names}; reading does not tell which is stricter",
            )
        elif after:
            names = ", ".join(each.name for each in after[:3])
            move, because = GuardMove.WEAKENED, f"{place} is gone; only {names} is left at {entry.path}:{entry.line}"
        else:
            move, because = GuardMove.REMOVED, f"{place} stood before it; nothing does now at {entry.path}:{entry.line}"
        return GuardChange(entry=entry, move=move, guard=guard, now=entry.guards, because=because)

    def _of_arguments(self, pair: Pair, before: Sequence[Guard], after: Sequence[Guard]) -> Iterator[GuardChange]:
        """Yield guards that are still there and ask for something else: `requires("a", "b")` that was cut to `requires("a")`."""
        old = _by_identity(before, self._identity)
        new = _by_identity(after, _identity)
        for name in sorted(old.keys() & new.keys()):
            was = {each.name: _asked_for(each) for each in old[name]}
            now = {each.name: _asked_for(each) for each in new[name]}
            if sorted(map(sorted, was.values())) == sorted(map(sorted, now.values())):
                continue
            guard, instead = old[name][0], new[name][0]
            because = (
                f"{' and '.join(sorted(was))} ({_place(guard)}) became {' and '.join(sorted(now))} ({_place(instead)})"
            )
            # Fewer roles may well be stricter; none at all never are.
            emptied = any(was.values()) and not any(now.values())
            move = GuardMove.WEAKENED if emptied else GuardMove.UNKNOWN
            yield GuardChange(entry=pair.head, move=move, guard=guard, now=pair.head.guards, because=because)

    def _asks(self, side: SideView, symbol: str, part: str) -> bool:
        """Tell whether a guard of the repository reaches another one by itself."""
        if ":" not in symbol or not part or symbol == part:
            return False
        return part in self._parts_of("base" if side is self._base else "head", side, symbol)

    def _parts_of(self, name: str, side: SideView, symbol: SymbolId) -> frozenset[SymbolId]:
        known = self._parts.get((name, symbol))
        if known is None:
            seen, waiting = {symbol}, [symbol]
            while waiting and len(seen) < _PARTS_LIMIT:
                for edge in side.graph.references(waiting.pop()):
                    if edge.target.symbol not in seen and not is_test_path(edge.target.symbol.rpartition(":")[0]):
                        seen.add(edge.target.symbol)
                        waiting.append(edge.target.symbol)
            self._parts[(name, symbol)] = known = frozenset(seen - {symbol})
        return known


def _identity(guard: Guard, moved: Mapping[SymbolId, SymbolId] | None = None) -> str:
    symbol = (moved or {}).get(guard.symbol, guard.symbol)
    return symbol or _short(guard.name)


def _short(name: str) -> str:
    return name.partition("(")[0].strip()


def _asked_for(guard: Guard) -> frozenset[str]:
    """Return what a guard is given beside what checks: roles, scopes, permissions."""
    checker = re.split(r"[.:]", guard.symbol)[-1] if guard.symbol else _short(guard.name)
    words = _GIVEN.compiled.findall(guard.name)
    return frozenset(each for each in words if each.rpartition(".")[2] not in {checker, *_WRAPPERS})


def _once(guards: Iterable[Guard], identity: Callable[[Guard], str]) -> list[Guard]:
    found: dict[str, Guard] = {}
    for each in guards:
        found.setdefault(identity(each), each)
    return list(found.values())


def _by_identity(guards: Iterable[Guard], identity: Callable[[Guard], str]) -> dict[str, list[Guard]]:
    found: dict[str, list[Guard]] = {}
    for each in guards:
        found.setdefault(identity(each), []).append(each)
    return found


def _place(guard: Guard) -> str:
    where = f"{guard.path}:{guard.line}" if guard.line else guard.path
    return where or guard.source


def _unreadable(now: EntryPoint, was: EntryPoint) -> GuardChange:
    guard = was.guards[0] if was.guards else Guard(name="", source="")
    sides = (
        ("could be read at base", "cannot be now") if was.guards_known else ("could not be read at base", "can be now")
    )
    because = f"the guards at {now.path}:{now.line} {sides[0]} ({was.path}:{was.line}) and {sides[1]}"
    return GuardChange(entry=now, move=GuardMove.UNKNOWN, guard=guard, now=now.guards, because=because)


def _added(now: EntryPoint, guard: Guard) -> GuardChange:
    because = f"{guard.name} ({_place(guard)}) stands before it now"
    return GuardChange(entry=now, move=GuardMove.ADDED, guard=guard, now=now.guards, because=because)


def _of_added(entry: EntryPoint, registry: Registry) -> Iterator[GuardChange]:
    """Yield a new method of a guarded address that has no guard: `DELETE` beside a guarded `GET`."""
    verb, _, address = entry.name.partition(" ")
    if entry.kind != "http" or entry.guards or not entry.guards_known or verb in {"OPTIONS", "HEAD"}:
        return
    known = [each.head for each in registry.pairs if each.head.kind == "http"]
    for other in known:
        if other.name.partition(" ")[2] != address or not address:
            continue
        strong = [each for each in other.guards if not each.weak]
        if strong and verb != other.name.partition(" ")[0]:
            because = (
                f"{strong[0].name} ({_place(strong[0])}) stands before {other.name}, "
                f"and nothing stands before the new {entry.name} ({entry.path}:{entry.line})"
            )
            yield GuardChange(entry=entry, move=GuardMove.WEAKENED, guard=strong[0], now=(), because=because)
            return
