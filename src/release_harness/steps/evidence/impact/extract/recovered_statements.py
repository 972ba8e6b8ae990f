"""Facts of Python source that the host's own parser refuses, from tree-sitter: it goes on after what it cannot read."""

from collections.abc import Callable
from typing import Any

from release_harness.steps.evidence.impact.extract.annotations import annotation_of
from release_harness.steps.evidence.impact.extract.python_statements import catches_import_failure
from release_harness.steps.evidence.impact.extract.recovered_definitions import open_class, open_function
from release_harness.steps.evidence.impact.extract.recovered_expressions import (
    EXPRESSIONS,
    bare,
    line_of,
    listed,
    name_of,
    parts_of_node,
    recovered,
    replace_first,
)
from release_harness.steps.evidence.impact.extract.recovered_imports import (
    read_future_import,
    read_import,
    read_import_from,
)
from release_harness.steps.evidence.impact.extract.recovered_patterns import Captures, pattern_of, without_parentheses
from release_harness.steps.evidence.impact.extract.scope import Scope
from release_harness.steps.evidence.impact.extract.shapes import held
from release_harness.steps.evidence.impact.facts import Expr

_PAIR_COUNT = 2


def read_block(node: Any, scope: Scope) -> None:
    """Read the statements inside a node."""
    for each in node.named_children:
        read = _STATEMENTS.get(each.type)
        try:
            if read is not None:
                read(each, scope)
            elif each.type in EXPRESSIONS and each.type != "comment":
                scope.do(line_of(each), recovered(each, scope))
        except RecursionError:
            scope.reading.too_deep.append(line_of(each))
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            # A tree with errors inside lacks children that the grammar promises; the statement is left out and counted.
            scope.reading.not_understood.append(line_of(each))


def _field(node: Any, name: str, scope: Scope) -> None:
    inner = node.child_by_field_name(name)
    if inner is not None:
        read_block(inner, scope)


def _expression_statement(node: Any, scope: Scope) -> None:
    parts = parts_of_node(node)
    if len(parts) != 1 or any(each.type == "," for each in node.children):
        value: Expr = ["l", [recovered(each, scope) for each in parts]]
        scope.do(line_of(node), value)
        return
    read = _BINDINGS.get(parts[0].type)
    if read is not None:
        read(parts[0], scope)
        return
    value = recovered(parts[0], scope)
    scope.do(line_of(node), value, "await" if bare(parts[0]).type == "await" else "")
    if value[0] == "c" and not scope.prefix:
        scope.reading.extended(value)


def _assignment(node: Any, scope: Scope) -> None:
    line = line_of(node)
    said = node.child_by_field_name("type")
    if said is not None:
        _annotated(node, said, scope)
        return
    targets = [node.child_by_field_name("left")]
    right = node.child_by_field_name("right")
    while right is not None and right.type == "assignment":
        targets.append(right.child_by_field_name("left"))
        right = right.child_by_field_name("right")
    value = ["o"] if right is None else recovered(right, scope)
    for target in targets:
        scope.bind(line, recovered(target, scope), value)
    if not scope.prefix:
        scope.reading.exported(scope.body[-1].target, value)


def _annotated(node: Any, said: Any, scope: Scope) -> None:
    line = line_of(node)
    right = node.child_by_field_name("right")
    value = None if right is None else recovered(right, scope)
    target = recovered(node.child_by_field_name("left"), scope)
    scope.bind(line, target, value, "", annotation_of(recovered(said, scope), line))
    if not scope.prefix and value is not None:
        scope.reading.exported(target, value)


def _augmented(node: Any, scope: Scope) -> None:
    value = recovered(node.child_by_field_name("right"), scope)
    target = recovered(node.child_by_field_name("left"), scope)
    scope.bind(line_of(node), target, value, "aug")
    if not scope.prefix:
        scope.reading.exported(target, value, more=True)


def _for(node: Any, scope: Scope) -> None:
    value = recovered(node.child_by_field_name("right"), scope)
    scope.bind(line_of(node), recovered(node.child_by_field_name("left"), scope), value, "for")
    _field(node, "body", scope)
    _otherwise(node, scope)


def _otherwise(node: Any, scope: Scope) -> None:
    rest = node.child_by_field_name("alternative")
    if rest is not None:
        _field(rest, "body", scope)


def _while(node: Any, scope: Scope) -> None:
    scope.do(line_of(node), recovered(node.child_by_field_name("condition"), scope))
    _field(node, "body", scope)
    _otherwise(node, scope)


