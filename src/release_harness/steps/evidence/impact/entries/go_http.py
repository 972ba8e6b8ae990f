"""HTTP in Go: net/http and ServeMux patterns, chi, gin, echo, gorilla mux and fiber, by the calls on their routers."""

import re
from collections.abc import Iterator
from dataclasses import replace

from release_harness.steps.evidence.impact.entries.call_routes import CallFramework, Found, Route
from release_harness.steps.evidence.impact.entries.contract import Discovery
from release_harness.steps.evidence.impact.entries.go_handlers import TAKING, running, wrapped
from release_harness.steps.evidence.impact.entries.router_shapes import (
    ROUTE_WRAPS,
    WRAPS,
    Before,
    Context,
    Dialect,
    Mount,
    Ref,
    Used,
)
from release_harness.steps.evidence.impact.expressions import texts_of, walk
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint, SymbolId

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT", "TRACE")
VERBS = {
    **{each: each for each in _METHODS},
    **{each.capitalize(): each for each in _METHODS},
    "Any": "ANY",
    "All": "ANY",
}
PLAIN = frozenset({"Handle", "HandleFunc", "Method", "MethodFunc", "Add", "Match"})
PATTERN = re.compile(r"^(?:([A-Z]+)\s+)?(\S*/\S*|)$")
LIBRARIES = {
    "github.com/go-chi/chi/v5": "chi",
    "github.com/go-chi/chi": "chi",
    "github.com/gin-gonic/gin": "gin",
    "github.com/labstack/echo/v4": "echo",
    "github.com/labstack/echo/v5": "echo",
    "github.com/labstack/echo": "echo",
    "github.com/gorilla/mux": "mux",
    "github.com/gofiber/fiber/v2": "fiber",
    "github.com/gofiber/fiber/v3": "fiber",
    "net/http": "http",
    "github.com/julienschmidt/httprouter": "httprouter",
}
_WRAPS_LIMIT = 20
_MADE = ("New", "Default", "NewRouter", "NewMux", "NewServeMux", "DefaultServeMux")
_TYPES = ("Router", "Mux", "Engine", "RouterGroup", "IRouter", "IRoutes", "Echo", "Group", "ServeMux", "App")


