"""Runs the planners on a virtual clock, over made-up worlds or over the repository's own landings."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from release_harness.kernel.progress import Progress
from release_harness.kernel.records import record
from release_harness.kernel.verdict import Outcome
from release_harness.steps.merge.flow.past import Past, PastNeeds, gather_past
from release_harness.steps.merge.model.simulation import (
    Assumption,
    HistoryUsed,
    Recommendation,
    SettingFigures,
    Simulation,
)
from release_harness.steps.merge.plan.simulation.compare import Setting, compare, recommend
from release_harness.steps.merge.plan.simulation.history import (
    HistoryWorkload,
    busiest_hour,
    commuting_ratio,
    history_world,
    most_touched,
)
from release_harness.steps.merge.plan.simulation.workloads import (
    MonorepoWorkload,
    TeamWorkload,
    monorepo_world,
    team_world,
)
from release_harness.steps.merge.plan.simulation.world import World
from release_harness.steps.merge.rules import simulating
from release_harness.steps.merge.rules.simulating import within
from release_harness.steps.risk.ports import Documents

_CONFLICTS_BESIDE = 0.03
"""Share that fails in a team beside its own failures, since two changes do not work together."""
_AREAS_SHOWN = 8
_RUNNERS = {"team": "1,2,4,8", "monorepo": "100,200,500", "history": "1,2,4,8"}


class SimulateNeeds(PastNeeds, Protocol):
    """What a simulation needs: the past only when it is asked about."""

    @property
    def progress(self) -> Progress:
        """Says how far it is."""
        ...

    @property
    def documents(self) -> Documents:
        """Writes the plot."""
        ...


@record
class SimulateOrder:
    """What is asked for; None is the usual figure of the workload."""

    workload: str = "team"
    planners: tuple[str, ...] = ()
    runners: str = ""
    seeds_count: int = 12
    per_hour: float | None = None
    hours: float | None = None
    minutes: float | None = None
    fail_ratio: float | None = None
    flake_ratio: float = 0.0
    wait_minutes: float = 60.0
    branch: str = ""
    days: int = 90
    lanes: bool = False


@record
class _Staged:
    """Worlds by seed, and what they rest on."""

    world: Callable[[int], World]
    says: str
    lanes: bool
    assumptions: tuple[Assumption, ...]
    limits: tuple[str, ...]
    history: HistoryUsed | None = None


def simulate(needs: SimulateNeeds, order: SimulateOrder) -> Simulation:
    """Play every setting over the same worlds, and recommend one; records nothing."""
    workload = simulating.read_workload(order.workload)
    settings = simulating.read_settings(order.planners, order.runners or _RUNNERS[workload])
    _judge_numbers(order)
    staged = (
        {"team": _team, "monorepo": _monorepo}[workload](order) if workload != "history" else _history(needs, order)
    )
    used = staged.history
    if used is not None and used.landings_count < simulating.LEAST_LANDINGS:
        return _answer(order, workload, staged, (), _too_short(used))
    rows = _play(needs, staged, settings, order)
    return _answer(order, workload, staged, rows, recommend(rows, order.wait_minutes, order.seeds_count))


def _play(
    needs: SimulateNeeds, staged: _Staged, settings: Sequence[Setting], order: SimulateOrder
) -> tuple[SettingFigures, ...]:
    worlds = [staged.world(seed) for seed in range(1, order.seeds_count + 1)]
    needs.progress.start("playing the queue", len(worlds) * len(settings))
    rows = compare(worlds, settings, order.wait_minutes, needs.progress.advance)
    needs.progress.finish()
    return rows


def _answer(
    order: SimulateOrder, workload: str, staged: _Staged, rows: tuple[SettingFigures, ...], advice: Recommendation
) -> Simulation:
    return Simulation(
        workload=workload,
        says=staged.says,
        seeds_count=order.seeds_count,
        wait_minutes=order.wait_minutes,
        lanes=staged.lanes,
        assumptions=staged.assumptions,
        rows=rows,
        recommendation=advice,
        history=staged.history,
        limits=staged.limits,
    )


def _judge_numbers(order: SimulateOrder) -> None:
    within(simulating.SEEDS, order.seeds_count)
    within(simulating.FLAKES, order.flake_ratio)
    within(simulating.WAIT, order.wait_minutes)
    within(simulating.DAYS, order.days)
    asked = (
        (simulating.PER_HOUR, order.per_hour),
        (simulating.HOURS, order.hours),
        (simulating.MINUTES, order.minutes),
        (simulating.FAILS, order.fail_ratio),
    )
    for limits, value in asked:
        if value is not None:
            within(limits, value)


def _figure(name: str, asked: float | None, usual: float) -> Assumption:
    return Assumption(
        name=name, value=usual if asked is None else asked, source="assumed" if asked is None else "asked"
    )


def _team(order: SimulateOrder) -> _Staged:
    usual = TeamWorkload()
    figures = (
        _figure("per hour", order.per_hour, usual.per_hour),
        _figure("hours", order.hours, usual.hours),
        _figure("minutes", order.minutes, usual.median_minutes),
        _figure("fails", order.fail_ratio, usual.fail_ratio),
        _figure("flakes", order.flake_ratio or None, 0.0),
    )
    per_hour, hours, minutes, fails, flakes = (each.value for each in figures)
    within(simulating.CHANGES, per_hour * hours)
    workload = replace(
        usual,
        per_hour=per_hour,
        hours=hours,
        median_minutes=minutes,
        fail_ratio=fails,
        flake_ratio=flakes,
        common_pass_ratio=max(0.05, 1.0 - fails - _CONFLICTS_BESIDE),
    )
    return _Staged(
        world=lambda seed: team_world(workload, seed),
        says=f"A team: {per_hour:g} changes an hour for {hours:g} hours, tests of {minutes:g} minutes, {fails:.0%} fail.",
        lanes=False,
        assumptions=figures,
        limits=(
            "Arrivals are random and even (Poisson); where days have busy hours, replay your own with --workload history.",
        ),
    )


def _monorepo(order: SimulateOrder) -> _Staged:
    usual = MonorepoWorkload()
    figures = (
        _figure("per hour", order.per_hour, usual.changes_count / usual.hours),
        _figure("hours", order.hours, usual.hours),
        _figure("minutes", order.minutes, usual.median_minutes),
        _figure("fails", order.fail_ratio, usual.fail_ratio),
        _figure("flakes", order.flake_ratio or None, 0.0),
    )
    per_hour, hours, minutes, fails, flakes = (each.value for each in figures)
    count = round(within(simulating.CHANGES, per_hour * hours))
    workload = replace(usual, changes_count=count, hours=hours, median_minutes=minutes, fail_ratio=fails)
    return _Staged(
        world=lambda seed: replace(monorepo_world(workload, seed), flake_ratio=flakes),
        says=f"A big monorepo: {count} changes within {hours:g} hours, builds of {minutes:g} minutes, {fails:.0%} fail.",
        lanes=True,
        assumptions=figures,
        limits=("Areas, conflicts and the prediction of each change are made up as in the benchmark.",),
    )


def _history(needs: SimulateNeeds, order: SimulateOrder) -> _Staged:
    past = gather_past(needs, order.branch, order.days)
    spread = simulating.spread_of_runs(past.runs, order.minutes, TeamWorkload().median_minutes)
    rate = simulating.rate_of_failures(past.attempts, order.fail_ratio, TeamWorkload().fail_ratio)
    fail_ratios = past.odds(rate.value, asked=order.fail_ratio is not None)
    workload = HistoryWorkload(
        changes=past.changes,
        fail_ratios=fail_ratios,
        median_minutes=spread.median_minutes,
        sigma=spread.sigma,
        flake_ratio=order.flake_ratio,
        lanes=order.lanes,
    )
    return _Staged(
        world=lambda seed: history_world(workload, seed),
        says=f"{past.branch}: its {past.landings_count} landings of {order.days} days, as {len(past.changes)} changes, "
        f"tests of {spread.median_minutes:.1f} minutes, {rate.value:.0%} of the attempts fail.",
        lanes=order.lanes,
        assumptions=(
            Assumption(name="minutes", value=spread.median_minutes, source=spread.source),
            Assumption(name="spread of minutes", value=spread.sigma, source=spread.source),
            rate,
            _figure("flakes", order.flake_ratio or None, 0.0),
        ),
        limits=_limits(past, spread.source, rate.source),
        history=_used(past, order),
    )


def _used(past: Past, order: SimulateOrder) -> HistoryUsed:
    lines = sorted(each.lines_count for each in past.changes)
    return HistoryUsed(
        branch=past.branch,
        tip=past.tip,
        days=order.days,
        landings_count=past.landings_count,
        changes_count=len(past.changes),
        busiest_hour_count=busiest_hour(past.changes),
        lines_median=float(lines[len(lines) // 2]) if lines else 0.0,
        commuting_ratio=commuting_ratio(past.changes),
        areas=most_touched(past.changes, _AREAS_SHOWN),
        calibration=past.calibration,
    )


def _limits(past: Past, minutes_source: str, rate_source: str) -> tuple[str, ...]:
    guessed = []
    if minutes_source.startswith("assumed"):
        guessed.append("How long a run takes is assumed: give --minutes, or record runs with `rh evidence run`.")
    if rate_source.startswith("assumed"):
        guessed.append(
            "How often a change fails is assumed: give --fails, or land through `rh`, which records refusals."
        )
    return (
        *guessed,
        "A change arrives when its landing was committed, by the committer's clock: git does not know when it was ready.",
        "What failed and was given up left no trace on the branch: failing attempts are drawn beside what landed.",
        *past.gaps,
    )


def _too_short(used: HistoryUsed) -> Recommendation:
    says = (
        f"{used.landings_count} landings in {used.days} days are too few to tell (at least {simulating.LEAST_LANDINGS}): "
        "nothing is recommended. Look further back with --days, or describe the team with --workload team."
    )
    return Recommendation(outcome=Outcome.UNKNOWN, says=says)
