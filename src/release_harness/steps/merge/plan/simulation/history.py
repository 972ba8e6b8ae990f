"""The workload of a repository's own landings: they arrive as they did, and failing attempts are drawn beside them.

Everything in a history landed, so it passes here, too. What failed before it landed left no trace on the branch: for each
landing a number of failing attempts is drawn (geometric, by its own odds), each some time before the one that passed.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from release_harness.kernel.records import record
from release_harness.steps.merge.plan.simulation.world import Change, World

_MOST_ATTEMPTS = 6
"""More failing attempts than this are one change that was given up."""
_REPAIR_SECONDS = 3600.0
"""Mean time from one attempt to the next."""


@record
class PastChange:
    """One landing, or several of one push."""

    arrived_at_seconds: float
    author: str
    lines_count: int
    areas: frozenset[str]
    commutes_never: bool


@record
class HistoryWorkload:
    """What is replayed, and what is drawn beside it."""

    changes: tuple[PastChange, ...]
    """In order of arrival."""
    fail_ratios: tuple[float, ...]
    """Odds that an attempt at each of them fails."""
    median_minutes: float = 12.0
    sigma: float = 0.25
    flake_ratio: float = 0.0
    lanes: bool = False


def join_pushes(changes: Sequence[PastChange], within_seconds: float) -> tuple[PastChange, ...]:
    """Join neighbours of one author that landed at nearly the same moment: one push of several commits is one change."""
    joined: list[PastChange] = []
    last = 0.0
    for each in changes:
        if joined and each.author == joined[-1].author and each.arrived_at_seconds - last < within_seconds:
            before = joined[-1]
            joined[-1] = PastChange(
                arrived_at_seconds=before.arrived_at_seconds,
                author=before.author,
                lines_count=before.lines_count + each.lines_count,
                areas=before.areas | each.areas,
                commutes_never=before.commutes_never or each.commutes_never,
            )
        else:
            joined.append(each)
        last = each.arrived_at_seconds
    return tuple(joined)


def history_world(workload: HistoryWorkload, seed: int) -> World:
    """Return one draw: the landings as they came, and the failing attempts of this seed."""
    import numpy as np

    draw = np.random.default_rng(seed)
    first = workload.changes[0].arrived_at_seconds if workload.changes else 0.0
    attempts: list[tuple[float, int, bool]] = []
    for place, (change, ratio) in enumerate(zip(workload.changes, workload.fail_ratios, strict=True)):
        at = change.arrived_at_seconds - first
        attempts.append((at, place, False))
        failing = min(int(draw.geometric(max(1e-9, 1.0 - ratio))) - 1, _MOST_ATTEMPTS)
        for _ in range(failing):
            at -= float(draw.exponential(_REPAIR_SECONDS))
            attempts.append((at, place, True))
    attempts.sort()
    codes = draw.integers(0, 1 << 63, size=len(attempts), dtype=np.int64)
    earliest = attempts[0][0] if attempts else 0.0
    return World(
        name="history",
        changes=tuple(
            Change(
                number=number,
                arrives_at_seconds=at - earliest,
                code=int(codes[number]),
                fails=fails,
                pass_ratio=1.0 - workload.fail_ratios[place],
                areas=workload.changes[place].areas,
                commutes_never=workload.changes[place].commutes_never,
            )
            for number, (at, place, fails) in enumerate(attempts)
        ),
        lanes=workload.lanes,
        flake_ratio=workload.flake_ratio,
        median_seconds=workload.median_minutes * 60,
        sigma=workload.sigma,
    )


def busiest_hour(changes: Sequence[PastChange]) -> int:
    """Return how many changes arrived within the busiest 60 minutes."""
    most, start = 0, 0
    for end, each in enumerate(changes):
        while each.arrived_at_seconds - changes[start].arrived_at_seconds >= 3600:  # noqa: PLR2004 - an hour
            start += 1
        most = max(most, end - start + 1)
    return most


def commuting_ratio(changes: Sequence[PastChange]) -> float:
    """Return the share of neighbours that share no area and touch nothing that everything depends on; 0 for none."""
    pairs = list(pairwise(changes))
    free = sum(
        not (one.commutes_never or other.commutes_never) and one.areas.isdisjoint(other.areas) for one, other in pairs
    )
    return free / max(1, len(pairs))


def most_touched(changes: Sequence[PastChange], limit_count: int) -> tuple[tuple[str, int], ...]:
    """Return the areas that most changes touch."""
    counted = Counter(area for each in changes for area in each.areas)
    return tuple(sorted(counted.items(), key=lambda each: (-each[1], each[0]))[:limit_count])
