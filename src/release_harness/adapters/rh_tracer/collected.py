"""What one test, one fixture or the time between them did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Protocol

    class Replaced(Protocol):
        """One thing that is replaced for a while."""

        @property
        def key(self) -> tuple[str, str, bool]:
            """Dotted name, how it was replaced, and whether it is of the repository."""
            ...

        def uses(self) -> int | None:
            """Return how often it was called so far; None when nobody counts."""
            ...

        def was_used(self, before: int | None, seen: set[int]) -> bool | None:
            """Tell whether it took part; None when nobody can tell."""
            ...

    class Ended(Protocol):
        """A request, command or task that was dispatched and is closed."""

        entry: tuple[str, str, int]
        raw: bool
        seen: set[int]
        replaced: dict[Replaced, Any]


HITS_LIMIT_COUNT = 2_000
"""Distinct ways through entry points that are kept for one test; more are counted as dropped."""


class Collected:
    """What one test, one fixture or the time between them did."""

    __slots__ = (
        "counts",
        "dropped",
        "hits",
        "outcome",
        "reached",
        "replaced",
        "seen",
        "sockets",
        "stubs",
        "waiting",
        "why",
    )

    def __init__(self) -> None:
        """Nothing has happened yet."""
        self.seen: set[int] = set()
        self.hits: dict[tuple[Any, ...], set[int]] = {}
        self.counts: dict[tuple[Any, ...], int] = {}
        self.replaced: dict[tuple[str, str, bool], None] = {}
        self.stubs: dict[str, None] = {}
        self.sockets: dict[str, None] = {}
        self.waiting: list[Ended] = []
        self.dropped = 0
        self.reached: dict[Collected, None] = {}
        """Fixtures that this used, set up now or earlier."""
        self.outcome = ""
        self.why = ""

    def settle(self) -> None:
        """Add the closed holders to the hits; what ran in them after they were closed is still theirs."""
        waiting, self.waiting = self.waiting, []
        for holder in waiting:
            used, idle = _judge_replaced(holder)
            key = (*holder.entry, holder.raw, used, idle)
            if key not in self.hits and len(self.hits) >= HITS_LIMIT_COUNT:
                self.dropped += 1
                continue
            self.hits.setdefault(key, set()).update(holder.seen)
            self.counts[key] = self.counts.get(key, 0) + 1


def _judge_replaced(holder: Ended) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    used: list[tuple[str, str, bool]] = []
    idle: list[tuple[str, str, bool]] = []
    for each, before in holder.replaced.items():
        (idle if each.was_used(before, holder.seen) is False else used).append(each.key)
    return tuple(sorted(set(used))), tuple(sorted(set(idle) - set(used)))
