"""What expressions of Ruby give: queries and their classes, what methods give back, instance variables, helpers of templates."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from release_harness.steps.evidence.impact.expressions import text_of, walk
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.impact.lexical.packages import Packages
from release_harness.steps.evidence.impact.lexical.scopes import CLASSES, OneModule, OneScope, outer_name
from release_harness.steps.evidence.impact.values import UNKNOWN, Value
from release_harness.steps.evidence.model.impact import SymbolId

INCLUDES = frozenset({"include", "extend", "prepend"})
GIVES_ITSELF = frozenset({
    "new", "create", "create!", "build", "find", "find_by", "find_by!", "find_or_create_by", "find_or_create_by!", "find_sole_by",
    "find_or_initialize_by", "first", "first!", "last", "last!", "take", "take!", "sole", "second", "third", "all", "where", "not", "or",
    "and", "order", "reorder", "includes", "preload", "eager_load", "joins", "left_joins", "left_outer_joins", "limit", "offset",
    "select", "group", "having", "distinct", "references", "readonly", "unscoped", "unscope", "rewhere", "none", "merge", "from", "lock",
    "in_order_of", "with", "with_recursive", "load", "load_async", "extending", "reverse_order", "dup", "clone", "reload", "tap",
    "becomes", "itself", "presence", "where_not", "invert_where", "strict_loading", "annotate", "optimizer_hints", "create_with",
    "freeze", "initialize_dup", "includes_values", "missing", "associated", "create_or_find_by", "set",
})  # fmt: skip
"""Methods of a model, of one of its queries or of a record that give such a one again."""


class Asked(Protocol):
    """What knows the names of the tree."""

    paths: tuple[str, ...]
    packages: Packages

    def module(self, path: str) -> OneModule | None:
        """Return one file."""
        ...

    def symbol(self, symbol: SymbolId) -> Symbol | None:
        """Return the facts of a symbol."""
        ...

    def scope(self, symbol: SymbolId) -> OneScope | None:
        """Return the scope of a symbol."""
        ...

    def resolve(self, scope: SymbolId, expr: Expr | None) -> Value:
        """Return what an expression stands for."""
        ...

    def resolve_deep(self, scope: SymbolId, expr: Expr, depth: int) -> Value:
        """Return what an expression stands for, counting how deep the question is."""
        ...

    def member(self, base: Value, name: str, depth: int = 0) -> Value:
        """Return an attribute of a value."""
        ...

    def find_member(self, owner: SymbolId, name: str) -> SymbolId:
        """Return the class that defines a member."""
        ...

    def is_class(self, symbol: SymbolId) -> bool:
        """Tell whether a symbol is a class."""
        ...

    def lineage(self, owner: SymbolId) -> list[str]:
        """Return a class and everything that it inherits from."""
        ...


class RubyValues:
    """Answers for the files of Ruby of one tree."""

    def __init__(self, names: Asked) -> None:
        """Take what names mean."""
        self.names = names
        self._known: dict[tuple[SymbolId, str], Value] = {}
        self._waiting: set[tuple[SymbolId, str]] = set()
        self._helpers: dict[str, SymbolId] | None = None

    def included(self, owner: SymbolId, symbol: Symbol) -> list[str]:
        """Return the modules that a class includes or extends, as what it inherits from."""
        found: list[str] = []
        for statement in symbol.body:
            value = statement.value
            if value is not None and value[0] == "c" and value[1][0] == "n" and value[1][1] in INCLUDES:
                for each in value[2]:
                    module = self.names.resolve(owner, each).symbol
                    if module and module != owner:
                        found.append(module)
        return found

    def called(self, scope: SymbolId, call: Expr, depth: int) -> Value:
        """Return what a call gives, as far as classes and methods of the tree tell."""
        function = call[1]
        if function[0] not in {"a", "n"}:
            return UNKNOWN
        word = str(function[-1])
        if function[0] == "a":
            base = self.names.resolve_deep(scope, function[1], depth + 1)
            owner = base.type or (base.symbol if self.names.is_class(base.symbol) else "")
        else:
            found = self.names.resolve_deep(scope, function, depth + 1)
            if found.symbol and not found.type and self.names.symbol(found.symbol) is not None:
                return self._given_by(found.symbol, self.owner_of(scope), depth)
            if found.type:
                return Value(type=found.type)
            owner = self.owner_of(scope)
        if ":" not in owner:
            return UNKNOWN
        definer = self.names.find_member(owner, word)
        if definer:
            return self._given_by(f"{definer}.{word}", owner, depth)
        return Value(type=owner) if word in GIVES_ITSELF else UNKNOWN

    def _given_by(self, member: SymbolId, owner: SymbolId, depth: int) -> Value:
        """Return what a member of a class gives: of a scope the class again, of a method what it gives back."""
        symbol = self.names.symbol(member)
        if symbol is None:
            above, _, name = member.rpartition(".")
            return Value(type=self.names.member(Value(type=above), name, depth + 1).type)
        if "scope" in symbol.flags:
            return Value(type=owner)
        if symbol.kind not in {"function", "async"}:
            return UNKNOWN
        given = [each.value for each in symbol.body if each.kind == "return" and each.value is not None]
        given += [each.value for each in symbol.body[-1:] if each.value is not None]
        return self._agreed((member, ""), ((member, each) for each in given if each[0] != "k"), depth)

    def _agreed(self, key: tuple[SymbolId, str], given: Iterable[tuple[SymbolId, Expr]], depth: int) -> Value:
        """Return the type of some values where they agree; what is asked by its own answer tells nothing."""
        if key in self._known or key in self._waiting:
            return self._known.get(key, UNKNOWN)
        self._waiting.add(key)
        try:
            types = {self.names.resolve_deep(scope, each, depth + 1).type for scope, each in given} - {""}
        finally:
            self._waiting.discard(key)
        found = Value(type=types.pop()) if len(types) == 1 else UNKNOWN
        if not self._waiting or found.known:
            self._known[key] = found
        return found

    def name(self, scope: SymbolId, name: str, depth: int) -> Value:
        """Return what a name means that no scope around binds: an instance variable, or a helper in a template."""
        if name.startswith("@"):
            owner = self.owner_of(scope)
            return self._agreed((owner, name), self._set(owner, name), depth) if owner else UNKNOWN
        if scope.partition(":")[0].endswith((".erb", ".builder", ".jbuilder")):
            helper = self._all_helpers().get(name, "")
            return Value(symbol=helper) if helper else UNKNOWN
        return UNKNOWN

    def _set(self, owner: SymbolId, name: str) -> Iterator[tuple[SymbolId, Expr]]:
        """Yield what the methods of a class give an instance variable."""
        for each in self.names.lineage(owner):
            path, _, qualname = each.rpartition(":")
            module = self.names.module(path) if path else None
            for symbol in module.facts.symbols if module is not None else ():
                if outer_name(symbol.qualname) != qualname or symbol.kind in CLASSES:
                    continue
                for statement in symbol.body:
                    if statement.kind == "set" and statement.target == ["n", name] and statement.value is not None:
                        yield f"{path}:{symbol.qualname}", statement.value

    def owner_of(self, scope: SymbolId) -> SymbolId:
        """Return the class around a scope; of a template, the controller or mailer whose folder it stands in."""
        path, _, qualname = scope.rpartition(":")
        while qualname:
            symbol = self.names.symbol(f"{path}:{qualname}")
            if symbol is not None and symbol.kind in CLASSES:
                return f"{path}:{qualname}"
            qualname = outer_name(qualname)
        _, views, inner = path.partition("app/views/")
        return self._shower(inner.rpartition("/")[0]) if views else ""

    def _shower(self, folder: str) -> SymbolId:
        name = ".".join(camel(each) for each in folder.split("/")) if folder else ""
        table = self.names.packages.table("ruby")
        return table.get(f"{name}Controller") or table.get(name) or ""

    def _all_helpers(self) -> dict[str, SymbolId]:
        """Return every method that templates may call by its bare name: of helper modules, and those that controllers hand on."""
        if self._helpers is None:
            self._helpers = {}
            for path in self.names.paths:
                if not path.endswith(".rb"):
                    continue
                module = self.names.module(path) if "/helpers/" in path or "controllers/" in path else None
                for symbol in module.facts.symbols if module is not None else ():
                    self._note_helpers(path, symbol)
        return self._helpers

    def _note_helpers(self, path: str, symbol: Symbol) -> None:
        helpers = self._helpers if self._helpers is not None else {}
        name = symbol.qualname.rpartition(".")[2]
        if "/helpers/" in path and symbol.kind in {"function", "async"} and "<" not in symbol.qualname:
            helpers.setdefault(name, f"{path}:{symbol.qualname}")
        if name.startswith("<helper_method"):
            owner = f"{path}:{outer_name(symbol.qualname)}"
            for statement in symbol.body:
                for each in walk(statement.value):
                    said = text_of(each)
                    definer = self.names.find_member(owner, said) if said else ""
                    if said and definer:
                        helpers.setdefault(said, f"{definer}.{said}")


def camel(name: str) -> str:
    """Return `UserSettings` for `user_settings`."""
    return "".join(each[:1].upper() + each[1:] for each in name.split("_"))
