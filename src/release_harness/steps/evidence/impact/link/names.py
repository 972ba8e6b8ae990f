"""What names mean: lexical scopes, imports, re-exports, star imports, and what variables are bound to."""

import builtins

from release_harness.steps.evidence.impact.facts import Expr, Import, Parameter, Statement, Symbol
from release_harness.steps.evidence.impact.link.bindings import Binding, FileIndex, Scope
from release_harness.steps.evidence.impact.link.core import Core, instance_of, item_type, union
from release_harness.steps.evidence.impact.link.modules import NAMESPACE
from release_harness.steps.evidence.impact.values import UNKNOWN, Value

_BUILTINS = frozenset(each for each in dir(builtins) if not each.startswith("_"))
_SELF_LIKE = frozenset({"staticmethod"})


class Names(Core):
    """Looks names up."""

    def name(self, scope: Scope, name: str) -> Value:
        """Return what a name means where a scope uses it."""
        at: Scope | None = scope
        while at is not None and at.outer is not None:
            # Also where it is not bound: it may be in another version of the file.
            if at.key:
                self.read.append(at.key + name)
            if name in at.bindings:
                return self.bound(at, name)
            at = at.free()
        return self.free_name(scope.file, name)

    def free_name(self, file: FileIndex, name: str) -> Value:
        """Return what a name means at the level of a module: one of its own, or a builtin."""
        found = self.module_name(file.path, name)
        if not found.known and name in _BUILTINS and name not in file.scope_of(file.facts.symbols[0]).bindings:
            return Value(external=f"builtins.{name}")
        return found

    def bound(self, scope: Scope, name: str) -> Value:
        """Return what a scope binds a name to."""
        bindings = scope.bindings[name]
        if len(bindings) == 1 and bindings[0].kind == "symbol":
            if scope.key:
                self.read.append(scope.key + name)
            return Value(symbol=f"{scope.file.path}:{bindings[0].fact.qualname}")
        found: Value = self.ask(scope.values, name, self._bound, scope, name)
        return found

    def module_name(self, path: str, name: str) -> Value:
        """Return what a name of a module stands for."""
        found: Value = self.ask(self.answers, (path, name), self._module_name, path, name)
        return found

    def _module_name(self, path: str, name: str) -> Value:
        file = self.file(path)
        if file is None:
            return UNKNOWN
        scope = file.scope_of(file.facts.symbols[0])
        self.read.append(f"{path}:{name}")
        if name in scope.bindings:
            return self._bound(scope, name)
        if not file.has_star:
            return UNKNOWN
        return self._starred(file, scope, name)

    def _starred(self, file: FileIndex, scope: Scope, name: str) -> Value:
        """Return what a name means through the star imports of a module, the last first."""
        self.read.append(f"{file.path}:*")
        for imported in reversed(scope.symbol.imports):
            if imported.name != "*":
                continue
            for path in self.module_paths(file.path, imported):
                target = self.file(path)
                self.read.append(f"{path}:*")
                hidden = target is not None and target.facts.exports is not None and name not in target.facts.exports
                if hidden or (name.startswith("_") and (target is None or target.facts.exports is None)):
                    continue
                found = self.module_name(path, name)
                if found.known:
                    return found
        return UNKNOWN

    def module_paths(self, path: str, imported: Import) -> tuple[str, ...]:
        """Return the files that the module of an import may be."""
        if imported.level:
            self.read.append(f"?/{self.modules.stem(path, imported.level, imported.module)}")
            return self.modules.relative(path, imported.level, imported.module)
        self.read.append(f"?{imported.module}")
        return self.modules.find(imported.module, path)

    def module_value(self, dotted: str, importer: str) -> Value:
        """Return the module of a dotted name."""
        self.read.append(f"?{dotted}")
        paths = self.modules.find(dotted, importer)
        if not paths:
            return Value(external=dotted)
        return union([Value(symbol=f"{each}:") for each in paths])

    def imported(self, path: str, imported: Import) -> Value:
        """Return what an import binds."""
        if not imported.name:
            plain = imported.bound == imported.module.partition(".")[0]
            return self.module_value(imported.bound if plain else imported.module, path)
        paths = self.module_paths(path, imported)
        if not paths:
            return UNKNOWN if imported.level else Value(external=f"{imported.module}.{imported.name}")
        for each in paths:
            found = self.module_attribute(each, imported.name, importer=path)
            if found.known:
                return found
        return UNKNOWN

    def module_attribute(self, path: str, name: str, *, importer: str = "") -> Value:
        """Return an attribute of a module: a name it binds, or one of its submodules."""
        is_package = path.endswith((NAMESPACE, "/__init__.py", "/__init__.pyi")) or path.startswith("__init__.")
        if not path.endswith(NAMESPACE) and not (is_package and importer == path):
            found = self.module_name(path, name)
            if found.known:
                return found
        if is_package:
            folder = path.rpartition("/")[0]
            self.read.append(f"?/{folder}/{name}" if folder else f"?/{name}")
            inner = self.modules.children(folder, name)
            if inner:
                return Value(symbol=f"{inner[0]}:")
            if importer == path:
                return self.module_name(path, name)
        return UNKNOWN

    def _bound(self, scope: Scope, name: str) -> Value:
        bindings = scope.bindings[name]
        if scope.key:
            self.read.append(scope.key + name)
        if len(bindings) == 1 and bindings[0].kind in {"import", "symbol", "param"}:
            return self.binding(scope, bindings[0])
        values = []
        for binding in bindings:
            value = self.binding(scope, binding)
            if value.known and binding.kind in {"set", "item", "global"}:
                value = self._named(scope, name, value)
            if binding.kind == "set" and binding.fact.annotation is not None and value.known:
                return value
            values.append(value)
        if len(values) > 1 and bindings[-1].kind == "symbol" and all(each.kind == "symbol" for each in bindings):
            return values[-1]
        found = union(values)
        if not found.known and any(each.kind in {"set", "item", "global"} for each in bindings):
            return Value(symbol=_variable(scope, name)) if not scope.symbol.qualname else UNKNOWN
        return found

    def _named(self, scope: Scope, name: str, value: Value) -> Value:
        """Return a value under the name of the variable it is bound to."""
        if value.via in {"self", "super"}:
            return value
        variable = _variable(scope, name)
        if value.others:
            value = value._replace(others=tuple(self._named(scope, name, each) for each in value.others))
        if value.symbol and not value.type:
            own = not scope.symbol.qualname and not value.through
            return value._replace(through=variable) if own else value
        text = value.text if len(scope.bindings[name]) == 1 else ""
        return value._replace(symbol=variable, text=text)

    def binding(self, scope: Scope, binding: Binding) -> Value:
        """Return what one binding gives."""
        kind, fact = binding.kind, binding.fact
        if kind == "symbol":
            return Value(symbol=f"{scope.file.path}:{fact.qualname}")
        if kind == "import":
            return self.imported(scope.file.path, fact)
        if kind == "param":
            return self._parameter(scope, fact, binding.position)
        if kind == "global":
            symbol, statement = fact
            self.read.append(f"{scope.file.path}:{symbol.qualname}")
            return self.assigned_value(scope.file.scope_of(symbol), statement)
        if kind == "set":
            return self.assigned_value(scope, fact)
        if kind == "item":
            return self._unpacked(scope, fact, binding.position)
        return UNKNOWN

    def assigned_value(self, scope: Scope, statement: Statement) -> Value:
        """Return what a `set` statement gives its target."""
        if statement.annotation is not None:
            said = self.annotation(scope, statement.annotation)
            if said.known:
                return said
        how = statement.how
        if how in {"", "walrus", "type"}:
            return self.evaluate(scope, statement.value)
        if how == "for":
            return self.iterated(self.evaluate(scope, statement.value))
        if how == "with":
            return self.entered(self.evaluate(scope, statement.value))
        if how in {"except", "case"}:
            return self._instance(self.evaluate(scope, statement.value))
        return UNKNOWN

    def _instance(self, value: Value) -> Value:
        if value.type:
            return union([instance_of(value.item)])
        return union(
            [
                Value(type=each.symbol or each.external)
                for each in (value, *value.others)
                if each.symbol or each.external
            ]
        )

    def iterated(self, value: Value) -> Value:
        """Return what looping over a value gives."""
        found = [instance_of(each.item) for each in (value, *value.others)]
        for each in (value, *value.others):
            if not each.item and ":" in each.type:
                for method in ("__iter__", "__aiter__"):
                    returned = self.called_member(each, method)
                    found.append(instance_of(returned.item))
        return union(found)

    def entered(self, value: Value) -> Value:
        """Return what `with` binds for a context manager."""
        found = []
        for each in (value, *value.others):
            if each.item:
                found.append(instance_of(each.item))
            elif ":" in each.type:
                entered = [self.called_member(each, method) for method in ("__enter__", "__aenter__")]
                found.append(union(entered) if any(one.known for one in entered) else each)
            else:
                found.append(each)
        return union(found)

    def called_member(self, value: Value, name: str) -> Value:
        """Return what calling a method of a value gives."""
        method = self.attribute(value._replace(others=()), name)
        if not method.symbol or method.type:
            return UNKNOWN
        found = self.returned(method.symbol)
        return self.rebound(found, value.type)

    def rebound(self, value: Value, receiver: str) -> Value:
        """Return a value that depends on the receiver as seen by one receiver."""
        if value.via != "self" and not value.others:
            return value
        others = tuple(self.rebound(each, receiver) for each in value.others)
        if value.via != "self" or not receiver:
            return value._replace(others=others)
        if value.type:
            return value._replace(type=receiver, via="", others=others)
        return value._replace(symbol=receiver, via="", others=others)

    def _unpacked(self, scope: Scope, statement: Statement, index: int) -> Value:
        value = statement.value
        if value is None:
            return UNKNOWN
        if statement.how in {"", "walrus"}:
            if value[0] == "l" and index < len(value[1]) and not any(each[0] == "*" for each in value[1]):
                return self.evaluate(scope, value[1][index])
            return self.iterated(self.evaluate(scope, value))
        if statement.how == "for" and value[0] == "c" and value[1]:
            function = value[1]
            if function[0] == "a" and function[2] == "items" and index == 1:
                return self.iterated(self.evaluate(scope, function[1]))
            if function == ["n", "enumerate"] and index == 1 and value[2]:
                return self.iterated(self.evaluate(scope, value[2][0]))
            if function == ["n", "zip"] and index < len(value[2]):
                return self.iterated(self.evaluate(scope, value[2][index]))
        return UNKNOWN

    def _parameter(self, scope: Scope, parameter: Parameter, position: int) -> Value:
        receiver = self._receiver(scope, position)
        if receiver is not None:
            return receiver
        if parameter.annotation is not None:
            said = self.annotation(scope.outer or scope, parameter.annotation)
            if parameter.kind in {"args", "kwargs"}:
                return Value(
                    type="builtins.tuple" if parameter.kind == "args" else "builtins.dict", item=item_type(said)
                )
            if said.known:
                return said
        default = parameter.default
        if default is not None and default[0] == "c":
            return self.evaluate(scope.outer or scope, default)
        return UNKNOWN

    def _receiver(self, scope: Scope, position: int) -> Value | None:
        """Return the value of `self` or `cls`; None for other parameters."""
        outer = scope.outer
        if position or outer is None or not outer.is_class or "staticmethod" in scope.symbol.flags:
            return None
        owner = f"{scope.file.path}:{outer.symbol.qualname}"
        if is_class_method(scope.symbol):
            return Value(symbol=owner, via="self")
        return Value(type=owner, via="self")

    def alias(self, symbol: str) -> tuple[Scope, Expr] | None:
        """Return the expression that a variable is bound to, and its scope, when there is exactly one."""
        path, _, qualname = symbol.rpartition(":")
        outer, _, name = qualname.rpartition(".")
        file = self.file(path)
        scope = None if file is None else file.scope(outer.removesuffix(".<locals>"))
        bindings = [] if scope is None else scope.bindings.get(name, [])
        if scope is None or len(bindings) != 1 or bindings[0].kind != "set" or bindings[0].fact.value is None:
            return None
        self.read.append(scope.key + name if scope.key else f"{path}:{name}")
        return scope, bindings[0].fact.value


def is_class_method(symbol: Symbol) -> bool:
    """Tell whether the first parameter of a method is the class."""
    name = symbol.qualname.rpartition(".")[2]
    return (
        "classmethod" in symbol.flags
        or name in {"__new__", "__init_subclass__", "__class_getitem__"}
        or (bool(symbol.parameters) and symbol.parameters[0].name in {"cls", "klass", "mcs"})
    )


def _variable(scope: Scope, name: str) -> str:
    qualname = scope.symbol.qualname
    if not qualname:
        return f"{scope.file.path}:{name}"
    inner = f"{qualname}.{name}" if scope.is_class else f"{qualname}.<locals>.{name}"
    return f"{scope.file.path}:{inner}"
