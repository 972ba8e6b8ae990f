"""Statements, functions, classes, imports and exports of JavaScript and TypeScript."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from release_harness.steps.evidence.impact.expressions import OTHER
from release_harness.steps.evidence.impact.extract.languages.ecmascript_expressions import (
    FORMS,
    FUNCTIONS,
    Expressions,
)
from release_harness.steps.evidence.impact.facts import Expr, Parameter

if TYPE_CHECKING:
    from tree_sitter import Node

_SET_FROM_EXPORTS: Expr = ["n", "exports"]
_MODULE_EXPORTS: Expr = ["a", ["n", "module"], "exports"]


class EcmaScript(Expressions):
    """Reads one module."""

    forms: ClassVar[dict[str, Callable[[Any, Any], Expr]]] = {**FORMS}

    def __init__(self, content: bytes) -> None:
        """Start with the bytes of a module."""
        super().__init__(content)
        self.exporting = False
        self.decorators: list[Expr] = []

    def import_statement(self, node: "Node") -> None:
        """Read `import … from "…"`."""
        source = node.child_by_field_name("source")
        line = node.start_point[0] + 1
        for clause in node.named_children:
            if clause.type == "import_require_clause":
                self.import_require(clause, line)
                return
        if source is None:
            return
        module = self.string(source)[1]
        typing_only = any(each.type == "type" for each in node.children[:2])
        found = next((each for each in node.named_children if each.type == "import_clause"), None)
        before, self.scope.typing_only = self.scope.typing_only, typing_only
        if found is None:
            self.scope.imported(module, 0, "", "", line)
        else:
            self.import_clause(found, module, line)
        self.scope.typing_only = before

    def import_require(self, clause: "Node", line: int) -> None:
        """Read `import a = require("…")`."""
        name = next((each for each in clause.named_children if each.type == "identifier"), None)
        source = clause.child_by_field_name("source")
        if name is not None and source is not None:
            self.scope.imported(self.string(source)[1], 0, "", self.text(name), line)

    def import_clause(self, clause: "Node", module: str, line: int) -> None:
        """Read what is between `import` and `from`."""
        for each in clause.named_children:
            if each.type == "identifier":
                self.scope.imported(module, 0, "default", self.text(each), line)
            elif each.type == "namespace_import":
                self.scope.imported(module, 0, "", self.text(each.named_children[0]), line)
            elif each.type == "named_imports":
                for specifier in each.named_children:
                    name, bound = self.specifier(specifier)
                    if name:
                        self.scope.imported(module, 0, name, bound, line)

    def specifier(self, node: "Node") -> tuple[str, str]:
        """Return (name, alias) of one imported or exported name."""
        name = node.child_by_field_name("name")
        alias = node.child_by_field_name("alias")
        if name is None:
            return "", ""
        found = self.string(name)[1] if name.type == "string" else self.text(name)
        return found, self.text(alias) if alias is not None else found

    def export_statement(self, node: "Node") -> None:
        """Read every form of `export`."""
        source = node.child_by_field_name("source")
        if source is not None:
            self.export_from(node, self.string(source)[1])
            return
        self.decorators = [self.decorator(each) for each in node.children_by_field_name("decorator")]
        declaration = node.child_by_field_name("declaration")
        is_default = any(each.type == "default" for each in node.children[:6])
        value = node.child_by_field_name("value")
        if is_default:
            self.export_default(node, declaration if declaration is not None else value)
        elif declaration is not None:
            self.exporting = True
            self.statement(declaration)
            self.exporting = False
        else:
            for clause in node.named_children:
                if clause.type == "export_clause":
                    self.export_names(clause)
                elif clause.type not in {"comment", "decorator"}:
                    self.export_value("default", self.expression(clause), node)
        self.decorators = []

    def export_names(self, clause: "Node") -> None:
        """Read `export { a, b as c }`."""
        for each in clause.named_children:
            name, alias = self.specifier(each)
            if name:
                self.exported(alias)
                if alias != name:
                    self.export_value(alias, ["n", name], each)

    def export_from(self, node: "Node", module: str) -> None:
        """Read `export … from "…"`: an import that is handed on."""
        line = node.start_point[0] + 1
        for clause in node.named_children:
            if clause.type == "export_clause":
                for each in clause.named_children:
                    name, alias = self.specifier(each)
                    self.scope.imported(module, 0, name, alias, line)
                    self.exported(alias)
                return
            if clause.type == "namespace_export":
                name = self.text(clause.named_children[0])
                self.scope.imported(module, 0, "", name, line)
                self.exported(name)
                return
        self.scope.imported(module, 0, "*", "", line)
        if "export-star" not in self.scope.flags:
            self.scope.flags.append("export-star")

    def export_default(self, node: "Node", value: "Node | None") -> None:
        """Read `export default …`."""
        if value is None:
            return
        name_node = value.child_by_field_name("name")
        name = self.text(name_node) if name_node is not None and not value.type.startswith("call") else "default"
        if value.type in FUNCTIONS or value.type in _DECLARED:
            if value.type in _DECLARED:
                self.exporting = True
                self.statement(value)
                self.exporting = False
            else:
                self.function_symbol(value, name)
            self.export_value("default", ["n", name], node)
        elif value.type in {"class", "object"}:
            (self.class_symbol if value.type == "class" else self.object_symbol)(value, name)
            self.export_value("default", ["n", name], node)
        else:
            self.export_value("default", self.expression(value), node)

    def export_value(self, name: str, value: Expr, node: "Node") -> None:
        """Keep what an exported name stands for, as `exports.name = value`."""
        self.exported(name)
        self.scope.bind(node.start_point[0] + 1, ["a", _SET_FROM_EXPORTS, name], value)

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
            found.append(Parameter("", "positional", annotation, default))
            found.extend(Parameter(each, "keyword", None, None) for each in self.pattern_names(pattern))
        elif pattern.type in {"identifier", "this"}:
            found.append(Parameter(self.text(pattern), "positional", annotation, default))

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
        before = self.open(kind, name, node, name_node, decorators=decorators, parameters=parameters, returns=returns)
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
        for name, bound in self.pattern_pairs(pattern) or [(each, each) for each in self.pattern_names(pattern)]:
            is_named = pattern.type == "object_pattern" and held[0] in {"n", "a", "c"}
            self.declared(bound)
            self.scope.bind(line, ["n", bound], ["a", held, name] if is_named else held)

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

    def assignment(self, node: "Node") -> None:
        """Read an assignment; what is given to `exports` is exported."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return
        line = node.start_point[0] + 1
        target = self.expression(left) if left.type not in {"object_pattern", "array_pattern"} else OTHER
        how = "aug" if node.type.startswith("augmented") else ""
        if target[0] == "o":
            for name in self.pattern_names(left):
                self.scope.bind(line, ["n", name], OTHER)
        name = self.export_name(target) if not self.scope.prefix else ""
        value = self.assigned_value(right, target, name)
        if name:
            self.exported("default" if name == "*" else name)
            if name == "*" and value[0] == "d":
                for key, _value in value[1]:
                    if key and key[0] == "s":
                        self.exported(key[1])
        self.scope.bind(line, target, value, how)

    def assigned_value(self, right: "Node", target: Expr, name: str) -> Expr:
        """Return what is assigned; functions, and what a module gives as a whole, become symbols."""
        inner = right.child_by_field_name("name")
        whole = self.text(inner) if inner is not None and name == "*" else "default"
        if right.type in FUNCTIONS and name:
            local = whole if name == "*" else name
            self.function_symbol(right, local)
            return ["n", local]
        if name == "*" and right.type == "class":
            self.class_symbol(right, whole)
            return ["n", whole]
        if name == "*" and right.type == "object" and self.holds_functions(right):
            self.object_symbol(right, whole)
            return ["n", whole]
        if right.type in FUNCTIONS and target[0] in {"n", "a"}:
            return self.function_symbol(right, self.assigned_name(target))
        return self.expression(right)

    def assigned_name(self, target: Expr) -> str:
        """Return the name of a function that is assigned to `a.prototype.b`, `app.b` or `b`."""
        parts: list[str] = []
        while target[0] == "a":
            parts.append(str(target[2]))
            target = target[1]
        parts.append(str(target[1]) if target[0] == "n" else "")
        parts = [each for each in reversed(parts) if each and each != "prototype"]
        return self.anonymous(" ".join(parts)) if len(parts) != 1 else parts[0]

    def export_name(self, target: Expr) -> str:
        """Return `x` for `exports.x` and `module.exports.x`, `*` for `module.exports`, or empty."""
        if target == _MODULE_EXPORTS:
            return "*"
        if target[0] == "a" and target[1] in (_SET_FROM_EXPORTS, _MODULE_EXPORTS):
            return str(target[2])
        return ""

    def expression_statement(self, node: "Node") -> None:
        """Read an expression; a text alone at the start is a directive such as `"use server"`."""
        children = node.named_children
        if len(children) == 1 and children[0].type == "string":
            if not self.scope.body:
                self.scope.flags.append(f"directive:{self.string(children[0])[1]}")
            return
        for each in children:
            self.statement(each)

    def returned(self, node: "Node") -> None:
        """Read `return`."""
        for each in node.named_children[:1]:
            if each.type != "comment":
                self.scope.give(node.start_point[0] + 1, self.expression(each))

    def thrown(self, node: "Node") -> None:
        """Read `throw`."""
        self.scope.do(node.start_point[0] + 1, self.parts(node), "raise")

    def condition(self, node: "Node") -> None:
        """Read `if` with both branches."""
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

    def loop(self, node: "Node") -> None:
        """Read `for (… of …)`."""
        left = node.child_by_field_name("left")
        value = self.expression(node.child_by_field_name("right"))
        line = node.start_point[0] + 1
        names = self.pattern_names(left) if left is not None else []
        for name in names:
            self.scope.bind(line, ["n", name], value, "for")
        body = node.child_by_field_name("body")
        if body is not None:
            self.statement(body)

    def caught(self, node: "Node") -> None:
        """Read `catch`."""
        body = node.child_by_field_name("body")
        if body is not None:
            self.block(body)

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


_DECLARED = frozenset({
    "function_declaration", "generator_function_declaration", "class_declaration", "abstract_class_declaration",
    "interface_declaration", "enum_declaration",
})  # fmt: skip
