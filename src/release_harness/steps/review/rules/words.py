"""Words that are safe to copy and to print: arguments of commands, counts, and lists that say what they leave out."""

import re
from collections.abc import Sequence

from release_harness.kernel.paths import show_text

_PLAIN = re.compile(r"[A-Za-z0-9_./@:+,=^~-]+")


def quote_argument(text: str) -> str:
    """Quote an argument for a POSIX shell, so that a hostile branch name stays one argument when it is copied."""
    if _PLAIN.fullmatch(text) and not text.startswith("-"):
        return text
    quoted = show_text(text).replace("'", "'\\''")
    return f"'{quoted}'"


def count(number: int, noun: str) -> str:
    """Say a number with its noun."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def listed(items: Sequence[str], limit_count: int) -> str:
    """Join the first items and say how many more there are."""
    shown = ", ".join(show_text(item) for item in items[:limit_count])
    return shown + (f" + {len(items) - limit_count} more" if len(items) > limit_count else "")
