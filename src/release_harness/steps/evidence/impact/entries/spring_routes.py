"""Spring's functional routes as each method writes them: chains of `route().GET(…)`, nested routers, and who is given whose router."""

from collections.abc import Iterable
from typing import NamedTuple

from release_harness.steps.evidence.impact.entries.implementing import implementing_of
from release_harness.steps.evidence.impact.entries.reading import joined, last_name, shown
from release_harness.steps.evidence.impact.entries.spring_predicates import (
    UNTOLD,
    VERBS,
    Predicate,
    Predicates,
    is_text,
)
from release_harness.steps.evidence.impact.expressions import parts_of, walk
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.impact.lexical.other_languages import Names, outer_name
from release_harness.steps.evidence.model.impact import SymbolId

MODULES = ("org.springframework.web.reactive.function.server", "org.springframework.web.servlet.function")
_FUNCTIONS = frozenset({"function", "async"})
_DEPTH_LIMIT = 60
_DOCUMENTED = "SpringdocRouteBuilder"
_ROUTES = frozenset({"route", "andRoute"})
_NESTS = frozenset({"nest", "path", "andNest"})


class Route(NamedTuple):
    """One route as it is written."""

    scope: SymbolId
    """Method in which it is written."""
    verb: str
    path: str
    """Below whatever nests the method."""
    is_told: bool
    """Whether reading tells the rest of the address."""
    handler: Expr
    line: int
    filters: tuple[Expr, ...]


class Mount(NamedTuple):
    """One place where the router of one method is part of the router of another."""

    parent: SymbolId
    prefix: str


class Nest(NamedTuple):
    """One prefix under which something is nested."""

    owner: SymbolId
    """Class in which that is written."""
    prefix: str
    has_routes: bool
    inside: tuple[SymbolId, ...]


class Asked(NamedTuple):
    """One place that asks an object of an interface for something."""

    owner: SymbolId
    """Class in which that is written."""
    others: tuple[str, ...]
    """What else the same method asks of such an object."""


class Place(NamedTuple):
    """Where in nested routers an expression stands."""

    prefix: str = ""
    documented: bool = False
    """Whether routes take a description as their last argument, as with springdoc."""
    filters: tuple[Expr, ...] = ()


def imports_it(modules: Iterable[str]) -> bool:
    """Tell whether a file imports functional routes."""
    return any(each in MODULES or each.startswith(tuple(f"{one}." for one in MODULES)) for each in modules)


