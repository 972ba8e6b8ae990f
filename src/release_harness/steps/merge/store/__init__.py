"""The tables of landing and of the queue; they are folds over the events that are written here."""

from collections.abc import Mapping

from release_harness.ledger.door import Fold
from release_harness.steps.merge.store import entries, holds, landings, runs
from release_harness.steps.merge.store.landings import (
    CHANGE_LANDED,
    INTENTS,
    LANDING_ABANDONED,
    LANDING_INTENDED,
    LANDING_REFUSED,
    LANDINGS,
    REFUSALS,
    attempts_on,
    change_landed,
    changes_of_commits,
    closed_rounds,
    has_landed,
    landing_abandoned,
    landing_intended,
    landing_of,
    landing_refused,
    last_refusal,
    list_landings,
    open_intents,
)

__all__ = [
    "CHANGE_LANDED",
    "FOLDS",
    "INTENTS",
    "LANDINGS",
    "LANDING_ABANDONED",
    "LANDING_INTENDED",
    "LANDING_REFUSED",
    "REFUSALS",
    "attempts_on",
    "change_landed",
    "changes_of_commits",
    "closed_rounds",
    "entries",
    "has_landed",
    "holds",
    "landing_abandoned",
    "landing_intended",
    "landing_of",
    "landing_refused",
    "last_refusal",
    "list_landings",
    "open_intents",
    "runs",
]

FOLDS: Mapping[str, Fold] = {
    **landings.FOLDS,
    **entries.FOLDS,
    **holds.FOLDS,
    **runs.FOLDS,
    CHANGE_LANDED: entries.after(landings.FOLDS[CHANGE_LANDED], entries.fold_landed),
    LANDING_REFUSED: entries.after(landings.FOLDS[LANDING_REFUSED], entries.fold_refused),
}
"""A landing and a refusal end the entry of their change, too."""
