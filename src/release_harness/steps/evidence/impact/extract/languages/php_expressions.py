"""Expressions, types and parameters of PHP; static calls are attributes of their class."""

from typing import TYPE_CHECKING

from release_harness.steps.evidence.impact.expressions import OTHER
from release_harness.steps.evidence.impact.extract.languages.syntax import Reader
from release_harness.steps.evidence.impact.extract.shapes import held, joined, text
from release_harness.steps.evidence.impact.facts import Expr, Parameter

if TYPE_CHECKING:
    from tree_sitter import Node


class PhpExpressions(Reader):
    """Reads expressions."""

    def arguments(self, node: "Node | None") -> tuple[list[Expr], dict[str, Expr]]:
        """Return the arguments of a call, positional and named."""
        arguments: list[Expr] = []
        keywords: dict[str, Expr] = {}
        for each in node.named_children if node is not None else ():
            if each.type != "argument":
                continue
            name = each.child_by_field_name("name")
            parts = [one for one in each.named_children if one.type not in {"comment", "reference_modifier"}]
            value = self.expression(parts[-1]) if parts else OTHER
            if name is not None and len(parts) > 1:
                keywords[self.text(name)] = value
            else:
                arguments.append(value)
        return arguments, keywords

    def type_of(self, node: "Node | None") -> Expr | None:
        """Return a type."""
        if node is None:
            return None
        if node.type in {"named_type", "optional_type"} and node.named_children:
            inner = node.named_children[0]
            return (
                self.type_of(inner)
                if inner.type in {"named_type", "optional_type", "primitive_type"}
                else self.name(inner)
            )
        if node.type in {"union_type", "intersection_type"}:
            return held([found for each in node.named_children if (found := self.type_of(each)) is not None])
        return OTHER

    def parameters(self, node: "Node") -> list[Parameter]:
        """Return the parameters of a function."""
        given = node.child_by_field_name("parameters")
        found = []
        for each in given.named_children if given is not None else ():
            name = each.child_by_field_name("name")
            if name is not None:
                kind = "args" if each.type == "variadic_parameter" else "positional"
                default = each.child_by_field_name("default_value")
                value = self.expression(default) if default is not None else None
                found.append(Parameter(self.text(name), kind, self.type_of(each.child_by_field_name("type")), value))
        return found

    def variable(self, node: "Node") -> Expr:
        """Return a variable with its sign."""
        return ["n", self.text(node)]

    def string(self, node: "Node") -> Expr:
        """Return a string with its constant parts."""
        parts: list[Expr] = []
        for each in node.named_children:
            is_text = each.type in {"string_content", "escape_sequence", "string_value"}
            parts.append(["s", self.text(each)] if is_text else self.expression(each))
        return joined(parts) if parts else text(self.text(node)[1:-1])

    def number(self, node: "Node") -> Expr:
        """Return a number; what is not written in digits is null."""
        found = self.text(node)
        return ["k", int(found)] if found.isdecimal() and len(found) < 16 else ["k", None]  # noqa: PLR2004 - exact in JSON

    def constant(self, node: "Node") -> Expr:
        """Return true, false or null."""
        return ["k", {"true": True, "false": False}.get(self.text(node).lower())]

    def attribute(self, node: "Node") -> Expr:
        """Return `$a->b`, `A::$b` and `A::B`."""
        base, name = (
            node.child_by_field_name("object") or node.child_by_field_name("scope"),
            node.child_by_field_name("name"),
        )
        parts = node.named_children
        if base is None and parts:
            base, name = parts[0], parts[-1]
        return ["a", self.expression(base), self.text(name).lstrip("$") if name is not None else ""]

    def call(self, node: "Node") -> Expr:
        """Return a call of a function, a method or a static method."""
        name = node.child_by_field_name("name")
        base = node.child_by_field_name("object") or node.child_by_field_name("scope")
        given = node.child_by_field_name("arguments")
        if name is not None and base is not None:
            function: Expr = ["a", self.expression(base), self.text(name)]
        else:
            function = self.expression(node.child_by_field_name("function"))
        line = (name or node).start_point[0] + 1
        return ["c", function, *self.arguments(given), line]

    def array(self, node: "Node") -> Expr:
        """Return a list, or a dictionary where any element has a key."""
        elements = [each.named_children for each in node.named_children if each.type == "array_element_initializer"]
        if any(len(each) > 1 for each in elements):
            return [
                "d",
                [
                    [self.expression(each[0]) if len(each) > 1 else None, self.expression(each[-1])]
                    for each in elements
                    if each
                ],
            ]
        return ["l", [self.expression(each[0]) for each in elements if each]]

    def binary(self, node: "Node") -> Expr:
        """Return operators; `.` puts strings together."""
        left = self.expression(node.child_by_field_name("left"))
        right = self.expression(node.child_by_field_name("right"))
        operator = node.child_by_field_name("operator")
        return joined([left, right]) if operator is not None and operator.type == "." else held([left, right])

    def required(self, node: "Node") -> Expr:
        """Return `require "x.php"` as a call, so that the file it names is seen."""
        return ["c", ["n", "require"], [self.parts(node)], {}, node.start_point[0] + 1]
