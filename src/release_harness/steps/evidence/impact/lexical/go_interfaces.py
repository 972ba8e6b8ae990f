"""Which types of Go satisfy which interfaces of the same repository: by their methods, since nothing else says it.

A type satisfies an interface when it has every method of it with as many arguments; what it embeds counts too. That errs
towards too many types, never towards too few, except where an interface embeds one of a library.
"""

from collections.abc import Iterator, Mapping

from release_harness.steps.evidence.impact.facts import Symbol
from release_harness.steps.evidence.impact.lexical.other_languages import Names
from release_harness.steps.evidence.model.impact import SymbolId

SATISFYING_LIMIT = 20
"""An interface that more types satisfy says nothing about any one of them."""
_TEST = "_test.go"

Methods = Mapping[str, tuple[SymbolId, int]]
"""Name -> (method, count of its arguments)."""


class GoInterfaces:
    """The interfaces and types of one tree, read when the first call through an interface is met."""

    def __init__(self, names: Names) -> None:
        """Take what names mean."""
        self.names = names
        self._methods: dict[SymbolId, dict[str, tuple[SymbolId, int]]] | None = None
        self._by_method: dict[str, list[SymbolId]] = {}
        self._satisfying: dict[SymbolId, tuple[SymbolId, ...]] = {}

    def runs(self, method: SymbolId) -> tuple[SymbolId, ...]:
        """Return the methods that a call of a method of an interface may run; for anything else none."""
        owner, _, name = method.rpartition(".")
        symbol = self.names.symbol(owner) if owner.partition(":")[0].endswith(".go") else None
        if symbol is None or symbol.kind != "interface":
            return ()
        return tuple(self._own(each)[name][0] for each in self.satisfying(owner) if name in self._own(each))

    def satisfying(self, interface: SymbolId) -> tuple[SymbolId, ...]:
        """Return the types that satisfy an interface, tests left out."""
        if interface not in self._satisfying:
            wanted = self._asked(interface)
            rarest = min(wanted, key=lambda each: len(self._with(each)), default="")
            self._satisfying[interface] = tuple(
                each for each in (self._with(rarest) if rarest else ()) if self._has(each, interface, wanted)
            )
        return self._satisfying[interface]

    def _has(self, owner: SymbolId, interface: SymbolId, wanted: Mapping[str, int]) -> bool:
        own = self._own(owner)
        near = _folder(owner) == _folder(interface)
        return all(
            name in own and own[name][1] == count and (near or name[:1].isupper()) for name, count in wanted.items()
        )

    def _asked(self, interface: SymbolId) -> dict[str, int]:
        """Return name -> count of arguments of every method of an interface and of those that it embeds."""
        found: dict[str, int] = {}
        for owner in self.names.lineage(interface):
            scope = self.names.scope(owner) if ":" in owner else None
            for name, bound in scope.bound.items() if scope is not None else ():
                if bound.symbol is not None and bound.symbol.kind == "function":
                    found.setdefault(name, _arguments_count(bound.symbol))
        return found

    def _with(self, name: str) -> list[SymbolId]:
        """Return the types that have a method of a name."""
        self._read()
        return self._by_method.get(name, [])

    def _own(self, owner: SymbolId) -> Methods:
        methods = self._read()
        return methods.get(owner, {})

    def _read(self) -> dict[SymbolId, dict[str, tuple[SymbolId, int]]]:
        if self._methods is None:
            self._methods = {}
            for owner, name, method, count in self._declared():
                self._methods.setdefault(owner, {})[name] = (method, count)
            for owner in list(self._types()):
                self._promote(owner, frozenset())
            for owner in sorted(self._methods):
                for name in self._methods[owner]:
                    self._by_method.setdefault(name, []).append(owner)
        return self._methods

    def _declared(self) -> Iterator[tuple[SymbolId, str, SymbolId, int]]:
        for path in self.names.paths:
            module = self.names.module(path) if path.endswith(".go") and not path.endswith(_TEST) else None
            for symbol in module.facts.symbols if module is not None else ():
                first = symbol.parameters[0] if symbol.parameters else None
                if first is None or first.kind != "receiver":
                    continue
                owner = self.names.resolve(f"{path}:", first.annotation).symbol
                if owner:
                    name = symbol.qualname.rpartition(".")[2]
                    yield owner, name, f"{path}:{symbol.qualname}", _arguments_count(symbol)

    def _types(self) -> Iterator[SymbolId]:
        for path in self.names.paths:
            module = self.names.module(path) if path.endswith(".go") and not path.endswith(_TEST) else None
            for symbol in module.facts.symbols if module is not None else ():
                if symbol.kind == "class" and symbol.bases:
                    yield f"{path}:{symbol.qualname}"

    def _promote(self, owner: SymbolId, above: frozenset[SymbolId]) -> None:
        """Give a type the methods of what it embeds, its own before those."""
        methods = self._methods if self._methods is not None else {}
        for base in self.names.bases(owner):
            if base in above or ":" not in base:
                continue
            self._promote(base, above | {owner})
            for name, found in methods.get(base, {}).items():
                methods.setdefault(owner, {}).setdefault(name, found)


def go_interfaces_of(names: Names) -> GoInterfaces:
    """Return the interfaces of a tree; asking again for the same names costs nothing."""
    if not _latest or _latest[0].names is not names:
        _latest[:] = [GoInterfaces(names)]
    return _latest[0]


_latest: list[GoInterfaces] = []


def _arguments_count(symbol: Symbol) -> int:
    return sum(each.kind in {"positional", "args"} for each in symbol.parameters)


def _folder(symbol: SymbolId) -> str:
    return symbol.partition(":")[0].rpartition("/")[0]
