"""Wiring faults planted into sources that work: a mount that is deleted, a guard that is dropped, an export that is renamed.

Each fault is one edit of one Python file that an agent could well have made, and says what must be noticed.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
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
    """Take a guard out where it is written: a decorator, an item of a list, or a parameter of the handler."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and _header(node, guard.line):
            edited = _without_decorator(content, node, guard) or _without_listed(content, node.decorator_list, guard)
            if edited is None and not isinstance(node, ast.ClassDef):
                edited = _without_parameter(content, node.args, guard)
            if edited is not None:
                return edited
        if isinstance(node, ast.stmt) and not hasattr(node, "body") and node.lineno <= guard.line <= _end(node):
            edited = _without_listed(content, [node], guard)
            if edited is not None:
                return edited
    return None


def _header(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, line: int) -> bool:
    first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    return first <= line < max(node.body[0].lineno, node.lineno + 1)


def _without_decorator(
    content: bytes, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, guard: Guard
) -> bytes | None:
    for decorator in node.decorator_list:
        if guard.source == "decorator" and _is_named(decorator, guard.name):
            return _drop_lines(content, decorator)
    return None


def _without_listed(content: bytes, nodes: Sequence[ast.AST], guard: Guard) -> bytes | None:
    """Take the guard out of a list such as `dependencies=[…]` or `permission_classes = […]`."""
    for each in (inner for node in nodes for inner in ast.walk(node)):
        if isinstance(each, ast.List | ast.Tuple):
            kept = [item for item in each.elts if not _is_named(item, guard.name)]
            if len(kept) < len(each.elts):
                return _replace(content, each, ast.unparse(ast.List(elts=kept, ctx=ast.Load())).encode())
    return None


def _without_parameter(content: bytes, arguments: ast.arguments, guard: Guard) -> bytes | None:
    """Make the parameter an ordinary one, by its default or by the alias that it is annotated with."""
    if guard.source != "dependency":
        return None
    for default in (*arguments.defaults, *(each for each in arguments.kw_defaults if each is not None)):
        if _is_named(default, guard.name):
            return _replace(content, default, b"None")
    checker = guard.name.removesuffix(")").rpartition("(")[2].removeprefix("get_").replace("_", "").lower()
    for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        annotation = each.annotation
        if isinstance(annotation, ast.Name | ast.Attribute) and checker and checker in ast.unparse(annotation).lower():
            return _replace(content, annotation, b"object")
        if isinstance(annotation, ast.Subscript) and guard.name.replace(" ", "") in ast.unparse(annotation).replace(
            " ", ""
        ):
            return _replace(content, annotation, b"object")
    return None


def _is_named(node: ast.expr, name: str) -> bool:
    text = ast.unparse(node)
    squeezed = name.replace(" ", "").replace('"', "'")
    return text.replace(" ", "") == squeezed or (isinstance(node, ast.Call) and ast.unparse(node.func) == name)


def _end(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


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
