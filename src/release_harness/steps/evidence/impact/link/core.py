"""What the parts of the resolver ask of each other."""

from itertools import islice
from typing import Any

from release_harness.steps.evidence.impact.expressions import dotted
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.impact.link.bindings import FileIndex, Scope
from release_harness.steps.evidence.impact.link.modules import ModuleTable
from release_harness.steps.evidence.impact.link.queries import Queries
from release_harness.steps.evidence.impact.tree import TreeFacts
from release_harness.steps.evidence.impact.values import UNKNOWN, Value

FILES_HELD_COUNT = 700
"""How many files are kept decoded at the same time; a million lines do not fit into the memory that rh may use."""
UNION_LIMIT = 5
PYTHON = frozenset({"python", "notebook"})


class Core(Queries):
    """Files of one tree and the questions that can be asked about them."""

    def __init__(self, tree: TreeFacts, modules: ModuleTable) -> None:
        """Keep the tree; nothing is read before it is asked for."""
        super().__init__()
        self.tree = tree
        self.modules = modules
        self._files: dict[str, FileIndex | None] = {}
        self._kinds: dict[str, str] = {}
        self.pinned = ""

    def file(self, path: str) -> FileIndex | None:
        """Return one file of Python, or None when the tree has no facts of it."""
        files = self._files
        known = files.get(path)
        if known is not None or path in files:
            return known
        if path in self.tree.blobs:
            facts = self.tree.facts(path)
            if facts.symbols and facts.language in PYTHON:
                known = FileIndex(path, facts, self.modules.name_of(path))
        files[path] = known
        if len(files) > FILES_HELD_COUNT:
            self._let_go(path)
        return known

    def _let_go(self, keep: str) -> None:
        """Forget the files that were read first; what was asked of them is remembered."""
        for path in list(islice(self._files, FILES_HELD_COUNT // 4)):
            if path not in {keep, self.pinned}:
                old = self._files.pop(path)
                if old is not None:
                    old.release()

    def place(self, symbol: str) -> tuple[FileIndex, Scope] | None:
        """Return the file and the scope of a SymbolId."""
        path, _, qualname = symbol.rpartition(":")
        file = self.file(path)
        scope = None if file is None else file.scope(qualname)
        return None if file is None or scope is None else (file, scope)

    def evaluate(self, scope: Scope, expr: Expr | None) -> Value:
        """Return what an expression stands for in a scope."""
        raise NotImplementedError

    def annotation(self, scope: Scope, expr: Expr | None) -> Value:
        """Return an instance of what an annotation says."""
        raise NotImplementedError

    def attribute(self, value: Value, name: str) -> Value:
        """Return an attribute of a value."""
        raise NotImplementedError

    def called(self, scope: Scope, function: Value, call: Expr) -> Value:
        """Return what a call gives."""
        raise NotImplementedError

    def module_name(self, path: str, name: str) -> Value:
        """Return what a name of a module stands for."""
        raise NotImplementedError

    def mro(self, owner: str) -> tuple[str, ...]:
        """Return a class and its bases in method resolution order."""
        raise NotImplementedError

    def returned(self, function: str) -> Value:
        """Return what a function of the repository gives when it is called."""
        raise NotImplementedError

    def alias(self, symbol: str) -> tuple[Scope, Expr] | None:
        """Return the expression that a variable is bound to, and its scope, when there is exactly one."""
        raise NotImplementedError

    def is_class(self, symbol: str) -> bool:
        """Tell whether a SymbolId is a class."""
        return self.kind(symbol) == "class"

    def kind(self, symbol: str) -> str:
        """Return the kind of a SymbolId: that of its symbol, or `variable`."""
        known = self._kinds.get(symbol)
        if known is None:
            self._kinds[symbol] = known = self._kind(symbol)
        return known

    def _kind(self, symbol: str) -> str:
        path, _, qualname = symbol.rpartition(":")
        if not qualname:
            return "module"
        file = self.file(path)
        found = None if file is None else file.symbols.get(qualname)
        return "variable" if found is None else found.kind


def union(values: list[Value]) -> Value:
    """Return one value that stands for several; unknown ones are left out."""
    if len(values) == 1:
        return values[0]
    values = [each for each in values if each is not UNKNOWN]
    if len(values) < 2:  # noqa: PLR2004 - nothing to put together
        return values[0] if values else UNKNOWN
    found: list[Value] = []
    for value in values:
        for each in (value, *value.others) if value.others else (value,):
            plain = each._replace(others=()) if each.others else each
            if plain.known and plain not in found:
                found.append(plain)
    if not found:
        return UNKNOWN
    if len(found) == 1:
        return found[0]
    return found[0]._replace(others=tuple(found[1:UNION_LIMIT]))


def instance_of(item: str) -> Value:
    """Return an instance of an item type; `=` marks the class or function itself."""
    if not item:
        return UNKNOWN
    if item[0] != "=":
        return Value(type=item)
    return Value(symbol=item[1:]) if ":" in item else Value(external=item[1:])


def item_type(value: Value) -> str:
    """Return the item type of something that holds a value."""
    if value.type:
        return value.type
    if value.symbol:
        return "=" + value.symbol
    return "=" + value.external if value.external else ""


__all__ = ["Any", "Core", "dotted", "instance_of", "item_type", "union"]
