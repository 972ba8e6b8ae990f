"""Which entry points a finding of a scanner lies behind. Pure."""

from collections.abc import Mapping, Sequence

from release_harness.steps.evidence.model import Finding
from release_harness.steps.evidence.model.impact import ChangedSymbol, ImpactAnswer, Label, SymbolChange, SymbolId


def entries_behind(answer: ImpactAnswer, findings: Sequence[Finding]) -> Mapping[Finding, tuple[str, ...]]:
    """Return, for each finding in changed code, the entry points that surely run it, by key and sorted.

    A finding belongs to the innermost changed symbol whose own lines hold its line; one that stands between changed symbols,
    or in a member that did not change, belongs to none of them.
    """
    running: dict[SymbolId, set[str]] = {}
    for affected in answer.affected:
        if affected.label in {Label.RESOLVED, Label.TRACED}:
            for symbol in affected.changed:
                running.setdefault(symbol, set()).add(affected.entry.key)
    by_path: dict[str, list[ChangedSymbol]] = {}
    for each in answer.changed:
        if each.change is not SymbolChange.REMOVED:
            by_path.setdefault(each.path, []).append(each)
    found = {}
    for finding in findings:
        entries = running.get(_holding(by_path.get(finding.path, ()), finding.line), set())
        if entries:
            found[finding] = tuple(sorted(entries))
    return found


def _holding(changed: Sequence[ChangedSymbol], line: int) -> SymbolId:
    """Return the changed symbol whose range around a line is the smallest, or empty where none holds it."""
    around = [(last - first, each.symbol) for each in changed for first, last in each.lines if first <= line <= last]
    return min(around)[1] if around else ""
