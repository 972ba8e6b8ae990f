"""The walk through Django's lists of URLs, from the root of the settings through every `include`."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from release_harness.steps.evidence.impact.entries.contract import Around, Registration
from release_harness.steps.evidence.impact.entries.django_views import DJANGO, Target, Views
from release_harness.steps.evidence.impact.entries.drf import Routers
from release_harness.steps.evidence.impact.entries.guards import merged
from release_harness.steps.evidence.impact.entries.handlers import handler_of
from release_harness.steps.evidence.impact.entries.reading import (
    base_of,
    index_of,
    joined,
    last_name,
    path_of,
    shown,
)
from release_harness.steps.evidence.impact.expressions import argument, dotted, is_call, items_of, text_of
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint, Guard, SymbolId

PATTERNS = frozenset({"path", "re_path", "url"})
DEPTH_LIMIT = 30
LISTS_OF_LIBRARIES = frozenset({"static", "staticfiles_urlpatterns", "debug_toolbar_urls"})


class Found(NamedTuple):
    """One URL as it was read."""

    path: str
    path_known: bool
    target: Target
    module: SymbolId
    line: int
    mounted: bool | None
    why: str
    kind: str = "http"


class State(NamedTuple):
    """Where the walk stands."""

    prefix: str
    known: bool
    mounted: bool | None
    why: str
    depth: int = 0
    guards: tuple[Guard, ...] = ()


class UrlWalk:
    """Walks lists of URLs and notes what it sees."""

    def __init__(self, views: Views, routers: Routers, found: Sequence[Registration]) -> None:
        """Take what reads views and routers, and the registrations."""
        self.views = views
        self.routers = routers
        self.objects = views.objects
        self.program = views.program
        self.registrations = found
        self.seen: set[str] = set()
        self.urls: list[Found] = []
        self.unknown: list[str] = []
        self.computed = ""
        self.admin_mounted: bool | None = None
        self._active: list[str] = []

    def from_roots(self, roots: Sequence[SymbolId]) -> None:
        """Walk from the roots, then say of all other lists that nothing mounts them."""
        for root in roots:
            self._module(root, State("", known=True, mounted=True, why=""))
        self._sockets()
        why = self.computed if roots else "no ROOT_URLCONF of this repository's settings could be read"
        rest = State(
            "",
            known=True,
            mounted=None if why else False,
            why=why or "no list of URLs that is mounted includes this one",
        )
        for each in self.registrations:
            if (
                each.kind == "urls"
                and each.data["name"] == "urlpatterns"
                and path_of(each.scope) + ":" not in self.seen
            ):
                self._module(f"{path_of(each.scope)}:", rest)
        for each in self.registrations:
            if each.kind == "patterns" or (each.kind == "urls" and each.data["name"] != "urlpatterns"):
                name = f"{path_of(each.scope)}:{each.data['name']}"
                if name not in self.seen:
                    self._name(name, rest)
        for router in self.routers.unread():
            self._router(router, rest)
        if self.admin_mounted is None and roots and not self.computed:
            self.admin_mounted = False

    def _sockets(self) -> None:
        for each in self.registrations:
            if each.kind == "sockets":
                state = State("", known=True, mounted=True, why="")
                for there, item in self._items(each.scope, argument(each.data["call"], 0, "routes"), state):
                    self._item(there, item, state)

    def _module(self, module: SymbolId, state: State) -> None:
        if module in self._active or state.depth > DEPTH_LIMIT:
            return
        self.seen.add(module)
        self._active.append(module)
        self._name(f"{module}urlpatterns", state)
        self._active.pop()

    def _name(self, name: str, state: State) -> None:
        self.seen.add(name)
        scope = f"{path_of(name)}:"
        for each in self.objects.definitions(name):
            for there, item in self._items(each.scope, each.expr, state):
                self._item(there, item, state)
        view = self.program.view(path_of(name))
        index = index_of(view.facts) if view else None
        for method in ("append", "extend", "insert"):
            for site in list(index.calls.get(method, ())) if index else ():
                if dotted(base_of(site.call)) == name.rpartition(":")[2] and site.call[2]:
                    given = site.call[2][-1]
                    for there, item in self._items(scope, given if method == "extend" else ["l", [given]], state):
                        self._item(there, item, state)

    def _items(self, scope: SymbolId, expr: Expr | None, state: State) -> Iterator[tuple[SymbolId, Expr]]:
        """Yield the items of a list of URLs through names, sums, stars and functions that return one."""
        if expr is None or state.depth > DEPTH_LIMIT:
            return
        deeper = state._replace(depth=state.depth + 1)
        form = expr[0]
        if form in {"l", "b"}:
            yield from self._items_of_list(scope, expr, deeper)
        elif form == "n" or (form == "a" and expr[2] not in {"urls", "urlpatterns"}):
            name = self.objects.name_of(scope, expr)
            if name in self._active or not name:
                return
            self.seen.add(name)
            self._active.append(name)
            for each in self.objects.definitions(name):
                yield from self._items(each.scope, each.expr, deeper)
            self._active.pop()
        elif form == "a" and expr[2] == "urlpatterns":
            name = self.objects.name_of(scope, expr)
            if name:
                self._name(name, deeper)
        elif form == "a":
            yield scope, expr
        elif form == "c":
            yield from self._items_of_call(scope, expr, deeper)

    def _items_of_list(self, scope: SymbolId, expr: Expr, state: State) -> Iterator[tuple[SymbolId, Expr]]:
        for each in expr[1]:
            if each[0] == "*":
                yield from self._items(scope, each[1], state)
            elif expr[0] == "b":
                yield from self._items(scope, each, state)
            else:
                yield scope, each

    def _items_of_call(self, scope: SymbolId, call: Expr, state: State) -> Iterator[tuple[SymbolId, Expr]]:
        name = last_name(call)
        if name in LISTS_OF_LIBRARIES:
            return
        called = self.program.resolve(scope, call[1])
        symbol = self.program.symbol(called.symbol) if called.symbol else None
        if symbol is not None and symbol.kind != "class":
            for statement in symbol.body:
                if statement.kind == "return":
                    yield from self._items(called.symbol, statement.value, state)
        elif name == "i18n_patterns":
            prefix = state._replace(prefix=joined(state.prefix, "<language>/"), known=False)
            for given in call[2]:
                each = given[1] if given[0] == "*" else ["l", [given]]
                for there, item in self._items(scope, each, state):
                    self._item(there, item, prefix)
        else:
            for given in call[2]:
                yield from self._items(scope, given[1] if given[0] == "*" else given, state)

    def _item(self, scope: SymbolId, expr: Expr, state: State) -> None:
        if expr[0] == "a" and expr[2] == "urls":
            self._urls_of(scope, expr, state)
            return
        if not is_call(expr):
            if expr[0] in {"n", "i"}:
                there, value = self.objects.value(scope, expr)
                if value is not None and is_call(value):
                    self._item(there, value, state)
            return
        name = last_name(expr)
        if name not in PATTERNS:
            for there, item in self._items_of_call(scope, expr, state._replace(depth=state.depth + 1)):
                self._item(there, item, state._replace(depth=state.depth + 1))
            return
        route, told = self.objects.text(scope, _translated(argument(expr, 0, "route") or argument(expr, -1, "regex")))
        if name != "path":
            route = (
                route.removeprefix("^")
                .removesuffix("$")
                .removesuffix(r"\Z")
                .replace(r"\.", ".")
                .replace(r"\-", "-")
                .replace(r"\/", "/")
            )
        here = state._replace(prefix=_after(state.prefix, route), known=state.known and told, depth=state.depth + 1)
        self._view(scope, argument(expr, 1, "view"), here, expr[4])

    def _view(self, scope: SymbolId, view: Expr | None, state: State, line: int) -> None:
        if view is None or state.depth > DEPTH_LIMIT:
            return
        if is_call(view) and last_name(view) == "include":
            self._include(scope, argument(view, 0, "arg"), state, line)
        elif view[0] == "a" and view[2] == "urls":
            self._urls_of(scope, view, state)
        elif view[0] == "l":
            for there, item in self._items(scope, view[1][0] if view[1] and view[1][0][0] == "l" else view, state):
                self._item(there, item, state)
        else:
            targets, handler = self.views.targets(scope, view, line)
            kind = "websocket" if handler.as_view and last_name(handler.as_view) == "as_asgi" else "http"
            for each in targets:
                self.urls.append(Found(state.prefix, state.known, each, scope, line, state.mounted, state.why, kind))
            if not targets and handler.external:
                library = Target(handler.external, "", ("ANY",), handler.guards, guards_known=True)
                self.urls.append(Found(state.prefix, state.known, library, scope, line, state.mounted, state.why, kind))
            elif not targets:
                self.unknown.append(f"{path_of(scope)}:{line}: the view `{shown(view)}` cannot be read")

    def _include(self, scope: SymbolId, given: Expr | None, state: State, line: int) -> None:
        items = items_of(given)
        if items and (len(items) == 2 or (given and given[0] == "l")) and text_of(items[-1]) is not None:  # noqa: PLR2004 - a pair
            given = items[0]
        text, told = self.objects.text(scope, given) if given is not None else ("", False)
        if given is not None and told and text:
            value = self.program.resolve_dotted(text)
            if value.symbol.endswith(":"):
                self._module(value.symbol, state)
            elif value.symbol:
                self._name(value.symbol, state)
            return
        if given is not None and given[0] in {"n", "a"} and given[2:] != ["urls"]:
            module = self.program.resolve(scope, given)
            if module.symbol.endswith(":"):
                self._module(module.symbol, state)
                return
            if module.external and not module.symbol:
                return
        found = False
        for there, item in self._items(scope, given, state):
            found = True
            self._item(there, item, state)
        if not found and (given is None or given[0] not in {"l", "a"}):
            why = f"{path_of(scope)}:{line}: what `{shown(given)}` includes cannot be read"
            self.unknown.append(why)
            self.computed = self.computed or why

    def _urls_of(self, scope: SymbolId, expr: Expr, state: State) -> None:
        base = expr[1]
        if dotted(base).endswith(("admin.site", "admin_site")) or dotted(base) in {"site", "admin"}:
            self.admin_mounted = self.admin_mounted or state.mounted
            return
        for name in self.objects.origins(scope, base):
            if self.routers.is_router(name):
                self._router(name, state)
            elif self.objects.is_a(name, "django.contrib.admin.AdminSite", "django.contrib.admin.sites.AdminSite"):
                self.admin_mounted = self.admin_mounted or state.mounted

    def _router(self, router: str, state: State) -> None:
        for each in self.routers.served(router):
            path = joined(state.prefix, each.path)
            scope = f"{path_of(each.file)}:"
            told = state.known and each.path_known
            self.urls.append(Found(path, told, each.target, scope, each.line, state.mounted, state.why))

    def entries(self, before: tuple[Guard, ...]) -> Iterator[EntryPoint]:
        """Yield the entry points of all URLs; `before` stands in front of each."""
        for each in self.urls:
            target = each.target
            methods = target.methods if each.kind == "http" else ("",)
            for method in methods:
                yield EntryPoint(
                    kind=each.kind, name=f"{method} {joined(each.path)}".lstrip(), framework=target.framework or DJANGO,
                    handler=target.symbol, receiver=target.receiver, path=path_of(each.module), line=each.line,
                    guards=merged(before, target.guards), guards_known=target.guards_known, mounted=each.mounted,
                    why_not_mounted=each.why, confidence=Confidence.HIGH if each.path_known else Confidence.MEDIUM,
                    registered_on=f"{path_of(each.module)}:urlpatterns",
                )  # fmt: skip

    def error_handlers(self) -> Iterator[Around]:
        """Yield the functions that answer errors."""
        for each in self.registrations:
            if each.kind != "error":
                continue
            text = text_of(each.data["value"])
            symbol = (
                self.program.resolve_dotted(text).symbol
                if text
                else handler_of(self.objects, self.views.guards, each.scope, each.data["value"], each.line).symbol
            )
            if symbol:
                yield Around(symbol, "exception handler")


def _translated(expr: Expr | None) -> Expr | None:
    """Return the text inside `_("…")`: a translated path is known by what the source says."""
    if (
        expr is not None
        and is_call(expr)
        and last_name(expr) in {"_", "gettext", "gettext_lazy", "pgettext_lazy"}
        and expr[2]
    ):
        inner: Expr = expr[2][-1]
        return inner
    return expr


def _after(prefix: str, route: str) -> str:
    if not prefix:
        return "/" + route.lstrip("/")
    return prefix + route.lstrip("/") if prefix.endswith("/") else prefix + route
