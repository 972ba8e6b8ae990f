"""Kotlin: classes with annotations as decorators, typed properties and functions; its grammar names few fields."""

from typing import TYPE_CHECKING

from release_harness.steps.evidence.impact.expressions import OTHER
from release_harness.steps.evidence.impact.extract.languages.kotlin_expressions import TYPES, KotlinExpressions
from release_harness.steps.evidence.impact.extract.languages.syntax import read
from release_harness.steps.evidence.impact.facts import Expr, FileFacts, Parameter

if TYPE_CHECKING:
    from tree_sitter import Node


class Kotlin(KotlinExpressions):
    """Reads one file of Kotlin."""

    language = "kotlin"
    grammar = ("tree_sitter_kotlin", "language")

    def package(self, node: "Node") -> None:
        """Read `package a.b`."""
        if node.named_children:
            self.keywords = {"package": ["s", self.text(node.named_children[0])]}

    def import_header(self, node: "Node") -> None:
        """Read one import."""
        children = [each for each in node.named_children if each.type in {"qualified_identifier", "identifier"}]
        if not children:
            return
        line = node.start_point[0] + 1
        dotted = self.text(children[0])
        if self.text(node).rstrip().endswith(".*"):
            self.scope.imported(dotted, 0, "*", "", line)
            return
        module, _, name = dotted.rpartition(".")
        self.scope.imported(module, 0, name, self.text(children[1]) if len(children) > 1 else name, line)

    def class_declaration(self, node: "Node") -> None:
        """Read a class, interface, enum or object."""
        name = node.child_by_field_name("name") or self.part(node, "identifier")
        is_companion = node.type == "companion_object"
        if name is None and not is_companion:
            return
        kind = "interface" if any(each.type == "interface" for each in node.children) else "class"
        if node.type != "class_declaration":
            kind = "object"
        bases: list[Expr] = []
        for each in node.named_children:
            if each.type == "delegation_specifiers":
                for one in each.named_children:
                    inner = one.named_children[0] if one.named_children else one
                    found = (
                        self.construction(inner)[1] if inner.type == "constructor_invocation" else self.type_of(inner)
                    )
                    bases.append(found)
        before = self.open(
            kind,
            self.text(name) if name is not None else "Companion",
            node,
            name,
            decorators=self.annotations(node),
            bases=[each for each in bases if each[0] != "o"],
        )
        self.primary(node)
        for each in node.named_children:
            if each.type in {"class_body", "enum_class_body"}:
                self.block(each)
        self.close(before)

    def primary(self, node: "Node") -> None:
        """Keep the properties that a primary constructor declares."""
        maker = self.part(node, "primary_constructor")
        given = self.part(maker, "class_parameters") if maker is not None else None
        for each in given.named_children if given is not None else ():
            name, kind = self.part(each, "identifier"), self.part(each, *TYPES)
            if name is not None:
                annotation = self.type_of(kind) if kind is not None else None
                self.scope.bind(each.start_point[0] + 1, self.name(name), None, annotation=annotation)

    def function(self, node: "Node") -> None:
        """Read a function."""
        name = node.child_by_field_name("name") or self.part(node, "identifier")
        if name is None:
            return
        given = self.part(node, "function_value_parameters")
        parameters = []
        returns = None
        for each in given.named_children if given is not None else ():
            one, kind = self.part(each, "identifier"), self.part(each, *TYPES)
            if each.type == "parameter" and one is not None:
                parameters.append(
                    Parameter(self.text(one), "positional", self.type_of(kind) if kind is not None else None, None)
                )
        for each in node.named_children:
            if each.type in TYPES and given is not None and each.start_byte > given.start_byte:
                returns = self.type_of(each)
        is_async = "suspend" in {self.text(each) for each in self._marks(node)}
        before = self.open(
            "async" if is_async else "function",
            self.text(name),
            node,
            name,
            decorators=self.annotations(node),
            parameters=parameters,
            returns=returns,
        )
        body = self.part(node, "function_body")
        inner = body.named_children[0] if body is not None and body.named_children else None
        if inner is not None and inner.type == "block":
            self.block(inner)
        elif inner is not None:
            self.scope.give(inner.start_point[0] + 1, self.expression(inner))
        self.close(before)

    def _marks(self, node: "Node") -> "list[Node]":
        modifiers = self.part(node, "modifiers")
        return modifiers.named_children if modifiers is not None else []

    def property(self, node: "Node") -> None:
        """Read `val` and `var`."""
        variable = self.part(node, "variable_declaration")
        name = self.part(variable, "identifier") if variable is not None else None
        if variable is None or name is None:
            for each in node.named_children:
                self.scope.do(node.start_point[0] + 1, self.expression(each))
            return
        line = node.start_point[0] + 1
        for decorator in self.annotations(node):
            self.scope.do(line, decorator)
        kind = self.part(variable, *TYPES)
        values = [
            each
            for each in node.named_children
            if each.start_byte > variable.start_byte and each.type not in {"getter", "setter"}
        ]
        found = self.expression(values[-1]) if values else None
        self.scope.bind(line, self.name(name), found, annotation=self.type_of(kind) if kind is not None else None)
        for each in node.named_children:
            if each.type in {"getter", "setter"}:
                self.block(each)

    def assignment(self, node: "Node") -> None:
        """Read an assignment."""
        parts = node.named_children
        if len(parts) > 1:
            self.scope.bind(node.start_point[0] + 1, self.expression(parts[0]), self.expression(parts[-1]))

    def returned(self, node: "Node") -> None:
        """Read `return`."""
        for each in node.named_children[-1:]:
            self.scope.give(node.start_point[0] + 1, self.expression(each))

    def returned_value(self, node: "Node") -> Expr:
        """Read `return` inside an expression."""
        self.returned(node)
        return OTHER

    def loop(self, node: "Node") -> None:
        """Read `for (x in xs)`."""
        variable = self.part(node, "variable_declaration")
        name = self.part(variable, "identifier") if variable is not None else None
        rest = [each for each in node.named_children if variable is None or each.start_byte > variable.start_byte]
        if name is not None and rest:
            self.scope.bind(node.start_point[0] + 1, self.name(name), self.expression(rest[0]), "for")
            rest = rest[1:]
        for each in rest:
            self.statement(each)


