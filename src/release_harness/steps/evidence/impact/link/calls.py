"""What calls give: instances, returns of functions, and the few library functions that hand their argument on."""

from release_harness.steps.evidence.impact.expressions import argument
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.impact.link import rows
from release_harness.steps.evidence.impact.link.annotations import Annotations
from release_harness.steps.evidence.impact.link.bindings import Scope
from release_harness.steps.evidence.impact.link.core import instance_of, item_type, union
from release_harness.steps.evidence.impact.values import UNKNOWN, Value

_FIRST_ARGUMENT = frozenset(
    {
        *(
            "functools.partial",
            "functools.partialmethod",
            "functools.lru_cache",
            "functools.cache",
            "copy.copy",
            "copy.deepcopy",
        ),
        *("builtins.staticmethod", "builtins.classmethod", "asyncio.wait_for", "asyncio.shield", "asyncio.create_task"),
        *("asyncio.ensure_future", "asgiref.sync.sync_to_async", "asgiref.sync.async_to_sync", "inspect.unwrap"),
        *("builtins.iter", "builtins.reversed", "dataclasses.replace", "weakref.proxy", "contextlib.closing"),
    }
)
_SAME_ITEMS = frozenset(
    {
        "builtins.list",
        "builtins.set",
        "builtins.tuple",
        "builtins.sorted",
        "builtins.frozenset",
        "builtins.filter",
        "collections.deque",
    }
)
_ONE_ITEM = frozenset({"builtins.next", "builtins.max", "builtins.min", "random.choice", "builtins.anext"})
_FIELDS = frozenset({"field", "Field", "PrivateAttr", "attrib", "ib"})
_MANAGERS = frozenset({"contextlib.contextmanager", "contextlib.asynccontextmanager"})
_MODEL_AND_KEY = 2
_IMPORTERS = frozenset({"import_string", "import_module", "import_from_string", "locate", "load_object", "__import__"})


