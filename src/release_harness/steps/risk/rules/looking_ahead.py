"""Learns from a whole history what a change that waits is compared with."""

from typing import TYPE_CHECKING

from release_harness.steps.risk.rules.features import FEATURES
from release_harness.steps.risk.rules.heads import learn, recency
from release_harness.steps.risk.rules.history import Measured
from release_harness.steps.risk.rules.outlook import pack_outlook
from release_harness.steps.risk.rules.percentiles import WINDOW_COUNT, as_matrix, trailing_percentiles
from release_harness.steps.risk.rules.prior import prior_weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from release_harness.steps.risk.rules.quarters import Outcomes


def look_ahead(tip: str, branch: str, walked_at_seconds: float, measured: Measured, outcomes: "Outcomes") -> bytes:
    """Return the packed outlook of a history: the head for reverts, learned from everything whose outcome is known."""
    import numpy as np

    raw = as_matrix(measured.rows, len(FEATURES))
    places = trailing_percentiles(raw)
    positives = outcomes.positives
    matured = outcomes.seconds + outcomes.horizon_seconds <= outcomes.end_seconds
    train = np.flatnonzero(outcomes.candidates & (positives | matured))
    prior = as_matrix([prior_weights("reverts")], len(FEATURES))[0]
    counts = recency(outcomes.end_seconds - outcomes.seconds[train])
    model = learn(places[train], positives[train].astype(np.float64), prior, counts=counts)
    last = np.flatnonzero(outcomes.candidates)[-WINDOW_COUNT:]
    head = {
        "tip": tip,
        "branch": branch,
        "walked_at_seconds": walked_at_seconds,
        "weights": [float(each) for each in model.weights[1:]],
        "pace": measured.past.pace,
        "reverts": measured.past.reverts,
    }
    columns: list[Sequence[float]] = [column.tolist() for column in raw[-WINDOW_COUNT:].T]
    columns.append((places[last] @ model.weights[1:]).tolist())
    return pack_outlook(head, columns, measured.past.rows())
