"""When each landing was there, although clocks run backwards."""

from bisect import bisect_right
from collections.abc import Sequence


def straighten(seconds: Sequence[int]) -> tuple[int, ...]:
    """Return times that never run backwards, changing as few of them as can be.

    The longest run of times that do not fall is kept (patience sorting, n log n); every other landing takes the time of the
    kept one before it. One clock that is years ahead or behind so moves no landing but its own.
    """
    ends: list[int] = []
    ends_at: list[int] = []
    before: list[int] = []
    for place, value in enumerate(seconds):
        at = bisect_right(ends, value)
        before.append(ends_at[at - 1] if at else -1)
        if at == len(ends):
            ends.append(value)
            ends_at.append(place)
        else:
            ends[at], ends_at[at] = value, place
    kept: set[int] = set()
    place = ends_at[-1] if ends_at else -1
    while place >= 0:
        kept.add(place)
        place = before[place]
    found: list[int] = []
    last = min((seconds[each] for each in kept), default=0)
    for place, value in enumerate(seconds):
        last = value if place in kept else last
        found.append(last)
    return tuple(found)
