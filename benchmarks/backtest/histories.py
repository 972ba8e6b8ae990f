"""The histories that the backtest is measured on, and how one is walked, labelled and measured for a benchmark.

`development` histories were looked at while features and rules were made; with the other `training` ones they make the prior.
Nothing was ever tuned on `held out` histories.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from release_harness.adapters.walk_cache import WalkCacheFolder
from release_harness.app import Application
from release_harness.steps.risk.flow.backtest import Prepared, outcomes_of, prepare
from release_harness.steps.risk.rules.features import FEATURES
from release_harness.steps.risk.rules.history import Measured, measure_history
from release_harness.steps.risk.rules.logistic import fit
from release_harness.steps.risk.rules.percentiles import as_matrix, trailing_percentiles
from release_harness.steps.risk.rules.quarters import Outcomes

Matrix = NDArray[np.float64]

HORIZON_DAYS = {"reverts": 30, "fixes": 365}
PRIOR_STRENGTH = 30.0
"""Pull to zero while the prior itself is made."""
_MOST_WEIGHT = 300.0
"""Positives of one history that count fully; a history with more has each count less, so that none speaks for all."""
_APART = 8.0
"""Every history has a base rate of its own; this makes its pull to zero weak."""


@dataclass(frozen=True)
class History:
    """One repository of the benchmark."""

    name: str
    label: str
    since_year: int
    role: str
    """`development`, `training` or `held out`."""


HISTORIES: tuple[History, ...] = (
    History("ansible+ansible", "reverts", 2015, "development"),
    History("pypi+warehouse", "reverts", 2019, "development"),
    History("rails+rails", "reverts", 2012, "training"),
    History("jax-ml+jax", "reverts", 2020, "training"),
    History("facebook+rocksdb", "reverts", 2015, "held out"),
    History("angular+components", "reverts", 2018, "held out"),
    History("apache+arrow", "reverts", 2018, "held out"),
    History("facebook+folly", "reverts", 2014, "held out"),
    History("flutter+packages", "reverts", 2019, "held out"),
    History("DPDK+dpdk", "fixes", 2017, "development"),
    History("u-boot+u-boot", "fixes", 2017, "training"),
    History("openvswitch+ovs", "fixes", 2016, "held out"),
)


class Silence:
    """Progress that says nothing."""

    def start(self, task: str, total_count: int | None = None) -> None:
        """Begin a task."""

    def advance(self, count: int = 1) -> None:
        """Say nothing."""

    def say(self, line: str) -> None:
        """Say nothing."""

    def finish(self) -> None:
        """End the task."""


@dataclass
class Ready:
    """A history with everything that scores are made from."""

    history: History
    prepared: Prepared
    measured: Measured
    outcomes: Outcomes
    places: Matrix

    @property
    def since_seconds(self) -> float:
        """The first second that is scored."""
        return datetime(self.history.since_year, 1, 1, tzinfo=UTC).timestamp()


def open_history(history: History, folder: Path, cache: Path) -> Application:
    """Return an application on a bare repository `<folder>/<name>/repo`, with its cache elsewhere."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    application = Application(folder / history.name / "repo", environment, Silence())
    application.__dict__["walk_cache"] = WalkCacheFolder(lambda: cache / history.name)
    return application


def make_ready(history: History, folder: Path, cache: Path) -> Ready:
    """Walk, label and measure one history."""
    prepared = prepare(open_history(history, folder, cache), "")
    measured = measure_history(prepared.landings, prepared.seconds)
    return Ready(
        history=history,
        prepared=prepared,
        measured=measured,
        outcomes=outcomes_of(prepared, history.label, HORIZON_DAYS[history.label]),
        places=trailing_percentiles(as_matrix(measured.rows, len(FEATURES))),
    )


def learn_prior(readies: Sequence[Ready]) -> Matrix:
    """Fit one set of weights to several histories, each with a base rate of its own and none with more than its share."""
    features, outcomes, counts = [], [], []
    for number, each in enumerate(readies):
        known = each.outcomes.candidates & (
            each.outcomes.seconds <= each.outcomes.end_seconds - each.outcomes.horizon_seconds
        )
        rows = np.flatnonzero(known)
        own = np.zeros((len(rows), len(readies)))
        own[:, number] = _APART
        features.append(np.hstack([each.places[rows], own]))
        outcomes.append(each.outcomes.positives[rows].astype(np.float64))
        counts.append(np.full(len(rows), min(1.0, _MOST_WEIGHT / max(float(outcomes[-1].sum()), 1.0))))
    stacked = np.vstack(features)
    weights = fit(
        stacked,
        np.concatenate(outcomes),
        centre=np.zeros(stacked.shape[1] + 1),
        strength=PRIOR_STRENGTH,
        counts=np.concatenate(counts),
    )
    found: Matrix = weights[1 : 1 + len(FEATURES)]
    return found
