"""The matchers of Spring Security: which check stands before an address, by the first one that matches it."""

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from release_harness.steps.evidence.impact.entries.reading import last_name, shown
from release_harness.steps.evidence.impact.entries.spring_predicates import VERBS
from release_harness.steps.evidence.impact.entries.spring_routes import calls_of
from release_harness.steps.evidence.impact.entries.spring_words import order_of, text
from release_harness.steps.evidence.impact.expressions import items_of, walk
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.impact.lexical.other_languages import Names, outer_name
from release_harness.steps.evidence.model.impact import Guard, SymbolId

STARTS = frozenset({"authorizeExchange", "authorizeHttpRequests", "authorizeRequests"})
_ANY = frozenset({"anyExchange", "anyRequest"})
_MATCHERS = frozenset({"pathMatchers", "requestMatchers", "antMatchers", "mvcMatchers", "regexMatchers", "matchers"})
_CHAIN_MATCHERS = frozenset({"securityMatcher", "securityMatchers", "antMatcher", "mvcMatcher"})
_CHECKS = frozenset({
    "permitAll", "authenticated", "fullyAuthenticated", "rememberMe", "anonymous", "denyAll", "hasRole", "hasAnyRole", "hasAuthority",
    "hasAnyAuthority", "hasAllRoles", "hasAllAuthorities", "hasIpAddress", "hasPermission", "access",
})  # fmt: skip
_WEAK = frozenset({"permitAll", "anonymous"})
_HOLE = re.compile(r"\{[^{}]*\}")


class Rule(NamedTuple):
    """One matcher with its check."""

    order: tuple[int, int, str, int]
    verb: str
    """Empty for any method."""
    patterns: tuple[str, ...] | None
    """None for every address."""
    told: bool
    """False for a matcher that reading does not tell."""
    within: tuple[str, ...]
    """Patterns of the whole chain; empty for all."""
    guard: Guard


