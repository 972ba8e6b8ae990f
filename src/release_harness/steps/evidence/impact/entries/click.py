"""Click: commands and groups, also those of Flask's `app.cli`, lazy groups and groups put together in other files."""

import re
from collections.abc import Iterable, Iterator, Sequence

from release_harness.steps.evidence.impact.entries.command_tree import (
    ELSEWHERE,
    OUTSIDE,
    Node,
    Trees,
    discovery,
    read_runs,
)
from release_harness.steps.evidence.impact.entries.contract import Discovery, FileView, ProgramView, Registration
from release_harness.steps.evidence.impact.entries.dumps_commands import CLICK
from release_harness.steps.evidence.impact.entries.reading import index_of, last_name
from release_harness.steps.evidence.impact.entries.registering import (
    Use,
    call_uses,
    decorator_uses,
    kind_of,
    owner_data,
    registration,
    spread,
    target_of,
)
from release_harness.steps.evidence.impact.expressions import argument, text_of, walk
from release_harness.steps.evidence.impact.facts import Expr, FileFacts, Symbol

LIBRARIES = (
    "click",
    "rich_click",
    "asyncclick",
    "cloup",
    "flask",
    "quart",
    "click_default_group",
    "flask_script",
    "sanic",
)
RUN_LIBRARIES = ("click", "rich_click", "asyncclick", "cloup", "click_default_group")
GROUP_TYPES = frozenset({"Group", "AppGroup", "FlaskGroup", "CommandCollection", "MultiCommand", "RichGroup", "DefaultGroup",
                         "ScriptGroup", "QuartGroup", "LazyGroup"})  # fmt: skip
COMMAND_TYPES = frozenset({"Command", "RichCommand", "BaseCommand"})
OUTSIDE_OWNERS = frozenset({"flask.Flask", "flask.Blueprint", "quart.Quart", "quart.Blueprint", "flask.app.Flask",
                            "flask.blueprints.Blueprint"})  # fmt: skip
_LAZY = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*[.:][A-Za-z_]\w*")
_OWN = re.compile(r"(click|rich_click|asyncclick|cloup|click_default_group)(\.\w+)?\.(command|group)")
RUN_METHODS = frozenset({"main", "__call__"})


class Click:
    """The adapter of Click."""

    name = "Click"
    languages = frozenset({"python"})
    libraries: frozenset[str] = frozenset()
    runtime_dump = CLICK

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return commands, groups, what is added to what, and what is run."""
        yield from self._decorated(file)
        yield from self._made(file)
        yield from self._added(file)
        if file.imports & set(LIBRARIES):
            yield from self._lazy(file)
        yield from self._runs(file)

    def _decorated(self, file: FileView) -> Iterator[Registration]:
        imports_click = bool(file.imports & set(LIBRARIES))
        for use in decorator_uses(file, ("command", "group")):
            if use.symbol is None or use.symbol.kind == "class":
                continue
            of_click = _OWN.fullmatch(use.callee.external) is not None
            parent = "" if of_click else self._parent(use)
            if not of_click and not parent and not self._may_be_group(use, imports_click=imports_click):
                continue
            data = owner_data(use) | {
                "symbol": file.id_of(use.symbol),
                "name": _name(use.call) or use.symbol.qualname.rpartition(".")[2].replace("_", "-"),
                "group": use.method == "group",
                "plain": of_click,
                "outside": parent == OUTSIDE,
                "deeper": use.symbol.qualname.count("<locals>") > 0,
            }
            yield registration(self.name, "command", file, use, data)

    @staticmethod
    def _parent(use: Use) -> str:
        """Return OUTSIDE for `app.cli` of Flask, the owner when it is something of the repository."""
        if use.owner_text.endswith(".cli") and not use.owner.symbol:
            return OUTSIDE
        if use.owner.type in OUTSIDE_OWNERS or use.owner.type.endswith(".cli"):
            return OUTSIDE
        return use.owner.symbol

    @staticmethod
    def _may_be_group(use: Use, *, imports_click: bool) -> bool:
        """Tell whether the untyped owner may be a group: a parameter in a file that imports Click."""
        return imports_click and bool(use.owner_text) and not use.owner.known and use.call is not None

    def _made(self, file: FileView) -> Iterator[Registration]:
        for name in (*GROUP_TYPES, *COMMAND_TYPES):
            for use in call_uses(file, (name,)):
                statement = use.statement
                if statement is None or use.call is None or statement.kind != "set" or statement.target is None:
                    continue
                variable = file.resolve(use.scope, statement.target).symbol
                if kind_of(use.callee).partition(".")[0] not in LIBRARIES and not use.callee.symbol:
                    continue
                if variable and statement.value == use.call:
                    data = {
                        "symbol": variable,
                        "type": use.callee.symbol or use.callee.external,
                        "name": _name(use.call) or variable.rpartition(":")[2].rpartition(".")[2],
                        "group": name in GROUP_TYPES,
                        "handler": target_of(file, use.scope, argument(use.call, -1, "callback")),
                    }
                    yield registration(self.name, "made", file, use, data)
                    yield from self._given(file, use, variable)

    def _given(self, file: FileView, use: Use, variable: str) -> Iterator[Registration]:
        """Yield what is handed to a group when it is made: `commands={…}`, `sources=[…]`."""
        for keyword in ("commands", "sources"):
            given = (use.call or [0, 0, 0, {}])[3].get(keyword)
            for each in walk(given):
                child = file.resolve(use.scope, each).symbol if each[0] in {"n", "a"} else ""
                if child and each is not given:
                    merged = keyword == "sources"
                    data = {"parent": variable, "child": child, "name": "", "merged": merged}
                    yield registration(self.name, "attach", file, use, data)

    def _added(self, file: FileView) -> Iterator[Registration]:
        for use in call_uses(file, ("add_command", "add_source", "register_commands", "add_typer_command")):
            if use.call is None or use.method == "register_commands":
                continue
            parent = self._parent(use) or (ELSEWHERE if use.owner.type else "")
            given = argument(use.call, 0, "cmd")
            name = text_of(argument(use.call, 1, "name")) or ""
            for each in spread(use.scope, given) if given else ():
                inner = each[2][0] if each[0] == "c" and each[2] and last_name(each) == "get_command" else each
                child = file.resolve(use.scope, inner).symbol
                if child:
                    data = {"parent": parent or OUTSIDE, "child": child, "name": name, "sure": bool(parent)}
                    yield registration(self.name, "attach", file, use, data)

    def _lazy(self, file: FileView) -> Iterator[Registration]:
        """Yield the dotted texts of a file that name something of the repository, and groups that load by name."""
        for scope in file.facts.symbols:
            base = next(
                (last_name(each) for each in scope.bases if last_name(each).endswith(("Group", "MultiCommand"))), ""
            )
            if scope.kind == "class" and base:
                yield Registration(self.name, "class", file.id_of(scope), scope.line, {})
            texts = [each for statement in scope.body for each in walk(statement.value)]
            texts += [each for decorator in scope.decorators for each in walk(decorator)]
            for each in texts:
                if each[0] == "s" and _LAZY.fullmatch(each[1]):
                    found = file.resolve_dotted(each[1]).symbol
                    if found and not found.endswith(":"):
                        yield Registration(self.name, "lazy", file.id_of(scope), scope.line, {"child": found})

    def _runs(self, file: FileView) -> Iterator[Registration]:
        yield from runs(file, self.name, RUN_LIBRARIES)

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Return the commands with their whole names."""
        trees = Trees(self.name, program)
        for each in found:
            if each.kind == "made" and each.data["symbol"]:
                data = each.data
                trees.add(Node(data["symbol"], data["handler"], data["name"], each.line, group=data["group"]))
            elif each.kind == "class" and _loads_by_name(program, each.scope):
                trees.loads_by_name.add(each.scope)
        for each in found:
            if each.kind == "command":
                _add_decorated(trees, program, each)
        for each in found:
            if each.kind == "lazy" and each.data["child"] in trees.nodes:
                trees.attach(OUTSIDE, each.data["child"])
        read_runs(trees, found, {})
        _merge_collections(trees, found)
        return discovery(trees)


