"""Go: functions, methods under their type, structs with embedded types as bases."""

from typing import TYPE_CHECKING

from release_harness.steps.evidence.impact.expressions import OTHER
from release_harness.steps.evidence.impact.extract.languages.go_expressions import GoExpressions
from release_harness.steps.evidence.impact.extract.languages.syntax import read
from release_harness.steps.evidence.impact.facts import Expr, FileFacts

if TYPE_CHECKING:
    from tree_sitter import Node

_VERSION = "v"


class Go(GoExpressions):
    """Reads one file of a Go package."""

    language = "go"
    grammar = ("tree_sitter_go", "language")

    def package(self, node: "Node") -> None:
        """Read `package name`."""
        self.keywords = {"package": ["s", self.text(node.named_children[0])]}

    def import_spec(self, node: "Node") -> None:
        """Read one imported package."""
        path, name = node.child_by_field_name("path"), node.child_by_field_name("name")
        if path is None:
            return
        module = self.text(path).strip('"`')
        bound = self.text(name) if name is not None else package_name(module)
        self.scope.imported(
            module, 0, "*" if bound == "." else "", "" if bound in {"_", "."} else bound, node.start_point[0] + 1
        )

    def type_spec(self, node: "Node") -> None:
        """Read one type with its fields and what it embeds."""
        name, kind = node.child_by_field_name("name"), node.child_by_field_name("type")
        if name is None or kind is None:
            return
        what = {"struct_type": "class", "interface_type": "interface"}.get(kind.type, "type")
        bases: list[Expr] = []
        fields: list[tuple[str, Expr, int]] = []
        if what == "class":
            for each in kind.named_children[0].named_children if kind.named_children else ():
                self.field(each, bases, fields)
        elif what == "interface":
            bases = [
                self.type_of(each.named_children[0])
                for each in kind.named_children
                if each.type == "type_elem" and each.named_children
            ]
        before = self.open(what, self.text(name), node, name, bases=bases)
        for field, annotation, line in fields:
            self.scope.bind(line, ["n", field], None, annotation=annotation)
        if what == "interface":
            self.interface_methods(kind)
        elif what == "type":
            self.scope.do(node.start_point[0] + 1, self.type_of(kind))
        self.close(before)

    def interface_methods(self, node: "Node") -> None:
        """Add the methods of an interface."""
        for each in node.named_children:
            name = each.child_by_field_name("name")
            if each.type == "method_elem" and name is not None:
                returns = self.result(each.child_by_field_name("result"))
                self.close(
                    self.open(
                        "function", self.text(name), each, name, parameters=self.parameters(each), returns=returns
                    )
                )

    def field(self, node: "Node", bases: list[Expr], fields: list[tuple[str, Expr, int]]) -> None:
        """Read one field of a struct."""
        kind = node.child_by_field_name("type")
        if kind is None:
            return
        names = node.children_by_field_name("name")
        annotation = self.type_of(kind)
        line = node.start_point[0] + 1
        if not names:
            bases.append(annotation)
            fields.append((str(annotation[-1]), annotation, line)) if annotation[0] in {"n", "a"} else None
        fields.extend((self.text(each), annotation, line) for each in names)

    def function(self, node: "Node") -> None:
        """Read a function or a method."""
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is None:
            return
        parameters = self.parameters(node)
        qualname = self.text(name)
        if parameters and parameters[0].kind == "receiver":
            annotation = parameters[0].annotation
            if annotation is not None and annotation[0] == "n":
                qualname = f"{annotation[1]}.{qualname}"
        returns = self.result(node.child_by_field_name("result"))
        before = self.open("function", qualname, node, name, parameters=parameters, returns=returns)
        if body is not None:
            self.block(body)
        self.close(before)

    def variables(self, node: "Node") -> None:
        """Read `var`, `const` and `:=`."""
        names = node.children_by_field_name("name")
        left = node.child_by_field_name("left")
        if left is not None:
            names = left.named_children
        value = node.child_by_field_name("value") or node.child_by_field_name("right")
        values = [each for each in value.named_children if each.type != "comment"] if value is not None else []
        kind = node.child_by_field_name("type")
        annotation = self.type_of(kind) if kind is not None and node.type != "keyed_element" else None
        line = node.start_point[0] + 1
        whole: Expr = OTHER
        how = "aug" if node.type == "assignment_statement" and not _is_plain(node) else ""
        for position, name in enumerate(each for each in names if each.type != "comment"):
            target = self.expression(name) if name.type != "field_identifier" else self.name(name)
            if len(values) == len(names):
                self.bind(line, target, values[position], annotation, how)
            elif values:
                if position == 0:
                    whole = self.expression(values[0])
                part: Expr = ["i", whole, ["k", position]] if whole[0] == "c" else OTHER
                self.scope.bind(line, target, whole if position == 0 else part, how, annotation)
            else:
                self.scope.bind(line, target, None, how, annotation)

    def bind(self, line: int, target: Expr, value: "Node", annotation: Expr | None, how: str) -> None:
        """Keep one binding; a function bound to a name is a symbol of that name."""
        if value.type == "func_literal" and target[0] == "n" and target[1] != "_":
            self.literal_function(value, str(target[1]))
            return
        name = str(target[1] if target[0] == "n" else target[2] if target[0] == "a" else "")
        self.around.append((["bound", name], []))
        found = self.expression(value)
        self.around.pop()
        self.scope.bind(line, target, found, how, annotation)

    def loop(self, node: "Node") -> None:
        """Read `for`."""
        if all(each.type in {"block", "comment"} for each in node.named_children) and "endless" not in self.scope.flags:
            self.scope.flags.append("endless")
        for each in node.named_children:
            if each.type == "range_clause":
                left = each.child_by_field_name("left")
                value = self.expression(each.child_by_field_name("right"))
                names = left.named_children if left is not None else []
                if not names:
                    self.scope.bind(each.start_point[0] + 1, ["n", "_"], value, "for key")
                for position, name in enumerate(names):
                    how = "for" if position else "for key"
                    self.scope.bind(each.start_point[0] + 1, self.expression(name), value, how)
            else:
                self.statement(each)

    def started(self, node: "Node") -> None:
        """Read `go f(x)`."""
        for each in node.named_children:
            if each.type != "comment":
                self.scope.do(node.start_point[0] + 1, self.expression(each), "go")

    def sent(self, node: "Node") -> None:
        """Read `channel <- value` as a call of the sign."""
        parts = [self.expression(node.child_by_field_name(each)) for each in ("channel", "value")]
        line = node.start_point[0] + 1
        self.scope.do(line, ["c", ["n", "<-"], parts, {}, line])

    def condition(self, node: "Node") -> None:
        """Read `if` with both branches."""
        start = node.child_by_field_name("initializer")
        if start is not None:
            self.statement(start)
        line = node.start_point[0] + 1
        test = self.expression(node.child_by_field_name("condition"))
        self.scope.do(line, test)
        before = self.scope.enter()
        for field, negated in (("consequence", False), ("alternative", True)):
            branch = node.child_by_field_name(field)
            if branch is not None:
                self.scope.stand_under(test, before[0], negated=negated)
                self.statement(branch)
                self.scope.leave(before)

    def returned(self, node: "Node") -> None:
        """Read `return`; every result is kept."""
        line = node.start_point[0] + 1
        for each in node.named_children:
            for value in each.named_children if each.type == "expression_list" else [each]:
                if value.type != "comment":
                    self.scope.give(line, self.expression(value))


