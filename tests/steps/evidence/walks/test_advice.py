"""What would raise the level of a walk, said entry point by entry point."""

from release_harness.steps.evidence.model.trace import Walked, WalkLevel
from release_harness.steps.evidence.rules.walks.facts import UNWALKED, WALK_LEVEL, advice_of_walks


def walked(entry: str, level: WalkLevel | None) -> Walked:
    """Return an entry point walked at a level."""
    return Walked(entry=entry, level=level, best=level or WalkLevel.NOTHING, why="no test came in through it")


def test_the_worst_walk_is_named_first() -> None:
    """A reader who mends one thing mends the one that holds the level down."""
    advice = advice_of_walks([walked("http GET /b", WalkLevel.DISPATCHED), walked("http GET /a", WalkLevel.EXECUTED)])
    assert advice[WALK_LEVEL] == (
        "Walk http GET /a (level 1 now): no test came in through it. "
        "Walk http GET /b (level 2 now): no test came in through it."
    )
    assert advice[UNWALKED] == advice[WALK_LEVEL]


def test_a_long_list_is_cut_with_its_count() -> None:
    """Three routes are work enough for one sentence."""
    advice = advice_of_walks([walked(f"http GET /{number}", WalkLevel.NOTHING) for number in range(5)])
    assert advice[WALK_LEVEL].endswith(" And 2 more.")


def test_what_is_walked_or_not_known_asks_for_nothing() -> None:
    """Without a trace the command that makes one is the advice."""
    assert advice_of_walks([walked("http GET /a", WalkLevel.UNMOCKED), walked("http GET /b", None)]) == {}
