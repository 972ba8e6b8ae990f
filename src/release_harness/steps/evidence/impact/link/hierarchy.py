"""The class table of a whole tree: resolution orders, subclasses and who defines which member."""

from collections.abc import Mapping, Sequence

SUBCLASSES_LIMIT = 400
"""A base class with more subclasses than this says nothing about any one of them."""


class Hierarchy:
    """All classes of a tree, from their resolved bases and the names that they bind."""

    def __init__(self, bases: Mapping[str, Sequence[str]], members: Mapping[str, frozenset[str]]) -> None:
        """Take, for each class, its direct bases and the names in its body."""
        self.bases = bases
        self.members = members
        self._orders: dict[str, tuple[str, ...]] = {}
        self._below: dict[str, list[str]] | None = None
        self._all_below: dict[tuple[str, ...], list[str]] = {}

    def mro(self, owner: str) -> tuple[str, ...]:
        """Return a class and its bases in resolution order."""
        return self._mro(owner, frozenset())

    def _mro(self, owner: str, waiting: frozenset[str]) -> tuple[str, ...]:
        known = self._orders.get(owner)
        if known is not None:
            return known
        bases = [each for each in self.bases.get(owner, ()) if each not in waiting and each != owner]
        if len(waiting) > 100:  # noqa: PLR2004 - deeper than any real class, and safe for the interpreter's stack
            return (owner, *bases)
        inner = waiting | {owner}
        orders = [list(self._mro(each, inner)) if each in self.bases else [each] for each in bases]
        found = (owner, *merge([*orders, bases]))
        if not waiting:
            self._orders[owner] = found
        return found

    @property
    def below(self) -> Mapping[str, Sequence[str]]:
        """Direct subclasses of every class and every outside base."""
        if self._below is None:
            found: dict[str, list[str]] = {}
            for owner in sorted(self.bases):
                for base in self.bases[owner]:
                    found.setdefault(base, []).append(owner)
            self._below = found
        return self._below

    def subclasses(self, *bases: str) -> Sequence[str]:
        """Return all classes that inherit from one of some bases, sorted."""
        known = self._all_below.get(bases)
        if known is not None:
            return known
        found: set[str] = set()
        waiting = list(bases)
        while waiting:
            for each in self.below.get(waiting.pop(), ()):
                if each not in found:
                    found.add(each)
                    waiting.append(each)
        self._all_below[bases] = known = sorted(found)
        return known

    def definer(self, owner: str, name: str, after: str = "") -> str:
        """Return the class whose body binds a name, by the resolution order of another; empty when none of the tree does."""
        waiting = bool(after)
        for each in self.mro(owner):
            if waiting:
                waiting = each != after
            elif name in self.members.get(each, ()):
                return each
        return ""

    def has_outside_base(self, owner: str) -> bool:
        """Tell whether a class inherits from a library's class, or from something that did not resolve."""
        return any(":" not in each for each in self.mro(owner))


def merge(orders: list[list[str]]) -> list[str]:
    """Return the C3 merge; where there is none, the first of what is left goes on."""
    found: list[str] = []
    orders = [each for each in orders if each]
    while orders:
        chosen = orders[0][0]
        for order in orders:
            if not any(order[0] in other[1:] for other in orders):
                chosen = order[0]
                break
        found.append(chosen)
        orders = [rest for order in orders if (rest := [each for each in order if each != chosen])]
    return found
