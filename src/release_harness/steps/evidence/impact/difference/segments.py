"""Which statements of a module or class differ, by what they bind."""

from collections import Counter
from collections.abc import Iterator, Sequence

from release_harness.steps.evidence.impact.difference.outline import Segment
from release_harness.steps.evidence.model.impact import ChangedSymbol, SymbolChange


def segment_changes(
    path: str, owner: str, old: Sequence[Segment], new: Sequence[Segment], of_name: SymbolChange
) -> Iterator[ChangedSymbol]:
    """Compare statements by what they bind; those that bind nothing, by what they say."""
    before, after = _by_name(old), _by_name(new)
    for name in {**before, **after}:
        was, now = before.get(name, []), after.get(name, [])
        if [each.tokens for each in was] == [each.tokens for each in now]:
            continue
        line = (now or was)[0].line
        imported = any(each.kind == "import" for each in (*was, *now))
        change = SymbolChange.IMPORT if imported else of_name
        if not was and not imported:
            change = SymbolChange.ADDED if of_name is SymbolChange.CONSTANT else of_name
        elif not now and not imported:
            change = SymbolChange.REMOVED if of_name is SymbolChange.CONSTANT else of_name
        symbol = f"{path}:{owner}.{name}" if owner else f"{path}:{name}"
        if name.startswith("*") or not name:
            symbol = f"{path}:{owner}"
        yield ChangedSymbol(symbol=symbol, change=change, path=path, line=line, kind="variable")
    gone, come = _nameless(old), _nameless(new)
    for tokens in [*(come - gone), *(gone - come)]:
        line = next((each.line for each in (*new, *old) if each.tokens == tokens), 1)
        kind = "class" if owner else "module"
        change = SymbolChange.FIELD if owner else SymbolChange.STATEMENT
        yield ChangedSymbol(symbol=f"{path}:{owner}", change=change, path=path, line=line, kind=kind)


def _by_name(segments: Sequence[Segment]) -> dict[str, list[Segment]]:
    found: dict[str, list[Segment]] = {}
    for each in segments:
        for name in each.names:
            # `from a import (b, c)` names many: one of them that came or went is no change of the others.
            source = each.sources.get(name)
            found.setdefault(name, []).append(each if source is None else each._replace(tokens=(source,)))
    return found


def _nameless(segments: Sequence[Segment]) -> Counter[tuple[str, ...]]:
    # A statement without tokens of its own only holds a symbol, which is compared by itself.
    return Counter(each.tokens for each in segments if not each.names and each.kind != "import" and each.tokens)
