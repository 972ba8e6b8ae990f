"""aiohttp: routes on applications and tables, class-based views, sub-applications, middleware."""

from collections.abc import Iterable, Iterator, Sequence

from release_harness.steps.evidence.impact.entries.conditions import Item, under_condition
from release_harness.steps.evidence.impact.entries.contract import (
    Around,
    Discovery,
    FileView,
    ProgramView,
    Registration,
)
from release_harness.steps.evidence.impact.entries.guards import GuardReader, merged
from release_harness.steps.evidence.impact.entries.handlers import Handler, handler_of
from release_harness.steps.evidence.impact.entries.objects import Objects
from release_harness.steps.evidence.impact.entries.passed_objects import passed_objects
from release_harness.steps.evidence.impact.entries.reading import (
    HTTP_METHODS,
    base_of,
    index_of,
    is_test_path,
    last_name,
    path_of,
    short_name,
    shown,
)
from release_harness.steps.evidence.impact.entries.routing import Mount, Route, Router, Tree, without_repeats
from release_harness.steps.evidence.impact.entries.wrappers import CANDIDATE, candidates, expand
from release_harness.steps.evidence.impact.expressions import argument, is_call, text_of
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.model.impact import SymbolId

NAME = "aiohttp"
APPS = ("aiohttp.web.Application", "aiohttp.web_app.Application")
TABLES = ("aiohttp.web.RouteTableDef", "aiohttp.web_routedef.RouteTableDef")
VERBS = (*HTTP_METHODS[:-1], "view", "route")
ADDERS = {f"add_{verb}": verb for verb in VERBS}
HOOKS = {
    "on_startup": "start or stop of the application", "on_shutdown": "start or stop of the application",
    "on_cleanup": "start or stop of the application", "cleanup_ctx": "start or stop of the application",
    "on_response_prepare": "after each request", "middlewares": "middleware",
}  # fmt: skip


class AiohttpFramework:
    """Reads what aiohttp servers register."""

    name = NAME
    languages = frozenset({"python"})
    libraries: frozenset[str] = frozenset()

    @property
    def runtime_dump(self) -> str:
        """Source of a function that asks the running application."""
        from release_harness.steps.evidence.impact.entries import dumps

        return dumps.AIOHTTP

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return routes, sub-applications and what stands around them."""
        index = index_of(file.facts)
        yield from _decorated(file)
        yield from _hooks(file)
        for name in (*ADDERS, "add_routes", "add_subapp"):
            for site in index.calls.get(name, ()):
                if base_of(site.call) is not None:
                    yield Registration(
                        NAME, "call", file.id_of(site.scope), site.call[4], {"name": name, "call": site.call}
                    )
        for site in index.calls.get("Application", ()):
            if file.resolve(site.scope, site.call[1]).external in APPS:
                target = site.statement.target if site.statement.value == site.call else None
                yield Registration(
                    NAME, "created", file.id_of(site.scope), site.call[4], {"target": target, "call": site.call}
                )
        if "aiohttp" in file.imports or index.calls.keys() & {"add_routes", "add_subapp"}:
            yield from passed_objects(file, NAME)
            yield from candidates(file, NAME, (*ADDERS, "add_routes", "add_subapp", *VERBS))

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Put applications, tables and handlers together."""
        return _Assembly(found, program).discovery()


def _decorated(file: FileView) -> Iterator[Registration]:
    index = index_of(file.facts)
    for name in VERBS:
        for each in index.decorations.get(name, ()):
            base = base_of(each.expr)
            if base is None or not is_call(each.expr):
                continue
            on = file.resolve(each.around, base)
            if on.type in TABLES or (not on.type and "aiohttp" in file.imports):
                data = {
                    "name": name,
                    "call": each.expr,
                    "handler": file.id_of(each.symbol),
                    "position": each.position,
                }
                yield Registration(NAME, "decorated", file.id_of(each.around), each.symbol.first_line, data)


def _hooks(file: FileView) -> Iterator[Registration]:
    index = index_of(file.facts)
    for name in ("append", "extend"):
        for site in index.calls.get(name, ()):
            base = base_of(site.call)
            if base and base[0] == "a" and base[2] in HOOKS:
                yield Registration(
                    NAME, "hook", file.id_of(site.scope), site.call[4], {"name": base[2], "call": site.call}
                )


