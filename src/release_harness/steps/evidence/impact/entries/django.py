"""Django: lists of URLs from the settings down, admin pages, management commands and what stands around them; see `signals` for receivers."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from release_harness.steps.evidence.impact.entries.contract import (
    Discovery,
    FileView,
    ProgramView,
    Registration,
)
from release_harness.steps.evidence.impact.entries.django_settings import SETTINGS, Settings
from release_harness.steps.evidence.impact.entries.django_urls import PATTERNS, UrlWalk
from release_harness.steps.evidence.impact.entries.django_views import Views
from release_harness.steps.evidence.impact.entries.drf import Routers
from release_harness.steps.evidence.impact.entries.guards import GuardReader
from release_harness.steps.evidence.impact.entries.handlers import handler_of
from release_harness.steps.evidence.impact.entries.objects import Objects
from release_harness.steps.evidence.impact.entries.reading import (
    CallSite,
    base_of,
    index_of,
    is_test_path,
    path_of,
    shown,
)
from release_harness.steps.evidence.impact.entries.routing import without_repeats
from release_harness.steps.evidence.impact.expressions import argument, dotted, is_call, items_of
from release_harness.steps.evidence.model.impact import EntryPoint, SymbolId

NAME = "Django"
COMMAND = re.compile(r"(?:^|/)management/commands/([A-Za-z]\w*)\.py$")


class DjangoFramework:
    """Reads what Django projects register, with Django REST framework."""

    name = NAME
    languages = frozenset({"python"})
    libraries: frozenset[str] = frozenset()

    @property
    def runtime_dump(self) -> str:
        """Source of a function that asks the running project."""
        from release_harness.steps.evidence.impact.entries import dumps

        return dumps.DJANGO

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return settings, lists of URLs, routers, admin pages and commands."""
        yield from _settings(file)
        command = COMMAND.search(file.path)
        if command and "Command" in index_of(file.facts).symbols:
            yield Registration(NAME, "command", f"{file.path}:", 1, {"name": command.group(1)})
        index = index_of(file.facts)
        if file.imports & {"django", "rest_framework"} or file.path.endswith("urls.py"):
            yield from _urls(file)
            for site in index.calls.get("register", ()):
                if len(site.call[2]) + len(site.call[3]) >= 1 and base_of(site.call) is not None:
                    yield _site(file, "register", site, {})
            for each in index.decorations.get("register", ()):
                data = {"expr": each.expr, "handler": file.id_of(each.symbol)}
                yield Registration(NAME, "@register", file.id_of(each.around), each.symbol.line, data)
        for site in index.calls.get("URLRouter", ()):
            yield _site(file, "sockets", site, {})

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Walk the URLs from the settings down."""
        return _Assembly(found, program).discovery()


def _site(file: FileView, kind: str, site: CallSite, data: dict[str, Any]) -> Registration:
    return Registration(NAME, kind, file.id_of(site.scope), site.call[4], {**data, "call": site.call})


def _settings(file: FileView) -> Iterator[Registration]:
    scopes = [
        file.facts.module,
        *(each for each in file.facts.symbols if each.kind == "class" and "." not in each.qualname),
    ]
    for symbol in scopes:
        for each in symbol.body:
            if each.kind == "set" and each.target and each.target[0] == "n" and each.target[1] in SETTINGS:
                data = {"name": each.target[1], "value": each.value, "how": each.how}
                yield Registration(NAME, "setting", file.id_of(symbol), each.line, data)
    for name in ("append", "insert", "extend"):
        for site in index_of(file.facts).calls.get(name, ()):
            setting = dotted(base_of(site.call))
            if setting in SETTINGS and site.call[2]:
                value = site.call[2][-1] if name == "extend" else ["l", [site.call[2][-1]]]
                data = {"name": setting, "value": value, "how": "aug"}
                yield Registration(NAME, "setting", file.id_of(site.scope), site.call[4], data)


def _urls(file: FileView) -> Iterator[Registration]:
    for each in file.facts.module.body:
        target = dotted(each.target) if each.kind == "set" else ""
        if target.endswith("urlpatterns"):
            yield Registration(NAME, "urls", f"{file.path}:", each.line, {"name": target})
        elif target in {"handler400", "handler403", "handler404", "handler500"}:
            yield Registration(NAME, "error", f"{file.path}:", each.line, {"value": each.value})
    for name in PATTERNS & index_of(file.facts).calls.keys():
        for site in index_of(file.facts).calls[name]:
            target = dotted(site.statement.target) if site.statement.kind == "set" else ""
            if target and not site.scope.qualname and not target.endswith("urlpatterns"):
                yield Registration(NAME, "patterns", f"{file.path}:", site.statement.line, {"name": target})
                break


class _Assembly:
    def __init__(self, found: Sequence[Registration], program: ProgramView) -> None:
        self.found = [each for each in found if not is_test_path(path_of(each.scope))]
        self.program = program
        self.objects = Objects(program, self.found)
        self.guards = GuardReader(self.objects)
        self.views = Views(self.objects, self.guards)
        self.routers = Routers(self.views, self.found)
        self.settings = Settings(self.found, self.objects, self.guards)
        self.unknown: list[str] = []

    def discovery(self) -> Discovery:
        self.settings.fill(self.views)
        walk = UrlWalk(self.views, self.routers, self.found)
        walk.from_roots(self.settings.roots())
        urls = walk.entries(self.settings.middleware_guards())
        entries = without_repeats([*urls, *self._admin(mounted=walk.admin_mounted), *self._commands()])
        if not entries:
            return Discovery(framework=NAME)
        around = [*self.settings.around(), *walk.error_handlers()]
        return Discovery(
            framework=NAME, entries=entries, around=tuple(dict.fromkeys(around)),
            unknown=tuple(dict.fromkeys([*walk.unknown, *self.unknown])),
        )  # fmt: skip

    def _admin(self, *, mounted: bool | None) -> Iterator[EntryPoint]:
        for each in self.found:
            if each.kind == "@register" and is_call(each.data["expr"]):
                expr, handler = each.data["expr"], each.data["handler"]
                checker = self.guards.checker(each.scope, expr)
                on = self.program.resolve(each.scope, base_of(expr))
                if checker.startswith("django.contrib.") or "admin" in (on.external + on.type).lower():
                    for model in expr[2]:
                        yield self._page(each, shown(model), handler, mounted=mounted)
            elif each.kind == "register" and self._is_site(each):
                call = each.data["call"]
                admin = handler_of(self.objects, self.guards, each.scope, argument(call, 1, "admin_class"), call[4])
                given = argument(call, 0)
                models = items_of(given) or ([given] if given else [])
                for model in models:
                    yield self._page(each, shown(model), admin.symbol or f"{path_of(each.scope)}:", mounted=mounted)

    def _is_site(self, registration: Registration) -> bool:
        base = base_of(registration.data["call"])
        text = dotted(base)
        if text.endswith(("admin.site", "admin_site")):
            return True
        return any(
            self.objects.is_a(each, "django.contrib.admin.AdminSite", "django.contrib.admin.sites.AdminSite")
            for each in self.objects.origins(registration.scope, base)
        )

    def _page(self, registration: Registration, model: str, handler: SymbolId, *, mounted: bool | None) -> EntryPoint:
        return EntryPoint(
            kind="admin", name=model.rpartition(".")[2], framework=NAME, handler=handler, path=path_of(registration.scope),
            line=registration.line, mounted=mounted,
            why_not_mounted="" if mounted else "no list of URLs holds `admin.site.urls` as far as reading tells",
        )  # fmt: skip

    def _commands(self) -> Iterator[EntryPoint]:
        for each in self.found:
            if each.kind != "command":
                continue
            path, name = path_of(each.scope), each.data["name"]
            owner = f"{path}:Command"
            run = self.program.method(owner, "handle")
            symbol = self.program.symbol(owner)
            yield EntryPoint(
                kind="cli", name=f"manage.py {name}", framework=NAME, handler=run[0] if run else owner,
                receiver=owner if run and run[1] != owner else "", path=path, line=symbol.line if symbol else 1,
            )  # fmt: skip
