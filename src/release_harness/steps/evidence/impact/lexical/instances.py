"""What calls, annotations and items give, in other languages than Python."""

from abc import ABC, abstractmethod

from release_harness.steps.evidence.impact.expressions import text_of
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.impact.lexical.built_in import (
    CHANNEL,
    WRAPPERS,
    given_by,
    held_type,
    is_container,
    made_by,
)
from release_harness.steps.evidence.impact.lexical.reads import Reads
from release_harness.steps.evidence.impact.lexical.scopes import CLASSES, ECMASCRIPT, OneModule, OneScope
from release_harness.steps.evidence.impact.values import UNKNOWN, Value
from release_harness.steps.evidence.model.impact import SymbolId

DEPTH_LIMIT = 24
FOR_KEY = "for key"
"""`how` of the one name of a loop of Go: an index of what has items, or an item of a channel."""


class Instances(Reads, ABC):
    """Reads what expressions give; what names stand for is asked of whoever knows them."""

    def __init__(self) -> None:
        """Start without anything known."""
        super().__init__()
        self._known: dict[tuple[str, str, str], tuple[Value, tuple[str, ...]]] = {}
        """(path, scope, name) -> (what it stands for, keys of what was read for that)."""
        self._waiting: set[tuple[str, str, str]] = set()

    @abstractmethod
    def module(self, path: str) -> OneModule | None:
        """Return one file, or None when it has no facts."""

    @abstractmethod
    def symbol(self, symbol: SymbolId) -> Symbol | None:
        """Return the facts of a symbol."""

    @abstractmethod
    def is_class(self, symbol: SymbolId) -> bool:
        """Tell whether a SymbolId is a class, interface, enum or object."""

    @abstractmethod
    def _resolve(self, module: OneModule, scope: OneScope, expr: Expr, depth: int) -> Value:
        """Return what an expression stands for."""

    @abstractmethod
    def _imported_module(self, module: OneModule, source: str, depth: int) -> Value:
        """Return what a module is that is imported as a whole."""

    def resolve_deep(self, scope: SymbolId, expr: Expr, depth: int) -> Value:
        """Return what an expression stands for, counting how deep the question is."""
        path, _, qualname = scope.rpartition(":")
        module = self.module(path)
        if module is None or qualname not in module.scopes or depth > DEPTH_LIMIT:
            return UNKNOWN
        return self._resolve(module, module.scopes[qualname], expr, depth)

    def _subscript(self, module: OneModule, scope: OneScope, expr: Expr, depth: int) -> Value:
        """Return an item of a container, a further result of a call of Go, or the class that a generic type means."""
        if module.facts.language == "go" and expr[1][0] == "c" and expr[2][0] == "k" and expr[2][1]:
            return self._result(module, scope, expr[1], expr[2][1], depth)
        base = self._resolve(module, scope, expr[1], depth + 1)
        item = self.item_of(base, "", depth)
        if item or is_container(base.type) or module.facts.language == "go":
            return Value(type=item) if item else Value(symbol=base.symbol) if self.is_class(base.symbol) else UNKNOWN
        return base if _is_generic(module, expr) else UNKNOWN

    def _result(self, module: OneModule, scope: OneScope, call: Expr, position: int, depth: int) -> Value:
        """Return an instance of one of several results of a function."""
        found = self._resolve(module, scope, call[1], depth + 1).symbol
        symbol = self.symbol(found) if found else None
        returns = symbol.returns if symbol is not None else None
        if returns is None or returns[0] != "l" or position >= len(returns[1]):
            return UNKNOWN
        return self.instance(found, returns[1][position], depth + 1)

    def item_of(self, value: Value, how: str, depth: int = 0) -> str:
        """Return the type of what something holds: by its own type, or by what a type of that name is declared as."""
        if how == FOR_KEY and value.type != CHANNEL:
            return ""
        symbol = self.symbol(value.type) if ":" in value.type and not value.item else None
        if symbol is None or symbol.kind != "type" or depth > DEPTH_LIMIT:
            return value.item
        declared = next((each.value for each in symbol.body if each.kind == "do"), None)
        return self.instance(value.type.rpartition(":")[0] + ":", declared, depth + 1).item

    def _called(self, module: OneModule, scope: OneScope, call: Expr, depth: int) -> Value:
        function = call[1]
        if module.facts.language in ECMASCRIPT and function in (["n", "require"], ["n", "import"]) and call[2]:
            source = text_of(call[2][0])
            return self._imported_module(module, source, depth) if source else UNKNOWN
        if module.facts.language == "go" and function[0] == "n" and function[1] in _GO_GIVES and call[2]:
            given = self._given_by_go(module, scope, call, depth)
            if given is not None:
                return given
        found = self._resolve(module, scope, function, depth + 1)
        if function[0] == "a" and function[2] in {"new", "builder"} and self.is_class(found.symbol or ""):
            return Value(type=found.symbol)
        if found.external:
            return self._made_outside(module, scope, function, found.external, depth)
        symbol = self.symbol(found.symbol) if found.symbol else None
        if symbol is None:
            return UNKNOWN
        if symbol.kind in CLASSES:
            return Value(type=found.symbol)
        if symbol.returns is not None:
            return self.instance(found.symbol, symbol.returns, depth)
        return self._returned(found.symbol, symbol, depth)

    def _given_by_go(self, module: OneModule, scope: OneScope, call: Expr, depth: int) -> Value | None:
        """Return what `append`, `make` and `new` give; None where something of the repository has that name."""
        if self._resolve(module, scope, call[1], depth + 1).symbol:
            return None
        if call[1][1] == "append":
            found = self._resolve(module, scope, call[2][0], depth + 1)
            return Value(type=found.type, item=found.item)
        return self.instance(f"{module.path}:{scope.symbol.qualname}", call[2][0], depth + 1)

    def _returned(self, owner: SymbolId, symbol: Symbol, depth: int) -> Value:
        """Return an instance of what a function gives back that does not declare it; UNKNOWN where its returns differ."""
        key = (owner, "", "()")
        known = self._known.get(key)
        if known is not None:
            self.read.update(known[1])
            return known[0]
        if key in self._waiting or symbol.kind not in {"function", "async"}:
            return UNKNOWN
        self._waiting.add(key)
        try:
            found, read = self.noted(self._agreed, owner, symbol, depth)
        finally:
            self._waiting.discard(key)
        if not self._waiting or found.known:
            self._known[key] = found, read
        return found

    def _agreed(self, owner: SymbolId, symbol: Symbol, depth: int) -> Value:
        values = [
            self.resolve_deep(owner, each.value, depth + 1)
            for each in symbol.body
            if each.kind == "return" and each.value is not None and each.value[0] != "k" and not each.how
        ]
        types = {(each.type, each.item) for each in values}
        return Value(type=values[0].type, item=values[0].item) if len(types) == 1 else UNKNOWN

    def _made_outside(self, module: OneModule, scope: OneScope, function: Expr, name: str, depth: int) -> Value:
        """Return what a call of a library or of the language gives."""
        if function[0] == "a":
            base = self._resolve(module, scope, function[1], depth + 1)
            if is_container(base.type):
                return given_by(base, str(function[2]))
        return made_by(name) or Value(type=name)

    def instance(self, scope: SymbolId, annotation: Expr | None, depth: int = 0) -> Value:
        """Return an instance of what an annotation says; promises and the like give what is in them."""
        if annotation is None:
            return UNKNOWN
        if annotation[0] == "i" and annotation[1][0] == "n" and annotation[1][1] in WRAPPERS:
            return self.instance(scope, annotation[2], depth + 1)
        held = held_type(annotation)
        if held is not None:
            return Value(type=held[0], item=self.instance(scope, held[1], depth + 1).type)
        if annotation[0] in {"b", "l"} and annotation[1]:  # alternatives, and several results of Go
            return self.instance(scope, annotation[1][0], depth + 1)
        found = self.resolve_deep(scope, annotation, depth + 1)
        name = found.symbol or found.external
        return Value(type=name) if name else UNKNOWN


_GO_GIVES = frozenset({"append", "make", "new"})


def _is_generic(module: OneModule, expr: Expr) -> bool:
    return (
        module.facts.language not in {"ruby", "php"} and expr[1][0] in {"n", "a"} and expr[2][0] in {"n", "a", "l", "i"}
    )