def _if(node: Any, scope: Scope) -> None:
    before = scope.enter()
    rest = node.children_by_field_name("alternative")
    for position, each in enumerate([node, *rest]):
        if each.type == "else_clause":
            _field(each, "body", scope)
            break
        test = recovered(each.child_by_field_name("condition"), scope)
        scope.do(line_of(each), test)
        outer = scope.under
        scope.stand_under(test, outer, negated=False)
        _field(each, "consequence", scope)
        if position < len(rest):
            scope.stand_under(test, outer, negated=True)
    scope.leave(before)


def _with(node: Any, scope: Scope) -> None:
    for clause in parts_of_node(node):
        if clause.type == "with_clause":
            for item in parts_of_node(clause):
                for value in _with_values(item):
                    _with_item(value, scope)
    _field(node, "body", scope)


def _with_values(item: Any) -> list[Any]:
    value = item.child_by_field_name("value") or item
    inner = parts_of_node(value)
    if value.type == "tuple" and any(each.type == "as_pattern" for each in inner):
        return inner
    return [bare(value)]


def _with_item(value: Any, scope: Scope) -> None:
    if value.type != "as_pattern":
        scope.do(line_of(value), recovered(value, scope), "with")
        return
    alias = value.child_by_field_name("alias")
    source = bare(parts_of_node(value)[0])
    entered = recovered(source, scope)
    target = ["o"] if alias is None else listed(parts_of_node(alias), scope)
    scope.bind(line_of(source), target, entered, "with")


def _return(node: Any, scope: Scope) -> None:
    parts = parts_of_node(node)
    if parts:
        scope.give(line_of(node), listed(parts, scope))


def _raise(node: Any, scope: Scope) -> None:
    for each in parts_of_node(node):
        scope.do(line_of(node), recovered(each, scope), "raise")


def _assert(node: Any, scope: Scope) -> None:
    parts = parts_of_node(node)
    for position, each in enumerate(parts):
        scope.do(line_of(node), recovered(each, scope), "" if position else "assert")


def _delete(node: Any, scope: Scope) -> None:
    for part in parts_of_node(node):
        for each in parts_of_node(part) if part.type == "expression_list" else (part,):
            if bare(each).type != "identifier":
                scope.do(line_of(node), recovered(each, scope), "del")


def _print(node: Any, scope: Scope) -> None:
    arguments = [recovered(each, scope) for each in parts_of_node(node)]
    scope.do(line_of(node), ["c", ["n", "print"], arguments, {}, line_of(node)])


def _held(node: Any, scope: Scope) -> None:
    scope.do(line_of(node), held([recovered(each, scope) for each in parts_of_node(node)]))


def _try(node: Any, scope: Scope) -> None:
    handlers = [each for each in node.children if each.type in {"except_clause", "except_group_clause"}]
    caught = [_caught(each, scope) for each in handlers]
    before = scope.optional
    scope.optional = before or any(catches_import_failure(kind) for kind, _name in caught)
    _field(node, "body", scope)
    for each, (kind, name) in zip(handlers, caught, strict=True):
        if name:
            scope.bind(line_of(each), ["n", name], kind, "except")
        elif kind is not None:
            scope.do(line_of(each), kind, "except")
        for inner in each.children:
            if inner.type == "block":
                read_block(inner, scope)
    scope.optional = before
    for each in node.children:
        if each.type in {"else_clause", "finally_clause"}:
            for inner in each.children:
                if inner.type == "block":
                    read_block(inner, scope)


def _caught(node: Any, scope: Scope) -> tuple[Expr | None, str]:
    values = [each for each in parts_of_node(node) if each.type != "block"]
    if not values:
        return None, ""
    if values[0].type == "as_pattern":
        kind = recovered(parts_of_node(values[0])[0], scope)
        alias = values[0].child_by_field_name("alias")
        return kind, "" if alias is None else name_of(alias)
    if len(values) > 1 and any(each.type == "," for each in node.children):
        many = len(values) != _PAIR_COUNT or values[1].type != "identifier" or _several_kinds(values)
        if many:
            return listed(values, scope), ""
        return recovered(values[0], scope), name_of(values[1])
    return recovered(values[0], scope), ""


def _several_kinds(values: list[Any]) -> bool:
    """Tell `except A, B:` of Python 3.14 from `except A, error:` of Python 2, by the way people name things."""
    return bool(name_of(values[1])[:1].isupper())


