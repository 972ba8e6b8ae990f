"""Facts of Python source from the standard library's syntax tree."""

import ast
from collections.abc import Callable
from typing import Any

from release_harness.steps.evidence.impact.extract.annotations import annotation_of
from release_harness.steps.evidence.impact.extract.python_expressions import EXPRESSIONS, expression
from release_harness.steps.evidence.impact.extract.scope import IMPORT_FAILURES, Scope
from release_harness.steps.evidence.impact.extract.shapes import held
from release_harness.steps.evidence.impact.facts import Expr, Parameter


def read_module(tree: ast.Module, scope: Scope) -> None:
    """Read a whole module into its scope."""
    _block(tree.body, scope)


def _block(nodes: list[Any], scope: Scope) -> None:
    for node in nodes:
        read = _STATEMENTS.get(type(node))
        if read is not None:
            try:
                read(node, scope)
            except RecursionError:
                scope.reading.too_deep.append(node.lineno)


def _expression_statement(node: Any, scope: Scope) -> None:
    value = node.value
    kind = type(value)
    if kind is ast.Constant:
        return
    how = "await" if kind is ast.Await else ""
    kept = EXPRESSIONS[kind](value, scope)
    scope.do(node.lineno, kept, how)
    if kept[0] == "c" and not scope.prefix:
        scope.reading.extended(kept)


def _assign(node: Any, scope: Scope) -> None:
    value = expression(node.value, scope)
    for target in node.targets:
        scope.bind(node.lineno, expression(target, scope), value)
    if not scope.prefix:
        scope.reading.exported(scope.body[-1].target, value)


def _annotated(node: Any, scope: Scope) -> None:
    value = None if node.value is None else expression(node.value, scope)
    target = expression(node.target, scope)
    scope.bind(node.lineno, target, value, "", annotation_of(expression(node.annotation, scope), node.lineno))
    if not scope.prefix and value is not None:
        scope.reading.exported(target, value)


def _augmented(node: Any, scope: Scope) -> None:
    value = expression(node.value, scope)
    target = expression(node.target, scope)
    scope.bind(node.lineno, target, value, "aug")
    if not scope.prefix:
        scope.reading.exported(target, value, more=True)


def _for(node: Any, scope: Scope) -> None:
    value = expression(node.iter, scope)
    scope.bind(node.lineno, expression(node.target, scope), value, "for")
    _block(node.body, scope)
    _block(node.orelse, scope)


def _while(node: Any, scope: Scope) -> None:
    scope.do(node.lineno, expression(node.test, scope))
    _block(node.body, scope)
    _block(node.orelse, scope)


def _if(node: Any, scope: Scope) -> None:
    before = scope.enter()
    while True:
        test = expression(node.test, scope)
        scope.do(node.lineno, test)
        outer = scope.under
        scope.stand_under(test, outer, negated=False)
        _block(node.body, scope)
        rest = node.orelse
        if not rest:
            break
        scope.stand_under(test, outer, negated=True)
        if len(rest) == 1 and type(rest[0]) is ast.If:
            node = rest[0]
            continue
        _block(rest, scope)
        break
    scope.leave(before)


def _with(node: Any, scope: Scope) -> None:
    for item in node.items:
        value = expression(item.context_expr, scope)
        if item.optional_vars is None:
            scope.do(item.context_expr.lineno, value, "with")
        else:
            scope.bind(item.context_expr.lineno, expression(item.optional_vars, scope), value, "with")
    _block(node.body, scope)


def _return(node: Any, scope: Scope) -> None:
    if node.value is not None:
        scope.give(node.lineno, expression(node.value, scope))


def _raise(node: Any, scope: Scope) -> None:
    for each in (node.exc, node.cause):
        if each is not None:
            scope.do(node.lineno, expression(each, scope), "raise")


def _assert(node: Any, scope: Scope) -> None:
    scope.do(node.lineno, expression(node.test, scope), "assert")
    if node.msg is not None:
        scope.do(node.lineno, expression(node.msg, scope))


def _delete(node: Any, scope: Scope) -> None:
    for each in node.targets:
        if type(each) is not ast.Name:
            scope.do(node.lineno, expression(each, scope), "del")


def _try(node: Any, scope: Scope) -> None:
    kinds = [None if each.type is None else expression(each.type, scope) for each in node.handlers]
    before = scope.optional
    scope.optional = before or any(catches_import_failure(kind) for kind in kinds)
    _block(node.body, scope)
    for each, kind in zip(node.handlers, kinds, strict=True):
        if each.name:
            scope.bind(each.lineno, ["n", each.name], kind, "except")
        elif kind is not None:
            scope.do(each.lineno, kind, "except")
        _block(each.body, scope)
    scope.optional = before
    _block(node.orelse, scope)
    _block(node.finalbody, scope)


def catches_import_failure(kind: Expr | None) -> bool:
    """Tell whether a handler of this class catches a failed import; a bare `except` does."""
    if kind is None:
        return True
    if kind[0] == "l":
        return any(catches_import_failure(each) for each in kind[1])
    return kind[0] in {"n", "a"} and kind[-1] in IMPORT_FAILURES


def _import(node: Any, scope: Scope) -> None:
    for each in node.names:
        scope.imported(each.name, 0, "", each.asname or each.name.partition(".")[0], each.lineno)


def _import_from(node: Any, scope: Scope) -> None:
    module = node.module or ""
    for each in node.names:
        name = each.name
        bound = "" if name == "*" else each.asname or name
        scope.imported(module, node.level, name, bound, each.lineno)


