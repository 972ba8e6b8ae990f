"""What a program of Go runs by itself: its `main`, and the loops that it starts beside it and never waits for.

A loop that wakes by the clock is a schedule; one that takes from a channel is a worker, and who sends into that channel
starts its work for later.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from release_harness.steps.evidence.impact.entries.call_routes import NOT_OURS
from release_harness.steps.evidence.impact.entries.contract import (
    Discovery,
    FileView,
    HookEdge,
    ProgramView,
    Registration,
)
from release_harness.steps.evidence.impact.entries.reading import is_test_path
from release_harness.steps.evidence.impact.expressions import text_of, walk
from release_harness.steps.evidence.impact.facts import Expr, Statement, Symbol
from release_harness.steps.evidence.impact.lexical.built_in import CHANNEL
from release_harness.steps.evidence.impact.lexical.other_languages import Names, names_of
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint, SymbolId

CLOCKS = frozenset({"time.Tick", "time.NewTicker", "time.After", "time.NewTimer", "time.Sleep", "time.AfterFunc"})
_SEND: Expr = ["n", "<-"]


class Loop(NamedTuple):
    """One loop that runs beside the rest."""

    handler: SymbolId
    kind: str
    path: str
    line: int
    channels: frozenset[SymbolId]
    """Fields and variables that it takes from."""


class GoProgram:
    """Reads `func main`, and `go f(…)` where `f` loops."""

    name = "Go"
    languages = frozenset({"go"})
    libraries: frozenset[str] = frozenset()
    runtime_dump = ""

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Note where programs start, what they start beside, and what is sent."""
        if is_test_path(file.path) or NOT_OURS.search(file.path):
            return
        is_main = text_of(file.facts.module.keywords.get("package")) == "main"
        for symbol in file.facts.symbols:
            scope = file.id_of(symbol)
            if is_main and symbol.qualname == "main":
                yield Registration(self.name, "main", scope, symbol.line, {})
            for statement in symbol.body:
                if statement.how == "go" and statement.value is not None and statement.value[0] == "c":
                    yield Registration(self.name, "go", scope, statement.line, {"call": statement.value})
                elif statement.value is not None and statement.value[0] == "c" and statement.value[1] == _SEND:
                    yield Registration(self.name, "send", scope, statement.line, {"to": statement.value[2][0]})

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Put programs, loops and channels together."""
        names = names_of(program)
        loops = {each.handler: each for each in self.loops(names, found)}
        entries = [self.program(names, each) for each in found if each.kind == "main"]
        entries += [self.loop(each) for each in loops.values()]
        edges = dict.fromkeys(self.sends(names, found, loops))
        unique = {(each.key, each.handler): each for each in entries}
        return Discovery(framework=self.name, entries=tuple(unique[key] for key in sorted(unique)), edges=tuple(edges))

    def program(self, names: Names, main: Registration) -> EntryPoint:
        """Return a program under the name of its folder, or of the module at the top."""
        path = main.scope.rpartition(":")[0]
        folder = path.rpartition("/")[0]
        module = names.packages.go_module(folder)
        name = folder.rpartition("/")[2] if module is None else module
        return EntryPoint(
            kind="cli", name=name or "main", framework=self.name, handler=main.scope, path=path, line=main.line
        )

    def loop(self, loop: Loop) -> EntryPoint:
        """Return one loop; what has no name is called after what starts it."""
        qualname = loop.handler.rpartition(":")[2]
        name = qualname.partition(".<locals>.")[0] if "<" in qualname.rpartition(".")[2] else qualname
        return EntryPoint(
            kind=loop.kind,
            name=name.replace(".<locals>", ""),
            framework=self.name,
            handler=loop.handler,
            path=loop.path,
            line=loop.line,
        )

    def loops(self, names: Names, found: Sequence[Registration]) -> Iterator[Loop]:
        """Yield what is started beside the rest and goes on for ever."""
        for each in found:
            if each.kind != "go":
                continue
            call: Expr = each.data["call"]
            handler = names.resolve(each.scope, call[1]).symbol
            symbol = names.symbol(handler) if handler else None
            if symbol is None or symbol.kind != "function":
                continue
            taken = list(_taken(names, handler, symbol))
            clock = any(_wakes(names, handler, statement) for statement in symbol.body)
            if not (taken or clock) or not _goes_on(names, handler, symbol):
                continue
            given = dict(zip(_parameters(handler, symbol), call[2], strict=False))
            channels = {_meant(names, each.scope, given, one) for one in taken} - {""}
            path = each.scope.rpartition(":")[0]
            yield Loop(handler, "schedule" if clock else "task", path, each.line, frozenset(channels))

    def sends(self, names: Names, found: Sequence[Registration], loops: Mapping[str, Loop]) -> Iterator[HookEdge]:
        """Yield who sends into a channel to the loop that takes from it."""
        for each in found:
            channel = names.resolve(each.scope, each.data["to"]).symbol if each.kind == "send" else ""
            for loop in loops.values() if channel else ():
                if channel in loop.channels:
                    yield HookEdge(
                        source=each.scope,
                        target=loop.handler,
                        confidence=Confidence.HIGH,
                        reason="sends into the channel that is read by",
                        line=each.line,
                        asynchronous=True,
                    )


def _parameters(handler: SymbolId, symbol: Symbol) -> list[SymbolId]:
    return [f"{handler}.<locals>.{each.name}" for each in symbol.parameters if each.kind == "positional"]


def _meant(names: Names, scope: SymbolId, given: Mapping[SymbolId, Expr], channel: SymbolId) -> SymbolId:
    """Return the channel behind a parameter, where the call says it."""
    return names.resolve(scope, given[channel]).symbol if channel in given else channel


def _taken(names: Names, scope: SymbolId, symbol: Symbol) -> Iterator[SymbolId]:
    """Yield the channels that a function takes from: by `<-c`, and by a loop over one."""
    for statement in symbol.body:
        if statement.how == "for key" and statement.value is not None:
            found = names.resolve(scope, statement.value)
            if found.type == CHANNEL and found.symbol:
                yield found.symbol
        for each in walk(statement.value):
            if each[0] == "i" and each[2] == ["o"]:
                found = names.resolve(scope, each[1])
                if found.type == CHANNEL and found.symbol and not _is_signal(found.item):
                    yield found.symbol


def _is_signal(item: str) -> bool:
    """Tell whether nothing but the fact that something came is sent: such a channel ends a loop."""
    return item in {"", "bool", "error"}


def _wakes(names: Names, scope: SymbolId, statement: Statement) -> bool:
    return any(each[0] == "c" and names.resolve(scope, each[1]).external in CLOCKS for each in walk(statement.value))


def _goes_on(names: Names, scope: SymbolId, symbol: Symbol) -> bool:
    """Tell whether a function loops without an end, over a channel, or by the clock."""
    if "endless" in symbol.flags:
        return True
    over = [each for each in symbol.body if each.how == "for key" and each.value is not None]
    return any(names.resolve(scope, each.value).type == CHANNEL or _wakes(names, scope, each) for each in over)


FRAMEWORK = GoProgram()
