"""Frameworks whose routes are calls on routers: what they share, from the calls of a file to entry points."""

import re
from collections.abc import Iterable, Sequence
from typing import ClassVar, NamedTuple

from release_harness.steps.evidence.impact.entries.conditions import conditions_of
from release_harness.steps.evidence.impact.entries.contract import (
    Around,
    Discovery,
    FileView,
    ProgramView,
    Registration,
)
from release_harness.steps.evidence.impact.entries.denying import denies
from release_harness.steps.evidence.impact.entries.reading import is_test_path, joined, qualname_of, shown
from release_harness.steps.evidence.impact.entries.router_shapes import Before, Context, Dialect, Mount, Ref, split
from release_harness.steps.evidence.impact.entries.routers import Routers, distinct, owner_of
from release_harness.steps.evidence.impact.entries.written_calls import candidates, unrolled
from release_harness.steps.evidence.impact.expressions import text_of, walk
from release_harness.steps.evidence.impact.facts import Expr, FileFacts, Symbol
from release_harness.steps.evidence.impact.lexical.other_languages import Names, names_of
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint, Guard, SymbolId

FILE = "file"
ROUTER_NAMES = frozenset({
    "app", "router", "routes", "server", "fastify", "api", "express", "instance", "r", "e", "g", "rg", "mux", "group",
    "engine", "hono", "v1", "v2", "routerGroup", "application", "srv", "root", "m",
})  # fmt: skip
CHECKS = re.compile(
    r"auth|guard|jwt|session|permi|role|csrf|xsrf|login|logged|protect|verif|acl|policy|policies|token|rate|throttl|limit|admin|"
    r"require|ensure|secur|can[A-Z_]|allow|deny|restrict|valid|captcha|signature|access|passport|owner|scope|member|abilit",
    re.IGNORECASE,
)
NOT_OURS = re.compile(
    r"(?:^|/)(?:node_modules|vendor|third_party|bower_components)/|(?:\.(?:test|spec|e2e-spec|stories)\.[a-z]+|_test\.go|_spec\.rb)$|(?:^|/)(?:__mocks__|__tests__|fixtures|e2e|spec)/"
)


class Route(NamedTuple):
    """One route as it is written."""

    ref: Ref
    method: str
    path: str
    before: tuple[Before, ...]
    handler: Expr | None
    scope: SymbolId
    line: int


class Found:
    """What the calls of all files of a framework say."""

    def __init__(self, names: Names, dialect: Dialect) -> None:
        """Start with nothing found."""
        self.names = names
        self.routers = Routers(names, dialect)
        self.routes: list[Route] = []
        self.errors: list[tuple[SymbolId, str]] = []
        self.unknown: list[str] = []
        self.computed_mounts = False
        self.opaque: set[str] = set()
        """Routers that were handed to another library, which may put anything before their routes."""
        self.narrowed: dict[int, list[str]] = {}
        self.given: dict[str, list[str]] = {}


