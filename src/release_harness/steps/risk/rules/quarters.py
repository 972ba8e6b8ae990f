"""The quarter of a landing, and which landings a backtest may learn from and score. Pure."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Places = NDArray[np.int64]

FIRST_POSITIVES_COUNT = 10
"""Positives whose worth of history is only learned from."""


def quarter_of(seconds: float) -> int:
    """Return the number of quarters since the year 0."""
    moment = datetime.fromtimestamp(seconds, tz=UTC)
    return moment.year * 4 + (moment.month - 1) // 3


def quarter_start(quarter: int) -> float:
    """Return the first second of a quarter."""
    return datetime(quarter // 4, quarter % 4 * 3 + 1, 1, tzinfo=UTC).timestamp()


def quarter_name(quarter: int) -> str:
    """Write a quarter as people do, such as `2024-Q3`."""
    return f"{quarter // 4}-Q{quarter % 4 + 1}"


class Outcomes(NamedTuple):
    """What became of each landing under one label."""

    seconds: "Numbers"
    """When it landed; never falling."""
    event_seconds: "Numbers"
    """When it was taken back or mended, or infinity."""
    candidates: "Flags"
    horizon_seconds: float
    end_seconds: float
    """The last landing of the history: later outcomes cannot be seen."""

    @property
    def positives(self) -> "Flags":
        """Candidates that were taken back or mended within the horizon."""
        found: Flags = self.candidates & (self.event_seconds - self.seconds <= self.horizon_seconds)
        return found


class Fold(NamedTuple):
    """One quarter: what it may learn from, and what it is asked about."""

    quarter: int
    train: "Places"
    train_outcomes: "Numbers"
    train_ages_seconds: "Numbers"
    """How long before the quarter each of them landed."""
    test: "Places"


def plan_folds(outcomes: Outcomes, since_seconds: float = 0.0) -> tuple[Fold, ...]:
    """Return the quarters to be scored, oldest first.

    A quarter learns from positives whose event came before it began, and from negatives whose horizon had passed by then.
    Not scored are the first ten positives' worth of history, the last horizon, and what came before `since_seconds`.
    """
    import numpy as np

    seconds, positives = outcomes.seconds, outcomes.positives
    seen = np.flatnonzero(positives)
    if len(seen) <= FIRST_POSITIVES_COUNT:
        return ()
    first = max(since_seconds, float(np.sort(outcomes.event_seconds[seen])[FIRST_POSITIVES_COUNT - 1]))
    matured = outcomes.end_seconds - outcomes.horizon_seconds
    asked = np.flatnonzero(outcomes.candidates & (seconds > first) & (seconds <= matured))
    quarters = _quarters(seconds[asked])
    folds = []
    for quarter in dict.fromkeys(quarters):
        start = quarter_start(quarter)
        known = outcomes.candidates & (seconds < start)
        is_positive = known & positives & (outcomes.event_seconds < start)
        is_negative = known & ~positives & (seconds + outcomes.horizon_seconds < start)
        train = np.flatnonzero(is_positive | is_negative)
        test = asked[[place for place, each in enumerate(quarters) if each == quarter]]
        folds.append(Fold(quarter, train, is_positive[train].astype(np.float64), start - seconds[train], test))
    return tuple(folds)


def _quarters(seconds: "Numbers") -> list[int]:
    return [quarter_of(float(each)) for each in seconds]
