"""Django REST framework's routers: what `router.urls` stands for."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from release_harness.steps.evidence.impact.entries.contract import Registration
from release_harness.steps.evidence.impact.entries.django_views import Target, Views
from release_harness.steps.evidence.impact.entries.handlers import handler_of
from release_harness.steps.evidence.impact.entries.reading import base_of, last_name, short_name
from release_harness.steps.evidence.impact.expressions import argument, is_call, texts_of
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.model.impact import SymbolId

STANDARD = (
    ("list", "GET", False), ("create", "POST", False), ("retrieve", "GET", True), ("update", "PUT", True),
    ("partial_update", "PATCH", True), ("destroy", "DELETE", True),
)  # fmt: skip
ACTIONS_OF_BASES = {
    "ModelViewSet": {name for name, _, _ in STANDARD}, "ReadOnlyModelViewSet": {"list", "retrieve"},
    "ListModelMixin": {"list"}, "CreateModelMixin": {"create"}, "RetrieveModelMixin": {"retrieve"},
    "UpdateModelMixin": {"update", "partial_update"}, "DestroyModelMixin": {"destroy"},
}  # fmt: skip


class Served(NamedTuple):
    """One route of a router."""

    path: str
    path_known: bool
    target: Target
    file: SymbolId
    line: int


class Routers:
    """Reads `router.register(…)`."""

    def __init__(self, views: Views, found: Sequence[Registration]) -> None:
        """Take the views, and the registrations among which those of kind `register` are."""
        self.views = views
        self.objects = views.objects
        self._registered: dict[str, list[Registration]] = {}
        for each in found:
            if each.kind == "register":
                for router in self._routers(each.scope, base_of(each.data["call"])):
                    self._registered.setdefault(router, []).append(each)
        self.read: set[str] = set()

    def _routers(self, scope: SymbolId, expr: Expr | None) -> tuple[str, ...]:
        while expr and is_call(expr) and last_name(expr) == "register":
            expr = base_of(expr)
        return tuple(each for each in self.objects.origins(scope, expr) if self.is_router(each))

    def is_router(self, name: str) -> bool:
        """Tell whether an object is a router of Django REST framework."""
        kind = self.objects.type_of(name)
        if not kind:
            return False
        bases = self.views.bases(kind) if ":" in kind else [kind]
        return any(
            (":" not in base and "rest_framework" in base) or (base.endswith(("Router",)) and ":" not in base)
            for base in bases
        )

    def unread(self) -> Iterator[str]:
        """Yield routers with registrations that no list of URLs holds."""
        yield from (name for name in self._registered if name not in self.read)

    def served(self, router: str) -> Iterator[Served]:
        """Yield the routes of a router."""
        self.read.add(router)
        prefix = self._nested_prefix(router, 0)
        for registration in self._registered.get(router, ()):
            yield from self._of(registration, prefix)

    def _nested_prefix(self, router: str, depth: int) -> str:
        """Return what a nested router puts before its own: `parents/<parent_pk>/`."""
        made = self.objects.creation(router)
        if made is None or "Nested" not in short_name(self.objects.type_of(router)) or depth > 4:  # noqa: PLR2004 - nobody nests deeper
            return ""
        scope, call = made
        own, _ = self.objects.text(scope, argument(call, 1, "parent_prefix"))
        lookup, _ = self.objects.text(scope, argument(call, -1, "lookup"))
        outer = next(
            (self._nested_prefix(each, depth + 1) for each in self._routers(scope, argument(call, 0, "parent_router"))),
            "",
        )
        return f"{outer}{own}/<{lookup or 'parent'}_pk>/"

    def _of(self, registration: Registration, before: str) -> Iterator[Served]:
        scope, call = registration.scope, registration.data["call"]
        prefix, told = self.objects.text(scope, argument(call, 0, "prefix"))
        handler = handler_of(self.objects, self.views.guards, scope, argument(call, 1, "viewset"), call[4])
        if not handler.symbol or not handler.is_class:
            return
        owner = handler.symbol
        bases = self.views.bases(owner)
        given = {action for base in bases if ":" not in base for action in ACTIONS_OF_BASES.get(short_name(base), ())}
        lookup = self._lookup(owner)
        root = f"{before}{prefix}/" if prefix else before
        for action, verb, detail in STANDARD:
            if action in given or self.views.program.method(owner, action):
                path = f"{root}<{lookup}>/" if detail else root
                yield Served(path, told, self.views.action(owner, action, (verb,)), scope, call[4])
        for name, decorator in self._extra(owner):
            detail = argument(decorator, 1, "detail") == ["k", True] or last_name(decorator) == "detail_route"
            methods = texts_of(argument(decorator, 0, "methods")) or ["get"]
            url, _ = self.objects.text(scope, argument(decorator, 3, "url_path"))
            path = (f"{root}<{lookup}>/" if detail else root) + (url or name) + "/"
            verbs = tuple(each.upper() for each in methods)
            yield Served(path, told, self.views.action(owner, name, verbs), scope, call[4])
            for mapped, verb in self._mapped(owner, name):
                yield Served(path, told, self.views.action(owner, mapped, (verb,)), scope, call[4])

    def _lookup(self, owner: SymbolId) -> str:
        for name in ("lookup_url_kwarg", "lookup_field"):
            said = self.views.program.attribute(owner, name)
            if said is not None and said[0][0] == "s":
                return str(said[0][1])
        return "pk"

    def _extra(self, owner: SymbolId) -> Iterator[tuple[str, Expr]]:
        for name, symbol in self._methods(owner).items():
            found = self.views.program.symbol(symbol)
            for each in found.decorators if found else ():
                if is_call(each) and last_name(each) in {"action", "list_route", "detail_route", "link"}:
                    yield name, each

    def _mapped(self, owner: SymbolId, action: str) -> Iterator[tuple[str, str]]:
        """Yield methods added with `@action_name.mapping.post`."""
        for name, symbol in self._methods(owner).items():
            found = self.views.program.symbol(symbol)
            for each in found.decorators if found else ():
                base = base_of(each)
                if base and base[0] == "a" and base[2] == "mapping" and last_name(base[1]) == action:
                    yield name, last_name(each).upper()

    def _methods(self, owner: SymbolId) -> dict[str, SymbolId]:
        methods: dict[str, SymbolId] = {}
        for base in self.views.bases(owner):
            view = self.views.program.class_of(base) if ":" in base else None
            for name, symbol in (view.methods if view else {}).items():
                methods.setdefault(name, symbol)
        return methods
