"""Which entry points a finding of a scanner lies behind. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from release_harness.steps.evidence.model import Finding
from release_harness.steps.evidence.model.impact import ChangedSymbol, ImpactAnswer, Label, SymbolChange, SymbolId


def entries_behind(answer: ImpactAnswer, findings: Sequence[Finding]) -> Mapping[Finding, tuple[str, ...]]:
    """Return, for each finding in changed code, the entry points that surely run it, by key and sorted.

    A finding belongs to the changed symbol that begins last before its line; the end of symbols is not kept, so a
    finding between two of them is laid to the one above.
    """
    running: dict[SymbolId, set[str]] = {}
    for affected in answer.affected:
        if affected.label in {Label.RESOLVED, Label.TRACED}:
            for symbol in affected.changed:
                running.setdefault(symbol, set()).add(affected.entry.key)
    symbols = _by_path(answer.changed)
    found = {}
    for finding in findings:
        above = [each for each in symbols.get(finding.path, ()) if each.line <= finding.line]
        entries = running.get(above[-1].symbol, set()) if above else set()
        if entries:
            found[finding] = tuple(sorted(entries))
    return found


def _by_path(changed: Iterable[ChangedSymbol]) -> Mapping[str, list[ChangedSymbol]]:
    found: dict[str, list[ChangedSymbol]] = {}
    for each in sorted(changed, key=lambda one: one.line):
        if each.change is not SymbolChange.REMOVED and each.kind not in {"module", "file"}:
            found.setdefault(each.path, []).append(each)
    return found
