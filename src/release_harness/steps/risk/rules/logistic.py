"""Logistic regression by Newton steps, with a Gaussian prior on every weight (McCullagh and Nelder; a few lines of numpy)."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from release_harness.steps.risk.rules.percentiles import Matrix

_STEPS_MOST = 50
_CLOSE_ENOUGH = 1e-7
_FREE = 1e-6
"""Strength of the prior on the intercept: the base rate is the repository's own."""


def fit(
    features: "Matrix",
    outcomes: "Matrix",
    *,
    centre: "Matrix",
    strength: float,
    start: "Matrix | None" = None,
    counts: "Matrix | None" = None,
) -> "Matrix":
    """Return the intercept and the weights; each weight is drawn to that of `centre` as if by `strength` units of information.

    `features` has one row for each landing and no column of ones; `centre` has the intercept first; `counts` weighs rows.
    """
    import numpy as np

    design = np.column_stack([np.ones(len(features)), features])
    pull = np.full(design.shape[1], strength)
    pull[0] = _FREE
    weights = np.array(centre if start is None else start, dtype=np.float64)
    if start is None and len(outcomes):
        share = min(max(float(np.mean(outcomes)), 1e-4), 1 - 1e-4)
        weights[0] = np.log(share / (1 - share))
    rows = np.ones(len(design)) if counts is None else counts
    best = _loss(design, outcomes, rows, weights, centre, pull)
    for _ in range(_STEPS_MOST):
        chances = chances_of(design @ weights)
        slope = design.T @ (rows * (outcomes - chances)) - pull * (weights - centre)
        bend = (design * (rows * chances * (1 - chances))[:, None]).T @ design + np.diag(pull)
        step = np.linalg.solve(bend, slope)
        weights, better = _line_search(design, outcomes, rows, weights, step, centre, pull, best)
        if best - better < _CLOSE_ENOUGH * max(abs(best), 1.0):
            break
        best = better
    return weights


def chances_of(scores: "Matrix") -> "Matrix":
    """Return the chance that belongs to each sum of weights."""
    import numpy as np

    made: Matrix = 1.0 / (1.0 + np.exp(-np.clip(scores, -35.0, 35.0)))
    return made


def _line_search(
    design: "Matrix",
    outcomes: "Matrix",
    rows: "Matrix",
    weights: "Matrix",
    step: "Matrix",
    centre: "Matrix",
    pull: "Matrix",
    best: float,
) -> tuple["Matrix", float]:
    """Take the whole step, or half of it and half again until it is no worse: a Newton step alone can leap too far."""
    size = 1.0
    while size > 1e-4:  # noqa: PLR2004 - fourteen halvings
        tried = weights + size * step
        loss = _loss(design, outcomes, rows, tried, centre, pull)
        if loss <= best:
            return tried, loss
        size /= 2
    return weights, best


def _loss(
    design: "Matrix", outcomes: "Matrix", rows: "Matrix", weights: "Matrix", centre: "Matrix", pull: "Matrix"
) -> float:
    import numpy as np

    scores = np.clip(design @ weights, -35.0, 35.0)
    return float(rows @ (np.logaddexp(0.0, scores) - outcomes * scores) + 0.5 * pull @ (weights - centre) ** 2)
