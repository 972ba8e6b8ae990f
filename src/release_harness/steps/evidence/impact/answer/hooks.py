"""What libraries call by themselves, and flags that a way stands behind, as the adapters know them."""

from collections.abc import Sequence

from release_harness.steps.evidence.impact.difference.side import SideView
from release_harness.steps.evidence.model.impact import SymbolId


def called_by_library(_side: SideView, _symbol: SymbolId) -> str:
    """Say why a library calls a symbol by itself, or return an empty text."""
    return ""


def dark_flag(_side: SideView, _symbols: Sequence[SymbolId]) -> str:
    """Name the flag that a way stands behind, or return an empty text."""
    return ""
