"""Expressions, types and parameters of Java."""

from typing import TYPE_CHECKING

from release_harness.steps.evidence.impact.expressions import OTHER, text_of
from release_harness.steps.evidence.impact.extract.languages.syntax import Reader
from release_harness.steps.evidence.impact.extract.shapes import added, held, negative, text
from release_harness.steps.evidence.impact.facts import Expr, Parameter

if TYPE_CHECKING:
    from tree_sitter import Node


class JavaExpressions(Reader):
    """Reads expressions; functions inside them become symbols."""

    def type_of(self, node: "Node") -> Expr:
        """Return a type; generics are subscripts."""
        kind = node.type
        if kind in {"type_identifier", "identifier"}:
            return ["n", self.text(node)]
        if kind == "scoped_type_identifier":
            base: Expr | None = None
            for each in self.text(node).split("."):
                base = ["n", each.strip()] if base is None else ["a", base, each.strip()]
            return base or OTHER
        parts = [each for each in node.named_children if not each.type.endswith("annotation")]
        if kind == "generic_type" and parts and self.depth < 60:  # noqa: PLR2004 - deeper types say nothing
            self.depth += 1
            inner = [self.type_of(each) for each in parts[-1].named_children]
            self.depth -= 1
            return ["i", self.type_of(parts[0]), inner[0] if len(inner) == 1 else ["l", inner]]
        if kind in {"array_type", "annotated_type"} and parts:
            return self.type_of(parts[0])
        return OTHER

    def parameters(self, node: "Node") -> list[Parameter]:
        """Return the parameters of a method."""
        given = node.child_by_field_name("parameters")
        found = []
        for each in given.named_children if given is not None else ():
            name, kind = each.child_by_field_name("name"), each.child_by_field_name("type")
            if each.type == "formal_parameter" and name is not None:
                found.append(
                    Parameter(self.text(name), "positional", self.type_of(kind) if kind is not None else None, None)
                )
            elif each.type == "spread_parameter":
                found.append(Parameter(self.text(each.named_children[-1]), "args", None, None))
        return found

    def string(self, node: "Node") -> Expr:
        """Return a string constant."""
        parts = [
            self.text(each)
            for each in node.named_children
            if each.type in {"string_fragment", "multiline_string_fragment"}
        ]
        return text("".join(parts))

    def number(self, node: "Node") -> Expr:
        """Return a number; what is not written in digits is null."""
        found = self.text(node).rstrip("lL")
        return ["k", int(found)] if found.isdecimal() and len(found) < 16 else ["k", None]  # noqa: PLR2004 - exact in JSON

    def unary(self, node: "Node") -> Expr:
        """Return `-x` and `!x`."""
        operator = node.child_by_field_name("operator")
        found = self.parts(node)
        return negative(found) if operator is not None and operator.type == "-" else found

    def constant(self, node: "Node") -> Expr:
        """Return true, false or null."""
        return ["k", {"true": True, "false": False}.get(node.type)]

    def scoped(self, node: "Node") -> Expr:
        """Return a dotted name."""
        base: Expr | None = None
        for each in self.text(node).split("."):
            base = ["n", each.strip()] if base is None else ["a", base, each.strip()]
        return base or OTHER

    def field_access(self, node: "Node") -> Expr:
        """Return an attribute."""
        name = node.child_by_field_name("field")
        base = self.expression(node.child_by_field_name("object"))
        if name is not None and name.type == "this":
            return ["n", "this"]
        return ["a", base, self.text(name) if name is not None else ""]

    def arguments(self, node: "Node") -> list[Expr]:
        """Return the arguments of a call."""
        return self.handed(OTHER, node)

    def handed(self, function: Expr, node: "Node") -> list[Expr]:
        """Return the arguments of a call; functions among them are named after what they are handed to."""
        given = node.child_by_field_name("arguments")
        arguments: list[Expr] = []
        self.around.append((function, arguments))
        for each in given.named_children if given is not None else ():
            if not each.type.endswith("comment"):
                arguments.append(self.expression(each))  # noqa: PERF401 - what was read names the functions after it
        self.around.pop()
        return arguments

    def invocation(self, node: "Node") -> Expr:
        """Return a call of a method."""
        name, base = node.child_by_field_name("name"), node.child_by_field_name("object")
        if name is None:
            return self.parts(node)
        function: Expr = ["n", self.text(name)]
        if base is not None:
            function = ["a", self.expression(base), self.text(name)]
        return ["c", function, self.handed(function, node), {}, name.start_point[0] + 1]

    def function(self, node: "Node") -> Expr:
        """Return a lambda with what it holds; one with statements, or handed over beside a text, is a symbol of its own."""
        body = node.child_by_field_name("body")
        if body is not None and (body.type == "block" or self._is_registered()):
            return self.lambda_symbol(node, body)
        return [
            "m",
            [self.expression(body)] if body is not None else [],
            [self.text(each) for each in self._names(node)],
        ]

    def _is_registered(self) -> bool:
        """Tell whether what is read now is handed over together with a text that names it: `GET("/items", r -> …)`."""
        return bool(self.around and self.around[-1][1]) and text_of(self.around[-1][1][0]) is not None

    def lambda_symbol(self, node: "Node", body: "Node") -> Expr:
        """Add a symbol for a lambda, so that its variables are its own."""
        made = self.anonymous()
        qualname = self.scope.prefix + made
        around, self.around = self.around, []
        before = self.open("function", made, node, parameters=self._lambda_parameters(node))
        if body.type == "block":
            self.block(body)
        else:
            self.scope.give(body.start_point[0] + 1, self.expression(body))
        self.close(before)
        self.around = around
        return ["y", qualname]

    def _lambda_parameters(self, node: "Node") -> list[Parameter]:
        given = node.child_by_field_name("parameters")
        if given is not None and given.type == "formal_parameters":
            return self.parameters(node)
        return [Parameter(self.text(each), "positional", None, None) for each in self._names(node)]

    def _names(self, node: "Node") -> "list[Node]":
        """Return the names of the parameters of a lambda."""
        given = node.child_by_field_name("parameters")
        if given is None or given.type == "identifier":
            return [] if given is None else [given]
        return [each.child_by_field_name("name") or each for each in given.named_children]

    def reference(self, node: "Node") -> Expr:
        """Return `A::b`."""
        parts = node.named_children
        if not parts:
            return OTHER
        return ["a", self.expression(parts[0]), self.text(parts[-1])] if len(parts) > 1 else self.expression(parts[0])

    def array(self, node: "Node") -> Expr:
        """Return a list."""
        return ["l", [self.expression(each) for each in node.named_children]]

    def binary(self, node: "Node") -> Expr:
        """Return operators; `+` puts strings together."""
        left = self.expression(node.child_by_field_name("left"))
        right = self.expression(node.child_by_field_name("right"))
        operator = node.child_by_field_name("operator")
        return added([left, right]) if operator is not None and operator.type == "+" else held([left, right])

    def cast(self, node: "Node") -> Expr:
        """Return what is cast."""
        return self.expression(node.child_by_field_name("value"))

    def type_form(self, node: "Node") -> Expr:
        """Return a type that stands in an expression."""
        return self.type_of(node)

    def class_literal(self, node: "Node") -> Expr:
        """Return `A.class`."""
        parts = node.named_children
        return ["a", self.expression(parts[0]), "class"] if parts else OTHER
