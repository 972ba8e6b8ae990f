"""Demands one sentence on every public module, class, function and method, and on every test.

A sentence ends with a full stop, a question mark or a colon; it is the first paragraph of the
docstring. It may begin with a small letter, as names of products do.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from source_files import ROOT, python_files

_ENDS = (".", "?", "!", ":", ".)", "…")
_BOUNDARY = re.compile(r"(?:^|\n)\s*\n")

Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def faults_of(path: Path) -> Iterator[str]:
    """Yield one line for every public thing of a file whose docstring is missing or is no sentence."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if not path.name.startswith("_") and tree.body:
        yield from _fault(tree, path, "module")
    yield from _faults_in(tree.body, path, "")


def _faults_in(body: list[ast.stmt], path: Path, prefix: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.If | ast.Try):
            yield from _faults_in(node.body, path, prefix)
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if node.name.startswith("_") or _excused(node):
            continue
        yield from _fault(node, path, prefix + node.name)
        if isinstance(node, ast.ClassDef):
            yield from _faults_in(node.body, path, f"{prefix}{node.name}.")


def _excused(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Excuse what takes its words from elsewhere: overloads, overrides, setters."""
    names = {ast.unparse(each).rpartition(".")[2] for each in node.decorator_list}
    return bool(names & {"overload", "override", "setter"})


def _fault(node: Documented, path: Path, name: str) -> Iterator[str]:
    said = ast.get_docstring(node)
    place = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)} {name}"
    if not said:
        yield f"{place}: no docstring. Say in one sentence what it is, does or why the test matters."
        return
    first = _BOUNDARY.split(said, maxsplit=1)[0].strip()
    if not first.endswith(_ENDS):
        yield f"{place}: {first[:60]!r} is no sentence. Say it in words and end with a full stop."


def main() -> int:
    """Print every fault; fail when there is one."""
    faults = [fault for path in python_files() for fault in faults_of(path)]
    print("\n".join(faults) or "every public thing says what it is")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
