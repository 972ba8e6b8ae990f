"""Java: classes with annotations as decorators, typed fields, methods, static imports and package names."""

from typing import TYPE_CHECKING

from release_harness.steps.evidence.impact.expressions import OTHER
from release_harness.steps.evidence.impact.extract.languages.java_expressions import JavaExpressions
from release_harness.steps.evidence.impact.extract.languages.syntax import read
from release_harness.steps.evidence.impact.extract.shapes import held
from release_harness.steps.evidence.impact.facts import Expr, FileFacts

if TYPE_CHECKING:
    from tree_sitter import Node

_KINDS = {
    "class_declaration": "class",
    "record_declaration": "class",
    "interface_declaration": "interface",
    "annotation_type_declaration": "interface",
    "enum_declaration": "enum",
}


class Java(JavaExpressions):
    """Reads one file of Java."""

    language = "java"
    grammar = ("tree_sitter_java", "language")

    def package(self, node: "Node") -> None:
        """Read `package a.b;`."""
        named = [each for each in node.named_children if each.type in {"scoped_identifier", "identifier"}]
        if named:
            self.keywords = {"package": ["s", self.text(named[0])]}

    def import_declaration(self, node: "Node") -> None:
        """Read one import; a static one names a member of a class."""
        named = next((each for each in node.named_children if each.type in {"scoped_identifier", "identifier"}), None)
        if named is None:
            return
        dotted = self.text(named)
        line = node.start_point[0] + 1
        if any(each.type == "asterisk" for each in node.named_children):
            self.scope.imported(dotted, 0, "*", "", line)
            return
        module, _, name = dotted.rpartition(".")
        self.scope.imported(module, 0, name, name, line)

    def class_declaration(self, node: "Node") -> None:
        """Read a class, interface, enum or record."""
        name = node.child_by_field_name("name")
        if name is None:
            return
        bases: list[Expr] = []
        for each in node.named_children:
            if each.type in {"superclass", "super_interfaces", "extends_interfaces"}:
                for one in each.named_children:
                    bases.extend(
                        self.type_of(inner) for inner in (one.named_children if one.type == "type_list" else [one])
                    )
        decorators = self.annotations(node)
        before = self.open(_KINDS[node.type], self.text(name), node, name, decorators=decorators, bases=bases)
        for each in node.children_by_field_name("parameters"):
            for one in each.named_children:
                self.typed(one, one.child_by_field_name("name"))
        body = node.child_by_field_name("body")
        if body is not None:
            self.block(body)
        self.close(before)

    def enum_constant(self, node: "Node") -> None:
        """Read one constant of an enum."""
        name = node.child_by_field_name("name")
        if name is not None:
            given = node.child_by_field_name("arguments")
            value = self.parts(given) if given is not None else None
            self.scope.bind(node.start_point[0] + 1, self.name(name), value)

    def annotations(self, node: "Node") -> list[Expr]:
        """Return the annotations of a declaration."""
        for each in node.named_children:
            if each.type == "modifiers":
                return [self.annotation(one) for one in each.named_children if one.type.endswith("annotation")]
        return []

    def annotation(self, node: "Node") -> Expr:
        """Return one annotation: a name, or a call with its elements as keywords."""
        name = self.expression(node.child_by_field_name("name"))
        given = node.child_by_field_name("arguments")
        if given is None:
            return name
        arguments: list[Expr] = []
        keywords: dict[str, Expr] = {}
        for each in given.named_children:
            if each.type == "element_value_pair":
                key = each.child_by_field_name("key")
                keywords[self.text(key) if key is not None else ""] = self.expression(each.child_by_field_name("value"))
            elif not each.type.endswith("comment"):
                arguments.append(self.expression(each))
        return ["c", name, arguments, keywords, node.start_point[0] + 1]

    def method(self, node: "Node") -> None:
        """Read a method or a constructor."""
        name = node.child_by_field_name("name")
        if name is None:
            return
        kind = node.child_by_field_name("type")
        returns = self.type_of(kind) if kind is not None else None
        decorators = self.annotations(node)
        is_maker = node.type != "method_declaration"
        before = self.open(
            "function",
            "constructor" if is_maker else self.text(name),
            node,
            name,
            decorators=decorators,
            parameters=self.parameters(node),
            returns=returns,
        )
        body = node.child_by_field_name("body")
        if body is not None:
            self.block(body)
        self.close(before)

    def variables(self, node: "Node") -> None:
        """Read fields and local variables."""
        for decorator in self.annotations(node):
            self.scope.do(node.start_point[0] + 1, decorator)
        for each in node.children_by_field_name("declarator"):
            self.typed(node, each.child_by_field_name("name"), each.child_by_field_name("value"))

    def typed(self, node: "Node", name: "Node | None", value: "Node | None" = None) -> None:
        """Keep one variable with its type."""
        kind = node.child_by_field_name("type")
        if name is None:
            return
        annotation = self.type_of(kind) if kind is not None else None
        found = self.expression(value) if value is not None else None
        self.scope.bind(node.start_point[0] + 1, ["n", self.text(name)], found, annotation=annotation)

    def assignment(self, node: "Node") -> None:
        """Read an assignment."""
        target = self.expression(node.child_by_field_name("left"))
        self.scope.bind(node.start_point[0] + 1, target, self.expression(node.child_by_field_name("right")))

    def assigned(self, node: "Node") -> Expr:
        """Read an assignment inside an expression."""
        self.assignment(node)
        return OTHER

    def loop(self, node: "Node") -> None:
        """Read `for (T x : xs)`."""
        kind, name = node.child_by_field_name("type"), node.child_by_field_name("name")
        if name is not None:
            annotation = self.type_of(kind) if kind is not None else None
            value = self.expression(node.child_by_field_name("value"))
            self.scope.bind(node.start_point[0] + 1, self.name(name), value, "for", annotation)
        body = node.child_by_field_name("body")
        if body is not None:
            self.statement(body)

    def returned(self, node: "Node") -> None:
        """Read `return`."""
        for each in node.named_children[:1]:
            self.scope.give(node.start_point[0] + 1, self.expression(each))

    def condition(self, node: "Node") -> None:
        """Read `if` with both branches."""
        test = self.expression(node.child_by_field_name("condition"))
        self.scope.do(node.start_point[0] + 1, test)
        before = self.scope.enter()
        for field, negated in (("consequence", False), ("alternative", True)):
            branch = node.child_by_field_name(field)
            if branch is not None:
                self.scope.stand_under(test, before[0], negated=negated)
                self.statement(branch)
                self.scope.leave(before)

    def creation(self, node: "Node") -> Expr:
        """Return `new T(…)`; the methods of an anonymous class stand under a symbol of their own."""
        kind = node.child_by_field_name("type")
        function = self.type_of(kind) if kind is not None else OTHER
        if function[0] == "i":
            function = function[1]
        call: Expr = ["c", function, self.handed(function, node), {}, node.start_point[0] + 1]
        body = next((each for each in node.named_children if each.type == "class_body"), None)
        if body is None:
            return call
        made = self.anonymous(f"new {function[-1]}" if function[0] in {"n", "a"} else "new")
        qualname = self.scope.prefix + made
        before = self.open("class", made, node, bases=[function])
        self.block(body)
        self.close(before)
        return held([call, ["y", qualname]])


