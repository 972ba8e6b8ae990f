"""The arithmetic of a backtest, against answers that are known."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release_harness.kernel.verdict import Outcome
from release_harness.steps.risk.model.backtest import Estimate
from release_harness.steps.risk.rules.heads import learn, score
from release_harness.steps.risk.rules.logistic import chances_of, fit
from release_harness.steps.risk.rules.measures import (
    Scored,
    area_under_curve,
    calibrate,
    difference,
    escaped_by_quarter,
    rank,
    resample,
    risk_ratio,
)
from release_harness.steps.risk.rules.percentiles import LEAST_COUNT, as_matrix, trailing_percentiles
from release_harness.steps.risk.rules.quarters import Outcomes, plan_folds, quarter_name, quarter_of, quarter_start
from release_harness.steps.risk.rules.reporting import judge_auto
from release_harness.steps.risk.rules.scoring import calibration_slope

DAY = 86_400.0


def scored(positives: list[bool], bounds: tuple[int, ...] | None = None) -> Scored:
    """Make landings of one line each."""
    hits = np.array(positives, dtype=bool)
    return Scored(positives=hits, lines=np.ones(len(hits)), bounds=bounds or (0, len(hits)))


def test_regression_finds_the_weights_that_made_the_data() -> None:
    """The fit is our own; here it has to find what is known."""
    draw = np.random.default_rng(7)
    features = draw.normal(size=(20_000, 3))
    truth = np.array([-2.0, 1.0, -0.5, 0.0])
    outcomes = (draw.random(20_000) < chances_of(truth[0] + features @ truth[1:])).astype(float)
    found = fit(features, outcomes, centre=np.zeros(4), strength=1e-6)
    assert found == pytest.approx(truth, abs=0.08)


def test_regression_ends_at_the_top_of_its_own_hill() -> None:
    """At the end the slope is zero: no step would be better."""
    draw = np.random.default_rng(8)
    features = draw.normal(size=(400, 2))
    outcomes = (draw.random(400) < 0.1).astype(float)
    centre = np.array([0.0, 0.3, -0.3])
    found = fit(features, outcomes, centre=centre, strength=30.0)
    left = outcomes - chances_of(found[0] + features @ found[1:])
    assert features.T @ left == pytest.approx(30.0 * (found[1:] - centre[1:]), abs=1e-3)
    assert left.sum() == pytest.approx(0.0, abs=1e-3)


def test_regression_of_separable_data_stays_finite() -> None:
    """A few positives are often perfectly apart; without a prior the weights would run away."""
    features = np.array([[-1.0], [-1.0], [1.0], [1.0]])
    found = fit(features, np.array([0.0, 0.0, 1.0, 1.0]), centre=np.zeros(2), strength=3.0)
    assert np.isfinite(found).all()
    assert found[1] > 0


def test_a_strong_prior_is_kept_and_a_weak_one_gives_way() -> None:
    """Shrinkage is what lets a history of few reverts say anything."""
    draw = np.random.default_rng(9)
    features = draw.normal(size=(500, 1))
    outcomes = (draw.random(500) < chances_of(2.0 * features[:, 0] - 1.0)).astype(float)
    prior = np.array([-1.0])
    assert learn(features, outcomes, prior, 1e9).weights[1] == pytest.approx(-1.0, abs=1e-3)
    assert learn(features, outcomes, prior, 1e-3).weights[1] > 1.0


def test_without_positives_the_prior_alone_scores() -> None:
    """The first quarter of a young repository has nothing to learn from."""
    prior = np.array([1.0, 0.0])
    model = learn(np.zeros((40, 2)), np.zeros(40), prior)
    low, high = score(np.array([[-0.5, 0.0], [0.5, 0.0]]), model)
    assert 0 < low < high < 0.1


def test_places_know_only_what_came_before() -> None:
    """A landing must not be compared with later ones: that would look into the future."""
    raw = np.arange(300.0).reshape(-1, 1)
    places = trailing_percentiles(raw)
    assert (places[:LEAST_COUNT] == 0).all()
    assert (places[LEAST_COUNT:] == 0.5).all()
    changed = raw.copy()
    changed[200:] = -1.0
    assert (trailing_percentiles(changed)[:200] == places[:200]).all()


def test_equal_values_lie_in_the_middle() -> None:
    """A feature that never varies says nothing."""
    assert (trailing_percentiles(np.ones((200, 1))) == 0).all()


def test_a_perfect_score_lets_nothing_escape_and_a_constant_one_its_share() -> None:
    """The two ends that every figure lies between."""
    landings = scored([False] * 90 + [True] * 10)
    perfect = np.arange(100.0)
    assert escaped_by_quarter(landings, perfect, 0.5).sum() == 0
    assert escaped_by_quarter(landings, perfect, 0.95).sum() == pytest.approx(5)
    assert escaped_by_quarter(landings, np.zeros(100), 0.3).sum() == pytest.approx(3)


@pytest.mark.slow
@given(
    st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=2, max_size=40).filter(
        lambda rows: 0 < sum(hit for _, hit in rows) < len(rows)
    )
)
@settings(max_examples=50, deadline=None)
def test_the_area_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[int, bool]]) -> None:
    """Ties count half; the quick way must say what the slow one says."""
    landings = scored([hit for _, hit in rows])
    values = np.array([float(value) for value, _ in rows])
    pairs = [
        1.0 if high > low else 0.5 if high == low else 0.0
        for (high, hit), (low, miss) in itertools.product(rows, rows)
        if hit and not miss
    ]
    assert area_under_curve(landings, values, resample(landings, 5)).value == pytest.approx(sum(pairs) / len(pairs))


def test_the_risk_ratio_is_escaped_over_auto_share_with_an_honest_upper_end() -> None:
    """Nothing escaped of three positives proves little: resampling alone would say RR 0 to 0."""
    landings = scored([False] * 97 + [True] * 3, (0, 50, 100))
    auto = np.array([True] * 50 + [False] * 50)
    found = risk_ratio(auto, landings, resample(landings))
    assert found.value == 0
    assert found.high > 1.0
    everything = risk_ratio(np.ones(100, dtype=bool), landings, resample(landings))
    assert everything.value == pytest.approx(1.0)


def test_an_empty_auto_tier_has_no_ratio() -> None:
    """Nothing passed, so nothing is proven."""
    landings = scored([True, False])
    assert math.isinf(risk_ratio(np.zeros(2, dtype=bool), landings, resample(landings)).high)


def test_a_score_is_paired_with_itself() -> None:
    """The lift of a score over itself is exactly nothing, in every draw."""
    landings = scored([True, False] * 50, (0, 30, 60, 100))
    escaped = escaped_by_quarter(landings, np.arange(100.0), 0.5)
    found = difference(escaped, escaped, np.array([15.0, 15.0, 20.0]), resample(landings))
    assert (found.value, found.low, found.high) == (0.0, 0.0, 0.0)


def test_chances_that_come_true_are_calibrated() -> None:
    """Slope 1 and no error for honest chances; a bold score has a slope below 1."""
    draw = np.random.default_rng(10)
    chances = draw.uniform(0.02, 0.5, 40_000)
    landings = scored(list(draw.random(40_000) < chances))
    honest = calibrate(landings, chances, calibration_slope)
    assert honest.error < 0.01
    assert honest.skill > 0
    assert honest.slope == pytest.approx(1.0, abs=0.05)
    odds = np.log(chances / (1 - chances))
    assert calibrate(landings, chances_of(2 * odds), calibration_slope).slope == pytest.approx(0.5, abs=0.03)


def test_one_ranking_has_every_figure() -> None:
    """The report prints three escaped shares and four gates."""
    landings = scored([False] * 90 + [True] * 10, (0, 45, 100))
    found = rank("size", "lines", landings, np.arange(100.0), resample(landings))
    assert found.auc.value == 1.0
    assert [each.value for each in found.escaped] == sorted(each.value for each in found.escaped)
    assert found.captured[-1] == pytest.approx(1.0)


def outcomes(seconds: list[float], events: list[float], horizon: float = 30 * DAY) -> Outcomes:
    """Make outcomes of candidates."""
    times = np.array(seconds)
    return Outcomes(times, np.array(events), np.ones(len(times), dtype=bool), horizon, float(times[-1]))


def test_a_quarter_learns_nothing_that_was_not_known_when_it_began() -> None:
    """Positives by the day of their revert, negatives once their horizon has passed: anything else looks ahead."""
    start = quarter_start(2020 * 4)
    seconds = [start + number * DAY for number in range(800)]
    events = [each + 20 * DAY if number % 9 == 0 else math.inf for number, each in enumerate(seconds)]
    made = outcomes(seconds, events)
    folds = plan_folds(made)
    assert folds
    for fold in folds:
        begin = quarter_start(fold.quarter)
        for place, outcome in zip(fold.train, fold.train_outcomes, strict=True):
            known_at = events[place] if outcome else seconds[place] + 30 * DAY
            assert known_at < begin
        assert all(quarter_of(seconds[place]) == fold.quarter for place in fold.test)
        assert all(seconds[place] <= seconds[-1] - 30 * DAY for place in fold.test)


def test_the_first_ten_positives_are_only_learned_from() -> None:
    """A history with few positives is not scored at all."""
    seconds = [number * DAY for number in range(400)]
    events = [each + DAY if number < 10 else math.inf for number, each in enumerate(seconds)]
    assert plan_folds(outcomes(seconds, events)) == ()


def test_quarters_have_names() -> None:
    """They are printed."""
    assert quarter_name(quarter_of(1_719_792_000)) == "2024-Q3"
    assert quarter_start(quarter_of(1_719_792_000)) == 1_719_792_000


@pytest.mark.parametrize(
    ("ratio", "high", "positives", "outcome"),
    [
        (0.40, 0.70, 60, Outcome.PASS),
        (0.40, 0.90, 60, Outcome.FAIL),
        (0.65, 0.75, 60, Outcome.FAIL),
        (0.10, 0.20, 19, Outcome.UNKNOWN),
    ],
)
def test_an_auto_tier_is_supported_only_when_it_is_proven(
    ratio: float, high: float, positives: int, outcome: Outcome
) -> None:
    """Below 0.6, with an upper end below 0.8, and with enough positives to tell."""
    found, says = judge_auto(Estimate(value=ratio, low=0.0, high=high), 0.4, positives)
    assert found is outcome
    assert ("not supported" in says) is (outcome is not Outcome.PASS)


def test_no_rows_make_an_empty_matrix() -> None:
    """A new repository has no landings."""
    assert as_matrix([], 3).shape == (0, 3)
