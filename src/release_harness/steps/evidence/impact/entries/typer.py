"""Typer: applications, their commands, callbacks, applications inside applications, and `typer.run`."""

from collections.abc import Iterable, Iterator, Sequence

from release_harness.steps.evidence.impact.entries.click import runs
from release_harness.steps.evidence.impact.entries.command_tree import OUTSIDE, Node, Trees, discovery, read_runs
from release_harness.steps.evidence.impact.entries.contract import Discovery, FileView, ProgramView, Registration
from release_harness.steps.evidence.impact.entries.dumps_commands import TYPER
from release_harness.steps.evidence.impact.entries.reading import short_name
from release_harness.steps.evidence.impact.entries.registering import (
    Use,
    call_uses,
    decorator_uses,
    owner_data,
    plain,
    registration,
    spread,
    target_of,
)
from release_harness.steps.evidence.impact.expressions import argument, text_of

PASSED = "passed"
TYPES = ("typer.Typer", "typer.main.Typer", "async_typer.AsyncTyper", "asynctyper.AsyncTyper")


class Typer:
    """The adapter of Typer."""

    name = "Typer"
    languages = frozenset({"python"})
    libraries: frozenset[str] = frozenset()
    runtime_dump = TYPER

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return applications, commands, callbacks and what is added to what."""
        for use in decorator_uses(file, ("command", "callback")):
            if use.symbol is not None and _may_be_typer(use):
                data = owner_data(use) | {
                    "symbol": file.id_of(use.symbol),
                    "name": (text_of(argument(use.call, 0, "name")) or "") if use.call else "",
                    "group": use.method == "callback",
                }
                yield registration(self.name, use.method, file, use, data)
        yield from self._applications(file)
        yield from self._added(file)
        yield from runs(file, self.name, ("typer",))

    def _applications(self, file: FileView) -> Iterator[Registration]:
        for use in call_uses(file, ("Typer", "AsyncTyper", "run")):
            if use.call is None or use.statement is None:
                continue
            if use.method == "run":
                target = target_of(file, use.scope, argument(use.call, 0, "function"))
                if use.callee.external == "typer.run" and target:
                    yield registration(self.name, "run-function", file, use, {"symbol": target})
                continue
            target_expr = use.statement.target
            variable = file.resolve(use.scope, target_expr).symbol if target_expr else ""
            if variable and use.statement.value == use.call and (use.callee.external in TYPES or use.callee.symbol):
                data = {
                    "symbol": variable,
                    "type": use.callee.symbol or use.callee.external,
                    "name": text_of(use.call[3].get("name")) or "",
                    "handler": target_of(file, use.scope, use.call[3].get("callback")),
                }
                yield registration(self.name, "app", file, use, data)

    def _added(self, file: FileView) -> Iterator[Registration]:
        for use in call_uses(file, ("add_typer", "command")):
            if use.call is None or not (use.owner.symbol or use.owner.type in TYPES):
                continue
            if use.method == "command":
                yield from self._command_by_call(file, use)
                continue
            given = argument(use.call, 0, "typer_instance")
            for each in spread(use.scope, given) if given else ():
                child = file.resolve(use.scope, each).symbol
                if child:
                    name = plain(use.call[3].get("name")) or ""
                    data = {"parent": use.owner.symbol or OUTSIDE, "child": child, "name": name}
                    yield registration(self.name, "attach", file, use, data)

    def _command_by_call(self, file: FileView, use: Use) -> Iterator[Registration]:
        """Yield `app.command("name")(function)`."""
        statement = use.statement
        value = statement.value if statement else None
        if value and value[0] == "c" and value[1] == use.call and value[2] and use.owner.type in TYPES and use.call:
            symbol = target_of(file, use.scope, value[2][0])
            if symbol:
                name = text_of(argument(use.call, 0, "name")) or ""
                data = owner_data(use) | {"symbol": symbol, "name": name, "group": False}
                yield registration(self.name, "command", file, use, data)

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Return the commands with their whole names; an application with one command and no callback has no name of its own for it."""
        trees = Trees(self.name, program)
        apps = {
            each.data["symbol"]: each for each in found if each.kind == "app" and _is_typer(program, each.data["type"])
        }
        commands: dict[str, list[Registration]] = {}
        for each in found:
            if each.kind in {"command", "callback"} and (
                each.data["on"] in apps or _is_typer(program, each.data["on_type"])
            ):
                commands.setdefault(each.data["on"] or PASSED, []).append(each)
        read_runs(trees, found, {})
        attached = {each.data[side] for each in found if each.kind == "attach" for side in ("parent", "child")}
        for app, registered in commands.items():
            alone = app not in attached and (app in trees.scripts or app in trees.run_by)
            if app == PASSED:
                _add_passed(trees, registered)
                continue
            _add_application(trees, app, registered, apps.get(app), alone=alone)
        for symbol, each in apps.items():
            if symbol not in commands:
                trees.add(Node(symbol, each.data["handler"], each.data["name"], each.line, group=True))
        for each in found:
            if each.kind == "run-function":
                symbol = each.data["symbol"]
                trees.add(Node(symbol, symbol, short_name(symbol).replace("_", "-"), each.line))
                trees.run(symbol, each.scope)
        return discovery(trees)


def _may_be_typer(use: Use) -> bool:
    type_ = use.owner.type or use.owner.external
    return type_ in TYPES or (":" in type_ and bool(use.owner.symbol))


def _is_typer(program: ProgramView, type_: str) -> bool:
    return type_ in TYPES or (bool(type_) and program.is_a(type_, *TYPES))


def _add_passed(trees: Trees, registered: Sequence[Registration]) -> None:
    """Take the commands of an application that a function gets as a parameter; who passes which one is not followed."""
    for each in registered:
        symbol = each.data["symbol"]
        if each.kind == "command":
            trees.add(Node(symbol, symbol, each.data["name"] or short_name(symbol).replace("_", "-"), each.line))
            trees.attach(OUTSIDE, symbol)


def _add_application(
    trees: Trees, app: str, registered: Sequence[Registration], made: Registration | None, *, alone: bool
) -> None:
    callbacks = [each for each in registered if each.kind == "callback"]
    commands = [each for each in registered if each.kind == "command"]
    said = made.data["name"] if made else ""
    handler = callbacks[0].data["symbol"] if callbacks else made.data["handler"] if made else ""
    name = said or next((each.data["name"] for each in callbacks), "")
    line = made.line if made else registered[0].line
    trees.add(Node(app, handler, name, line, group=True, known=made is not None))
    single = alone and len(commands) == 1 and not handler
    for each in commands:
        symbol = each.data["symbol"]
        own = each.data["name"] or short_name(symbol).replace("_", "-")
        trees.add(Node(symbol, symbol, "" if single else own, each.line))
        trees.attach(app, symbol)
