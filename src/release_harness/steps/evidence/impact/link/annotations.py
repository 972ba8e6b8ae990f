"""What annotations say about the values they stand at."""

from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.impact.link.bindings import Scope
from release_harness.steps.evidence.impact.link.classes import Classes
from release_harness.steps.evidence.impact.link.core import item_type, union
from release_harness.steps.evidence.impact.values import UNKNOWN, Value

_SAME = frozenset(
    {
        "Annotated",
        "ClassVar",
        "Final",
        "Required",
        "NotRequired",
        "ReadOnly",
        "Awaitable",
        "InitVar",
        "Mapped",
        "WriteOnlyMapped",
        "TypeGuard",
    }
)
_UNIONS = frozenset({"Optional", "Union"})
_HOLDERS = frozenset(
    {
        *("list", "List", "set", "Set", "frozenset", "FrozenSet", "tuple", "Tuple", "deque", "Deque"),
        *(
            "Sequence",
            "MutableSequence",
            "Iterable",
            "Iterator",
            "Collection",
            "AbstractSet",
            "MutableSet",
            "Container",
            "Reversible",
        ),
        *("AsyncIterable", "AsyncIterator", "Generator", "AsyncGenerator"),
        *("ContextManager", "AsyncContextManager", "AbstractContextManager", "AbstractAsyncContextManager"),
        *("QuerySet", "Query", "ScalarResult", "DynamicMapped", "Page", "BaseManager", "Manager"),
    }
)
_MAPPINGS = frozenset(
    {
        "dict",
        "Dict",
        "Mapping",
        "MutableMapping",
        "defaultdict",
        "DefaultDict",
        "OrderedDict",
        "WeakValueDictionary",
        "ItemsView",
        "ChainMap",
    }
)
_CLASSES = frozenset({"type", "Type"})
_NOTHING = frozenset(
    {
        "Any",
        "Literal",
        "Callable",
        "Never",
        "NoReturn",
        "None",
        "object",
        "ParamSpec",
        "TypeVarTuple",
        "Concatenate",
        "TypeAlias",
    }
)
_COROUTINES = frozenset({"Coroutine", "CoroutineType"})


class Annotations(Classes):
    """Reads annotations."""

    def annotation(self, scope: Scope, expr: Expr | None) -> Value:
        """Return an instance of what an annotation says."""
        if expr is None:
            return UNKNOWN
        form = expr[0]
        if form in {"n", "a"}:
            return self._named_type(self.evaluate(scope, expr))
        if form == "i":
            return self._generic(scope, expr)
        if form == "b":
            return union([self.annotation(scope, each) for each in expr[1]])
        if form == "c":
            return self._type_call(scope, expr)
        return UNKNOWN

    def _named_type(self, value: Value) -> Value:
        if value.others:
            return union([self._named_type(each) for each in (value._replace(others=()), *value.others)])
        if value.symbol and value.external and not value.type:
            return self._aliased(value)
        if value.external and not value.type:
            last = value.external.rpartition(".")[2]
            if last == "Self" and value.external.startswith("typing"):
                return Value(via="self", type="typing.Self")
            return UNKNOWN if last in _NOTHING else Value(type=value.external)
        if not value.symbol or value.symbol.endswith(":"):
            return UNKNOWN
        kind = self.kind(value.symbol)
        if kind == "class":
            return Value(type=value.symbol)
        return self._aliased(value) if kind == "variable" else UNKNOWN

    def _aliased(self, value: Value) -> Value:
        """Return an instance of what a type alias, a type variable or a new type stands for."""
        found: Value = self.ask(self.answers, ("alias", value.symbol), self._read_alias, value.symbol)
        return found

    def _read_alias(self, symbol: str) -> Value:
        place = self.alias(symbol)
        return UNKNOWN if place is None else self.annotation(place[0], place[1])

    def _type_call(self, scope: Scope, call: Expr) -> Value:
        """Return an instance of `TypeVar("T", bound=X)`, `NewType("N", X)` or `TypeAliasType("A", X)`."""
        name = self.evaluate(scope, call[1]).external.rpartition(".")[2]
        if name == "TypeVar":
            return self.annotation(scope, call[3].get("bound"))
        if name in {"NewType", "TypeAliasType"} and len(call[2]) > 1:
            return self.annotation(scope, call[2][1])
        return UNKNOWN

    def _generic(self, scope: Scope, expr: Expr) -> Value:
        base = self.evaluate(scope, expr[1])
        inner: Expr = expr[2]
        arguments: list[Expr] = list(inner[1]) if inner[0] == "l" else [inner]
        name = base.external.rpartition(".")[2]
        if not arguments:
            return self._named_type(base)
        if name in _SAME:
            return self.annotation(scope, arguments[0])
        if name in _UNIONS:
            return union([self.annotation(scope, each) for each in arguments])
        if name in _CLASSES:
            return self._class_object(scope, arguments[0])
        if name in _NOTHING:
            return UNKNOWN
        if name in _COROUTINES:
            return self.annotation(scope, arguments[-1])
        held = arguments[1] if name in _MAPPINGS and len(arguments) > 1 else arguments[0]
        whole = self._named_type(base)
        if not whole.known:
            return UNKNOWN
        item = item_type(self._class_object(scope, held[2]) if _is_class_of(held) else self.annotation(scope, held))
        return whole._replace(item=item) if name in _HOLDERS or name in _MAPPINGS or not base.external else whole

    def _class_object(self, scope: Scope, expr: Expr) -> Value:
        """Return the class itself that `type[X]` means."""
        instance = self.annotation(scope, expr)
        found = []
        for each in (instance, *instance.others):
            if each.via == "self":
                found.append(each)
            elif ":" in each.type:
                found.append(Value(symbol=each.type))
            elif each.type:
                found.append(Value(external=each.type))
        return union(found)


def _is_class_of(expr: Expr) -> bool:
    return bool(expr[0] == "i" and expr[1][0] == "n" and expr[1][1] in _CLASSES)
