"""What the scopes of one file bind, before anybody asks what it means."""

from typing import Any, NamedTuple

from release_harness.steps.evidence.impact.facts import Expr, FileFacts, Import, Parameter, Statement, Symbol

LOCALS = ".<locals>"


class Binding(NamedTuple):
    """One way in which a name of a scope gets its value."""

    kind: str
    """`param`, `import`, `set`, `symbol` or `item` (a part of what is assigned)."""
    fact: Any
    """The Parameter, Import, Statement or Symbol."""
    position: int = -1
    """Position in the unpacked value for `item`; position of the parameter for `param`."""


def name_key(symbol_id: str, symbol: Symbol) -> str:
    """Return what stands before a name in the key of what the scope of a symbol binds it to.

    A name of a class is its member. The names of a module are read through `Names.module_name`, which notes them itself.
    """
    if not symbol.qualname:
        return ""
    return f"{symbol_id}." if symbol.kind == "class" else f"{symbol_id}!"


def outer_of(qualname: str) -> str:
    """Return the qualname of the scope a symbol is written in; the module's is empty."""
    return qualname.rpartition(".")[0].removesuffix(LOCALS)


class Scope:
    """One scope of a file: its symbol, what it binds, and where its free names are looked up."""

    __slots__ = ("bindings", "file", "is_class", "key", "outer", "symbol", "values")

    def __init__(self, file: "FileIndex", symbol: Symbol, outer: "Scope | None") -> None:
        """Read the bindings of a symbol's own statements."""
        self.file = file
        self.symbol = symbol
        self.outer = outer
        self.is_class = symbol.kind == "class"
        self.values: dict[str, Any] = {}
        self.key = name_key(f"{file.path}:{symbol.qualname}", symbol)
        self.bindings = file.bindings_of(symbol)

    def free(self) -> "Scope | None":
        """Return the scope in which names are looked up that this one does not bind; class scopes are passed over."""
        outer = self.outer
        while outer is not None and outer.is_class:
            outer = outer.outer
        return outer


class FileIndex:
    """The facts of one file, ready to be asked for names."""

    def __init__(self, path: str, facts: FileFacts, module: str) -> None:
        """Sort the symbols of a file by where they are written."""
        self.path = path
        self.facts = facts
        self.module = module
        self.symbols: dict[str, Symbol] = {}
        self.children: dict[str, list[Symbol]] = {}
        self._scopes: dict[int, Scope] = {}
        self._members: dict[str, dict[str, list[Binding]]] = {}
        self._assigned: dict[str, dict[str, list[tuple[Symbol, Binding]]]] = {}
        self.has_star = any(each.name == "*" for each in facts.symbols[0].imports)
        for symbol in facts.symbols:
            if symbol.qualname or symbol.kind != "module":
                self.children.setdefault(outer_of(symbol.qualname), []).append(symbol)
            known = self.symbols.get(symbol.qualname)
            if known is None or ("overload" not in symbol.flags and "setter" not in symbol.flags):
                self.symbols[symbol.qualname] = symbol

    def release(self) -> None:
        """Let go of what points back here, so that memory is given back without waiting for the collector of cycles."""
        self._scopes.clear()
        self._members.clear()
        self._assigned.clear()

    def scope_of(self, symbol: Symbol) -> Scope:
        """Return the scope of a symbol of this file."""
        known = self._scopes.get(id(symbol))
        if known is None or known.symbol is not symbol:
            outer: Scope | None = None
            if symbol.qualname:
                above = self.symbols.get(outer_of(symbol.qualname)) or self.facts.symbols[0]
                outer = self.scope_of(above)
            self._scopes[id(symbol)] = known = Scope(self, symbol, outer)
        return known

    def scope(self, qualname: str) -> Scope | None:
        """Return the scope of a qualname."""
        symbol = self.symbols.get(qualname)
        return None if symbol is None else self.scope_of(symbol)

    def bindings_of(self, symbol: Symbol) -> dict[str, list[Binding]]:
        """Return what each name of a symbol's scope is bound to, in source order."""
        found: dict[str, list[Binding]] = {}
        for position, parameter in enumerate(symbol.parameters):
            found.setdefault(parameter.name, []).append(Binding("param", parameter, position))
        for imported in symbol.imports:
            if imported.bound:
                found.setdefault(imported.bound, []).append(Binding("import", imported))
        for child in self.children.get(symbol.qualname, ()):
            if child is not symbol and "overload" not in child.flags:
                found.setdefault(child.qualname.rpartition(".")[2], []).append(Binding("symbol", child))
        elsewhere = [each for each in symbol.flags if each.startswith(("global:", "nonlocal:"))]
        for statement in symbol.body:
            if statement.kind == "set" and statement.target is not None:
                _bind_target(found, statement, statement.target, -1)
        for each in elsewhere:
            found.pop(each.partition(":")[2], None)
        if not symbol.qualname:
            self._bind_globals(found)
        return found

    def _bind_globals(self, found: dict[str, list[Binding]]) -> None:
        """Add what functions assign to names that they declare global."""
        for symbol in self.facts.symbols:
            names = {each.partition(":")[2] for each in symbol.flags if each.startswith("global:")}
            if not names:
                continue
            for statement in symbol.body:
                target = statement.target
                if statement.kind == "set" and target and target[0] == "n" and target[1] in names:
                    found.setdefault(target[1], []).append(Binding("global", (symbol, statement)))

    def members(self, qualname: str) -> dict[str, list[Binding]]:
        """Return what a class binds in its own body."""
        known = self._members.get(qualname)
        if known is None:
            symbol = self.symbols.get(qualname)
            known = {} if symbol is None else self.scope_of(symbol).bindings
            self._members[qualname] = known
        return known

    def assigned(self, qualname: str) -> dict[str, list[tuple[Symbol, Binding]]]:
        """Return the attributes that the methods of a class set on their first parameter."""
        known = self._assigned.get(qualname)
        if known is None:
            known = {}
            for method in self.children.get(qualname, ()):
                if method.kind != "class" and method.parameters:
                    _read_assigned(known, method)
            self._assigned[qualname] = known
        return known


def _bind_target(found: dict[str, list[Binding]], statement: Statement, target: Expr, index: int) -> None:
    form = target[0]
    if form == "n":
        kind = "set" if index < 0 else "item"
        found.setdefault(target[1], []).append(Binding(kind, statement, index))
    elif form == "l":
        for position, each in enumerate(target[1]):
            if each[0] in {"n", "*"}:
                _bind_target(found, statement, each, position if index < 0 else 0)
            else:
                _bind_target(found, statement, each, position)
    elif form == "*":
        _bind_target(found, statement, target[1], max(index, 0))


def _read_assigned(found: dict[str, list[tuple[Symbol, Binding]]], method: Symbol) -> None:
    first = method.parameters[0].name
    for statement in method.body:
        target = statement.target
        if statement.kind != "set" or target is None:
            continue
        parts = [(target, -1)]
        if target[0] == "l":
            parts = list(zip(target[1], range(len(target[1])), strict=True))
        for part, index in parts:
            if part[0] == "a" and part[1] == ["n", first]:
                binding = Binding("set" if index < 0 else "item", statement, index)
                found.setdefault(part[2], []).append((method, binding))


__all__ = ["Binding", "FileIndex", "Import", "Parameter", "Scope", "outer_of"]
