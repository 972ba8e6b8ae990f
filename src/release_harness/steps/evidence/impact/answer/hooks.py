"""What libraries call by themselves, and flags that a way stands behind, as the adapters know them."""

from collections.abc import Sequence

from release_harness.steps.evidence.impact.difference.side import SideView
from release_harness.steps.evidence.impact.entries import library_hooks
from release_harness.steps.evidence.impact.entries.flags import flag_conditions
from release_harness.steps.evidence.model.impact import SymbolId


def called_by_library(side: SideView, symbol: SymbolId) -> str:
    """Say why a library calls a symbol by itself, or return an empty text."""
    return library_hooks.called_by_library(side.program, symbol)


def dark_flag(side: SideView, symbols: Sequence[SymbolId]) -> str:
    """Name the flag that a way stands behind, or return an empty text; what runs while a flag is off is not dark."""
    for symbol in symbols[1:]:
        conditions = flag_conditions(side.program, side.graph, symbol)
        if conditions and all(each.on is not False for each in conditions):
            first = conditions[0]
            return f"{first.key} ({first.path}:{first.line})"
    return ""
