"""Services and resources of Pyramid: Cornice, copies of it, and decorators of the project that register classes in its manner."""

import builtins
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from release_harness.steps.evidence.impact.entries.contract import FileView, ProgramView, Registration
from release_harness.steps.evidence.impact.entries.definitions import definition_of
from release_harness.steps.evidence.impact.entries.objects import Objects
from release_harness.steps.evidence.impact.entries.reading import base_of, index_of, last_name, path_of
from release_harness.steps.evidence.impact.expressions import argument, dotted, is_call, items_of, text_of, walk
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.model.impact import SymbolId

SERVICE_VIEW = "service view"
RESOURCE = "resource"
VERBS = ("get", "post", "put", "patch", "delete", "options", "head")
_SERVICES = ("cornice.Service", "cornice.service.Service")
_ERRORS = ("pyramid.httpexceptions.", "pyramid.exceptions.")


class CorniceView(NamedTuple):
    """One view of a service or resource."""

    method: str
    path: str
    path_known: bool
    handler: SymbolId
    receiver: SymbolId
    options: dict[str, Expr]
    scope: SymbolId
    line: int


def cornice_registrations(file: FileView, framework: str) -> Iterator[Registration]:
    """Yield the views of what may be services, and the classes that may be resources."""
    index = index_of(file.facts)
    if file.imports & {"cornice", "pyramid"} or any(name.endswith("Service") for name in index.calls):
        yield from _service_views(file, framework)
    for symbol in file.facts.symbols:
        for expr in symbol.decorators if symbol.kind == "class" else ():
            if is_call(expr) and any(map(_is_path, expr[3])):
                data = {"call": expr, "class": file.id_of(symbol)}
                yield Registration(framework, RESOURCE, f"{file.path}:", symbol.line, data)


def _service_views(file: FileView, framework: str) -> Iterator[Registration]:
    index = index_of(file.facts)
    for name in VERBS:
        for each in index.decorations.get(name, ()):
            if is_call(each.expr) and base_of(each.expr) is not None:
                data = {"verb": name, "call": each.expr, "handler": file.id_of(each.symbol)}
                yield Registration(framework, SERVICE_VIEW, file.id_of(each.around), each.symbol.line, data)
    for site in index.calls.get("add_view", ()):
        verb = text_of(argument(site.call, 0, "method"))
        if verb is not None and verb.lower() in VERBS:
            data = {"verb": verb.lower(), "call": site.call, "handler": ""}
            yield Registration(framework, SERVICE_VIEW, file.id_of(site.scope), site.call[4], data)


def _is_path(keyword: str) -> bool:
    return keyword == "path" or keyword.endswith("_path")


