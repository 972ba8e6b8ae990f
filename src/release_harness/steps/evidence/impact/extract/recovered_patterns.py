"""Patterns of `match` from tree-sitter's syntax tree: what they compare with, and the names that they capture."""

from typing import Any

from release_harness.steps.evidence.impact.extract.recovered_expressions import name_of, parts_of_node, recovered
from release_harness.steps.evidence.impact.extract.scope import Scope
from release_harness.steps.evidence.impact.facts import Expr

Captures = list[tuple[str, Expr | None]]

_CONSTANTS = frozenset({"integer", "float", "true", "false", "none", "complex_pattern"})


def pattern_of(node: Any, captures: Captures, scope: Scope) -> list[Expr]:
    """Return what a pattern compares with; what it captures is added to the captures."""
    kind = node.type
    if kind in _CONSTANTS:
        return []
    if kind in {"string", "concatenated_string"}:
        return [recovered(node, scope)]
    if kind == "dotted_name":
        return _named(node, captures, scope)
    if kind == "splat_pattern":
        for each in parts_of_node(node):
            captures.append((name_of(each), None))
        return []
    if kind == "keyword_pattern":
        return [part for each in parts_of_node(node)[1:] for part in pattern_of(each, captures, scope)]
    if kind == "class_pattern":
        known, *rest = parts_of_node(node)
        return [recovered(known, scope), *(part for each in rest for part in pattern_of(each, captures, scope))]
    if kind == "as_pattern":
        return _as(node, captures, scope)
    return [part for each in parts_of_node(node) for part in pattern_of(each, captures, scope)]


def without_parentheses(node: Any) -> Any:
    """Return the pattern inside parentheses that only group."""
    while node.type == "case_pattern" or (
        node.type == "tuple_pattern" and not any(each.type == "," for each in node.children)
    ):
        inner = parts_of_node(node)
        if len(inner) != 1:
            break
        node = inner[0]
    return node


def _named(node: Any, captures: Captures, scope: Scope) -> list[Expr]:
    names = parts_of_node(node)
    if len(names) != 1:
        return [recovered(node, scope)]
    if name_of(names[0]) != "_":
        captures.append((name_of(names[0]), None))
    return []


def _as(node: Any, captures: Captures, scope: Scope) -> list[Expr]:
    parts = parts_of_node(node)
    found = pattern_of(parts[0], captures, scope)
    inner = parts[0]
    while inner.type == "keyword_pattern" or (
        inner.type in {"case_pattern", "tuple_pattern"} and len(parts_of_node(inner)) == 1
    ):
        inner = parts_of_node(inner)[-1]
    for each in parts[1:]:
        captures.append((name_of(each), found[0] if inner.type == "class_pattern" and found else None))
    return found
