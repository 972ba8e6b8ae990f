"""What Spring runs around routes and after events: filters, interceptors, advice, and who listens to what is published."""

from collections.abc import Iterator, Sequence

from release_harness.steps.evidence.impact.entries.contract import Around, HookEdge
from release_harness.steps.evidence.impact.entries.reading import last_name
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.impact.lexical.other_languages import Names
from release_harness.steps.evidence.model.impact import Confidence, SymbolId

FILTERS = {
    "WebFilter": ("filter",),
    "OncePerRequestFilter": ("doFilterInternal", "shouldNotFilter"),
    "GenericFilterBean": ("doFilter",),
    "Filter": ("doFilter",),
    "HandlerInterceptor": ("preHandle", "postHandle", "afterCompletion"),
    "AsyncHandlerInterceptor": ("preHandle", "postHandle", "afterCompletion"),
}
"""Base -> what the server calls of it for every request."""
ADVICE = frozenset({"ControllerAdvice", "RestControllerAdvice"})
LISTENER = "ApplicationListener"
RUNNERS = {
    **dict.fromkeys(("CommandLineRunner", "ApplicationRunner"), "run"),
    **dict.fromkeys(("SmartLifecycle", "Lifecycle"), "start"),
    "InitializingBean": "afterPropertiesSet",
}
"""Base -> what the container calls of it at the start of the application."""
PUBLISHES = "publishEvent"


def base_names(symbol: Symbol) -> frozenset[str]:
    """Return the last names of what a class inherits from directly."""
    return frozenset(last_name(each) for each in symbol.bases)


def around_of(names: Names, owner: SymbolId, symbol: Symbol) -> Iterator[Around]:
    """Yield what one class has that runs around every route."""
    path = owner.rpartition(":")[0]
    for base in sorted(base_names(symbol) & FILTERS.keys()):
        for name in FILTERS[base]:
            if names.find_member(owner, name) == owner:
                yield Around(
                    f"{owner}.{name}", "web filter" if "Intercept" not in base else "interceptor before handlers"
                )
    if any(last_name(each) in ADVICE for each in symbol.decorators):
        module = names.module(path)
        for each in module.facts.symbols if module is not None else ():
            if each.qualname.startswith(f"{symbol.qualname}.") and any(
                last_name(one) == "ExceptionHandler" for one in each.decorators
            ):
                yield Around(f"{path}:{each.qualname}", "exception handler")


def event_of(symbol: Symbol) -> str:
    """Return the event that `implements ApplicationListener<Event>` names; empty for a class that listens to none."""
    for each in symbol.bases:
        if each[0] == "i" and last_name(each) == LISTENER:
            return last_name(each[2])
    return ""


def event_edges(
    names: Names,
    sent: Sequence[tuple[SymbolId, int, Expr]],
    heard: Sequence[tuple[SymbolId, SymbolId]],
) -> Iterator[HookEdge]:
    """Yield an edge from whoever publishes an event to each listener of its class or of a base of it; it runs later."""
    for scope, line, expr in sent:
        given = names.resolve(scope, expr)
        owner = given.type or (given.symbol if names.is_class(given.symbol) else "")
        if ":" not in owner:
            continue
        above = names.lineage(owner)
        for handler, event in heard:
            if event in above:
                sure = Confidence.HIGH if event == owner else Confidence.MEDIUM
                yield HookEdge(scope, handler, sure, "publishes an event that is heard by", line, asynchronous=True)
