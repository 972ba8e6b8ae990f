"""Classes, objects of functions, interfaces, enums and namespaces of JavaScript and TypeScript."""

from typing import TYPE_CHECKING

from release_harness.steps.evidence.impact.expressions import OTHER, text_of
from release_harness.steps.evidence.impact.extract.languages.ecmascript import EcmaScript
from release_harness.steps.evidence.impact.extract.languages.ecmascript_expressions import FUNCTIONS
from release_harness.steps.evidence.impact.facts import Expr

if TYPE_CHECKING:
    from tree_sitter import Node


class Module(EcmaScript):
    """Reads one module with its classes."""

    def class_declaration(self, node: "Node") -> None:
        """Read `class A extends B {…}`."""
        name = node.child_by_field_name("name")
        if name is not None:
            self.declared(self.text(name))
            self.class_symbol(node, self.text(name))

    def class_form(self, node: "Node") -> Expr:
        """Read a class expression."""
        name = node.child_by_field_name("name")
        return self.class_symbol(node, self.anonymous(self.text(name) if name is not None else "class"))

    def class_symbol(self, node: "Node", name: str) -> Expr:
        """Add a class with its members."""
        own = [self.decorator(each) for each in node.children_by_field_name("decorator")]
        decorators, self.decorators = [*self.decorators, *own], []
        exporting, self.exporting = self.exporting, False
        qualname = self.scope.prefix + name
        bases = self.bases(node)
        first = node.parent if node.parent is not None and node.parent.type == "export_statement" else node
        before = self.open(
            "class", name, node, node.child_by_field_name("name"), decorators=decorators, bases=bases, first=first
        )
        if exporting:
            self.scope.flags.append("exported")
        body = node.child_by_field_name("body")
        for each in body.named_children if body is not None else ():
            self.class_member(each)
        self.close(before)
        self.decorators, self.exporting = [], exporting
        return ["y", qualname]

    def bases(self, node: "Node") -> list[Expr]:
        """Return what a class extends and implements."""
        found: list[Expr] = []
        for heritage in node.named_children:
            if heritage.type == "class_heritage":
                for clause in heritage.named_children:
                    if clause.type == "extends_clause":
                        found.extend(self.expression(each) for each in clause.children_by_field_name("value"))
                    elif clause.type == "implements_clause":
                        found.extend(self.type_expression(each) or OTHER for each in clause.named_children)
                    else:
                        found.append(self.expression(clause))
            elif heritage.type in {"extends_type_clause", "extends_clause"}:
                found.extend(self.type_expression(each) or OTHER for each in heritage.named_children)
        return [each for each in found if each[0] != "o"]

    def class_member(self, node: "Node") -> None:
        """Read one member of a class; decorators stand before it."""
        kind = node.type
        if kind == "decorator":
            self.decorators.append(self.decorator(node))
            return
        if kind in {"method_definition", "abstract_method_signature"}:
            self.method(node)
        elif kind in {"public_field_definition", "field_definition"}:
            self.field(node)
        elif kind == "class_static_block":
            self.block(node)
        if kind != "comment":
            self.decorators = []

    def method(self, node: "Node") -> None:
        """Read one method; a constructor's parameters with a modifier are fields too."""
        name_node = node.child_by_field_name("name")
        name = text_of(self.key(name_node)) or self.anonymous("method")
        self.decorators = [
            *self.decorators,
            *(self.decorator(each) for each in node.children_by_field_name("decorator")),
        ]
        if name == "constructor":
            self.constructor_fields(node)
        if node.child_by_field_name("body") is not None or node.type == "abstract_method_signature":
            self.function_symbol(node, name.lstrip("#"))

    def constructor_fields(self, node: "Node") -> None:
        """Keep `constructor(private readonly users: Users)` as a field of that type."""
        given = node.child_by_field_name("parameters")
        for each in given.named_children if given is not None else ():
            pattern = each.child_by_field_name("pattern")
            if pattern is None or pattern.type != "identifier":
                continue
            marks = [part for part in each.children if part.type in {"accessibility_modifier", "readonly"}]
            annotation = self.type_expression(each.child_by_field_name("type"))
            for decorator in each.children_by_field_name("decorator"):
                self.scope.do(each.start_point[0] + 1, self.decorator(decorator))
            if marks:
                self.scope.bind(each.start_point[0] + 1, ["n", self.text(pattern)], None, annotation=annotation)

    def field(self, node: "Node") -> None:
        """Read one field."""
        name_node = node.child_by_field_name("name") or node.child_by_field_name("property")
        value = node.child_by_field_name("value")
        name = text_of(self.key(name_node)) if name_node is not None else None
        if not name:
            return
        name = name.lstrip("#")
        line = node.start_point[0] + 1
        own = [self.decorator(each) for each in node.children_by_field_name("decorator")]
        if value is not None and value.type in FUNCTIONS:
            self.decorators = [*self.decorators, *own]
            self.function_symbol(value, name)
            return
        for each in [*self.decorators, *own]:
            self.scope.do(line, each)
        annotation = self.type_expression(node.child_by_field_name("type"))
        held = self.expression(value) if value is not None else None
        self.scope.bind(line, ["n", name], held, annotation=annotation)

    def object_symbol(self, node: "Node", name: str) -> Expr:
        """Add an object whose values are functions; its other properties are its fields."""
        exporting, self.exporting = self.exporting, False
        qualname = self.scope.prefix + name
        before = self.open("object", name, node)
        if exporting:
            self.scope.flags.append("exported")
        for each in node.named_children:
            self.object_member(each)
        self.close(before)
        self.exporting = exporting
        return ["y", qualname]

    def object_member(self, node: "Node") -> None:
        """Read one property of an object."""
        line = node.start_point[0] + 1
        if node.type == "pair":
            key = text_of(self.key(node.child_by_field_name("key")))
            value = node.child_by_field_name("value")
            if key and key.isidentifier():
                self.named_value(key, value, line)
            elif value is not None:
                _, held = self.pair(node)
                self.scope.bind(line, ["n", key or "*"], held)
        elif node.type == "method_definition":
            self.method(node)
        elif node.type == "spread_element":
            self.scope.do(line, self.parts(node))
        elif node.type == "shorthand_property_identifier":
            self.scope.bind(line, ["n", self.text(node)], ["n", self.text(node)], "same")

    def interface(self, node: "Node") -> None:
        """Read an interface: its name, what it extends, and the types of its members."""
        self.type_like(node, "interface", self.bases(node))

    def enum(self, node: "Node") -> None:
        """Read an enum with its values."""
        name = node.child_by_field_name("name")
        if name is None:
            return
        self.declared(self.text(name))
        exporting, self.exporting = self.exporting, False
        before = self.open("enum", self.text(name), node, name)
        body = node.child_by_field_name("body")
        for each in body.named_children if body is not None else ():
            if each.type == "enum_assignment":
                parts = each.named_children
                self.scope.bind(each.start_point[0] + 1, ["n", self.text(parts[0])], self.expression(parts[-1]))
            elif each.type == "property_identifier":
                self.scope.bind(each.start_point[0] + 1, ["n", self.text(each)], None)
        self.close(before)
        self.exporting = exporting

    def type_alias(self, node: "Node") -> None:
        """Read `type A = …`."""
        self.type_like(node, "type", [])

    def type_like(self, node: "Node", kind: str, bases: list[Expr]) -> None:
        """Add an interface or a type with the names it mentions."""
        name = node.child_by_field_name("name")
        if name is None:
            return
        self.declared(self.text(name))
        exporting, self.exporting = self.exporting, False
        before = self.open(kind, self.text(name), node, name, bases=bases)
        if exporting:
            self.scope.flags.append("exported")
        for each in node.named_children:
            if each is not name and each.type not in {"type_identifier", "extends_type_clause", "type_parameters"}:
                self.mentioned(each)
            if each.type in {"interface_body", "object_type"}:
                self.signatures(each)
        self.close(before)
        self.exporting = exporting

    def signatures(self, body: "Node") -> None:
        """Keep the members of an interface or of an object's type: methods are functions without a body."""
        for each in body.named_children:
            name = text_of(self.key(each.child_by_field_name("name")))
            if not name:
                continue
            if each.type == "method_signature":
                self.function_symbol(each, name)
            elif each.type == "property_signature":
                annotation = self.type_expression(each.child_by_field_name("type"))
                self.scope.bind(each.start_point[0] + 1, ["n", name], None, annotation=annotation)

    def mentioned(self, node: "Node") -> None:
        """Keep the names of types inside a type."""
        found: dict[str, int] = {}
        waiting = [node]
        while waiting:
            each = waiting.pop()
            if each.type == "type_identifier":
                found.setdefault(self.text(each), each.start_point[0] + 1)
            else:
                waiting.extend(each.named_children)
        for name, line in sorted(found.items(), key=lambda item: (item[1], item[0])):
            self.scope.do(line, ["n", name])

    def namespace(self, node: "Node") -> None:
        """Read `namespace N {…}`."""
        name = node.child_by_field_name("name")
        body = node.child_by_field_name("body")
        if name is None or body is None or name.type == "string":
            if body is not None:
                self.block(body)
            return
        self.declared(self.text(name))
        before = self.open("object", self.text(name).replace(".", " "), node, name)
        exporting, self.exporting = self.exporting, False
        self.block(body)
        self.close(before)
        self.exporting = exporting