class GoHttp(CallFramework):
    """Reads the routers of Go; which library it is decides in which order handlers and middleware stand."""

    name = "Go HTTP"
    languages = frozenset({"go"})
    modules = tuple(LIBRARIES)
    words = frozenset({*VERBS, *PLAIN, "Use", "Route", "Mount", "Group", "With", "Static"})
    dialect = Dialect(
        roots=frozenset(f"{library}.{made}" for library in LIBRARIES for made in _MADE),
        routers=frozenset(f"{library}.{each}" for library in LIBRARIES for each in _TYPES),
        groups=frozenset({"Group", "With", "PathPrefix"}),
        chains=frozenset({"Use", "Subrouter", "StrictSlash", "Methods", "Name", "Schemes", "Host", "NewRoute"}),
        roots_by_default=True,
    )

    def looks_so(self, call: Expr) -> bool:  # noqa: ARG002 - Go always imports what it calls
        """Tell whether a call looks like a registration without knowing what it is called on."""
        return False

    def read_call(self, state: Found, scope: SymbolId, call: Expr) -> None:
        """Read one call on a router."""
        function = call[1]
        if function[0] != "a":
            return
        word = function[2]
        if word not in self.words and word != "Methods":
            return
        refs = state.routers.refs(scope, function[1])
        if not refs and word in {"Handle", "HandleFunc"} and self.is_default(state, scope, function):
            state.routers.kinds["net/http.DefaultServeMux"] = "root"
            refs = (Ref("net/http.DefaultServeMux"),)
        for ref in refs:
            if word in VERBS or word in PLAIN:
                self.read_route(state, scope, call, ref)
            elif word == "Use":
                for each in state.routers.flat(scope, call[2]):
                    state.routers.use(Used(ref, "", Before(scope, each, call[4], "router")))
            elif word in {"Route", "Group", "Mount"}:
                self.read_inner(state, scope, call, ref)

    def read_symbol(self, state: Found, scope: SymbolId, symbol: Symbol) -> None:
        """Read every call of one scope; `.Methods(…)` is seen before the call that it narrows."""
        state.routers.passes = lambda where, call: (
            None if (it := wrapped(state.names, where, call)) is None else it.inner
        )
        state.narrowed = {}
        for statement in symbol.body:
            for each in walk(statement.value):
                if each[0] == "c" and each[1][0] == "a" and each[1][2] == "Methods":
                    texts = [self.method_text(state, scope, one) for one in each[2]]
                    inner = each[1][1]
                    while inner[0] == "c":
                        state.narrowed[id(inner)] = texts
                        inner = inner[1][1] if inner[1][0] == "a" else ["o"]
        super().read_symbol(state, scope, symbol)

    def read_passing(self, state: Found, scope: SymbolId, call: Expr) -> None:
        """Read `logged(checked(mux))` too: what takes a handler and gives one back stands before all routes of the router."""
        super().read_passing(state, scope, call)
        around = wrapped(state.names, scope, call)
        if around is None:
            self.read_taking(state, scope, call)
        elif around.by[0] != "o":
            for ref in state.routers.refs(scope, around.inner):
                state.routers.use(Used(ref, "", Before(scope, around.by, call[4], WRAPS)))

    def read_taking(self, state: Found, scope: SymbolId, call: Expr) -> None:
        """Note routers that are handed to another library, which may put anything before their routes."""
        found = state.names.resolve(scope, call[1]).external
        if found and found not in TAKING and found.partition(".")[0] != "http" and not self.is_of_router(found):
            for each in call[2]:
                if each[0] in {"n", "a", "c"}:
                    state.opaque.update(ref.node for ref in state.routers.refs(scope, each))

    def is_of_router(self, name: str) -> bool:
        """Tell whether a dotted name belongs to one of the libraries of routers: mounting is read."""
        return any(name.startswith(f"{each}.") for each in LIBRARIES)

    def is_default(self, state: Found, scope: SymbolId, function: Expr) -> bool:
        """Tell whether it is `http.HandleFunc` on the default mux."""
        return state.names.resolve(scope, function).external.startswith("net/http.Handle")

    def read_route(self, state: Found, scope: SymbolId, call: Expr, ref: Ref) -> None:
        """Read one route."""
        word, arguments = call[1][2], list(call[2])
        methods = [VERBS.get(word, "ANY")]
        if word in {"Method", "MethodFunc", "Add", "Match"} and arguments:
            named = state.routers.text(scope, arguments[0])
            several = texts_of(arguments[0]) if named is None else [named]
            methods = several or [self.constant_method(state, scope, arguments[0])]
            arguments = arguments[1:]
        path = state.routers.text(scope, arguments[0]) if arguments else None
        if path is None or len(arguments) < 2:  # noqa: PLR2004 - a path and a handler
            return
        matched = PATTERN.match(path)
        if word in PLAIN and matched is None and "{" not in path:
            return
        if word in {"Handle", "HandleFunc"} and matched is not None and matched.group(1):
            methods, path = [matched.group(1)], matched.group(2)
        methods = self.later_methods(state, call, methods)
        handler, before = self.order(state, scope, ref, arguments[1:])
        inner, prefix = self.inner_router(state, scope, handler)
        if inner and not before:
            for child in inner:
                self.mount_inner(state, scope, call[4], ref, child, prefix)
            return
        handler, around = self.unwrapped(state, scope, handler)
        stands = tuple(Before(scope, each, call[4], "middleware") for each in before)
        stands += tuple(Before(scope, each, call[4], ROUTE_WRAPS) for each in around)
        for method in methods:
            state.routes.append(Route(ref, method, path.removesuffix("{$}"), stands, handler, scope, call[4]))

    def discovery(self, state: Found) -> Discovery:
        """Let what wraps a parameter stand before the routes of whatever router is handed in."""
        routers = state.routers
        for _ in range(_WRAPS_LIMIT):
            missing = [
                Used(Ref(mount.parent.node), "", used.before)
                for node, held in routers.used.items()
                if routers.kinds.get(node) == "parameter"
                for used in held
                if used.before.source == WRAPS
                for mount in routers.mounts.get(node, ())
                if all(used.before != each.before for each in routers.used.get(mount.parent.node, ()))
            ]
            for each in missing:
                routers.use(each)
            if not missing:
                break
        found = super().discovery(state)
        return replace(found, handed=tuple(dict.fromkeys(self.makers(state))))

    def makers(self, state: Found) -> Iterator[tuple[SymbolId, str, int]]:
        """Yield handlers, and the places that make and give them back."""
        for route in state.routes:
            handler, places = running(state.names, route.scope, route.handler)
            yield from ((handler, path, line) for path, line in places)

    def inner_router(self, state: Found, scope: SymbolId, handler: Expr) -> tuple[tuple[Ref, ...], str]:
        """Return the routers that a handler is, and the prefix that is cut off before they see the path.

        A prefix that is computed is mostly a setting that is empty: paths are told without it.
        """
        prefix = ""
        if handler[0] == "c" and state.names.resolve(scope, handler[1]).external == "net/http.StripPrefix":
            prefix = state.routers.text(scope, handler[2][0]) or ""
        if handler[0] == "a" and handler[2] == "ServeHTTP":
            handler = handler[1]
        return state.routers.refs(scope, handler), prefix

    def mount_inner(self, state: Found, scope: SymbolId, line: int, ref: Ref, child: Ref, prefix: str) -> None:
        """Hang a router below a pattern of another: it sees the whole path, so the pattern adds nothing to its own."""
        state.routers.mount(child, Mount(ref, prefix, (), scope, line))

    def unwrapped(self, state: Found, scope: SymbolId, handler: Expr) -> tuple[Expr, list[Expr]]:
        """Return a handler without what is wrapped around it, and that, outermost first."""
        around: list[Expr] = []
        found = wrapped(state.names, scope, handler)
        while found is not None and len(around) < _WRAPS_LIMIT:
            around.extend([found.by] if found.by[0] != "o" else [])
            handler = found.inner
            found = wrapped(state.names, scope, handler)
        return handler, around

    def handler(self, state: Found, scope: SymbolId, expr: Expr | None) -> tuple[SymbolId, Confidence]:
        """Return the function that runs, also behind variables and makers of handlers."""
        found = running(state.names, scope, expr).symbol
        return (found, Confidence.HIGH) if found else super().handler(state, scope, expr)

    def entry(self, state: Found, route: Route, context: Context) -> tuple[EntryPoint, tuple[Before, ...]]:
        """Return one entry point; where another library was handed its router, its guards are not known."""
        found, stands = super().entry(state, route, context)
        return (replace(found, guards_known=False) if self.is_opaque(state, route.ref.node) else found), stands

    def is_opaque(self, state: Found, node: str) -> bool:
        """Tell whether a router or one that it hangs on was handed to another library."""
        seen, waiting = {node}, [node]
        for each in waiting:
            if each in state.opaque:
                return True
            above = {mount.parent.node for mount in state.routers.mounts.get(each, ())} - seen
            seen |= above
            waiting.extend(sorted(above))
        return False

    def constant_method(self, state: Found, scope: SymbolId, expr: Expr) -> str:
        """Return the method of `http.MethodGet`."""
        named = state.names.resolve(scope, expr).external
        return named.rpartition(".Method")[2].upper() if ".Method" in named else "ANY"

    def later_methods(self, state: Found, call: Expr, methods: list[str]) -> list[str]:
        """Return the methods that gorilla's `.Methods("GET")` gives a route after its handler."""
        return state.narrowed.get(id(call)) or methods

    def method_text(self, state: Found, scope: SymbolId, expr: Expr) -> str:
        """Return one method by its text or its constant."""
        return state.routers.text(scope, expr) or self.constant_method(state, scope, expr)

    def order(self, state: Found, scope: SymbolId, ref: Ref, handlers: list[Expr]) -> tuple[Expr, list[Expr]]:
        """Return handler and middleware: echo names the handler first, gin last."""
        flat = list(state.routers.flat(scope, handlers))
        if self.library_of(state, ref).startswith("github.com/labstack/echo"):
            return flat[0], flat[1:]
        return flat[-1], flat[:-1]

    def library_of(self, state: Found, ref: Ref) -> str:
        """Return the library that a router comes from, by the imports of the file that makes it."""
        path = ref.node.partition("@")[0].rpartition(":")[0]
        module = state.names.module(path)
        for each in module.facts.symbols[0].imports if module is not None else ():
            if each.module in LIBRARIES and each.module != "net/http":
                return each.module
        return "net/http"

    def read_inner(self, state: Found, scope: SymbolId, call: Expr, ref: Ref) -> None:
        """Read `Route(path, func(r) {…})`, `Group(func(r) {…})` and `Mount(path, router)`."""
        path = state.routers.text(scope, call[2][0]) if call[2] else None
        rest = call[2][1:] if path is not None else call[2]
        for each in rest:
            if each[0] == "y":
                self.bind_inner(state, scope, call[4], f"{scope.rpartition(':')[0]}:{each[1]}", ref, path or "")
                continue
            for child in state.routers.refs(scope, each):
                state.routers.mount(child, Mount(ref, path or "", (), scope, call[4]))
            found = state.names.resolve(scope, each)
            symbol = state.names.symbol(found.symbol) if found.symbol else None
            if symbol is not None and call[1][2] != "Mount" and symbol.kind == "function":
                self.bind_inner(state, scope, call[4], found.symbol, ref, path or "")

    def bind_inner(self, state: Found, scope: SymbolId, line: int, function: SymbolId, ref: Ref, path: str) -> None:
        """Let the parameter of an inner function stand for the router below a path."""
        symbol = state.names.symbol(function)
        names = [each.name for each in symbol.parameters if each.kind == "positional"] if symbol is not None else []
        if names and names[0]:
            child = Ref(f"{function}.<locals>.{names[0]}")
            state.routers.kinds.setdefault(child.node, "parameter")
            state.routers.mount(child, Mount(ref, path, (), scope, line))


FRAMEWORK = GoHttp()
