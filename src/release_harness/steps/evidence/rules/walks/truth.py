"""What really ran: the pairs of function and entry point that passed tests walked. Pure."""

from release_harness.steps.evidence.model.impact import SymbolId
from release_harness.steps.evidence.rules.walks.traces import TraceView, members


def truth_of(view: TraceView) -> dict[SymbolId, frozenset[str]]:
    """Return, for each function that still is what ran, the keys of the entry points that it ran under."""
    found: dict[SymbolId, set[str]] = {}
    for key, hits in view.hits.items():
        functions = 0
        for _test, hit in hits:
            functions |= hit.functions
        for number in members(functions & view.valid):
            found.setdefault(view.map.functions[number].symbol, set()).add(key)
    return {symbol: frozenset(keys) for symbol, keys in found.items()}
