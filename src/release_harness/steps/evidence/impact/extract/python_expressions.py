"""Expressions of Python from the standard library's syntax tree."""

import ast
from collections.abc import Callable
from typing import Any

from release_harness.steps.evidence.impact.expressions import OTHER, TEXT_LIMIT
from release_harness.steps.evidence.impact.extract.scope import Scope
from release_harness.steps.evidence.impact.extract.shapes import (
    NULL,
    added,
    choice,
    combined,
    formatted,
    held,
    joined,
    negative,
    number,
    relined,
)
from release_harness.steps.evidence.impact.facts import Expr

_TRUE: Expr = ["k", True]
_FALSE: Expr = ["k", False]
_MARKS: dict[type, str] = {ast.BitOr: "|", ast.BitAnd: "&"}


def expression(node: Any, scope: Scope) -> Expr:
    """Return an expression; what it binds on the way goes into the scope before it."""
    return EXPRESSIONS[type(node)](node, scope)


def _name(node: Any, _scope: Scope) -> Expr:
    return ["n", node.id]


def _attribute(node: Any, scope: Scope) -> Expr:
    base = node.value
    return ["a", EXPRESSIONS[type(base)](base, scope), node.attr]


def _call(node: Any, scope: Scope) -> Expr:
    read = EXPRESSIONS
    function = node.func
    called = read[type(function)](function, scope)
    arguments = [read[type(each)](each, scope) for each in node.args]
    keywords: dict[str, Expr] = {}
    for each in node.keywords:
        given = each.value
        value = read[type(given)](given, scope)
        name = each.arg or "**"
        keywords[name] = ["b", [keywords[name], value]] if name in keywords else value
    return ["c", called, arguments, keywords, node.lineno]


def _constant(node: Any, _scope: Scope) -> Expr:
    value = node.value
    if type(value) is str:
        return ["s", value if len(value) <= TEXT_LIMIT else value[:TEXT_LIMIT]]
    if value is True:
        return _TRUE
    if value is False:
        return _FALSE
    return number(value) if type(value) in {int, float} else NULL


def _items(node: Any, scope: Scope) -> Expr:
    return ["l", [EXPRESSIONS[type(each)](each, scope) for each in node.elts]]


def _dictionary(node: Any, scope: Scope) -> Expr:
    read = EXPRESSIONS
    pairs = zip(node.keys, node.values, strict=True)
    return [
        "d",
        [
            [None if key is None else read[type(key)](key, scope), read[type(value)](value, scope)]
            for key, value in pairs
        ],
    ]


def _subscript(node: Any, scope: Scope) -> Expr:
    return ["i", expression(node.value, scope), expression(node.slice, scope)]


def _slice(node: Any, scope: Scope) -> Expr:
    return held([expression(each, scope) for each in (node.lower, node.upper, node.step) if each is not None])


def _starred(node: Any, scope: Scope) -> Expr:
    return ["*", expression(node.value, scope)]


def _inner(node: Any, scope: Scope) -> Expr:
    return expression(node.value, scope)


def _binary(node: Any, scope: Scope) -> Expr:
    operator = type(node.op)
    if operator is ast.Mod:
        return formatted(expression(node.left, scope), expression(node.right, scope))
    nodes = [node.right]
    first = node.left
    while type(first) is ast.BinOp and type(first.op) is operator:
        nodes.append(first.right)
        first = first.left
    nodes.append(first)
    parts = [expression(each, scope) for each in reversed(nodes)]
    mark = _MARKS.get(operator)
    if mark is not None:
        return combined(parts, mark)
    return added(parts) if operator is ast.Add else held(parts)


def _boolean(node: Any, scope: Scope) -> Expr:
    return held([expression(each, scope) for each in node.values])


def _unary(node: Any, scope: Scope) -> Expr:
    operand = expression(node.operand, scope)
    if type(node.op) is ast.Invert:
        return combined([operand], "~")
    return negative(operand) if type(node.op) is ast.USub else held([operand])


def _compare(node: Any, scope: Scope) -> Expr:
    return held([expression(node.left, scope), *(expression(each, scope) for each in node.comparators)])


def _choice(node: Any, scope: Scope) -> Expr:
    body, test, otherwise = (expression(each, scope) for each in (node.body, node.test, node.orelse))
    return choice(("b", body), ("t", test), ("o", otherwise))


def _comprehension(node: Any, scope: Scope) -> Expr:
    return _generated([expression(node.elt, scope)], node.generators, scope)


def _dictionary_comprehension(node: Any, scope: Scope) -> Expr:
    pair = [expression(node.key, scope), expression(node.value, scope)]
    return _generated([["d", [pair]]], node.generators, scope)


def _generated(elements: list[Expr], generators: list[Any], scope: Scope) -> Expr:
    sources = [[expression(each.target, scope), expression(each.iter, scope)] for each in generators]
    tests = [expression(test, scope) for each in generators for test in each.ifs]
    return ["g", elements, sources, [each for each in tests if each[0] != "o"]]


def _lambda(node: Any, scope: Scope) -> Expr:
    said = node.args
    every = [*said.posonlyargs, *said.args, *said.kwonlyargs]
    names = [each.arg for each in every]
    names.extend(each.arg for each in (said.vararg, said.kwarg) if each is not None)
    defaults = [expression(each, scope) for each in (*said.defaults, *said.kw_defaults) if each is not None]
    return ["m", [expression(node.body, scope), *defaults], names]


def _formatted_string(node: Any, scope: Scope) -> Expr:
    return relined(joined(_string_parts(node, scope)), node.lineno)


def _string_parts(node: Any, scope: Scope) -> list[Expr]:
    parts: list[Expr] = []
    for each in node.values:
        if type(each) is ast.Constant:
            parts.append(_constant(each, scope))
            continue
        parts.append(expression(each.value, scope))
        if each.format_spec is not None:
            parts.extend(part for part in _string_parts(each.format_spec, scope) if part[0] != "s")
    return parts


def _walrus(node: Any, scope: Scope) -> Expr:
    value = expression(node.value, scope)
    scope.bind(node.lineno, ["n", node.target.id], value, "walrus")
    return ["n", node.target.id]


def _yield(node: Any, scope: Scope) -> Expr:
    value = None if node.value is None else expression(node.value, scope)
    scope.yields(node.lineno, value, "yield")
    return OTHER


def _yield_from(node: Any, scope: Scope) -> Expr:
    scope.yields(node.lineno, expression(node.value, scope), "yield from")
    return OTHER


EXPRESSIONS: dict[type, Callable[[Any, Scope], Expr]] = {
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Constant: _constant,
    ast.List: _items,
    ast.Tuple: _items,
    ast.Set: _items,
    ast.Dict: _dictionary,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.Starred: _starred,
    ast.Await: _inner,
    ast.BinOp: _binary,
    ast.BoolOp: _boolean,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.IfExp: _choice,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _dictionary_comprehension,
    ast.Lambda: _lambda,
    ast.JoinedStr: _formatted_string,
    ast.NamedExpr: _walrus,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
}
if hasattr(ast, "TemplateStr"):
    EXPRESSIONS[ast.TemplateStr] = _formatted_string
