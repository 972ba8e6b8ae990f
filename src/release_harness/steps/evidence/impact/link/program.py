"""The linked tree as framework adapters see it: one file at a time, or the whole program."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from release_harness.steps.evidence.impact.entries.contract import ClassView, FileView
from release_harness.steps.evidence.impact.facts import Expr, FileFacts, Symbol
from release_harness.steps.evidence.impact.lexical.other_languages import Names, OtherFile
from release_harness.steps.evidence.impact.link.bindings import FileIndex
from release_harness.steps.evidence.impact.link.hierarchy import Hierarchy
from release_harness.steps.evidence.impact.link.resolver import Resolver
from release_harness.steps.evidence.impact.values import UNKNOWN, Value


def bare(value: Value) -> Value:
    """Return a value without its alternatives."""
    return value._replace(others=()) if value.others else value


class OneFile:
    """One file, and what its names mean; see `FileView`."""

    def __init__(self, resolver: Resolver, index: FileIndex) -> None:
        """Look at a file of a resolver."""
        self._resolver = resolver
        self._index = index
        self._imports: frozenset[str] | None = None

    @property
    def path(self) -> str:
        """Path of the file in the tree."""
        return self._index.path

    @property
    def facts(self) -> FileFacts:
        """Its facts."""
        return self._index.facts

    @property
    def module(self) -> str:
        """Dotted name it is imported by; for other languages the path without its ending."""
        return self._index.module

    @property
    def imports(self) -> frozenset[str]:
        """Top-level names of all libraries and packages that the file imports anywhere."""
        if self._imports is None:
            self._imports = imports_of(self._index.facts)
        return self._imports

    def resolve(self, scope: Symbol, expr: Expr | None) -> Value:
        """Return what an expression written in a scope of this file stands for."""
        if expr is None:
            return UNKNOWN
        try:
            return bare(self._resolver.evaluate(self._index.scope_of(scope), expr))
        except RecursionError:
            return UNKNOWN

    def resolve_dotted(self, name: str) -> Value:
        """Return what a dotted text names in the tree or a library."""
        return bare(self._resolver.dotted_text(name, self._index.path))

    def id_of(self, symbol: Symbol) -> str:
        """Return the SymbolId of a symbol of this file."""
        return f"{self._index.path}:{symbol.qualname}"


def imports_of(facts: FileFacts) -> frozenset[str]:
    """Return the top-level names of everything that a file imports."""
    return frozenset(
        each.module.partition(".")[0] for symbol in facts.symbols for each in symbol.imports if not each.level
    ) - {""}


class Program:
    """The whole tree, linked; see `ProgramView`."""

    def __init__(
        self,
        resolver: Resolver,
        hierarchy: Hierarchy,
        declared: Sequence[Mapping[str, Any]] = (),
        others: Names | None = None,
    ) -> None:
        """Look at a linked tree; `others` are the names of other languages, as far as linking has looked at them."""
        self.resolver = resolver
        self.hierarchy = hierarchy
        self._declared = declared
        self._tree = resolver.tree
        self._paths = tuple(self._tree.blobs)
        self._others = others

    @property
    def paths(self) -> Sequence[str]:
        """All paths with facts."""
        return self._paths

    @property
    def all_paths(self) -> Sequence[str]:
        """All paths of the tree, whatever their language."""
        return tuple(self._tree.paths)

    def view(self, path: str) -> FileView | None:
        """Return one file; its facts are loaded when they are asked."""
        index = self.resolver.file(path)
        if index is not None:
            return OneFile(self.resolver, index)
        if path not in self._tree.blobs:
            return None
        return OtherFile(self.others, path, self._tree.facts(path))

    @cached_property
    def others(self) -> Names:
        """What names mean in files of other languages."""
        tree = self._tree
        return self._others or Names(
            tree.blobs, lambda path: tree.facts(path) if path in tree.blobs else None, tree.read_text, tree.paths
        )

    def symbol(self, symbol: str) -> Symbol | None:
        """Return the facts of a symbol."""
        path, _, qualname = symbol.rpartition(":")
        index = self.resolver.file(path)
        if index is None:
            return self.others.symbol(symbol) if path in self._tree.blobs else None
        return index.symbols.get(qualname)

    def class_of(self, symbol: str) -> ClassView | None:
        """Return a class of the repository."""
        path, _, qualname = symbol.rpartition(":")
        index = self.resolver.file(path)
        found = None if index is None else index.symbols.get(qualname)
        if index is None or found is None or found.kind != "class":
            return None
        methods: dict[str, str] = {}
        attributes: dict[str, Expr] = {}
        for name, bindings in index.members(qualname).items():
            last = bindings[-1]
            if last.kind == "symbol" and last.fact.kind != "class":
                methods[name] = f"{symbol}.{name}"
            elif last.kind == "set" and last.fact.value is not None:
                attributes[name] = last.fact.value
        bases = [each for each in self.hierarchy.mro(symbol)[1:] if each != "?"]
        return ClassView(symbol, bases, methods, attributes, found.decorators)

    def is_a(self, name: str, *bases: str) -> bool:
        """Tell whether a class is one of the bases or inherits from one."""
        if name in bases:
            return True
        return ":" in name and not set(bases).isdisjoint(self.hierarchy.mro(name))

    def method(self, owner: str, name: str) -> tuple[str, str] | None:
        """Return (method, class that defines it) by the method resolution order, repository classes only."""
        found = self.resolver.find_member(owner, name)
        if isinstance(found, str) or found[2][-1].kind != "symbol":
            return None
        return f"{found[1]}.{name}", found[1]

    def attribute(self, owner: str, name: str) -> tuple[Expr, str] | None:
        """Return a class-level value by the method resolution order, and the class that defines it."""
        found = self.resolver.find_member(owner, name)
        if isinstance(found, str) or found[2][-1].kind != "set" or found[2][-1].fact.value is None:
            return None
        return found[2][-1].fact.value, found[1]

    def resolve(self, scope: str, expr: Expr | None) -> Value:
        """Return what an expression written in a scope stands for."""
        place = self.resolver.place(scope)
        if expr is None:
            return UNKNOWN
        if place is None:
            return self.others.resolve(scope, expr) if scope.rpartition(":")[0] in self._tree.blobs else UNKNOWN
        try:
            return bare(self.resolver.evaluate(place[1], expr))
        except RecursionError:
            return UNKNOWN

    def resolve_dotted(self, name: str) -> Value:
        """Return what a dotted text names."""
        return bare(self.resolver.dotted_text(name, ""))

    def subclasses(self, *bases: str) -> Sequence[str]:
        """Return all classes of the repository that inherit from one of them, sorted."""
        return self.hierarchy.subclasses(*bases)

    def read_text(self, path: str) -> str | None:
        """Return the text of a file without facts, or None."""
        return self._tree.read_text(path)

    def declared(self) -> Sequence[Mapping[str, Any]]:
        """Return the entry patterns that the project declares itself."""
        return self._declared
