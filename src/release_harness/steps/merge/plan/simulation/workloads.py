"""The workloads that planners are compared on; each is a function of its figures and one seed."""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING

from release_harness.kernel.records import record
from release_harness.steps.merge.plan.simulation.world import Change, World

if TYPE_CHECKING:
    import numpy as np

_PREDICTED_LEAST, _PREDICTED_MOST = -3.5, 5.0


@record
class TeamWorkload:
    """Workload B, a team of agents: Poisson arrivals, one suite for every tree, no lanes."""

    per_hour: float = 20.0
    hours: float = 10.0
    median_minutes: float = 12.0
    sigma: float = 0.25
    fail_ratio: float = 0.10
    fail_concentration: float = 1.0
    pair_conflict_ratio: float = 0.0004
    conflict_hours: float = 24.0
    """Changes that arrive further apart than this do not conflict: the later one was written on top of the earlier."""
    flake_ratio: float = 0.0
    predicted: bool = False
    """Whether each change has a noisy prediction of its own; else all have one common rate."""
    common_pass_ratio: float = 0.87
    noise: float = 1.0
    unmergeable_ratio: float = 0.0
    """Share that does not merge onto the tip (0.277 for the pull requests of agents)."""
    stacked_ratio: float = 0.0
    """Share that begins a stack of two to four."""


@record
class MonorepoWorkload:
    """Workload A, a big monorepo in its busiest hour: many areas, builds of half an hour, hundreds of runners."""

    changes_count: int = 500
    hours: float = 1.0
    areas_count: int = 60
    zipf: float = 1.0
    more_areas_ratio: float = 0.3
    global_ratio: float = 0.079
    fail_ratio: float = 0.06
    fail_concentration: float = 0.6
    pair_conflict_ratio: float = 0.0005
    median_minutes: float = 28.0
    sigma: float = 0.5
    least_minutes: float = 8.0
    most_minutes: float = 120.0
    noise: float = 1.0


SHARP_MONOREPO = MonorepoWorkload(areas_count=150, zipf=0.8, global_ratio=0.0, noise=0.5, fail_concentration=0.3)
"""Variant A2: a predictor that is right in 98.6 % of the cases."""


def team_world(workload: TeamWorkload, seed: int) -> World:
    """Return one draw of workload B."""
    import numpy as np

    draw = np.random.default_rng(seed)
    arrivals = _poisson(draw, workload.per_hour, workload.hours)
    count = len(arrivals)
    _ratios, fails, predicted = _failures(draw, count, workload.fail_ratio, workload.fail_concentration, workload.noise)
    codes = draw.integers(0, 1 << 63, size=count, dtype=np.int64)
    pairs = _pairs(draw, arrivals, workload.pair_conflict_ratio, workload.conflict_hours * 3600)
    unmergeable = draw.random(count) < workload.unmergeable_ratio
    needs = _stacks(draw, count, workload.stacked_ratio)
    changes = tuple(
        Change(
            number=number,
            arrives_at_seconds=float(arrivals[number]),
            code=int(codes[number]),
            fails=bool(fails[number]),
            conflicts=frozenset(pairs.get(number, ())),
            unmergeable=bool(unmergeable[number]),
            pass_ratio=float(predicted[number]) if workload.predicted else workload.common_pass_ratio,
            needs=needs.get(number, frozenset()),
        )
        for number in range(count)
    )
    return World(
        name=f"team {workload.per_hour:g}/h",
        changes=changes,
        flake_ratio=workload.flake_ratio,
        median_seconds=workload.median_minutes * 60,
        sigma=workload.sigma,
    )


