"""PHP: namespaces, classes with promoted properties, methods, static calls as attributes of their class, closures inline."""

from typing import TYPE_CHECKING

from release_harness.steps.evidence.impact.expressions import OTHER
from release_harness.steps.evidence.impact.extract.languages.php_expressions import PhpExpressions
from release_harness.steps.evidence.impact.extract.languages.syntax import read
from release_harness.steps.evidence.impact.facts import Expr, FileFacts

if TYPE_CHECKING:
    from tree_sitter import Node

_KINDS = {
    "class_declaration": "class",
    "trait_declaration": "class",
    "interface_declaration": "interface",
    "enum_declaration": "enum",
}


class Php(PhpExpressions):
    """Reads one file of PHP."""

    language = "php"
    grammar = ("tree_sitter_php", "language_php")

    def namespace(self, node: "Node") -> None:
        """Read the namespace of a file."""
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is not None:
            self.keywords = {"package": ["s", self.text(name)]}
        if body is not None:
            self.block(body)

    def use(self, node: "Node") -> None:
        """Read `use` and groups of it."""
        group = node.child_by_field_name("body")
        prefix = ""
        if group is not None:
            named = next((each for each in node.named_children if each.type == "namespace_name"), None)
            prefix = self.text(named) + "\\" if named is not None else ""
        for each in (group or node).named_children:
            if each.type == "namespace_use_clause":
                alias = each.child_by_field_name("alias")
                named = next(
                    (one for one in each.named_children if one.type in {"qualified_name", "name", "namespace_name"}),
                    None,
                )
                if named is None:
                    continue
                module, _, name = (prefix + self.text(named)).lstrip("\\").rpartition("\\")
                bound = self.text(alias) if alias is not None else name
                self.scope.imported(module, 0, name, bound, each.start_point[0] + 1)

    def class_declaration(self, node: "Node") -> None:
        """Read a class, trait, interface or enum."""
        name = node.child_by_field_name("name")
        if name is not None:
            self.class_symbol(node, _KINDS[node.type], self.text(name))

    def class_symbol(self, node: "Node", kind: str, name: str) -> None:
        """Add a class; the traits it uses are bases, too."""
        bases: list[Expr] = []
        body = node.child_by_field_name("body") or next(
            (each for each in node.named_children if each.type == "declaration_list"), None
        )
        for each in node.named_children:
            if each.type in {"base_clause", "class_interface_clause"}:
                bases.extend(self.name(one) for one in each.named_children)
        for each in body.named_children if body is not None else ():
            if each.type == "use_declaration":
                bases.extend(self.name(one) for one in each.named_children if one.type in {"name", "qualified_name"})
        before = self.open(
            kind, name, node, node.child_by_field_name("name"), decorators=self.attributes(node), bases=bases
        )
        for each in body.named_children if body is not None else ():
            if each.type != "use_declaration":
                self.statement(each)
        self.close(before)

    def attributes(self, node: "Node") -> list[Expr]:
        """Return the attributes of a declaration."""
        given = node.child_by_field_name("attributes")
        found = []
        for group in given.named_children if given is not None else ():
            for each in group.named_children:
                name = self.name(each.named_children[0]) if each.named_children else OTHER
                arguments = each.child_by_field_name("parameters")
                found.append(
                    ["c", name, *self.arguments(arguments), each.start_point[0] + 1] if arguments is not None else name
                )
        return found

    def function(self, node: "Node") -> None:
        """Read a function or a method; promoted parameters of a constructor are fields."""
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is None:
            return
        given = node.child_by_field_name("parameters")
        for each in given.named_children if given is not None else ():
            variable = each.child_by_field_name("name")
            if each.type == "property_promotion_parameter" and variable is not None:
                annotation = self.type_of(each.child_by_field_name("type"))
                self.scope.bind(
                    each.start_point[0] + 1, ["n", self.text(variable).lstrip("$")], None, annotation=annotation
                )
        before = self.open(
            "function",
            self.text(name),
            node,
            name,
            decorators=self.attributes(node),
            parameters=self.parameters(node),
            returns=self.type_of(node.child_by_field_name("return_type")),
        )
        if body is not None:
            self.block(body)
        self.close(before)

    def closure(self, node: "Node") -> Expr:
        """Return a closure with its statements in order."""
        body = node.child_by_field_name("body")
        names = [each.name for each in self.parameters(node)]
        if body is None:
            return OTHER
        if body.type != "compound_statement":
            return ["m", [self.expression(body)], names]
        return ["m", [self.expression(each) for each in body.named_children if each.type != "comment"], names]

    def property(self, node: "Node") -> None:
        """Read the fields of a class."""
        annotation = self.type_of(node.child_by_field_name("type"))
        for each in node.named_children:
            if each.type == "property_element":
                name, value = each.child_by_field_name("name"), each.child_by_field_name("default_value")
                if name is not None:
                    found = self.expression(value) if value is not None else None
                    self.scope.bind(
                        each.start_point[0] + 1, ["n", self.text(name).lstrip("$")], found, annotation=annotation
                    )

    def constants(self, node: "Node") -> None:
        """Read constants and the cases of an enum."""
        for each in node.named_children if node.type != "enum_case" else [node]:
            parts = each.named_children
            if each.type in {"const_element", "enum_case"} and parts:
                value = self.expression(parts[-1]) if len(parts) > 1 else None
                self.scope.bind(each.start_point[0] + 1, self.name(parts[0]), value)

    def assignment(self, node: "Node") -> None:
        """Read an assignment."""
        target = self.expression(node.child_by_field_name("left"))
        how = "aug" if node.type.startswith("augmented") else ""
        self.scope.bind(node.start_point[0] + 1, target, self.expression(node.child_by_field_name("right")), how)

    def assigned(self, node: "Node") -> Expr:
        """Return what is assigned inside an expression."""
        self.assignment(node)
        return self.expression(node.child_by_field_name("right"))

    def returned(self, node: "Node") -> None:
        """Read `return`."""
        for each in node.named_children[:1]:
            self.scope.give(node.start_point[0] + 1, self.expression(each))

    def condition(self, node: "Node") -> None:
        """Read `if` with its branches."""
        test = self.expression(node.child_by_field_name("condition"))
        self.scope.do(node.start_point[0] + 1, test)
        before = self.scope.enter()
        for field, negated in (("body", False), ("alternative", True)):
            for branch in node.children_by_field_name(field):
                self.scope.stand_under(test, before[0], negated=negated)
                self.statement(branch)
                self.scope.leave(before)

    def loop(self, node: "Node") -> None:
        """Read `foreach`."""
        parts = node.named_children
        body = node.child_by_field_name("body")
        if len(parts) > 1:
            value = self.expression(parts[0])
            for each in parts[1:]:
                if each != body:
                    for one in each.named_children if each.type == "pair" else [each]:
                        self.scope.bind(node.start_point[0] + 1, self.expression(one), value, "for")
        if body is not None:
            self.statement(body)

    def creation(self, node: "Node") -> Expr:
        """Return `new A(…)`; an anonymous class is a symbol."""
        parts = [each for each in node.named_children if each.type != "comment"]
        given = next((each for each in parts if each.type == "arguments"), None)
        line = node.start_point[0] + 1
        if parts and parts[0].type == "anonymous_class":
            made = self.anonymous("class")
            self.class_symbol(parts[0], "class", made)
            return ["y", self.scope.prefix + made]
        return ["c", self.expression(parts[0]) if parts else OTHER, *self.arguments(given), line]


