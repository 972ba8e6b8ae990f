"""Which removed symbol is which added one: the same body under another name or in another place."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from release_harness.steps.evidence.model.impact import SymbolId

_SHORTEST_TOKENS_COUNT = 14
"""Below that many functions have the same body by chance: `def f(self): return None`."""


class Whole(NamedTuple):
    """One function or class that only one side has."""

    path: str
    qualname: str
    line: int
    kind: str
    tokens: tuple[str, ...]

    @property
    def symbol(self) -> SymbolId:
        """Its identity."""
        return f"{self.path}:{self.qualname}"


def match_moves(gone: Iterable[Whole], new: Iterable[Whole]) -> Mapping[SymbolId, SymbolId]:
    """Return old -> new for everything that only moved or was renamed; an ambiguous body is no proof, the same name is."""
    moves: dict[SymbolId, SymbolId] = {}
    added: dict[tuple[str, tuple[str, ...]], list[Whole]] = {}
    for each in new:
        added.setdefault((each.kind, each.tokens), []).append(each)
    taken: set[SymbolId] = set()
    # Classes first: their methods go with them.
    for old in sorted(gone, key=lambda each: (each.kind, each.path, each.qualname)):
        if old.symbol in moves:
            continue
        found = _choose(old, [each for each in added.get((old.kind, old.tokens), ()) if each.symbol not in taken])
        if found is None:
            continue
        moves[old.symbol] = found.symbol
        taken.add(found.symbol)
        if old.kind == "class":
            _take_members(old, found, gone, moves, taken)
    return moves


def _take_members(
    old: Whole, found: Whole, gone: Iterable[Whole], moves: dict[SymbolId, SymbolId], taken: set[SymbolId]
) -> None:
    for each in gone:
        if each.path == old.path and each.qualname.startswith(f"{old.qualname}."):
            moves[each.symbol] = f"{found.path}:{found.qualname}{each.qualname[len(old.qualname) :]}"
            taken.add(moves[each.symbol])


def _choose(old: Whole, candidates: list[Whole]) -> Whole | None:
    same_name = [each for each in candidates if each.qualname == old.qualname]
    if len(same_name) == 1:
        return same_name[0]
    if len(old.tokens) < _SHORTEST_TOKENS_COUNT:
        return None
    same_file = [each for each in candidates if each.path == old.path]
    for group in (same_file, candidates):
        if len(group) == 1:
            return group[0]
    return None