class Matchers:
    """All rules of a tree, in the order in which they are asked."""

    def __init__(self, names: Names, scopes: Sequence[SymbolId]) -> None:
        """Read the methods that hold rules."""
        self.names = names
        found = [rule for scope in scopes for rule in self._rules(scope)]
        self.opened = tuple(mark for scope in scopes for mark in self._opened(scope))
        self.rules = tuple(sorted(found, key=lambda each: each.order))

    def _opened(self, scope: SymbolId) -> Iterator[Guard]:
        """Yield the mark of a chain that turns the check for forged requests off, in any of its spellings."""
        for place, call in self._calls_inside(scope):
            on_csrf = call[1][0] == "a" and last_name(call[1][1]) == "csrf"
            # As a method reference or inside a lambda: `csrf(CsrfConfigurer::disable)`, `csrf(c -> c.disable())`.
            named = [each for given in call[2] for each in walk(given) if last_name(each) == "disable"]
            inside = last_name(call) == "disable" and place != scope and self._is_given_to(scope, place, "csrf")
            if (last_name(call) == "disable" and on_csrf) or (last_name(call) == "csrf" and named) or inside:
                path = scope.partition(":")[0]
                yield Guard(name="csrf().disable()", source="middleware", path=path, line=int(call[4]), weak=True)
                return

    def _calls_inside(self, scope: SymbolId) -> Iterator[tuple[SymbolId, Expr]]:
        """Yield every call of a method and of the functions written inside it."""
        path, _, qualname = scope.rpartition(":")
        module = self.names.module(path)
        for symbol in module.facts.symbols if module is not None else ():
            if symbol.qualname == qualname or symbol.qualname.startswith(f"{qualname}.<locals>."):
                for statement in symbol.body:
                    yield from ((f"{path}:{symbol.qualname}", each) for each in walk(statement.value) if each[0] == "c")

    def _is_given_to(self, scope: SymbolId, place: SymbolId, word: str) -> bool:
        """Tell whether a function that is written inside a method is handed to a call of some name."""
        inner = ["y", place.rpartition(":")[2]]
        return any(last_name(call) == word and inner in call[2] for _, call in self._calls_inside(scope))

    def _rules(self, scope: SymbolId) -> Iterator[Rule]:
        symbol = self.names.symbol(scope)
        calls = [
            each for one in (symbol.body if symbol is not None else ()) for each in walk(one.value) if each[0] == "c"
        ]
        within = tuple(
            pattern
            for each in calls
            if last_name(each) in _CHAIN_MATCHERS
            for pattern in self._patterns(scope, each[2])[1] or ()
        )
        order = self._order(scope)
        written: list[Rule] = []
        for start in calls:
            if last_name(start) in STARTS:
                written += self._of_start(scope, start, calls, within)
        for at, each in enumerate(written):
            yield each._replace(order=(*order, scope.partition(":")[0], at))

    def _of_start(self, scope: SymbolId, start: Expr, calls: Sequence[Expr], within: tuple[str, ...]) -> Iterator[Rule]:
        if start[2]:
            for place, expr in self._inside(scope, start):
                for each in walk(expr):
                    yield from self._kotlin(place, each, within)
                for chain in _chains(expr):
                    yield from self._of_chain(place, chain, within)
            return
        whole = next((chain for each in calls for chain in [calls_of(each)] if start in chain[:-1]), [])
        yield from self._of_chain(scope, whole[whole.index(start) :] if start in whole else [], within)

    def _inside(self, scope: SymbolId, start: Expr) -> Iterator[tuple[SymbolId, Expr]]:
        """Yield the expressions of what `authorizeHttpRequests` is given, each with its scope."""
        for each in start[2]:
            if each[0] != "y":
                yield scope, each
                continue
            inner = f"{scope.rpartition(':')[0]}:{each[1]}"
            symbol = self.names.symbol(inner)
            for statement in symbol.body if symbol is not None else ():
                if statement.value is not None:
                    yield inner, statement.value

    def _of_chain(self, scope: SymbolId, chain: Sequence[Expr], within: tuple[str, ...]) -> Iterator[Rule]:
        """Yield one rule for each matcher that a check follows."""
        matcher: Expr | None = None
        for call in chain:
            word = last_name(call)
            if word in _MATCHERS | _ANY:
                matcher = call
            elif word in _CHECKS and matcher is not None:
                yield self._rule(scope, matcher, call, within)
                matcher = None

    def _kotlin(self, scope: SymbolId, call: Expr, within: tuple[str, ...]) -> Iterator[Rule]:
        """Yield the rule of `authorize("/api/**", hasRole("ADMIN"))`."""
        if call[0] == "c" and call[1] == ["n", "authorize"] and len(call[2]) > 1:
            *matcher, check = call[2]
            yield self._rule(scope, ["c", ["n", "matchers"], matcher, {}, call[4]], check, within)

    def _rule(self, scope: SymbolId, matcher: Expr, check: Expr, within: tuple[str, ...]) -> Rule:
        verb, patterns = self._patterns(scope, matcher[2])
        every = last_name(matcher) in _ANY or any(last_name(each) in _ANY for each in matcher[2])
        name = f"{last_name(check)}({', '.join(shown(each) for each in check[2])})" if check[0] == "c" else shown(check)
        given = check[2][0] if check[0] == "c" and check[2] else None
        asked = self.names.resolve(scope, given[1] if given is not None and given[0] == "c" else given)
        line = int(check[4] if check[0] == "c" else matcher[4])
        guard = Guard(
            name=name,
            source="middleware",
            symbol=asked.symbol if given is not None and given[0] in {"c", "n", "a"} else "",
            path=scope.partition(":")[0],
            line=line,
            weak=last_name(check) in _WEAK,
        )
        return Rule((0, 0, "", 0), verb, None if every else patterns, every or patterns is not None, within, guard)

    def _patterns(self, scope: SymbolId, given: Sequence[Expr]) -> tuple[str, tuple[str, ...] | None]:
        """Return (method, patterns) of a matcher; None for one that is an object of its own."""
        verb = ""
        found: list[str] = []
        for each in [part for one in given for part in (items_of(one) or [one])]:
            if each[0] == "a" and each[2] in VERBS:
                verb = str(each[2])
                continue
            said = text(self.names, scope, each) if each[0] in {"s", "f", "n", "a"} else ""
            if not said.startswith("/"):
                return verb, None
            found.append(said)
        return (verb, tuple(found)) if found else (verb, ("/**",) if verb else None)

    def _order(self, scope: SymbolId) -> tuple[int, int]:
        """Return where the bean stands: one that is there only under a condition after those that always are."""
        path, _, qualname = scope.rpartition(":")
        conditional, order = 0, order_of(self.names, None)
        while qualname:
            symbol = self.names.symbol(f"{path}:{qualname}")
            if symbol is not None:
                said = order_of(self.names, symbol, f"{path}:{qualname}")
                order = min(order, said)
                words = {last_name(each) for each in symbol.decorators}
                conditional |= any(each == "Profile" or each.startswith("Conditional") for each in words)
            qualname = outer_name(qualname)
        return int(conditional), order

    def guards(self, name: str) -> tuple[tuple[Guard, ...], bool]:
        """Return the check before a route such as `GET /items/{id}`, and whether reading tells which one it is."""
        verb, _, address = name.partition(" ")
        if not self.rules:
            return (), True
        if not address.startswith("/"):
            return (), False
        for rule in self.rules:
            if not rule.told or (rule.verb and rule.verb != verb):
                continue
            if rule.within and not any(matches(each, address) for each in rule.within):
                continue
            if rule.patterns is None or any(matches(each, address) for each in rule.patterns):
                return (rule.guard,), True
        return (), True


def _chains(expr: Expr) -> Iterator[list[Expr]]:
    """Yield every chain of calls inside an expression, each once and whole."""
    inner: set[int] = set()
    for each in walk(expr):
        if each[0] == "c" and id(each) not in inner:
            chain = calls_of(each)
            inner.update(id(one) for one in chain)
            yield chain


def matches(pattern: str, address: str) -> bool:
    """Tell whether an Ant pattern matches an address; a parameter of the address stands for no fixed word."""
    return _matches(pattern.strip("/").split("/"), address.strip("/").split("/"))


def _matches(pattern: Sequence[str], parts: Sequence[str]) -> bool:
    if not pattern:
        return not parts
    first = pattern[0]
    if first == "**" or (first.startswith("{*") and first.endswith("}")):
        return any(_matches(pattern[1:], parts[at:]) for at in range(len(parts) + 1))
    if not parts:
        return False
    wanted = _HOLE.sub("*", first)
    is_open = bool(_HOLE.search(parts[0]))
    return (wanted == "*" if is_open else fnmatchcase(parts[0], wanted)) and _matches(pattern[1:], parts[1:])