Module.forms = {**EcmaScript.forms, "class": Module.class_form}
Module.statements = {
    "import_statement": Module.import_statement,
    "export_statement": Module.export_statement,
    "function_declaration": Module.function_declaration,
    "generator_function_declaration": Module.function_declaration,
    "class_declaration": Module.class_declaration,
    "abstract_class_declaration": Module.class_declaration,
    "interface_declaration": Module.interface,
    "type_alias_declaration": Module.type_alias,
    "enum_declaration": Module.enum,
    "internal_module": Module.namespace,
    "module": Module.namespace,
    "lexical_declaration": Module.variables,
    "variable_declaration": Module.variables,
    "assignment_expression": Module.assignment,
    "augmented_assignment_expression": Module.assignment,
    "expression_statement": Module.expression_statement,
    "return_statement": Module.returned,
    "throw_statement": Module.thrown,
    "if_statement": Module.condition,
    "for_in_statement": Module.loop,
    "catch_clause": Module.caught,
    "comment": Module.skip,
    "hash_bang_line": Module.skip,
    "function_signature": Module.skip,
    "empty_statement": Module.skip,
    "break_statement": Module.skip,
    "continue_statement": Module.skip,
    "statement_identifier": Module.skip,
    "decorator": lambda reader, node: reader.decorators.append(reader.decorator(node)),
}
