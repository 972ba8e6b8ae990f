"""What happened to guards, in words for people: entry points of which the same is told share one line."""

from collections.abc import Sequence

from release_harness.steps.evidence.model.impact import GuardChange, GuardMove

_NAMES_SHOWN_COUNT = 3
_LOST_NAMES_SHOWN_COUNT = 12
"""Who lost a guard is what a reviewer has to know."""


def guard_texts(found: Sequence[GuardChange]) -> list[tuple[GuardMove, str, int]]:
    """Return (what happened, the words, how many entry points they are about), in order of the first of each."""
    alike: dict[tuple[GuardMove, str], list[GuardChange]] = {}
    for each in found:
        told = each.guard.name if each.move is GuardMove.ADDED else each.because
        alike.setdefault((each.move, told), []).append(each)
    return [(move, _text(move, told), len(told)) for (move, _), told in alike.items()]


def _text(move: GuardMove, told: Sequence[GuardChange]) -> str:
    names = list(dict.fromkeys(each.entry.said for each in told))
    if len(told) == 1:
        return f"{names[0]}: {told[0].because}"
    limit_count = _NAMES_SHOWN_COUNT if move is GuardMove.ADDED else _LOST_NAMES_SHOWN_COUNT
    rest_count = len(names) - limit_count
    listed = ", ".join(names[:limit_count]) + (f" and {rest_count:,} more" if rest_count > 0 else "")
    if move is GuardMove.ADDED:
        return f"{told[0].guard.name} stands before {len(names):,} entry points now: {listed}"
    return f"{listed}: {told[0].because}"
