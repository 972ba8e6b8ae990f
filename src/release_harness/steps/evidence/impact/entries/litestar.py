"""Litestar: handlers, controllers and routers, with the guards of every layer."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from release_harness.steps.evidence.impact.entries.conditions import alternatives
from release_harness.steps.evidence.impact.entries.contract import (
    Around,
    Discovery,
    FileView,
    ProgramView,
    Registration,
)
from release_harness.steps.evidence.impact.entries.guards import GuardReader, merged
from release_harness.steps.evidence.impact.entries.handlers import handler_of
from release_harness.steps.evidence.impact.entries.litestar_plugins import (
    added,
    asking,
    given_handlers,
    hooks_of,
    mark_at,
    runs_in,
    standing,
)
from release_harness.steps.evidence.impact.entries.objects import Objects
from release_harness.steps.evidence.impact.entries.passed_objects import passed_objects
from release_harness.steps.evidence.impact.entries.reading import (
    HTTP_METHODS,
    base_of,
    index_of,
    is_test_path,
    joined,
    keyword_texts,
    last_name,
    path_of,
)
from release_harness.steps.evidence.impact.entries.routing import without_repeats
from release_harness.steps.evidence.impact.expressions import argument, is_call, items_of, text_of
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint, Guard, SymbolId

NAME = "Litestar"
APPS = ("litestar.Litestar", "litestar.app.Litestar", "starlite.Starlite")
ROUTERS = ("litestar.Router", "litestar.router.Router", "starlite.Router")
CONTROLLERS = ("litestar.Controller", "litestar.controller.Controller", "starlite.Controller")
DECORATORS = (*HTTP_METHODS, "route", "websocket", "websocket_listener", "websocket_stream", "asgi")
AROUND = {
    "middleware": "middleware", "exception_handlers": "exception handler", "on_startup": "start or stop of the application",
    "on_shutdown": "start or stop of the application", "lifespan": "start or stop of the application",
    "before_request": "before each request", "after_request": "after each request", "after_response": "after each request",
    "on_app_init": "start or stop of the application",
}  # fmt: skip
DEPTH_LIMIT = 20


class Layer(NamedTuple):
    """What the layers above say."""

    prefix: str = ""
    known: bool = True
    guards: tuple[Guard, ...] = ()
    guards_known: bool = True
    mounted: bool | None = True
    why: str = ""
    depth: int = 0


class LitestarFramework:
    """Reads what Litestar applications register."""

    name = NAME
    languages = frozenset({"python"})
    libraries: frozenset[str] = frozenset()

    @property
    def runtime_dump(self) -> str:
        """Source of a function that asks the running application."""
        from release_harness.steps.evidence.impact.entries import dumps

        return dumps.LITESTAR

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return handlers, applications and routers."""
        index = index_of(file.facts)
        for name in DECORATORS:
            for each in index.decorations.get(name, ()):
                external = file.resolve(each.around, each.expr[1] if is_call(each.expr) else each.expr).external
                if external.startswith(("litestar.", "starlite.")):
                    data = {"name": name, "handler": file.id_of(each.symbol), "expr": each.expr}
                    yield Registration(NAME, "handler", file.id_of(each.around), each.symbol.line, data)
        for name in ("Litestar", "Starlite"):
            for site in index.calls.get(name, ()):
                if file.resolve(site.scope, site.call[1]).external in APPS:
                    yield Registration(NAME, "app", file.id_of(site.scope), site.call[4], {"call": site.call})
        for site in index.calls.get("register", ()):
            if base_of(site.call) is not None and file.imports & {"litestar", "starlite"}:
                yield Registration(NAME, "register", file.id_of(site.scope), site.call[4], {"call": site.call})
        if file.imports & {"litestar", "starlite"}:
            yield from passed_objects(file, NAME)
        yield from given_handlers(file, NAME)

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Walk from the applications down."""
        return _Assembly(found, program).discovery()


class _Assembly:
    def __init__(self, found: Sequence[Registration], program: ProgramView) -> None:
        self.found = [each for each in found if not is_test_path(path_of(each.scope))]
        self.program = program
        self.objects = Objects(program, self.found)
        self.guards = GuardReader(self.objects)
        self.handlers = {each.data["handler"]: each for each in self.found if each.kind == "handler"}
        self.entries: list[EntryPoint] = []
        self.around: list[Around] = []
        self.unknown: list[str] = []
        self.seen: set[str] = set()

    def discovery(self) -> Discovery:
        apps = [each for each in self.found if each.kind == "app"]
        for each in apps:
            call = each.data["call"]
            layer = self._application(each.scope, call)
            self._around(each.scope, call)
            self._list(each.scope, argument(call, 0, "route_handlers"), layer, call[4])
        for each in self.found:
            if each.kind == "register":
                self._register(each)
        self._added(apps)
        rest = (
            Layer(mounted=None, why=self.unknown[0])
            if self.unknown
            else Layer(mounted=False, why="no application holds it")
        )
        if not apps:
            rest = Layer(mounted=None, why="no Litestar application is made in this repository")
        for symbol in self.handlers:
            if symbol not in self.seen:
                owner = self.program.class_of(symbol.rpartition(".")[0])
                if owner is not None:
                    self._controller(owner.symbol, rest)
                else:
                    self._handler(symbol, "", rest)
        return Discovery(
            framework=NAME, entries=without_repeats(self.entries), around=tuple(dict.fromkeys(self.around)),
            unknown=tuple(dict.fromkeys(self.unknown)),
        )  # fmt: skip

    def _register(self, registration: Registration) -> None:
        call, scope = registration.data["call"], registration.scope
        for name in self.objects.origins(scope, base_of(call)):
            if self.objects.is_a(name, *APPS):
                made = self.objects.creation(name)
                layer = self._application(*made) if made else Layer()
                self._list(scope, ["l", [call[2][0]]] if call[2] else None, layer, call[4])

    def _added(self, apps: Sequence[Registration]) -> None:
        """Take what plugins add; where it is not told which application runs one, something unknown holds it."""
        hooks = [(each, hooks_of(self.objects, self.program, each.scope, each.data["call"])) for each in apps]
        for scope, given, line in added(self.found):
            running = [app for app, known in hooks if runs_in(self.program, known, scope)]
            for each in running:
                self._list(scope, given, self._application(each.scope, each.data["call"]), line)
            if not running:
                why = f"{path_of(scope)}:{line} adds it to an application that reading cannot follow"
                self._list(scope, given, Layer(mounted=None, why=why, guards_known=False), line)

    def _application(self, scope: SymbolId, call: Expr) -> Layer:
        """Return the layer of an application, with what its plugins put before every handler."""
        layer = self._deeper(scope, call, Layer())
        hooks = hooks_of(self.objects, self.program, scope, call)
        return layer._replace(guards=merged(asking(self.objects, self.guards, self.found, hooks), layer.guards))

    def _deeper(self, scope: SymbolId, call: Expr, layer: Layer) -> Layer:
        prefix, told = self.objects.text(scope, argument(call, -1, "path"))
        guards, known = self.guards.of_list(scope, argument(call, -1, "guards"), "dependency", call[4])
        guards = merged(self._authenticating(scope, call), guards)
        return layer._replace(
            prefix=joined(layer.prefix, prefix) if prefix else layer.prefix, known=layer.known and told,
            guards=merged(layer.guards, guards), guards_known=layer.guards_known and known, depth=layer.depth + 1,
        )  # fmt: skip

    def _authenticating(self, scope: SymbolId, call: Expr) -> tuple[Guard, ...]:
        """Return the middleware and the parts of the application that ask who calls."""
        found: list[Guard] = []
        for key in ("middleware", "on_app_init"):
            for item in self.guards.conditions.items(scope, argument(call, -1, key)):
                for each, own in alternatives(item.expr):
                    named = argument(each, 0, "middleware") if last_name(each) == "DefineMiddleware" else each
                    named = base_of(named) if last_name(named) == "on_app_init" else named
                    when = " and ".join(text for text in (item.when, own) if text)
                    if named is not None and self.guards.is_guard(item.scope, named):
                        found.append(self.guards.guard(item.scope, named, "middleware", call[4], when=when))
        return tuple(found)

    def _excluded(self, scope: SymbolId, call: Expr, line: int) -> tuple[Guard, ...]:
        """Return the mark of a route that nobody asks who calls it."""
        options = argument(call, -1, "opt")
        said = {"exclude_from_auth": argument(call, -1, "exclude_from_auth")}
        said |= {text_of(key) or "": value for key, value in options[1]} if options and options[0] == "d" else {}
        if said["exclude_from_auth"] not in (None, ["k", False]):
            return (mark_at(scope, line),)
        return ()

    def _list(self, scope: SymbolId, given: Expr | None, layer: Layer, line: int) -> None:
        items, known = self.objects.items(scope, given)
        if not known:
            self.unknown.append(f"{path_of(scope)}:{line}: the list of route handlers cannot be read")
        for there, each in items:
            self._item(there, each, layer)

    def _item(self, scope: SymbolId, expr: Expr, layer: Layer) -> None:
        if layer.depth > DEPTH_LIMIT:
            return
        handler = handler_of(self.objects, self.guards, scope, expr, 0)
        if handler.symbol in self.handlers:
            self._handler(handler.symbol, "", layer)
        elif handler.is_class and self.program.is_a(handler.symbol, *CONTROLLERS):
            self._controller(handler.symbol, layer)
        else:
            for name in self.objects.origins(scope, expr):
                made = self.objects.creation(name)
                if made and self.objects.is_a(name, *ROUTERS):
                    self._around(*made)
                    self._list(made[0], argument(made[1], -1, "route_handlers"), self._deeper(*made, layer), made[1][4])

    def _controller(self, owner: SymbolId, layer: Layer) -> None:
        path = self.program.attribute(owner, "path")
        prefix, told = self.objects.text(path[1], path[0]) if path else ("", True)
        guards, known = self.guards.of_attribute(owner, "guards", "dependency") or ((), True)
        inner = layer._replace(
            prefix=joined(layer.prefix, prefix) if prefix else layer.prefix, known=layer.known and told,
            guards=merged(layer.guards, guards), guards_known=layer.guards_known and known,
        )  # fmt: skip
        view = self.program.class_of(owner)
        names: dict[str, SymbolId] = {}
        for base in [owner, *(view.bases if view else ())]:
            found = self.program.class_of(base) if ":" in base else None
            for name, method in (found.methods if found else {}).items():
                names.setdefault(name, method)
        for method in names.values():
            if method in self.handlers:
                self._handler(method, owner if not method.startswith(f"{owner}.") else "", inner)

    def _handler(self, symbol: SymbolId, receiver: SymbolId, layer: Layer) -> None:
        self.seen.add(symbol)
        registration = self.handlers[symbol]
        expr, scope = registration.data["expr"], registration.scope
        call = expr if is_call(expr) else ["c", expr, [], {}, registration.line]
        guards, known = self.guards.of_list(scope, argument(call, -1, "guards"), "dependency", registration.line)
        mark = self._excluded(scope, call, registration.line)
        given = argument(call, 0, "path")
        listed = items_of(given)
        paths: list[Expr | None] = list(listed) if listed else [given]
        for path, told in [self.objects.text(scope, each) for each in paths]:
            for kind, verb in self._verbs(registration.data["name"], call):
                where = joined(layer.prefix, path)
                before = merged(standing(self.objects, layer.guards, mark, (where, scope, registration.line)), guards)
                self.entries.append(
                    EntryPoint(
                        kind=kind, name=f"{verb} {where}".lstrip(), framework=NAME, handler=symbol, receiver=receiver,
                        path=path_of(symbol), line=registration.line, guards=before,
                        guards_known=layer.guards_known and known, mounted=layer.mounted, why_not_mounted=layer.why,
                        confidence=Confidence.HIGH if told and layer.known else Confidence.MEDIUM,
                    )
                )  # fmt: skip

    def _verbs(self, name: str, call: Expr) -> Iterator[tuple[str, str]]:
        if name.startswith("websocket"):
            yield "websocket", ""
        elif name in HTTP_METHODS:
            yield "http", name.upper()
        elif name == "asgi":
            yield "http", "ANY"
        else:
            for verb in keyword_texts(call, -1, "http_method") or ["ANY"]:
                yield "http", verb.upper()

    def _around(self, scope: SymbolId, call: Expr) -> None:
        for key, reason in AROUND.items():
            given = argument(call, -1, key)
            if given is None:
                continue
            there, value = self.objects.value(scope, given)
            pairs = (
                [(there, pair[1]) for pair in value[1]]
                if value and value[0] == "d"
                else self.objects.items(scope, given)[0]
            )
            for where, each in pairs or [(scope, given)]:
                inner = each[2][0] if is_call(each) and last_name(each) == "DefineMiddleware" and each[2] else each
                handler = handler_of(self.objects, self.guards, where, inner, 0)
                if handler.symbol:
                    run = self.program.method(handler.symbol, "__call__") if handler.is_class else None
                    self.around.append(Around(run[0] if run else handler.symbol, reason))
