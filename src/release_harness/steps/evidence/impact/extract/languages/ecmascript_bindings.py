"""Functions, parameters, patterns and variables of JavaScript and TypeScript: what gives a name a meaning."""

from typing import TYPE_CHECKING

from release_harness.steps.evidence.impact.expressions import OTHER
from release_harness.steps.evidence.impact.extract.languages.ecmascript_expressions import (
    FUNCTIONS,
    Expressions,
)
from release_harness.steps.evidence.impact.facts import Expr, Parameter

if TYPE_CHECKING:
    from tree_sitter import Node


class Bindings(Expressions):
    """Reads what binds names."""

    def __init__(self, content: bytes) -> None:
        """Start with the bytes of a module."""
        super().__init__(content)
        self.exporting = False
        self.decorators: list[Expr] = []

    def exported(self, name: str) -> None:
        """Keep an exported name."""
        if self.exports is None:
            self.exports = []
        if name not in self.exports:
            self.exports.append(name)

    def declared(self, name: str) -> None:
        """Export a declared name when it stands after `export`."""
        if self.exporting and not self.scope.prefix:
            self.exported(name)

    def parameters(self, node: "Node") -> list[Parameter]:
        """Return the parameters of a function; the names of a pattern follow as keywords."""
        single = node.child_by_field_name("parameter")
        if single is not None:
            return [Parameter(self.text(single), "positional", None, None)]
        given = node.child_by_field_name("parameters")
        found: list[Parameter] = []
        for each in given.named_children if given is not None else ():
            if each.type != "comment":
                self.parameter(each, found)
        return found

    def parameter(self, node: "Node", found: list[Parameter]) -> None:
        """Read one parameter."""
        annotation = self.type_expression(node.child_by_field_name("type"))
        pattern = node.child_by_field_name("pattern") or node.child_by_field_name("left") or node
        default_node = node.child_by_field_name("value") or node.child_by_field_name("right")
        default = self.expression(default_node) if default_node is not None else None
        if pattern.type == "rest_pattern":
            found.append(Parameter(self.text(pattern.named_children[0]), "args", annotation, None))
        elif pattern.type in {"object_pattern", "array_pattern"}:
            types = self.property_types(node.child_by_field_name("type"))
            pairs = {bound: name for name, bound in self.pattern_pairs(pattern)}
            found.append(Parameter("", "positional", annotation, default))
            found.extend(
                Parameter(each, "keyword", types.get(pairs.get(each, "")), None) for each in self.pattern_names(pattern)
            )
        elif pattern.type in {"identifier", "this"}:
            found.append(Parameter(self.text(pattern), "positional", annotation, default))

    def property_types(self, node: "Node | None") -> dict[str, Expr | None]:
        """Return the types of the properties that are written out at a parameter: `{ a }: { a: A }`."""
        inner = node.named_children[0] if node is not None and node.named_children else None
        if inner is None or inner.type != "object_type":
            return {}
        named = [(each, each.child_by_field_name("name")) for each in inner.named_children]
        return {
            self.text(name): self.type_expression(each.child_by_field_name("type"))
            for each, name in named
            if name is not None and each.type == "property_signature"
        }

    def pattern_names(self, node: "Node") -> list[str]:
        """Return the names that a pattern binds."""
        found: list[str] = []
        waiting = [node]
        while waiting:
            each = waiting.pop()
            kind = each.type
            if kind in {"identifier", "shorthand_property_identifier_pattern"}:
                found.append(self.text(each))
            elif kind == "pair_pattern":
                value = each.child_by_field_name("value")
                if value is not None:
                    waiting.append(value)
            elif kind in {"assignment_pattern", "object_assignment_pattern"}:
                left = each.child_by_field_name("left")
                if left is not None:
                    waiting.append(left)
            elif kind.endswith("pattern"):
                waiting.extend(reversed(each.named_children))
        return found

    def function_symbol(self, node: "Node", name: str) -> Expr:
        """Add a symbol for a function."""
        kind = "async" if any(each.type == "async" for each in node.children[:3]) else "function"
        parameters = self.parameters(node)
        returns = self.type_expression(node.child_by_field_name("return_type"))
        decorators, self.decorators = self.decorators, []
        name_node = node.child_by_field_name("name")
        exporting, self.exporting = self.exporting, False
        around, self.around = self.around, []
        qualname = self.scope.prefix + name
        before = self.open(
            kind,
            name,
            node,
            name_node,
            decorators=decorators,
            parameters=parameters,
            returns=returns,
            first=_first_decorator(node) if decorators else node,
        )
        if exporting and not before.prefix:
            self.scope.flags.append("exported")
        body = node.child_by_field_name("body")
        if body is not None and body.type == "statement_block":
            self.block(body)
        elif body is not None:
            self.scope.give(body.start_point[0] + 1, self.expression(body))
        self.close(before)
        self.exporting, self.around = exporting, around
        return ["y", qualname]

    def function_declaration(self, node: "Node") -> None:
        """Read `function name() {…}`."""
        name = node.child_by_field_name("name")
        if name is None or node.child_by_field_name("body") is None:
            return
        self.declared(self.text(name))
        self.function_symbol(node, self.text(name))

    def decorator(self, node: "Node") -> Expr:
        """Return a decorator as the expression after its sign."""
        children = node.named_children
        return self.expression(children[0]) if children else OTHER

    def variables(self, node: "Node") -> None:
        """Read `const`, `let` and `var`."""
        exporting = self.exporting
        for each in node.named_children:
            if each.type == "variable_declarator":
                self.variable(each)
                self.exporting = exporting

    def variable(self, node: "Node") -> None:
        """Read one variable."""
        name_node = node.child_by_field_name("name")
        value = node.child_by_field_name("value")
        if name_node is None:
            return
        line = node.start_point[0] + 1
        if name_node.type != "identifier":
            self.unpacked(name_node, value, line)
            return
        name = self.text(name_node)
        self.declared(name)
        annotation = self.type_expression(node.child_by_field_name("type"))
        self.named_value(name, value, line, annotation)

    def named_value(self, name: str, value: "Node | None", line: int, annotation: Expr | None = None) -> None:
        """Read what a name is bound to: a function, class or object of functions becomes a symbol of that name."""
        if value is not None and value.type in FUNCTIONS:
            self.function_symbol(value, name)
            return
        if value is not None and value.type == "class":
            self.class_symbol(value, name)
            return
        if value is not None and value.type == "object" and self.holds_functions(value):
            self.object_symbol(value, name)
            return
        exporting, self.exporting = self.exporting, False
        held = self.expression(value) if value is not None else None
        self.exporting = exporting
        if held is not None and self.required(held, name, line):
            return
        self.scope.bind(line, ["n", name], held, annotation=annotation)

    def required(self, value: Expr, bound: str, line: int) -> bool:
        """Keep `const x = require("m")` and `require("m").x` as imports."""
        name = ""
        if value[0] == "a":
            name, value = value[2], value[1]
        if value[0] != "c" or value[1] != ["n", "require"] or len(value[2]) != 1 or value[2][0][0] != "s":
            return False
        self.drop_plain_import(value[2][0][1], line)
        self.scope.imported(value[2][0][1], 0, name, bound, line)
        return True

    def drop_plain_import(self, module: str, line: int) -> None:
        """Forget the import that the call of `require` itself left, now that it binds a name."""
        last = self.scope.imports[-1] if self.scope.imports else None
        if last is not None and last.module == module and not last.bound and last.line == line:
            self.scope.imports.pop()

    def unpacked(self, pattern: "Node", value: "Node | None", line: int) -> None:
        """Read `const { a, b: c } = …`."""
        held = self.expression(value) if value is not None else OTHER
        source = held[2][0] if held[0] == "c" and held[1] == ["n", "require"] and len(held[2]) == 1 else None
        if source is not None and source[0] == "s" and pattern.type == "object_pattern":
            self.drop_plain_import(source[1], line)
            for name, bound in self.pattern_pairs(pattern):
                self.scope.imported(source[1], 0, name, bound, line)
            return
        is_named = pattern.type == "object_pattern" and held[0] in {"n", "a", "c"}
        part: Expr = ["i", held, OTHER] if pattern.type == "array_pattern" and held[0] in {"n", "a", "c"} else held
        for name, bound in self.pattern_pairs(pattern) or [(each, each) for each in self.pattern_names(pattern)]:
            self.declared(bound)
            self.scope.bind(line, ["n", bound], ["a", held, name] if is_named else part)

    def pattern_pairs(self, pattern: "Node") -> list[tuple[str, str]]:
        """Return (property, name) of a flat object pattern."""
        found = []
        for each in pattern.named_children:
            if each.type == "shorthand_property_identifier_pattern":
                found.append((self.text(each), self.text(each)))
            elif each.type == "pair_pattern":
                key, value = each.child_by_field_name("key"), each.child_by_field_name("value")
                if key is not None and value is not None:
                    found.extend(
                        (self.text(key).strip("'\""), bound)
                        for bound in self.pattern_names(value) or [self.text(value)]
                    )
            elif each.type == "object_assignment_pattern":
                found.extend((bound, bound) for bound in self.pattern_names(each))
        return found

    def class_symbol(self, node: "Node", name: str) -> Expr:
        """Add a class."""
        raise NotImplementedError

    def object_symbol(self, node: "Node", name: str) -> Expr:
        """Add an object of functions."""
        raise NotImplementedError

    def holds_functions(self, node: "Node") -> bool:
        """Tell whether an object has functions among its values, at any depth that is written out."""
        waiting = [node]
        while waiting:
            for each in waiting.pop().named_children:
                if each.type == "method_definition":
                    return True
                value = each.child_by_field_name("value") if each.type == "pair" else None
                if value is not None and value.type in FUNCTIONS:
                    return True
                if value is not None and value.type == "object":
                    waiting.append(value)
        return False


def _first_decorator(node: "Node") -> "Node":
    """Return where a member begins: the decorators of a method stand before it, as its siblings."""
    while node.prev_named_sibling is not None and node.prev_named_sibling.type == "decorator":
        node = node.prev_named_sibling
    return node
