"""Flask: routes, blueprints inside blueprints, class-based views, Flask-RESTful and RESTX resources."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from release_harness.steps.evidence.impact.entries.contract import (
    Around,
    Discovery,
    FileView,
    ProgramView,
    Registration,
)
from release_harness.steps.evidence.impact.entries.flask_csrf import Protection, csrf_registrations
from release_harness.steps.evidence.impact.entries.flask_slots import CURRENT, Slots, slot_registrations, wrapping_edges
from release_harness.steps.evidence.impact.entries.flask_views import ClassViews
from release_harness.steps.evidence.impact.entries.guards import GUARD_WORDS, GuardReader, merged
from release_harness.steps.evidence.impact.entries.handlers import Handler, handler_of
from release_harness.steps.evidence.impact.entries.objects import Objects
from release_harness.steps.evidence.impact.entries.passed_objects import held_objects, passed_objects
from release_harness.steps.evidence.impact.entries.reading import (
    HTTP_METHODS,
    base_of,
    index_of,
    is_test_path,
    keyword_texts,
    last_name,
    path_of,
    short_name,
    shown,
)
from release_harness.steps.evidence.impact.entries.routing import Mount, Route, Router, Tree, without_repeats
from release_harness.steps.evidence.impact.entries.wrappers import CANDIDATE, candidates, expand
from release_harness.steps.evidence.impact.expressions import argument, is_call, text_of
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.model.impact import Guard, SymbolId

NAME = "Flask"
APPS = ("flask.Flask", "flask.app.Flask", "quart.Quart", "apiflask.APIFlask")
BLUEPRINTS = (
    "flask.Blueprint", "flask.blueprints.Blueprint", "quart.Blueprint", "flask_smorest.Blueprint", "apiflask.APIBlueprint",
)  # fmt: skip
APIS = (
    "flask_restful.Api", "flask_restx.Api", "flask_restplus.Api", "flask_restx.api.Api", "flask_smorest.Api",
)  # fmt: skip
NAMESPACES = ("flask_restx.Namespace", "flask_restplus.Namespace", "flask_restx.namespace.Namespace")
ROUTERS = (*APPS, *BLUEPRINTS, *APIS, *NAMESPACES)
DECORATORS = ("route", *HTTP_METHODS)
ADDERS = ("add_url_rule", "add_resource")
MOUNTERS = ("register_blueprint", "init_app", "add_namespace")
HOOKS = {
    "before_request": "before each request", "after_request": "after each request", "teardown_request": "after each request",
    "before_app_request": "before each request", "after_app_request": "after each request",
    "teardown_app_request": "after each request", "teardown_appcontext": "after each request",
    "before_first_request": "before each request", "errorhandler": "exception handler", "app_errorhandler": "exception handler",
    "register_error_handler": "exception handler", "context_processor": "context processor",
    "app_context_processor": "context processor", "url_value_preprocessor": "before each request",
    "app_url_value_preprocessor": "before each request", "url_defaults": "before each request",
    "user_loader": "auth loader", "request_loader": "auth loader", "unauthorized_handler": "auth loader",
    "user_lookup_loader": "auth loader", "user_identity_loader": "auth loader", "token_in_blocklist_loader": "auth loader",
    "verify_password": "auth loader", "verify_token": "auth loader", "representation": "representation of every answer",
}  # fmt: skip
LOGIN_LIBRARIES = ("flask_login", "flask_jwt_extended", "flask_httpauth")
APP_WIDE = frozenset(name for name in HOOKS if "app" in name) | {"user_loader", "request_loader"}
BEFORE = frozenset({"before_request", "before_app_request"})


class FlaskFramework:
    """Reads what Flask applications register."""

    name = NAME
    languages = frozenset({"python"})
    libraries: frozenset[str] = frozenset()

    @property
    def runtime_dump(self) -> str:
        """Source of a function that asks the running application."""
        from release_harness.steps.evidence.impact.entries import dumps

        return dumps.FLASK

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return routes, blueprints, resources and what stands around them."""
        yield from _decorated(file)
        index = index_of(file.facts)
        for name in (*ADDERS, *MOUNTERS, *HOOKS):
            for site in index.calls.get(name, ()):
                if base_of(site.call) is not None:
                    data: dict[str, Any] = {"name": name, "call": site.call}
                    yield Registration(NAME, "call", file.id_of(site.scope), site.call[4], data)
        yield from csrf_registrations(file, NAME)
        made = False
        for name in ("Flask", "Quart", "APIFlask", "Api"):
            for site in index.calls.get(name, ()):
                if file.resolve(site.scope, site.call[1]).external in {*APPS, *APIS}:
                    made = True
                    target = site.statement.target if site.statement.value == site.call else None
                    data = {"target": target, "call": site.call}
                    yield Registration(NAME, "created", file.id_of(site.scope), site.call[4], data)
        if made or index.calls.keys() & {"register_blueprint", "add_url_rule"} or "flask" in file.imports:
            yield from passed_objects(file, NAME)
        yield from held_objects(file, NAME)
        yield from slot_registrations(file, NAME)
        yield from candidates(file, NAME, {*DECORATORS, *ADDERS, *MOUNTERS})

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Put blueprints, prefixes and guards together."""
        return _Assembly(found, program).discovery()


def _decorated(file: FileView) -> Iterator[Registration]:
    index = index_of(file.facts)
    for name in (*DECORATORS, *HOOKS):
        for each in index.decorations.get(name, ()):
            base = base_of(each.expr)
            if base is None or (name in DECORATORS and not is_call(each.expr)):
                continue
            on = file.resolve(each.around, base)
            library = on.external or (on.type if ":" not in on.type else "")
            if library and not library.startswith(("flask", "quart", "apiflask")):
                continue
            data = {
                "name": name, "expr": each.expr, "handler": file.id_of(each.symbol), "position": each.position,
                "ours": "flask" in file.imports, "type": on.type, "current": library.endswith(f".{CURRENT}"),
            }  # fmt: skip
            yield Registration(NAME, "decorated", file.id_of(each.around), each.symbol.first_line, data)


class _Assembly:
    def __init__(self, found: Sequence[Registration], program: ProgramView) -> None:
        self.found = [each for each in found if not is_test_path(path_of(each.scope))]
        self.program = program
        self.objects = Objects(program, self.found)
        self.guards = GuardReader(self.objects)
        self.views = ClassViews(self.objects, self.guards)
        self.tree = Tree(NAME)
        self.routes: list[Route] = []
        self.around: list[tuple[SymbolId, str, str]] = []
        self.unknown: list[str] = []

    def discovery(self) -> Discovery:
        for each in self.found:
            if each.kind == "created":
                target = each.data["target"]
                name = self.objects.name_of(each.scope, target) if target else ""
                self._router(name or f"{each.scope}@{each.line}")
        for kind, read in (("call", self._call), ("decorated", self._decorated), (CANDIDATE, self._candidate)):
            for each in self.found:
                if each.kind == kind:
                    read(each)
        protection = Protection(self.found, self.objects, self.guards)
        routes = (entry for route in self.routes for entry in self.tree.entries(route))
        entries = without_repeats(protection.over(routes))
        slots = Slots(self.program, self.objects, APPS)
        self.around.extend((symbol, reason, "") for symbol, reason in slots.around(self.found))
        around = []
        for symbol, reason, on in dict.fromkeys(self.around):
            keys = None if not on else frozenset(each.key for each in entries if self._is_under(each.registered_on, on))
            if keys is None or keys:
                around.append(Around(symbol, reason, keys))
        return Discovery(
            framework=NAME,
            entries=entries,
            edges=tuple(wrapping_edges(self.program, [(each.handler, each.receiver) for each in entries])),
            around=tuple(around) if entries else (),
            unknown=tuple(dict.fromkeys(self.unknown)),
        )

    def _is_under(self, name: str, above: str) -> bool:
        return name == above or any(self._is_under(each.parent, above) for each in self.tree.mounts_of(name))

    def _router(self, name: str) -> bool:
        if name in self.tree.routers:
            return True
        kind = self.objects.type_of(name)
        made = self.objects.creation(name)
        if made is not None and last_name(made[1]) == "namespace":
            parents = [each for each in self.objects.origins(made[0], base_of(made[1])) if self._router(each)]
            if parents:
                self._namespace(name, *made)
                for parent in parents:
                    self.tree.add_mount(Mount(parent, name))
                return True
        if not kind or not self.program.is_a(kind, *ROUTERS):
            return False
        if made is None:
            self.tree.routers[name] = Router(is_app=self.program.is_a(kind, *APPS))
        elif self.program.is_a(kind, *NAMESPACES):
            self._namespace(name, *made)
        elif self.program.is_a(kind, *APIS):
            self._api(name, *made)
        else:
            prefix, _ = self.objects.text(made[0], argument(made[1], -1, "url_prefix"))
            self.tree.routers[name] = Router(prefix, is_app=self.program.is_a(kind, *APPS))
        return True

    def _namespace(self, name: str, scope: SymbolId, call: Expr) -> None:
        path = argument(call, 2 if last_name(call) == "Namespace" else -1, "path")
        title, _ = self.objects.text(scope, argument(call, 0, "name"))
        prefix, _ = self.objects.text(scope, path) if path is not None else ("/" + title, True)
        guards, known = self.guards.of_list(scope, argument(call, -1, "decorators"), "decorator", call[4])
        self.tree.routers[name] = Router("" if prefix == "/" else prefix, guards, known)

    def _api(self, name: str, scope: SymbolId, call: Expr) -> None:
        prefix, _ = self.objects.text(scope, argument(call, -1, "prefix"))
        guards, known = self.guards.of_list(scope, argument(call, -1, "decorators"), "decorator", call[4])
        self.tree.routers[name] = Router(prefix, guards, known)
        self._mount_api(name, scope, argument(call, 0, "app"))

    def _mount_api(self, name: str, scope: SymbolId, app: Expr | None) -> None:
        for parent in self.objects.origins(scope, app):
            if self._router(parent):
                self.tree.add_mount(Mount(parent, name))

    def _parents(self, scope: SymbolId, expr: Expr | None) -> list[str]:
        return [each for each in self.objects.origins(scope, expr) if self._router(each)]

    def _call(self, registration: Registration) -> None:
        data, scope = registration.data, registration.scope
        self._registrar(data["name"], data["call"], scope, scope, whole=True)

    def _registrar(self, name: str, call: Expr, scope: SymbolId, base_scope: SymbolId, *, whole: bool) -> None:
        parents = self._parents(base_scope, base_of(call))
        if name in HOOKS:
            self._hook_call(name, call, scope, parents)
        for parent in parents:
            if name == "register_blueprint":
                self._register(parent, scope, call)
            elif name == "add_namespace":
                self._add_namespace(parent, scope, call)
            elif name == "init_app":
                self._mount_api(parent, scope, argument(call, 0, "app"))
            elif name == "add_url_rule":
                self._add_rule(
                    parent, scope, call, argument(call, 2, "view_func"), [argument(call, 0, "rule")], whole=whole
                )
            elif name == "add_resource":
                self._add_rule(parent, scope, call, argument(call, 0, "resource"), call[2][1:], whole=whole)

    def _register(self, parent: str, scope: SymbolId, call: Expr) -> None:
        given = argument(call, 0, "blueprint")
        over = argument(call, -1, "url_prefix")
        prefix, told = self.objects.text(scope, over)
        replaces = over is not None and over != ["k", None]
        children = self._parents(scope, given) or [each for each in self.objects.held(given) if self._router(each)]
        for child in children:
            self.tree.add_mount(Mount(parent, child, prefix if replaces else "", told, replaces=replaces))
        if children:
            return
        kinds = [self.objects.type_of(each) for each in self.objects.origins(scope, given)]
        value = self.program.resolve(scope, given)
        if value.external or any(kind and ":" not in kind for kind in kinds):
            return
        why = f"{path_of(scope)}:{call[4]}: which blueprint `{shown(call)}` registers cannot be read"
        self.tree.computed.append(why)
        self.unknown.append(why)

    def _add_namespace(self, parent: str, scope: SymbolId, call: Expr) -> None:
        over = argument(call, 1, "path")
        prefix, told = self.objects.text(scope, over)
        for child in self._parents(scope, argument(call, 0, "ns")):
            self.tree.add_mount(Mount(parent, child, "" if prefix == "/" else prefix, told, replaces=over is not None))

    def _decorated(self, registration: Registration) -> None:
        data, scope = registration.data, registration.scope
        name, expr, handler = data["name"], data["expr"], data["handler"]
        origins = self.objects.origins(scope, base_of(expr))
        parents = [each for each in origins if self._router(each)]
        if name in HOOKS:
            if parents or data["current"] or data["type"].startswith(LOGIN_LIBRARIES) or self._is_login(origins):
                self._hook(name, handler, parents)
            return
        if not parents:
            path = text_of(argument(expr, 0, "rule")) or ""
            if data["ours"] and path.startswith("/") and not any(self.objects.type_of(each) for each in origins):
                self.unknown.append(
                    f"{path_of(scope)}:{registration.line}: what `{shown(expr[1])}` hangs on cannot be read"
                )
            return
        found = Handler(handler, is_class=self.program.class_of(handler) is not None)
        for parent in parents:
            rules = expr[2] if found.is_class else [argument(expr, 0, "rule")]
            self._add(parent, scope, expr, name, found, rules, data["position"], whole=True)

    def _is_login(self, origins: tuple[str, ...]) -> bool:
        return any(self.objects.type_of(each).startswith(LOGIN_LIBRARIES) for each in origins)

    def _candidate(self, registration: Registration) -> None:
        data = registration.data
        for each in expand(self.objects, registration, {*ADDERS, *DECORATORS}):
            name = last_name(each.call)
            if name in ADDERS:
                self._registrar(name, each.call, each.scope, each.base_scope, whole=each.whole)
            elif "handler" in data:
                found = Handler(data["handler"], is_class=self.program.class_of(data["handler"]) is not None)
                rules = [argument(each.call, 0, "rule")]
                for parent in self._parents(each.base_scope, base_of(each.call)):
                    self._add(parent, each.scope, each.call, name, found, rules, data["position"], whole=each.whole)

    def _add_rule(
        self, parent: str, scope: SymbolId, call: Expr, view: Expr | None, rules: Sequence[Expr | None], *, whole: bool
    ) -> None:
        handler = handler_of(self.objects, self.guards, scope, view, call[4])
        if handler.symbol:
            self._add(parent, scope, call, last_name(call), handler, rules, -1, whole=whole)
        elif not handler.external and view is not None:
            self.unknown.append(f"{path_of(scope)}:{call[4]}: the handler of `{shown(call)}` cannot be read")

    def _add(
        self, parent: str, scope: SymbolId, call: Expr, name: str, handler: Handler, rules: Sequence[Expr | None], position: int,
        *, whole: bool,
    ) -> None:  # fmt: skip
        given = (name.upper(),) if name in HTTP_METHODS else tuple(keyword_texts(call, -1, "methods") or ())
        targets = list(self.views.targets(handler, tuple(each.upper() for each in given), position))
        for rule in rules:
            if rule is not None and rule[0] == "d":
                continue
            path, told = self.objects.text(scope, rule)
            for symbol, receiver, methods, guards, known in targets:
                self.routes.append(
                    Route(
                        on=parent, kind="http", methods=methods, path=path, path_known=told and whole, handler=symbol,
                        receiver=receiver, file=path_of(scope), line=call[4], guards=merged(handler.guards, guards),
                        guards_known=known,
                    )
                )  # fmt: skip

    def _hook_call(self, name: str, call: Expr, scope: SymbolId, parents: list[str]) -> None:
        given = argument(call, 1 if name == "register_error_handler" else 0, "f")
        if given is None or not (parents or self._is_login(self.objects.origins(scope, base_of(call)))):
            return
        handler = handler_of(self.objects, self.guards, scope, given, call[4])
        if handler.symbol:
            self._hook(name, handler.symbol, parents, self.guards.conditions.around_call(scope, call))

    def _hook(self, name: str, symbol: SymbolId, parents: list[str], when: str = "") -> None:
        wide = name in APP_WIDE or not parents or any(self.tree.routers[each].is_app for each in parents)
        for parent in [""] if wide else parents:
            self.around.append((symbol, HOOKS[name], parent))
        if name in BEFORE and self._refuses(symbol):
            found = self.program.symbol(symbol)
            said = found.qualname.rpartition(".")[2] if found else symbol
            guard = Guard(
                name=said,
                source="hook",
                symbol=symbol,
                path=path_of(symbol),
                line=found.line if found else 0,
                when=when,
            )
            for parent in parents:
                router = self.tree.routers[parent]
                self.tree.routers[parent] = router._replace(guards=merged(router.guards, (guard,)))

    def _refuses(self, symbol: SymbolId) -> bool:
        named = bool(GUARD_WORDS.search(short_name(symbol)))
        return named or bool(self.guards.of_decorators(symbol)) or self.guards.denies(symbol)
