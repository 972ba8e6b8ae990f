"""Hono: routes on an application, sub-applications mounted with `route`, base paths and middleware by path."""

from release_harness.steps.evidence.impact.entries.call_routes import CallFramework, Found, Route
from release_harness.steps.evidence.impact.entries.router_shapes import Before, Dialect, Mount, Ref, Used
from release_harness.steps.evidence.impact.expressions import texts_of
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.impact.lexical.other_languages import ECMASCRIPT
from release_harness.steps.evidence.model.impact import SymbolId

VERBS = {each: each.upper() for each in ("get", "post", "put", "patch", "delete", "options", "head")} | {"all": "ANY"}
MADE = ("hono.Hono", "@hono/zod-openapi.OpenAPIHono", "hono/quick.Hono", "hono/tiny.Hono")


class Hono(CallFramework):
    """Reads `app.get(…)`, `app.route(…)` and `app.use(…)`."""

    name = "Hono"
    languages = ECMASCRIPT
    modules = ("hono", "@hono/zod-openapi")
    words = frozenset({*VERBS, "use", "route", "on", "mount", "basePath", "openapi"})
    dialect = Dialect(
        roots=frozenset(MADE),
        routers=frozenset(),
        groups=frozenset({"basePath"}),
        chains=frozenset({*VERBS, "use", "route", "on", "onError", "notFound", "openapi"}),
    )

    def read_call(self, state: Found, scope: SymbolId, call: Expr) -> None:
        """Read one call on an application."""
        function = call[1]
        if function[0] != "a" or function[2] not in {*self.words, "onError"}:
            return
        for ref in state.routers.refs(scope, function[1]):
            self.read_on(state, scope, call, ref)

    def read_on(self, state: Found, scope: SymbolId, call: Expr, ref: Ref) -> None:
        """Read one call on a known application."""
        word, given = call[1][2], list(call[2])
        if word == "on" and len(given) > 2:  # noqa: PLR2004 - method, path, handler
            for method in texts_of(given[0]) or ["ANY"]:
                self.add(state, scope, call[4], ref, method.upper(), given[1:])
        elif word in VERBS:
            self.add(state, scope, call[4], ref, VERBS[word], given)
        elif word == "use":
            path = state.routers.text(scope, given[0]) if given else None
            for each in state.routers.flat(scope, given[1:] if path is not None else given):
                state.routers.use(Used(ref, (path or "").rstrip("*"), Before(scope, each, call[4], "router")))
        elif word in {"route", "mount"} and len(given) > 1:
            path = state.routers.text(scope, given[0]) or ""
            for child in state.routers.refs(scope, given[1]):
                state.routers.mount(child, Mount(ref, path, (), scope, call[4]))
        elif word == "onError" and given:
            found = state.names.resolve(scope, given[0])
            if found.symbol:
                state.errors.append((found.symbol, "exception handler"))

    def add(self, state: Found, scope: SymbolId, line: int, ref: Ref, method: str, given: list[Expr]) -> None:
        """Add one route; without a path it is the one of the application."""
        path = state.routers.text(scope, given[0]) if given else None
        handlers = list(state.routers.flat(scope, given[1:] if path is not None else given))
        if not handlers:
            return
        before = tuple(Before(scope, each, line, "middleware") for each in handlers[:-1])
        state.routes.append(Route(ref, method, path or "", before, handlers[-1], scope, line))


FRAMEWORK = Hono()
