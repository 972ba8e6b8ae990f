"""Plays the same worlds with every planner and number of runners, and says which setting is the one to take."""

from collections.abc import Callable, Sequence

from release_harness.kernel.records import record
from release_harness.kernel.verdict import Outcome
from release_harness.steps.merge.model.simulation import Recommendation, SettingFigures
from release_harness.steps.merge.plan.planners import PLANNERS
from release_harness.steps.merge.plan.simulation.measure import Figures, mean_figures, measure
from release_harness.steps.merge.plan.simulation.run import play
from release_harness.steps.merge.plan.simulation.world import World

YARDSTICK = "prefix"
_RACED = ("p50_minutes", "p95_minutes", "p99_minutes", "builds_per_change")


@record
class Setting:
    """One planner with so many runners."""

    planner: str
    runners_count: int


def compare(
    worlds: Sequence[World],
    settings: Sequence[Setting],
    wait_minutes: float,
    played: Callable[[], None] = lambda: None,
) -> tuple[SettingFigures, ...]:
    """Return the figures of every setting over the same worlds; `played` is called after each of them."""
    figures: dict[Setting, list[Figures]] = {}
    for setting in settings:
        planner = PLANNERS[setting.planner]
        rows = figures[setting] = []
        for world in worlds:
            rows.append(measure(world, play(world, planner, planner.options, setting.runners_count)))
            played()
    return tuple(_row(setting, figures, wait_minutes) for setting in settings)


def recommend(rows: Sequence[SettingFigures], wait_minutes: float, seeds_count: int) -> Recommendation:
    """Return the cheapest setting whose P95 is within the wanted time and that never made the branch red.

    Cheap is few CI minutes for each landed change, to a tenth of a minute; then few runners, then the order that was asked
    for. A planner that lets changes overtake has to be ahead on P99, too, of the cheapest one that keeps the order.
    """
    sound = [each for each in rows if not each.red_tips_count]
    within = [each for each in sound if each.p95_minutes <= wait_minutes]
    if not rows:
        return Recommendation(outcome=Outcome.UNKNOWN, says="Nothing was played, so nothing is recommended.")
    if not within:
        return _nothing_within(sound, wait_minutes)
    cheapest = min(within, key=_price)
    orderly = min((each for each in within if PLANNERS[each.planner].keeps_order), key=_price, default=cheapest)
    best = cheapest if cheapest.p99_minutes < orderly.p99_minutes else orderly
    passed_over = ""
    if best is not cheapest:
        passed_over = (
            f" {cheapest.planner} with {_runners(cheapest.runners_count)} costs {cheapest.ci_minutes_per_landed:.1f}, but lets "
            f"changes overtake and is not ahead on P99 ({cheapest.p99_minutes:.0f})."
        )
    says = _praise(best, len(within), wait_minutes, seeds_count, orderly_only=bool(passed_over)) + passed_over
    return Recommendation(outcome=Outcome.PASS, says=says, planner=best.planner, runners_count=best.runners_count)


def _price(row: SettingFigures) -> tuple[float, int]:
    return round(row.ci_minutes_per_landed, 1), row.runners_count


def _praise(
    best: SettingFigures, within_count: int, wait_minutes: float, seeds_count: int, *, orderly_only: bool
) -> str:
    least = "it costs the least of those that keep the order," if orderly_only else "it costs the least,"
    why = (
        f"of the {within_count} settings whose P95 is within {wait_minutes:.0f} minutes {least}"
        if within_count > 1
        else f"it is the only setting whose P95 is within {wait_minutes:.0f} minutes, at"
    )
    overtakes = "" if PLANNERS[best.planner].keeps_order else " It may let a change overtake others."
    return (
        f"Take {best.planner} with {_runners(best.runners_count)}: {why} "
        f"{best.ci_minutes_per_landed:.1f} CI minutes for each landed change, "
        f"with a P95 of {best.p95_minutes:.0f} and a P99 of {best.p99_minutes:.0f} minutes "
        f"(P95 within it in {best.within_wait_count} of {seeds_count} draws).{overtakes}"
    )


def _nothing_within(sound: Sequence[SettingFigures], wait_minutes: float) -> Recommendation:
    if not sound:
        says = "Every setting made the branch red at least once: with so many flakes none is recommended."
        return Recommendation(outcome=Outcome.FAIL, says=says)
    quickest = min(sound, key=lambda each: (each.p95_minutes, each.ci_minutes_per_landed, each.runners_count))
    says = (
        f"No setting has a P95 within {wait_minutes:.0f} minutes: the quickest is {quickest.planner} with "
        f"{_runners(quickest.runners_count)}, P95 {quickest.p95_minutes:.0f} and P99 {quickest.p99_minutes:.0f} minutes; "
        "try more runners, shorter tests or a longer --wait."
    )
    return Recommendation(outcome=Outcome.FAIL, says=says)


def _runners(count: int) -> str:
    return f"{count} runner{'s' if count > 1 else ''}"


def _row(setting: Setting, figures: dict[Setting, list[Figures]], wait_minutes: float) -> SettingFigures:
    rows = figures[setting]
    mean = mean_figures(rows)
    return SettingFigures(
        planner=setting.planner,
        runners_count=setting.runners_count,
        changes_count=mean.changes_count,
        p50_minutes=mean.p50_minutes,
        p95_minutes=mean.p95_minutes,
        p99_minutes=mean.p99_minutes,
        runs_per_change=mean.builds_per_change,
        ci_minutes_per_landed=mean.ci_minutes_per_landed,
        aborted_ratio=mean.aborted_ratio,
        landed_ratio=mean.landed_ratio,
        wrong_per_thousand=mean.wrong_per_thousand,
        red_tips_count=mean.red_tips_count,
        within_wait_count=sum(each.p95_minutes <= wait_minutes for each in rows),
        won=_won(rows, figures.get(Setting(planner=YARDSTICK, runners_count=setting.runners_count))),
    )


def _won(rows: Sequence[Figures], others: Sequence[Figures] | None) -> tuple[int, int, int, int] | None:
    """Count the draws in which each raced figure is lower than that of the yardstick."""
    if others is None or others is rows:
        return None
    pairs = list(zip(rows, others, strict=True))
    p50, p95, p99, runs = (sum(getattr(one, name) < getattr(other, name) for one, other in pairs) for name in _RACED)
    return p50, p95, p99, runs
