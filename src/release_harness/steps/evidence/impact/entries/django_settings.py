"""What Django's settings name by text: the root of the URLs, middleware, context processors, authentication, permissions."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from release_harness.steps.evidence.impact.entries.conditions import alternatives
from release_harness.steps.evidence.impact.entries.contract import Around, Registration
from release_harness.steps.evidence.impact.entries.django_views import Views, permission_of_text
from release_harness.steps.evidence.impact.entries.guards import GuardReader
from release_harness.steps.evidence.impact.entries.objects import Objects
from release_harness.steps.evidence.impact.entries.reading import path_of, short_name
from release_harness.steps.evidence.impact.expressions import text_of, walk
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.model.impact import Guard, SymbolId

SETTINGS = frozenset({
    "ROOT_URLCONF", "MIDDLEWARE", "MIDDLEWARE_CLASSES", "TEMPLATES", "AUTHENTICATION_BACKENDS", "REST_FRAMEWORK",
    "WSGI_APPLICATION", "GRAPHENE",
})  # fmt: skip
OPEN_TO_ALL = "rest_framework.permissions.AllowAny"
"""What the framework asks where nobody says anything."""
GUARDING_MIDDLEWARE = re.compile(
    r"LoginRequired|Csrf|Permission|RateLimit|Throttl|IPFilter|Restrict|OTP|TwoFactor|Axes"
)
METHODS = (
    "__call__", "process_request", "process_view", "process_response", "process_exception", "process_template_response",
    "authenticate", "get_user", "resolve",
)  # fmt: skip


class Settings:
    """Reads all settings modules of a repository together; what any of them says counts."""

    def __init__(self, found: Sequence[Registration], objects: Objects, guards: GuardReader) -> None:
        """Take the registrations among which those of kind `setting` are."""
        self.found = [each for each in found if each.kind == "setting"]
        self.objects = objects
        self.program = objects.program
        self.guards = guards

    def _named(self, *names: str) -> Iterator[Registration]:
        yield from (each for each in self.found if each.data["name"] in names)

    def roots(self) -> list[SymbolId]:
        """Return the modules that hold the first list of URLs."""
        found = []
        for each in self._named("ROOT_URLCONF"):
            text, known = self.objects.text(each.scope, each.data["value"])
            value = self.program.resolve_dotted(text) if known else None
            if value and value.symbol.endswith(":"):
                found.append(value.symbol)
        return list(dict.fromkeys(found))

    def _texts(self, registration: Registration, value: Expr | None) -> Iterator[tuple[str, str]]:
        """Yield the texts of a list, each with the condition under which alone it is there."""
        under = self.guards.conditions.at_line(registration.scope, registration.line)
        for item in self.guards.conditions.items(registration.scope, value):
            for each, own in alternatives(item.expr):
                text, known = self.objects.text(item.scope, each)
                if known and text:
                    yield text, " and ".join(word for word in (under, item.when, own) if word)

    def middleware(self) -> Iterator[tuple[str, str, Registration]]:
        """Yield the dotted names of all middleware, each with its condition."""
        for each in self._named("MIDDLEWARE", "MIDDLEWARE_CLASSES"):
            for text, when in self._texts(each, each.data["value"]):
                yield text, when, each

    def middleware_guards(self) -> tuple[Guard, ...]:
        """Return the middleware that turns callers away, from outside to inside."""
        found: dict[str, Guard] = {}
        for text, when, each in self.middleware():
            symbol = self.program.resolve_dotted(text).symbol
            if not GUARDING_MIDDLEWARE.search(short_name(text)) and not (symbol and self.guards.denies(symbol)):
                continue
            path = path_of(each.scope)
            guard = Guard(
                name=short_name(text), source="middleware", symbol=symbol or text, path=path, line=each.line, when=when
            )
            if text not in found or not when:
                found[text] = guard
        return tuple(found.values())

    def fill(self, views: Views) -> None:
        """Tell the views which permissions stand where a view says none."""
        permissions: list[Guard] = []
        said = False
        for each in self._named("REST_FRAMEWORK"):
            _, value = self.objects.value(each.scope, each.data["value"])
            if value is None or value[0] != "d":
                views.defaults_known = False
                continue
            for key, given in value[1]:
                if text_of(key) == "DEFAULT_PERMISSION_CLASSES":
                    said = True
                    texts = list(self._texts(each, given))
                    place = (path_of(each.scope), each.line)
                    permissions.extend(replace(permission_of_text(text, *place), when=when) for text, when in texts)
                    views.defaults_known = views.defaults_known and bool(texts or given == ["l", []])
                elif key is None:
                    views.defaults_known = False
        if not said and views.defaults_known and self.roots():
            permissions.append(Guard(name="AllowAny", source="settings", symbol=OPEN_TO_ALL, weak=True))
        views.default_permissions = tuple(self._resolved(guard) for guard in dict.fromkeys(permissions))

    def _resolved(self, guard: Guard) -> Guard:
        symbol = self.program.resolve_dotted(guard.symbol).symbol or guard.symbol
        return replace(guard, symbol=symbol)

    def around(self) -> Iterator[Around]:
        """Yield middleware, context processors, authentication backends and classes of this repository."""
        for text, _, _ in self.middleware():
            yield from self._stands(text, "middleware")
        for each in self._named("AUTHENTICATION_BACKENDS"):
            for text, _ in self._texts(each, each.data["value"]):
                yield from self._stands(text, "auth loader")
        for each in self._named("TEMPLATES"):
            for expr in walk(each.data["value"]):
                name = text_of(expr)
                if name and "context_processor" in name and name.count(".") > 1:
                    yield from self._stands(name, "context processor")
        for each in self._named("REST_FRAMEWORK", "GRAPHENE"):
            for expr in walk(each.data["value"]):
                name = text_of(expr)
                if (
                    name
                    and re.search(r"authenticat|exception_handler|throttl|middleware", name, re.IGNORECASE)
                    and "." in name
                ):
                    yield from self._stands(name, "exception handler" if "exception" in name else "auth loader")

    def _stands(self, text: str, reason: str) -> Iterator[Around]:
        symbol = self.program.resolve_dotted(text).symbol
        if not symbol or self.program.symbol(symbol) is None:
            return
        methods = [self.program.method(symbol, name) for name in METHODS] if self.program.class_of(symbol) else []
        found = [each[0] for each in methods if each]
        for each in found or [symbol]:
            yield Around(each, reason)
