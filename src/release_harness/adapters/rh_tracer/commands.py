"""Commands: Click and Typer, Django's management commands, console scripts with argparse; and pluggy's hooks."""

from __future__ import annotations

import functools
import os
import types
from typing import TYPE_CHECKING, Any

from .core import Holder, open_holders, trace
from .watching import dispatch, quietly, replace_attribute

if TYPE_CHECKING:
    from collections.abc import Callable


def _command_holder() -> Holder | None:
    return next((each for each in reversed(open_holders.get()) if each.entry[0] == "cli"), None)


def watch_click(module: Any) -> None:
    """Open at `main`; every command that is invoked gets a holder of its own, to which what its groups ran counts, too."""
    dispatch(module.Command, "invoke", start=_start_command)
    for name in ("Group", "MultiCommand"):
        owner = vars(module).get(name)
        if isinstance(owner, type):
            dispatch(owner, "invoke", start=_start_group)
    root = module.Command if "main" in vars(module.Command) else module.BaseCommand
    dispatch(root, "main", start=lambda _arguments, _named: trace.open("cli", ""))


def _start_command(arguments: tuple[Any, ...], _named: dict[str, Any]) -> Holder | None:
    command, context = arguments[0], arguments[1]
    if hasattr(command, "resolve_command"):
        return None  # a group that runs its own callback on the way to a command
    outer = _command_holder()
    holder = trace.open("cli", str(context.command_path))
    if holder is not None:
        holder.name_it(str(context.command_path), getattr(command, "callback", None))
        if outer is not None:
            outer.merged_into.append(holder)
    return holder


def _start_group(arguments: tuple[Any, ...], _named: dict[str, Any]) -> Holder | None:
    holder = trace.open("cli", "")
    outer = _outer_of(holder)
    if outer is not None and holder is not None:
        outer.merged_into.append(holder)
    if holder is not None and _runs_alone(arguments[0], arguments[1]):
        holder.name_it(str(arguments[1].command_path), getattr(arguments[0], "callback", None))
    return holder


def _outer_of(holder: Holder | None) -> Holder | None:
    holders = [each for each in open_holders.get() if each.entry[0] == "cli" and each is not holder]
    return holders[-1] if holders else None


def _runs_alone(group: Any, context: Any) -> bool:
    """Tell whether a group was invoked without a command."""
    kept = vars(context)
    left = kept.get("_protected_args") or kept.get("protected_args") or kept.get("args")
    return bool(getattr(group, "invoke_without_command", False)) and not left


def watch_typer(module: Any) -> None:
    """Typer's groups and commands have a `main` of their own."""
    for name in ("TyperGroup", "TyperCommand"):
        owner = vars(module).get(name)
        if owner is not None:
            dispatch(owner, "main", start=lambda _arguments, _named: trace.open("cli", ""))
    group = vars(module).get("TyperGroup")
    if group is not None:
        dispatch(group, "invoke", start=_start_group)


def watch_django_commands(module: Any) -> None:
    """`manage.py NAME` and `call_command` meet in `execute`."""

    def start(arguments: tuple[Any, ...], _named: dict[str, Any]) -> Holder | None:
        command = arguments[0]
        name = type(command).__module__.rpartition(".")[2]
        holder = trace.open("cli", f"manage.py {name}")
        if holder is not None:
            holder.name_it(f"manage.py {name}", type(command), "handle")
        return holder

    dispatch(module.BaseCommand, "execute", start=start)


def watch_argparse(module: Any) -> None:
    """Add the name of a sub-command to the console script that is running."""
    add: Callable[..., Any] = module._SubParsersAction.__call__  # noqa: SLF001 - there is no public place

    @functools.wraps(add)
    def chosen(self: Any, parser: Any, namespace: Any, values: Any, option_string: Any = None) -> Any:
        holder = _command_holder()
        if holder is not None and isinstance(values, (list, tuple)) and values:
            kind, name, handler = holder.entry
            holder.entry = (kind, f"{name} {values[0]}"[:500], handler)
        return add(self, parser, namespace, values, option_string)

    module._SubParsersAction.__call__ = chosen  # noqa: SLF001


