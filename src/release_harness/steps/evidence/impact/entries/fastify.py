"""Fastify: routes, plugins with prefixes, hooks as guards, and folders that are loaded as plugins."""

from release_harness.steps.evidence.impact.entries.call_routes import CallFramework, Found, Route
from release_harness.steps.evidence.impact.entries.router_shapes import Before, Dialect, Mount, Ref, Used
from release_harness.steps.evidence.impact.expressions import items_of, text_of, texts_of
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.impact.lexical.other_languages import ECMASCRIPT
from release_harness.steps.evidence.model.impact import SymbolId

VERBS = {each: each.upper() for each in ("get", "post", "put", "patch", "delete", "options", "head")} | {"all": "ANY"}
HOOKS = frozenset({"onRequest", "preParsing", "preValidation", "preHandler"})
TYPES = ("FastifyInstance", "FastifyPluginAsync", "FastifyPluginCallback")


class Fastify(CallFramework):
    """Reads `fastify.get(…)`, `fastify.route({…})` and `fastify.register(…)`."""

    name = "Fastify"
    languages = ECMASCRIPT
    modules = (
        "fastify",
        "fastify-plugin",
        "@fastify/autoload",
        "@fastify/type-provider-typebox",
        "fastify-type-provider-zod",
    )
    words = frozenset({*VERBS, "register", "route", "addHook"})
    dialect = Dialect(
        roots=frozenset({"fastify", "fastify.fastify", "fastify.Fastify"}),
        routers=frozenset(f"fastify.{each}" for each in TYPES),
        groups=frozenset(),
        chains=frozenset({*VERBS, "withTypeProvider", "register", "after", "route", "addHook"}),
    )

    def looks_so(self, call: Expr) -> bool:
        """Tell whether a call looks like a registration without knowing what it is called on."""
        base = call[1][1]
        named = base[0] == "n" and base[1] in {"fastify", "app", "server", "instance"}
        return named and (call[1][2] in {"route", "register"} or super().looks_so(call))

    def read_call(self, state: Found, scope: SymbolId, call: Expr) -> None:
        """Read one call on an instance."""
        function = call[1]
        if function[0] != "a" or function[2] not in self.words:
            return
        for ref in state.routers.refs(scope, function[1]):
            if function[2] in VERBS:
                self.short(state, scope, call, ref)
            elif function[2] == "route":
                self.full(state, scope, call, ref)
            elif function[2] == "addHook":
                self.hook(state, scope, call, ref)
            else:
                self.registered(state, scope, call, ref)

    def short(self, state: Found, scope: SymbolId, call: Expr, ref: Ref) -> None:
        """Read `fastify.get(path, options, handler)`."""
        path = state.routers.text(scope, call[2][0]) if call[2] else None
        if path is None or len(call[2]) < 2:  # noqa: PLR2004 - a path and a handler
            return
        options = pairs_of(call[2][1])
        handler = call[2][-1] if call[2][-1][0] != "d" else options.get("handler")
        before = self.before(state, scope, options, call[4])
        state.routes.append(Route(ref, VERBS[call[1][2]], path, before, handler, scope, call[4]))

    def full(self, state: Found, scope: SymbolId, call: Expr, ref: Ref) -> None:
        """Read `fastify.route({ method, url, handler })`."""
        options = pairs_of(call[2][0]) if call[2] else {}
        path = state.routers.text(scope, options.get("url") or options.get("path"))
        if path is None:
            return
        before = self.before(state, scope, options, call[4])
        for method in texts_of(options.get("method")) or ["ANY"]:
            state.routes.append(Route(ref, method.upper(), path, before, options.get("handler"), scope, call[4]))

    def before(self, state: Found, scope: SymbolId, options: dict[str, Expr], line: int) -> tuple[Before, ...]:
        """Return the hooks that a route names itself."""
        found = [
            options[each] for each in ("onRequest", "preParsing", "preValidation", "preHandler") if each in options
        ]
        return tuple(Before(scope, each, line, "middleware") for each in state.routers.flat(scope, found))

    def hook(self, state: Found, scope: SymbolId, call: Expr, ref: Ref) -> None:
        """Read `addHook("preHandler", check)`."""
        if len(call[2]) > 1 and text_of(call[2][0]) in HOOKS:
            for each in state.routers.flat(scope, call[2][1:]):
                state.routers.use(Used(ref, "", Before(scope, each, call[4], "hook")))

    def registered(self, state: Found, scope: SymbolId, call: Expr, ref: Ref) -> None:
        """Read `register(plugin, { prefix })`; a folder that is loaded brings all plugins below it."""
        options = pairs_of(call[2][1]) if len(call[2]) > 1 else {}
        prefix = state.routers.text(scope, options.get("prefix")) or ""
        plugin = call[2][0] if call[2] else None
        if plugin is None:
            return
        if "dir" in options:
            self.folder(state, scope, call, ref, options)
            return
        while plugin[0] == "c" and plugin[2] and plugin[1] not in (["n", "require"], ["n", "import"]):
            plugin = plugin[2][0]
        found = state.names.resolve(scope, plugin)
        function = self.unwrapped(state, found.symbol)
        symbol = state.names.symbol(function) if function else None
        if symbol is not None and symbol.kind in {"function", "async"}:
            self.stand(state, scope, call[4], function, ref, prefix)
        elif not found.known:
            state.computed_mounts = True

    def unwrapped(self, state: Found, symbol: SymbolId) -> SymbolId:
        """Return the plugin inside `fp(plugin)`."""
        path, _, qualname = symbol.rpartition(":")
        module = state.names.module(path)
        if symbol and state.names.symbol(symbol) is not None and qualname:
            return symbol
        statement = module.exports("default") if module is not None else None
        value = statement.value if statement is not None else None
        if value is not None and value[0] == "c" and value[2]:
            value = value[2][0]
        found = state.names.resolve(f"{path}:", value) if value is not None else None
        return found.symbol if found is not None else ""

    def folder(self, state: Found, scope: SymbolId, call: Expr, ref: Ref, options: dict[str, Expr]) -> None:
        """Let every plugin below a folder stand below the path of its folders, as `@fastify/autoload` does."""
        where = "/".join(text_of(each) or "" for each in flat_texts(options["dir"])).strip("./")
        base = scope.rpartition(":")[0].rpartition("/")[0]
        prefix = state.routers.text(scope, pairs_of(options.get("options") or ["o"]).get("prefix")) or ""
        top = f"{base}/{where}/" if base else f"{where}/"
        for path in state.names.paths:
            if not where or not path.startswith(top):
                continue
            inner = path[len(top) :].rpartition("/")[0]
            function = self.unwrapped(state, f"{path}:")
            if function:
                parts = [
                    "/" + each.replace("_", ":") if each.startswith("_") else "/" + each
                    for each in inner.split("/")
                    if each
                ]
                own = state.names.exported(path, "autoPrefix").text
                self.stand(state, scope, call[4], function, ref, prefix + (own or "".join(parts)))

    def stand(self, state: Found, scope: SymbolId, line: int, function: SymbolId, ref: Ref, prefix: str) -> None:
        """Let the first parameter of a plugin stand for the instance below a prefix."""
        symbol = state.names.symbol(function)
        names = [each.name for each in symbol.parameters if each.kind == "positional"] if symbol is not None else []
        if names and names[0]:
            child = f"{function}.<locals>.{names[0]}"
            state.routers.kinds.setdefault(child, "parameter")
            state.routers.mount(Ref(child), Mount(ref, prefix, (), scope, line))


def pairs_of(expr: Expr) -> dict[str, Expr]:
    """Return the pairs of an object."""
    return {key[1]: value for key, value in expr[1] if key is not None and key[0] == "s"} if expr[0] == "d" else {}


def flat_texts(expr: Expr) -> list[Expr]:
    """Return the texts in `path.join(__dirname, "routes")`."""
    if expr[0] == "c":
        return [each for one in expr[2] for each in flat_texts(one)]
    return [each for each in items_of(expr) or [expr] if each[0] == "s"]


FRAMEWORK = Fastify()
