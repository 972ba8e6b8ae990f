"""Pairs of changes that do not go together. Each rule looks at one kind of collision and needs no text of the diff."""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

from release_harness.kernel.verdict import Outcome
from release_harness.steps.evidence.model.impact import ChangedSymbol, SymbolChange
from release_harness.steps.evidence.model.together import Clash, ClashKind, Contribution, Keyed, Place

_EDITS = frozenset(
    {
        SymbolChange.BODY,
        SymbolChange.SIGNATURE,
        SymbolChange.DECORATOR,
        SymbolChange.BASE_CLASS,
        SymbolChange.FIELD,
        SymbolChange.CONSTANT,
        SymbolChange.ADDED,
    }
)
_VALUES = frozenset({SymbolChange.CONSTANT, SymbolChange.FIELD})
_GONE = frozenset({SymbolChange.REMOVED, SymbolChange.MOVED})


def find_clashes(contributions: Sequence[Contribution]) -> tuple[Clash, ...]:
    """Return every clash between two of the changes, breaking ones first, then by names and places."""
    found = [clash for one, other in combinations(contributions, 2) for rule in _RULES for clash in rule(one, other)]
    return tuple(sorted(found, key=_rank))


def _rank(clash: Clash) -> tuple[bool, str, str, str, Place, Place]:
    return (
        clash.outcome is not Outcome.FAIL,
        clash.one,
        clash.other,
        clash.kind.value,
        clash.one_place,
        clash.other_place,
    )


def _signatures(one: Contribution, other: Contribution) -> Iterator[Clash]:
    """Another signature here, a new use there: each compiles alone."""
    for changer, user in ((one, other), (other, one)):
        changed = {each.symbol: each for each in changer.changed if each.change is SymbolChange.SIGNATURE}
        for use in user.uses:
            if use.target in changed and not _also_changed(user, use.target):
                place = _place(changed[use.target])
                says = (
                    f"{changer.name} changes the signature of {_name(use.target)} ({place}), "
                    f"and {user.name} adds a use of the old one in {_name(use.scope)} ({use.place})"
                )
                yield _clash(ClashKind.SIGNATURE, changer, user, says, place, use.place)


def _removals(one: Contribution, other: Contribution) -> Iterator[Clash]:
    """Removed or renamed here, used or edited there."""
    for remover, user in ((one, other), (other, one)):
        gone = {(each.was or each.symbol): each for each in remover.changed if each.change in _GONE}
        for use in user.uses:
            if use.target in gone:
                place = _place(gone[use.target])
                says = (
                    f"{remover.name} {_gone_word(gone[use.target])} {_name(use.target)} ({place}), "
                    f"and {user.name} adds a use of it in {_name(use.scope)} ({use.place})"
                )
                yield _clash(ClashKind.REMOVED, remover, user, says, place, use.place)
        for each in user.changed:
            if each.symbol in gone and each.change in _EDITS:
                place = _place(gone[each.symbol])
                says = (
                    f"{remover.name} {_gone_word(gone[each.symbol])} {_name(each.symbol)} ({place}), "
                    f"and {user.name} edits it ({_place(each)})"
                )
                yield _clash(ClashKind.OPPOSITE, remover, user, says, place, _place(each))


def _edited_twice(one: Contribution, other: Contribution) -> Iterator[Clash]:
    """Both edit one symbol, and not in the same way; git merges such edits when their lines lie apart."""
    ours = {each.symbol: each for each in one.changed if each.change in _EDITS and each.kind != "module"}
    for each in other.changed:
        mine = ours.get(each.symbol)
        if mine is None or each.change not in _EDITS or _same_text(one, other, each.symbol):
            continue
        pair = {mine.change, each.change}
        kind = ClashKind.OPPOSITE if pair <= _VALUES else ClashKind.EDITED_TWICE
        word = "set" if pair <= _VALUES else "add" if SymbolChange.ADDED in pair else "edit"
        ending = " to different values" if pair <= _VALUES else ""
        says = f"{one.name} ({_place(mine)}) and {other.name} ({_place(each)}) both {word} {_name(each.symbol)}{ending}"
        outcome = Outcome.UNKNOWN if word == "edit" else Outcome.FAIL
        yield _clash(kind, one, other, says, _place(mine), _place(each), outcome)


def _migrations(one: Contribution, other: Contribution) -> Iterator[Clash]:
    told = set()
    # A number says it more plainly than the migration that both follow.
    for key in sorted(
        set(one.migrations) & set(other.migrations), key=lambda each: (each.startswith("follower"), each)
    ):
        first, second = one.migrations[key], other.migrations[key]
        same = first.path == second.path and _same_text(one, other, first.path)
        if same or (first, second) in told:
            continue
        told.add((first, second))
        says = f"{one.name} ({first}) and {other.name} ({second}) both add a migration as {key}"
        yield _clash(ClashKind.MIGRATION, one, other, says, first, second)


def _entries(one: Contribution, other: Contribution) -> Iterator[Clash]:
    for key in sorted(set(one.entries) & set(other.entries)):
        first, second = one.entries[key], other.entries[key]
        says = f"{one.name} ({first}) and {other.name} ({second}) both add the entry point {key}"
        yield _clash(ClashKind.ENTRY, one, other, says, first, second)


def _keys(one: Contribution, other: Contribution) -> Iterator[Clash]:
    for key in sorted(set(one.keys) & set(other.keys)):
        first, second = one.keys[key], other.keys[key]
        if first.value == second.value and first.value:
            continue
        says = f"{one.name} ({first.place}){_to(first)} and {other.name} ({second.place}){_to(second)} both set {key}"
        outcome = Outcome.FAIL if first.value and second.value else Outcome.UNKNOWN
        yield _clash(ClashKind.KEY, one, other, says, first.place, second.place, outcome)


_RULES: tuple[Callable[[Contribution, Contribution], Iterator[Clash]], ...] = (
    _signatures,
    _removals,
    _edited_twice,
    _migrations,
    _entries,
    _keys,
)


def _clash(
    kind: ClashKind,
    one: Contribution,
    other: Contribution,
    says: str,
    one_place: Place,
    other_place: Place,
    outcome: Outcome = Outcome.FAIL,
) -> Clash:
    return Clash(
        kind=kind,
        one=one.name,
        other=other.name,
        says=says,
        outcome=outcome,
        one_place=one_place,
        other_place=other_place,
    )


def _also_changed(contribution: Contribution, symbol: str) -> bool:
    # Whoever changes the signature too is told so as edited twice; the uses were written against the own form.
    return any(each.symbol == symbol and each.change is SymbolChange.SIGNATURE for each in contribution.changed)


def _same_text(one: Contribution, other: Contribution, symbol: str) -> bool:
    text = one.texts.get(symbol)
    return text is not None and text == other.texts.get(symbol)


def _place(change: ChangedSymbol) -> Place:
    return Place(change.path, change.line)


def _name(symbol: str) -> str:
    path, _, qualname = symbol.partition(":")
    return qualname or path


def _gone_word(change: ChangedSymbol) -> str:
    return "moves" if change.change is SymbolChange.MOVED else "removes"


def _to(keyed: Keyed) -> str:
    return f" to {keyed.value}" if keyed.value else ""
