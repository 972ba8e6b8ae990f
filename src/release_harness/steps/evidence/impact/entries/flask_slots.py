"""What an application of Flask has put into the slots of the framework: its session, its requests, its answers, its JSON."""

from collections.abc import Iterator, Sequence

from release_harness.steps.evidence.impact.entries.contract import FileView, HookEdge, ProgramView, Registration
from release_harness.steps.evidence.impact.entries.objects import Objects
from release_harness.steps.evidence.impact.entries.reading import index_of, path_of
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.impact.values import Value
from release_harness.steps.evidence.model.impact import Confidence, SymbolId

SLOT = "slot"
SLOTS = {
    "session_interface": "session of every request", "request_class": "request", "response_class": "answer",
    "json_provider_class": "JSON of every answer", "json_encoder": "JSON of every answer", "json": "JSON of every answer",
    "url_rule_class": "routing", "url_map_class": "routing", "app_ctx_globals_class": "context of every request",
    "wsgi_app": "around the whole application",
}  # fmt: skip
LISTS = {"url_build_error_handlers": "when an address cannot be built"}
CURRENT = "current_app"
_WRAPPED_BY = ("decorators", "method_decorators")


def slot_registrations(file: FileView, framework: str) -> Iterator[Registration]:
    """Yield what a file assigns to a slot of an application, or appends to one of its lists."""
    if file.imports.isdisjoint({"flask", "quart", "apiflask"}):
        return
    for symbol in file.facts.symbols:
        for statement in symbol.body:
            target = statement.target
            if target is None or target[0] != "a" or target[2] not in SLOTS:
                continue
            value = file.resolve(symbol, statement.value)
            if value.symbol or ":" in value.type:
                data = {"slot": target[2], "on": target[1], "value": list(value)}
                yield Registration(framework, SLOT, file.id_of(symbol), statement.line, data)
    for site in index_of(file.facts).calls.get("append", ()):
        held = site.call[1][1] if site.call[1][0] == "a" else None
        if held and held[0] == "a" and held[2] in LISTS and site.call[2]:
            value = file.resolve(site.scope, site.call[2][0])
            if value.symbol:
                data = {"slot": held[2], "on": held[1], "value": list(value)}
                yield Registration(framework, SLOT, file.id_of(site.scope), site.call[4], data)


class Slots:
    """Reads what fills the slots of applications."""

    def __init__(self, program: ProgramView, objects: Objects, apps: Sequence[str]) -> None:
        """`apps` are the names of the classes of applications."""
        self.program = program
        self.objects = objects
        self.apps = apps

    def around(self, found: Sequence[Registration]) -> Iterator[tuple[SymbolId, str]]:
        """Yield what runs for every request of the application, and why."""
        for each in found:
            if each.kind == SLOT and self._is_app(each.scope, each.data["on"]):
                value = Value(*each.data["value"])
                symbol = value.type if ":" in value.type else value.symbol
                slot = each.data["slot"]
                yield symbol, SLOTS.get(slot) or LISTS[slot]
        for owner in self.program.subclasses(*self.apps):
            view = self.program.class_of(owner)
            if view is None:
                continue
            yield from ((method, "method of the application") for method in view.methods.values())
            for slot, expr in view.attributes.items():
                value = self.program.resolve(owner, expr) if slot in SLOTS else Value()
                if value.symbol:
                    yield value.symbol, SLOTS[slot]

    def _is_app(self, scope: SymbolId, expr: Expr) -> bool:
        if expr == ["n", "self"]:
            owner = f"{path_of(scope)}:{scope.rpartition(':')[2].rpartition('.')[0]}"
            return self.program.is_a(owner, *self.apps)
        kinds = {self.objects.type_of(each) for each in self.objects.origins(scope, expr)}
        return any(kind and self.program.is_a(kind, *self.apps) for kind in kinds) or expr[-1] in {"app", CURRENT}


def wrapping_edges(program: ProgramView, handlers: Sequence[tuple[SymbolId, SymbolId]]) -> Iterator[HookEdge]:
    """Yield what the class of a handler wraps all its handlers in: `decorators` and `method_decorators`."""
    for handler, receiver in dict.fromkeys(handlers):
        owner = receiver or handler.rpartition(".")[0]
        if ":" not in owner:
            continue
        for name in _WRAPPED_BY:
            said = program.attribute(owner, name)
            if said is not None:
                yield HookEdge(
                    handler, f"{said[1]}.{name}", Confidence.HIGH, "is wrapped by the decorators of its class"
                )
