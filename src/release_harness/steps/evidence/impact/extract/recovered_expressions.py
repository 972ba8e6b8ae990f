"""Expressions of Python from tree-sitter's syntax tree, in the very shapes of `python_expressions`."""

import unicodedata
from collections.abc import Callable
from typing import Any

from release_harness.steps.evidence.impact.expressions import OTHER
from release_harness.steps.evidence.impact.extract.recovered_strings import string_of, strings_of
from release_harness.steps.evidence.impact.extract.scope import Scope
from release_harness.steps.evidence.impact.extract.shapes import (
    NULL,
    added,
    choice,
    combined,
    formatted,
    held,
    negative,
    number,
)
from release_harness.steps.evidence.impact.facts import Expr

_SKIPPED = frozenset({"comment", "line_continuation"})


def parts_of_node(node: Any) -> list[Any]:
    """Return the named children without comments."""
    return [each for each in node.named_children if each.type not in _SKIPPED]


def line_of(node: Any) -> int:
    """Return the first line of a node, counted from one."""
    line: int = node.start_point[0] + 1
    return line


def bare(node: Any) -> Any:
    """Return what stands inside parentheses."""
    while node.type == "parenthesized_expression":
        inner = parts_of_node(node)
        if len(inner) != 1:
            return node
        node = inner[0]
    return node


def name_of(node: Any) -> str:
    """Return an identifier as Python compares it."""
    written: str = node.text.decode("utf-8", "replace")
    return written if written.isascii() else unicodedata.normalize("NFKC", written)


def dotted_name_of(node: Any) -> str:
    """Return `a.b.c` whatever stands between its parts."""
    if node.type == "identifier":
        return name_of(node)
    return ".".join(name_of(each) for each in node.named_children if each.type == "identifier")


def recovered(node: Any, scope: Scope) -> Expr:
    """Return an expression; what it binds on the way goes into the scope before it."""
    read = EXPRESSIONS.get(node.type)
    return _unknown(node, scope) if read is None else read(node, scope)


def listed(nodes: list[Any], scope: Scope) -> Expr:
    """Return one expression, or several of them as a tuple."""
    return recovered(nodes[0], scope) if len(nodes) == 1 else ["l", [recovered(each, scope) for each in nodes]]


def _unknown(node: Any, scope: Scope) -> Expr:
    return held([recovered(each, scope) for each in parts_of_node(node)])


def _name(node: Any, _scope: Scope) -> Expr:
    name = name_of(node)
    return ["n", name] if name else OTHER


def _dotted(node: Any, _scope: Scope) -> Expr:
    names = [name_of(each) for each in node.named_children if each.type == "identifier"]
    made: Expr = ["n", names[0]] if names else OTHER
    for name in names[1:]:
        made = ["a", made, name]
    return made


def _attribute(node: Any, scope: Scope) -> Expr:
    base = recovered(node.child_by_field_name("object"), scope)
    return ["a", base, name_of(node.child_by_field_name("attribute"))]


def _call(node: Any, scope: Scope) -> Expr:
    called = recovered(node.child_by_field_name("function"), scope)
    given = node.child_by_field_name("arguments")
    if given.type == "generator_expression":
        return ["c", called, [recovered(given, scope)], {}, line_of(node)]
    arguments, keywords = arguments_of(given, scope)
    return ["c", called, arguments, keywords, line_of(node)]


def arguments_of(node: Any, scope: Scope) -> tuple[list[Expr], dict[str, Expr]]:
    """Return the positional and the keyword arguments of a list of arguments."""
    arguments: list[Expr] = []
    keywords: dict[str, Expr] = {}
    for each in parts_of_node(node):
        if each.type == "keyword_argument":
            name = name_of(each.child_by_field_name("name"))
            value = recovered(each.child_by_field_name("value"), scope)
        elif each.type == "dictionary_splat":
            name = "**"
            value = _unary_part(each, scope)
        else:
            arguments.append(_star_outside(recovered(each, scope)))
            continue
        keywords[name] = ["b", [keywords[name], value]] if name in keywords else value
    return arguments, keywords


def _unary_part(node: Any, scope: Scope) -> Expr:
    parts = parts_of_node(node)
    return recovered(parts[0], scope) if len(parts) == 1 else _unknown(node, scope)


