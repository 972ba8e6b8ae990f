"""Every score that a backtest compares: ours, and what anybody could do without it."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from release_harness.steps.risk.model.backtest import Estimate, Ranking
from release_harness.steps.risk.model.landings import Landing
from release_harness.steps.risk.rules.claimed import CLAIMS, measure_claims
from release_harness.steps.risk.rules.features import FEATURES
from release_harness.steps.risk.rules.heads import walk_forward
from release_harness.steps.risk.rules.logistic import fit
from release_harness.steps.risk.rules.measures import (
    Scored,
    difference,
    escaped_by_quarter,
    positives_by_quarter,
    rank,
)
from release_harness.steps.risk.rules.percentiles import as_matrix, trailing_percentiles
from release_harness.steps.risk.rules.prior import prior_weights
from release_harness.steps.risk.rules.quarters import Fold
from release_harness.steps.risk.rules.replay import is_docs_or_tests, is_low_by_rule

if TYPE_CHECKING:
    from release_harness.steps.risk.rules.percentiles import Matrix
    from release_harness.steps.risk.rules.quarters import Places

_WEAK = 3.0
_FIXED = 1e9
NAMES: Mapping[str, str] = {
    "score": "prior over several repositories, drawn to this history",
    "local": "this history alone",
    "cross": "the prior alone, nothing learned here",
    "size": "lines added and removed",
    "added": "lines added (LApredict)",
    "docs": "documentation and tests last",
    "rule": "small, plain and away from danger last",
    "random": "chance",
}
"""Every score with what it is; `score` is ours."""


def score_all(
    rows: Sequence[Sequence[float]],
    folds: Sequence[Fold],
    label: str,
    tests: "Places",
    asked: Sequence[Landing],
    advance: Callable[[int], None] = lambda _count: None,
) -> "dict[str, Matrix]":
    """Return every score of the landings that are asked about; a higher score is a higher risk."""
    import numpy as np

    raw = as_matrix(rows, len(FEATURES))
    places = trailing_percentiles(raw)
    prior = as_matrix([prior_weights(label)], len(FEATURES))[0]
    chosen = raw[tests]
    added, removed = chosen[:, FEATURES.index("lines_added")], chosen[:, FEATURES.index("lines_removed")]
    return {
        "score": walk_forward(places, folds, prior, advance=advance),
        "local": walk_forward(places, folds, np.zeros(len(FEATURES)), _WEAK, fading=False, advance=advance),
        "cross": walk_forward(places, folds, prior, _FIXED),
        "size": np.expm1(added) + np.expm1(removed),
        "added": added,
        "docs": np.array([float(not is_docs_or_tests(each)) for each in asked]),
        "rule": np.array([float(not is_low_by_rule(each)) for each in asked]),
        "random": np.zeros(len(asked)),
    }


def with_claims(rows: Sequence[Sequence[float]], landings: Sequence[Landing]) -> "Matrix":
    """Return the rows with what each landing says of itself: track B, for benchmarks only."""
    import numpy as np

    claims = as_matrix([measure_claims(each.title) for each in landings], len(CLAIMS))
    return np.hstack([as_matrix(rows, len(FEATURES)), claims])


def rank_all(scores: "Mapping[str, Matrix]", scored: Scored, draws: "Matrix") -> list[Ranking]:
    """Measure every score, ours first."""
    return [rank(name, NAMES[name], scored, values, draws) for name, values in scores.items()]


def lift_over_size(scores: "Mapping[str, Matrix]", scored: Scored, draws: "Matrix") -> Estimate:
    """Return by how much less escapes at half auto than by size alone, in the same draws of quarters."""
    size, ours = (escaped_by_quarter(scored, scores[name], 0.5) for name in ("size", "score"))
    return difference(size, ours, positives_by_quarter(scored), draws)


def calibration_slope(chances: "Matrix", outcomes: "Matrix") -> float:
    """Return the slope of outcomes over the log odds of the chances."""
    import numpy as np

    bounded = np.clip(chances, 1e-6, 1 - 1e-6)
    odds = np.log(bounded / (1 - bounded))[:, None]
    return float(fit(odds, outcomes, centre=np.zeros(2), strength=1e-6)[1])
