"""What a search backwards goes through: symbols as seen through a class, and the steps between them."""

from typing import NamedTuple

from release_harness.steps.evidence.impact.link.reasons import RANK, REASONS
from release_harness.steps.evidence.impact.link.table import Row

State = tuple[str, str]
"""A symbol and the class it is bound to; empty for any."""

REGISTRY = "\1"
"""In the place of the receiver: the symbol is reached as the registry of what is registered on it, not by its value."""
HOLDER = "\2"
"""In the place of the receiver: the class is reached through a field that it declares."""


class Step(NamedTuple):
    """One edge backwards."""

    state: State
    rank: int
    reason: str
    line: int
    asynchronous: bool


def step_of(row: Row, receiver: str, reason: int = -1) -> Step:
    """Return the step backwards along an edge, for its own reason or another."""
    rule = REASONS[row.reason if reason < 0 else reason]
    return Step((row.source, receiver), RANK[rule.confidence], rule.words, row.line, rule.asynchronous)
