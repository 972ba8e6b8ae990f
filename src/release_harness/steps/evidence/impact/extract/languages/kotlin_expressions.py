"""Expressions, types and annotations of Kotlin."""

from typing import TYPE_CHECKING

from release_harness.steps.evidence.impact.expressions import OTHER
from release_harness.steps.evidence.impact.extract.languages.syntax import Reader
from release_harness.steps.evidence.impact.extract.shapes import added, joined
from release_harness.steps.evidence.impact.facts import Expr

if TYPE_CHECKING:
    from tree_sitter import Node


TYPES = frozenset({"user_type", "nullable_type", "function_type", "parenthesized_type"})


class KotlinExpressions(Reader):
    """Reads expressions."""

    def part(self, node: "Node", *kinds: str) -> "Node | None":
        """Return the first part of some kind."""
        return next((each for each in node.named_children if each.type in kinds), None)

    def annotations(self, node: "Node") -> list[Expr]:
        """Return the annotations of a declaration."""
        modifiers = self.part(node, "modifiers")
        found = []
        for each in modifiers.named_children if modifiers is not None else ():
            inner = each.named_children[-1] if each.type == "annotation" and each.named_children else None
            if inner is not None:
                found.append(
                    self.construction(inner) if inner.type == "constructor_invocation" else self.type_of(inner)
                )
        return found

    def construction(self, node: "Node") -> Expr:
        """Return `T(…)` of an annotation or of a base class."""
        kind, given = self.part(node, "user_type"), self.part(node, "value_arguments")
        function = self.type_of(kind) if kind is not None else OTHER
        arguments, keywords = self.arguments(given)
        return ["c", function[1] if function[0] == "i" else function, arguments, keywords, node.start_point[0] + 1]

    def arguments(self, node: "Node | None") -> tuple[list[Expr], dict[str, Expr]]:
        """Return the arguments of a call, positional and named."""
        arguments: list[Expr] = []
        keywords: dict[str, Expr] = {}
        for each in node.named_children if node is not None else ():
            parts = each.named_children
            if each.type != "value_argument" or not parts:
                continue
            if any(one.type == "=" for one in each.children) and len(parts) > 1:
                keywords[self.text(parts[0])] = self.expression(parts[-1])
            else:
                arguments.append(self.expression(parts[-1]))
        return arguments, keywords

    def type_of(self, node: "Node") -> Expr:
        """Return a type; generics are subscripts."""
        if node.type == "nullable_type" and node.named_children:
            return self.type_of(node.named_children[0])
        if node.type != "user_type" or self.depth > 60:  # noqa: PLR2004 - deeper types say nothing
            return OTHER
        base: Expr = OTHER
        self.depth += 1
        for each in node.named_children:
            if each.type == "identifier":
                base = ["n", self.text(each)] if base[0] == "o" else ["a", base, self.text(each)]
            elif each.type == "type_arguments":
                inner = [self.type_of(one) for part in each.named_children for one in part.named_children[:1]]
                base = ["i", base, inner[0] if len(inner) == 1 else ["l", inner]]
        self.depth -= 1
        return base

    def string(self, node: "Node") -> Expr:
        """Return a string with its constant parts."""
        parts: list[Expr] = []
        for each in node.named_children:
            is_text = each.type in {"string_content", "character_escape_seq"}
            parts.append(["s", self.text(each)] if is_text else self.parts(each))
        return joined(parts) if parts else ["s", ""]

    def navigation(self, node: "Node") -> Expr:
        """Return an attribute."""
        parts = node.named_children
        if len(parts) < 2:  # noqa: PLR2004 - a base and a name
            return self.parts(node)
        return ["a", self.expression(parts[0]), self.text(parts[-1])]

    def call(self, node: "Node") -> Expr:
        """Return a call; a lambda behind it is its last argument."""
        parts = node.named_children
        if not parts:
            return OTHER
        function = self.expression(parts[0])
        arguments: list[Expr] = []
        keywords: dict[str, Expr] = {}
        if function[0] == "c" and parts[0].end_point == parts[-1].start_point:
            arguments, keywords = function[2], function[3]
            function = function[1]
        for each in parts[1:]:
            if each.type == "value_arguments":
                arguments, keywords = self.arguments(each)
            elif each.type in {"annotated_lambda", "lambda_literal"}:
                arguments = [*arguments, self.lambda_literal(each)]
        return ["c", function, arguments, keywords, parts[0].end_point[0] + 1]

    def lambda_literal(self, node: "Node") -> Expr:
        """Return a lambda with what it holds."""
        return ["m", [self.expression(each) for each in node.named_children], []]

    def listed(self, node: "Node") -> Expr:
        """Return a list."""
        return ["l", [self.expression(each) for each in node.named_children]]

    def binary(self, node: "Node") -> Expr:
        """Return operators; `+` puts strings together."""
        parts = [self.expression(each) for each in node.named_children]
        return added(parts) if any(each.type == "+" for each in node.children) else ["b", parts]

    def number(self, node: "Node") -> Expr:
        """Return a number; what is not written in digits is null."""
        found = self.text(node)
        return ["k", int(found)] if found.isdecimal() and len(found) < 16 else ["k", None]  # noqa: PLR2004 - exact in JSON

    def type_form(self, node: "Node") -> Expr:
        """Return a type that stands in an expression."""
        return self.type_of(node)
