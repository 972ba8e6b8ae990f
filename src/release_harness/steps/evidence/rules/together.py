"""What of a common tree stays invisible, and how a conflict of lines is told. Pure."""

from collections.abc import Sequence

from release_harness.kernel.verdict import Outcome
from release_harness.steps.evidence.model.impact import WiredSymbol, Wiring
from release_harness.steps.evidence.model.together import Clash, ClashKind, Place

_INVISIBLE = frozenset({Wiring.PHANTOM, Wiring.REGISTERED_NOT_MOUNTED, Wiring.UNREFERENCED, Wiring.TEST_ONLY})


def invisible_among(wired: Sequence[WiredSymbol]) -> tuple[WiredSymbol, ...]:
    """Return what no consumer can reach, however many branches went into it."""
    return tuple(each for each in wired if each.state in _INVISIBLE)


def text_clash(one: str, other: str, place: Place) -> Clash:
    """Return the clash of two changes that edit the same lines of a file."""
    return Clash(
        kind=ClashKind.TEXT,
        one=one,
        other=other,
        says=f"{one} and {other} edit the same lines of {place.path}",
        outcome=Outcome.FAIL,
        one_place=place,
        other_place=place,
    )
