"""Ruby: classes and modules, methods, calls with their blocks inline, symbols as strings."""

from typing import TYPE_CHECKING

from release_harness.steps.evidence.impact.expressions import OTHER, text_of
from release_harness.steps.evidence.impact.extract.languages.ruby_classes import RubyClasses
from release_harness.steps.evidence.impact.extract.languages.syntax import read
from release_harness.steps.evidence.impact.extract.shapes import added, held, joined, text
from release_harness.steps.evidence.impact.facts import Expr, FileFacts, Parameter

if TYPE_CHECKING:
    from tree_sitter import Node

_REQUIRES = frozenset({"require", "require_relative", "load", "autoload"})
_SENDS = frozenset({"try", "try!", "send", "public_send", "__send__", "method"})
"""`user.try(:name)` calls what it names."""


class Ruby(RubyClasses):
    """Reads one file of Ruby."""

    language = "ruby"
    grammar = ("tree_sitter_ruby", "language")

    def class_declaration(self, node: "Node") -> None:
        """Read a class or a module; `class A::B` stands under the name `A.B`."""
        name = node.child_by_field_name("name")
        if name is None:
            return
        above = node.child_by_field_name("superclass")
        bases = [self.expression(each) for each in above.named_children[:1]] if above is not None else []
        before = self.open("class", self.text(name).strip(":").replace("::", "."), node, name, bases=bases)
        if node.type == "module":
            self.scope.flags.append("module")
        body = node.child_by_field_name("body")
        if body is not None:
            self.block(body)
        self.close(before)

    def singleton(self, node: "Node") -> None:
        """Read `class << self`."""
        body = node.child_by_field_name("body")
        if body is not None:
            self.block(body)

    def method(self, node: "Node") -> None:
        """Read a method."""
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is None:
            return
        before = self.open("function", self.text(name).replace(".", "_"), node, name, parameters=self.parameters(node))
        if body is not None and body.type in {"body_statement", "begin"}:
            self.block(body)
        elif body is not None:
            self.statement(body)
        self.close(before)

    def method_inside(self, node: "Node") -> Expr:
        """Read a method that is handed to a call, as in `private def name`; the call is given its name."""
        self.method(node)
        name = node.child_by_field_name("name")
        return text(self.text(name)) if name is not None else OTHER

    def call_statement(self, node: "Node") -> None:
        """Read a call that is a statement; in the body of a class it can declare something."""
        if not self.declaration(node):
            self.scope.do(node.start_point[0] + 1, self.expression(node))

    def parameters(self, node: "Node") -> list[Parameter]:
        """Return the parameters of a method or a block."""
        given = node.child_by_field_name("parameters")
        found = []
        for each in given.named_children if given is not None else ():
            name = each.child_by_field_name("name") or (each if each.type == "identifier" else None)
            kind = {"splat_parameter": "args", "hash_splat_parameter": "kwargs", "keyword_parameter": "keyword"}.get(
                each.type, "positional"
            )
            if name is not None and each.type != "block_parameter":
                found.append(Parameter(self.text(name), kind, None, None))
        return found

    def call(self, node: "Node") -> Expr:
        """Return a call; its block is the last argument, options are keywords."""
        name, receiver = node.child_by_field_name("method"), node.child_by_field_name("receiver")
        word = self.text(name) if name is not None else "call"
        function: Expr = ["n", word] if receiver is None else ["a", self.expression(receiver), word]
        arguments: list[Expr] = []
        keywords: dict[str, Expr] = {}
        given = node.child_by_field_name("arguments")
        for each in given.named_children if given is not None else ():
            self.argument(each, arguments, keywords)
        block = node.child_by_field_name("block")
        line = (name or node).start_point[0] + 1
        if receiver is None and word in _REQUIRES and arguments:
            source = text_of(arguments[-1])
            if source:
                self.scope.imported(source, 1 if word == "require_relative" else 0, "", "", line)
        if block is not None:
            arguments.append(self.inline_block(block))
        if word in _SENDS and arguments and given is not None and given.named_children[0].type == "simple_symbol":
            base: Expr = ["n", "self"] if receiver is None else function[1]
            return ["c", ["a", base, str(arguments[0][1])], arguments[1:], keywords, line]
        return ["c", function, arguments, keywords, line]

    def argument(self, node: "Node", arguments: list[Expr], keywords: dict[str, Expr]) -> None:
        """Read one argument: options by a symbol are keywords, other pairs make up a dictionary."""
        if node.type != "pair":
            if node.type != "comment":
                arguments.append(self.expression(node))
            return
        key, value = node.child_by_field_name("key"), self.expression(node.child_by_field_name("value"))
        name = self.key(key)
        if key is not None and key.type in {"hash_key_symbol", "simple_symbol"} and name[0] == "s":
            keywords[name[1]] = value
        elif arguments and arguments[-1][0] == "d":
            arguments[-1][1].append([name, value])
        else:
            arguments.append(["d", [[name, value]]])

    def key(self, node: "Node | None") -> Expr:
        """Return the key of a pair."""
        if node is None:
            return OTHER
        return ["s", self.text(node)] if node.type == "hash_key_symbol" else self.expression(node)

    def inline_block(self, node: "Node") -> Expr:
        """Return a block with its statements in order."""
        names = [each.name for each in self.parameters(node)]
        body = node.child_by_field_name("body")
        children = body.named_children if body is not None else ()
        return ["m", [self.expression(each) for each in children if each.type != "comment"], names]

    def lambda_form(self, node: "Node") -> Expr:
        """Return `-> { … }`."""
        body = node.child_by_field_name("body")
        if body is None:
            return OTHER
        found = self.inline_block(body)
        return [*found[:2], [each.name for each in self.parameters(node)] or found[2]]

    def handed_symbol(self, node: "Node") -> Expr:
        """Return `&:name`: a call of that method on whatever comes."""
        found = self.parts(node)
        return ["m", [["a", OTHER, found[1]]], []] if found[0] == "s" else found

    def scoped(self, node: "Node") -> Expr:
        """Return `A::B`."""
        name, base = node.child_by_field_name("name"), node.child_by_field_name("scope")
        word = self.text(name) if name is not None else ""
        return ["n", word] if base is None else ["a", self.expression(base), word]

    def symbol(self, node: "Node") -> Expr:
        """Return a symbol as a string."""
        return text(self.text(node).lstrip(":").strip("\"'"))

    def string(self, node: "Node") -> Expr:
        """Return a string with its constant parts."""
        parts: list[Expr] = []
        for each in node.named_children:
            is_text = each.type in {"string_content", "escape_sequence", "heredoc_content"}
            parts.append(["s", self.text(each)] if is_text else self.parts(each))
        return joined(parts) if parts else ["s", ""]

    def listed(self, node: "Node") -> Expr:
        """Return a list."""
        return ["l", [self.expression(each) for each in node.named_children if each.type != "comment"]]

    def hashed(self, node: "Node") -> Expr:
        """Return a dictionary."""
        pairs: list[list[Expr | None]] = []
        for each in node.named_children:
            if each.type == "pair":
                pairs.append(
                    [self.key(each.child_by_field_name("key")), self.expression(each.child_by_field_name("value"))]
                )
            elif each.type != "comment":
                pairs.append([None, self.parts(each)])
        return ["d", pairs]

    def binary(self, node: "Node") -> Expr:
        """Return operators; `+` puts strings together."""
        left = self.expression(node.child_by_field_name("left"))
        right = self.expression(node.child_by_field_name("right"))
        operator = node.child_by_field_name("operator")
        return added([left, right]) if operator is not None and operator.type == "+" else held([left, right])

    def index(self, node: "Node") -> Expr:
        """Return a subscript."""
        parts = [self.expression(each) for each in node.named_children]
        return ["i", parts[0], parts[1] if len(parts) > 1 else OTHER] if parts else OTHER

    def number(self, node: "Node") -> Expr:
        """Return a number; what is not written in digits is null."""
        found = self.text(node)
        return ["k", int(found)] if found.isdecimal() and len(found) < 16 else ["k", None]  # noqa: PLR2004 - exact in JSON

    def constant(self, node: "Node") -> Expr:
        """Return true, false or nil."""
        return ["k", {"true": True, "false": False}.get(node.type)]

    def assignment(self, node: "Node") -> None:
        """Read an assignment."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None:
            return
        operator = node.child_by_field_name("operator")
        kept = operator is not None and self.text(operator) == "||="  # the value when there is none yet
        how = "aug" if node.type == "operator_assignment" and not kept else ""
        line = node.start_point[0] + 1
        targets = left.named_children if left.type == "left_assignment_list" else [left]
        value = self.expression(right)
        for each in targets:
            self.scope.bind(line, self.expression(each), value, how)

    def assigned(self, node: "Node") -> Expr:
        """Return what is assigned inside an expression."""
        self.assignment(node)
        return self.expression(node.child_by_field_name("right"))

    def conditional(self, node: "Node") -> None:
        """Read `if` and `unless` in every form."""
        test = self.expression(node.child_by_field_name("condition"))
        self.scope.do(node.start_point[0] + 1, test)
        before = self.scope.enter()
        negated = node.type.startswith("unless")
        for field, turned in (("body", negated), ("consequence", negated), ("alternative", not negated)):
            branch = node.child_by_field_name(field)
            if branch is not None:
                self.scope.stand_under(test, before[0], negated=turned)
                self.statement(branch)
                self.scope.leave(before)

    def returned(self, node: "Node") -> None:
        """Read `return`."""
        for each in node.named_children[:1]:
            self.scope.give(
                node.start_point[0] + 1, self.parts(each) if each.type == "argument_list" else self.expression(each)
            )


Ruby.forms = {
    "identifier": Ruby.name,
    "constant": Ruby.name,
    "instance_variable": Ruby.name,
    "class_variable": Ruby.name,
    "global_variable": Ruby.name,
    "self": Ruby.name,
    "super": Ruby.name,
    "call": Ruby.call,
    "method": Ruby.method_inside,
    "singleton_method": Ruby.method_inside,
    "block_argument": Ruby.handed_symbol,
    "scope_resolution": Ruby.scoped,
    "simple_symbol": Ruby.symbol,
    "delimited_symbol": Ruby.string,
    "bare_symbol": Ruby.string,
    "bare_string": Ruby.string,
    "string": Ruby.string,
    "subshell": Ruby.string,
    "array": Ruby.listed,
    "symbol_array": Ruby.listed,
    "string_array": Ruby.listed,
    "hash": Ruby.hashed,
    "binary": Ruby.binary,
    "element_reference": Ruby.index,
    "integer": Ruby.number,
    "true": Ruby.constant,
    "false": Ruby.constant,
    "nil": Ruby.constant,
    "lambda": Ruby.lambda_form,
    "do_block": Ruby.inline_block,
    "block": Ruby.inline_block,
    "assignment": Ruby.assigned,
    "operator_assignment": Ruby.assigned,
    "parenthesized_statements": Ruby.parts,
    "conditional": Ruby.parts,
    "unary": Ruby.parts,
    "regex": Ruby.nothing,
    "comment": Ruby.nothing,
}
Ruby.statements = {
    "call": Ruby.call_statement,
    "class": Ruby.class_declaration,
    "module": Ruby.class_declaration,
    "singleton_class": Ruby.singleton,
    "method": Ruby.method,
    "singleton_method": Ruby.method,
    "assignment": Ruby.assignment,
    "operator_assignment": Ruby.assignment,
    "if": Ruby.conditional,
    "unless": Ruby.conditional,
    "if_modifier": Ruby.conditional,
    "unless_modifier": Ruby.conditional,
    "return": Ruby.returned,
    "comment": Ruby.skip,
}


def extract_source(content: bytes) -> FileFacts:
    """Return the facts of one file; never raises on bad input."""
    return read(Ruby, content)
