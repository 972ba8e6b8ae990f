"""A linked tree: what its names mean, what its files register, and the graph of references."""

import json
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import Any

from release_harness.steps.evidence.impact.entries.contract import (
    Discovery,
    Framework,
    Registration,
    TextUse,
)
from release_harness.steps.evidence.impact.entries.reading import is_test_path
from release_harness.steps.evidence.impact.graph import ReferenceGraph
from release_harness.steps.evidence.impact.link import reasons
from release_harness.steps.evidence.impact.link.before import Before
from release_harness.steps.evidence.impact.link.building import Building, LinkCache, Spread
from release_harness.steps.evidence.impact.link.hierarchy import Hierarchy
from release_harness.steps.evidence.impact.link.layers import Newest
from release_harness.steps.evidence.impact.link.program import Program
from release_harness.steps.evidence.impact.link.protocols import with_protocols
from release_harness.steps.evidence.impact.link.reach import Graph
from release_harness.steps.evidence.impact.link.record import FileLink
from release_harness.steps.evidence.impact.link.sharing import Tree, moved_names
from release_harness.steps.evidence.impact.tree import SourceTree, TreeFacts

_CALLED = frozenset({"f", "h"})
"""Letters of members that are methods."""
_NAMED_KINDS = frozenset({"task", "schedule", "consumer", "event", "signal", "hook"})
"""Kinds that code starts by their name. A command is started by a shell: its name is mostly that of the product."""
_LATER_KINDS = frozenset({"task", "schedule", "consumer", "event"})
_OUTSIDE_KINDS = frozenset({"http", "websocket", "cli", "page", "admin"})
"""Kinds whose handlers the outside world alone starts; a task or an event is also sent by code."""

_USES = {
    TextUse.PAGE: reasons.RENDERS,
    TextUse.END_OF_PAGE: reasons.RENDERS_PERHAPS,
    TextUse.IN_TEMPLATE: reasons.IN_TEMPLATE,
}


class Registrations(Mapping[str, Sequence[Registration]]):
    """Framework -> its registrations; they are put together when a framework is asked for."""

    def __init__(self, links: Mapping[str, FileLink], frameworks: Sequence[str]) -> None:
        """Take the links of every file."""
        self._links = links
        self._frameworks = frameworks

    def __getitem__(self, framework: str) -> Sequence[Registration]:
        """Return the registrations of one framework, in the order of the files."""
        rows = (link.registrations.get(framework, ()) for link in self._links.values())
        found = [Registration(framework, *row) for each in rows for row in each]
        if not found and framework not in self._frameworks:
            raise KeyError(framework)
        return found

    def __iter__(self) -> Iterator[str]:
        """Go through the frameworks that were asked, and those that have registrations."""
        yield from dict.fromkeys(
            [*self._frameworks, *(name for each in self._links.values() for name in each.registrations)]
        )

    def __len__(self) -> int:
        """Count them."""
        return sum(1 for _ in self)


