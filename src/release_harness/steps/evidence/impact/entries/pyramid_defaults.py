"""What a Pyramid application asks of every view that says nothing itself: a permission, and a token against forged requests."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from release_harness.steps.evidence.impact.entries.contract import FileView, Registration
from release_harness.steps.evidence.impact.entries.guards import GuardReader, merged
from release_harness.steps.evidence.impact.entries.reading import index_of, path_of, shown
from release_harness.steps.evidence.impact.expressions import argument
from release_harness.steps.evidence.model.impact import EntryPoint, Guard

DEFAULT = "default"
_PERMISSION, _TOKEN = "set_default_permission", "set_default_csrf_options"
_READING_VERBS = frozenset({"GET", "HEAD", "OPTIONS"})


def default_registrations(file: FileView, framework: str) -> Iterator[Registration]:
    """Yield where the defaults are set."""
    calls = index_of(file.facts).calls
    for name in (_PERMISSION, _TOKEN):
        for site in calls.get(name, ()):
            data = {"name": name, "call": site.call}
            yield Registration(framework, DEFAULT, file.id_of(site.scope), site.call[4], data)


class Defaults:
    """Puts the defaults before the views that say nothing themselves."""

    def __init__(self, found: Sequence[Registration], guards: GuardReader) -> None:
        """Read all registrations of a tree."""
        self.guards = guards
        said = [each for each in found if each.kind == DEFAULT]
        self.permission = next((self._permission(each) for each in said if each.data["name"] == _PERMISSION), None)
        self.token = next((self._token(each) for each in said if each.data["name"] == _TOKEN), None)

    def _permission(self, registration: Registration) -> Guard:
        given = argument(registration.data["call"], 0, "permission")
        found = self.guards.program.resolve(registration.scope, given)
        name = f"permission={shown(given)}"
        return self._guard(registration, name, found.symbol or found.external)

    def _token(self, registration: Registration) -> Guard | None:
        asked = argument(registration.data["call"], 0, "require_csrf")
        return None if asked == ["k", False] else self._guard(registration, "require_csrf", "")

    def _guard(self, registration: Registration, name: str, symbol: str) -> Guard:
        when = self.guards.conditions.around_call(registration.scope, registration.data["call"])
        path, line = path_of(registration.scope), registration.line
        return Guard(name=name, source="settings", symbol=symbol, path=path, line=line, when=when)

    def over(self, entries: Iterable[EntryPoint]) -> Iterator[EntryPoint]:
        """Yield the entry points with the defaults before them."""
        for each in entries:
            words = {guard.name.partition("=")[0] for guard in each.guards}
            reads = each.name.partition(" ")[0] in _READING_VERBS
            permission = None if "permission" in words else self.permission
            token = None if reads or "require_csrf" in words else self.token
            more = tuple(guard for guard in (permission, token) if guard is not None)
            yield replace(each, guards=merged(more, each.guards)) if more and each.kind == "http" else each
