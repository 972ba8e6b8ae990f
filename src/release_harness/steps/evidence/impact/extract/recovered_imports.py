"""Imports from tree-sitter's syntax tree."""

from typing import Any

from release_harness.steps.evidence.impact.extract.recovered_expressions import dotted_name_of, line_of, name_of
from release_harness.steps.evidence.impact.extract.scope import Scope


def read_import(node: Any, scope: Scope) -> None:
    """Keep the names of `import a, b as c`."""
    for each in node.children_by_field_name("name"):
        name, bound = _imported_name(each)
        scope.imported(name, 0, "", bound or name.partition(".")[0], line_of(each))


def read_import_from(node: Any, scope: Scope) -> None:
    """Keep the names of `from a import b`."""
    module, level = _imported_module(node.child_by_field_name("module_name"))
    for each in node.named_children:
        if each.type == "wildcard_import":
            scope.imported(module, level, "*", "", line_of(each))
    for each in node.children_by_field_name("name"):
        name, bound = _imported_name(each)
        scope.imported(module, level, name, bound or name, line_of(each))


def read_future_import(node: Any, scope: Scope) -> None:
    """Keep the names of `from __future__ import a`."""
    for each in node.children_by_field_name("name"):
        name, bound = _imported_name(each)
        scope.imported("__future__", 0, name, bound or name, line_of(each))


def _imported_name(node: Any) -> tuple[str, str]:
    if node.type == "aliased_import":
        alias = node.child_by_field_name("alias")
        return dotted_name_of(node.child_by_field_name("name")), name_of(alias) if alias is not None else ""
    return dotted_name_of(node), ""


def _imported_module(node: Any) -> tuple[str, int]:
    if node is None:
        return "", 0
    if node.type != "relative_import":
        return dotted_name_of(node), 0
    level = 0
    module = ""
    for each in node.named_children:
        if each.type == "import_prefix":
            level = each.text.count(b".")
        elif each.type == "dotted_name":
            module = dotted_name_of(each)
    return module, level
