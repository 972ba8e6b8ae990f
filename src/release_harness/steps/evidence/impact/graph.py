"""The graph of references: who mentions whom, how surely and why. Nodes are a symbol and the class it is bound to."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from release_harness.steps.evidence.model.impact import Confidence, SymbolId


class Node(NamedTuple):
    """A symbol as seen through one class: `Base.mutate` bound to `UserCreate` is not the one bound to `UserDelete`."""

    symbol: SymbolId
    receiver: SymbolId = ""
    """Class it is bound to, when that is not the class that defines it; also for the class attribute or variable."""
    without: tuple[str, ...] = ()
    """Members of a class that handles which it does not run, as each of them is an entry point of its own; sorted."""


class Edge(NamedTuple):
    """One reference."""

    source: Node
    target: Node
    confidence: Confidence
    reason: str
    line: int
    """Line in the file of the source."""
    asynchronous: bool = False


class Reached(NamedTuple):
    """How something reaches a seed, by the surest and then the shortest way."""

    node: Node
    confidence: Confidence
    length: int
    asynchronous: bool
    way: tuple[Edge, ...]
    """From this node to the seed."""


class ReferenceGraph(Protocol):
    """A linked tree, ready to be asked."""

    @property
    def nodes_count(self) -> int:
        """How many nodes."""
        ...

    @property
    def edges_count(self) -> int:
        """How many edges."""
        ...

    @property
    def calls_count(self) -> int:
        """How many calls were read."""
        ...

    @property
    def unresolved_calls_count(self) -> int:
        """How many of them lead nowhere that reading can tell, and not to a library."""
        ...

    @property
    def dropped(self) -> Mapping[str, int]:
        """What was dropped on purpose, by cause."""
        ...

    def reaching(
        self, seeds: Iterable[SymbolId], targets: Iterable[Node], referrers: Mapping[SymbolId, Sequence[SymbolId]] = ...
    ) -> Mapping[tuple[Node, SymbolId], Reached]:
        """Return, for each target (such as the handlers of entries) and seed, the best way from target to seed, where there is one.

        A seed that has `referrers` is no symbol of the tree: the way then ends at one of them.
        """
        ...

    def nearest(
        self, seeds: Iterable[SymbolId], targets: Iterable[Node], referrers: Mapping[SymbolId, Sequence[SymbolId]] = ...
    ) -> Mapping[tuple[Node, SymbolId], tuple[Confidence, int]]:
        """Return what `reaching` says of each way, without the way itself: how sure it is, and how many steps long."""
        ...

    def cut_short(self, symbol: SymbolId) -> str:
        """Return why what uses a symbol was not followed to its end, or empty when it was."""
        ...

    def functions_in(self, path: str) -> Iterable[str]:
        """Return the qualified names of the functions and methods of a file that is linked."""
        ...

    def referrers(self, symbol: SymbolId) -> Iterable[Edge]:
        """Return every edge that leads to a symbol under any receiver."""
        ...

    def references(self, symbol: SymbolId) -> Iterable[Edge]:
        """Return every edge that leaves a symbol under any receiver."""
        ...
