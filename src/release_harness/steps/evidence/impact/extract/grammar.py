"""Parsers of tree-sitter, one wheel for each language, made when the first file of a language is read."""

from functools import cache
from importlib import import_module
from typing import Any

_GRAMMARS: dict[str, tuple[str, str]] = {
    "python": ("tree_sitter_python", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "javascript": ("tree_sitter_javascript", "language"),
    "go": ("tree_sitter_go", "language"),
    "java": ("tree_sitter_java", "language"),
    "kotlin": ("tree_sitter_kotlin", "language"),
    "ruby": ("tree_sitter_ruby", "language"),
    "php": ("tree_sitter_php", "language_php"),
}


def parse(language: str, content: bytes) -> Any:
    """Return the root node; raises ImportError when the wheel of the language is not installed."""
    return _parser(language).parse(content).root_node


@cache
def _parser(language: str) -> Any:
    from tree_sitter import Language, Parser

    module, function = _GRAMMARS[language]
    return Parser(Language(getattr(import_module(module), function)()))


def first_error(root: Any) -> int:
    """Return the line of the first syntax error under a node that has one."""
    node = root
    while node.type != "ERROR" and not node.is_missing:
        inner = next((each for each in node.children if each.has_error or each.is_missing), None)
        if inner is None:
            break
        node = inner
    line: int = node.start_point[0] + 1
    return line
