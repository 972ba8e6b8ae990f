"""What a policy gets to know of walks: `entry_points.walk_level` and `entry_points.unwalked_count`."""

from collections.abc import Sequence

from release_harness.kernel.facts import Fact, Known, Unknown
from release_harness.steps.evidence.model.trace import Walked, WalkLevel

WALK_LEVEL = "entry_points.walk_level"
UNWALKED = "entry_points.unwalked_count"
_SOURCE = "computed here from the trace"


def walk_level_fact(walked: Sequence[Walked], why_unknown: str = "") -> Fact:
    """Return the lowest level over all affected entries as a whole number.

    `why_unknown` says why the affected entries themselves are not known. Where none is affected nothing has to be
    walked, and the highest level holds.
    """
    if why_unknown:
        return Unknown(why=why_unknown)
    if not walked:
        return Known(value=int(max(WalkLevel)), source="computed here: no entry point is affected")
    unknown = next((each for each in walked if each.level is None), None)
    if unknown is not None:
        return Unknown(why=f"{unknown.entry}: {unknown.why}")
    lowest = min(each.level for each in walked if each.level is not None)
    return Known(value=int(lowest), source=_SOURCE)


def unwalked_fact(walked: Sequence[Walked], why_unknown: str = "", *, below: WalkLevel = WalkLevel.DISPATCHED) -> Fact:
    """Return how many affected entries were walked at less than a level; one of which nobody can tell makes it unknown."""
    if why_unknown:
        return Unknown(why=why_unknown)
    unknown = next((each for each in walked if each.level is None), None)
    if unknown is not None:
        return Unknown(why=f"{unknown.entry}: {unknown.why}")
    return Known(value=sum(each.level is not None and each.level < below for each in walked), source=_SOURCE)
