"""The figures of one simulation, and those of several seeds together."""

from collections.abc import Sequence

from release_harness.kernel.records import record
from release_harness.steps.merge.plan.simulation.run import Played, red_tips, wrong_rejections
from release_harness.steps.merge.plan.simulation.world import World


@record
class Figures:
    """What one planner made of one world; times in minutes from arrival to decision, over all changes."""

    changes_count: int
    p50_minutes: float
    p95_minutes: float
    p99_minutes: float
    builds_per_change: float
    ci_minutes_per_landed: float
    aborted_ratio: float
    landed_ratio: float
    wrong_per_thousand: float
    """Rejected changes that pass on the final branch, for each thousand changes."""
    red_tips_count: int


def measure(world: World, played: Played) -> Figures:
    """Return the figures of one simulation; zeros for a world without changes."""
    waits = sorted((each.decided_at_seconds - each.arrived_at_seconds) / 60 for each in played.decided)
    count = len(waits)
    landed = sum(1 for each in played.decided if each.landed)
    wrong = sum(1 for _ in wrong_rejections(world, played))
    return Figures(
        changes_count=count,
        p50_minutes=quantile(waits, 0.50),
        p95_minutes=quantile(waits, 0.95),
        p99_minutes=quantile(waits, 0.99),
        builds_per_change=played.builds_count / max(1, count),
        ci_minutes_per_landed=played.build_seconds / 60 / max(1, landed),
        aborted_ratio=played.aborted_count / max(1, played.builds_count),
        landed_ratio=landed / max(1, count),
        wrong_per_thousand=1000 * wrong / max(1, count),
        red_tips_count=red_tips(world, played),
    )


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the quantile of sorted numbers by linear interpolation; 0 for none."""
    if not ordered:
        return 0.0
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def mean_figures(rows: Sequence[Figures]) -> Figures:
    """Return the mean of each figure; red tips are summed, since one is too many. Raises ValueError for no rows."""
    if not rows:
        message = "no rows to take a mean of"
        raise ValueError(message)

    def mean(name: str) -> float:
        return float(sum(getattr(each, name) for each in rows) / len(rows))

    return Figures(
        changes_count=round(mean("changes_count")),
        p50_minutes=mean("p50_minutes"),
        p95_minutes=mean("p95_minutes"),
        p99_minutes=mean("p99_minutes"),
        builds_per_change=mean("builds_per_change"),
        ci_minutes_per_landed=mean("ci_minutes_per_landed"),
        aborted_ratio=mean("aborted_ratio"),
        landed_ratio=mean("landed_ratio"),
        wrong_per_thousand=mean("wrong_per_thousand"),
        red_tips_count=sum(each.red_tips_count for each in rows),
    )
