"""Statements, imports and exports of JavaScript and TypeScript."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from release_harness.steps.evidence.impact.expressions import OTHER
from release_harness.steps.evidence.impact.extract.languages.ecmascript_bindings import Bindings
from release_harness.steps.evidence.impact.extract.languages.ecmascript_expressions import (
    FORMS,
    FUNCTIONS,
)
from release_harness.steps.evidence.impact.facts import Expr

if TYPE_CHECKING:
    from tree_sitter import Node

_SET_FROM_EXPORTS: Expr = ["n", "exports"]
_MODULE_EXPORTS: Expr = ["a", ["n", "module"], "exports"]


class EcmaScript(Bindings):
    """Reads one module."""

    forms: ClassVar[dict[str, Callable[[Any, Any], Expr]]] = {**FORMS}

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


_DECLARED = frozenset({
    "function_declaration", "generator_function_declaration", "class_declaration", "abstract_class_declaration",
    "interface_declaration", "enum_declaration",
})  # fmt: skip
