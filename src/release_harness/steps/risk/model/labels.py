"""Which landings were taken back, or mended, by a later one."""

from enum import Enum

from release_harness.kernel.records import record


class Match(Enum):
    """How well the lines of a revert mirror those of what it takes back; the first member is the surest."""

    EXACT = "exact"
    """File by file, as many lines go as came, and the other way round."""
    PARTLY = "partly"
    """Some of the files are the same."""
    NONE = "none"
    UNKNOWN = "unknown"
    """The lines of one of them are not known."""


@record
class Label:
    """One landing that a later one took back or mended."""

    culprit: int
    """Place on the first-parent line, 0 for the oldest landing."""
    by: int
    how: str
    """`commit id`, `number` or `title`: what the later landing names."""
    match: Match = Match.UNKNOWN


@record
class Labels:
    """What the miner found in one history, and why it left the rest out."""

    reverted: tuple[Label, ...]
    """One for each culprit: the first clean revert of it."""
    fixed: tuple[Label, ...]
    """One for each culprit: the first landing with a `Fixes:` trailer that names it."""
    candidates: tuple[bool, ...]
    """Whether a landing counts at all: it changes something, and is neither a revert nor lands anything again."""
    relanded: tuple[tuple[int, int], ...]
    """Culprits that landed again later, each with the landing that did so."""
    left_out: tuple[tuple[str, int], ...]
    """How many claims were left out, by reason."""
