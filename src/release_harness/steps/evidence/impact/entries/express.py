"""Express: applications, routers and what they mount, middleware before routes."""

from release_harness.steps.evidence.impact.entries.call_routes import CallFramework, Found, Route
from release_harness.steps.evidence.impact.entries.router_shapes import Before, Dialect, Mount, Ref, Used
from release_harness.steps.evidence.impact.expressions import texts_of
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.impact.lexical.other_languages import ECMASCRIPT
from release_harness.steps.evidence.model.impact import SymbolId

VERBS = {
    "get": "GET",
    "post": "POST",
    "put": "PUT",
    "patch": "PATCH",
    "delete": "DELETE",
    "del": "DELETE",
    "head": "HEAD",
    "options": "OPTIONS",
    "all": "ANY",
}
ERROR_PARAMETERS_COUNT = 4


class Express(CallFramework):
    """Reads `app.get(…)`, `router.use(…)` and `router.route(…)`."""

    name = "Express"
    languages = ECMASCRIPT
    modules = ("express", "express-promise-router", "express-async-router")
    words = frozenset({*VERBS, "use", "route"})
    dialect = Dialect(
        roots=frozenset({"express", "express.Express", "express.Application", "express.application"}),
        routers=frozenset({
            "express.Router", "express.IRouter", "express-promise-router", "express-async-router.AsyncRouter",
            "express-serve-static-core.Router",
        }),
        groups=frozenset(),
        chains=frozenset({*VERBS, "use", "route", "param", "set"}),
    )  # fmt: skip

    def read_call(self, state: Found, scope: SymbolId, call: Expr) -> None:
        """Read one call on a router."""
        function = call[1]
        if function[0] != "a" or function[2] not in self.words:
            return
        refs = state.routers.refs(scope, function[1])
        for ref in refs:
            if function[2] in VERBS:
                self.read_route(state, scope, call, ref)
            elif function[2] == "use":
                self.read_use(state, scope, call, ref)

    def read_route(self, state: Found, scope: SymbolId, call: Expr, ref: Ref) -> None:
        """Read one route with its middleware."""
        paths = self.paths(state, scope, call[2][0]) if call[2] else []
        handlers = call[2][1:] if paths else call[2]
        if not paths or not handlers:
            paths = self.chained_path(state, scope, call[1][1])
            handlers = call[2]
        if not paths or not handlers:
            return
        flat = list(state.routers.flat(scope, handlers))
        before = tuple(Before(scope, each, call[4], "middleware") for each in flat[:-1])
        for path in paths:
            handler = flat[-1] if flat else None
            state.routes.append(Route(ref, VERBS[call[1][2]], path, before, handler, scope, call[4]))

    def paths(self, state: Found, scope: SymbolId, expr: Expr) -> list[str]:
        """Return the paths of a route: one text, a list of texts, or a pattern that is not told."""
        several = texts_of(expr)
        if several is not None:
            return several
        single = state.routers.text(scope, expr)
        if single is not None:
            return [single]
        return ["{pattern}"] if expr[0] == "o" else []

    def chained_path(self, state: Found, scope: SymbolId, base: Expr) -> list[str]:
        """Return the path of `router.route("/x")` below a chain of methods."""
        while base[0] == "c" and base[1][0] == "a":
            if base[1][2] == "route" and base[2]:
                return self.paths(state, scope, base[2][0])
            base = base[1][1]
        return []

    def read_use(self, state: Found, scope: SymbolId, call: Expr, ref: Ref) -> None:
        """Read `use`: routers are mounted, everything else stands before what follows."""
        given = list(call[2])
        paths = self.paths(state, scope, given[0]) if given and given[0][0] not in {"y", "m"} else []
        rest = list(state.routers.flat(scope, given[1:] if paths else given))
        plain: list[Before] = []
        mounted = False
        for each in rest:
            children = state.routers.refs(scope, each)
            for child in children:
                mounted = True
                for path in paths or [""]:
                    state.routers.mount(child, Mount(ref, path, tuple(plain), scope, call[4]))
            if not children:
                plain.append(Before(scope, each, call[4], "router"))
                self.note(state, scope, each)
        if not mounted:
            for before in plain:
                for path in paths or [""]:
                    state.routers.use(Used(ref, path, before))

    def note(self, state: Found, scope: SymbolId, expr: Expr) -> None:
        """Note exception handlers, and mounts that are computed at run time."""
        found = state.names.resolve(scope, expr)
        symbol = state.names.symbol(found.symbol) if found.symbol else None
        if (
            symbol is not None
            and sum(each.kind == "positional" for each in symbol.parameters) == ERROR_PARAMETERS_COUNT
        ):
            state.errors.append((found.symbol, "exception handler"))
        computed = expr[0] == "c" and expr[1] in (["n", "require"], ["n", "import"]) and not found.known
        if computed or (expr[0] in {"n", "a", "i"} and not found.known):
            state.computed_mounts = True


FRAMEWORK = Express()
