"""What people read about a change: nothing in it grows with the number of people or files without end."""

from collections.abc import Callable

import pytest

from release_harness.kernel.identity import Actor, ActorKind
from release_harness.kernel.operations import View
from release_harness.steps.changes.model import Change
from release_harness.steps.changes.render import change_markdown, show_change
from release_harness.testing.evidence import change_of


def written_by(count: int) -> Change:
    """Return a change of so many people."""
    people = (Actor(kind=ActorKind.UNKNOWN, id=f"p{number}@x.org", name=f"Person{number}") for number in range(count))
    return change_of({"a.py": [(1, "x = 1")]}, authors=tuple(people))


def as_text(change: Change) -> str:
    """Show the change for a wide terminal."""
    return show_change(change, View(width=200))


@pytest.mark.parametrize("show", [as_text, change_markdown])
def test_a_crowd_of_authors_is_cut_and_the_rest_counted(show: Callable[[Change], str]) -> None:
    """An import of a whole history has 70 authors; their names would push everything else off the screen."""
    shown = show(written_by(70))
    assert "Person4" in shown
    assert "Person5" not in shown
    assert "65 more" in shown


@pytest.mark.parametrize("show", [as_text, change_markdown])
def test_a_handful_of_authors_is_named_whole(show: Callable[[Change], str]) -> None:
    """Where there is room, nobody who took part is left out."""
    shown = show(written_by(5))
    assert all(f"Person{number}" in shown for number in range(5))
    assert " more" not in shown
