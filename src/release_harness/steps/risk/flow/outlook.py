"""Leaves behind, and reads, what the history says of changes that wait."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from release_harness.kernel.facts import Fact
from release_harness.steps.changes.model import Change
from release_harness.steps.risk.ports import WalkCache
from release_harness.steps.risk.rules.risk_names import NOT_WALKED, OUTLOOK, unknown_risk


class OutlookNeeds(Protocol):
    """What reading the outlook needs."""

    @property
    def walk_cache(self) -> WalkCache:
        """Keeps what was walked."""
        ...


def risk_of(needs: OutlookNeeds, change: Change, now: datetime) -> Mapping[str, Fact]:
    """Return the facts of risk of a change, from the cache alone; unknown, with a reason, when nothing was walked."""
    content = needs.walk_cache.get(OUTLOOK)
    if content is None:
        return unknown_risk(NOT_WALKED)
    # Only a repository whose history was walked pays for the tables of paths and features.
    from release_harness.steps.risk.rules.outlook import unpack_outlook
    from release_harness.steps.risk.rules.risk_facts import risk_facts

    return risk_facts(unpack_outlook(content), change, now)
