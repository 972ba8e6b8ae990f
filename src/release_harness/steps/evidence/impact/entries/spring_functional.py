"""Spring's functional routes, put together.

A router is what a method gives back; it is served under every prefix of the routers that nest it. Routers that a class is given
through an interface hang where that class nests what it collected.
"""

from collections.abc import Iterator, Sequence

from release_harness.steps.evidence.impact.entries.call_routes import CHECKS, clean
from release_harness.steps.evidence.impact.entries.implementing import implementing_of
from release_harness.steps.evidence.impact.entries.reading import joined, shown
from release_harness.steps.evidence.impact.entries.spring_predicates import value_of
from release_harness.steps.evidence.impact.entries.spring_routes import Reader, Route
from release_harness.steps.evidence.impact.entries.spring_words import text
from release_harness.steps.evidence.impact.expressions import walk
from release_harness.steps.evidence.impact.lexical.other_languages import Names
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint, Guard, SymbolId

_ABOVE_LIMIT = 20
_PREFIXES_LIMIT = 40


class FunctionalRoutes:
    """The functional routes of some files, put together."""

    def __init__(self, names: Names, paths: Sequence[str]) -> None:
        """Read every method of the files."""
        self.names = names
        self.read = Reader(names)
        for path in paths:
            module = names.module(path)
            for symbol in module.facts.symbols if module is not None else ():
                self.read.read_symbol(f"{path}:{symbol.qualname}")
        self._giving = self._with_routes()

    def _with_routes(self) -> frozenset[SymbolId]:
        """Return the methods that hold routes or are given some by what they call."""
        found = {each.scope for each in self.read.routes}
        waiting = list(found)
        while waiting:
            for mount in self.read.mounts.get(waiting.pop(), ()):
                if mount.parent not in found:
                    found.add(mount.parent)
                    waiting.append(mount.parent)
        return frozenset(found)

    def entries(self, framework: str) -> list[EntryPoint]:
        """Return the entry points of all routes."""
        return [
            self._entry(framework, route, prefix)
            for route in self.read.routes
            for prefix in self._prefixes(route.scope, 0)
        ]

    def _prefixes(self, scope: SymbolId, depth: int) -> list[str]:
        """Return the prefixes under which the router of a method is served."""
        found = self._through_interface(scope)
        if not found and depth < _ABOVE_LIMIT:
            found = [
                joined(above, each.prefix) if above or each.prefix else ""
                for each in self.read.mounts.get(scope, ())
                for above in self._prefixes(each.parent, depth + 1)
            ]
        return list(dict.fromkeys(found or [""]))[:_PREFIXES_LIMIT]

    def _through_interface(self, scope: SymbolId) -> list[str]:
        """Return the prefixes under which a class nests the routers that it is given through an interface."""
        owner, _, name = scope.rpartition(".")
        return [
            self._filled(nest.prefix, owner, asked.others)
            for base in (self.names.lineage(owner)[1:] if owner else ())
            for asked in self.read.asked.get((base, name), ())
            for nest in self.read.nests
            if nest.owner == asked.owner and nest.prefix and not nest.has_routes
            if self._giving.isdisjoint(nest.inside)
        ]

    def _filled(self, prefix: str, owner: SymbolId, others: Sequence[str]) -> str:
        """Put into the one hole of a prefix what the class says of itself where it is asked for one thing more."""
        head, brace, rest = prefix.partition("{")
        tail = rest.partition("}")[2]
        if not brace or "{" in tail:
            return prefix
        for name in others:
            said = self._said(owner, name)
            if said:
                return head + said + tail
        return f"{head}{{{owner.rpartition(':')[2]}}}{tail}"

    def _said(self, owner: SymbolId, name: str) -> str:
        """Return the text that a method gives back, also wrapped in a call; empty when it is none."""
        definer = self.names.find_member(owner, name)
        scope = f"{definer}.{name}"
        symbol = self.names.symbol(scope) if definer else None
        given = [each.value for each in symbol.body if each.kind == "return" and each.value] if symbol else []
        if len(given) != 1:
            return ""
        parts = given[0][2] if given[0][0] == "c" else given
        said = "/".join(text(self.names, scope, each) for each in parts)
        return "" if "{" in said else said

    def _entry(self, framework: str, route: Route, prefix: str) -> EntryPoint:
        handler, confidence = self._handler(route)
        registers = route.scope.rpartition(":")[2].partition(".<locals>")[0]
        address = clean(joined(prefix, route.path)) if prefix or route.path else ""
        address += "" if route.is_told else f"{{{registers}}}"
        return EntryPoint(
            kind="http",
            name=f"{route.verb} {address}",
            framework=framework,
            handler=handler,
            path=route.scope.rpartition(":")[0],
            line=route.line,
            guards=tuple(self._filters(route)),
            guards_known=route.is_told,
            confidence=confidence,
        )

    def _filters(self, route: Route) -> Iterator[Guard]:
        path = route.scope.rpartition(":")[0]
        for each in route.filters:
            name = shown(each)
            if each[0] in {"n", "a", "c"} and CHECKS.search(name):
                found = self.names.resolve(route.scope, each[1] if each[0] == "c" else each)
                yield Guard(name=name, source="middleware", symbol=found.symbol, path=path, line=route.line)

    def _handler(self, route: Route) -> tuple[SymbolId, Confidence]:
        """Return what runs; the method around when the handler is written inline or cannot be told."""
        scope, expr = route.scope, route.handler
        given = value_of(self.names, scope, expr[1]) if expr[0] == "n" else None
        if given is not None and given[1][0] == "y":
            scope, expr = given
        if expr[0] == "y":
            return f"{scope.rpartition(':')[0]}:{expr[1]}", Confidence.HIGH
        found = self.names.resolve(scope, expr[1] if expr[0] == "c" else expr)
        for owner in (found.type, found.symbol):
            if owner and self.names.is_class(owner):
                below = implementing_of(self.names).only(owner) or owner
                definer = self.names.find_member(below, "handle")
                return (f"{definer}.handle" if definer else below), Confidence.HIGH
        if ":" in found.symbol and self.names.symbol(found.symbol) is not None:
            return implementing_of(self.names).runs(found.symbol), Confidence.HIGH
        inline = any(each[0] == "m" for each in walk(expr))
        return route.scope, Confidence.HIGH if inline else Confidence.MEDIUM
