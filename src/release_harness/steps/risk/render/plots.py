"""Plots for a terminal: rows of blocks that fit a narrow screen."""

from collections.abc import Sequence

from release_harness.kernel.operations import View
from release_harness.steps.risk.model.backtest import QuarterResult

_BLOCKS = "▁▂▃▄▅▆▇█"
_PLAIN = "_.-=+*#@"
_LEAST_BAR = 8


def bar(share: float, view: View, columns: int) -> str:
    """Draw a share as a bar of at most `columns` columns."""
    filled = round(min(max(share, 0.0), 1.0) * columns)
    full, empty = ("█", "░") if view.unicode else ("#", ".")
    return full * filled + empty * (columns - filled)


def bar_columns(view: View, taken: int) -> int:
    """Return how many columns are left for a bar beside `taken` columns of text."""
    return max(min(40, view.width - taken), _LEAST_BAR)


def sparkline(values: Sequence[float], view: View, columns: int) -> str:
    """Draw values as one row of blocks; neighbours are joined when there are more values than columns."""
    if not values or columns < 1:
        return ""
    step = -(-len(values) // columns)
    joined = [
        sum(values[start : start + step]) / len(values[start : start + step]) for start in range(0, len(values), step)
    ]
    top = max(joined)
    marks = _BLOCKS if view.unicode else _PLAIN
    if not top:
        return marks[0] * len(joined)
    return "".join(marks[min(int(value / top * len(marks)), len(marks) - 1)] for value in joined)


def quarters_line(quarters: Sequence[QuarterResult], view: View) -> list[str]:
    """Draw the share of positives of each quarter."""
    rates = [each.positives_count / max(each.landings_count, 1) for each in quarters]
    columns = max(view.width - 4, _LEAST_BAR)
    return [
        f"positives by quarter, {quarters[0].name} to {quarters[-1].name} (highest {max(rates) * 100:.1f} %)",
        f"  {sparkline(rates, view, columns)}",
    ]


def escape_rows(curve: Sequence[tuple[float, float, float]], view: View) -> list[str]:
    """Draw the escaped share of the score, beside size alone, at some shares that nobody looks at."""
    columns = bar_columns(view, 34)
    lines = [f"{'auto':>6} {'escaped':>8}  {'score':<{columns}}  size"]
    for share, ours, size in curve:
        if round(share * 100) % 10 or not 0 < share < 1:
            continue
        lines.append(f"{share * 100:>4.0f} % {ours * 100:>6.0f} %  {bar(ours, view, columns)}  {size * 100:.0f} %")
    return lines
