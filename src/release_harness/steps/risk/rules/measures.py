"""The measures of rh-backtest v1: escaped share, capture, AUC, calibration, and intervals that resample whole quarters."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from release_harness.kernel.records import record
from release_harness.steps.risk.model.backtest import AUTO_SHARES, GATES, Calibration, Estimate, Ranking

if TYPE_CHECKING:
    from release_harness.steps.risk.rules.percentiles import Matrix
    from release_harness.steps.risk.rules.quarters import Flags, Places

RESAMPLES_COUNT = 1000
_AUC_RESAMPLES_COUNT = 200
_SEED = 20_240_131
"""Fixed, so that the same history gives the same intervals."""
_BINS_COUNT = 10
_NORMAL_95 = 1.96


@record
class Scored:
    """The landings that are scored, quarter by quarter."""

    positives: "Flags"
    lines: "Matrix"
    bounds: tuple[int, ...]
    """Where each quarter begins, and the end."""

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Begin and end of each quarter."""
        return tuple(zip(self.bounds, self.bounds[1:], strict=False))


def resample(scored: Scored, count: int = RESAMPLES_COUNT) -> "Matrix":
    """Return how often each quarter is drawn in each of `count` draws; the same for every score, so that they are paired."""
    import numpy as np

    quarters = len(scored.bounds) - 1
    drawn = np.random.default_rng(_SEED).integers(0, quarters, size=(count, quarters))
    return np.stack([np.bincount(each, minlength=quarters) for each in drawn]).astype(np.float64)


def escaped_by_quarter(scored: Scored, scores: "Matrix", share: float) -> "Matrix":
    """Return the positives among the lowest `share` of each quarter; where scores are equal, as chance would have it."""
    import numpy as np

    found = np.zeros(len(scored.bounds) - 1)
    for place, (start, end) in enumerate(scored.spans):
        own, hits = scores[start:end], scored.positives[start:end]
        wanted = share * (end - start)
        edge = np.partition(own, min(int(wanted), len(own) - 1))[min(int(wanted), len(own) - 1)]
        below, level = own < edge, own == edge
        part = (wanted - below.sum()) / level.sum()
        found[place] = hits[below].sum() + part * hits[level].sum()
    return found


def positives_by_quarter(scored: Scored) -> "Matrix":
    """Return the positives of each quarter."""
    return sum_by_quarter(scored, scored.positives)


def sum_by_quarter(scored: Scored, values: "Flags | Matrix") -> "Matrix":
    """Add values up for each quarter."""
    import numpy as np

    return np.array([float(values[start:end].sum()) for start, end in scored.spans])


def rank(name: str, says: str, scored: Scored, scores: "Matrix", draws: "Matrix") -> Ranking:
    """Measure one score."""
    positives = positives_by_quarter(scored)
    escaped = tuple(ratio(escaped_by_quarter(scored, scores, share), positives, draws) for share in AUTO_SHARES)
    captured = tuple(
        1.0 - float(escaped_by_quarter(scored, scores, 1.0 - gate).sum() / positives.sum()) for gate in GATES
    )
    return Ranking(
        name=name, says=says, auc=area_under_curve(scored, scores, draws), escaped=escaped, captured=captured
    )


def ratio(above: "Matrix", below: "Matrix", draws: "Matrix") -> Estimate:
    """Return a ratio of two sums over quarters, with its interval."""
    return _estimate(float(above.sum() / below.sum()) if below.sum() else 0.0, _ratios(draws @ above, draws @ below))


def difference(one: "Matrix", other: "Matrix", below: "Matrix", draws: "Matrix") -> Estimate:
    """Return by how much one ratio exceeds another in the same draws of quarters."""
    value = float((one.sum() - other.sum()) / below.sum()) if below.sum() else 0.0
    return _estimate(value, _ratios(draws @ (one - other), draws @ below))