Php.forms = {
    "name": Php.name,
    "qualified_name": Php.name,
    "relative_scope": Php.name,
    "variable_name": Php.variable,
    "string": Php.string,
    "encapsed_string": Php.string,
    "heredoc": Php.nothing,
    "nowdoc": Php.nothing,
    "integer": Php.number,
    "boolean": Php.constant,
    "null": Php.constant,
    "member_access_expression": Php.attribute,
    "nullsafe_member_access_expression": Php.attribute,
    "scoped_property_access_expression": Php.attribute,
    "class_constant_access_expression": Php.attribute,
    "member_call_expression": Php.call,
    "nullsafe_member_call_expression": Php.call,
    "scoped_call_expression": Php.call,
    "function_call_expression": Php.call,
    "object_creation_expression": Php.creation,
    "array_creation_expression": Php.array,
    "anonymous_function": Php.closure,
    "arrow_function": Php.closure,
    "binary_expression": Php.binary,
    "assignment_expression": Php.assigned,
    "augmented_assignment_expression": Php.assigned,
    "require_expression": Php.required,
    "require_once_expression": Php.required,
    "include_expression": Php.required,
    "include_once_expression": Php.required,
    "parenthesized_expression": Php.parts,
    "conditional_expression": Php.parts,
    "cast_expression": Php.parts,
    "cast_type": Php.nothing,
    "comment": Php.nothing,
}
Php.statements = {
    "namespace_definition": Php.namespace,
    "namespace_use_declaration": Php.use,
    **dict.fromkeys(_KINDS, Php.class_declaration),
    "function_definition": Php.function,
    "method_declaration": Php.function,
    "property_declaration": Php.property,
    "const_declaration": Php.constants,
    "enum_case": Php.constants,
    "assignment_expression": Php.assignment,
    "augmented_assignment_expression": Php.assignment,
    "return_statement": Php.returned,
    "if_statement": Php.condition,
    "foreach_statement": Php.loop,
    "comment": Php.skip,
    "text": Php.skip,
    "php_tag": Php.skip,
    "text_interpolation": Php.skip,
}


def extract_source(content: bytes) -> FileFacts:
    """Return the facts of one file; never raises on bad input."""
    return read(Php, content)