class Reader:
    """Reads the routes of some files, each method for itself."""

    def __init__(self, names: Names) -> None:
        """Start with nothing read."""
        self.names = names
        self.predicates = Predicates(names)
        self.routes: list[Route] = []
        self.mounts: dict[SymbolId, list[Mount]] = {}
        self.nests: list[Nest] = []
        self.asked: dict[tuple[SymbolId, str], list[Asked]] = {}
        self._inside: list[SymbolId] = []

    def read_symbol(self, scope: SymbolId) -> None:
        """Read one method."""
        symbol = self.names.symbol(scope)
        if symbol is None:
            return
        for statement in symbol.body:
            if statement.value is not None:
                self._read(scope, statement.value, Place(), 0)
        if symbol.kind in _FUNCTIONS:
            self._read_asking(scope)

    def _read(self, scope: SymbolId, expr: Expr, place: Place, depth: int) -> None:
        if depth > _DEPTH_LIMIT:
            return
        if expr[0] == "c":
            self._read_chain(scope, expr, place, depth + 1)
        elif expr[0] == "y":
            self._mount(f"{scope.rpartition(':')[0]}:{expr[1]}", scope, place)
        else:
            for each in parts_of(expr):
                self._read(scope, each, place, depth + 1)

    def _read_chain(self, scope: SymbolId, expr: Expr, place: Place, depth: int) -> None:
        """Read `route().GET(…).filter(…)`: a filter stands before all routes of its chain, wherever it is written."""
        chain = calls_of(expr)
        filters = tuple(each for call in chain if last_name(call) == "filter" for each in call[2])
        documented = self._is_documented(scope, chain[0], place)
        here = Place(place.prefix, documented, (*place.filters, *filters))
        for call in chain:
            self._read_call(scope, call, here, depth)

    def _read_call(self, scope: SymbolId, call: Expr, place: Place, depth: int) -> None:
        word, given = last_name(call), call[2]
        base = call[1][1] if call[1][0] == "a" else None
        if word in VERBS and (len(given) > 1 or (given and base is not None and not is_text(given[0]))):
            self._route(scope, call, word, place)
        elif word in _ROUTES and len(given) > 1:
            self._route(scope, call, "", place)
        elif (word in _NESTS and len(given) > 1) or (word == "nest" and base is not None and given):
            self._nest(scope, call, base, place, depth)
        else:
            found = self.names.resolve(scope, call[1])
            if ":" in found.symbol:
                self._mount(implementing_of(self.names).runs(found.symbol), scope, place)
            for each in given:
                self._read(scope, each, place, depth)

    def _route(self, scope: SymbolId, call: Expr, verb: str, place: Place) -> None:
        given = list(call[2])
        if place.documented and len(given) > (1 if verb else 2):
            given.pop()
        handler = given.pop()
        found = self.predicates.read(scope, given[0]) if given else [Predicate(path="")]
        for each in found if not verb else found[:1]:
            is_told = each.path is not None and UNTOLD not in each.path
            whole = joined(place.prefix, each.path or "") if is_told else place.prefix
            said = (verb or each.verb or "ANY", whole, is_told)
            self.routes.append(Route(scope, *said, handler, call[4], place.filters))

    def _nest(self, scope: SymbolId, call: Expr, base: Expr | None, place: Place, depth: int) -> None:
        """Read what stands below a prefix; in Kotlin the prefix stands before the word."""
        given = list(call[2])
        first = base if base is not None and len(given) == 1 else given.pop(0)
        below = next((each.path for each in self.predicates.read(scope, first) if each.path is not None), "")
        prefix = joined(place.prefix, below) if below else place.prefix
        count, outside, self._inside = len(self.routes), self._inside, []
        for each in given:
            self._read(scope, each, place._replace(prefix=prefix), depth)
        nest = Nest(self._class_of(scope), prefix, len(self.routes) > count, tuple(self._inside))
        self.nests.append(nest)
        self._inside = [*outside, *self._inside]

    def _mount(self, child: SymbolId, parent: SymbolId, place: Place) -> None:
        symbol = self.names.symbol(child)
        if symbol is not None and symbol.kind in _FUNCTIONS and child != parent:
            self.mounts.setdefault(child, []).append(Mount(parent, place.prefix))
            self._inside.append(child)

    def _is_documented(self, scope: SymbolId, first: Expr, place: Place) -> bool:
        """Tell whether a chain begins with the builder of springdoc; a builder that is handed in is of the kind around."""
        root = first[1][1] if first[1][0] == "a" else first[1]
        found = self.names.resolve(scope, root)
        if any(_DOCUMENTED in each for each in (shown(root), found.external, found.type)):
            return True
        return place.documented and not (found.external or found.type)

    def _read_asking(self, scope: SymbolId) -> None:
        """Note what one method asks of objects of interfaces."""
        symbol = self.names.symbol(scope)
        asked: dict[SymbolId, list[str]] = {}
        for statement in symbol.body if symbol is not None else ():
            for each in walk(statement.value):
                if each[0] == "c" and each[1][0] == "a":
                    owner = self.names.resolve(scope, each[1][1]).type
                    held = self.names.symbol(owner) if ":" in owner else None
                    if held is not None and held.kind == "interface":
                        asked.setdefault(owner, []).append(str(each[1][2]))
        for owner, words in asked.items():
            for word in dict.fromkeys(words):
                others = tuple(dict.fromkeys(each for each in words if each != word))
                self.asked.setdefault((owner, word), []).append(Asked(self._class_of(scope), others))

    def _class_of(self, scope: SymbolId) -> SymbolId:
        path, _, qualname = scope.rpartition(":")
        while qualname:
            symbol = self.names.symbol(f"{path}:{qualname}")
            if symbol is not None and symbol.kind not in _FUNCTIONS:
                break
            qualname = outer_name(qualname)
        return f"{path}:{qualname}"


def calls_of(expr: Expr) -> list[Expr]:
    """Return the calls of a chain, the innermost first; `POST("/x") { … }` of Kotlin is one call."""
    found: list[Expr] = []
    while expr[0] == "c":
        function = expr[1]
        if function[0] == "c":
            expr = ["c", function[1], [*function[2], *expr[2]], {**function[3], **expr[3]}, function[4]]
            continue
        found.append(expr)
        expr = function[1] if function[0] == "a" else function
    found.reverse()
    return found
