"""Lays out lines for a terminal: wrapped at its width, marked for its signs, long lists cut with what was left out."""

from collections.abc import Iterable

from release_harness.kernel.operations import View
from release_harness.kernel.paths import show_text
from release_harness.kernel.verdict import Outcome
from release_harness.kernel.wrapping import wrap_text

_UNICODE = {Outcome.PASS: "✓", Outcome.FAIL: "✗", Outcome.UNKNOWN: "?"}
_ASCII = {Outcome.PASS: "ok", Outcome.FAIL: "NO", Outcome.UNKNOWN: "??"}
_COLOURS = {Outcome.PASS: "32", Outcome.FAIL: "31", Outcome.UNKNOWN: "33"}


def mark(outcome: Outcome, view: View) -> str:
    """Return the sign of an outcome, coloured when the reader sees colours."""
    return paint((_UNICODE if view.unicode else _ASCII)[outcome], _COLOURS[outcome], view)


def forced_mark(view: View) -> str:
    """Return the sign of what somebody went past."""
    return paint("!" if view.unicode else "!!", "1;33", view)


def mark_width(view: View) -> int:
    """Return how many columns a mark takes."""
    return 1 if view.unicode else 2


def word(outcome: Outcome, view: View) -> str:
    """Return the outcome as a word in capitals."""
    return paint(outcome.value.upper(), "1;" + _COLOURS[outcome], view)


def strong(text: str, view: View) -> str:
    """Make a heading stand out."""
    return paint(text, "1", view)


def faint(text: str, view: View) -> str:
    """Make a detail stand back."""
    return paint(text, "2", view)


def paint(text: str, code: str, view: View) -> str:
    """Colour a text when the reader sees colours."""
    return f"\x1b[{code}m{text}\x1b[0m" if view.colour else text


def wrap(text: str, view: View, *, first: str = "", rest: str = "", used: int | None = None) -> list[str]:
    """Wrap hostile text after `first`; following lines start with `rest`. `used` is the width of `first` as it is seen."""
    width_of_first = len(first) if used is None else used
    shown = show_text(text)
    blank = " " * width_of_first
    lines = wrap_text(shown, max(view.width, 40), first=blank, rest=rest) or [blank]
    return [first + lines[0][width_of_first:], *lines[1:]]


def cut(lines: Iterable[str], limit_count: int, what: str, *, indent: str = "") -> list[str]:
    """Keep the first lines and say how many were left out and where the whole list is."""
    every = list(lines)
    if len(every) <= limit_count:
        return every
    return [*every[:limit_count], f"{indent}+ {len(every) - limit_count} more {what}"]


def shorten(text: str, width: int) -> str:
    """Cut a text to a width in columns, with a mark that it was cut; the middle goes, since names differ at the end."""
    shown = show_text(text)
    if len(shown) <= width:
        return shown
    keep = max(width - 3, 2)
    return shown[: keep // 2] + "..." + shown[-(keep - keep // 2) :]