def risk_ratio(auto: "Flags", scored: Scored, draws: "Matrix") -> Estimate:
    """Return RR = E / A, with an interval whose upper end is at least what that few positives allow (Wilson)."""
    escaped = sum_by_quarter(scored, auto & scored.positives)
    passed, landings = sum_by_quarter(scored, auto), sum_by_quarter(scored, auto | ~auto)
    positives = positives_by_quarter(scored)
    share = float(passed.sum() / landings.sum()) if landings.sum() else 0.0
    if not share or not positives.sum():
        return Estimate(value=1.0, low=0.0, high=float("inf"))
    value = float(escaped.sum() / positives.sum()) / share
    # Draws in which nothing passed, or nothing was reverted, have no ratio.
    drawn = _ratios(_ratios(draws @ escaped, draws @ positives), _ratios(draws @ passed, draws @ landings))
    found = _estimate(value, drawn)
    upper = _wilson_upper(float(escaped.sum()), float(positives.sum())) / share
    return Estimate(value=value, low=found.low, high=max(found.high, upper))


def area_under_curve(scored: Scored, scores: "Matrix", draws: "Matrix") -> Estimate:
    """Return the chance that a positive has a higher score than a negative, ties counting half."""
    import numpy as np

    quarter = np.repeat(np.arange(len(scored.bounds) - 1), np.diff(scored.bounds))
    _values, group = np.unique(scores, return_inverse=True)

    def area(weights: "Matrix") -> float:
        hits = np.bincount(group, weights=weights * scored.positives)
        rest = np.bincount(group, weights=weights * ~scored.positives)
        total = hits.sum() * rest.sum()
        return float((hits * (np.cumsum(rest) - rest / 2)).sum() / total) if total else 0.5

    drawn = np.array([area(draw[quarter]) for draw in draws[:_AUC_RESAMPLES_COUNT]])
    return _estimate(area(np.ones(len(scores))), drawn)


def calibrate(scored: Scored, chances: "Matrix", fit_slope: Callable[["Matrix", "Matrix"], float]) -> Calibration:
    """Compare chances with what came true, in ten bins of equal mass."""
    import numpy as np

    outcomes = scored.positives.astype(np.float64)
    order = np.argsort(chances, kind="stable")
    bins = [part for part in np.array_split(order, _BINS_COUNT) if len(part)]
    rows = tuple((float(chances[part].mean()), float(outcomes[part].mean()), len(part)) for part in bins)
    error = sum(abs(mean - rate) * count for mean, rate, count in rows) / max(len(chances), 1)
    base = float(((outcomes - outcomes.mean()) ** 2).mean())
    skill = 1.0 - float(((outcomes - chances) ** 2).mean()) / base if base else 0.0
    return Calibration(error=float(error), skill=skill, slope=fit_slope(chances, outcomes), bins=rows)


def bounds_of(tests: Sequence["Places"]) -> tuple[int, ...]:
    """Return where each quarter begins, and the end."""
    bounds = [0]
    for each in tests:
        bounds.append(bounds[-1] + len(each))
    return tuple(bounds)


def _ratios(above: "Matrix", below: "Matrix") -> "Matrix":
    import numpy as np

    whole = below > 0
    made: Matrix = np.divide(above, below, out=np.full_like(above, np.nan), where=whole)
    return made


def _estimate(value: float, drawn: "Matrix") -> Estimate:
    import numpy as np

    known = drawn[~np.isnan(drawn)]
    if not len(known):
        return Estimate(value=value, low=float("-inf"), high=float("inf"))
    low, high = np.percentile(known, [2.5, 97.5])
    return Estimate(value=value, low=float(low), high=float(high))


def _wilson_upper(hits: float, count: float) -> float:
    """Return the upper end of the 95 % Wilson interval of a share."""
    square = _NORMAL_95**2
    middle = hits + square / 2
    width = _NORMAL_95 * (hits * (count - hits) / count + square / 4) ** 0.5
    return float(min((middle + width) / (count + square), 1.0))
