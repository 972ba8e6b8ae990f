"""Wiring faults planted into sources that work: a mount that is deleted, a guard that is dropped, an export that is renamed.

Each fault is one edit of one Python file that an agent could well have made, and says what must be noticed.
"""

import ast
from collections.abc import Iterator, Mapping
from enum import Enum

from release_harness.kernel.records import record
from release_harness.steps.evidence.model.impact import EntryPoint, Guard

MOUNTS = frozenset(
    {
        "add_api",
        "add_command",
        "add_namespace",
        "add_resource",
        "add_subapp",
        "add_typer",
        "add_view",
        "include_router",
        "mount",
        "register_blueprint",
    }
)


class FaultKind(Enum):
    """What was broken."""

    MOUNT = "mount deleted"
    GUARD = "guard dropped"
    EXPORT = "export renamed behind a mock"


@record
class PlantedFault:
    """One edit, and what must be noticed."""

    kind: FaultKind
    path: str
    line: int
    content: bytes
    """The whole file after the edit."""
    expected: tuple[str, ...]
    """Keys of the entries that lose their mount or guard, or the mock target that no longer resolves; empty for any."""
    says: str


def plant_mounts(path: str, content: bytes) -> Iterator[PlantedFault]:
    """Yield one fault for each statement that is nothing but a mounting call: the statement becomes `pass`."""
    tree = _parse(content)
    for node in ast.walk(tree) if tree else ():
        if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
            continue
        function = node.value.func
        if isinstance(function, ast.Attribute) and function.attr in MOUNTS and node.value.args:
            yield PlantedFault(
                kind=FaultKind.MOUNT,
                path=path,
                line=node.lineno,
                content=_replace(content, node, b"pass"),
                expected=(),
                says=f"{ast.unparse(node.value)[:80]} is deleted",
            )


def plant_guards(path: str, content: bytes, entries: tuple[EntryPoint, ...]) -> Iterator[PlantedFault]:
    """Yield one fault for each guard in this file that stands before an entry and can be taken out by one edit."""
    tree = _parse(content)
    if tree is None:
        return
    behind: dict[tuple[int, str], list[EntryPoint]] = {}
    guards: dict[tuple[int, str], Guard] = {}
    for entry in entries:
        for guard in entry.guards:
            if guard.path == path and not guard.weak and entry.mounted is not False:
                behind.setdefault((guard.line, guard.name), []).append(entry)
                guards[guard.line, guard.name] = guard
    for place, guarded in sorted(behind.items()):
        edited = _without_guard(content, tree, guards[place])
        if edited is not None and _parse(edited) is not None:
            yield PlantedFault(
                kind=FaultKind.GUARD,
                path=path,
                line=place[0],
                content=edited,
                expected=tuple(sorted({entry.key for entry in guarded})),
                says=f"{place[1]} is dropped from {len(guarded)} entry points",
            )


def plant_exports(path: str, content: bytes, mocked: Mapping[str, str]) -> Iterator[PlantedFault]:
    """Yield one fault for each top-level function or class of this file that a mock names; `mocked` is name → dotted target."""
    tree = _parse(content)
    for node in tree.body if tree else ():
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or node.name not in mocked:
            continue
        lines = content.split(b"\n")
        row = lines[node.lineno - 1]
        lines[node.lineno - 1] = row.replace(node.name.encode(), node.name.encode() + b"_renamed", 1)
        yield PlantedFault(
            kind=FaultKind.EXPORT,
            path=path,
            line=node.lineno,
            content=b"\n".join(lines),
            expected=(mocked[node.name],),
            says=f"{node.name} is renamed, and a test still mocks {mocked[node.name]}",
        )


def _without_guard(content: bytes, tree: ast.Module, guard: Guard) -> bytes | None:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for decorator in node.decorator_list:
                if _covers(decorator, guard.line) and guard.source == "decorator":
                    return _drop_lines(content, decorator)
        edited = _without_item(content, node, guard)
        if edited is not None:
            return edited
    return None


def _without_item(content: bytes, node: ast.AST, guard: Guard) -> bytes | None:
    """Take the guard out of a list such as `dependencies=[…]` or `permission_classes = […]`, or out of a parameter's default."""
    if isinstance(node, ast.List | ast.Tuple):
        kept = [each for each in node.elts if not (_covers(each, guard.line) and _is_named(each, guard.name))]
        if len(kept) < len(node.elts):
            return _replace(content, node, ast.unparse(ast.List(elts=kept, ctx=ast.Load())).encode())
    if isinstance(node, ast.arguments) and guard.source == "dependency":
        for default in (*node.defaults, *(each for each in node.kw_defaults if each is not None)):
            if _covers(default, guard.line) and _is_named(default, guard.name):
                return _replace(content, default, b"None")
    return None


def _is_named(node: ast.expr, name: str) -> bool:
    text = ast.unparse(node)
    squeezed = name.replace(" ", "").replace('"', "'")
    return text.replace(" ", "") == squeezed or (isinstance(node, ast.Call) and ast.unparse(node.func) == name)


def _covers(node: ast.expr, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def _drop_lines(content: bytes, decorator: ast.expr) -> bytes:
    lines = content.split(b"\n")
    del lines[decorator.lineno - 1 : decorator.end_lineno]
    return b"\n".join(lines)


def _replace(content: bytes, node: ast.expr | ast.stmt, text: bytes) -> bytes:
    lines = content.split(b"\n")
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    joined = lines[first][: node.col_offset] + text + lines[last][node.end_col_offset :]
    return b"\n".join([*lines[:first], joined, *lines[last + 1 :]])


def _parse(content: bytes) -> ast.Module | None:
    try:
        return ast.parse(content)
    except (SyntaxError, ValueError, RecursionError):
        return None
