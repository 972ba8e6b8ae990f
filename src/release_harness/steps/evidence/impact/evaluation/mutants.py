"""Mutants: a function that fails as soon as it is called, so that every test that needs it must fail."""

import ast
from collections.abc import Collection, Iterator

from release_harness.steps.evidence.model.impact import SymbolId

PLANTED = b'raise RuntimeError("planted by rh")'


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
