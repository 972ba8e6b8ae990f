"""FastAPI's dependencies: which of them guard, at which level they stand."""

from collections.abc import Iterator
from dataclasses import replace

from release_harness.steps.evidence.impact.entries.conditions import alternatives
from release_harness.steps.evidence.impact.entries.guards import GuardReader, merged
from release_harness.steps.evidence.impact.entries.objects import Objects
from release_harness.steps.evidence.impact.entries.reading import last_name, shown
from release_harness.steps.evidence.impact.expressions import argument, is_call, walk
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.model.impact import Guard, SymbolId

MAKERS = frozenset({"Depends", "Security"})
DEPTH_LIMIT = 6


class Dependencies:
    """Reads `Depends` and `Security` wherever they stand."""

    def __init__(self, objects: Objects, guards: GuardReader) -> None:
        """Take the objects and the judge of guards."""
        self.objects = objects
        self.program = objects.program
        self.guards = guards

    def of_list(self, scope: SymbolId, expr: Expr | None, line: int) -> tuple[tuple[Guard, ...], bool]:
        """Return the guards of a `dependencies=[…]`: everything there is one, for nobody uses its value."""
        items = self.guards.conditions.items(scope, expr)
        known = all(each.read for each in items)
        found = []
        for item in items:
            there, each = self.objects.value(item.scope, item.expr)
            made = _first_maker(each) or each
            if made is None:
                known = False
                continue
            name = shown(item.expr if item.expr[0] == "n" else made)
            guards = self._guards(there, made, line, name, item.when)
            found += [replace(guard, path=_path(scope), read=item.read) for guard in guards]
        return tuple(found), known

    def _guards(
        self, scope: SymbolId, made: Expr, line: int, name: str, when: str, annotated: Expr | None = None
    ) -> Iterator[Guard]:
        """Yield what checks in one `Depends(…)`, which may be another function under another condition."""
        checker = argument(made, 0, "dependency") if is_call(made) and last_name(made) in MAKERS else made
        for each, own in alternatives(checker or annotated or made):
            under = " and ".join(text for text in (when, own) if text)
            yield self.guards.guard(scope, each, "dependency", line, name, under)

    def of_handler(self, symbol_id: SymbolId, position: int, *, is_class: bool) -> tuple[tuple[Guard, ...], bool]:
        """Return the guards of a handler: decorators below the route, class-level dependencies, then parameters."""
        symbol = self.program.symbol(symbol_id)
        if symbol is None:
            return (), False
        decorators = () if is_class else self.guards.of_decorators(symbol_id, below=position)
        path, _, qualname = symbol_id.rpartition(":")
        owner = self.program.class_of(f"{path}:{qualname.rpartition('.')[0]}")
        of_class = tuple(self._of_attributes(owner.symbol)) if owner else ()
        return merged(of_class, decorators, tuple(self._of_parameters(symbol_id, symbol))), True

    def _of_attributes(self, owner: SymbolId) -> Iterator[Guard]:
        symbol = self.program.symbol(owner)
        for statement in symbol.body if symbol else ():
            for expr in (statement.value, statement.annotation):
                if statement.kind == "set":
                    yield from self._of_expression(owner, expr, statement.line, statement.annotation)

    def _of_parameters(self, symbol_id: SymbolId, symbol: Symbol) -> Iterator[Guard]:
        scope = self.guards.scope_around(symbol_id)
        for each in symbol.parameters:
            yield from self._of_expression(scope, each.default, symbol.line, each.annotation)
            yield from self._of_expression(scope, each.annotation, symbol.line, None)

    def _of_expression(self, scope: SymbolId, expr: Expr | None, line: int, annotated: Expr | None) -> Iterator[Guard]:
        for arm, when in alternatives(expr):
            for there, made, name in self._makers(scope, arm, 0):
                checker = argument(made, 0, "dependency") or _annotated_class(annotated)
                arms = [] if checker is None else alternatives(checker)
                for each, own in arms:
                    if not self._keeps_out(there, made, each):
                        continue
                    under = " and ".join(text for text in (when, own) if text)
                    said = name or shown(made)
                    # The place is where the handler asks for it; an alias may be written in another file.
                    guard = self.guards.guard(there, each, "dependency", line, said, under)
                    yield replace(guard, path=_path(scope))

    def _keeps_out(self, scope: SymbolId, made: Expr, checker: Expr) -> bool:
        if last_name(made) == "Security":
            return True
        return self.guards.is_guard(scope, checker) or self._is_security(scope, checker)

    def _is_security(self, scope: SymbolId, checker: Expr) -> bool:
        value = self.program.resolve(scope, checker)
        if value.type.startswith("fastapi.security"):
            return True
        there, made = self.objects.value(scope, checker)
        return bool(made and is_call(made) and self.objects.type_of_call(there, made).startswith("fastapi.security"))

    def _makers(self, scope: SymbolId, expr: Expr | None, depth: int) -> Iterator[tuple[SymbolId, Expr, str]]:
        """Yield the `Depends(…)` in a default, an annotation, or the alias that an annotation names, each with where it is written."""
        if expr is None or depth > DEPTH_LIMIT:
            return
        found = False
        for each in walk(expr):
            if each[0] == "c" and last_name(each) in MAKERS:
                found = True
                yield scope, each, ""
        if found or expr[0] not in {"n", "a", "i"}:
            return
        inner = expr if expr[0] != "i" else (expr[2][1][0] if expr[2][0] == "l" and expr[2][1] else expr[2])
        if inner[0] not in {"n", "a"}:
            return
        there, value = self.objects.value(scope, inner)
        if value is not None and value is not inner:
            for where, made, _ in self._makers(there, value, depth + 1):
                yield where, made, shown(made)


def _path(scope: SymbolId) -> str:
    return scope.rpartition(":")[0]


def _first_maker(expr: Expr | None) -> Expr | None:
    return next((each for each in walk(expr) if each[0] == "c" and last_name(each) in MAKERS), None)


def _annotated_class(expr: Expr | None) -> Expr | None:
    return expr if expr is not None and expr[0] in {"n", "a"} else None
