"""Class-based views of Flask, Flask-RESTful and RESTX: which method answers which verb, and the decorators of the class."""

from collections.abc import Iterator

from release_harness.steps.evidence.impact.entries.guards import GuardReader, merged
from release_harness.steps.evidence.impact.entries.handlers import Handler
from release_harness.steps.evidence.impact.entries.objects import Objects
from release_harness.steps.evidence.impact.entries.reading import HTTP_METHODS, last_name
from release_harness.steps.evidence.impact.expressions import text_of
from release_harness.steps.evidence.model.impact import Guard, SymbolId

Target = tuple[SymbolId, SymbolId, tuple[str, ...], tuple[Guard, ...], bool]
"""Handler, receiver class, methods, guards, whether all guards were read."""


class ClassViews:
    """Reads the handlers of a view."""

    def __init__(self, objects: Objects, guards: GuardReader) -> None:
        """Take the objects and the judge of guards."""
        self.objects = objects
        self.program = objects.program
        self.guards = guards

    def targets(self, handler: Handler, methods: tuple[str, ...], position: int) -> Iterator[Target]:
        """Yield what runs for which methods; `methods` are those said where it is registered."""
        if not handler.is_class:
            guards = self.guards.of_decorators(handler.symbol, below=position)
            yield handler.symbol, handler.receiver, methods or ("GET",), guards, True
            return
        found = False
        for verb in HTTP_METHODS:
            defined = self.program.method(handler.symbol, verb)
            if defined and (not methods or verb.upper() in methods):
                found = True
                guards, known = self._of_class(handler.symbol, verb)
                own = self.guards.of_decorators(defined[0])
                receiver = handler.symbol if defined[1] != handler.symbol else ""
                yield defined[0], receiver, (verb.upper(),), merged(guards, own), known
        if found:
            return
        dispatch = self.program.method(handler.symbol, "dispatch_request")
        guards, known = self._of_class(handler.symbol, "")
        if dispatch is None:
            yield handler.symbol, "", methods or ("ANY",), guards, known
            return
        said = self.program.attribute(handler.symbol, "methods")
        verbs = [text_of(each) for _, each in self.objects.items(said[1], said[0])[0]] if said else []
        told = methods or tuple(each.upper() for each in verbs if each) or ("GET",)
        receiver = handler.symbol if dispatch[1] != handler.symbol else ""
        yield dispatch[0], receiver, told, merged(guards, self.guards.of_decorators(dispatch[0])), known

    def _of_class(self, owner: SymbolId, verb: str) -> tuple[tuple[Guard, ...], bool]:
        """Return the guards of a class; the last of `decorators` and of `method_decorators` stands outermost."""
        found: list[Guard] = []
        whole = True
        for name in ("decorators", "method_decorators"):
            said = self.program.attribute(owner, name)
            if said is None:
                continue
            expr, scope = said
            if expr[0] == "d":
                expr = next((pair[1] for pair in expr[1] if pair[0] and text_of(pair[0]) == verb), ["l", []])
            items = self.guards.conditions.items(scope, expr)
            whole = whole and all(each.read for each in items)
            symbol = self.program.symbol(scope)
            for each in reversed(items):
                found.extend(self.guards.guards_of_item(each, "decorator", symbol.line if symbol else 0))
        dispatch = self.program.method(owner, "dispatch_request") if verb else None
        around = self.guards.of_decorators(dispatch[0]) if dispatch else ()
        return merged(self.guards.of_decorators(owner, self._route_positions(owner)), found, around), whole

    def _route_positions(self, owner: SymbolId) -> list[int]:
        symbol = self.program.symbol(owner)
        return [at for at, each in enumerate(symbol.decorators if symbol else ()) if last_name(each) == "route"]
