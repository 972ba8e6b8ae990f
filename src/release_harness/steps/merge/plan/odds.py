"""How likely a change passes, from counts of what came before it; pure.

Method: every trait of a change (its size class, the worst of its areas, the age of its base, its own result) has counts of
attempts and failures. Each count is shrunk to the overall rate by a Beta prior, so that a trait that was seen twice says
almost nothing. The shrunken odds are joined as naive Bayes does, by their logarithms, times one weight between 0 and 1:
traits overlap, and joined with full weight they are too sure of themselves. The weight is the one that would have told the
past best, each attempt from those before it (Dawid's prequential principle, 1984); it is 0, so that all have the overall
rate, until the counts have proven that they tell more.

The odds may place cuts. They never change an order, and nothing lands or is sent back by them.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import exp, log

from release_harness.kernel.records import record
from release_harness.steps.merge.model.simulation import Bin, Calibration

PRIOR_FAIL_RATIO = 0.10
"""Overall share of failures before anything was seen."""
_PRIOR_COUNT = 20.0
"""Attempts that the prior of the overall rate weighs."""
_SHRINK_COUNT = 12.0
"""Attempts that the overall rate weighs in the count of each trait."""
_WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)
_LEAST_GAIN = 2.0
"""Nats by which a weight has to tell the past better than none, as a penalty for one more parameter asks."""
_LEAST, _MOST = 0.005, 0.95
_SIZES = ((10, "to 10 lines"), (50, "to 50 lines"), (250, "to 250 lines"), (1000, "to 1,000 lines"))
_AGES = ((1.0, "base of the last hour"), (24.0, "base of the last day"), (168.0, "base of the last week"))


@record
class Traits:
    """What is known of a change before the queue tests it; None is not known."""

    lines_count: int | None = None
    areas: frozenset[str] = frozenset()
    base_age_hours: float | None = None
    passed_alone: bool | None = None
    """Its own result, before it was queued."""


@record
class Attempt:
    """One change that was decided, and how."""

    traits: Traits
    failed: bool


@record
class Count:
    """What one trait has been seen with."""

    trait: str
    attempts_count: int = 0
    failures_count: int = 0


@record
class Odds:
    """How likely a change passes, and the counts that this comes from."""

    pass_ratio: float
    overall: Count
    counts: tuple[Count, ...] = ()


@record
class OddsModel:
    """The counts of the past, and how far they are believed."""

    overall: Count
    counts: tuple[Count, ...] = ()
    weight: float = 0.0
    prior_fail_ratio: float = PRIOR_FAIL_RATIO

    def odds_of(self, traits: Traits) -> Odds:
        """Return the odds of one change with the counts behind them."""
        table = {each.trait: each for each in self.counts}
        used = _used(table, traits, _overall_ratio(self.overall, self.prior_fail_ratio))
        overall = _overall_ratio(self.overall, self.prior_fail_ratio)
        fails = _joined(used, overall, self.weight)
        return Odds(pass_ratio=1.0 - fails, overall=self.overall, counts=used)


def learn(attempts: Sequence[Attempt], prior_fail_ratio: float = PRIOR_FAIL_RATIO) -> OddsModel:
    """Count the attempts, oldest first, and find the weight that would have told each of them best from those before it."""
    table: dict[str, Count] = {}
    overall = Count(trait="all")
    losses = [0.0] * len(_WEIGHTS)
    for each in attempts:
        rate = _overall_ratio(overall, prior_fail_ratio)
        used = _used(table, each.traits, rate)
        for place, weight in enumerate(_WEIGHTS):
            losses[place] += _loss(_joined(used, rate, weight), failed=each.failed)
        overall = _more(overall, failed=each.failed)
        for name in _names(each.traits):
            table[name] = _more(table.get(name, Count(trait=name)), failed=each.failed)
    best = min(range(len(_WEIGHTS)), key=lambda place: losses[place])
    proven = losses[0] - losses[best] >= _LEAST_GAIN
    return OddsModel(
        overall=overall,
        counts=tuple(table[name] for name in sorted(table)),
        weight=_WEIGHTS[best] if proven else 0.0,
        prior_fail_ratio=prior_fail_ratio,
    )


def calibrate(attempts: Sequence[Attempt], held_out_ratio: float = 0.3, bins_count: int = 5) -> Calibration | None:
    """Learn from the older attempts and say how that does on the newer ones; None when either part is empty."""
    tested_count = round(len(attempts) * held_out_ratio)
    past, later = attempts[: len(attempts) - tested_count], attempts[len(attempts) - tested_count :]
    if not past or not later:
        return None
    model = learn(past)
    common = _overall_ratio(model.overall, model.prior_fail_ratio)
    told = [(1.0 - model.odds_of(each.traits).pass_ratio, each.failed) for each in later]
    return Calibration(
        learned_count=len(past),
        tested_count=len(later),
        failed_count=sum(failed for _ratio, failed in told),
        brier=brier(told),
        brier_of_common_rate=brier((common, failed) for _ratio, failed in told),
        weight=model.weight,
        bins=reliability(told, bins_count),
    )


def brier(told: Iterable[tuple[float, bool]]) -> float:
    """Return the mean squared distance of the told failure ratio from what happened; 0 for nothing (Brier, 1950)."""
    distances = [(ratio - failed) ** 2 for ratio, failed in told]
    return sum(distances) / max(1, len(distances))


def reliability(told: Sequence[tuple[float, bool]], bins_count: int) -> tuple[Bin, ...]:
    """Return bins of equal numbers, from the least likely failures on: what was told, and what happened."""
    ordered = sorted(told, key=lambda each: each[0])
    count = min(bins_count, len(ordered))
    edges = [round(place * len(ordered) / count) for place in range(count + 1)] if count else [0]
    parts = [ordered[low:high] for low, high in pairwise(edges) if high > low]
    return tuple(
        Bin(
            predicted_ratio=sum(ratio for ratio, _failed in part) / len(part),
            failed_ratio=sum(failed for _ratio, failed in part) / len(part),
            changes_count=len(part),
        )
        for part in parts
    )


def _names(traits: Traits) -> tuple[str, ...]:
    """Return the names that an attempt is counted under."""
    return (*_plain_names(traits), *(f"area {each}" for each in sorted(traits.areas)))


def _plain_names(traits: Traits) -> list[str]:
    names = []
    if traits.lines_count is not None:
        lines = traits.lines_count
        names.append(f"size: {next((word for most, word in _SIZES if lines <= most), 'more lines')}")
    if traits.base_age_hours is not None:
        hours = traits.base_age_hours
        names.append(next((word for most, word in _AGES if hours <= most), "older base"))
    if traits.passed_alone is not None:
        names.append("passed alone" if traits.passed_alone else "failed alone")
    return names


def _used(table: dict[str, Count], traits: Traits, overall: float) -> tuple[Count, ...]:
    """Return the counts that speak for a change: those of its plain traits, and of the area that fails the most."""
    plain = [table[name] for name in _plain_names(traits) if name in table]
    areas = [table[name] for each in sorted(traits.areas) if (name := f"area {each}") in table]
    worst = max(areas, key=lambda each: _shrunken(each, overall), default=None)
    return tuple(plain) if worst is None else (*plain, worst)


def _overall_ratio(overall: Count, prior: float) -> float:
    return (overall.failures_count + prior * _PRIOR_COUNT) / (overall.attempts_count + _PRIOR_COUNT)


def _shrunken(count: Count, overall: float) -> float:
    return (count.failures_count + overall * _SHRINK_COUNT) / (count.attempts_count + _SHRINK_COUNT)


def _joined(used: Sequence[Count], overall: float, weight: float) -> float:
    """Return the probability of failing, within limits: no change is ever sure."""
    if not weight:
        return min(max(overall, _LEAST), _MOST)
    base = _logit(overall)
    told = base + weight * sum(_logit(_shrunken(each, overall)) - base for each in used)
    return min(max(1.0 / (1.0 + exp(-told)), _LEAST), _MOST)


def _logit(ratio: float) -> float:
    safe = min(max(ratio, 1e-6), 1.0 - 1e-6)
    return log(safe / (1.0 - safe))


def _loss(fails: float, *, failed: bool) -> float:
    return -log(fails if failed else 1.0 - fails)


def _more(count: Count, *, failed: bool) -> Count:
    return Count(
        trait=count.trait,
        attempts_count=count.attempts_count + 1,
        failures_count=count.failures_count + failed,
    )
