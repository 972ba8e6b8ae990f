"""A linked tree: what its names mean, what its files register, and the graph of references."""

from collections.abc import Mapping, Sequence
from typing import Any

from release_harness.steps.evidence.impact.entries.contract import Framework, ProgramView, Registration
from release_harness.steps.evidence.impact.link.hierarchy import Hierarchy
from release_harness.steps.evidence.impact.link.modules import ModuleTable
from release_harness.steps.evidence.impact.link.program import OneFile, Program
from release_harness.steps.evidence.impact.link.resolver import Resolver
from release_harness.steps.evidence.impact.tree import SourceTree, TreeFacts


class Linked:
    """What linking a tree gave."""

    def __init__(self, program: Program, registrations: Mapping[str, Sequence[Registration]]) -> None:
        """Keep the parts."""
        self._program = program
        self._registrations = registrations

    @property
    def program(self) -> ProgramView:
        """The whole tree, for adapters."""
        return self._program

    @property
    def registrations(self) -> Mapping[str, Sequence[Registration]]:
        """What each framework's adapter found in the files, by the framework's name."""
        return self._registrations


def link(
    tree: TreeFacts, frameworks: Sequence[Framework] = (), *, declared: Sequence[Mapping[str, Any]] = ()
) -> Linked:
    """Link a tree."""
    resolver = Resolver(tree, ModuleTable(tree.paths))
    bases: dict[str, tuple[str, ...]] = {}
    members: dict[str, frozenset[str]] = {}
    registrations: dict[str, list[Registration]] = {each.name: [] for each in frameworks}
    for path in tree.blobs:
        index = resolver.file(path)
        if index is None:
            continue
        for symbol in index.facts.symbols:
            if symbol.kind == "class":
                name = f"{path}:{symbol.qualname}"
                bases[name] = resolver.bases(name)
                members[name] = frozenset(index.members(symbol.qualname))
        view = OneFile(resolver, index)
        for framework in frameworks:
            wanted = not framework.libraries or not framework.libraries.isdisjoint(view.imports)
            if index.facts.language in framework.languages and wanted:
                registrations[framework.name].extend(framework.collect(view))
    return Linked(Program(resolver, Hierarchy(bases, members), declared), registrations)


def link_sources(sources: Mapping[str, str | bytes], frameworks: Sequence[Framework] = ()) -> Linked:
    """Link files held in memory."""
    return link(SourceTree(sources), frameworks)
