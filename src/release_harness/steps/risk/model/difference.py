"""Which past landings change their tier between two policies."""

from release_harness.kernel.records import record


@record
class MovedLanding:
    """One landing whose tier the new policy changes."""

    commit: str
    title: str
    landed_at_seconds: int
    old_tier: str
    new_tier: str
    old_level: str
    new_level: str
    loosened: bool
    """True when fewer people have to look, or as many under a lower tier of the same names."""
    reverted_by: str
    """The landing that took it back, or empty."""
    reverted_after_seconds: int | None


@record
class PolicyDifference:
    """Two policies over one history."""

    old: str
    new: str
    branch: str
    tip: str
    landings_count: int
    reverted_count: int
    moved: tuple[MovedLanding, ...]
    """The reverted and loosened ones first, then the newest."""
    moves: tuple[tuple[str, str, int, int], ...]
    """Old tier, new tier, landings, of which reverted."""
    loosened_count: int
    loosened_reverted_count: int
    tightened_count: int
    tightened_reverted_count: int
    gaps: tuple[str, ...]
    shown_count: int = 20