def runs(file: FileView, framework: str, libraries: Iterable[str]) -> Iterator[Registration]:
    """Yield calls that may run a command: those under `__name__ == "__main__"`, in `__main__.py`, and all of a file that imports the library."""
    imports = bool(file.imports & set(libraries))
    main = file.path.endswith("__main__.py")
    if not (imports or main or _has_main(file.facts)):
        return
    for name, sites in index_of(file.facts).calls.items():
        for site in sites:
            function = site.call[1]
            if function[0] not in {"n", "a"} or not (imports or main or _under_main(site.scope, site.statement.under)):
                continue
            values = [file.resolve(site.scope, function)]
            if name in RUN_METHODS and function[0] == "a":
                values.append(file.resolve(site.scope, function[1]))
            for symbol in sorted({each.symbol for each in values} - {""}):
                yield Registration(framework, "run", file.id_of(site.scope), site.call[4], {"symbol": symbol})


def _has_main(facts: FileFacts) -> bool:
    """Tell whether a file has a part for when it is started: nearly none has, and then no call is looked at."""
    if any("main" in each.flags for each in facts.symbols):
        return True
    return any(each == ["n", "__name__"] for condition in facts.module.conditions for each in walk(condition.test))


def _under_main(scope: Symbol, under: int) -> bool:
    if "main" in scope.flags:
        return True
    while under >= 0:
        condition = scope.conditions[under]
        if any(each == ["n", "__name__"] for each in walk(condition.test)):
            return True
        under = condition.outer
    return False


def _name(call: Expr | None) -> str:
    return (text_of(argument(call, 0, "name")) or "") if call else ""


def _add_decorated(trees: Trees, program: ProgramView, found: Registration) -> None:
    data = found.data
    parent = OUTSIDE if data["outside"] else data["on"]
    known = bool(data["plain"] or parent)
    if parent and parent not in trees.nodes and parent != OUTSIDE and not _is_group(program, parent, data["on_type"]):
        return
    symbol = data["symbol"]
    trees.add(Node(symbol, symbol, data["name"], found.line, group=data["group"], known=known))
    if parent:
        trees.attach(parent, symbol)
    elif not data["plain"]:
        trees.attach(OUTSIDE, symbol)


def _is_group(program: ProgramView, symbol: str, type_: str) -> bool:
    """Tell whether a parent is a group: by its type, or because it is decorated as one."""
    if type_:
        last = type_.rpartition(":")[2].rpartition(".")[2]
        return last in GROUP_TYPES or program.is_a(type_, "click.Group", "click.MultiCommand", "flask.cli.AppGroup")
    facts = program.symbol(symbol)
    return facts is not None and any(last_name(each) == "group" for each in facts.decorators)


def _loads_by_name(program: ProgramView, symbol: str) -> bool:
    owner = program.class_of(symbol)
    return owner is not None and "get_command" in owner.methods


def _merge_collections(trees: Trees, found: Sequence[Registration]) -> None:
    """Give the groups of a CommandCollection an empty name: their commands stand directly under it."""
    for each in found:
        if each.kind == "attach" and each.data.get("merged"):
            child = trees.nodes.get(each.data["child"])
            if child is not None:
                trees.nodes[child.symbol] = child._replace(name="")
