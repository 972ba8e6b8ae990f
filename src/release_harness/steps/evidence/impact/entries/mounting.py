"""A second look before a command or job is called unmounted: does anything refer to it in a way that its adapter does not know?"""

from dataclasses import replace

from release_harness.steps.evidence.impact.entries.contract import ProgramView
from release_harness.steps.evidence.impact.entries.reading import is_test_path, path_of, qualname_of
from release_harness.steps.evidence.impact.graph import Edge, ReferenceGraph
from release_harness.steps.evidence.model.impact import EntryPoint, SymbolId


def doubted(entry: EntryPoint, program: ProgramView, graph: ReferenceGraph) -> EntryPoint:
    """Return an entry whose `mounted` is None instead of False when something else refers to what it hangs on."""
    if entry.mounted is not False:
        return entry
    hangs_on = entry.registered_on if ":" in entry.registered_on else ""
    for symbol in filter(None, (hangs_on, entry.handler)):
        edge = next((each for each in graph.referrers(symbol) if _is_other(program, each, symbol, hangs_on)), None)
        if edge is not None:
            place = f"{path_of(edge.source.symbol)}:{edge.line}"
            return replace(entry, mounted=None, why_not_mounted=f"{entry.why_not_mounted}, but {place} refers to it")
    return entry


def _is_other(program: ProgramView, edge: Edge, symbol: SymbolId, hangs_on: SymbolId) -> bool:
    """Tell whether a reference is none of its own registration: not from its module's own statements, its group or a test."""
    source = edge.source.symbol
    if source in {symbol, hangs_on} or is_test_path(path_of(source)):
        return False
    facts = program.symbol(source)
    if facts is not None and facts.decorators and facts.first_line <= edge.line < facts.line:
        return False  # a decorator: another member of the same group
    return path_of(source) != path_of(symbol) or bool(qualname_of(source))
