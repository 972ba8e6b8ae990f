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


def nodes_of(entries: Sequence[EntryPoint]) -> tuple[Node, ...]:
    """Return the node of each entry point; a class that handles does not run what other routes of it name as theirs.

    What a library's base answers, such as `list` of a viewset, runs hooks of the class, but not its extra actions.
    """
    named: dict[tuple[str, str], set[str]] = {}
    for each in entries:
        owner, _, name = each.handler.rpartition(".")
        for holder in (owner, each.receiver) if owner else ():
            named.setdefault((each.framework, holder), set()).add(name)
    return tuple(node_of(each)._replace(without=_without(each, named)) for each in entries)


def _without(entry: EntryPoint, named: Mapping[tuple[str, str], set[str]]) -> tuple[str, ...]:
    """Return the members of an entry point's class that answer other entry points."""
    owner, _, name = entry.handler.rpartition(".")
    of_class = named.get((entry.framework, entry.handler))
    if of_class is not None or ":" not in owner:
        return tuple(sorted(of_class or ()))
    return tuple(sorted(named.get((entry.framework, entry.receiver or owner), set()) - {name}))
