"""Expressions of JavaScript and TypeScript."""

from typing import TYPE_CHECKING, Any

from release_harness.steps.evidence.impact.expressions import OTHER, text_of
from release_harness.steps.evidence.impact.extract.languages.syntax import Reader
from release_harness.steps.evidence.impact.extract.shapes import added, choice, held, joined, text
from release_harness.steps.evidence.impact.facts import Expr

if TYPE_CHECKING:
    from tree_sitter import Node

FUNCTIONS = frozenset({"arrow_function", "function_expression", "function", "generator_function"})
_BLOCKS = frozenset({"statement_block", "jsx_element", "jsx_fragment"})
_TAGS = frozenset({"jsx_opening_element", "jsx_closing_element", "jsx_text"})
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "f": "\f", "v": "\v"}
_HOLDING_TYPES = frozenset({
    "union_type", "intersection_type", "parenthesized_type", "readonly_type", "optional_type",
})  # fmt: skip
_CONSTANTS = {"true": True, "false": False, "null": None, "undefined": None}


class Expressions(Reader):
    """Reads expressions; functions and classes inside them become symbols."""

    def string(self, node: "Node") -> Expr:
        """Return a string constant."""
        children = node.named_children
        if not children:
            return ["s", ""]
        if len(children) == 1 and children[0].type == "string_fragment":
            return text(self.text(children[0]))
        return text("".join(self.fragment(each) for each in children))

    def fragment(self, node: "Node") -> str:
        """Return one piece of a string."""
        found = self.text(node)
        if node.type == "escape_sequence":
            return _ESCAPES.get(found[1:], found[1:] if len(found) == 2 else "")  # noqa: PLR2004 - a backslash and a character
        return found

    def template(self, node: "Node") -> Expr:
        """Return a template string with its constant parts."""
        return joined(
            [
                ["s", self.fragment(each)] if each.type != "template_substitution" else self.parts(each)
                for each in node.named_children
            ]
        )

    def constant(self, node: "Node") -> Expr:
        """Return true, false or null."""
        return ["k", _CONSTANTS[node.type]]

    def number(self, node: "Node") -> Expr:
        """Return a number; what JSON cannot say is null."""
        try:
            found = float(self.text(node))
        except ValueError:
            return ["k", None]
        if found.is_integer() and abs(found) < 2**53:
            return ["k", int(found)]
        return ["k", found if found - found == 0 else None]

    def member(self, node: "Node") -> Expr:
        """Return an attribute."""
        name = node.child_by_field_name("property")
        base = self.expression(node.child_by_field_name("object"))
        return ["a", base, self.text(name) if name is not None else ""]

    def subscript(self, node: "Node") -> Expr:
        """Return a subscript; one with a constant text is an attribute."""
        base = self.expression(node.child_by_field_name("object"))
        index = self.expression(node.child_by_field_name("index"))
        found = text_of(index)
        return ["a", base, found] if found is not None and found.isidentifier() else ["i", base, index]

    def call(self, node: "Node") -> Expr:
        """Return a call or a construction; `require` and `import` with a text are imports too."""
        function_node = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        line = node.start_point[0] + 1
        function = self.expression(function_node)
        if function_node is not None and function[0] == "a":
            line = function_node.end_point[0] + 1
        arguments: list[Expr] = []
        given = node.child_by_field_name("arguments")
        if given is not None and given.type == "template_string":
            arguments.append(self.template(given))
        elif given is not None:
            self.around.append((function, arguments))
            for each in given.named_children:
                if each.type != "comment":
                    arguments.append(self.expression(each))  # noqa: PERF401 - what was read names the functions after it
            self.around.pop()
        call: Expr = ["c", function, arguments, {}, line]
        if function[0] == "n" and function[1] in {"require", "import"} and arguments:
            source = text_of(arguments[0])
            if source:
                self.scope.imported(source, 0, "", "", line)
        return call

    def callee_import(self, node: "Node") -> Expr:
        """Return the name of a dynamic import."""
        return ["n", self.text(node)]

    def spread(self, node: "Node") -> Expr:
        """Return a starred part."""
        return ["*", self.parts(node)]

    def array(self, node: "Node") -> Expr:
        """Return a list."""
        return ["l", [self.expression(each) for each in node.named_children if each.type != "comment"]]

    def object(self, node: "Node") -> Expr:
        """Return a dictionary; its methods become symbols."""
        pairs: list[list[Any]] = []
        for each in node.named_children:
            kind = each.type
            if kind == "pair":
                key, value = self.pair(each)
                pairs.append([key, value])
            elif kind == "method_definition":
                pairs.append(self.object_method(each))
            elif kind == "spread_element":
                pairs.append([None, self.parts(each)])
            elif kind != "comment":
                name = self.text(each)
                pairs.append([["s", name], ["n", name]])
        return ["d", pairs]

    def pair(self, node: "Node") -> tuple[Expr, Expr]:
        """Return key and value of one property."""
        key_node = node.child_by_field_name("key")
        value = node.child_by_field_name("value")
        key = self.key(key_node)
        if value is not None and value.type in FUNCTIONS:
            return key, self.function_value(value, text_of(key) or "")
        return key, self.expression(value)

    def key(self, node: "Node | None") -> Expr:
        """Return the key of a property."""
        if node is None:
            return OTHER
        if node.type in {"string", "computed_property_name"}:
            return self.expression(node)
        return ["s", self.text(node)]

    def object_method(self, node: "Node") -> list[Any]:
        """Return one method of an object as key and value."""
        name = node.child_by_field_name("name")
        key = self.key(name)
        return [key, self.function_symbol(node, self.anonymous(text_of(key) or "method"))]

    def function_value(self, node: "Node", key: str = "") -> Expr:
        """Return a function expression: a symbol when it has a block, else inline."""
        body = node.child_by_field_name("body")
        name = node.child_by_field_name("name")
        if body is None or body.type not in _BLOCKS:
            return self.inline_function(node)
        return self.function_symbol(node, self.anonymous(key or (self.text(name) if name is not None else "")))

    def inline_function(self, node: "Node") -> Expr:
        """Return an arrow function whose body is one expression."""
        parameters = [each.name for each in self.parameters(node) if each.name]
        return ["m", [self.expression(node.child_by_field_name("body"))], parameters]

    def function_form(self, node: "Node") -> Expr:
        """Return a function expression."""
        return self.function_value(node)

    def function_symbol(self, node: "Node", name: str) -> Expr:
        """Add a symbol for a function expression."""
        raise NotImplementedError

    def parameters(self, node: "Node") -> list[Any]:
        """Return the parameters of a function."""
        raise NotImplementedError

    def binary(self, node: "Node") -> Expr:
        """Return operators; `+` puts strings together."""
        operator = node.child_by_field_name("operator")
        left = self.expression(node.child_by_field_name("left"))
        right = self.expression(node.child_by_field_name("right"))
        if operator is not None and operator.type == "+":
            return added([left, right])
        return held([left, right])

    def conditional(self, node: "Node") -> Expr:
        """Return `test ? body : otherwise`."""
        names = {"t": "condition", "b": "consequence", "o": "alternative"}
        return choice(*((letter, self.expression(node.child_by_field_name(name))) for letter, name in names.items()))

    def first(self, node: "Node") -> Expr:
        """Return what is wrapped: `(x)`, `x as T`, `x!`, `await x`."""
        children = node.named_children
        return self.expression(children[0]) if children else OTHER

    def last(self, node: "Node") -> Expr:
        """Return the last part, such as `x` of `<T>x`."""
        children = node.named_children
        return self.expression(children[-1]) if children else OTHER

    def assigned(self, node: "Node") -> Expr:
        """Read an assignment inside an expression; it stands for its target."""
        self.statement(node)
        left = node.child_by_field_name("left")
        return self.expression(left) if left is not None and left.type in {"identifier", "member_expression"} else OTHER

    def yielded(self, node: "Node") -> Expr:
        """Read what a generator gives."""
        children = node.named_children
        self.scope.yields(node.start_point[0] + 1, self.expression(children[0]) if children else None, "yield")
        return OTHER

    def element(self, node: "Node") -> Expr:
        """Return an element: a component is called with its attributes; the parts of a plain one are held."""
        opening = node.child_by_field_name("open_tag") or node
        name_node = opening.child_by_field_name("name")
        line = node.start_point[0] + 1
        attributes = {}
        parts: list[Expr] = []
        for each in opening.named_children:
            if each.type == "jsx_attribute":
                attributes[self.text(each.named_children[0])] = self.attribute_value(each)
            elif each.type == "jsx_expression":
                parts.append(self.parts(each))
        if opening is not node:
            parts.extend(
                self.expression(each)
                for each in node.named_children
                if each.type.startswith("jsx_") and each.type not in _TAGS
            )
        name = self.expression(name_node)
        if name_node is None or (name[0] == "n" and str(name[1])[:1].islower()):
            if name[0] == "n" and name[1] in {"a", "form", "link"}:
                return ["c", name, parts, attributes, line]
            return held([*attributes.values(), *parts])
        return ["c", name, parts, attributes, line]

    def attribute_value(self, node: "Node") -> Expr:
        """Return the value of an attribute."""
        children = node.named_children
        if len(children) < 2:  # noqa: PLR2004 - a name without a value
            return ["k", True]
        name = self.text(children[0])
        value = children[1]
        inner = value.named_children[0] if value.type == "jsx_expression" and value.named_children else value
        return self.function_value(inner, name) if inner.type in FUNCTIONS else self.expression(inner)

    def type_expression(self, node: "Node | None") -> Expr | None:
        """Return a type annotation: the names it mentions, generics as subscripts."""
        if node is None:
            return None
        if node.type == "type_annotation":
            children = node.named_children
            return self._type(children[0], 0) if children else None
        return self._type(node, 0)

    def _type(self, node: "Node", depth: int) -> Expr:
        kind = node.type
        if kind in {"type_identifier", "identifier", "property_identifier"}:
            return ["n", self.text(node)]
        if kind in {"predefined_type", "literal_type", "this_type"} or depth > 8:  # noqa: PLR2004 - deeper types say nothing more
            return OTHER
        if kind in {"nested_type_identifier", "nested_identifier", "member_expression"}:
            parts = node.named_children
            return ["a", self._type(parts[0], depth + 1), self.text(parts[-1])] if parts else OTHER
        if kind == "array_type":
            return ["i", ["n", "Array"], held([self._type(each, depth + 1) for each in node.named_children])]
        if kind == "object_type":
            return self._index_type(node)
        if kind == "generic_type":
            parts = node.named_children
            base = self._type(parts[0], depth + 1)
            arguments = [self._type(each, depth + 1) for each in parts[-1].named_children]
            return ["i", base, arguments[0] if len(arguments) == 1 else ["l", arguments]]
        return held([self._type(each, depth + 1) for each in node.named_children]) if kind in _HOLDING_TYPES else OTHER

    def _index_type(self, node: "Node") -> Expr:
        """Return `{ [key: string]: T }` as `Record<string, T>`; any other object's type is no class."""
        members = node.named_children
        if len(members) != 1 or members[0].type != "index_signature":
            return OTHER
        held_node = members[0].child_by_field_name("type")
        inner = self.type_expression(held_node) if held_node is not None else None
        return ["i", ["n", "Record"], ["l", [OTHER, inner or OTHER]]]


