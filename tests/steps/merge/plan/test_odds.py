"""The odds of a change: counts of the past, shrunk to the overall rate, believed as far as they have proven themselves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_harness.steps.merge.plan.odds import Attempt, Traits, brier, calibrate, learn, reliability

AREAS = ("api", "docs", "payments", "web")
RATES = {"api": 0.08, "docs": 0.01, "payments": 0.45, "web": 0.08}


def world(count: int, seed: int, rates: dict[str, float]) -> list[Attempt]:
    """Draw attempts whose true odds hang on the area alone; sizes are noise."""
    draw = np.random.default_rng(seed)
    attempts = []
    for _ in range(count):
        area = AREAS[int(draw.integers(len(AREAS)))]
        traits = Traits(lines_count=int(draw.integers(1, 3000)), areas=frozenset({area}))
        attempts.append(Attempt(traits=traits, failed=bool(draw.random() < rates[area])))
    return attempts


def test_nothing_seen_gives_the_rate_that_was_assumed() -> None:
    """There is nothing else to go by."""
    assert learn([]).odds_of(Traits(lines_count=10)).pass_ratio == pytest.approx(0.9)


def test_a_trait_that_was_seen_twice_says_almost_nothing() -> None:
    """Two failures of two do not make an area hopeless."""
    attempts = world(400, 1, RATES)
    attempts += [Attempt(traits=Traits(areas=frozenset({"new"})), failed=True)] * 2
    model = learn(attempts)
    assert model.odds_of(Traits(areas=frozenset({"new"}))).pass_ratio > 0.7


def test_an_area_that_often_fails_has_worse_odds_and_says_by_which_counts() -> None:
    """Whoever sees a number can see what it was counted from."""
    model = learn(world(800, 2, RATES))
    bad, good = (model.odds_of(Traits(lines_count=20, areas=frozenset({area}))) for area in ("payments", "docs"))
    assert bad.pass_ratio < 0.75
    assert good.pass_ratio > 0.93
    count = next(each for each in bad.counts if each.trait == "area payments")
    assert 150 < count.attempts_count < 250
    assert 0.35 < count.failures_count / count.attempts_count < 0.55
    assert bad.overall.attempts_count == 800


def test_of_several_areas_the_worst_one_counts() -> None:
    """A harmless file beside a dangerous one makes it no safer."""
    model = learn(world(800, 2, RATES))
    alone = model.odds_of(Traits(areas=frozenset({"payments"})))
    beside = model.odds_of(Traits(areas=frozenset({"payments", "docs"})))
    assert beside.pass_ratio == alone.pass_ratio


@pytest.mark.parametrize("seed", range(6))
def test_where_traits_tell_nothing_all_have_the_overall_rate(seed: int) -> None:
    """Odds that are sure of noise are worse than none."""
    model = learn(world(300, 100 + seed, dict.fromkeys(AREAS, 0.12)))
    ratios = {model.odds_of(Traits(lines_count=9, areas=frozenset({area}))).pass_ratio for area in AREAS}
    assert model.weight == 0.0
    assert len(ratios) == 1


def test_its_own_result_and_the_age_of_its_base_count_too() -> None:
    """A change that failed alone is no likely candidate."""
    draw = np.random.default_rng(5)
    attempts = []
    for _ in range(600):
        passed, hours = bool(draw.random() < 0.8), float(draw.choice([0.5, 400.0]))
        ratio = (0.03 if passed else 0.6) + (0.1 if hours > 168 else 0.0)
        traits = Traits(base_age_hours=hours, passed_alone=passed)
        attempts.append(Attempt(traits=traits, failed=bool(draw.random() < ratio)))
    model = learn(attempts)

    def ratio_of(*, passed: bool, hours: float) -> float:
        return model.odds_of(Traits(base_age_hours=hours, passed_alone=passed)).pass_ratio

    assert ratio_of(passed=True, hours=0.5) > ratio_of(passed=True, hours=400.0) > ratio_of(passed=False, hours=400.0)
    assert ratio_of(passed=True, hours=0.5) > 0.9
    assert ratio_of(passed=False, hours=0.5) < 0.6


@pytest.mark.parametrize("seed", range(5))
def test_held_out_attempts_come_out_as_told(seed: int) -> None:
    """In worlds whose true odds are known: nearer to what happens than one rate for all, and each bin near its share."""
    report = calibrate(world(2000, 10 + seed, RATES))
    assert report is not None
    assert (report.learned_count, report.tested_count) == (1400, 600)
    assert report.is_useful
    assert report.brier < 0.9 * report.brier_of_common_rate
    assert sum(each.changes_count for each in report.bins) == 600
    for each in report.bins:
        spread = 3 * (max(each.failed_ratio, 0.02) * (1 - each.failed_ratio) / each.changes_count) ** 0.5
        assert abs(each.predicted_ratio - each.failed_ratio) < spread + 0.04


def test_no_attempts_have_no_calibration() -> None:
    """A report about nothing would look like a good one."""
    assert calibrate([]) is None
    assert calibrate(world(1, 1, RATES)) is None


@given(
    st.lists(st.tuples(st.integers(0, 5000), st.sampled_from(AREAS), st.booleans()), max_size=60),
    st.integers(0, 10_000),
    st.sets(st.sampled_from((*AREAS, "unseen"))),
)
def test_odds_are_always_odds(past: list[tuple[int, str, bool]], lines: int, areas: set[str]) -> None:
    """Never sure of anything, whatever was counted."""
    attempts = [
        Attempt(traits=Traits(lines_count=size, areas=frozenset({area})), failed=failed) for size, area, failed in past
    ]
    ratio = learn(attempts).odds_of(Traits(lines_count=lines, areas=frozenset(areas))).pass_ratio
    assert 0.05 <= ratio <= 0.995


def test_the_score_and_the_bins_are_those_of_the_books() -> None:
    """Three told, two of them right."""
    told = [(0.0, False), (0.5, True), (1.0, True)]
    assert brier(told) == pytest.approx(0.25 / 3)
    assert brier([]) == 0.0
    low, high = reliability([(0.1, False), (0.2, False), (0.6, True), (0.8, True)], 2)
    assert (low.failed_ratio, low.changes_count) == (0.0, 2)
    assert (high.failed_ratio, high.changes_count) == (1.0, 2)
    assert [low.predicted_ratio, high.predicted_ratio] == pytest.approx([0.15, 0.7])
