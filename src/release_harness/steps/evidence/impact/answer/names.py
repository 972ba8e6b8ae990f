"""Which names a module has when it was imported, as far as reading can prove it; for telling what does not exist."""

import builtins
from collections.abc import Mapping
from typing import NamedTuple

from release_harness.steps.evidence.impact.difference.outline import names_in
from release_harness.steps.evidence.impact.expressions import dotted, walk
from release_harness.steps.evidence.impact.facts import FileFacts, Import, Symbol
from release_harness.steps.evidence.impact.link.modules import modules_of
from release_harness.steps.evidence.impact.tree import TreeFacts

_IMPLICIT = frozenset(
    {
        "__name__", "__doc__", "__file__", "__path__", "__package__", "__spec__", "__loader__", "__dict__", "__builtins__",
        "__cached__", "__annotations__", "__class__", "__module__", "__qualname__",
    }
)  # fmt: skip
_DYNAMIC_CALLS = frozenset({"globals", "vars", "exec", "setattr", "locals", "__import__", "install_aliases"})
_DEPTH_LIMIT = 12


class Names(NamedTuple):
    """The names of one module."""

    bound: Mapping[str, Import | None]
    """Name -> the import that binds it, or None when it is made here."""
    whole: bool
    """False when the module may have more: `__getattr__`, star imports of libraries, computed names, parse errors."""


class NameTable:
    """Answers for one tree, each module read once."""

    def __init__(self, tree: TreeFacts) -> None:
        """Take the tree."""
        self.tree = tree
        self.modules = modules_of(tree.paths.keys())
        self._known: dict[str, Names] = {}

    def of(self, path: str, depth: int = 0) -> Names:
        """Return the names of a module."""
        known = self._known.get(path)
        if known is None:
            # A circle of star imports ends here, and nothing is claimed of it.
            self._known[path] = Names({}, whole=False)
            self._known[path] = known = self._read(path, depth)
        return known

    def has(self, path: str, name: str) -> bool | None:
        """Tell whether a module has a name or a submodule of it; None when that cannot be told."""
        if path.endswith("/"):
            return bool(self._children(path.rstrip("/"), name)) or None
        names = self.of(path)
        if name in names.bound or name in _IMPLICIT or self._submodule(path, name):
            return True
        return False if names.whole else None

    def submodule(self, path: str, name: str) -> tuple[str, ...]:
        """Return the file of a submodule of a package."""
        return self._submodule(path, name)

    def _submodule(self, path: str, name: str) -> tuple[str, ...]:
        folder, _, base = path.rpartition("/")
        if path.endswith("/"):
            return self._children(path.rstrip("/"), name)
        return self._children(folder, name) if base.startswith("__init__.") else ()

    def _children(self, folder: str, name: str) -> tuple[str, ...]:
        found = self.modules.children(folder, name)
        if found:
            return found
        stem = f"{folder}/{name}" if folder else name
        # Built modules: Cython, C and Rust extensions are imported like any other.
        return tuple(
            each
            for ending in ("pyx", "pxd", "c", "cpp", "so", "pyd", "ipynb", "rs")
            if (each := f"{stem}.{ending}") in self.tree.paths
        )

    def _read(self, path: str, depth: int) -> Names:
        if path not in self.tree.blobs or depth > _DEPTH_LIMIT:
            return Names({}, whole=False)
        facts = self.tree.facts(path)
        if not facts.parser:
            return Names({}, whole=False)
        bound: dict[str, Import | None] = dict.fromkeys(_bound_here(facts))
        whole = not facts.partial and "__getattr__" not in bound and not _is_dynamic(facts)
        for each in _imports(facts):
            if each.name == "*":
                targets = self.resolve(each, path)
                whole = whole and bool(targets)
                for target in targets[:1]:
                    inner = self.of(target, depth + 1) if not target.endswith("/") else Names({}, whole=False)
                    whole = whole and inner.whole
                    bound.update(dict.fromkeys(inner.bound))
            elif each.bound:
                bound[each.bound] = each
        return Names(bound, whole)

    def resolve(self, each: Import, path: str) -> tuple[str, ...]:
        """Return the files that the module of an import means."""
        if each.level:
            return self.modules.relative(path, each.level, each.module)
        return self.modules.find(each.module, path)


def _imports(facts: FileFacts) -> list[Import]:
    """Return the imports that bind names of the module: its own, and those under `global` are taken as computed."""
    return list(facts.module.imports)


def _bound_here(facts: FileFacts) -> set[str]:
    found = {each.qualname for each in facts.symbols if each.qualname and "." not in each.qualname}
    for symbol in facts.symbols:
        # Functions may set names of the module under `global`, which facts do not keep.
        if symbol.kind != "class":
            for statement in symbol.body:
                found.update(names_in(statement.target))
    found.update(facts.exports or ())
    return found


def _is_dynamic(facts: FileFacts) -> bool:
    return any(_touches_names(symbol) for symbol in facts.symbols)


def _touches_names(symbol: Symbol) -> bool:
    for statement in symbol.body:
        for each in walk(statement.value):
            if each[0] == "n" and each[1] in _DYNAMIC_CALLS and (symbol.kind == "module" or each[1] == "globals"):
                return True
            if each[0] == "a" and dotted(each) == "sys.modules":
                return True
    return False


def is_builtin(name: str) -> bool:
    """Tell whether a name is there in every module without being bound."""
    return hasattr(builtins, name)
