"""Flask-WTF's check for forged requests: where it is put before an application, and what is taken out of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from release_harness.steps.evidence.impact.entries.contract import FileView, Registration
from release_harness.steps.evidence.impact.entries.guards import GuardReader, merged
from release_harness.steps.evidence.impact.entries.handlers import handler_of
from release_harness.steps.evidence.impact.entries.objects import Objects
from release_harness.steps.evidence.impact.entries.reading import base_of, index_of, last_name, path_of, shown
from release_harness.steps.evidence.impact.expressions import argument
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.model.impact import EntryPoint, Guard, SymbolId

INSTALLED, EXEMPT, EXEMPTED = "csrf", "csrf exempt", "csrf exempted"
_PROTECTS = frozenset({"CSRFProtect", "CsrfProtect"})
_CHECKER = "flask_wtf.csrf.CSRFProtect"
_READING_VERBS = frozenset({"GET", "HEAD", "OPTIONS"})


def csrf_registrations(file: FileView, framework: str) -> Iterator[Registration]:
    """Yield where the check is installed, and the views and blueprints that are taken out of it."""
    index = index_of(file.facts)
    for name in (*_PROTECTS, "init_app", "exempt"):
        for site in index.calls.get(name, ()):
            base = base_of(site.call)
            if name in _PROTECTS:
                kind = INSTALLED if site.call[2] or "app" in site.call[3] else ""
            else:
                ours = base is not None and _is_protection(file, site.scope, base)
                kind = (INSTALLED if name == "init_app" else EXEMPTED) if ours else ""
            if kind:
                yield Registration(framework, kind, file.id_of(site.scope), site.call[4], {"call": site.call})
    for each in index.decorations.get("exempt", ()):
        base = base_of(each.expr)
        if base is not None and _is_protection(file, each.around, base):
            data = {"handler": file.id_of(each.symbol), "name": shown(each.expr)}
            yield Registration(framework, EXEMPT, file.id_of(each.around), each.symbol.first_line, data)


def _is_protection(file: FileView, scope: Symbol, base: Expr) -> bool:
    found = file.resolve(scope, base)
    named = (found.type or found.external).rpartition(".")[2]
    return named in _PROTECTS or "csrf" in last_name(base).lower()


class Protection:
    """Puts the check before every route that changes something, and its marks before those that are taken out."""

    def __init__(self, found: Sequence[Registration], objects: Objects, guards: GuardReader) -> None:
        """Read all registrations of a tree."""
        self.objects = objects
        self.guards = guards
        self.checks = tuple(self._check(each) for each in found if each.kind == INSTALLED)
        self.marks: dict[str, Guard] = {}
        for each in found:
            if each.kind == EXEMPT:
                self.marks[each.data["handler"]] = _mark(each.data["name"], each)
            elif each.kind == EXEMPTED:
                mark = _mark(shown(each.data["call"]), each)
                self.marks.update(dict.fromkeys(self._taken_out(each), mark))

    def _check(self, registration: Registration) -> Guard:
        when = self.guards.conditions.around_call(registration.scope, registration.data["call"])
        path = path_of(registration.scope)
        return Guard(
            name="CSRFProtect", source="middleware", symbol=_CHECKER, path=path, line=registration.line, when=when
        )

    def _taken_out(self, registration: Registration) -> Iterator[SymbolId]:
        given = argument(registration.data["call"], 0, "view")
        yield from self.objects.origins(registration.scope, given)
        handler = handler_of(self.objects, self.guards, registration.scope, given, registration.line)
        if handler.symbol:
            yield handler.symbol

    def over(self, entries: Iterable[EntryPoint]) -> Iterator[EntryPoint]:
        """Yield the entry points with what stands before them, and the marks that take them out."""
        for each in entries:
            mark = self.marks.get(each.handler) or self.marks.get(each.registered_on)
            marks = (mark,) if mark is not None else ()
            checks = () if each.name.partition(" ")[0] in _READING_VERBS or mark is not None else self.checks[:1]
            yield replace(each, guards=merged(checks, each.guards, marks)) if checks or marks else each


def _mark(name: str, registration: Registration) -> Guard:
    path = path_of(registration.scope)
    said = name if "csrf" in name.lower() else f"{name} (csrf)"
    return Guard(name=said, source="decorator", path=path, line=registration.line, weak=True)