def package_name(module: str) -> str:
    """Return the name that a package is used by when the import does not say: the last part that is no version."""
    parts = module.split("/")
    last = parts[-1]
    if len(parts) > 1 and last.startswith(_VERSION) and last[1:].isdecimal() and int(last[1:]) > 1:
        last = parts[-2]
    head, dot, version = last.partition(".")
    last = head if dot and version.startswith(_VERSION) else last
    return last.removeprefix("go-").replace("-", "_") if "-" in last else last


def _is_plain(node: "Node") -> bool:
    operator = node.child_by_field_name("operator")
    return operator is None or operator.type == "="


Go.forms = {
    "identifier": Go.name,
    "package_identifier": Go.name,
    "field_identifier": Go.name,
    "type_identifier": Go.name,
    "blank_identifier": Go.nothing,
    "interpreted_string_literal": Go.string,
    "raw_string_literal": Go.string,
    "int_literal": Go.number,
    "float_literal": Go.number,
    "true": Go.constant,
    "false": Go.constant,
    "nil": Go.constant,
    "iota": Go.nothing,
    "selector_expression": Go.selector,
    "qualified_type": lambda reader, node: reader.type_of(node),
    "generic_type": lambda reader, node: reader.type_of(node),
    "slice_type": lambda reader, node: reader.type_of(node),
    "map_type": lambda reader, node: reader.type_of(node),
    "pointer_type": lambda reader, node: reader.type_of(node),
    "struct_type": Go.nothing,
    "call_expression": Go.call,
    "composite_literal": Go.literal,
    "func_literal": Go.literal_function,
    "binary_expression": Go.binary,
    "unary_expression": Go.address,
    "index_expression": Go.index,
    "parenthesized_expression": Go.parts,
    "type_assertion_expression": Go.address,
    "type_conversion_expression": Go.address,
    "expression_list": Go.parts,
    "comment": Go.nothing,
}
Go.statements = {
    "package_clause": Go.package,
    "import_spec": Go.import_spec,
    "type_spec": Go.type_spec,
    "type_alias": Go.type_spec,
    "function_declaration": Go.function,
    "method_declaration": Go.function,
    "var_spec": Go.variables,
    "const_spec": Go.variables,
    "short_var_declaration": Go.variables,
    "assignment_statement": Go.variables,
    "for_statement": Go.loop,
    "go_statement": Go.started,
    "send_statement": Go.sent,
    "if_statement": Go.condition,
    "return_statement": Go.returned,
    "comment": Go.skip,
    "label_name": Go.skip,
}


def extract_source(content: bytes) -> FileFacts:
    """Return the facts of one file; never raises on bad input."""
    return read(Go, content)
