"""How often a landing is tried again when the tip moves, and how long it waits before."""

from datetime import timedelta

MOST_ATTEMPTS = 8
_FIRST = timedelta(milliseconds=100)
_LONGEST = timedelta(seconds=5)


def pause_before(attempt_count: int, spread: str) -> timedelta | None:
    """Return the pause before the next attempt, or None when there have been enough.

    The pause doubles, and `spread` (the head commit) shifts it by up to half, so that two landings do not meet for ever.
    """
    if attempt_count >= MOST_ATTEMPTS:
        return None
    whole = min(_FIRST * (1 << (attempt_count - 1)), _LONGEST)
    share = int(spread[:8] or "0", 16) % 1000
    return whole / 2 + whole / 2 * share / 1000
