"""FastAPI and Starlette: routes, routers inside routers, mounted applications, dependencies that guard."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from release_harness.steps.evidence.impact.entries.conditions import alternatives
from release_harness.steps.evidence.impact.entries.contract import (
    Around,
    Discovery,
    FileView,
    ProgramView,
    Registration,
)
from release_harness.steps.evidence.impact.entries.fastapi_guards import Dependencies
from release_harness.steps.evidence.impact.entries.guards import GuardReader, merged
from release_harness.steps.evidence.impact.entries.handlers import Handler, handler_of
from release_harness.steps.evidence.impact.entries.objects import Objects
from release_harness.steps.evidence.impact.entries.passed_objects import held_objects, passed_objects
from release_harness.steps.evidence.impact.entries.reading import (
    HTTP_METHODS,
    CallSite,
    base_of,
    index_of,
    is_test_path,
    keyword_texts,
    last_name,
    path_of,
    shown,
)
from release_harness.steps.evidence.impact.entries.routing import Mount, Route, Router, Tree, without_repeats
from release_harness.steps.evidence.impact.expressions import argument, is_call, text_of
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.model.impact import EntryPoint, Guard, SymbolId

NAME = "FastAPI"
APPS = (
    "fastapi.FastAPI", "fastapi.applications.FastAPI", "starlette.applications.Starlette", "starlette.Starlette",
)  # fmt: skip
ROUTERS = (
    "fastapi.APIRouter", "fastapi.routing.APIRouter", "starlette.routing.Router", *APPS,
)  # fmt: skip
ENDPOINTS = ("starlette.endpoints.HTTPEndpoint",)
DECORATORS = (*HTTP_METHODS, "api_route", "route", "websocket", "websocket_route")
ADDERS = ("add_api_route", "add_route", "add_api_websocket_route", "add_websocket_route")
AROUND_DECORATORS = {
    "middleware": "middleware",
    "exception_handler": "exception handler",
    "on_event": "start or stop of the application",
}
AROUND_CALLS = {
    "add_middleware": "middleware", "add_exception_handler": "exception handler", "add_event_handler": "start or stop of the application",
}  # fmt: skip
CREATED = frozenset(name.rpartition(".")[2] for name in ROUTERS)


class FastAPIFramework:
    """Reads what FastAPI and Starlette applications register."""

    name = NAME
    languages = frozenset({"python"})
    libraries: frozenset[str] = frozenset()

    @property
    def runtime_dump(self) -> str:
        """Source of a function that asks the running application."""
        from release_harness.steps.evidence.impact.entries import dumps

        return dumps.FASTAPI

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return routes, includes, mounts and what stands around them."""
        yield from _decorated(file)
        index = index_of(file.facts)
        for name in (*ADDERS, "include_router", "mount", *AROUND_CALLS):
            for site in index.calls.get(name, ()):
                if base_of(site.call) is not None:
                    yield _registration(file, "call", site, {"name": name})
        made = False
        for name in CREATED & index.calls.keys():
            for site in index.calls[name]:
                if file.resolve(site.scope, site.call[1]).external in ROUTERS:
                    made = True
                    yield _registration(file, "created", site, {"target": _target(site)})
        if made or index.calls.keys() & {"include_router", "mount"} or file.imports & {"fastapi", "starlette"}:
            yield from passed_objects(file, NAME)
        yield from held_objects(file, NAME)

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Put prefixes, includes and dependencies together."""
        return _Assembly(found, program).discovery()


def _registration(file: FileView, kind: str, site: CallSite, data: dict[str, Any]) -> Registration:
    return Registration(
        NAME, kind, file.id_of(site.scope), site.call[4] or site.statement.line, {**data, "call": site.call}
    )


def _target(site: CallSite) -> Expr | None:
    return site.statement.target if site.statement.kind == "set" and site.statement.value == site.call else None


def _decorated(file: FileView) -> Iterator[Registration]:
    index = index_of(file.facts)
    ours = bool(file.imports & {"fastapi", "starlette"})
    for name in (*DECORATORS, *AROUND_DECORATORS):
        for each in index.decorations.get(name, ()):
            base = base_of(each.expr)
            if base is None or not is_call(each.expr):
                continue
            on = file.resolve(each.around, base)
            library = on.external or (on.type if ":" not in on.type else "")
            if library and not _may_be_ours(library):
                continue
            data = {
                "name": name,
                "call": each.expr,
                "handler": file.id_of(each.symbol),
                "position": each.position,
                "ours": ours,
            }
            yield Registration(NAME, "decorated", file.id_of(each.around), each.expr[4] or each.symbol.first_line, data)
        for site in index.calls.get(name, ()):
            inner = site.call[1]
            if (
                inner[0] == "c"
                and inner[1][0] == "a"
                and site.call[2]
                and text_of(argument(inner, 0, "path")) is not None
            ):
                data = {"name": name, "call": inner, "given": site.call[2][0], "position": -1, "ours": ours}
                yield Registration(NAME, "decorated", file.id_of(site.scope), site.call[4], data)


def _may_be_ours(name: str) -> bool:
    return name.startswith(("fastapi", "starlette")) or name.endswith("Router")


class _Assembly:
    def __init__(self, found: Sequence[Registration], program: ProgramView) -> None:
        self.found = [each for each in found if not is_test_path(path_of(each.scope))]
        self.program = program
        self.objects = Objects(program, self.found)
        self.guards = GuardReader(self.objects)
        self.dependencies = Dependencies(self.objects, self.guards)
        self.tree = Tree(NAME)
        self.routes: list[Route] = []
        self.around: list[Around] = []
        self.unknown: list[str] = []
        self.middleware_guards: dict[str, list[Guard]] = {}

    def discovery(self) -> Discovery:
        for each in self.found:
            if each.kind == "created":
                self._created(each)
        for each in self.found:
            if each.kind == "call":
                self._call(each)
            elif each.kind == "decorated":
                self._decorated(each)
        self._add_middleware_guards()
        entries: list[EntryPoint] = [entry for route in self.routes for entry in self.tree.entries(route)]
        return Discovery(
            framework=NAME,
            entries=without_repeats(entries),
            around=tuple(dict.fromkeys(self.around)) if self.routes else (),
            unknown=tuple(dict.fromkeys(self.unknown)),
        )

    def _router(self, name: str) -> bool:
        """Note a router when it is seen first; False when the object is none."""
        if name in self.tree.routers:
            return True
        kind = self.objects.type_of(name)
        if not kind or not (self.program.is_a(kind, *ROUTERS) or (":" not in kind and kind.endswith("Router"))):
            return False
        made = self.objects.creation(name)
        prefix, known = "", True
        guards: tuple[Guard, ...] = ()
        if made is not None:
            scope, call = made
            prefix, _ = self.objects.text(scope, argument(call, -1, "prefix"))
            guards, known = self.dependencies.of_list(scope, argument(call, -1, "dependencies"), call[4])
        self.tree.routers[name] = Router(prefix, guards, known, self.program.is_a(kind, *APPS))
        if made is not None:
            self._arguments(name, *made)
        return True

    def _created(self, registration: Registration) -> None:
        target, call = registration.data["target"], registration.data["call"]
        name = self.objects.name_of(registration.scope, target) if target else ""
        self._router(name or f"{registration.scope}@{call[4]}")

    def _arguments(self, name: str, scope: SymbolId, call: Expr) -> None:
        routes = argument(call, -1, "routes")
        if routes is not None:
            self._listed(name, scope, routes, call[4])
        for key, reason in (("lifespan", "start or stop of the application"),):
            self._stands_around(scope, argument(call, -1, key), reason)
        for key in ("on_startup", "on_shutdown"):
            for there, each in self.objects.items(scope, argument(call, -1, key))[0]:
                self._stands_around(there, each, "start or stop of the application")
        for item in self.guards.conditions.items(scope, argument(call, -1, "middleware")):
            made = argument(item.expr, 0, "cls") if is_call(item.expr) else item.expr
            self._middleware(name, item.scope, made, call[4], item.when)
        handlers = argument(call, -1, "exception_handlers")
        there, value = self.objects.value(scope, handlers)
        for pair in value[1] if value and value[0] == "d" else ():
            self._stands_around(there, pair[1], "exception handler")

    def _listed(self, parent: str, scope: SymbolId, routes: Expr, line: int) -> None:
        """Read a Starlette list of Route, Mount and WebSocketRoute."""
        items, known = self.objects.items(scope, routes)
        if not known:
            self.unknown.append(f"{path_of(scope)}:{line}: the list of routes is computed")
        for there, each in items:
            name = last_name(each)
            if name in {"Route", "APIRoute", "WebSocketRoute", "APIWebSocketRoute"} and is_call(each):
                self._route(
                    parent, there, each, "websocket" if "WebSocket" in name else "route", argument(each, 1, "endpoint")
                )
            elif name == "Mount" and is_call(each):
                prefix, told = self.objects.text(there, argument(each, 0, "path"))
                nested = argument(each, -1, "routes")
                if nested is not None:
                    child = f"{there}@{each[4]}:{prefix}"
                    self.tree.routers[child] = Router()
                    self.tree.add_mount(Mount(parent, child, prefix, told))
                    self._listed(child, there, nested, each[4])
                self._mounted(parent, there, argument(each, 1, "app"), prefix, told=told)

    def _mounted(self, parent: str, scope: SymbolId, app: Expr | None, prefix: str, *, told: bool) -> None:
        for child in self.objects.origins(scope, app):
            if self._router(child):
                self.tree.add_mount(Mount(parent, child, prefix, told, carries=False))

    def _call(self, registration: Registration) -> None:
        call, name, scope = registration.data["call"], registration.data["name"], registration.scope
        parents = [each for each in self.objects.origins(scope, base_of(call)) if self._router(each)]
        for parent in parents:
            if name == "include_router":
                self._include(parent, scope, call)
            elif name == "mount":
                prefix, told = self.objects.text(scope, argument(call, 0, "path"))
                self._mounted(parent, scope, argument(call, 1, "app"), prefix, told=told)
            elif name in ADDERS:
                self._route(
                    parent, scope, call, "websocket" if "websocket" in name else name, argument(call, 1, "endpoint")
                )
            elif name == "add_middleware":
                under = self.guards.conditions.around_call(scope, call)
                self._middleware(parent, scope, argument(call, 0, "middleware_class"), call[4], under)
            else:
                self._stands_around(
                    scope, argument(call, 1, "handler") or argument(call, 1, "func"), AROUND_CALLS[name]
                )

    def _include(self, parent: str, scope: SymbolId, call: Expr) -> None:
        given = argument(call, 0, "router")
        prefix, told = self.objects.text(scope, argument(call, -1, "prefix"))
        guards, known = self.dependencies.of_list(scope, argument(call, -1, "dependencies"), call[4])
        children = [each for each in self.objects.origins(scope, given) if self._router(each)]
        children = children or [each for each in self.objects.held(given) if self._router(each)]
        for child in children:
            self.tree.add_mount(Mount(parent, child, prefix, told, guards, known and "**" not in call[3]))
        if not children and not self._is_external(scope, given):
            why = f"{path_of(scope)}:{call[4]}: which router `{shown(call)}` includes cannot be read"
            self.tree.computed.append(why)
            self.unknown.append(why)

    def _is_external(self, scope: SymbolId, expr: Expr | None) -> bool:
        """Tell whether a router comes from a library, so that it has no code here."""
        for name in self.objects.origins(scope, expr):
            kind = self.objects.type_of(name)
            if kind and ":" not in kind:
                return True
        value = self.program.resolve(scope, expr)
        return bool(value.external or (value.type and ":" not in value.type))

    def _decorated(self, registration: Registration) -> None:
        data, scope = registration.data, registration.scope
        call, name = data["call"], data["name"]
        origins = self.objects.origins(scope, base_of(call))
        parents = [each for each in origins if self._router(each)]
        if not parents:
            path = text_of(argument(call, 0, "path")) or ""
            typed = any(self.objects.type_of(each) for each in origins)
            if data["ours"] and not typed and path.startswith("/") and name != "route":
                self.unknown.append(
                    f"{path_of(scope)}:{registration.line}: what `{shown(call[1])}` hangs on cannot be read"
                )
            return
        if name in AROUND_DECORATORS:
            for parent in parents[:1]:
                self._around_function(parent, data.get("handler", ""), AROUND_DECORATORS[name])
            return
        for parent in parents:
            if "handler" in data:
                handler = Handler(data["handler"], is_class=self.program.class_of(data["handler"]) is not None)
            else:
                handler = handler_of(self.objects, self.guards, scope, data["given"], registration.line)
            self._add(parent, scope, call, name, handler, data["position"])

    def _route(self, parent: str, scope: SymbolId, call: Expr, name: str, endpoint: Expr | None) -> None:
        handler = handler_of(self.objects, self.guards, scope, endpoint, call[4])
        if not handler.symbol:
            if not handler.external:
                self.unknown.append(f"{path_of(scope)}:{call[4]}: the handler of `{shown(call)}` cannot be read")
            return
        self._add(parent, scope, call, name, handler, -1)

    def _add(self, parent: str, scope: SymbolId, call: Expr, name: str, handler: Handler, position: int) -> None:
        path, told = self.objects.text(scope, argument(call, 0, "path"))
        guards, known = self.dependencies.of_list(scope, argument(call, -1, "dependencies"), call[4])
        websocket = "websocket" in name
        for symbol, receiver, methods in self._targets(call, name, handler):
            own, own_known = self.dependencies.of_handler(symbol, position, is_class=handler.is_class)
            self.routes.append(
                Route(
                    on=parent, kind="websocket" if websocket else "http", methods=() if websocket else methods,
                    path=path, path_known=told, handler=symbol, receiver=receiver, file=path_of(scope), line=call[4],
                    guards=merged(guards, handler.guards, own), guards_known=known and own_known,
                )
            )  # fmt: skip

    def _targets(self, call: Expr, name: str, handler: Handler) -> Iterator[tuple[SymbolId, SymbolId, tuple[str, ...]]]:
        given = argument(call, 2 if name in {"add_route", "route", "Route"} else -1, "methods")
        methods = tuple(each.upper() for each in keyword_texts(call, 2 if name == "add_route" else -1, "methods") or ())
        if name in HTTP_METHODS:
            methods = (name.upper(),)
        elif handler.is_class and not methods:
            found = False
            for method in HTTP_METHODS:
                defined = self.program.method(handler.symbol, method)
                if defined:
                    found = True
                    yield defined[0], handler.symbol if defined[1] != handler.symbol else "", (method.upper(),)
            if found:
                return
        elif not methods:
            methods = ("GET",) if given is None else ("ANY",)
        symbol, receiver = handler.symbol, handler.receiver
        called = self.program.method(symbol, "__call__") if handler.is_class else None
        if called:
            symbol, receiver = called[0], symbol if called[1] != symbol else ""
        yield symbol, receiver, methods

    def _middleware(self, parent: str, scope: SymbolId, given: Expr | None, line: int, when: str = "") -> None:
        if given is None:
            return
        for each, own in alternatives(given):
            self._stands_around(scope, each, "middleware")
            under = " and ".join(text for text in (when, own) if text)
            found = self.guards.guards(scope, each, "middleware", line, under)
            self.middleware_guards.setdefault(parent, []).extend(found)

    def _around_function(self, parent: str, symbol: SymbolId, reason: str) -> None:
        if symbol:
            self.around.append(Around(symbol, reason))
        if symbol and reason == "middleware" and self.guards.denies(symbol):
            found = self.program.symbol(symbol)
            name = found.qualname.rpartition(".")[2] if found else symbol
            guard = Guard(
                name=name, source="middleware", symbol=symbol, path=path_of(symbol), line=found.line if found else 0
            )
            self.middleware_guards.setdefault(parent, []).append(guard)

    def _stands_around(self, scope: SymbolId, expr: Expr | None, reason: str) -> None:
        handler = handler_of(self.objects, self.guards, scope, expr, 0) if expr is not None else Handler()
        if not handler.symbol:
            return
        if handler.is_class:
            inner = [self.program.method(handler.symbol, each) for each in ("__call__", "dispatch")]
            symbols = [each[0] for each in inner if each] or [handler.symbol]
        else:
            symbols = [handler.symbol]
        self.around.extend(Around(each, reason) for each in symbols)

    def _add_middleware_guards(self) -> None:
        """Middleware stands before everything of its application, mounted applications too."""
        for name, guards in self.middleware_guards.items():
            router = self.tree.routers[name]
            self.tree.routers[name] = router._replace(guards=merged(tuple(reversed(guards)), router.guards))
