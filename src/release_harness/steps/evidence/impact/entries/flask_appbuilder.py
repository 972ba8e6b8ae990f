"""Flask-AppBuilder: views and APIs with `@expose`, added to the builder, guarded by `@has_access` and `@protect`."""

import re
from collections.abc import Iterable, Iterator, Sequence

from release_harness.steps.evidence.impact.entries.contract import (
    Discovery,
    FileView,
    ProgramView,
    Registration,
)
from release_harness.steps.evidence.impact.entries.guards import GuardReader
from release_harness.steps.evidence.impact.entries.handlers import handler_of
from release_harness.steps.evidence.impact.entries.objects import Objects
from release_harness.steps.evidence.impact.entries.reading import (
    base_of,
    index_of,
    is_test_path,
    joined,
    keyword_texts,
    last_name,
    path_of,
    short_name,
)
from release_harness.steps.evidence.impact.entries.routing import without_repeats
from release_harness.steps.evidence.impact.expressions import argument, is_call, text_of
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint, SymbolId

NAME = "Flask-AppBuilder"
ADDERS = ("add_view", "add_view_no_menu", "add_api", "add_separator_view")
API = re.compile(r"(Api|API)$")
LIBRARY = "flask_appbuilder"


class AppBuilderFramework:
    """Reads what Flask-AppBuilder applications register."""

    name = NAME
    languages = frozenset({"python"})
    libraries: frozenset[str] = frozenset()

    @property
    def runtime_dump(self) -> str:
        """Source of a function that asks the running application."""
        from release_harness.steps.evidence.impact.entries import dumps

        return dumps.FLASK

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return exposed methods and the calls that add their classes."""
        index = index_of(file.facts)
        for each in index.decorations.get("expose", ()):
            if is_call(each.expr) and file.resolve(each.around, each.expr[1]).external.startswith(LIBRARY):
                data = {"expr": each.expr, "method": file.id_of(each.symbol)}
                yield Registration(NAME, "expose", file.id_of(each.around), each.symbol.line, data)
        for name in ADDERS:
            for site in index.calls.get(name, ()):
                if "appbuilder" in last_name(base_of(site.call)).lower() or last_name(base_of(site.call)) == "self":
                    yield Registration(NAME, "add", file.id_of(site.scope), site.call[4], {"call": site.call})

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Join exposed methods with the classes that are added."""
        reader = _Views(program, [each for each in found if not is_test_path(path_of(each.scope))])
        return Discovery(framework=NAME, entries=without_repeats(reader.entries()))


class _Views:
    def __init__(self, program: ProgramView, found: Sequence[Registration]) -> None:
        self.program = program
        self.objects = Objects(program)
        self.guards = GuardReader(self.objects)
        self.exposed: dict[SymbolId, list[Registration]] = {}
        self.added: set[SymbolId] = set()
        self.computed = ""
        for each in found:
            if each.kind == "expose":
                self.exposed.setdefault(each.data["method"], []).append(each)
            else:
                self._add(each)

    def _add(self, registration: Registration) -> None:
        scope, call = registration.scope, registration.data["call"]
        given = argument(call, 0, "baseview")
        items = self.objects.loops(scope, given) or ([(scope, given)] if given else [])
        for there, each in items:
            handler = handler_of(self.objects, self.guards, there, each, call[4])
            if handler.is_class:
                self.added.add(handler.symbol)
            elif not handler.external:
                self.computed = f"{path_of(scope)}:{call[4]}: which view is added cannot be read"

    def entries(self) -> Iterator[EntryPoint]:
        """Yield the entries of every class that is added, then of those that nothing adds."""
        owners = {method.rpartition(".")[0] for method in self.exposed}
        seen: set[SymbolId] = set()
        for owner in sorted(self.added):
            for method in self._methods(owner):
                seen.add(method.rpartition(".")[0])
                yield from self._of(owner, method, mounted=True)
        for owner in sorted(owners - seen - self.added):
            if self.program.subclasses(owner):
                continue
            mounted = None if self.computed or not self.added else False
            for method in self._methods(owner):
                yield from self._of(owner, method, mounted=mounted)

    def _methods(self, owner: SymbolId) -> list[SymbolId]:
        view = self.program.class_of(owner)
        names: dict[str, SymbolId] = {}
        for base in [owner, *(view.bases if view else ())]:
            found = self.program.class_of(base) if ":" in base else None
            for name, method in (found.methods if found else {}).items():
                names.setdefault(name, method)
        return [method for method in names.values() if method in self.exposed]

    def _of(self, owner: SymbolId, method: SymbolId, *, mounted: bool | None) -> Iterator[EntryPoint]:
        symbol = self.program.symbol(method)
        skip = [at for at, each in enumerate(symbol.decorators if symbol else ()) if last_name(each) == "expose"]
        guards = self.guards.of_decorators(method, skip)
        prefix, told = self._base(owner)
        for registration in self.exposed[method]:
            expr = registration.data["expr"]
            path, known = self.objects.text(registration.scope, argument(expr, 0, "url") or ["s", "/"])
            for verb in keyword_texts(expr, 1, "methods") or ["GET"]:
                yield EntryPoint(
                    kind="http", name=f"{verb.upper()} {joined(prefix, path)}", framework=NAME, handler=method,
                    receiver=owner if not method.startswith(f"{owner}.") else "", path=path_of(method), line=registration.line,
                    guards=guards, mounted=mounted, registered_on=owner,
                    why_not_mounted="" if mounted else self.computed or "nothing adds its class to the application builder",
                    confidence=Confidence.HIGH if told and known else Confidence.MEDIUM,
                )  # fmt: skip

    def _base(self, owner: SymbolId) -> tuple[str, bool]:
        route = self._text(owner, "route_base")
        if route is not None:
            return route, True
        view = self.program.class_of(owner)
        bases = [owner, *(view.bases if view else ())]
        if any(API.search(short_name(base)) for base in bases if ":" not in base):
            version = self._text(owner, "version") or "v1"
            resource = self._text(owner, "resource_name") or short_name(owner).lower()
            return f"/api/{version}/{resource}", True
        return f"/{short_name(owner).lower()}", True

    def _text(self, owner: SymbolId, name: str) -> str | None:
        said = self.program.attribute(owner, name)
        return text_of(said[0]) if said is not None else None
