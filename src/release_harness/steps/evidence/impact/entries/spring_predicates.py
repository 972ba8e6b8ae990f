"""The predicates of Spring's functional routes: which methods and addresses they let through."""

from typing import NamedTuple

from release_harness.steps.evidence.impact.entries.reading import joined, last_name
from release_harness.steps.evidence.impact.entries.spring_words import text
from release_harness.steps.evidence.impact.expressions import items_of, text_of
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.impact.lexical.other_languages import Names
from release_harness.steps.evidence.model.impact import SymbolId

VERBS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNTOLD = "{…}"
"""Address that reading does not tell at all."""
DEPTH_LIMIT = 20


class Predicate(NamedTuple):
    """What one predicate lets through."""

    verb: str = ""
    """Empty for any."""
    path: str | None = None
    """None when it says nothing of the address."""


ANY = Predicate()


class Predicates:
    """Reads predicates of one tree."""

    def __init__(self, names: Names) -> None:
        """Take what names mean."""
        self.names = names

    def read(self, scope: SymbolId, expr: Expr, depth: int = 0) -> list[Predicate]:
        """Return the alternatives of a predicate; what it asks beside method and address is left out."""
        if depth > DEPTH_LIMIT:
            return [ANY]
        if expr[0] in {"s", "f"}:
            return [Predicate(path=text(self.names, scope, expr))]
        if expr[0] == "c":
            return self._called(scope, expr, depth)
        if expr[0] == "n":
            return self._variable(scope, expr, depth)
        return [ANY]

    def _called(self, scope: SymbolId, call: Expr, depth: int) -> list[Predicate]:
        word, given = last_name(call), call[2]
        if word in VERBS:
            return [Predicate(word, self._address(scope, given[0]) if given else None)]
        if word == "path" and given:
            return [Predicate(path=self._address(scope, given[0]))]
        if word in {"method", "methods"}:
            verbs = [last_name(one) for each in given for one in (items_of(each) or [each])]
            return [Predicate(each) for each in verbs if each in VERBS] or [ANY]
        if word == "all":
            return [Predicate(path="/**")]
        if call[1][0] != "a":
            return [ANY]
        left = self.read(scope, call[1][1], depth + 1)
        if word == "or" and given:
            return [*left, *self.read(scope, given[0], depth + 1)]
        if word == "and" and given:
            right = self.read(scope, given[0], depth + 1)
            return [both(one, other) for one in left for other in right]
        return left if word not in {"negate", "not"} else [ANY]

    def _address(self, scope: SymbolId, expr: Expr) -> str:
        """Return the address that an expression says."""
        said = text(self.names, scope, expr)
        return UNTOLD if said.startswith("{") and expr[0] not in {"s", "f"} else said

    def _variable(self, scope: SymbolId, expr: Expr, depth: int) -> list[Predicate]:
        """Return what a local variable holds; a parameter is an address that nobody tells."""
        bound = value_of(self.names, scope, expr[1])
        if bound is not None:
            return self.read(bound[0], bound[1], depth + 1)
        plain = self.names.resolve(scope, expr).text
        return [Predicate(path=plain)] if plain else [ANY]


def both(one: Predicate, other: Predicate) -> Predicate:
    """Return what two predicates let through together; two addresses are one below the other."""
    paths = [each.path for each in (one, other) if each.path is not None]
    return Predicate(one.verb or other.verb, joined(*paths) if paths else None)


def value_of(names: Names, scope: SymbolId, name: str) -> tuple[SymbolId, Expr] | None:
    """Return the scope and the expression that a variable was given, the scopes around included."""
    place = names.scope(scope)
    path = scope.rpartition(":")[0]
    while place is not None:
        bound = place.bound.get(name)
        if bound is not None:
            statement = bound.statement
            if statement is None or statement.value is None:
                return None
            return f"{path}:{place.symbol.qualname}", statement.value
        place = place.outer
    return None


def is_text(expr: Expr) -> bool:
    """Tell whether an argument is an address by its form."""
    return text_of(expr) is not None or expr[0] == "f"
