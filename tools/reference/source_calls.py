"""Finds calls in the program's own source, so that pages are made from what the program really says."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

from source_files import ROOT, python_files


def calls(wanted: Callable[[str], bool]) -> Iterator[tuple[Path, ast.Call, str]]:
    """Yield (file, call, called name) of every call in src/ whose last name is wanted."""
    for path in python_files("src"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func).rpartition(".")[2]
                if wanted(name):
                    yield path, node, name


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """Return the value of a keyword argument, or None."""
    return next((each.value for each in call.keywords if each.arg == name), None)


def sentence(node: ast.expr | None) -> str:
    """Return a text as it is written, with `…` where a value is put in."""
    if node is None:
        return ""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(sentence(each) if isinstance(each, ast.Constant) else "…" for each in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return sentence(node.left) + sentence(node.right)
    return "…"


def module_name(path: Path) -> str:
    """Return the dotted name of a file below src/, without the package's own name."""
    parts = path.relative_to(ROOT / "src/release_harness").with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")