class Cornice:
    """The services and resources of a program."""

    def __init__(self, found: Sequence[Registration], objects: Objects) -> None:
        """Take all registrations of Pyramid; nothing is read before it is asked."""
        self.found = found
        self.objects = objects
        self.program = objects.program
        self._folders: set[str] = set()
        self._kinds: dict[str, bool] = {}

    def views(self) -> Iterator[CorniceView]:
        """Yield the views of all services and resources."""
        for each in self.found:
            if each.kind == SERVICE_VIEW:
                yield from self._of_service(each)
            elif each.kind == RESOURCE:
                yield from self._of_resource(each)

    def made_by_a_copy(self, symbol: SymbolId) -> bool:
        """Tell whether code is of a copy of the library, which registers for every service what each service says itself."""
        return any(path_of(symbol).startswith(each) for each in self._folders)

    def every(self) -> Iterator[tuple[str, SymbolId, Expr]]:
        """Yield what a copy of the library adds to every service: a verb, where that is written, and the call.

        What it adds in a loop over the views of the service is known from the service.
        """
        for each in self.found:
            if each.kind == SERVICE_VIEW and self.made_by_a_copy(each.scope):
                yield each.data["verb"].upper(), each.scope, each.data["call"]
            elif each.kind == "call" and each.data["name"] == "add_view" and self.made_by_a_copy(each.scope):
                call = each.data["call"]
                if "context" not in call[3] and not self._is_looped(each.scope, call[3].get("view")):
                    yield "ANY", each.scope, call

    def _is_looped(self, scope: SymbolId, view: Expr | None) -> bool:
        symbol = self.program.symbol(scope)
        body = symbol.body if symbol else ()
        names = {each[1] for each in walk(view) if each[0] == "n"}
        for statement in body:
            if any(definition_of(scope, statement, name) for name in tuple(names)):
                names.update(each[1] for each in walk(statement.value) if each[0] == "n")
        looped = [statement for statement in body if statement.how == "for"]
        return any(definition_of(scope, statement, name) for statement in looped for name in names)

    def _of_service(self, registration: Registration) -> Iterator[CorniceView]:
        call, scope = registration.data["call"], registration.scope
        for name in self.objects.origins(scope, base_of(call)):
            made = self.objects.creation(name) if self._is_service(self.objects.type_of(name)) else None
            handler = registration.data["handler"] or self._handed(scope, call)
            if made is None or not handler or (argument(made[1], 1, "path") is None):
                continue
            path, known = self.objects.text(made[0], argument(made[1], 1, "path"))
            options = {**made[1][3], **call[3]}
            verb = registration.data["verb"].upper()
            yield CorniceView(verb, path, known, handler, "", options, scope, registration.line)

    def _handed(self, scope: SymbolId, call: Expr) -> SymbolId:
        return self.program.resolve(scope, argument(call, 1, "view")).symbol

    def _is_service(self, kind: str) -> bool:
        """Tell whether a class is that of the library, or has what makes one: views are added, and decorators named by verbs."""
        if kind not in self._kinds:
            own = {name: self.program.method(kind, name) for name in ("add_view", "get", "post")} if ":" in kind else {}
            copied = bool(own) and all(own.values())
            if copied and (adding := own["add_view"]):
                folder = path_of(adding[1]).rpartition("/")[0]
                self._folders.add(f"{folder}/" if folder else path_of(adding[1]))
            self._kinds[kind] = bool(kind) and (copied or self.program.is_a(kind, *_SERVICES))
        return self._kinds[kind]

    def _of_resource(self, registration: Registration) -> Iterator[CorniceView]:
        call, scope, owner = registration.data["call"], registration.scope, registration.data["class"]
        if not self._registers(scope, call[1]):
            return
        for keyword, given in call[3].items():
            if not _is_path(keyword) or given == ["k", None]:
                continue
            path, known = self.objects.text(scope, given)
            if "{{" in path and "}}" in path:
                path = path.replace("{{", "{").replace("}}", "}")
            prefix = keyword.removesuffix("path")
            for verb, (symbol, defined_in) in self._methods(owner, prefix, argument(call, -1, f"{prefix}methods")):
                options = {**call[3], **self._view_options(symbol)}
                receiver = owner if defined_in != owner else ""
                yield CorniceView(verb.upper(), path, known, symbol, receiver, options, scope, registration.line)

    def _registers(self, scope: SymbolId, decorator: Expr) -> bool:
        """Tell whether a decorator is that of the library, or one of the project that has to do with Pyramid."""
        found = self.program.resolve(scope, decorator)
        view = self.program.view(path_of(found.symbol)) if found.symbol else None
        return found.external.startswith("cornice.") or (
            view is not None and bool(view.imports & {"cornice", "pyramid"})
        )

    def _methods(self, owner: SymbolId, prefix: str, given: Expr | None) -> list[tuple[str, tuple[SymbolId, SymbolId]]]:
        """Return the methods that answer, by verb; those with the prefix in their name, else those without any."""
        wanted = _verbs_of(given)
        for before in dict.fromkeys((prefix, "")):
            found = {verb: self.program.method(owner, f"{before}{verb}") for verb in VERBS}
            if any(found.values()):
                return [(verb, each) for verb, each in found.items() if each and (wanted is None or verb in wanted)]
        return []

    def _view_options(self, method: SymbolId) -> dict[str, Expr]:
        symbol = self.program.symbol(method)
        views = [each for each in (symbol.decorators if symbol else ()) if is_call(each) and last_name(each) == "view"]
        return dict(views[0][3]) if views else {}


def _verbs_of(given: Expr | None) -> set[str] | None:
    """Return the verbs that are listed; None where nothing is, or what is cannot be read."""
    if given is None:
        return None
    if is_call(given) and dotted(given[1]) in {"tuple", "list", "set"} and not given[2]:
        return set()
    items = items_of(given)
    texts = [text_of(each) for each in items] if items is not None else [None]
    return {each.lower() for each in texts if each is not None} if None not in texts else None


def is_exception(program: ProgramView, scope: SymbolId, context: Expr | None) -> bool:
    """Tell whether the context of a view is a class of exceptions."""
    if context is None:
        return False
    found = program.resolve(scope, context)
    view = program.class_of(found.symbol) if found.symbol else None
    bases: Iterable[str] = view.bases if view else (found.external or dotted(context),)
    return any(_is_error(each) for each in bases)


def _is_error(name: str) -> bool:
    known = getattr(builtins, name.removeprefix("builtins."), None)
    return name.startswith(_ERRORS) or (isinstance(known, type) and issubclass(known, BaseException))
