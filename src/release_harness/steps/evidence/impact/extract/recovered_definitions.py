"""Headers of functions and classes from tree-sitter's syntax tree."""

from typing import Any

from release_harness.steps.evidence.impact.extract.annotations import annotation_of
from release_harness.steps.evidence.impact.extract.recovered_expressions import (
    arguments_of,
    line_of,
    listed,
    name_of,
    parts_of_node,
    recovered,
)
from release_harness.steps.evidence.impact.extract.scope import Scope
from release_harness.steps.evidence.impact.extract.shapes import held
from release_harness.steps.evidence.impact.facts import Parameter


def open_function(node: Any, scope: Scope, decorators: list[Any] | None = None) -> Scope | None:
    """Add a function and return its scope; None when its name is missing."""
    read = [listed(parts_of_node(each), scope) for each in decorators or ()]
    said = node.child_by_field_name("parameters")
    parameters = _parameters(said, scope) if said is not None else []
    given = node.child_by_field_name("return_type")
    returns = None if given is None else annotation_of(recovered(given, scope), line_of(node))
    kind = "async" if node.children and node.children[0].type == "async" else "function"
    name = node.child_by_field_name("name")
    if name is None:
        return None
    inner = scope.open(kind, name_of(name), _lines(node, decorators), read, [], {}, parameters, returns)
    _type_parameters(node, inner)
    return inner


def open_class(node: Any, scope: Scope, decorators: list[Any] | None = None) -> Scope | None:
    """Add a class and return its scope; None when its name is missing."""
    read = [listed(parts_of_node(each), scope) for each in decorators or ()]
    said = node.child_by_field_name("superclasses")
    bases, keywords = ([], {}) if said is None else arguments_of(said, scope)
    name = node.child_by_field_name("name")
    if name is None:
        return None
    inner = scope.open("class", name_of(name), _lines(node, decorators), read, bases, keywords, [], None)
    _type_parameters(node, inner)
    return inner


def _lines(node: Any, decorators: list[Any] | None) -> tuple[int, int, int]:
    first = node
    if decorators:
        first = (parts_of_node(decorators[0]) or decorators)[0]
    return line_of(first), line_of(node), _last_line(node)


def _last_line(node: Any) -> int:
    while True:
        children = [each for each in node.children if each.type not in {"comment", ";", "line_continuation"}]
        if not children or children[-1].end_byte == children[-1].start_byte:
            break
        node = children[-1]
        if node.type in {"string", "concatenated_string"}:
            break
    line: int = node.end_point[0] + 1
    return line


def _parameters(node: Any, scope: Scope) -> list[Parameter]:
    found: list[Parameter] = []
    plain = "positional"
    for each in parts_of_node(node):
        kind = each.type
        if kind == "keyword_separator":
            plain = "keyword"
        elif kind != "positional_separator":
            parameter = _parameter(each, plain, scope)
            if parameter is not None:
                found.append(parameter)
                plain = "keyword" if parameter.kind == "args" else plain
    return found


def _parameter(node: Any, plain: str, scope: Scope) -> Parameter | None:
    named = node.child_by_field_name("name") or node
    if node.type == "typed_parameter":
        named = parts_of_node(node)[0]
    kind = {"list_splat_pattern": "args", "dictionary_splat_pattern": "kwargs"}.get(named.type, plain)
    if kind != plain:
        named = (parts_of_node(named) or [named])[0]
    if named.type not in {"identifier", "keyword_identifier", "tuple_pattern"}:
        return None
    said, given = node.child_by_field_name("type"), node.child_by_field_name("value")
    annotation = None if said is None else annotation_of(recovered(said, scope), line_of(named))
    return Parameter(name_of(named), kind, annotation, None if given is None else recovered(given, scope))


def _type_parameters(node: Any, scope: Scope) -> None:
    said = node.child_by_field_name("type_parameters")
    for each in parts_of_node(said) if said is not None else ():
        inner = (parts_of_node(each) or [each])[0]
        bound = None
        if inner.type == "constrained_type":
            inner, *limits = parts_of_node(inner)
            bound = held([recovered(limit, scope) for limit in limits])
        while inner.type != "identifier" and parts_of_node(inner):
            inner = parts_of_node(inner)[0]
        scope.bind(line_of(each), ["n", name_of(inner)], bound, "type parameter")