def _string(node: Any, scope: Scope) -> Expr:
    return string_of(node, lambda each: recovered(each, scope))


def _strings(node: Any, scope: Scope) -> Expr:
    return strings_of(node, lambda each: recovered(each, scope))


def _integer(node: Any, _scope: Scope) -> Expr:
    try:
        return number(int(node.text, 0))
    except ValueError:
        return NULL


def _float(node: Any, _scope: Scope) -> Expr:
    try:
        return number(float(node.text))
    except ValueError:
        return NULL


def _items(node: Any, scope: Scope) -> Expr:
    return ["l", [_star_outside(recovered(each, scope)) for each in parts_of_node(node)]]


def _tuple_pattern(node: Any, scope: Scope) -> Expr:
    parts = parts_of_node(node)
    if len(parts) == 1 and not any(each.type == "," for each in node.children):
        return recovered(parts[0], scope)
    return _items(node, scope)


def _star_outside(expr: Expr) -> Expr:
    """Put a star where Python has it: the grammar reads `*a.b` as the attribute of a starred name."""
    holder: Expr | None = None
    inner = expr
    while inner[0] in {"a", "c", "i"} or (inner[0] in {"b", "f"} and holder is None):
        holder = inner
        inner = inner[1][0] if inner[0] in {"b", "f"} else inner[1]
    if holder is None or inner[0] != "*":
        return expr
    replace_first(holder, inner[1])
    return ["*", expr]


def replace_first(holder: Expr, new: Expr) -> None:
    """Put another expression where the first part of one stands."""
    if holder[0] in {"b", "f"}:
        holder[1][0] = new
    else:
        holder[1] = new


def _dictionary(node: Any, scope: Scope) -> Expr:
    pairs: list[list[Expr | None]] = []
    for each in parts_of_node(node):
        if each.type == "pair":
            key, value = each.child_by_field_name("key"), each.child_by_field_name("value")
            pairs.append([recovered(key, scope), recovered(value, scope)])
        else:
            pairs.append([None, _unary_part(each, scope)])
    return ["d", pairs]


def _subscript(node: Any, scope: Scope) -> Expr:
    base, *rest = parts_of_node(node)
    value = recovered(base, scope)
    many = len(rest) != 1 or rest[0].type == "list_splat" or any(each.type == "," for each in node.children)
    return ["i", value, ["l", [recovered(each, scope) for each in rest]] if many else recovered(rest[0], scope)]


def _generic(node: Any, scope: Scope) -> Expr:
    parts = parts_of_node(node)
    value = recovered(parts[0], scope)
    items = [recovered(each, scope) for part in parts[1:] for each in parts_of_node(part)]
    return ["i", value, items[0] if len(items) == 1 and items[0][0] != "*" else ["l", items]]


def _member(node: Any, scope: Scope) -> Expr:
    base, name = parts_of_node(node)
    return ["a", recovered(base, scope), name_of(name)]


def _starred(node: Any, scope: Scope) -> Expr:
    return ["*", _unary_part(node, scope)]


def _binary(node: Any, scope: Scope) -> Expr:
    operator = node.child_by_field_name("operator").type
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if operator == "%":
        return formatted(recovered(left, scope), recovered(right, scope))
    nodes = [right]
    while True:
        left = bare(left)
        if left.type != "binary_operator" or left.child_by_field_name("operator").type != operator:
            break
        nodes.append(left.child_by_field_name("right"))
        left = left.child_by_field_name("left")
    nodes.append(left)
    parts = [recovered(each, scope) for each in reversed(nodes)]
    if operator in {"|", "&"}:
        return combined(parts, operator)
    return added(parts) if operator == "+" else held(parts)


def _unary(node: Any, scope: Scope) -> Expr:
    operand = recovered(node.child_by_field_name("argument"), scope)
    if node.children[0].type == "~":
        return combined([operand], "~")
    return negative(operand) if node.children[0].type == "-" else held([operand])


def _choice(node: Any, scope: Scope) -> Expr:
    parts = [recovered(each, scope) for each in parts_of_node(node)]
    return choice(*zip("bto", parts, strict=True)) if len(parts) == 3 else held(parts)  # noqa: PLR2004 - all is there


def _union(node: Any, scope: Scope) -> Expr:
    """Return `a | b` where the grammar sees types: it nests them to the right, and Python to the left."""
    return combined([recovered(each, scope) for each in _united(node, first=True)], "|")