class CallFramework:
    """Base of the adapters of such frameworks."""

    name: ClassVar[str] = ""
    languages: ClassVar[frozenset[str]] = frozenset()
    libraries: ClassVar[frozenset[str]] = frozenset()
    runtime_dump: ClassVar[str] = ""
    dialect: ClassVar[Dialect]
    modules: ClassVar[tuple[str, ...]] = ()
    """Import names of the framework; also their submodules."""
    words: ClassVar[frozenset[str]] = frozenset()
    """Methods that register something."""

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Note the files in which something is registered; the calls are read when all files are known."""
        if is_test_path(file.path) or NOT_OURS.search(file.path):
            return
        if self.imports_it(file.facts) or self.seems_registering(file.facts):
            yield Registration(self.name, FILE, f"{file.path}:", 1, {"imports": self.imports_it(file.facts)})

    def imports_it(self, facts: FileFacts) -> bool:
        """Tell whether a file imports the framework."""
        return any(
            each.module == module or each.module.startswith(module + "/")
            for symbol in facts.symbols
            for each in symbol.imports
            for module in self.modules
        )

    def seems_registering(self, facts: FileFacts) -> bool:
        """Tell whether a file has calls on a parameter or an import that look like registrations."""
        return any(
            each[1][0] == "a" and each[1][2] in self.words and self.looks_so(each)
            for symbol in facts.symbols
            for statement in symbol.body
            for each in walk(statement.value)
            if each[0] == "c"
        )

    def looks_so(self, call: Expr) -> bool:
        """Tell whether a call looks like a registration without knowing what it is called on."""
        first = text_of(call[2][0]) if call[2] else None
        base = call[1][1]
        return (
            first is not None
            and first.startswith("/")
            and len(call[2]) > 1
            and base[0] == "n"
            and base[1] in ROUTER_NAMES
        )

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Read the calls of all files and put prefixes, mounts and guards together."""
        if not any(each.data.get("imports") for each in found):
            return Discovery(framework=self.name)
        names = names_of(program)
        state = Found(names, self.dialect)
        for path in sorted({each.scope.rpartition(":")[0] for each in found}):
            module = names.module(path)
            for symbol in module.facts.symbols if module is not None else ():
                self.read_symbol(state, f"{path}:{symbol.qualname}", symbol)
        return self.discovery(state)

    def read_symbol(self, state: Found, scope: SymbolId, symbol: Symbol) -> None:
        """Read every call of one scope."""
        for statement in symbol.body:
            held = statement.value
            state.routers.when = conditions_of(symbol, statement.under)
            if held is not None and statement.kind == "do" and held[0] == "b" and held[1][-1][0] == "c":
                state.routers.when = state.routers.when or shown(held[1][0])  # `config.auth && app.use(check)`
            for each in walk(held):
                if each[0] == "c":
                    for call in unrolled(state.names, scope, each):
                        self.read_call(state, scope, call)
                        self.read_passing(state, scope, call)

    def read_call(self, state: Found, scope: SymbolId, call: Expr) -> None:
        """Read one call."""
        raise NotImplementedError

    def read_passing(self, state: Found, scope: SymbolId, call: Expr) -> None:
        """Let a router that is handed to a function stand for the function's parameter."""
        given = [(at, each) for at, each in enumerate(call[2]) if each[0] in {"n", "a", "c"}]
        given = [(at, ref) for at, each in given for ref in state.routers.refs(scope, each)]
        if not given:
            return
        found = state.names.resolve(scope, call[1])
        symbol = state.names.symbol(found.symbol) if found.symbol else None
        if symbol is not None and symbol.kind in {"class", "object"}:
            maker = state.names.find_member(found.symbol, "constructor")
            found = found._replace(symbol=f"{maker}.constructor") if maker else found
            symbol = state.names.symbol(found.symbol)
        if symbol is None:
            return
        for at, ref in given:
            self.bind(state, scope, call[4], found.symbol, at, ref)

    def bind(self, state: Found, scope: SymbolId, line: int, function: SymbolId, at: int, ref: Ref) -> None:
        """Let a router stand for a parameter of a function."""
        child = parameter_of(state, function, at)
        if child:
            state.routers.kinds.setdefault(child, "parameter")
            state.routers.mount(Ref(child), Mount(ref, "", (), scope, line))

    def is_plausible(self, state: Found, ref: Ref) -> bool:
        """Tell whether a parameter or field is a router: it is handed one, typed as one, or named like one."""
        kind = state.routers.kinds.get(ref.node, "")
        if kind in {"root", "router", "field"} or ref.node in state.routers.mounts:
            return True
        owner, name = owner_of(ref.node)
        scope = state.names.scope(owner)
        bound = scope.bound.get(name) if scope is not None else None
        annotation = bound.parameter.annotation if bound is not None and bound.parameter is not None else None
        if annotation is not None:
            return state.routers.is_router_type(state.names.instance(owner, annotation).type)
        return name in ROUTER_NAMES and name not in {"api", "r", "m", "instance", "root"}

    def discovery(self, state: Found) -> Discovery:
        """Return the entry points of all routes."""
        entries: dict[tuple[str, SymbolId], EntryPoint] = {}
        around: dict[tuple[SymbolId, str], set[str]] = {}
        places: dict[tuple[SymbolId, str], set[tuple[str, int]]] = {}
        for route in state.routes:
            if not self.is_plausible(state, route.ref):
                continue
            for context in state.routers.contexts(route.ref.node):
                entry, stands = self.entry(state, route, context)
                known = entries.get((entry.key, entry.handler))
                if known is None or (known.mounted is not True and entry.mounted):
                    entries[entry.key, entry.handler] = entry
                for each in stands:
                    symbol = self.checker(state, each)
                    if ":" in symbol:
                        around.setdefault((symbol, each.source), set()).add(entry.key)
                        place = (each.scope.rpartition(":")[0], each.line)
                        places.setdefault((symbol, each.source), set()).add(place)
        made = [
            Around(symbol, reason, frozenset(keys), frozenset(places[symbol, reason]))
            for (symbol, reason), keys in sorted(around.items())
        ]
        made.extend(Around(symbol, reason) for symbol, reason in sorted(set(state.errors)))
        found = tuple(entries[key] for key in sorted(entries))
        return Discovery(
            framework=self.name, entries=found, around=tuple(made), unknown=tuple(dict.fromkeys(state.unknown))
        )

    def entry(self, state: Found, route: Route, context: Context) -> tuple[EntryPoint, tuple[Before, ...]]:
        """Return one entry point, and all that stands before it."""
        path = clean(joined(context.prefix, route.ref.prefix, route.path))
        standing = state.routers.standing(route.ref, route.path, route.scope, route.line)
        stands = distinct(
            part for each in (*context.before, *standing, *route.ref.before, *route.before) for part in split(each)
        )
        handler, confidence = self.handler(state, route.scope, route.handler)
        mounted, why = context.mounted, context.why
        if mounted is False and state.computed_mounts:
            mounted, why = None, "routers are mounted in a way that is computed at run time"
        entry = EntryPoint(
            kind="http",
            name=f"{route.method} {path}",
            framework=self.name,
            handler=handler,
            path=route.scope.rpartition(":")[0],
            line=route.line,
            guards=tuple(self.guard(state, each) for each in stands if self.is_guard(state, each)),
            mounted=mounted,
            registered_on=route.ref.node.partition("@")[0],
            why_not_mounted=why,
            confidence=confidence,
        )
        return entry, stands

    def is_guard(self, state: Found, before: Before) -> bool:
        """Tell whether middleware is a check: all that a route names itself is, else only what is named so."""
        if before.source == "middleware":
            return True
        symbol = self.checker(state, before)
        named = any(CHECKS.search(each) for each in (shown(before.expr), qualname_of(symbol)))
        return named or denies(state.names, symbol)

    def guard(self, state: Found, before: Before) -> Guard:
        """Return a guard."""
        path = before.scope.rpartition(":")[0]
        name = shown(before.expr)
        return Guard(
            name=name if before.expr[0] not in {"y", "m"} else "inline middleware",
            source=before.source,
            symbol=self.checker(state, before),
            path=path,
            line=before.line,
            when=before.when,
        )

    def checker(self, state: Found, before: Before) -> str:
        """Return what checks: a SymbolId or a dotted name, or empty."""
        expr = before.expr
        while expr[0] == "c":
            expr = expr[1]
        found = state.names.resolve(before.scope, expr)
        return found.symbol or found.external

    def handler(self, state: Found, scope: SymbolId, expr: Expr | None) -> tuple[SymbolId, Confidence]:
        """Return the symbol that runs; the scope around when it is written inline or cannot be told."""
        for each in candidates(expr):
            found = state.names.resolve(scope, each)
            if found.symbol and (state.names.symbol(found.symbol) is not None or each[0] != "c"):
                return found.symbol, Confidence.HIGH
        inline = expr is not None and any(each[0] == "m" for each in walk(expr))
        return scope, Confidence.HIGH if inline else Confidence.MEDIUM


def parameter_of(state: Found, function: SymbolId, at: int) -> str:
    """Return the parameter of a function that an argument is bound to, or empty."""
    symbol = state.names.symbol(function)
    positional = [each for each in symbol.parameters if each.kind == "positional"] if symbol is not None else []
    rest = [each for each in symbol.parameters if each.kind == "args"] if symbol is not None else []
    named = positional[at].name if at < len(positional) else rest[0].name if rest else ""
    return f"{function}.<locals>.{named}" if named else ""


_COLON = re.compile(r":(\w+)(?:\([^)]*\))?[?*+]?")
_TYPED = re.compile(r"\{(\w+):[^{}]*\}")


def clean(path: str) -> str:
    """Return a path with its parameters written `{name}`, without a slash at its end."""
    path = _TYPED.sub(r"{\1}", path)
    path = _COLON.sub(r"{\1}", path)
    return path.rstrip("/") or "/"


__all__ = ["Before", "CallFramework", "Dialect", "Found", "Mount", "Ref", "Route", "Routers", "clean"]
