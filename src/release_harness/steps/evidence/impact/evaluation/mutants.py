"""Mutants: one function with one small fault in it, or one that fails as soon as it is called; and which of them tell anything."""

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from release_harness.steps.evidence.model.impact import SymbolId

PLANTED = b'raise RuntimeError("planted by rh")'


SHARE_LIMIT = 0.5
"""A mutant that more of the tests notice breaks what they all stand on, and says nothing about which of them are relevant."""
_OPPOSITE = {
    ast.Lt: b"<=", ast.LtE: b"<", ast.Gt: b">=", ast.GtE: b">", ast.Eq: b"!=", ast.NotEq: b"==",
    ast.Is: b"is not", ast.IsNot: b"is", ast.In: b"not in", ast.NotIn: b"in",
}  # fmt: skip


class Told(Enum):
    """What a run of all tests on a mutant tells."""

    SOME = "some tests failed"
    NONE = "no test failed"
    MOST = "more than half of the tests failed"


class _Place(NamedTuple):
    """A stretch of the source on the bytes of one or more lines, and what is to stand there."""

    start: tuple[int, int]
    end: tuple[int, int]
    text: bytes


def tell(failed: Collection[str], passed: Collection[str]) -> Told:
    """Return what it tells that of the tests that pass without the mutant these fail with it."""
    if not failed:
        return Told.NONE
    return Told.MOST if len(failed) > SHARE_LIMIT * len(passed) else Told.SOME


def run_by_few(relevant: Mapping[SymbolId, Collection[str]], passed: Collection[str]) -> list[SymbolId]:
    """Return the functions that a test ran, but no more of them than say anything; sorted."""
    few = (each for each, tests in relevant.items() if tell(set(tests) & set(passed), passed) is Told.SOME)
    return breakable(tuple(few))


def in_turns(functions: Sequence[SymbolId], count: int) -> list[SymbolId]:
    """Return all functions, so that any first part of them is spread over the whole: `count` at even distances, then those between."""
    step = max(-(-len(functions) // max(count, 1)), 1)
    return [each for start in range(step) for each in functions[start::step]]


def change_function(content: bytes, qualname: str, turn: int) -> bytes | None:
    """Return the source with one small fault in the function: another comparison, no return value, or a call less.

    `turn` takes another kind of fault for each function. Without a place for one the function raises at its start.
    """
    try:
        node = _find(ast.parse(content), qualname.split("."))
    except (SyntaxError, ValueError, RecursionError):
        return None
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    lines = content.split(b"\n")
    kinds = [each for each in (_comparisons(node, lines), _returns(node), _calls(node)) if each]
    if kinds:
        places = kinds[turn % len(kinds)]
        changed = _put(lines, places[turn % len(places)])
        if _is_python(changed):
            return changed
    return break_function(content, qualname)


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is inside of a function, without functions and classes of its own."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield child
            yield from _own(child)


def _comparisons(function: ast.AST, lines: Sequence[bytes]) -> list[_Place]:
    found = []
    for each in _own(function):
        if isinstance(each, ast.Compare) and len(each.ops) == 1 and type(each.ops[0]) in _OPPOSITE:
            left, right = _end(each.left), (each.comparators[0].lineno, each.comparators[0].col_offset)
            between = lines[left[0] - 1][left[1] : right[1]] if left[0] == right[0] else b"("
            # A bracket or a comment between them would be lost.
            if not set(between) & set(b"()#\\"):
                found.append(_Place(left, right, b" " + _OPPOSITE[type(each.ops[0])] + b" "))
    return found


def _returns(function: ast.AST) -> list[_Place]:
    returned = (each.value for each in _own(function) if isinstance(each, ast.Return) and each.value is not None)
    return [
        _Place((each.lineno, each.col_offset), _end(each), b"None")
        for each in returned
        if not (isinstance(each, ast.Constant) and each.value is None)
    ]


def _calls(function: ast.AST) -> list[_Place]:
    found = []
    for each in _own(function):
        inner = each.value if isinstance(each, ast.Expr) else None
        called = inner.value if isinstance(inner, ast.Await) else inner
        if isinstance(called, ast.Call) and inner is not None:
            found.append(_Place((inner.lineno, inner.col_offset), _end(inner), b"None"))
    return found


def _end(node: ast.expr) -> tuple[int, int]:
    return node.end_lineno or node.lineno, node.end_col_offset or node.col_offset


def _put(lines: Sequence[bytes], place: _Place) -> bytes:
    (first, start), (last, end) = place.start, place.end
    row = lines[first - 1][:start] + place.text + lines[last - 1][end:]
    return b"\n".join([*lines[: first - 1], row, *lines[last:]])


def _is_python(content: bytes) -> bool:
    try:
        ast.parse(content)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True


def break_function(content: bytes, qualname: str) -> bytes | None:
    """Return the source with the function raising at its start; None when it has none of that name, or is one line."""
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError):
        return None
    node = _find(tree, qualname.split("."))
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    first = node.body[1] if _is_docstring(node.body[0]) and len(node.body) > 1 else node.body[0]
    line = min([first.lineno, *(each.lineno for each in getattr(first, "decorator_list", []))])
    lines = content.split(b"\n")
    row = lines[line - 1]
    indent = row[: len(row) - len(row.lstrip())]
    if first.lineno == node.lineno or len(indent) != first.col_offset:
        return None
    return b"\n".join([*lines[: line - 1], indent + PLANTED, *lines[line - 1 :]])


def breakable(functions: Collection[SymbolId]) -> list[SymbolId]:
    """Return the functions that have a place of their own in a file: no lambdas, no comprehensions; sorted."""
    return sorted(each for each in functions if "<" not in each.replace("<locals>", "") and each.partition(":")[2])


def _find(node: ast.AST, names: list[str]) -> ast.AST | None:
    for each in _definitions(node):
        if each.name == names[0]:
            rest = names[2:] if names[1:2] == ["<locals>"] else names[1:]
            found = _find(each, rest) if rest else each
            if found is not None:
                return found
    return None


def _definitions(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Yield what is defined in a scope, in branches of it too, but not in the scopes inside."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield child
        elif not isinstance(child, ast.expr):
            yield from _definitions(child)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