def monorepo_world(workload: MonorepoWorkload, seed: int) -> World:
    """Return one draw of workload A."""
    import numpy as np

    draw = np.random.default_rng(seed)
    count = workload.changes_count
    arrivals = np.sort(draw.uniform(0.0, workload.hours * 3600, size=count))
    _ratios, fails, predicted = _failures(draw, count, workload.fail_ratio, workload.fail_concentration, workload.noise)
    minutes = np.clip(
        draw.lognormal(log(workload.median_minutes), workload.sigma, size=count),
        workload.least_minutes,
        workload.most_minutes,
    )
    codes = draw.integers(0, 1 << 63, size=count, dtype=np.int64)
    areas = _areas(draw, workload, count)
    everywhere = draw.random(count) < workload.global_ratio
    conflicts: dict[int, set[int]] = {}
    for later in range(count):
        dice = draw.random(later)
        for earlier in np.flatnonzero(dice < workload.pair_conflict_ratio):
            one = int(earlier)
            if everywhere[one] or everywhere[later] or areas[one] & areas[later]:
                conflicts.setdefault(later, set()).add(one)
                conflicts.setdefault(one, set()).add(later)
    changes = tuple(
        Change(
            number=number,
            arrives_at_seconds=float(arrivals[number]),
            code=int(codes[number]),
            fails=bool(fails[number]),
            conflicts=frozenset(conflicts.get(number, ())),
            pass_ratio=float(predicted[number]),
            areas=areas[number],
            commutes_never=bool(everywhere[number]),
            build_seconds=float(minutes[number]) * 60,
        )
        for number in range(count)
    )
    return World(name=f"monorepo {count}", changes=changes, lanes=True)


def _poisson(draw: np.random.Generator, per_hour: float, hours: float) -> np.ndarray:
    import numpy as np

    count = int(draw.poisson(per_hour * hours))
    return np.sort(draw.uniform(0.0, hours * 3600, size=count))


def _failures(
    draw: np.random.Generator, count: int, mean: float, concentration: float, noise: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return each change's true failure rate, its outcome, and a noisy prediction that it passes."""
    import numpy as np

    ratios = draw.beta(mean * concentration, (1.0 - mean) * concentration, size=count) if mean > 0 else np.zeros(count)
    ratios = np.clip(ratios, 1e-9, 1.0 - 1e-9)
    fails = draw.random(count) < ratios
    logits = np.clip(
        np.log((1.0 - ratios) / ratios) + draw.normal(0.0, noise, size=count), _PREDICTED_LEAST, _PREDICTED_MOST
    )
    return ratios, fails, np.array([1.0 / (1.0 + exp(-float(each))) for each in logits])


def _pairs(draw: np.random.Generator, arrivals: np.ndarray, ratio: float, within_seconds: float) -> dict[int, set[int]]:
    import numpy as np

    pairs: dict[int, set[int]] = {}
    for later in range(len(arrivals)):
        drawn = draw.random(later) < ratio
        for earlier in np.flatnonzero(drawn & (arrivals[later] - arrivals[:later] <= within_seconds)):
            pairs.setdefault(later, set()).add(int(earlier))
            pairs.setdefault(int(earlier), set()).add(later)
    return pairs


def _stacks(draw: np.random.Generator, count: int, ratio: float) -> dict[int, frozenset[int]]:
    """Return what each change needs; a stack is a chain of neighbours in arrival order."""
    needs: dict[int, frozenset[int]] = {}
    if ratio <= 0.0:
        return needs
    number = 0
    while number < count:
        length = int(draw.integers(2, 5)) if draw.random() < ratio else 1
        for above in range(number + 1, min(number + length, count)):
            needs[above] = frozenset((above - 1,))
        number += length
    return needs


def _areas(draw: np.random.Generator, workload: MonorepoWorkload, count: int) -> list[frozenset[str]]:
    import numpy as np

    weights = 1.0 / np.arange(1, workload.areas_count + 1) ** workload.zipf
    weights /= weights.sum()
    sizes = draw.geometric(1.0 - workload.more_areas_ratio, size=count)
    return [
        frozenset(
            f"a{int(each)}"
            for each in draw.choice(
                workload.areas_count, size=min(int(size), workload.areas_count), replace=False, p=weights
            )
        )
        for size in sizes
    ]