def console_scripts(root: str) -> dict[str, list[tuple[str, str]]]:
    """Return, for each module, the (function, script) that the project's pyproject.toml names."""
    path = os.path.join(root, "pyproject.toml")
    if not os.path.isfile(path):
        return {}
    try:
        import tomllib
    except ImportError:
        return {}
    try:
        with open(path, "rb") as file:
            document = tomllib.load(file)
    except (OSError, ValueError, RecursionError):
        return {}
    project, poetry = document.get("project"), document.get("tool", {})
    poetry = poetry.get("poetry") if isinstance(poetry, dict) else None
    found: dict[str, list[tuple[str, str]]] = {}
    for table in (project, poetry):
        scripts = table.get("scripts") if isinstance(table, dict) else None
        for script, target in (scripts if isinstance(scripts, dict) else {}).items():
            module, colon, function = str(target).partition(":")
            if colon and function.isidentifier():
                found.setdefault(module, []).append((function, str(script)))
    return found


def watch_console_main(functions: list[tuple[str, str]]) -> Callable[[Any], None]:
    """Return what is to be done with a module that holds the functions of console scripts."""

    def act(module: Any) -> None:
        for function, script in functions:
            if isinstance(vars(module).get(function), types.FunctionType):
                _open_around(module, function, script)

    return act


def _open_around(module: Any, function: str, script: str) -> None:
    target = vars(module)[function]

    def start(_arguments: tuple[Any, ...], _named: dict[str, Any]) -> Holder | None:
        if _command_holder() is not None:
            return None
        holder = trace.open("cli", script)
        if holder is not None:
            holder.name_it(script, target)
        return holder

    def finish(holder: Holder, _arguments: tuple[Any, ...]) -> None:
        # A Click command behind the script has given its own, longer name.
        if holder.merged_into:
            holder.entry = ("cli", "", -1)

    dispatch(module, function, start=start, finish=finish)


def watch_pluggy(module: Any) -> None:
    """Every call of a hook is an entry of the plugins, except for the hooks of pytest itself."""

    def start(arguments: tuple[Any, ...], _named: dict[str, Any]) -> Holder | None:
        manager, hook_name = arguments[0], arguments[1]
        if manager.project_name == "pytest" or not isinstance(hook_name, str):
            return None
        return trace.open("hook", f"{manager.project_name} {hook_name}")

    dispatch(module.PluginManager, "_hookexec", start=start)


def watch_graphql(module: Any) -> None:
    """Root fields of graphql-core, which graphene and strawberry run on."""

    def make(original: Any) -> Any:
        def execute_field(
            self: Any, parent_type: Any, source: Any, fields: Any, path: Any, *rest: Any, **more: Any
        ) -> Any:
            holder = quietly(_open_field, self, parent_type, fields, path)
            try:
                result = original(self, parent_type, source, fields, path, *rest, **more)
            finally:
                trace.close(holder)
            if holder is not None and hasattr(result, "__await__"):
                return _within(holder, result)
            return result

        return execute_field

    for name in ("ExecutionContext", "Executor"):
        owner = vars(module).get(name)
        if isinstance(owner, type):
            replace_attribute(owner, "execute_field", make)
    if "resolve_field" in vars(module):
        _watch_graphql_2(module)


async def _within(holder: Holder, result: Any) -> Any:
    """Await with the holder open; it was counted when it was closed first and fills on."""
    token = open_holders.set((*open_holders.get(), holder))
    try:
        return await result
    finally:
        open_holders.reset(token)


def _open_field(context: Any, parent_type: Any, fields: Any, path: Any) -> Holder | None:
    if path.prev is not None:
        return None
    nodes = fields if isinstance(fields, (list, tuple)) else getattr(fields, "fields", None) or fields
    node: Any = getattr(nodes[0], "node", nodes[0])
    name = str(node.name.value)
    if name.startswith("__"):
        return None
    holder = trace.open("graphql", f"{parent_type.name}.{name}")
    field = parent_type.fields.get(name)
    if holder is not None and field is not None and field.resolve is not None:
        holder.name_it(f"{parent_type.name}.{name}", field.resolve)
    del context
    return holder


def _watch_graphql_2(module: Any) -> None:
    """Root fields of graphql-core 2, which older applications on graphene run on."""

    def start(arguments: tuple[Any, ...], _named: dict[str, Any]) -> Holder | None:
        parent_type, nodes, path = arguments[1], arguments[3], arguments[5] if len(arguments) > 5 else ()  # noqa: PLR2004
        if len(path or ()) > 1 or nodes[0].name.value.startswith("__"):
            return None
        return trace.open("graphql", f"{parent_type.name}.{nodes[0].name.value}")

    dispatch(module, "resolve_field", start=start)