class Linked:
    """What linking a tree gave."""

    def __init__(self, program: Program, built: Building, frameworks: Sequence[str] = ()) -> None:
        """Keep the parts."""
        self._program = program
        self._frameworks = frameworks
        self.links = built.links
        self.relinked = built.relinked
        """Files that were linked anew; the others were as an earlier run, or the tree before, left them."""
        self._newest = built.newest
        self.since = built.since
        """What moved since the tree that linking began with; None when everything was linked anew."""
        self.paths = built.tree.paths
        self._edges = built.edges

    @property
    def program(self) -> Program:
        """The whole tree, for adapters."""
        return self._program

    @cached_property
    def registrations(self) -> "Registrations":
        """What each framework's adapter found in the files, by the framework's name."""
        return Registrations(self.links, self._frameworks)

    def _is_function(self, symbol: str) -> bool:
        path, _, qualname = symbol.rpartition(":")
        link = self.links.get(path)
        return link is not None and qualname in link.functions

    def _functions_in(self, path: str) -> list[str]:
        link = self.links.get(path)
        if link is None:
            return []
        methods = [
            f"{owner}.{name}"
            for owner, row in link.members.items()
            for name, letter in row.items()
            if letter in _CALLED
        ]
        return [*link.functions, *methods]

    def to_bytes(self) -> bytes:
        """Return everything that linking gave, in one order: a warm run must give what a cold run gives."""
        rows = [[path, *link._replace(edges=[], consumed=[])] for path, link in sorted(self.links.items())]
        return json.dumps([rows, self._edges.rows()], ensure_ascii=True, separators=(",", ":")).encode("ascii")

    def missing(self) -> Iterator[tuple[str, str, str, int]]:
        """Yield (path, scope, name, line) of every name of this repository that is asked for but not there."""
        for path, link in self.links.items():
            for scope, name, line in link.missing:
                yield path, scope, name, line

    def _share(self, before: Before) -> None:
        """Begin with the answers about the tree that was linked before this one, and hand these on to the next."""
        earlier = self._newest.answered
        if earlier is not None:
            relinked = self.relinked | (earlier[0].keys() - self.links.keys())
            moved = moved_names(_tree_of(*earlier), _tree_of(self.links, before), relinked)
            before.begin_with(earlier[1], moved)
        self._newest.answered = (self.links, before)

    def graph(self, discoveries: Sequence[Discovery] = ()) -> ReferenceGraph:
        """Return the graph of references, with the edges that only frameworks know."""
        hooks = [edge for each in discoveries for edge in each.edges]
        # What a test calls its own methods says nothing about the methods of the product.
        letters = {
            f"{path}:{name}": row
            for path, link in self.links.items()
            if not is_test_path(path)
            for name, row in link.members.items()
        }
        before = Before(self._edges, self._program.hierarchy, letters, hooks, self._is_function)
        for discovery in discoveries:
            for entry in discovery.entries:
                if entry.kind in _NAMED_KINDS:
                    row = (entry.name, reasons.TEXT_REGISTERED, entry.kind in _LATER_KINDS)
                    before.texts.setdefault(entry.handler, []).append(row)
            for name in discovery.names:
                before.texts.setdefault(name.symbol, []).append((name.text, _USES[name.use], False))
        self._share(before)
        dropped: dict[str, int] = {}
        for link in self.links.values():
            for cause, count in link.dropped.items():
                dropped[cause] = dropped.get(cause, 0) + count
        return Graph(
            before,
            nodes_count=sum(
                len(each.functions) + len(each.classes) + sum(map(len, each.members.values()))
                for each in self.links.values()
            ),
            calls_count=sum(each.calls_count for each in self.links.values()),
            unresolved_count=sum(each.unresolved_count for each in self.links.values()),
            dropped=dropped,
            registered=_registered(discoveries),
            functions_in=self._functions_in,
        )


def _tree_of(links: Mapping[str, FileLink], before: Before) -> Tree:
    return Tree(links, before.edges, before.hierarchy, before.hooks, before.texts, before.named)


def _registered(discoveries: Sequence[Discovery]) -> Mapping[str, AbstractSet[tuple[str, int]]]:
    """Return the handlers and middleware that code hands to a framework, and the path and line of each place where it does."""
    found: dict[str, set[tuple[str, int]]] = {}
    for discovery in discoveries:
        for around in discovery.around:
            if around.places:
                found.setdefault(around.symbol, set()).update(around.places)
        for symbol, path, line in discovery.handed:
            found.setdefault(symbol, set()).add((path, line))
        for entry in discovery.entries:
            if entry.kind in _OUTSIDE_KINDS:
                for symbol in {entry.handler, entry.receiver} - {""}:
                    found.setdefault(symbol, set()).add((entry.path, entry.line))
    return found


def link(
    tree: TreeFacts,
    frameworks: Sequence[Framework] = (),
    cache: LinkCache | None = None,
    declared: Sequence[Mapping[str, Any]] = (),
    spread: Spread | None = None,
    newest: Newest | None = None,
) -> Linked:
    """Link a tree; `cache` keeps the links between runs, `newest` between the trees of one run.

    `spread` maps over processes (`Workers.map`).
    """
    built = Building(tree, frameworks, cache, spread, newest).build()
    bases = {f"{path}:{name}": tuple(row) for path, each in built.links.items() for name, row in each.classes.items()}
    members = {
        f"{path}:{name}": frozenset(row) for path, each in built.links.items() for name, row in each.members.items()
    }
    letters = {f"{path}:{name}": row for path, each in built.links.items() for name, row in each.members.items()}
    hierarchy = Hierarchy(with_protocols(bases, letters), members)
    program = Program(built.resolver, hierarchy, declared, built.others)
    return Linked(program, built, [each.name for each in frameworks])


def link_sources(sources: Mapping[str, str | bytes], frameworks: Sequence[Framework] = ()) -> Linked:
    """Link files held in memory."""
    return link(SourceTree(sources), frameworks)
