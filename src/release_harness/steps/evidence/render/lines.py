"""Lays out lines for a terminal: wrapped at its width, hostile text made visible, long lists cut with what was left out."""

from collections.abc import Sequence

from release_harness.kernel.operations import View
from release_harness.kernel.paths import show_text
from release_harness.kernel.wrapping import wrap_text


def heading(title: str, view: View) -> list[str]:
    """Return a heading with a line above it."""
    rule = ("─" if view.unicode else "-") * max(0, view.width - len(title) - 1)
    return ["", f"{paint(title, '1', view)} {paint(rule, '2', view)}"]


def paint(text: str, code: str, view: View) -> str:
    """Colour a text when the reader sees colours."""
    return f"\x1b[{code}m{text}\x1b[0m" if view.colour else text


def wrapped(text: str, view: View, *, first: str, rest: str) -> list[str]:
    """Wrap hostile text after `first`; following lines start with `rest`."""
    return wrap_text(show_text(text), max(view.width, 40), first=first, rest=rest) or [first.rstrip()]


def limited(lines: Sequence[str], limit_count: int, what: str) -> list[str]:
    """Keep the first lines and say how many were left out; a limit of 0 keeps all."""
    if not limit_count or len(lines) <= limit_count:
        return list(lines)
    return [*lines[:limit_count], f"  + {len(lines) - limit_count} more {what}; see --all"]


def left_out(count: int) -> list[str]:
    """Say how many members of a list are not shown; nothing when all are."""
    return [f"  + {count:,} more; see --all"] if count > 0 else []


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return `1 route` or `3 routes`, with thousands apart."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"