class _Assembly:
    def __init__(self, found: Sequence[Registration], program: ProgramView) -> None:
        self.found = [each for each in found if not is_test_path(path_of(each.scope))]
        self.program = program
        self.objects = Objects(program, self.found)
        self.guards = GuardReader(self.objects)
        self.tree = Tree(NAME)
        self.expanded: set[SymbolId] = set()
        self.within: SymbolId = ""
        """Function of the project whose registrations are read for a caller; its own names mean something there alone."""
        self.routes: list[Route] = []
        self.around: list[Around] = []
        self.unknown: list[str] = []

    def discovery(self) -> Discovery:
        for kind, read in (
            ("created", self._created),
            (CANDIDATE, self._candidate),
            ("call", self._call),
            ("hook", self._hook),
            ("decorated", self._decorated),
        ):
            for each in self.found:
                if each.kind == kind:
                    read(each)
        entries = without_repeats(entry for route in self.routes for entry in self.tree.entries(route))
        return Discovery(
            framework=NAME, entries=entries, around=tuple(dict.fromkeys(self.around)) if entries else (),
            unknown=tuple(dict.fromkeys(self.unknown)),
        )  # fmt: skip

    def _router(self, name: str) -> bool:
        if name in self.tree.routers:
            return True
        kind = self.objects.type_of(name)
        if not kind or not self.program.is_a(kind, *APPS, *TABLES):
            return False
        self.tree.routers[name] = Router(is_app=self.program.is_a(kind, *APPS))
        made = self.objects.creation(name)
        given = argument(made[1], -1, "middlewares") if made else None
        for each in self.guards.conditions.items(made[0], given) if made else ():
            self._middleware(name, each, made[1][4] if made else 0)
        return True

    def _owners(self, scope: SymbolId, expr: Expr | None) -> list[str]:
        while expr and expr[0] == "a" and expr[2] in {"router", *HOOKS}:
            expr = expr[1]
        return [each for each in self.objects.origins(scope, expr) if self._router(each)]

    def _created(self, registration: Registration) -> None:
        target = registration.data["target"]
        name = self.objects.name_of(registration.scope, target) if target else ""
        self._router(name or f"{registration.scope}@{registration.line}")

    def _candidate(self, registration: Registration) -> None:
        """Read what a function of the project registers for one of its callers."""
        function, seen = registration.data["function"], False
        self.within = function
        for each in expand(self.objects, registration, (*ADDERS, "add_routes")):
            seen = True
            data = {"name": last_name(each.call), "call": each.call, "on": each.base_scope}
            self._call(registration._replace(scope=each.scope, data=data))
        self.within = ""
        if seen and self._all_callers_known(function):
            self.expanded.add(function)

    def _all_callers_known(self, function: SymbolId) -> bool:
        """Tell whether each caller of a private function was read, so that it registers nothing else."""
        name = short_name(function)
        view = self.program.view(path_of(function))
        calls = index_of(view.facts).calls.get(name, []) if view is not None and name.startswith("_") else []
        known = [each for each in self.found if each.kind == CANDIDATE and each.data["function"] == function]
        return bool(calls) and len(calls) == len(known)

    def _call(self, registration: Registration) -> None:
        name, call, scope = registration.data["name"], registration.data["call"], registration.scope
        base, on = base_of(call), registration.data.get("on", scope)
        resource = self.objects.value(scope, base)[1] if base else None
        for owner in self._owners(on, base):
            if name == "add_subapp":
                prefix, told = self.objects.text(scope, argument(call, 0, "prefix"))
                for child in self._owners(scope, argument(call, 1, "subapp")):
                    self.tree.add_mount(Mount(owner, child, prefix, told))
            elif name == "add_routes":
                self._list(owner, scope, argument(call, 0, "routes"), call[4])
            else:
                self._route(owner, scope, call, ADDERS[name])
        if name == "add_route" and resource and is_call(resource) and last_name(resource) == "add_resource":
            path = argument(resource, 0, "path")
            for owner in self._owners(scope, base_of(resource)):
                self._route(owner, scope, ["c", call[1], [call[2][0], path, *call[2][1:]], call[3], call[4]], "route")

    def _list(self, owner: str, scope: SymbolId, given: Expr | None, line: int) -> None:
        tables = self._owners(scope, given) if given and given[0] in {"n", "a"} else []
        for table in tables:
            self.tree.add_mount(Mount(owner, table))
        if tables:
            return
        items, known = self.objects.items(scope, given)
        if not known:
            why = f"{path_of(scope)}:{line}: the routes that are added cannot be read"
            self.unknown.append(why)
            self.tree.computed.append(why)
        for there, each in items:
            if is_call(each) and last_name(each) in VERBS:
                self._route(owner, there, each, last_name(each))

    def _decorated(self, registration: Registration) -> None:
        data, scope = registration.data, registration.scope
        handler = Handler(data["handler"], is_class=self.program.class_of(data["handler"]) is not None)
        for owner in self._owners(scope, base_of(data["call"])):
            self._add(owner, scope, data["call"], data["name"], handler, data["position"])

    def _route(self, owner: str, scope: SymbolId, call: Expr, verb: str) -> None:
        given = argument(call, 2 if verb == "route" else 1, "handler")
        handler = handler_of(self.objects, self.guards, scope, given, call[4])
        if not handler.known and self.within:
            handler = handler_of(self.objects, self.guards, self.within, given, call[4])
        if handler.symbol:
            self._add(owner, scope, call, verb, handler, -1)
        elif not handler.external:
            self.unknown.append(f"{path_of(scope)}:{call[4]}: the handler of `{shown(call)}` cannot be read")

    def _add(self, owner: str, scope: SymbolId, call: Expr, verb: str, handler: Handler, position: int) -> None:
        path, told = self.objects.text(scope, argument(call, 1 if verb == "route" else 0, "path"))
        if not told and scope in self.expanded:
            return  # its callers say the path
        said = text_of(argument(call, 0, "method")) if verb == "route" else verb
        method = (said or "ANY").upper().replace("*", "ANY")
        for symbol, receiver, methods in self._targets(handler, method):
            own = self.guards.of_decorators(symbol, below=-1 if handler.is_class else position)
            self.routes.append(
                Route(
                    on=owner, kind="http", methods=methods, path=path, path_known=told, handler=symbol, receiver=receiver,
                    file=path_of(scope), line=call[4], guards=merged(handler.guards, own),
                )
            )  # fmt: skip

    def _targets(self, handler: Handler, method: str) -> Iterator[tuple[SymbolId, SymbolId, tuple[str, ...]]]:
        if not handler.is_class:
            yield handler.symbol, handler.receiver, (method,)
            return
        for verb in HTTP_METHODS[:-1]:
            defined = self.program.method(handler.symbol, verb)
            if defined and method in {"VIEW", "ANY", verb.upper()}:
                yield defined[0], handler.symbol if defined[1] != handler.symbol else "", (verb.upper(),)

    def _hook(self, registration: Registration) -> None:
        name, call, scope = registration.data["name"], registration.data["call"], registration.scope
        owners = self._owners(scope, base_of(call))
        given = argument(call, 0)
        conditions = self.guards.conditions
        many = last_name(call) == "extend"
        items = conditions.items(scope, given) if many else [Item(scope, given)] if given else []
        under = conditions.around_call(scope, call)
        for each in items if owners else ():
            if name == "middlewares":
                for owner in owners:
                    self._middleware(owner, under_condition(each, under), registration.line)
            else:
                self._stands(each.scope, each.expr, HOOKS[name])

    def _middleware(self, owner: str, item: Item, line: int) -> None:
        self._stands(item.scope, item.expr, "middleware")
        guards = tuple(self.guards.guards(item.scope, item.expr, "middleware", line, item.when))
        router = self.tree.routers[owner]
        self.tree.routers[owner] = router._replace(guards=merged(router.guards, guards))

    def _stands(self, scope: SymbolId, expr: Expr, reason: str) -> None:
        handler = handler_of(self.objects, self.guards, scope, expr, 0)
        if handler.symbol:
            self.around.append(Around(handler.symbol, reason))
