"""A second look before anything is called unmounted: is it handed to something that no adapter can follow?

What is called unmounted blocks a change. A router that a plugin gives to the application it is handed, a list that a
loader of the repository's own goes over: whoever holds them may mount them, so they are held by something unknown.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from release_harness.steps.evidence.impact.entries.contract import Discovery, ProgramView
from release_harness.steps.evidence.impact.entries.reading import (
    base_of,
    is_test_path,
    outer_qualname,
    path_of,
    qualname_of,
    short_name,
)
from release_harness.steps.evidence.impact.expressions import dotted, parts_of
from release_harness.steps.evidence.impact.facts import Expr, Statement
from release_harness.steps.evidence.impact.graph import Edge, ReferenceGraph
from release_harness.steps.evidence.impact.link.reasons import ASSIGNED, REASONS, REFERS
from release_harness.steps.evidence.model.impact import EntryPoint, SymbolId

READ_LIBRARIES = frozenset({
    "fastapi", "starlette", "flask", "quart", "flask_restful", "flask_restx", "flask_appbuilder", "aiohttp", "litestar",
    "starlite", "django", "rest_framework", "pyramid", "cornice", "graphene", "graphene_django", "strawberry", "click",
    "rich_click", "asyncclick", "cloup", "typer", "celery", "dramatiq", "rq", "huey", "pluggy",
})  # fmt: skip
"""Libraries whose own calls an adapter reads: what is handed to them is no open question."""
_LOOKS_ONLY = frozenset({
    "isinstance", "issubclass", "print", "len", "str", "repr", "type", "id", "bool", "hasattr", "getattr", "callable",
    "vars", "dir", "hash",
})  # fmt: skip
_CONTAINERS = frozenset({"list", "tuple", "set", "frozenset", "sorted", "dict"})
_USES = frozenset({REASONS[REFERS].words, REASONS[ASSIGNED].words})
_DEPTH_LIMIT = 8


def looked_again(
    discoveries: Sequence[Discovery], program: ProgramView, graph: ReferenceGraph
) -> tuple[Discovery, ...]:
    """Return what was found, with `mounted` None instead of False for what is handed to something unknown."""
    look = _SecondLook(program, graph)
    return tuple(
        replace(each, entries=tuple(map(look.again, each.entries)))
        if any(entry.mounted is False for entry in each.entries)
        else each
        for each in discoveries
    )


class _SecondLook:
    """Follows what hangs nowhere through the variables and lists that hold it; each symbol is asked once."""

    def __init__(self, program: ProgramView, graph: ReferenceGraph) -> None:
        self._program = program
        self._graph = graph
        self._known: dict[SymbolId, str] = {}

    def again(self, entry: EntryPoint) -> EntryPoint:
        """Return an entry whose `mounted` is None instead of False when something unknown holds it."""
        if entry.mounted is not False or not entry.path.endswith(".py"):
            return entry
        for symbol in _hangs_on(entry):
            place = self._handed(symbol, 0)
            if place:
                why = f"{entry.why_not_mounted}, but {short_name(symbol)} is handed on at {place}, which cannot be followed"
                return replace(entry, mounted=None, why_not_mounted=why)
        return entry

    def _handed(self, symbol: SymbolId, depth: int) -> str:
        """Return the place at which something unknown gets hold of a symbol, or empty."""
        if symbol in self._known or depth > _DEPTH_LIMIT:
            return self._known.get(symbol, "")
        self._known[symbol] = ""
        for edge in self._graph.referrers(symbol):
            if edge.reason in _USES and not is_test_path(path_of(edge.source.symbol)):
                place = self._at(edge, symbol, depth)
                if place:
                    self._known[symbol] = place
                    break
        return self._known[symbol]

    def _at(self, edge: Edge, symbol: SymbolId, depth: int) -> str:
        source = edge.source.symbol
        scope = self._scope(source)
        facts = self._program.symbol(scope)
        for statement in facts.body if facts else ():
            if scope != source and statement.target != ["n", qualname_of(source).rpartition(".")[2]]:
                continue
            for around in self._uses(scope, statement.value, symbol, ()):
                place = self._judged(scope, statement, around, depth)
                if place:
                    return place
        return ""

    def _scope(self, source: SymbolId) -> SymbolId:
        """Return the scope that a symbol's statements are written in: its own, or for a variable the one around it."""
        if self._program.symbol(source) is not None:
            return source
        return f"{path_of(source)}:{outer_qualname(qualname_of(source))}"

    def _uses(
        self, scope: SymbolId, expr: Expr | None, symbol: SymbolId, around: tuple[Expr, ...]
    ) -> Iterator[tuple[Expr, ...]]:
        """Yield the calls around each mention of a symbol, the innermost first; what is called or looked into is no mention."""
        if expr is None:
            return
        if expr[0] in {"n", "a"}:
            if self._program.resolve(scope, expr).symbol == symbol:
                yield around
            return
        if expr[0] == "c":
            around = (expr, *around)
        for part in parts_of(expr)[1:] if expr[0] in {"c", "i"} else parts_of(expr):
            yield from self._uses(scope, part, symbol, around)

    def _judged(self, scope: SymbolId, statement: Statement, around: tuple[Expr, ...], depth: int) -> str:
        """Return the place when a mention hands on to something unknown, itself or by what holds it."""
        place = f"{path_of(scope)}:{statement.line}"
        for call in around:
            name = dotted(call[1])
            if name in _LOOKS_ONLY:
                return ""
            if name in _CONTAINERS:
                continue
            holder = self._holder(scope, call)
            if holder is None:
                return f"{path_of(scope)}:{call[4] or statement.line}"
            if holder:
                return self._handed(holder, depth + 1)
        if statement.kind == "return":
            return place if self._is_used(scope) else ""
        if statement.kind != "set" or statement.target is None:
            return ""
        held = self._program.resolve(scope, statement.target).symbol
        if qualname_of(scope) or not held:
            return place if statement.target[0] != "n" or qualname_of(scope) else ""
        return self._handed(held, depth + 1)

    def _holder(self, scope: SymbolId, call: Expr) -> SymbolId | None:
        """Return the object that a call of a library which is read adds to, empty for none; None for any other call."""
        owner = self._program.resolve(scope, base_of(call))
        called = self._program.resolve(scope, call[1])
        names = [each for each in (called.external, owner.type, owner.external) if each]
        if not any(each.partition(".")[0] in READ_LIBRARIES for each in names):
            found = self._program.symbol(owner.symbol) if owner.symbol else None
            if found is None or not found.decorators:
                return None
        return owner.symbol

    def _is_used(self, scope: SymbolId) -> bool:
        return any(not is_test_path(path_of(each.source.symbol)) for each in self._graph.referrers(scope))


def _hangs_on(entry: EntryPoint) -> Iterator[SymbolId]:
    """Yield what would have to be mounted: its router or group, or the handler and the class that holds it."""
    if ":" in entry.registered_on:
        yield entry.registered_on
        return
    yield entry.handler
    owner = entry.handler.rpartition(".")[0]
    yield from dict.fromkeys(each for each in (owner, entry.receiver) if ":" in each)