Java.forms = {
    "identifier": Java.name,
    "type_identifier": Java.name,
    "scoped_identifier": Java.scoped,
    "this": Java.name,
    "super": Java.name,
    "string_literal": Java.string,
    "character_literal": Java.nothing,
    "decimal_integer_literal": Java.number,
    "true": Java.constant,
    "false": Java.constant,
    "null_literal": Java.constant,
    "field_access": Java.field_access,
    "method_invocation": Java.invocation,
    "explicit_constructor_invocation": Java.parts,
    "object_creation_expression": Java.creation,
    "lambda_expression": Java.function,
    "method_reference": Java.reference,
    "element_value_array_initializer": Java.array,
    "array_initializer": Java.array,
    "annotation": Java.annotation,
    "marker_annotation": Java.annotation,
    "binary_expression": Java.binary,
    "parenthesized_expression": Java.parts,
    "cast_expression": Java.cast,
    "assignment_expression": Java.assigned,
    "generic_type": Java.type_form,
    "scoped_type_identifier": Java.type_form,
    "class_literal": Java.class_literal,
    "unary_expression": Java.unary,
    "ternary_expression": Java.parts,
    "line_comment": Java.nothing,
    "block_comment": Java.nothing,
    "modifiers": Java.nothing,
}
Java.statements = {
    "package_declaration": Java.package,
    "import_declaration": Java.import_declaration,
    **dict.fromkeys(_KINDS, Java.class_declaration),
    "enum_constant": Java.enum_constant,
    "method_declaration": Java.method,
    "constructor_declaration": Java.method,
    "compact_constructor_declaration": Java.method,
    "field_declaration": Java.variables,
    "constant_declaration": Java.variables,
    "local_variable_declaration": Java.variables,
    "assignment_expression": Java.assignment,
    "enhanced_for_statement": Java.loop,
    "return_statement": Java.returned,
    "if_statement": Java.condition,
    "line_comment": Java.skip,
    "block_comment": Java.skip,
    "modifiers": Java.skip,
}


def extract_source(content: bytes) -> FileFacts:
    """Return the facts of one file; never raises on bad input."""
    return read(Java, content)