def _global(node: Any, scope: Scope) -> None:
    scope.outer("global", node.names)


def _nonlocal(node: Any, scope: Scope) -> None:
    scope.outer("nonlocal", node.names)


def _function(node: Any, scope: Scope) -> None:
    decorators = [expression(each, scope) for each in node.decorator_list]
    parameters = _parameters(node.args, scope)
    returns = None if node.returns is None else annotation_of(expression(node.returns, scope), node.lineno)
    kind = "async" if type(node) is ast.AsyncFunctionDef else "function"
    inner = scope.open(kind, node.name, _lines(node), decorators, [], {}, parameters, returns)
    _type_parameters(node, inner)
    _block(node.body, inner)


def _class(node: Any, scope: Scope) -> None:
    decorators = [expression(each, scope) for each in node.decorator_list]
    bases = [expression(each, scope) for each in node.bases]
    keywords = {each.arg or "**": expression(each.value, scope) for each in node.keywords}
    inner = scope.open("class", node.name, _lines(node), decorators, bases, keywords, [], None)
    _type_parameters(node, inner)
    _block(node.body, inner)


def _lines(node: Any) -> tuple[int, int, int]:
    first = node.decorator_list[0].lineno if node.decorator_list else node.lineno
    return first, node.lineno, node.end_lineno


def _parameters(said: Any, scope: Scope) -> list[Parameter]:
    plain = [*said.posonlyargs, *said.args]
    defaults = [None] * (len(plain) - len(said.defaults)) + said.defaults
    found = [_parameter(each, "positional", given, scope) for each, given in zip(plain, defaults, strict=True)]
    if said.vararg is not None:
        found.append(_parameter(said.vararg, "args", None, scope))
    for each, given in zip(said.kwonlyargs, said.kw_defaults, strict=True):
        found.append(_parameter(each, "keyword", given, scope))
    if said.kwarg is not None:
        found.append(_parameter(said.kwarg, "kwargs", None, scope))
    return found


def _parameter(said: Any, kind: str, given: Any, scope: Scope) -> Parameter:
    annotation = said.annotation
    return Parameter(
        said.arg,
        kind,
        None if annotation is None else annotation_of(expression(annotation, scope), said.lineno),
        None if given is None else expression(given, scope),
    )


def _type_parameters(node: Any, scope: Scope) -> None:
    for each in getattr(node, "type_params", ()):
        bound = getattr(each, "bound", None)
        default = getattr(each, "default_value", None)
        parts = [expression(said, scope) for said in (bound, default) if said is not None]
        scope.bind(each.lineno, ["n", each.name], held(parts) if parts else None, "type parameter")


def _type_alias(node: Any, scope: Scope) -> None:
    value = annotation_of(expression(node.value, scope), node.lineno)
    scope.bind(node.lineno, expression(node.name, scope), value, "type")


def _match(node: Any, scope: Scope) -> None:
    subject = expression(node.subject, scope)
    scope.do(node.lineno, subject)
    before = scope.enter()
    for case in node.cases:
        captures: list[tuple[str, Expr | None]] = []
        pattern = _pattern(case.pattern, captures, scope)
        line = case.pattern.lineno
        scope.do(line, held(pattern))
        for name, value in captures:
            scope.bind(line, ["n", name], value, "case")
        guard = [] if case.guard is None else [expression(case.guard, scope)]
        if guard:
            scope.do(line, guard[0])
        outer = scope.under
        scope.stand_under(held([subject, *pattern, *guard]), outer, negated=False)
        _block(case.body, scope)
        scope.under = outer
    scope.leave(before)


def _pattern(node: Any, captures: list[tuple[str, Expr | None]], scope: Scope) -> list[Expr]:
    """Return what a pattern compares with; what it captures is added to the captures."""
    kind = type(node)
    if kind is ast.MatchValue:
        return [expression(node.value, scope)]
    if kind is ast.MatchClass:
        known = [expression(node.cls, scope)]
        return known + [
            part for each in (*node.patterns, *node.kwd_patterns) for part in _pattern(each, captures, scope)
        ]
    if kind is ast.MatchAs:
        parts = [] if node.pattern is None else _pattern(node.pattern, captures, scope)
        if node.name is not None:
            captures.append((node.name, parts[0] if type(node.pattern) is ast.MatchClass else None))
        return parts
    if kind is ast.MatchStar:
        if node.name is not None:
            captures.append((node.name, None))
        return []
    if kind is ast.MatchMapping:
        return _mapping(node, captures, scope)
    return [part for each in getattr(node, "patterns", ()) for part in _pattern(each, captures, scope)]


def _mapping(node: Any, captures: list[tuple[str, Expr | None]], scope: Scope) -> list[Expr]:
    parts: list[Expr] = []
    for key, pattern in zip(node.keys, node.patterns, strict=True):
        parts.append(expression(key, scope))
        parts.extend(_pattern(pattern, captures, scope))
    if node.rest:
        captures.append((node.rest, None))
    return parts


_STATEMENTS: dict[type, Callable[[Any, Scope], None]] = {
    ast.Expr: _expression_statement,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.If: _if,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.Delete: _delete,
    ast.Try: _try,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Global: _global,
    ast.Nonlocal: _nonlocal,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Match: _match,
}
if hasattr(ast, "TryStar"):
    _STATEMENTS[ast.TryStar] = _try
if hasattr(ast, "TypeAlias"):
    _STATEMENTS[ast.TypeAlias] = _type_alias