class Calls(Annotations):
    """Answers what calls give."""

    def called(self, scope: Scope, function: Value, call: Expr) -> Value:
        """Return what a call gives."""
        if not function.others:
            return self._called(scope, function, call)
        return union([self._called(scope, each, call) for each in (function._replace(others=()), *function.others)])

    def _called(self, scope: Scope, function: Value, call: Expr) -> Value:
        if function.type:
            if ":" in function.type:
                return self.called_member(function, "__call__")
            return self._library_call(scope, function.external or function.type, call)
        if function.symbol and not function.symbol.endswith(":"):
            return self._own_call(function)
        if not function.external:
            return self._rows(scope, call)
        if function.item:
            held = self._method_of_holder(function)
            if held.known:
                return held
        return self._library_call(scope, function.external, call)

    def _own_call(self, function: Value) -> Value:
        if function.via == "self":
            return Value(type=function.symbol, via="self")
        kind = self.kind(function.symbol)
        if kind == "class":
            return Value(type=function.symbol)
        if kind in {"function", "async"}:
            owner = function.receiver or function.symbol.rpartition(".")[0]
            found = self.returned(function.symbol)
            return self.rebound(found, owner) if ":" in owner else found
        if kind == "variable" and function.external:
            return Value(type=function.external)
        return UNKNOWN

    def returned(self, function: str) -> Value:
        """Return what a function of the repository gives when it is called."""
        found: Value = self.ask(self.answers, ("returned", function), self._returned, function)
        return found

    def _returned(self, function: str) -> Value:
        place = self.place(function)
        if place is None or place[1].symbol.kind not in {"function", "async"}:
            return UNKNOWN
        scope = place[1]
        symbol = scope.symbol
        self.read.append(function)
        managed = self._is_manager(scope)
        if symbol.returns is not None:
            said = self._own_type(scope, self.annotation(scope, symbol.returns))
            return Value(type=managed, item=said.item) if managed else said
        self.read.append(f"{function}=")
        yielded = [each.value for each in symbol.body if each.kind == "return" and each.how == "yield"]
        if yielded or "generator" in symbol.flags:
            item = item_type(union([self.evaluate(scope, each) for each in yielded]))
            return Value(type=managed or "typing.Iterator", item=item)
        given = [each.value for each in symbol.body if each.kind == "return" and not each.how]
        return _forgotten(union([self.evaluate(scope, each) for each in given]))

    def _own_type(self, scope: Scope, value: Value) -> Value:
        """Return `Self` as the class that the method is written in."""
        if value.type != "typing.Self" or scope.outer is None or not scope.outer.is_class:
            return value
        return value._replace(type=f"{scope.file.path}:{scope.outer.symbol.qualname}")

    def _is_manager(self, scope: Scope) -> str:
        for decorator in scope.symbol.decorators:
            name = self.evaluate(scope.outer or scope, decorator).external
            if name in _MANAGERS:
                return name
        return ""

    def _library_call(self, scope: Scope, name: str, call: Expr) -> Value:
        first = argument(call, 0)
        if name == "builtins.super":
            return self._super(scope)
        if first is None:
            return self._made(scope, name, call)
        if name in _FIRST_ARGUMENT:
            return self.evaluate(scope, first)
        if name in _SAME_ITEMS:
            return Value(type=name, item=self.evaluate(scope, first).item)
        if name in _ONE_ITEM:
            return self.iterated(self.evaluate(scope, first))
        if name.endswith(".cast") and name.startswith("typing"):
            return self.annotation(scope, first)
        return self._named_call(scope, name, call, first)

    def _named_call(self, scope: Scope, name: str, call: Expr, first: Expr) -> Value:
        last = name.rpartition(".")[2]
        if name == "builtins.type" and len(call[2]) == 1:
            return self._class_of(self.evaluate(scope, first))
        if name == "builtins.getattr" and len(call[2]) > 1:
            text = self.evaluate(scope, call[2][1]).text
            return self.attribute(self.evaluate(scope, first), text) if text else UNKNOWN
        if last in _IMPORTERS:
            text = self.evaluate(scope, first).text
            return self.dotted_text(text, scope.file.path) if text else UNKNOWN
        if last in rows.ASKING or last in rows.RELATIONS:
            found = self._rows(scope, call)
            if found.known:
                return found
        if last in {"Depends", "Security"}:
            return self._injected(scope, name, first)
        return self._made(scope, name, call)

    def _rows(self, scope: Scope, call: Expr) -> Value:
        """Return what asking a mapper for rows of a model gives, by the names that all mappers use; else UNKNOWN."""
        name = call[1][-1] if call[1][0] in {"a", "n"} else ""
        if not call[2] or not (name in rows.ASKING or name in rows.RELATIONS):
            return UNKNOWN
        first = self.evaluate(scope, call[2][0])
        if name in rows.RELATIONS:
            return self._related(scope, first)
        model = first.symbol if first.symbol and not first.type and self.is_class(first.symbol) else ""
        if name in rows.MAKERS:
            return Value(type=rows.QUERY, item=model) if model else UNKNOWN
        if model:
            with_key = name in rows.FINDERS or (name == "get" and len(call[2]) == _MODEL_AND_KEY)
            return Value(type=model) if with_key else UNKNOWN
        if first.type != rows.QUERY:
            return UNKNOWN
        return first._replace(symbol="") if name in rows.RUNNERS else instance_of(first.item)

    def _related(self, scope: Scope, given: Value) -> Value:
        """Return a row of the model that a field names, by itself or by a text; a list of them has it as its items."""
        if given.text:
            given = self.module_name(scope.file.path, given.text.rpartition(".")[2])
        if given.symbol and not given.type and self.is_class(given.symbol):
            return Value(type=given.symbol, item=given.symbol)
        return UNKNOWN

    def _made(self, scope: Scope, name: str, call: Expr) -> Value:
        """Return what a library's class or function gives: an instance of it, or of the factory that a field names."""
        if name.rpartition(".")[2] in _FIELDS:
            factory = argument(call, -1, "default_factory") or argument(call, -1, "factory")
            if factory is not None:
                return self.called(scope, self.evaluate(scope, factory), ["c", factory, [], {}, 0])
        return Value(type=name)

    def _injected(self, scope: Scope, name: str, function: Expr) -> Value:
        """Return what a dependency gives to the parameter whose default it is."""
        given = self.evaluate(scope, function)
        if not given.symbol:
            return Value(type=name)
        found = self.called(scope, given, ["c", function, [], {}, 0])
        return (
            instance_of(found.item)
            if found.item and found.type.startswith(("typing", "contextlib", "collections"))
            else found
        )

    def _method_of_holder(self, function: Value) -> Value:
        """Return what `items.values()`, `mapping.get(key)` or `query.first()` give for something whose items are known."""
        holder, _, name = function.external.rpartition(".")
        if name in rows.SAME_ROWS:
            return Value(type=holder, item=function.item)
        return instance_of(function.item) if name in rows.ONE_ROW else UNKNOWN

    def _super(self, scope: Scope) -> Value:
        owner = owner_of(scope)
        if owner is None:
            return UNKNOWN
        name = f"{owner.file.path}:{owner.symbol.qualname}"
        return Value(type=name, via="super")

    def _class_of(self, value: Value) -> Value:
        if not value.type:
            return UNKNOWN
        if ":" in value.type:
            return Value(symbol=value.type, via=value.via)
        return Value(external=value.type)

    def dotted_text(self, text: str, importer: str) -> Value:
        """Return what a text such as `app.views.index` or `app.main:create_app` names."""
        name, colon, inner = text.partition(":")
        parts = name.split(".")
        if not all(each.isidentifier() for each in parts) or (colon and not inner.replace(".", "").isidentifier()):
            return UNKNOWN
        for length in range(len(parts), 0, -1):
            module = ".".join(parts[:length])
            self.read.append(f"?{module}")
            for path in self.modules.find(module, importer):
                found = Value(symbol=f"{path}:")
                for each in (*parts[length:], *(inner.split(".") if colon else ())):
                    found = self.attribute(found, each)
                if found.known:
                    return found
        known = self.modules.find(parts[0], importer)
        return UNKNOWN if known else Value(external=name + (f".{inner}" if colon else ""))


def owner_of(scope: Scope) -> Scope | None:
    """Return the class whose method a scope is or lies in; None outside of classes."""
    at: Scope | None = scope
    while at is not None:
        outer = at.outer
        if outer is not None and outer.is_class:
            return outer
        at = outer
    return None


def _forgotten(value: Value) -> Value:
    """Return a value without the name of the local variable that it was returned from."""
    if value.type and value.symbol and ".<locals>." in value.symbol:
        value = value._replace(symbol="")
    if value.others:
        value = value._replace(others=tuple(_forgotten(each) for each in value.others))
    return value


__all__ = ["Calls", "Symbol", "owner_of"]
