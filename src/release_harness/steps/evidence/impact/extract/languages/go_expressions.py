"""Expressions, types and parameters of Go; literals of structs are calls."""

from typing import TYPE_CHECKING

from release_harness.steps.evidence.impact.expressions import OTHER
from release_harness.steps.evidence.impact.extract.languages.syntax import Reader
from release_harness.steps.evidence.impact.extract.shapes import added, held, text
from release_harness.steps.evidence.impact.facts import Expr, Parameter

if TYPE_CHECKING:
    from tree_sitter import Node


_HOLDERS = {"slice_type": "[]", "array_type": "[]", "map_type": "map[]", "channel_type": "chan"}
"""Kinds of types that hold others, and how they are named among facts."""


class GoExpressions(Reader):
    """Reads expressions; functions inside them become symbols."""

    def type_of(self, node: "Node") -> Expr:
        """Return a type: pointers are what they point to."""
        kind = node.type
        if kind in {"type_identifier", "identifier"}:
            return ["n", self.text(node)]
        if kind == "qualified_type":
            parts = node.named_children
            return ["a", ["n", self.text(parts[0])], self.text(parts[-1])]
        if kind in {"struct_type", "interface_type"} or self.depth > 100:  # noqa: PLR2004 - deeper types say nothing
            return OTHER
        if kind == "function_type":
            return self.function_type(node)
        self.depth += 1
        inner = [self.type_of(each) for each in node.named_children]
        self.depth -= 1
        if kind == "generic_type" and inner:
            return inner[0]
        if kind in _HOLDERS and inner:
            held_types = inner[-1] if kind != "map_type" else ["l", inner[-2:]]
            return ["i", ["n", _HOLDERS[kind]], held_types]
        return inner[0] if kind == "pointer_type" and inner else held(inner)

    def function_type(self, node: "Node") -> Expr:
        """Return the type of a function: what it takes, and then what it gives."""
        given = node.child_by_field_name("parameters")
        taken = [each.annotation or OTHER for each in self.listed(given, "positional")] if given is not None else []
        returns = self.result(node.child_by_field_name("result"))
        gives = [] if returns is None else returns[1] if returns[0] == "l" else [returns]
        return ["i", ["n", "func"], ["l", [*taken, *gives]]]

    def result(self, node: "Node | None") -> Expr | None:
        """Return what a function gives; several results as a list."""
        if node is None:
            return None
        if node.type != "parameter_list":
            return self.type_of(node)
        found = [each.annotation or OTHER for each in self.listed(node, "positional")]
        return found[0] if len(found) == 1 else ["l", found] if found else None

    def parameters(self, node: "Node") -> list[Parameter]:
        """Return the parameters of a function; the receiver of a method comes first."""
        found: list[Parameter] = []
        for field, how in (("receiver", "receiver"), ("parameters", "positional")):
            given = node.child_by_field_name(field)
            found.extend(self.listed(given, how) if given is not None else ())
        return found

    def listed(self, node: "Node", how: str) -> list[Parameter]:
        """Return what one list of parameters or results names."""
        found: list[Parameter] = []
        for each in node.named_children:
            kind = each.child_by_field_name("type")
            if each.type == "comment":
                continue
            annotation = self.type_of(kind) if kind is not None else None
            names = [self.text(name) for name in each.children_by_field_name("name")] or [""]
            way = "args" if each.type.startswith("variadic") else how
            found.extend(Parameter(name, way, annotation, None) for name in names)
        return found

    def literal_function(self, node: "Node", name: str = "") -> Expr:
        """Add a symbol for a function written inline."""
        made = name or self.anonymous()
        qualname = self.scope.prefix + made
        around, self.around = self.around, []
        before = self.open(
            "function",
            made,
            node,
            parameters=self.parameters(node),
            returns=self.result(node.child_by_field_name("result")),
        )
        body = node.child_by_field_name("body")
        if body is not None:
            self.block(body)
        self.close(before)
        self.around = around
        return ["y", qualname]

    def string(self, node: "Node") -> Expr:
        """Return a string constant."""
        found = self.text(node)[1:-1]
        return text(found.replace('\\"', '"').replace("\\n", "\n") if node.type.startswith("interpreted") else found)

    def number(self, node: "Node") -> Expr:
        """Return a number; what is not written in digits is null."""
        found = self.text(node)
        return ["k", int(found)] if found.isdecimal() and len(found) < 16 else ["k", None]  # noqa: PLR2004 - exact in JSON

    def constant(self, node: "Node") -> Expr:
        """Return true, false or nil."""
        return ["k", {"true": True, "false": False}.get(node.type)]

    def selector(self, node: "Node") -> Expr:
        """Return an attribute."""
        name = node.child_by_field_name("field")
        return ["a", self.expression(node.child_by_field_name("operand")), self.text(name) if name is not None else ""]

    def call(self, node: "Node") -> Expr:
        """Return a call."""
        inner = node.child_by_field_name("function")
        function = self.expression(inner)
        line = (inner.end_point[0] if inner is not None else node.start_point[0]) + 1
        arguments: list[Expr] = []
        given = node.child_by_field_name("arguments")
        self.around.append((function, arguments))
        for each in given.named_children if given is not None else ():
            if each.type != "comment":
                arguments.append(self.expression(each))  # noqa: PERF401 - what was read names the functions after it
        self.around.pop()
        return ["c", function, arguments, {}, line]

    def literal(self, node: "Node") -> Expr:
        """Return `T{…}`: a list, a dictionary, or a call of the type with its fields as keywords."""
        kind, body = node.child_by_field_name("type"), node.child_by_field_name("body")
        line = node.start_point[0] + 1
        if kind is None or kind.type in {"slice_type", "array_type", "map_type", "implicit_length_array_type"}:
            return self.literal_value(body)
        function = self.type_of(kind)
        keywords: dict[str, Expr] = {}
        arguments: list[Expr] = []
        for each in body.named_children if body is not None else ():
            if each.type == "keyed_element":
                key = each.named_children[0]
                keywords[self.text(key)] = self.keyed(each.named_children[-1], self.text(key))
            elif each.type != "comment":
                arguments.append(self.element(each))
        return ["c", function, arguments, keywords, line]

    def keyed(self, node: "Node", key: str) -> Expr:
        """Return the value of one field; a function is named after what the literal is bound to."""
        inner = node.named_children[0] if node.type == "literal_element" and node.named_children else node
        if inner.type == "func_literal":
            outer = str(self.around[-1][0][1]) if self.around and self.around[-1][0][0] == "bound" else ""
            return self.literal_function(inner, self.anonymous(f"{outer} {key}".strip()))
        return self.element(node)

    def element(self, node: "Node") -> Expr:
        """Return one element of a literal."""
        inner = node.named_children[0] if node.type == "literal_element" and node.named_children else node
        return self.literal_value(inner) if inner.type == "literal_value" else self.expression(inner)

    def literal_value(self, node: "Node | None") -> Expr:
        """Return `{…}` of a literal."""
        children = [each for each in node.named_children if each.type != "comment"] if node is not None else []
        if children and all(each.type == "keyed_element" for each in children):
            return [
                "d",
                [[self.key(each.named_children[0]), self.element(each.named_children[-1])] for each in children],
            ]
        return ["l", [self.element(each) for each in children]]

    def key(self, node: "Node") -> Expr:
        """Return the key of one element: a bare name is the name of a field."""
        found = self.element(node)
        return ["s", str(found[1])] if found[0] == "n" else found

    def binary(self, node: "Node") -> Expr:
        """Return operators; `+` puts strings together."""
        left = self.expression(node.child_by_field_name("left"))
        right = self.expression(node.child_by_field_name("right"))
        operator = node.child_by_field_name("operator")
        return added([left, right]) if operator is not None and operator.type == "+" else held([left, right])

    def address(self, node: "Node") -> Expr:
        """Return `&x` and `*x` as `x`, and `<-x` as an item of `x`."""
        operator = node.child_by_field_name("operator")
        found = self.expression(node.child_by_field_name("operand"))
        received = operator is not None and operator.type == "<-"
        return ["i", found, OTHER] if received else found

    def index(self, node: "Node") -> Expr:
        """Return a subscript."""
        parts = node.named_children
        return ["i", self.expression(parts[0]), self.expression(parts[-1])] if parts else OTHER
