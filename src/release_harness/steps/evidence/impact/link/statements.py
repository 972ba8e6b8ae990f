"""What statements refer to: assignments have a source of their own at the level of modules and classes."""

from release_harness.steps.evidence.impact.facts import Expr, Import, Statement
from release_harness.steps.evidence.impact.link import reasons
from release_harness.steps.evidence.impact.link.bindings import Scope
from release_harness.steps.evidence.impact.link.references import References
from release_harness.steps.evidence.impact.link.registries import reason_of_table, tables_of
from release_harness.steps.evidence.impact.values import Value


class Statements:
    """Reads statements."""

    def __init__(self, references: References) -> None:
        """Write through some references."""
        self.references = references
        self.sink = references.sink
        self.resolver = references.resolver

    def imported(self, scope: Scope, imported: Import) -> None:
        """Keep that a module imports another, and which names of this repository are asked for but not there."""
        self.sink.line = imported.line
        path = scope.file.path
        if not imported.name:
            value = self.resolver.module_value(imported.module, path)
            if value.symbol:
                self.sink.symbol(value.symbol, reasons.IMPORTS)
            return
        paths = self.resolver.module_paths(path, imported)
        for each in paths[:1]:
            self.sink.symbol(f"{each}:", reasons.IMPORTS)
        if imported.name == "*":
            return
        value = self.resolver.imported(path, imported)
        if value.symbol:
            self.sink.symbol(value.through or value.symbol, reasons.IMPORTS_NAME)
        elif (paths or imported.level) and not value.known:
            self.sink.missing.append([scope.symbol.qualname, f"{imported.module}.{imported.name}", imported.line])

    def read(self, scope: Scope, statement: Statement) -> None:
        """Keep what one statement refers to."""
        if statement.kind == "set":
            self._set(scope, statement)
            return
        value = statement.value
        self.references.walk(scope, value)
        if value is not None and not scope.symbol.qualname and value[0] == "c":
            self._registered(scope, value)

    def _set(self, scope: Scope, statement: Statement) -> None:
        target = statement.target
        named = self._named(scope, target) if target is not None else []
        if not named:
            self._assign(scope, statement)
            return
        for name in named:
            inner = f"{scope.symbol.qualname}.{name}" if scope.is_class else name
            if scope.is_class:
                self.sink.between(scope.symbol.qualname, reasons.DECLARES, f"S{self.sink.path}:{inner}")
            self.sink.enter(inner)
            self._assign(scope, statement)
        self.sink.enter(scope.symbol.qualname)
        if statement.value is not None and statement.value[0] == "c" and not scope.symbol.qualname:
            self._registered(scope, statement.value)

    def _named(self, scope: Scope, target: Expr) -> list[str]:
        """Return the names that an assignment binds at the level of a module or class."""
        if scope.symbol.qualname and not scope.is_class:
            return []
        if target[0] == "n":
            return [target[1]]
        if target[0] == "l":
            return [each[1] for each in target[1] if each[0] == "n"]
        return []

    def _assign(self, scope: Scope, statement: Statement) -> None:
        if statement.annotation is not None and (scope.is_class or not scope.symbol.qualname):
            runs = scope.is_class and bool(scope.symbol.bases or scope.symbol.decorators)
            self.references.annotated(scope, statement.annotation, runs=runs)
        value = self.references.walk(scope, statement.value)
        target = statement.target
        if target is not None and target[0] in {"a", "i"}:
            self._put(scope, target, adds=statement.how == "aug")
            self._patched(scope, target, value)

    def _put(self, scope: Scope, target: Expr, *, adds: bool) -> None:
        """Walk what is assigned to; `TABLE[key] = it` in a function only fills the table, `+=` reads what is there."""
        if target[0] == "i" and scope.symbol.qualname and not adds:
            self.references.filled(scope, target[1])
            self.references.walk(scope, target[2])
        else:
            self.references.walk(scope, target)

    def _patched(self, scope: Scope, target: Expr, value: Value) -> None:
        """Keep what an assignment to an attribute or an item replaces: who uses the attribute then uses the value."""
        base = self.resolver.evaluate(scope, target[1])
        if base.via == "self" or not value.symbol or (value.type and ".<locals>." in value.symbol):
            return
        owner = base.symbol or base.type
        if target[0] == "i":
            if base.symbol and not scope.symbol.qualname:
                self.sink.between(base.symbol, reasons.REGISTERS, "S" + value.symbol)
            return
        if owner.endswith(":"):
            self.sink.between(f"{owner}{target[2]}", reasons.ASSIGNED, "S" + value.symbol)
        elif ":" in owner and self.resolver.is_class(owner):
            self.sink.between(f"{owner}.{target[2]}", reasons.ASSIGNED, "S" + value.symbol)

    def _registered(self, scope: Scope, call: Expr) -> None:
        """Keep `X.m(Y)` at the level of a module as X -> Y."""
        function = call[1]
        self._put_into_tables(scope, call)
        if function[0] != "a":
            return
        base = self.resolver.evaluate(scope, function[1])
        registry = base.through or (base.symbol if base.type or base.external else "")
        if not registry or not base.symbol:
            return
        self.sink.line = call[4]
        for each in (*call[2], *call[3].values()):
            if each[0] in {"n", "a"}:
                value = self.resolver.evaluate(scope, each)
                target = value.through or value.symbol
                if target and target != registry:
                    self.sink.between(registry, reasons.REGISTERS, "S" + target)

    def _put_into_tables(self, scope: Scope, call: Expr) -> None:
        """Keep `register(Thing)` as an edge from the table that `register` fills to the thing."""
        given = [each for each in (*call[2], *call[3].values()) if each[0] in {"n", "a"}]
        if not given:
            return
        function = self.resolver.evaluate(scope, call[1])
        if not function.symbol or function.type or self.resolver.kind(function.symbol) not in {"function", "async"}:
            return
        tables = tables_of(self.resolver, function.symbol)
        for each in given if tables else ():
            value = self.resolver.evaluate(scope, each)
            if value.symbol and not value.type:
                for table in tables:
                    self.sink.between(table, reason_of_table(self.resolver, value.symbol), "S" + value.symbol)