Kotlin.forms = {
    "identifier": Kotlin.name,
    "this_expression": lambda _reader, _node: ["n", "this"],
    "super_expression": lambda _reader, _node: ["n", "super"],
    "string_literal": Kotlin.string,
    "number_literal": Kotlin.number,
    "navigation_expression": Kotlin.navigation,
    "call_expression": Kotlin.call,
    "lambda_literal": Kotlin.lambda_literal,
    "annotated_lambda": Kotlin.lambda_literal,
    "collection_literal": Kotlin.listed,
    "binary_expression": Kotlin.binary,
    "return_expression": Kotlin.returned_value,
    "user_type": Kotlin.type_form,
    "nullable_type": Kotlin.type_form,
    "line_comment": Kotlin.nothing,
    "block_comment": Kotlin.nothing,
    "lambda_parameters": Kotlin.nothing,
    "modifiers": Kotlin.nothing,
}
Kotlin.statements = {
    "package_header": Kotlin.package,
    "import": Kotlin.import_header,
    "class_declaration": Kotlin.class_declaration,
    "object_declaration": Kotlin.class_declaration,
    "companion_object": Kotlin.class_declaration,
    "function_declaration": Kotlin.function,
    "property_declaration": Kotlin.property,
    "assignment": Kotlin.assignment,
    "return_expression": Kotlin.returned,
    "for_statement": Kotlin.loop,
    "line_comment": Kotlin.skip,
    "block_comment": Kotlin.skip,
    "modifiers": Kotlin.skip,
}


def extract_source(content: bytes) -> FileFacts:
    """Return the facts of one file; never raises on bad input."""
    return read(Kotlin, content)
