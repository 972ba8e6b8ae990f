"""One side of a change, linked and with its entry points found."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from release_harness.steps.evidence.impact.difference.words import WordSearch
from release_harness.steps.evidence.impact.entries.contract import Discovery, ProgramView
from release_harness.steps.evidence.impact.graph import Node, ReferenceGraph
from release_harness.steps.evidence.impact.tree import TreeFacts
from release_harness.steps.evidence.model.impact import EntryPoint


class SideView(NamedTuple):
    """A tree with everything that was computed of it."""

    tree: TreeFacts
    program: ProgramView
    graph: ReferenceGraph
    discoveries: Sequence[Discovery]
    words: WordSearch

    @property
    def entries(self) -> tuple[EntryPoint, ...]:
        """All entry points of all frameworks."""
        return tuple(each for found in self.discoveries for each in found.entries)


def entries_by_key(entries: Sequence[EntryPoint]) -> Mapping[str, EntryPoint]:
    """Return entry points by kind and name; of several with one key the first counts."""
    found: dict[str, EntryPoint] = {}
    for each in entries:
        found.setdefault(each.key, each)
    return found


def node_of(entry: EntryPoint) -> Node:
    """Return the node of the graph that stands for the handler of an entry point."""
    return Node(entry.handler, entry.receiver)