FORMS = {
    "identifier": Expressions.name,
    "property_identifier": Expressions.name,
    "private_property_identifier": Expressions.name,
    "shorthand_property_identifier": Expressions.name,
    "type_identifier": Expressions.name,
    "this": Expressions.name,
    "super": Expressions.name,
    "import": Expressions.callee_import,
    "string": Expressions.string,
    "template_string": Expressions.template,
    "number": Expressions.number,
    "true": Expressions.constant,
    "false": Expressions.constant,
    "null": Expressions.constant,
    "undefined": Expressions.constant,
    "member_expression": Expressions.member,
    "nested_identifier": Expressions.member,
    "subscript_expression": Expressions.subscript,
    "call_expression": Expressions.call,
    "new_expression": Expressions.call,
    "spread_element": Expressions.spread,
    "array": Expressions.array,
    "object": Expressions.object,
    "arrow_function": Expressions.function_form,
    "function_expression": Expressions.function_form,
    "function": Expressions.function_form,
    "generator_function": Expressions.function_form,
    "binary_expression": Expressions.binary,
    "parenthesized_expression": Expressions.first,
    "as_expression": Expressions.first,
    "satisfies_expression": Expressions.first,
    "non_null_expression": Expressions.first,
    "instantiation_expression": Expressions.first,
    "await_expression": Expressions.first,
    "type_assertion": Expressions.last,
    "assignment_expression": Expressions.assigned,
    "augmented_assignment_expression": Expressions.assigned,
    "yield_expression": Expressions.yielded,
    "jsx_element": Expressions.element,
    "jsx_self_closing_element": Expressions.element,
    "jsx_fragment": Expressions.parts,
    "jsx_text": Expressions.nothing,
    "html_character_reference": Expressions.nothing,
    "regex": Expressions.nothing,
    "meta_property": Expressions.nothing,
    "comment": Expressions.nothing,
    "type_arguments": Expressions.nothing,
    "ternary_expression": Expressions.conditional,
    "unary_expression": Expressions.parts,
    "update_expression": Expressions.parts,
    "sequence_expression": Expressions.parts,
}
