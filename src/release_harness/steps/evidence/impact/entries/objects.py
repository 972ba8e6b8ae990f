"""Which router, blueprint or application a name stands for: through variables, imports, parameters, loops and factories."""

from collections.abc import Iterator, Sequence

from release_harness.steps.evidence.impact.entries.contract import ProgramView, Registration
from release_harness.steps.evidence.impact.entries.definitions import Definition, binds, definition_of
from release_harness.steps.evidence.impact.entries.passed_objects import HELD, PASSED
from release_harness.steps.evidence.impact.entries.reading import (
    outer_qualname,
    path_of,
    qualname_of,
)
from release_harness.steps.evidence.impact.expressions import dotted, is_call, items_of, text_of, walk
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.model.impact import SymbolId

DEPTH_LIMIT = 12


class Objects:
    """The objects of a program that adapters ask about; an object is named by where it is made."""

    def __init__(self, program: ProgramView, found: Sequence[Registration] = ()) -> None:
        """Take the program, and the registrations among which those of `passed_objects` and `held_objects` are."""
        self.program = program
        self._given: dict[str, list[tuple[SymbolId, Expr]]] = {}
        self._held: dict[str, list[tuple[SymbolId, Expr]]] = {}
        for each in found:
            if each.kind == PASSED:
                self._note_passed(each)
            elif each.kind == HELD:
                self._held.setdefault(each.data["name"], []).append((each.scope, each.data["value"]))

    def _note_passed(self, registration: Registration) -> None:
        function = self.program.symbol(registration.data["function"])
        if function is None or function.kind == "class":
            made = self.program.method(registration.data["function"], "__init__") if function else None
            function = self.program.symbol(made[0]) if made else None
            owner = made[0] if made else ""
        else:
            owner = registration.data["function"]
        if function is None:
            return
        names = [each.name for each in function.parameters if each.kind in {"positional", "keyword"}]
        bound = bool(names) and names[0] in {"self", "cls"}
        for key, expr in registration.data["given"].items():
            at = int(key) + bound if key.isdigit() else names.index(key) if key in names else -1
            if 0 <= at < len(names):
                self._given.setdefault(f"{owner}.<locals>.{names[at]}", []).append((registration.scope, expr))

    def origins(self, scope: SymbolId, expr: Expr | None) -> tuple[str, ...]:
        """Return the objects that an expression may stand for, each named `path:variable` or `path:scope@line`; empty when that cannot be told."""
        return tuple(dict.fromkeys(self._origins(scope, expr, 0)))

    def held(self, expr: Expr | None) -> tuple[str, ...]:
        """Return the objects that classes hold in a field of this name; asked where reading does not tell which class it is."""
        if expr is None or expr[0] != "a":
            return ()
        found = [each for scope, value in self._held.get(str(expr[2]), ()) for each in self.origins(scope, value)]
        return tuple(dict.fromkeys(found))

    def _origins(self, scope: SymbolId, expr: Expr | None, depth: int) -> Iterator[str]:
        if expr is None or depth > DEPTH_LIMIT:
            return
        if expr[0] == "c":
            yield from self._origins_of_call(scope, expr, "", depth)
            return
        if expr[0] == "b":
            for each in expr[1]:
                yield from self._origins(scope, each, depth + 1)
            return
        name = self.name_of(scope, expr)
        if name:
            yield from self._origins_of_name(name, depth)

    def _origins_of_name(self, name: str, depth: int) -> Iterator[str]:
        found = self.definitions(name)
        if not found:
            given = self._given.get(name, ())
            for scope, expr in given:
                if self.name_of(scope, expr) != name:
                    yield from self._origins(scope, expr, depth + 1)
            if not given:
                yield name
            return
        for each in found:
            if each.how == "for":
                for item in items_of(self.value(each.scope, each.expr)[1]) or ():
                    yield from self._origins(each.scope, item, depth + 1)
            elif is_call(each.expr):
                yield from self._origins_of_call(each.scope, each.expr, name, depth)
            elif each.expr[0] in {"n", "a", "b"}:
                yield from self._origins(each.scope, each.expr, depth + 1)
            else:
                yield name

    def _origins_of_call(self, scope: SymbolId, call: Expr, name: str, depth: int) -> Iterator[str]:
        called = self.program.resolve(scope, call[1])
        function = self.program.symbol(called.symbol) if called.symbol else None
        if function is not None and function.kind in {"function", "async"} and depth < DEPTH_LIMIT:
            seen = False
            for statement in function.body:
                if statement.kind == "return" and statement.value is not None and statement.value[0] in {"n", "a", "c"}:
                    for each in self._origins(called.symbol, statement.value, depth + 1):
                        seen = True
                        yield each
            if seen:
                return
        yield name or f"{scope}@{call[4]}"

    def name_of(self, scope: SymbolId, expr: Expr) -> str:
        """Return the identity of a variable, attribute or parameter as written in a scope, or empty."""
        found = self.program.resolve(scope, expr)
        if found.symbol:
            return found.symbol
        if expr[0] == "n":
            return self._local(scope, str(expr[1]))
        if expr[0] == "a" and expr[1][0] == "n" and expr[1][1] in {"self", "cls"}:
            owner = outer_qualname(qualname_of(scope))
            return f"{path_of(scope)}:{owner}.{expr[2]}" if owner else ""
        if expr[0] == "a":
            base = self.program.resolve(scope, expr[1])
            if base.type and ":" in base.type:
                return f"{base.type}.{expr[2]}"
        return ""

    def _local(self, scope: SymbolId, name: str) -> str:
        path, qualname = path_of(scope), qualname_of(scope)
        while True:
            symbol = self.program.symbol(f"{path}:{qualname}")
            if symbol is not None and symbol.kind != "class" and binds(symbol, name):
                return f"{path}:{qualname}.<locals>.{name}" if qualname else f"{path}:{name}"
            if not qualname:
                return ""
            qualname = outer_qualname(qualname)

    def definitions(self, name: str) -> list[Definition]:
        """Return what a variable is set to, wherever it is set in its own scope (for `self.x`: in all methods of the class)."""
        path, qualname = path_of(name), qualname_of(name)
        outer, last = outer_qualname(qualname), qualname.rpartition(".")[2]
        if not last or "@" in name:
            return []
        scope = f"{path}:{outer}"
        symbol = self.program.symbol(scope)
        if symbol is None:
            return []
        found = [each for each in (definition_of(scope, each, last) for each in symbol.body) if each is not None]
        if symbol.kind == "class":
            found.extend(self._set_in_methods(scope, last))
        return found

    def _set_in_methods(self, owner: SymbolId, attribute: str) -> Iterator[Definition]:
        view = self.program.class_of(owner)
        for method in view.methods.values() if view else ():
            symbol = self.program.symbol(method)
            for each in symbol.body if symbol else ():
                target = each.target
                if each.kind == "set" and each.value and target and dotted(target) == f"self.{attribute}":
                    yield Definition(method, each.value, each.how, each.line, each.under)

    def creation(self, name: str) -> tuple[SymbolId, Expr] | None:
        """Return the call that makes an object, and the scope it is written in."""
        if "@" in name:
            scope, _, line = name.rpartition("@")
            symbol = self.program.symbol(scope)
            for statement in symbol.body if symbol else ():
                for each in walk(statement.value):
                    if each[0] == "c" and str(each[4]) == line and self.type_of_call(scope, each):
                        return scope, each
            return None
        for found in self.definitions(name):
            if is_call(found.expr):
                return found.scope, found.expr
        return None

    def type_of_call(self, scope: SymbolId, call: Expr) -> str:
        """Return the class that a call makes an instance of: a SymbolId or a dotted name, or empty."""
        called = self.program.resolve(scope, call[1])
        if called.symbol and self.program.class_of(called.symbol) is not None:
            return called.symbol
        return called.external

    def type_of(self, name: str) -> str:
        """Return the class of an object: a SymbolId or the dotted name of a library's class; empty when unknown."""
        made = self.creation(name)
        if made is not None:
            found = self.type_of_call(*made)
            if found:
                return found
        return self._parameter_type(name)

    def _parameter_type(self, name: str) -> str:
        path, qualname = path_of(name), qualname_of(name)
        outer, last = outer_qualname(qualname), qualname.rpartition(".")[2]
        symbol = self.program.symbol(f"{path}:{outer}") if outer and "@" not in name else None
        for each in symbol.parameters if symbol else ():
            if each.name == last and each.annotation is not None:
                found = self.program.resolve(f"{path}:{outer}", each.annotation)
                return found.symbol or found.external
        return ""

    def is_a(self, name: str, *bases: str) -> bool:
        """Tell whether an object is an instance of one of the classes."""
        found = self.type_of(name)
        return bool(found) and self.program.is_a(found, *bases)

    def value(self, scope: SymbolId, expr: Expr | None) -> tuple[SymbolId, Expr | None]:
        """Follow names to the expression that they were set to, once each, and return it with the scope it is written in."""
        for _ in range(DEPTH_LIMIT):
            if expr is None or expr[0] not in {"n", "a"}:
                break
            name = self.name_of(scope, expr)
            found = self.definitions(name) if name else []
            if len(found) != 1 or found[0].how:
                break
            scope, expr = found[0].scope, found[0].expr
        return scope, expr

    def text(self, scope: SymbolId, expr: Expr | None) -> tuple[str, bool]:
        """Return a text with `{name}` for parts that reading does not tell, and whether all of it was told."""
        if expr is None:
            return "", True
        plain = text_of(expr)
        if plain is not None:
            return plain, True
        if expr[0] == "f":
            parts = [self.text(scope, each) for each in expr[1]]
            return "".join(text for text, _ in parts), all(known for _, known in parts)
        if expr[0] in {"n", "a"}:
            return self._text_of_name(scope, expr)
        if expr[0] == "c" and len(expr[2]) == 1:
            text, _ = self.text(scope, expr[2][0])
            return (text, False) if "/" in text else ("{" + (dotted(expr[1]) or "…") + "()}", False)
        return "{…}", False

    def _text_of_name(self, scope: SymbolId, expr: Expr) -> tuple[str, bool]:
        found = self.program.resolve(scope, expr)
        if found.text:
            return found.text, True
        there, value = self.value(scope, expr)
        if value is not None and value[0] in {"s", "f"} and value is not expr:
            return self.text(there, value)
        if expr[0] == "a":
            base = self.program.resolve(scope, expr[1])
            owner = base.type or base.symbol
            attribute = self.program.attribute(owner, expr[2]) if owner else None
            if attribute is not None and attribute[0][0] == "s":
                return str(attribute[0][1]), True
        return "{" + (dotted(expr) or "…") + "}", False

    def items(self, scope: SymbolId, expr: Expr | None, depth: int = 0) -> tuple[list[tuple[SymbolId, Expr]], bool]:
        """Return the items of a list through names, `+` and starred parts, each with its scope, and whether all were read."""
        there, value = self.value(scope, expr)
        if value is None or (value[0] == "k" and value[1] is None):
            return [], True
        if depth > DEPTH_LIMIT:
            return [], False
        if (
            value[0] == "c"
            and dotted(value[1]) in {"list", "tuple", "set", "sorted", "frozenset"}
            and len(value[2]) == 1
        ):
            return self.items(there, value[2][0], depth + 1)
        if value[0] == "b":
            return self._items_of_all([(there, each) for each in value[1]], depth)
        if value[0] == "n":
            given = self._given.get(self.name_of(there, value), ())
            return self._items_of_all(given, depth) if given else ([], False)
        if value[0] != "l":
            return [], False
        found: list[tuple[SymbolId, Expr]] = []
        known = True
        for each in value[1]:
            if each[0] == "*":
                more, whole = self.items(there, each[1], depth + 1)
                found.extend(more)
                known = known and whole
            else:
                found.append((there, each))
        return found, known

    def _items_of_all(
        self, lists: Sequence[tuple[SymbolId, Expr]], depth: int
    ) -> tuple[list[tuple[SymbolId, Expr]], bool]:
        """Return the items of several lists, and whether all of them were read."""
        parts = [self.items(scope, each, depth + 1) for scope, each in lists]
        return [each for found, _ in parts for each in found], all(known for _, known in parts)

    def loops(self, scope: SymbolId, expr: Expr | None) -> list[tuple[SymbolId, Expr]] | None:
        """Return the items that a loop variable takes, when it loops over a literal list; None when the name is no such variable."""
        if expr is None or expr[0] != "n":
            return None
        name = self.name_of(scope, expr)
        found = self.definitions(name) if name else []
        if len(found) != 1 or found[0].how != "for":
            return None
        items, known = self.items(found[0].scope, found[0].expr)
        return items if known and items else None
