"""Two heads, one for reverts and one for fixes: a prior over several repositories, drawn to the local history.

Each quarter is scored by a model that was fitted to what could be known before it began. A model of reverts does badly on fixes
and the other way round, so the two are never mixed.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from release_harness.steps.risk.rules.logistic import chances_of, fit
from release_harness.steps.risk.rules.quarters import Fold

if TYPE_CHECKING:
    from release_harness.steps.risk.rules.percentiles import Matrix

STRENGTH = 10.0
"""How strongly local weights are drawn to the prior."""
HALF_LIFE_SECONDS = 3 * 365.0 * 86_400
"""After this long a landing counts half as much: habits change, and what predicted reverts years ago no longer does."""
_LEAST_POSITIVES_COUNT = 5
_USUAL_RATE = 0.01


class Model(NamedTuple):
    """The intercept, then one weight for each feature."""

    weights: "Matrix"
    learned_from_count: int
    positives_count: int


def learn(
    places: "Matrix",
    outcomes: "Matrix",
    prior: "Matrix",
    strength: float = STRENGTH,
    counts: "Matrix | None" = None,
) -> Model:
    """Fit one model, each landing counting as much as `counts` says; with hardly any positive only the base rate is learned."""
    import numpy as np

    centre = np.concatenate([[0.0], prior])
    positives = int(outcomes.sum())
    if positives < _LEAST_POSITIVES_COUNT:
        share = (positives + 1.0) / (len(outcomes) + 1.0 / _USUAL_RATE)
        centre[0] = np.log(share / (1 - share)) - 0.5 * float(prior @ prior) / 12
        return Model(centre, len(outcomes), positives)
    weights = fit(places, outcomes, centre=centre, strength=strength, counts=counts)
    return Model(weights, len(outcomes), positives)


def recency(ages_seconds: "Matrix") -> "Matrix":
    """Return how much landings of these ages count."""
    made: Matrix = 0.5 ** (ages_seconds / HALF_LIFE_SECONDS)
    return made


def score(places: "Matrix", model: Model) -> "Matrix":
    """Return the chance of each landing."""
    return chances_of(model.weights[0] + places @ model.weights[1:])


def walk_forward(
    places: "Matrix",
    folds: Sequence[Fold],
    prior: "Matrix",
    strength: float = STRENGTH,
    *,
    fading: bool = True,
    advance: Callable[[int], None] = lambda _count: None,
) -> "Matrix":
    """Return the chance of every landing that is scored, in the order of the folds."""
    import numpy as np

    found = []
    for fold in folds:
        counts = recency(fold.train_ages_seconds) if fading else None
        model = learn(places[fold.train], fold.train_outcomes, prior, strength, counts)
        found.append(score(places[fold.test], model))
        advance(1)
    return np.concatenate(found) if found else np.zeros(0)
