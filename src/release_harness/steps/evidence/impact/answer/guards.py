"""The guards of each entry point at base against head: what was removed, weakened, added, or cannot be told.

Guards are compared by what checks, wherever it stands: a check that moves from a decorator to the router is the same check.
Whether the code of a guard itself changed is the matter of `guard_code`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from release_harness.kernel.patterns import LazyPattern
from release_harness.steps.evidence.impact.answer.entry_pairs import Pair, Registry
from release_harness.steps.evidence.impact.answer.guard_code import GuardCode
from release_harness.steps.evidence.impact.difference.side import SideView
from release_harness.steps.evidence.impact.difference.symbols import SymbolDiff
from release_harness.steps.evidence.model.impact import EntryPoint, Guard, GuardChange, GuardMove, SymbolId

_Key = TypeVar("_Key")
_GIVEN = LazyPattern(r"\"[^\"]*\"|[\w.]+")
_MANNER = LazyPattern(r"\b(on_breach|error_message)=")
"""A rate limit says with these what a caller is answered whom it already refuses: no caller more gets past it."""
_WRAPPERS = frozenset({"Depends", "Security", "dependency", "Annotated"})
_FORGERY = LazyPattern(r"csrf|forgery|authenticity", re.IGNORECASE)
_READING_VERBS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_ORDER = (GuardMove.REMOVED, GuardMove.WEAKENED, GuardMove.UNKNOWN, GuardMove.CHANGED, GuardMove.ADDED)


def guard_changes(registry: Registry, diff: SymbolDiff, base: SideView, head: SideView) -> tuple[GuardChange, ...]:
    """Return every guard that differs; the dangerous ones first."""
    code = GuardCode(diff, base, head)
    reader = _Reader(code, diff.moved)
    found = [change for pair in registry.pairs for change in reader.compare(pair)]
    found += code.changes(registry.pairs)
    found += [change for each in registry.added for change in _of_added(each, registry)]
    return tuple(sorted(found, key=lambda each: (_ORDER.index(each.move), each.entry.key, each.guard.name)))


class _Reader:
    """Compares the guards of pairs."""

    def __init__(self, code: GuardCode, moved: Mapping[SymbolId, SymbolId]) -> None:
        self._code = code
        self._moved = moved

    def compare(self, pair: Pair) -> Iterator[GuardChange]:
        was, now = pair
        before = [each for each in was.guards if not each.weak]
        after = [each for each in now.guards if not each.weak]
        kept = {self._identity(each) for each in before} & {_identity(each) for each in after}
        lost = _once([each for each in before if self._identity(each) not in kept], self._identity)
        come = _once([each for each in after if _identity(each) not in kept], _identity)
        found = [change for each in lost if (change := self._of_lost(pair, each, after, come)) is not None]
        found += self._of_conditions(pair, before, after)
        if was.guards_known is not now.guards_known and not lost and all(each.read for each in come):
            found.append(_unreadable(now, was))
        found += self._of_arguments(pair, before, after)
        if not any(each.move in {GuardMove.REMOVED, GuardMove.WEAKENED} for each in found):
            found += _of_weak(was, now, after)
        yield from found
        yield from (_added(now, each) for each in come if not lost)

    def _identity(self, guard: Guard) -> str:
        """Return what checks, under the name that it has at head."""
        return _identity(guard, self._moved)

    def _of_lost(self, pair: Pair, guard: Guard, after: Sequence[Guard], come: Sequence[Guard]) -> GuardChange | None:
        found = self._judge_lost(pair, guard, after, come)
        if found is None:
            return None
        return GuardChange(entry=pair.head, move=found[0], guard=guard, now=pair.head.guards, because=found[1])

    def _judge_lost(
        self, pair: Pair, guard: Guard, after: Sequence[Guard], come: Sequence[Guard]
    ) -> tuple[GuardMove, str] | None:
        entry, name = pair.head, self._identity(guard)
        place = f"{guard.name} ({_place(guard)})"
        names = {_identity(each): each for each in after}
        if not guard.read:
            return GuardMove.UNKNOWN, f"{place} could not be read, and is not there any more"
        stricter = any(each in names for each in name.split("|")) and "|" in name
        # What remains may ask for it by itself, and a guard whose own code refuses nobody now is told as that.
        if stricter or self._is_asked_for(guard, after) or self._code.stands_emptied(pair, guard):
            return None
        wider = next((each for held, each in names.items() if "|" in held and name in held.split("|")), None)
        if wider is not None:
            return GuardMove.WEAKENED, f"{place} became {wider.name} ({_place(wider)}), which lets in more"
        part = next((each for each in after if self._code.asks_at_base(guard.symbol, each.symbol)), None)
        if part is not None:
            left = f"{part.name} ({_place(part)})"
            return GuardMove.WEAKENED, f"{place} is gone; what is left, {left}, is only a part of it"
        weak = next((each for each in entry.guards if each.weak), None)
        if weak is not None and not after:
            return (
                GuardMove.WEAKENED,
                f"{place} was replaced by {weak.name} ({_place(weak)}), which lets everybody in",
            )
        return _of_the_rest(entry, place, after, come)

    def _is_asked_for(self, guard: Guard, after: Sequence[Guard]) -> bool:
        symbol = self._moved.get(guard.symbol, guard.symbol)
        return any(self._code.asks_at_head(other.symbol, symbol) for other in after if not other.when)

    def _of_conditions(self, pair: Pair, before: Sequence[Guard], after: Sequence[Guard]) -> Iterator[GuardChange]:
        """Yield guards that are still there and stand under a condition now, or under another one than before."""
        old, new = _by_identity(before, self._identity), _by_identity(after, _identity)
        for name in sorted(old.keys() & new.keys()):
            was, now = old[name], new[name]
            if any(_always(each) for each in now) or not any(each.read for each in was):
                continue
            stood_always = any(_always(each) for each in was)
            if not stood_always and {each.when for each in was} == {each.when for each in now}:
                continue
            guard, instead = was[0], next((each for each in now if each.when), now[0])
            place = f"{guard.name} ({_place(guard)})"
            there = f"{instead.name} ({_place(instead)})"
            others = [each for each in after if each.when and _identity(each) not in old]
            if not stood_always:
                move, because = (
                    GuardMove.UNKNOWN,
                    f"{place} stood under the condition {guard.when}, and stands under {instead.when or 'another'} now",
                )
            elif not instead.when or not instead.read:
                move, because = GuardMove.UNKNOWN, f"{there} may apply {place} or not: that could not be read"
            elif others:
                move, because = (
                    GuardMove.UNKNOWN,
                    f"{place} stands under the condition {instead.when} alone now, and otherwise {others[0].name}",
                )
            else:
                move, because = GuardMove.WEAKENED, f"{place} stood there always, and now only under: {instead.when}"
            yield GuardChange(entry=pair.head, move=move, guard=guard, now=pair.head.guards, because=because)

    def _of_arguments(self, pair: Pair, before: Sequence[Guard], after: Sequence[Guard]) -> Iterator[GuardChange]:
        """Yield guards that are still there and ask for something else: `requires("a", "b")` that was cut to `requires("a")`.

        Only what stands under one condition is compared, or always; whether the condition is another one is told apart.
        """
        old = _by_identity(before, lambda each: (self._identity(each), each.when, each.read))
        new = _by_identity(after, lambda each: (_identity(each), each.when, each.read))
        for key in sorted(old.keys() & new.keys()):
            was = {each.name: _asked_for(each) for each in old[key]}
            now = {each.name: _asked_for(each) for each in new[key]}
            if sorted(map(sorted, was.values())) == sorted(map(sorted, now.values())):
                continue
            guard, instead = old[key][0], new[key][0]
            because = (
                f"{' and '.join(sorted(was))} ({_place(guard)}) became {' and '.join(sorted(now))} ({_place(instead)})"
            )
            # Fewer roles may well be stricter; none at all never are.
            emptied = any(was.values()) and not any(now.values())
            move = GuardMove.WEAKENED if emptied else GuardMove.UNKNOWN
            yield GuardChange(entry=pair.head, move=move, guard=guard, now=pair.head.guards, because=because)


def _of_the_rest(entry: EntryPoint, place: str, after: Sequence[Guard], come: Sequence[Guard]) -> tuple[GuardMove, str]:
    """Judge a guard that is gone by what stands there instead."""
    if not entry.guards_known:
        return (
            GuardMove.UNKNOWN,
            f"{place} is not seen any more, and the guards at {entry.path}:{entry.line} cannot be read",
        )
    if come:
        names = ", ".join(f"{each.name} ({_place(each)})" for each in come[:3])
        return GuardMove.UNKNOWN, f"{place} was replaced by {names}; reading does not tell which is stricter"
    if after:
        names = ", ".join(each.name for each in after[:3])
        return GuardMove.WEAKENED, f"{place} is gone; only {names} is left at {entry.path}:{entry.line}"
    return GuardMove.REMOVED, f"{place} stood before it; nothing does now at {entry.path}:{entry.line}"


def _of_weak(was: EntryPoint, now: EntryPoint, after: Sequence[Guard]) -> Iterator[GuardChange]:
    """Yield the first new mark that lets everybody past, such as `csrf_exempt`."""
    known = {_identity(each) for each in was.guards if each.weak}
    for each in now.guards:
        if not each.weak or _identity(each) in known or not was.guards_known:
            continue
        of_verb = now.name.partition(" ")[0] if now.kind == "http" else ""
        if _FORGERY.search(each.name) and of_verb in _READING_VERBS:
            continue
        # Permission classes must all agree: one that always does takes nothing away from the others.
        if each.source == "permission class" and any(other.source == each.source for other in after):
            continue
        because = f"{each.name} ({_place(each)}) lets everybody past it now"
        yield GuardChange(entry=now, move=GuardMove.WEAKENED, guard=each, now=now.guards, because=because)
        return


def _always(guard: Guard) -> bool:
    return guard.read and not guard.when


def _identity(guard: Guard, moved: Mapping[SymbolId, SymbolId] | None = None) -> str:
    symbol = (moved or {}).get(guard.symbol, guard.symbol)
    return symbol or _short(guard.name)


def _short(name: str) -> str:
    return name.partition("(")[0].strip()


def _asked_for(guard: Guard) -> frozenset[str]:
    """Return what a guard is given beside what checks: roles, scopes, permissions."""
    checker = re.split(r"[.:]", guard.symbol)[-1] if guard.symbol else _short(guard.name)
    words = _GIVEN.compiled.findall(_without_manner(guard.name))
    return frozenset(each for each in words if each.rpartition(".")[2] not in {checker, *_WRAPPERS})


def _without_manner(name: str) -> str:
    """Return a guard as it is written, without the arguments that only say how it tells a caller that it refuses."""
    for found in reversed(list(_MANNER.compiled.finditer(name))):
        depth, end = 0, found.end()
        while end < len(name) and (depth or name[end] not in ",)"):
            depth += (name[end] in "([") - (name[end] in ")]")
            end += 1
        name = name[: found.start()] + name[end:]
    return name


def _once(guards: Iterable[Guard], identity: Callable[[Guard], str]) -> list[Guard]:
    found: dict[str, Guard] = {}
    for each in guards:
        found.setdefault(identity(each), each)
    return list(found.values())


def _by_identity(guards: Iterable[Guard], identity: Callable[[Guard], _Key]) -> dict[_Key, list[Guard]]:
    found: dict[_Key, list[Guard]] = {}
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
