"""What really ran: the pairs of function and entry point that passed tests walked. Pure."""

from collections.abc import Set as AbstractSet

from release_harness.steps.evidence.model.impact import SymbolId
from release_harness.steps.evidence.rules.walks.traces import TraceView, members


def truth_of(view: TraceView, files: AbstractSet[str] | None = None) -> dict[SymbolId, frozenset[str]]:
    """Return, for each function that still is what ran, the keys of the entry points that it ran under.

    With `files`, only what the tests of these files walked.
    """
    found: dict[SymbolId, set[str]] = {}
    for key, hits in view.hits.items():
        functions = 0
        for test, hit in hits:
            if files is None or file_of(test.id) in files:
                functions |= hit.functions
        for number in members(functions & view.valid):
            found.setdefault(view.map.functions[number].symbol, set()).add(key)
    return {symbol: frozenset(keys) for symbol, keys in found.items()}


def walking_files(view: TraceView) -> frozenset[str]:
    """Return the files of all tests that walked through an entry point."""
    return frozenset(file_of(test.id) for hits in view.hits.values() for test, _hit in hits)


def file_of(test: str) -> str:
    """Return the file of a test, as pytest names it."""
    return test.partition("::")[0]
