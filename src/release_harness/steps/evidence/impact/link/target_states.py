"""In which states of a search a target counts as reached: a class that handles runs whatever members a library may call."""

from collections.abc import Iterator

from release_harness.steps.evidence.impact.graph import Node
from release_harness.steps.evidence.impact.link import known_names, reasons
from release_harness.steps.evidence.impact.link.before import Before
from release_harness.steps.evidence.impact.link.record import SEPARATOR
from release_harness.steps.evidence.impact.link.states import State

_SUPER_LIMIT = 10


class TargetStates:
    """The states of the targets of one tree."""

    def __init__(self, before: Before) -> None:
        """Take what leads to what."""
        self._before = before
        self._parts: dict[tuple[str, str], bool] = {}

    def of(self, target: Node) -> Iterator[State]:
        """Yield the states in which a target counts as reached.

        A class that handles runs every member it has, and so does a method that leaves the rest to the library above its class.
        """
        symbol = target.symbol
        yield (symbol, "")
        bases = self._before.hierarchy.bases
        if symbol in bases:
            yield from self._members(symbol, target)
            return
        owner = symbol.rpartition(".")[0]
        if target.receiver or owner in bases:
            yield (symbol, target.receiver or owner)
            if owner in bases and self._goes_on_in_library(symbol, target.receiver or owner, 0):
                yield from self._members(target.receiver or owner, target)

    def _members(self, owner: str, target: Node) -> Iterator[State]:
        hierarchy = self._before.hierarchy
        for name in sorted({name for base in hierarchy.mro(owner) for name in hierarchy.members.get(base, ())}):
            if name in target.without:
                continue
            definer = hierarchy.definer(owner, name)
            part = self._parts.get((owner, name))
            if part is None:
                part = self._parts[owner, name] = self._only_own_members_use(owner, definer, name)
            if part:
                continue
            yield (f"{definer}.{name}", owner)
            yield (f"{definer}.{name}", "")

    def _only_own_members_use(self, owner: str, definer: str, name: str) -> bool:
        """Tell whether a method is a part of others: its class alone calls it, by `self`, so that no library does."""
        named_by_all = name in known_names.HOOK_NAMES or name in known_names.STOP_NAMES
        if named_by_all or self._before.letters.get(definer, {}).get(name) != "f":
            return False
        into = self._before.edges.into
        order = self._before.hierarchy.mro(owner)
        itself = f"{definer}.{name}"
        if not any(row.source != itself for each in order for row in into(f"F{each}{SEPARATOR}{name}")):
            return False
        return not any(into(f"{form}{name}") for form in "NP") and not any(
            into(f"M{each}{SEPARATOR}{name}") for each in order
        )

    def _goes_on_in_library(self, symbol: str, receiver: str, depth: int) -> bool:
        """Tell whether a method goes on, through `super`, in a library: that runs what the class of the receiver has for it."""
        owner, _, name = symbol.rpartition(".")
        edges, hierarchy = self._before.edges, self._before.hierarchy
        if any(
            row.source == symbol and row.reason == reasons.SUPER_LIBRARY for row in edges.into(f"F{owner}{SEPARATOR}")
        ):
            return True
        if depth < _SUPER_LIMIT and any(row.source == symbol for row in edges.into(f"U{owner}{SEPARATOR}{name}")):
            definer = hierarchy.definer(receiver, name, after=owner)
            return bool(definer) and self._goes_on_in_library(f"{definer}.{name}", receiver, depth + 1)
        return False
