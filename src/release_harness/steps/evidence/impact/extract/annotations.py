"""Annotations written as strings, read as the expressions they stand for."""

from release_harness.steps.evidence.impact.expressions import TEXT_LIMIT
from release_harness.steps.evidence.impact.facts import Expr


def annotation_of(expr: Expr, line: int) -> Expr:
    """Return an annotation with the names inside its strings read; `Literal["a"]` stays as it is."""
    form = expr[0]
    if form in {"n", "a", "k"}:
        return expr
    if form == "s":
        return _read(expr, line)
    if form in {"l", "b"}:
        return [form, [annotation_of(each, line) for each in expr[1]], *expr[2:]]
    if form == "i":
        return _subscript(expr, line)
    return expr


def _subscript(expr: Expr, line: int) -> Expr:
    base, index = expr[1], expr[2]
    name = base[-1] if base[0] in {"n", "a"} else ""
    if name == "Literal":
        return expr
    if name == "Annotated" and index[0] == "l" and index[1]:
        first, *rest = index[1]
        return ["i", base, ["l", [annotation_of(first, line), *rest]]]
    return ["i", base, annotation_of(index, line)]


def _read(expr: Expr, line: int) -> Expr:
    written = expr[1].strip()
    if written.isidentifier():
        return ["n", written]
    if len(written) >= TEXT_LIMIT or not written:
        return expr
    import ast

    from release_harness.steps.evidence.impact.extract.python_expressions import expression
    from release_harness.steps.evidence.impact.extract.scope import Reading, Scope
    from release_harness.steps.evidence.impact.extract.shapes import relined

    try:
        tree = ast.parse(written, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return expr
    read = expression(tree.body, Scope(Reading(), "", in_function=False))
    return relined(annotation_of(read, line), line)
