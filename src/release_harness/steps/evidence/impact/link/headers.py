"""What the header of a function or class refers to: decorators, bases, defaults, annotations, and where it is written."""

from release_harness.steps.evidence.impact.expressions import walk
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.impact.link import known_names, reasons
from release_harness.steps.evidence.impact.link.bindings import Scope, outer_of
from release_harness.steps.evidence.impact.link.references import References
from release_harness.steps.evidence.impact.link.registries import reason_of_table, tables_of


class Headers:
    """Reads headers of symbols."""

    def __init__(self, references: References) -> None:
        """Write through some references."""
        self.references = references
        self.sink = references.sink
        self.resolver = references.resolver
        self._fixtures_met: dict[str, str] = {}

    def read(self, scope: Scope) -> None:
        """Keep what a symbol's header refers to, and the edges that lead to the symbol because of where it is written."""
        symbol = scope.symbol
        outer = scope.outer or scope
        for decorator in symbol.decorators:
            self.sink.line = _line_of(decorator, symbol.line)
            self._decorator(scope, outer, decorator)
        self.sink.line = symbol.line
        if scope.is_class:
            for base in symbol.bases:
                self._with_reason(outer, base, reasons.INHERITS)
            for keyword in symbol.keywords.values():
                self._with_reason(outer, keyword, reasons.INHERITS)
        runs = bool(symbol.decorators)
        for parameter in symbol.parameters:
            self.references.annotated(outer, parameter.annotation, runs=runs)
            self._with_reason(outer, parameter.default, reasons.DEFAULTS)
        self.references.annotated(outer, symbol.returns, runs=runs)
        self._placed(scope, outer)
        if not scope.is_class:
            self._fixtures(scope, outer)

    def _with_reason(self, scope: Scope, expr: Expr | None, reason: int) -> None:
        """Walk an expression; what it names directly gets the reason."""
        if expr is None:
            return
        if expr[0] in {"n", "a"}:
            before = len(self.sink.current)
            value = self.references.walk(scope, expr)
            if len(self.sink.current) > before:
                self.references.refer(value, reason)
            return
        self.references.walk(scope, expr)

    def _placed(self, scope: Scope, outer: Scope) -> None:
        """Keep that a function defines what is nested in it, and a class the classes in its body."""
        symbol = scope.symbol
        if not outer.symbol.qualname:
            return
        if not outer.is_class:
            self.sink.between(outer_of(symbol.qualname), reasons.DEFINES, f"S{self.sink.path}:{symbol.qualname}")
        elif scope.is_class:
            self.sink.between(outer.symbol.qualname, reasons.DECLARES, f"S{self.sink.path}:{symbol.qualname}")

    def _decorator(self, scope: Scope, outer: Scope, decorator: Expr) -> None:
        """Keep a decorator: one that registers leads only from the registry to the function."""
        is_call = decorator[0] == "c"
        function = decorator[1] if is_call else decorator
        arguments = [*decorator[2], *decorator[3].values()] if is_call else []
        registry = self._registry(outer, function)
        if registry is None:
            self._put_into_tables(scope, outer, function)
            self._with_reason(outer, function, reasons.DECORATED)
        else:
            self.sink.between(registry, reasons.REGISTERS, f"S{self.sink.path}:{scope.symbol.qualname}")
        documents = self.resolver.evaluate(outer, function).external.partition(".")[0] in known_names.DOCUMENTING
        for each in arguments:
            if documents:
                self._only_named(outer, each)
            else:
                self._with_reason(outer, each, reasons.DECORATOR_ARGUMENT)
        if is_call and decorator[2] and function[-1] in known_names.LISTENING:
            self._listens(scope, outer, decorator[2][0])

    def _only_named(self, scope: Scope, argument: Expr) -> None:
        """Keep what an argument names as something that runs nothing: it describes the interface in a schema."""
        for each in walk(argument):
            if each[0] in {"n", "a"}:
                self.references.target(self.resolver.evaluate(scope, each), reasons.ANNOTATED_ONLY)

    def _put_into_tables(self, scope: Scope, outer: Scope, function: Expr) -> None:
        """Keep `@register` as an edge from the table that it fills to what it stands over."""
        value = self.resolver.evaluate(outer, function)
        if value.symbol and not value.type and self.resolver.kind(value.symbol) in {"function", "async"}:
            for table in tables_of(self.resolver, value.symbol):
                symbol = f"{self.sink.path}:{scope.symbol.qualname}"
                self.sink.between(table, reason_of_table(self.resolver, symbol), f"S{symbol}")

    def _registry(self, outer: Scope, function: Expr) -> str | None:
        """Return the variable whose method a decorator is; None when the decorator is no method of an object."""
        if function[0] != "a":
            return None
        base = function[1]
        while base[0] == "c" and base[1][0] == "a":
            base = base[1][1]
        value = self.resolver.evaluate(outer, base)
        if value.type and ":" in value.type:
            self.sink.member(value.type, function[2], reasons.DECORATED)
        variable = value.through or (value.symbol if value.type or value.external else "")
        if not variable:
            return None
        if ".<locals>." in variable and self.resolver.kind(variable) == "variable":
            return variable.rpartition(".<locals>.")[0]
        return variable

    def _listens(self, scope: Scope, outer: Scope, argument: Expr) -> None:
        value = self.resolver.evaluate(outer, argument)
        for each in (value, *value.others):
            if each.symbol and not each.type and self.resolver.kind(each.symbol) == "class":
                self.sink.between(each.symbol, reasons.LISTENS, f"S{self.sink.path}:{scope.symbol.qualname}")

    def _fixtures(self, scope: Scope, outer: Scope) -> None:
        """Keep the pytest fixtures that a test or another fixture asks for by the names of its parameters."""
        symbol = scope.symbol
        if not is_test_path(self.sink.path) or not (_is_test(symbol.qualname) or _is_fixture(symbol.decorators)):
            return
        for parameter in symbol.parameters:
            if parameter.name in {"self", "cls", "request"}:
                continue
            found = self._fixtures_met.get(parameter.name)
            if found is None or outer.is_class:
                found = self._fixture(scope, outer, parameter.name)
            if not outer.is_class and parameter.name != symbol.qualname:
                self._fixtures_met[parameter.name] = found
            if found:
                self.sink.symbol(found, reasons.FIXTURE)

    def _fixture(self, scope: Scope, outer: Scope, name: str) -> str:
        path = scope.file.path
        own = f"{path}:{outer.symbol.qualname}.{name}" if outer.is_class else ""
        if own and self.resolver.place(own) is not None and own != f"{path}:{scope.symbol.qualname}":
            return own
        places = [path]
        folder = path.rpartition("/")[0]
        while True:
            places.append(f"{folder}/conftest.py" if folder else "conftest.py")
            if not folder:
                break
            folder = folder.rpartition("/")[0]
        for each in places:
            value = self.resolver.module_name(each, name)
            if value.symbol and value.symbol != f"{path}:{scope.symbol.qualname}" and not value.type:
                place = self.resolver.place(value.symbol)
                if place is not None and _is_fixture(place[1].symbol.decorators):
                    return value.symbol
        return ""


def is_test_path(path: str) -> bool:
    """Tell whether a path is one of tests, by the names that pytest and unittest look for."""
    name = path.rpartition("/")[2]
    return (
        name.startswith(("test_", "conftest."))
        or name.endswith("_test.py")
        or "tests/" in f"/{path}"
        or "/test/" in f"/{path}"
    )


def _is_test(qualname: str) -> bool:
    return qualname.rpartition(".")[2].startswith("test")


def _is_fixture(decorators: list[Expr]) -> bool:
    for each in decorators:
        function = each[1] if each[0] == "c" else each
        if function[0] in {"n", "a"} and "fixture" in function[-1]:
            return True
    return False


def _line_of(decorator: Expr, line: int) -> int:
    return decorator[4] if decorator[0] == "c" and decorator[4] else line