def _outer(node: Any, scope: Scope) -> None:
    names = [name_of(each) for each in node.named_children if each.type == "identifier"]
    scope.outer("global" if node.type == "global_statement" else "nonlocal", names)


def _decorated(node: Any, scope: Scope) -> None:
    decorators = [each for each in node.named_children if each.type == "decorator"]
    definition = node.child_by_field_name("definition")
    if definition is not None:
        (_class if definition.type == "class_definition" else _function)(definition, scope, decorators)


def _function(node: Any, scope: Scope, decorators: list[Any] | None = None) -> None:
    inner = open_function(node, scope, decorators)
    if inner is not None:
        _field(node, "body", inner)


def _class(node: Any, scope: Scope, decorators: list[Any] | None = None) -> None:
    inner = open_class(node, scope, decorators)
    if inner is not None:
        _field(node, "body", inner)


def _type_alias(node: Any, scope: Scope) -> None:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    inner = (parts_of_node(left) or [left])[0]
    if left.text.lstrip().startswith(b"("):
        _misread_assignment(inner, right, scope)
        return
    target = left
    while target.type != "identifier" and parts_of_node(target):
        target = parts_of_node(target)[0]
    value = annotation_of(recovered(right, scope), line_of(node))
    scope.bind(line_of(node), ["n", name_of(target)], value, "type")


def _misread_assignment(left: Any, right: Any, scope: Scope) -> None:
    """Read `type(x).name = value`, which the grammar takes for an alias of a type."""
    line = line_of(left)
    target = recovered(left, scope)
    holder: Expr | None = None
    first = target
    while first[0] in {"a", "c", "i"}:
        holder, first = first, first[1]
    called: Expr = ["c", ["n", "type"], [first], {}, line]
    if holder is not None:
        replace_first(holder, called)
    scope.bind(line, called if holder is None else target, recovered(right, scope))


def _match(node: Any, scope: Scope) -> None:
    subjects = node.children_by_field_name("subject")
    subject: Expr
    if len(subjects) == 1 and node.children[node.children.index(subjects[0]) + 1].type != ",":
        subject = recovered(subjects[0], scope)
    else:
        subject = ["l", [recovered(each, scope) for each in subjects]]
    scope.do(line_of(node), subject)
    before = scope.enter()
    body = node.child_by_field_name("body")
    for case in body.named_children if body is not None else ():
        if case.type == "case_clause":
            _case(case, subject, scope)
        elif case.type != "comment":
            read_block(case, scope)
    scope.leave(before)


def _case(case: Any, subject: Expr, scope: Scope) -> None:
    captures: Captures = []
    pattern: list[Expr] = []
    patterns = [each for each in case.named_children if each.type == "case_pattern"]
    for each in patterns:
        pattern.extend(pattern_of(each, captures, scope))
    line = line_of(without_parentheses(patterns[0]) if patterns else case)
    scope.do(line, held(pattern))
    for name, value in captures:
        scope.bind(line, ["n", name], value, "case")
    said = case.child_by_field_name("guard")
    guard = [] if said is None else [recovered(each, scope) for each in parts_of_node(said)]
    if guard:
        scope.do(line, guard[0])
    outer = scope.under
    scope.stand_under(held([subject, *pattern, *guard]), outer, negated=False)
    _field(case, "consequence", scope)
    scope.under = outer


_BINDINGS: dict[str, Callable[[Any, Scope], None]] = {"assignment": _assignment, "augmented_assignment": _augmented}
_STATEMENTS: dict[str, Callable[[Any, Scope], None]] = {
    "expression_statement": _expression_statement,
    "for_statement": _for,
    "while_statement": _while,
    "if_statement": _if,
    "with_statement": _with,
    "return_statement": _return,
    "raise_statement": _raise,
    "assert_statement": _assert,
    "delete_statement": _delete,
    "print_statement": _print,
    "exec_statement": _held,
    "try_statement": _try,
    "import_statement": read_import,
    "import_from_statement": read_import_from,
    "future_import_statement": read_future_import,
    "global_statement": _outer,
    "nonlocal_statement": _outer,
    "decorated_definition": _decorated,
    "function_definition": _function,
    "class_definition": _class,
    "type_alias_statement": _type_alias,
    "match_statement": _match,
    "ERROR": read_block,
    "block": read_block,
    **_BINDINGS,
}
