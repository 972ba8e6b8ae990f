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


class Details:
    """What only some tests do: enter something, replace something, talk to a network."""

    __slots__ = ("counts", "dropped", "hits", "replaced", "sockets", "stubs", "waiting")

    def __init__(self) -> None:
        """Nothing has happened yet."""
        self.hits: dict[tuple[Any, ...], tuple[int, ...]] = {}
        self.counts: dict[tuple[Any, ...], int] = {}
        self.replaced: dict[tuple[str, str, bool], None] = {}
        self.stubs: dict[str, None] = {}
        self.sockets: dict[str, None] = {}
        self.waiting: list[Ended] = []
        self.dropped = 0

    def settle(self) -> None:
        """Add the closed holders to the hits; what ran in them after they were closed is still theirs."""
        waiting, self.waiting = self.waiting, []
        found: dict[tuple[Any, ...], set[int]] = {}
        for holder in waiting:
            used, idle = _judge_replaced(holder)
            key = (*holder.entry, holder.raw, used, idle)
            if key not in self.counts and len(self.counts) >= HITS_LIMIT_COUNT:
                self.dropped += 1
                continue
            found.setdefault(key, set()).update(holder.seen)
            self.counts[key] = self.counts.get(key, 0) + 1
        for key, seen in found.items():
            seen.update(self.hits.get(key, ()))
            self.hits[key] = tuple(seen)


class Collected:
    """What one test, one fixture or the time between them did.

    A large suite keeps one for every test until its end, and each full collection of garbage walks through all that is kept.
    So what is rare is made when it happens, and what rests is a tuple of numbers, which the collector leaves alone.
    """

    __slots__ = ("_rested", "_seen", "details", "outcome", "reached", "why")

    def __init__(self) -> None:
        """Nothing has happened yet."""
        self._seen: set[int] | None = None
        self._rested: tuple[int, ...] = ()
        self.details: Details | None = None
        self.reached: dict[Collected, None] | None = None
        """Fixtures that this used, set up now or earlier."""
        self.outcome = ""
        self.why = ""

    @property
    def seen(self) -> set[int]:
        """The functions that started, to be added to."""
        seen = self._seen
        if seen is None:
            seen = self._seen = set(self._rested)
        return seen

    @property
    def ran(self) -> tuple[int, ...]:
        """The functions that started so far."""
        return self._rested if self._seen is None else tuple(self._seen)

    def rest(self) -> None:
        """Keep what was seen in its smallest form, until something is added again."""
        if self._seen is not None:
            self._rested, self._seen = tuple(self._seen), None

    def settle(self) -> None:
        """Add what was entered and is closed to the hits."""
        if self.details is not None and self.details.waiting:
            self.details.settle()

    def detail(self) -> Details:
        """Return what only some tests do, to be added to."""
        if self.details is None:
            self.details = Details()
        return self.details

    def reach(self, fixture: Collected) -> None:
        """Note that this used a fixture, whoever set it up."""
        if self.reached is None:
            self.reached = {}
        self.reached[fixture] = None


def _judge_replaced(holder: Ended) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    if not holder.replaced:
        return (), ()
    used: list[tuple[str, str, bool]] = []
    idle: list[tuple[str, str, bool]] = []
    for each, before in holder.replaced.items():
        (idle if each.was_used(before, holder.seen) is False else used).append(each.key)
    return tuple(sorted(set(used))), tuple(sorted(set(idle) - set(used)))
