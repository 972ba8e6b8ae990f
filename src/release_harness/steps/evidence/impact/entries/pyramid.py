"""Pyramid: named routes and the views configured for them, permissions, directives of the project's own, tweens."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from release_harness.steps.evidence.impact.entries.conditions import Item
from release_harness.steps.evidence.impact.entries.contract import (
    Around,
    Discovery,
    FileView,
    ProgramView,
    Registration,
)
from release_harness.steps.evidence.impact.entries.guards import GuardReader, merged
from release_harness.steps.evidence.impact.entries.handlers import handler_of
from release_harness.steps.evidence.impact.entries.objects import Objects
from release_harness.steps.evidence.impact.entries.pyramid_cornice import (
    Cornice,
    CorniceView,
    cornice_registrations,
    is_exception,
)
from release_harness.steps.evidence.impact.entries.pyramid_defaults import Defaults, default_registrations
from release_harness.steps.evidence.impact.entries.reading import (
    HTTP_METHODS,
    base_of,
    index_of,
    is_test_path,
    joined,
    last_name,
    path_of,
    shown,
)
from release_harness.steps.evidence.impact.entries.routing import without_repeats
from release_harness.steps.evidence.impact.entries.wrappers import CANDIDATE, candidates, expand
from release_harness.steps.evidence.impact.expressions import argument, is_call, items_of, text_of
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint, Guard, SymbolId

NAME = "Pyramid"
VIEW_DECORATORS = {
    "view_config": "",
    "view_defaults": "",
    "notfound_view_config": "",
    "forbidden_view_config": "",
    "exception_view_config": "",
}
CALLS = ("add_route", "add_view", "add_tween", "set_security_policy", "set_authentication_policy", "set_authorization_policy",
         "add_directive", "include", "add_exception_view", "add_notfound_view", "add_forbidden_view", "add_subscriber")  # fmt: skip
GUARD_OPTIONS = (
    "permission",
    "require_reauth",
    "require_csrf",
    "has_permission",
    "is_authenticated",
    "effective_principals",
)
ERROR_VIEWS = frozenset(VIEW_DECORATORS) - {"view_config", "view_defaults"}


class View(NamedTuple):
    """One view as configured."""

    options: dict[str, Expr]
    scope: SymbolId
    line: int
    symbol: SymbolId
    receiver: SymbolId
    guards: tuple[Guard, ...]


class PyramidFramework:
    """Reads what Pyramid applications configure."""

    name = NAME
    languages = frozenset({"python"})
    libraries: frozenset[str] = frozenset()

    @property
    def runtime_dump(self) -> str:
        """Source of a function that asks the running application."""
        from release_harness.steps.evidence.impact.entries import dumps

        return dumps.PYRAMID

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return routes, views, directives and what stands around them."""
        index = index_of(file.facts)
        yield from _views(file)
        yield from _configured(file)
        yield from default_registrations(file, NAME)
        yield from cornice_registrations(file, NAME)
        if index.calls.keys() & {"Configurator"}:
            for site in index.calls["Configurator"]:
                if file.resolve(site.scope, site.call[1]).external.startswith("pyramid"):
                    yield Registration(NAME, "app", file.id_of(site.scope), site.call[4], {"call": site.call})
        if "pyramid" in file.imports:
            yield from candidates(file, NAME, CALLS)

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Join views with their routes."""
        return _Assembly(found, program).discovery()


def _views(file: FileView) -> Iterator[Registration]:
    index = index_of(file.facts)
    for name in (*VIEW_DECORATORS, "xmlrpc_method", "rpc_method"):
        for each in index.decorations.get(name, ()):
            checker = file.resolve(each.around, each.expr[1] if is_call(each.expr) else each.expr)
            if checker.external.startswith("pyramid") or (checker.symbol and "xmlrpc" in name):
                data = {"name": name, "expr": each.expr, "handler": file.id_of(each.symbol)}
                yield Registration(NAME, "view", file.id_of(each.around), each.symbol.line, data)


def _configured(file: FileView) -> Iterator[Registration]:
    index = index_of(file.facts)
    for name in CALLS:
        for site in index.calls.get(name, ()):
            base = base_of(site.call)
            if base and last_name(base).endswith(("config", "configurator")):
                yield Registration(
                    NAME, "call", file.id_of(site.scope), site.call[4], {"name": name, "call": site.call}
                )
    for name, sites in index.calls.items():
        if name.startswith("add_") and name not in CALLS:
            for site in sites:
                base = base_of(site.call)
                if base and last_name(base).endswith(("config", "configurator")):
                    data = {"name": name, "call": site.call}
                    yield Registration(NAME, "directive", file.id_of(site.scope), site.call[4], data)


class _Assembly:
    def __init__(self, found: Sequence[Registration], program: ProgramView) -> None:
        self.found = [each for each in found if not is_test_path(path_of(each.scope))]
        self.program = program
        self.objects = Objects(program, self.found)
        self.guards = GuardReader(self.objects)
        self.cornice = Cornice(self.found, self.objects)
        self.routes: dict[str, list[tuple[str, bool, SymbolId, int]]] = {}
        self.views: list[View] = []
        self.around: list[Around] = []
        self.unknown: list[str] = []
        self.prefixes: dict[SymbolId, str] = {}

    def discovery(self) -> Discovery:
        self._serve()
        calls = [each for each in self.found if each.kind == "call"]
        for each in calls:
            if each.data["name"] == "include":
                self._include(each)
        for each in calls:
            self._call(each.data["name"], each.data["call"], each.scope)
        self._directives(calls)
        for each in self.found:
            if each.kind == "view":
                self._view(each)
            elif each.kind == CANDIDATE and not self.cornice.made_by_a_copy(each.data["function"]):
                for inner in expand(self.objects, each, ("add_route", "add_view")):
                    self._call(last_name(inner.call), inner.call, inner.scope)
        if not (self.routes or any(each.kind == "app" for each in self.found)):
            return Discovery(framework=NAME)
        made = (entry for view in self.views for entry in self._entries(view))
        entries = without_repeats(Defaults(self.found, self.guards).over(made))
        return Discovery(
            framework=NAME,
            entries=entries,
            around=tuple(dict.fromkeys(self.around)),
            unknown=tuple(dict.fromkeys(self.unknown)),
        )

    def _serve(self) -> None:
        """Add a route for each path of services and resources, and their views on it."""
        views = tuple(self.cornice.views())
        for each in views:
            self.routes.setdefault(
                f"service {each.path}", [(joined(each.path), each.path_known, each.scope, each.line)]
            )
            self._served(each, self.guards.of_decorators(each.handler))
        for method, scope, call in self.cornice.every():
            made = handler_of(self.objects, self.guards, scope, call[3].get("view") or argument(call, 1), call[4])
            for path in dict.fromkeys(each.path for each in views if made.symbol):
                place = {"path": path, "path_known": True, "scope": scope, "line": call[4]}
                of_all = CorniceView(
                    method=method, handler=made.symbol, receiver=made.receiver, options=call[3], **place
                )
                self._served(of_all, made.guards)

    def _served(self, view: CorniceView, guards: tuple[Guard, ...]) -> None:
        options = {key: value for key, value in view.options.items() if key in GUARD_OPTIONS or key == "decorator"}
        options |= {"route_name": ["s", f"service {view.path}"], "request_method": ["s", view.method]}
        self.views.append(View(options, view.scope, view.line, view.handler, view.receiver, guards))

    def _include(self, registration: Registration) -> None:
        call = registration.data["call"]
        prefix = text_of(argument(call, 1, "route_prefix"))
        if prefix is None:
            return
        text, _ = self.objects.text(registration.scope, argument(call, 0, "callable"))
        absolute = text if not text.startswith(".") else ""
        value = (
            self.program.resolve_dotted(absolute) if absolute else self.program.resolve(registration.scope, call[2][0])
        )
        if value.symbol.endswith(":"):
            self.prefixes[f"{value.symbol}includeme"] = prefix
        elif value.symbol:
            self.prefixes[value.symbol] = prefix

    def _directives(self, calls: Sequence[Registration]) -> None:
        """Expand the methods that the project adds to the configurator itself."""
        added: dict[str, SymbolId] = {}
        for each in calls:
            if each.data["name"] == "add_directive":
                name = text_of(argument(each.data["call"], 0, "name"))
                made = handler_of(
                    self.objects, self.guards, each.scope, argument(each.data["call"], 1, "directive"), each.line
                )
                if name and made.symbol:
                    added[name] = made.symbol
        for each in self.found:
            function = added.get(each.data["name"]) if each.kind == "directive" else None
            if function and not self.cornice.made_by_a_copy(function):
                self._directive(each, function)

    def _directive(self, each: Registration, function: SymbolId) -> None:
        call = each.data["call"]
        given = ["c", call[1], [base_of(call), *call[2]], call[3], call[4]]
        as_call = each._replace(data={"function": function, "call": given, "name": each.data["name"]})
        for inner in expand(self.objects, as_call, ("add_route", "add_view")):
            made = inner.call
            if last_name(made) == "add_view":
                self._added_view(made, each.scope, library_owner=function)
            else:
                self._call("add_route", made, each.scope)

    def _call(self, name: str, call: Expr, scope: SymbolId) -> None:
        if self.cornice.made_by_a_copy(scope) and name in {"add_route", "add_view"} and "context" not in call[3]:
            return
        if name == "add_route":
            route, told = self.objects.text(scope, argument(call, 0, "name"))
            pattern, known = self.objects.text(scope, argument(call, 1, "pattern"))
            prefix = self.prefixes.get(scope, "")
            self.routes.setdefault(route, []).append((joined(prefix, pattern), told and known, scope, call[4]))
            if argument(call, -1, "view") is not None:
                self._added_view(call, scope, {"route_name": call[2][0] if call[2] else ["s", route]})
        elif name == "add_view":
            self._added_view(call, scope)
        elif name == "add_tween":
            text, _ = self.objects.text(scope, argument(call, 0, "tween_factory"))
            self._stands(self.program.resolve_dotted(text).symbol, "middleware")
        elif name.startswith("set_"):
            self._stands(
                handler_of(self.objects, self.guards, scope, argument(call, 0, "policy"), call[4]).symbol, "auth loader"
            )
        elif name == "add_subscriber":
            text = text_of(argument(call, 1, "iface")) or shown(argument(call, 1, "iface"))
            if "Request" in text or "Response" in text:
                handler = handler_of(self.objects, self.guards, scope, argument(call, 0, "subscriber"), call[4])
                self._stands(handler.symbol, "before each request" if "Request" in text else "after each request")
        elif name in {"add_exception_view", "add_notfound_view", "add_forbidden_view"}:
            self._stands(
                handler_of(self.objects, self.guards, scope, argument(call, 0, "view"), call[4]).symbol,
                "exception handler",
            )

    def _stands(self, symbol: SymbolId, reason: str) -> None:
        if symbol:
            self.around.append(Around(symbol, reason))

    def _added_view(
        self, call: Expr, scope: SymbolId, more: dict[str, Expr] | None = None, library_owner: SymbolId = ""
    ) -> None:
        handler = handler_of(
            self.objects,
            self.guards,
            scope,
            argument(call, 0, "view") if more is None else call[3].get("view"),
            call[4],
        )
        symbol = handler.symbol or library_owner
        if is_exception(self.program, scope, call[3].get("context")):
            self._stands(symbol, "exception handler")
            return
        if not symbol:
            if not handler.external and not self._is_template_alone(call, scope, more):
                self.unknown.append(f"{path_of(scope)}:{call[4]}: the view of `{shown(call)}` cannot be read")
            return
        options = {**call[3], **(more or {})}
        attribute = text_of(options.get("attr"))
        receiver = handler.receiver
        if handler.is_class:
            options = {**self._defaults(symbol), **options}
            run = self.program.method(symbol, attribute or "__call__")
            if run:
                receiver = symbol if run[1] != symbol else ""
                symbol = run[0]
        guards = () if library_owner else self.guards.of_decorators(symbol)
        self.views.append(View(options, scope, call[4], symbol, receiver, merged(handler.guards, guards)))

    def _is_template_alone(self, call: Expr, scope: SymbolId, more: dict[str, Expr] | None) -> bool:
        """Tell whether a view is a template without code of its own, so that there is nothing to be read."""
        view = argument(call, 0, "view") if more is None else call[3].get("view")
        if view is not None or "renderer" not in call[3]:
            return False
        spread = call[3].get("**")
        function = self.program.symbol(scope)
        # What a wrapper is handed stands at its callers, which are read with it put in.
        handed = {each.name for each in function.parameters} if function else set()
        return spread is None or spread[0] == "k" or (spread[0] == "n" and spread[1] in handed)

    def _defaults(self, owner: SymbolId) -> dict[str, Expr]:
        view = self.program.class_of(owner)
        for base in [owner, *(view.bases if view else ())]:
            symbol = self.program.symbol(base) if ":" in base else None
            for each in symbol.decorators if symbol else ():
                if is_call(each) and last_name(each) == "view_defaults":
                    return dict(each[3])
        return {}

    def _view(self, registration: Registration) -> None:
        data = registration.data
        name, expr, symbol = data["name"], data["expr"], data["handler"]
        options = dict(expr[3]) if is_call(expr) else {}
        if name == "view_defaults":
            return
        if name in ERROR_VIEWS or is_exception(self.program, registration.scope, options.get("context")):
            self._stands(symbol, "exception handler")
            return
        receiver = ""
        owner = symbol.rpartition(".")[0]
        if self.program.class_of(symbol) is not None:
            options = {**self._defaults(symbol), **options}
            run = self.program.method(symbol, text_of(options.get("attr")) or "__call__")
            if run:
                symbol, receiver = run[0], symbol if run[1] != symbol else ""
        elif owner and self.program.class_of(owner) is not None:
            options = {**self._defaults(owner), **options}
        skip = self._positions(data["handler"])
        if "xmlrpc" in name or name == "rpc_method":
            options["route_name"] = ["s", f"xmlrpc {text_of(options.get('method')) or symbol.rpartition(':')[2]}"]
        guards = self.guards.of_decorators(data["handler"], skip)
        self.views.append(View(options, registration.scope, registration.line, symbol, receiver, guards))

    def _positions(self, symbol_id: SymbolId) -> list[int]:
        symbol = self.program.symbol(symbol_id)
        names = (*VIEW_DECORATORS, "xmlrpc_method", "rpc_method")
        return [at for at, each in enumerate(symbol.decorators if symbol else ()) if last_name(each) in names]

    def _entries(self, view: View) -> Iterator[EntryPoint]:
        guards, known = self._option_guards(view)
        given = view.options.get("route_name")
        route, told = self.objects.text(view.scope, given) if given else ("", True)
        found = self.routes.get(route, [])
        mounted: bool | None = True
        why = ""
        if route.startswith("xmlrpc "):
            found = [(f"/{route}", True, view.scope, view.line)]
        elif given is None:
            found = [(f"/{text_of(view.options.get('name')) or ''}", True, view.scope, view.line)]
            if "context" in view.options:
                found = [(f"/{{{shown(view.options['context'])}}}{found[0][0]}", True, view.scope, view.line)]
        elif not found:
            mounted, why = (
                (False, f"no route is named `{route}`") if told else (None, "the name of its route cannot be read")
            )
            found = [(f"/{{{route}}}", False, view.scope, view.line)]
        for pattern, exact, _, _ in found:
            for method in self._methods(view):
                yield EntryPoint(
                    kind="http", name=f"{method} {pattern}", framework=NAME, handler=view.symbol, receiver=view.receiver,
                    path=path_of(view.scope), line=view.line, guards=merged(view.guards, guards), guards_known=known,
                    mounted=mounted, why_not_mounted=why, registered_on=route,
                    confidence=Confidence.HIGH if exact else Confidence.MEDIUM,
                )  # fmt: skip

    def _methods(self, view: View) -> list[str]:
        given = view.options.get("request_method") or view.options.get("require_methods")
        found = [text_of(each) for each in items_of(given) or ([given] if given else [])]
        methods = [each.upper() for each in found if each and each.lower() in HTTP_METHODS]
        return methods or ["ANY"]

    def _option_guards(self, view: View) -> tuple[tuple[Guard, ...], bool]:
        found: list[Guard] = []
        for name in GUARD_OPTIONS:
            value = view.options.get(name)
            if value is not None and not (name == "require_reauth" and value == ["k", False]):
                resolved = self.program.resolve(view.scope, value)
                weak = value == ["k", False] or shown(value).endswith("NO_PERMISSION_REQUIRED")
                found.append(
                    Guard(
                        name=f"{name}={shown(value)}", source="option", symbol=resolved.symbol or resolved.external,
                        path=path_of(view.scope), line=view.line, weak=weak,
                    )
                )  # fmt: skip
        decorators = view.options.get("decorator")
        items = self.guards.conditions.items(view.scope, decorators)
        if decorators and len(items) == 1 and not items[0].read:
            items = [Item(view.scope, decorators)]  # one decorator is no list
        for each in items:
            found.extend(self.guards.guards_of_item(each, "decorator", view.line))
        return tuple(found), all(each.read for each in items) and "**" not in view.options