def _united(node: Any, *, first: bool) -> list[Any]:
    while node.type == "type" or (first and node.type == "parenthesized_expression"):
        node = parts_of_node(node)[0]
    if node.type == "binary_operator" and node.child_by_field_name("operator").type != "|":
        return [node]
    if node.type not in {"union_type", "binary_operator"}:
        return [node]
    left, *rest = parts_of_node(node)
    return [*_united(left, first=first), *(found for each in rest for found in _united(each, first=False))]


def _comprehension(node: Any, scope: Scope) -> Expr:
    body = node.child_by_field_name("body")
    element: Expr
    if body.type == "pair":
        key, value = body.child_by_field_name("key"), body.child_by_field_name("value")
        element = ["d", [[recovered(key, scope), recovered(value, scope)]]]
    else:
        element = recovered(body, scope)
    clauses = parts_of_node(node)[1:]
    sources: list[list[Expr]] = []
    for each in clauses:
        if each.type == "for_in_clause":
            target, *iterated = parts_of_node(each)
            sources.append([recovered(target, scope), listed(iterated, scope)])
    tests = [_unary_part(each, scope) for each in clauses if each.type == "if_clause"]
    return ["g", [element], sources, [each for each in tests if each[0] != "o"]]


def _lambda(node: Any, scope: Scope) -> Expr:
    plain: list[str] = []
    starred: list[str] = []
    defaults: list[Expr] = []
    said = node.child_by_field_name("parameters")
    for each in parts_of_node(said) if said is not None else ():
        if each.type == "default_parameter":
            plain.append(name_of(each.child_by_field_name("name")))
            defaults.append(recovered(each.child_by_field_name("value"), scope))
        elif each.type in {"list_splat_pattern", "dictionary_splat_pattern"}:
            starred.append(name_of(parts_of_node(each)[0]))
        elif each.type == "identifier":
            plain.append(name_of(each))
    return ["m", [recovered(node.child_by_field_name("body"), scope), *defaults], plain + starred]


def _walrus(node: Any, scope: Scope) -> Expr:
    value = recovered(node.child_by_field_name("value"), scope)
    target: Expr = ["n", name_of(node.child_by_field_name("name"))]
    scope.bind(line_of(node), target, value, "walrus")
    return target


def _yield(node: Any, scope: Scope) -> Expr:
    parts = parts_of_node(node)
    value = recovered(parts[0], scope) if parts else None
    scope.yields(line_of(node), value, "yield from" if any(each.type == "from" for each in node.children) else "yield")
    return OTHER


def _null(_node: Any, _scope: Scope) -> Expr:
    return NULL


def _true(_node: Any, _scope: Scope) -> Expr:
    return ["k", True]


def _false(_node: Any, _scope: Scope) -> Expr:
    return ["k", False]


EXPRESSIONS: dict[str, Callable[[Any, Scope], Expr]] = {
    "identifier": _name,
    "keyword_identifier": _name,
    "dotted_name": _dotted,
    "attribute": _attribute,
    "call": _call,
    "string": _string,
    "concatenated_string": _strings,
    "integer": _integer,
    "float": _float,
    "true": _true,
    "false": _false,
    "none": _null,
    "ellipsis": _null,
    "list": _items,
    "tuple": _items,
    "set": _items,
    "expression_list": _items,
    "pattern_list": _items,
    "tuple_pattern": _tuple_pattern,
    "list_pattern": _items,
    "dictionary": _dictionary,
    "subscript": _subscript,
    "generic_type": _generic,
    "member_type": _member,
    "list_splat": _starred,
    "list_splat_pattern": _starred,
    "splat_type": _starred,
    "parenthesized_list_splat": _unary_part,
    "parenthesized_expression": _unary_part,
    "as_pattern_target": _unary_part,
    "type": _unary_part,
    "await": _unary_part,
    "binary_operator": _binary,
    "unary_operator": _unary,
    "conditional_expression": _choice,
    "union_type": _union,
    "list_comprehension": _comprehension,
    "set_comprehension": _comprehension,
    "generator_expression": _comprehension,
    "dictionary_comprehension": _comprehension,
    "lambda": _lambda,
    "named_expression": _walrus,
    "yield": _yield,
    "comment": lambda _node, _scope: OTHER,
}
