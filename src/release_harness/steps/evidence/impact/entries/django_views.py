"""Views of Django and Django REST framework: which method answers which verb, and what stands before it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from release_harness.steps.evidence.impact.entries.guards import GUARD_WORDS, GuardReader, is_weak, merged
from release_harness.steps.evidence.impact.entries.handlers import Handler, handler_of
from release_harness.steps.evidence.impact.entries.objects import Objects
from release_harness.steps.evidence.impact.entries.reading import (
    HTTP_METHODS,
    last_name,
    line_of,
    path_of,
    short_name,
    shown,
)
from release_harness.steps.evidence.impact.expressions import argument, is_call, items_of, text_of
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.model.impact import Guard, SymbolId

DJANGO = "Django"
REST = "Django REST framework"
REQUIRED_METHODS = {"require_GET": ("GET",), "require_POST": ("POST",), "require_safe": ("GET",)}
VERBS_OF_BASES = {
    **dict.fromkeys(("TemplateView", "ListView", "DetailView", "ArchiveIndexView", "YearArchiveView", "MonthArchiveView",
                     "DayArchiveView", "DateDetailView", "TodayArchiveView", "WeekArchiveView", "RedirectView",
                     "ListAPIView", "RetrieveAPIView", "PasswordResetDoneView", "PasswordResetCompleteView",
                     "PasswordChangeDoneView", "SpectacularAPIView", "JavaScriptCatalog"), ("get",)),
    **dict.fromkeys(("FormView", "CreateView", "UpdateView", "DeleteView", "LoginView", "PasswordResetView",
                     "PasswordResetConfirmView", "PasswordChangeView"), ("get", "post")),
    "LogoutView": ("post",), "CreateAPIView": ("post",), "DestroyAPIView": ("delete",), "UpdateAPIView": ("put", "patch"),
    "ListCreateAPIView": ("get", "post"), "RetrieveUpdateAPIView": ("get", "put", "patch"),
    "RetrieveDestroyAPIView": ("get", "delete"), "RetrieveUpdateDestroyAPIView": ("get", "put", "patch", "delete"),
    "TokenObtainPairView": ("post",), "TokenRefreshView": ("post",), "TokenVerifyView": ("post",), "ObtainAuthToken": ("post",),
}  # fmt: skip


class Target(NamedTuple):
    """What runs for which verbs of one view."""

    symbol: SymbolId
    receiver: SymbolId
    methods: tuple[str, ...]
    guards: tuple[Guard, ...]
    guards_known: bool
    framework: str = DJANGO


class Views:
    """Reads views."""

    def __init__(self, objects: Objects, guards: GuardReader) -> None:
        """Take the objects and the judge of guards; the defaults of the settings are put in later."""
        self.objects = objects
        self.program = objects.program
        self.guards = guards
        self.default_permissions: tuple[Guard, ...] = ()
        self.defaults_known = True

    def targets(self, scope: SymbolId, expr: Expr, line: int) -> tuple[list[Target], Handler]:
        """Return what a view in a list of URLs runs, and the handler as it was read."""
        name = text_of(expr)
        if name is not None:
            value = self.program.resolve_dotted(name)
            symbol = self.program.symbol(value.symbol) if value.symbol else None
            handler = Handler(value.symbol, is_class=symbol.kind == "class") if symbol else Handler()
        else:
            handler = handler_of(self.objects, self.guards, scope, expr, line)
        if not handler.symbol:
            return [], handler
        if not handler.is_class:
            return [self._of_function(handler)], handler
        return list(self._of_class(handler)), handler

    def _of_function(self, handler: Handler) -> Target:
        symbol = self.program.symbol(handler.symbol)
        around = self.guards.scope_around(handler.symbol)
        methods: tuple[str, ...] = ()
        permissions: tuple[Guard, ...] | None = None
        known, rest = True, False
        marks: list[Guard] = []
        for each in symbol.decorators if symbol else ():
            name = last_name(each)
            if name in REQUIRED_METHODS:
                methods = REQUIRED_METHODS[name]
            elif name in {"require_http_methods", "api_view"} and is_call(each):
                items, _ = self.objects.items(around, argument(each, 0))
                methods = tuple(text.upper() for text in (text_of(item) for _, item in items) if text)
                rest = rest or name == "api_view"
            elif name == "permission_classes" and is_call(each):
                permissions, known = self._permissions(around, argument(each, 0), line_of(each, 0))
            elif name == "authentication_classes" and is_call(each):
                marks += self._nobody_asked(around, argument(each, 0), line_of(each, 0))
        skip = [at for at, each in enumerate(symbol.decorators if symbol else ()) if last_name(each) in _LISTS]
        own = self.guards.of_decorators(handler.symbol, skip)
        if rest:
            own = merged(own, self.default_permissions if permissions is None else permissions)
            known = known and (permissions is not None or self.defaults_known)
            methods = methods or ("GET",)
        guards = merged(handler.guards, own, marks)
        return Target(handler.symbol, handler.receiver, methods or ("ANY",), guards, known, REST if rest else DJANGO)

    def _of_class(self, handler: Handler) -> Iterator[Target]:
        actions = argument(handler.as_view, 0) if handler.as_view else None
        if actions is not None and actions[0] == "d":
            for key, value in actions[1]:
                verb, action = text_of(key), text_of(value)
                if verb and action:
                    yield self.action(handler.symbol, action, (verb.upper(),), handler.guards)
            return
        rest = self.is_rest(handler.symbol)
        found = False
        for verb, symbol, receiver in self.verbs(handler.symbol):
            found = True
            guards, known = self.of_class(handler.symbol, verb, rest=rest)
            own = self.of_method(symbol) if symbol != handler.symbol else ()
            framework = REST if rest else DJANGO
            yield Target(symbol, receiver, (verb.upper(),), merged(handler.guards, guards, own), known, framework)
        if not found:
            run = next(
                (m for m in (self.program.method(handler.symbol, n) for n in ("dispatch", "__call__")) if m), None
            )
            guards, known = self.of_class(handler.symbol, "", rest=rest)
            symbol = run[0] if run else handler.symbol
            receiver = handler.symbol if run and run[1] != handler.symbol else ""
            yield Target(symbol, receiver, ("ANY",), merged(handler.guards, guards), known, REST if rest else DJANGO)

    def verbs(self, owner: SymbolId) -> Iterator[tuple[str, SymbolId, SymbolId]]:
        """Yield verb, handler and receiver of a class-based view; the class itself handles what a library's base answers."""
        said = self.program.attribute(owner, "http_method_names")
        allowed = [text_of(each) for _, each in self.objects.items(said[1], said[0])[0]] if said else None
        inherited = {
            verb for base in self.bases(owner) if ":" not in base for verb in VERBS_OF_BASES.get(short_name(base), ())
        }
        for verb in HTTP_METHODS[:-1]:
            if allowed and verb not in allowed:
                continue
            defined = self.program.method(owner, verb)
            if defined:
                yield verb, defined[0], owner if defined[1] != owner else ""
            elif verb in inherited:
                yield verb, owner, ""

    def action(self, owner: SymbolId, action: str, methods: tuple[str, ...], wrapped: tuple[Guard, ...] = ()) -> Target:
        """Return what one action of a viewset runs."""
        defined = self.program.method(owner, action)
        guards, known = self.of_class(owner, action, rest=True, method=defined[0] if defined else "")
        own = self.of_method(defined[0]) if defined else ()
        receiver = owner if defined and defined[1] != owner else ""
        symbol = defined[0] if defined else owner
        return Target(symbol, receiver, methods, merged(wrapped, guards, own), known, REST)

    def bases(self, owner: SymbolId) -> list[str]:
        """Return the method resolution order of a class, itself first."""
        view = self.program.class_of(owner)
        return [owner, *view.bases] if view else [owner]

    def is_rest(self, owner: SymbolId) -> bool:
        """Tell whether a class is a view of Django REST framework."""
        if any(base.startswith(("rest_framework", "drf_", "adrf.")) for base in self.bases(owner)):
            return True
        return self.program.attribute(owner, "permission_classes") is not None

    def of_method(self, symbol: SymbolId) -> tuple[Guard, ...]:
        """Return the guards among the decorators of a method, those inside `method_decorator` too."""
        found = self.program.symbol(symbol)
        scope = self.guards.scope_around(symbol)
        return tuple(self._of_decorators(scope, found.decorators if found else (), "", found))

    def _of_decorators(
        self, scope: SymbolId, decorators: Iterable[Expr], name: str, found: Symbol | None
    ) -> Iterator[Guard]:
        line = found.first_line if found else 0
        for each in decorators:
            if last_name(each) == "method_decorator" and is_call(each):
                said = text_of(argument(each, 1, "name"))
                if name and said not in {name, "dispatch", None}:
                    continue
                given = argument(each, 0, "decorator")
                for inner in items_of(given) or ([given] if given else []):
                    yield from self.guards.guards(scope, inner, "decorator", line)
            elif last_name(each) not in _LISTS:
                yield from self.guards.guards(scope, each, "decorator", line)

    def of_class(self, owner: SymbolId, name: str, *, rest: bool, method: str = "") -> tuple[tuple[Guard, ...], bool]:
        """Return the guards of a class for one of its methods: decorators, mixins, `dispatch`, permission classes."""
        found: list[Guard] = []
        order = self.bases(owner)
        for at, base in enumerate(order):
            symbol = self.program.symbol(base) if ":" in base else None
            if symbol is not None and base == owner:
                found.extend(
                    self._of_decorators(self.guards.scope_around(base), symbol.decorators, name or "dispatch", symbol)
                )
            if base != owner and self._is_guard_mixin(base) and not _stands_behind(order, at):
                found.append(self._mixin(owner, base))
        dispatch = self.program.method(owner, "dispatch")
        if dispatch is not None:
            found.extend(self.of_method(dispatch[0]))
            if self.guards.denies(dispatch[0]):
                found.append(self._denying(dispatch[0], "dispatch"))
        if not rest:
            return merged(found), True
        permissions, known = self._rest_guards(owner, method)
        return merged(found, permissions), known

    def _is_guard_mixin(self, base: str) -> bool:
        name = short_name(base)
        if base.startswith(("django.contrib.auth.mixins", "braces.views")):
            return name not in {"AccessMixin", "CsrfExemptMixin"}
        return name.endswith("Mixin") and bool(GUARD_WORDS.search(name)) and name != "AccessMixin"

    def _mixin(self, owner: SymbolId, base: str) -> Guard:
        name = short_name(base)
        said = self.program.attribute(owner, "permission_required") if "Permission" in name else None
        symbol = self.program.symbol(owner)
        test = self.program.method(owner, "test_func") if name == "UserPassesTestMixin" else None
        return Guard(
            name=f"{name}({shown(said[0])})" if said else name, source="mixin", symbol=test[0] if test else base,
            path=path_of(owner), line=symbol.line if symbol else 0,
        )  # fmt: skip

    def _denying(self, symbol: SymbolId, name: str) -> Guard:
        found = self.program.symbol(symbol)
        return Guard(name=name, source="hook", symbol=symbol, path=path_of(symbol), line=found.line if found else 0)

    def _rest_guards(self, owner: SymbolId, method: str) -> tuple[tuple[Guard, ...], bool]:
        found: list[Guard] = []
        known = True
        own = self._action_permissions(method) if method else None
        asked = self.program.method(owner, "get_permissions")
        said = self.guards.of_attribute(owner, "permission_classes", "permission class")
        if asked is not None and own is None:
            given, known = self._asked(asked[0])
            # A method that cannot be read mostly goes on from what the class says.
            found.extend([*(said[0] if said is not None and not known else ()), *given])
        elif own is not None or said is not None:
            permissions, known = own or said or ((), True)
            found.extend(permissions)
        else:
            found.extend(self.default_permissions)
            known = self.defaults_known
        asked_who = self.program.attribute(owner, "authentication_classes")
        if asked_who is not None:
            symbol = self.program.symbol(asked_who[1])
            found.extend(self._nobody_asked(asked_who[1], asked_who[0], symbol.line if symbol else 0))
        return tuple(found), known

    def _nobody_asked(self, scope: SymbolId, expr: Expr | None, line: int) -> Iterator[Guard]:
        """Yield a mark where nobody is asked who they are, which also turns the check for forged requests off."""
        items = self.guards.conditions.items(scope, expr)
        if all(each.when for each in items):
            name = "authentication_classes = []"
            yield Guard(name=name, source="option", path=path_of(scope), line=line, weak=True)

    def _action_permissions(self, method: SymbolId) -> tuple[tuple[Guard, ...], bool] | None:
        symbol = self.program.symbol(method)
        for each in symbol.decorators if symbol else ():
            given = argument(each, -1, "permission_classes") if is_call(each) and last_name(each) == "action" else None
            if given is not None:
                return self._permissions(self.guards.scope_around(method), given, line_of(each, 0))
        return None

    def _permissions(self, scope: SymbolId, expr: Expr | None, line: int) -> tuple[tuple[Guard, ...], bool]:
        return self.guards.of_list(scope, expr, "permission class", line)

    def _asked(self, method: SymbolId) -> tuple[tuple[Guard, ...], bool]:
        """Return the permissions that `get_permissions` gives, as far as its lists can be read."""
        items = self.guards.conditions.returned(method)
        symbol = self.program.symbol(method)
        line = symbol.line if symbol else 0
        if items is None or not all(each.read and each.expr[0] == "c" for each in items):
            return (replace(self._denying(method, "get_permissions()"), read=False),), False
        return self.guards.of_items(items, "permission class", line)


def _stands_behind(order: Sequence[str], at: int) -> bool:
    """Tell whether a mixin comes after the view in the resolution order, so that its `dispatch` is never asked."""
    return any(map(_is_view_of_library, order[:at])) and not any(map(_is_view_of_library, order[at + 1 :]))


def _is_view_of_library(base: str) -> bool:
    return base.startswith(("django.views.", "rest_framework.")) and base.endswith(("View", "ViewSet"))


_LISTS = frozenset({"permission_classes", "authentication_classes", "throttle_classes", "api_view", "action"})


def permission_of_text(text: str, path: str, line: int) -> Guard:
    """Return the guard that a dotted text of the settings names."""
    name = text.rpartition(".")[2]
    return Guard(name=name, source="settings", symbol=text, path=path, line=line, weak=is_weak(name))
