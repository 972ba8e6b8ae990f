"""What a policy gets to know of walks: `entry_points.walk_level` and `entry_points.unwalked_count`."""

from collections.abc import Sequence

from release_harness.kernel.facts import Fact, Known, Unknown
from release_harness.kernel.paths import show_text
from release_harness.steps.evidence.model.trace import Walked, WalkLevel

WALK_LEVEL = "entry_points.walk_level"
UNWALKED = "entry_points.unwalked_count"
_SHOWN_COUNT = 3
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


def advice_of_walks(walked: Sequence[Walked], *, below: WalkLevel = WalkLevel.UNMOCKED) -> dict[str, str]:
    """Say which entry points want a walk and what keeps each from it, by the name of the fact; the worst come first."""
    lacking = sorted((each for each in walked if each.level is not None and each.level < below), key=_badly)
    if not lacking:
        return {}
    named = (
        f"Walk {show_text(each.entry)} (level {int(each.level or 0)} now): {show_text(each.why)}." for each in lacking
    )
    more = f" And {len(lacking) - _SHOWN_COUNT} more." if len(lacking) > _SHOWN_COUNT else ""
    says = " ".join(list(named)[:_SHOWN_COUNT]) + more
    return {WALK_LEVEL: says, UNWALKED: says}


def _badly(walked: Walked) -> tuple[int, str]:
    return (int(walked.level or 0), walked.entry)
