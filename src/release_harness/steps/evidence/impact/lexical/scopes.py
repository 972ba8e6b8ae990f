"""The scopes of one file of another language, and what each of them binds."""

from typing import NamedTuple

from release_harness.steps.evidence.impact.facts import FileFacts, Import, Parameter, Statement, Symbol

ECMASCRIPT = frozenset({"typescript", "tsx", "javascript", "vue"})
RUBY = frozenset({"ruby", "erb", "builder"})
CLASSES = frozenset({"class", "interface", "enum", "object", "type"})


class Bound(NamedTuple):
    """What one name of a scope is bound to."""

    imported: Import | None = None
    symbol: Symbol | None = None
    statement: Statement | None = None
    parameter: Parameter | None = None


class OneScope:
    """The names that one symbol of a file binds."""

    __slots__ = ("bound", "key", "outer", "symbol")

    def __init__(self, symbol: Symbol, outer: "OneScope | None", key: str) -> None:
        """Read what a symbol binds itself; its inner symbols are added by the file."""
        self.key = key
        """Its SymbolId."""
        self.symbol = symbol
        self.outer = outer
        self.bound: dict[str, Bound] = {}
        for parameter in symbol.parameters:
            if parameter.name:
                self.bound[parameter.name] = Bound(parameter=parameter)
        for statement in symbol.body:
            target = statement.target
            if (
                statement.kind == "set"
                and target is not None
                and target[0] == "n"
                and statement.how not in {"aug", "same"}
            ):
                self.bound.setdefault(target[1], Bound(statement=statement))
        for imported in symbol.imports:
            if imported.bound:
                self.bound[imported.bound] = Bound(imported=imported)


class OneModule:
    """The scopes of one file."""

    def __init__(self, path: str, facts: FileFacts) -> None:
        """Sort the symbols of a file by where they are written."""
        self.path = path
        self.facts = facts
        self.scopes: dict[str, OneScope] = {}
        for symbol in sorted(facts.symbols, key=lambda each: each.qualname.count(".")):
            outer = self._outer(symbol.qualname) if symbol.qualname else None
            if symbol.qualname in self.scopes:
                continue
            self.scopes[symbol.qualname] = OneScope(symbol, outer, f"{path}:{symbol.qualname}")
            if outer is not None and outer.symbol.qualname == outer_name(symbol.qualname):
                outer.bound.setdefault(symbol.qualname.rpartition(".")[2], Bound(symbol=symbol))
                if symbol.kind not in {"function", "async"} or outer.symbol.kind == "module":
                    outer.bound[symbol.qualname.rpartition(".")[2]] = Bound(symbol=symbol)

    def _outer(self, qualname: str) -> OneScope:
        while qualname:
            qualname = outer_name(qualname)
            if qualname in self.scopes:
                return self.scopes[qualname]
        return self.scopes[""]

    def exports(self, name: str) -> Statement | None:
        """Return the statement `exports.name = …` of a module, for `default` also `module.exports = …`."""
        found = None
        for statement in self.facts.symbols[0].body:
            target = statement.target
            if statement.kind == "set" and target is not None and target[0] == "a":
                if target[2] == name and target[1] in (["n", "exports"], ["a", ["n", "module"], "exports"]):
                    return statement
                if name == "default" and target == ["a", ["n", "module"], "exports"]:
                    found = statement
        return found


def sees_members(module: OneModule, scope: OneScope, bound: Bound) -> bool:
    """Tell whether names of an outer scope are seen without its name: those of classes only in some languages."""
    if scope.symbol.kind not in {"class", "object", "interface", "enum"}:
        return True
    if module.facts.language in ECMASCRIPT or module.facts.language == "php":
        return bound.symbol is not None and bound.symbol.kind in CLASSES and scope.symbol.kind == "object"
    return True


def outer_name(qualname: str) -> str:
    """Return the qualified name of the scope around one; empty for the module."""
    return qualname.rpartition(".")[0].removesuffix(".<locals>").removesuffix("<locals>")
