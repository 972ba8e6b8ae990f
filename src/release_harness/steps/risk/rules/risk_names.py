"""The names of the facts of risk, and what they are when nobody walked the history."""

from collections.abc import Mapping

from release_harness.kernel.facts import Fact, Unknown

SCORE = "risk.score_percentile"
REVERTED = "risk.recently_reverted"
REVERTED_COUNT = "risk.recently_reverted_files_count"
NOT_WALKED = "the history was not walked yet: run `rh backtest` once"
OUTLOOK = "outlook-1"
"""Name in the cache; the number rises with the form of the file and with what the features mean."""


def unknown_risk(why: str) -> Mapping[str, Fact]:
    """Return the facts of risk when they are not known."""
    return dict.fromkeys((SCORE, REVERTED, REVERTED_COUNT), Unknown(why=why))
