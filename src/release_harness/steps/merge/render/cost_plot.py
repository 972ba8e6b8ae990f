"""Cost against latency as SVG: one line for each planner, its points labelled with the number of runners."""

from collections.abc import Sequence
from html import escape
from math import ceil, floor, log10

from release_harness.kernel.plots import Canvas
from release_harness.steps.merge.model.simulation import SettingFigures, Simulation

_CANVAS = Canvas(width=760, height=460, left=64, right=130, top=52, bottom=52)
_LIGHT = ("#0b6e4f", "#b5541c", "#2f5fb3", "#8a3fa0", "#6b6b00", "#a01f3c", "#00707a", "#5b4a3a", "#555555")
_DARK = ("#4fd1a5", "#f0a070", "#8ab4f8", "#d59be8", "#d6d04a", "#ff8fa3", "#5fd3dd", "#cbb59d", "#bbbbbb")
_DASHES = ("", "7 3", "2 3", "9 3 2 3", "4 4", "12 4", "1 4", "6 2 1 2", "3 6")
_TICKS_WANTED = 5
_LEAST_MINUTES = 0.1
_MARGIN = 0.1
_ABOVE = 1.25
_NAME_HEIGHT = 15.0
_COVERS = 9.0
"""Points nearer than so many pixels cover each other."""


def cost_svg(simulation: Simulation) -> str:
    """Draw the P95 over the CI minutes for each landed change; both the lower the better. Empty without rows."""
    rows = simulation.rows
    if not rows:
        return ""
    scale = _scale_of(simulation)
    names = list(dict.fromkeys(row.planner for row in rows))
    lines = [
        _planner(scale, place, [row for row in rows if row.planner == name], simulation)
        for place, name in enumerate(names)
    ]
    body = [
        _wanted(scale, simulation.wait_minutes),
        *lines,
        *_names(scale, names, rows),
        _CANVAS.axes("CI minutes for each landed change", "P95 in minutes", scale.across_ticks(), scale.up_ticks()),
    ]
    legend = (
        "lower and further left is better; each point is so many runners; dotted: the wanted P95; ring: recommended"
    )
    says = f"{simulation.says} {simulation.recommendation.says}"
    return _CANVAS.page("What a queue costs, and how long it takes", says, legend, _style(), body)


def _scale_of(simulation: Simulation) -> "_Scale":
    """Return axes on which every point and the wanted time have room; costs that are close together are spread out."""
    costs = [row.ci_minutes_per_landed for row in simulation.rows]
    beside = max((max(costs) - min(costs)) * _MARGIN, max(costs) * _MARGIN / 2, _LEAST_MINUTES)
    times = [
        max(each, _LEAST_MINUTES) for each in (*(row.p95_minutes for row in simulation.rows), simulation.wait_minutes)
    ]
    return _Scale(
        max(0.0, min(costs) - beside), max(costs) + beside, log10(min(times) / _ABOVE), log10(max(times) * _ABOVE)
    )


class _Scale:
    """Turns minutes into shares of the axes: even across, logarithmic upwards."""

    def __init__(self, least_cost: float, most_cost: float, low: float, high: float) -> None:
        """`low` and `high` are logarithms of minutes."""
        self.least_cost, self.most_cost, self.low, self.high = least_cost, most_cost, low, high

    def place(self, row: SettingFigures) -> tuple[float, float]:
        return self.across(row.ci_minutes_per_landed), self.up(row.p95_minutes)

    def across(self, minutes: float) -> float:
        return (minutes - self.least_cost) / (self.most_cost - self.least_cost)

    def up(self, minutes: float) -> float:
        return (log10(max(minutes, _LEAST_MINUTES)) - self.low) / (self.high - self.low)

    def across_ticks(self) -> list[tuple[float, str]]:
        step = _even_step((self.most_cost - self.least_cost) / _TICKS_WANTED)
        places = range(ceil(self.least_cost / step), floor(self.most_cost / step) + 1)
        return [(self.across(place * step), f"{place * step:g}") for place in places]

    def up_ticks(self) -> list[tuple[float, str]]:
        found = [
            (self.up(value), f"{value:g}")
            for power in range(floor(self.low), floor(self.high) + 1)
            for value in (10.0**power, 2 * 10.0**power, 5 * 10.0**power)
        ]
        return [each for each in found if 0.0 <= each[0] <= 1.0]


def _even_step(rough: float) -> float:
    power = 10.0 ** floor(log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)


def _planner(scale: _Scale, place: int, rows: Sequence[SettingFigures], simulation: Simulation) -> str:
    kind = place % len(_LIGHT)
    ordered = sorted(rows, key=lambda row: row.runners_count)
    drawn = _CANVAS.line(f"line k{kind}", [scale.place(row) for row in ordered])
    for rows_here in _same_place(scale, ordered):
        across, up = scale.place(rows_here[0])
        x, y = _CANVAS.x(across), _CANVAS.y(up)
        advice = simulation.recommendation
        if any((row.planner, row.runners_count) == (advice.planner, advice.runners_count) for row in rows_here):
            drawn += f'<circle class="ring" cx="{x:.1f}" cy="{y:.1f}" r="9"/>'
        says = "\n".join(_says(row) for row in rows_here)
        counts = ", ".join(str(row.runners_count) for row in rows_here)
        drawn += (
            f'<circle class="dot d{kind}" cx="{x:.1f}" cy="{y:.1f}" r="4"><title>{escape(says)}</title></circle>'
            f'<text class="count t{kind}" x="{x + 7:.1f}" y="{y - 6:.1f}">{counts}</text>'
        )
    return drawn


def _same_place(scale: _Scale, rows: Sequence[SettingFigures]) -> list[list[SettingFigures]]:
    """Join neighbours whose points would cover each other, so that their numbers stay readable."""
    groups: list[list[SettingFigures]] = []
    for row in rows:
        across, up = scale.place(row)
        if groups:
            before, above = scale.place(groups[-1][0])
            near = abs(_CANVAS.x(across) - _CANVAS.x(before)) + abs(_CANVAS.y(up) - _CANVAS.y(above))
            if near < _COVERS:
                groups[-1].append(row)
                continue
        groups.append([row])
    return groups


def _says(row: SettingFigures) -> str:
    return (
        f"{row.planner}, {row.runners_count} runners: P50 {row.p50_minutes:.0f}, P95 {row.p95_minutes:.0f}, "
        f"P99 {row.p99_minutes:.0f} minutes, {row.ci_minutes_per_landed:.1f} CI minutes for each landed change"
    )


def _wanted(scale: _Scale, wait_minutes: float) -> str:
    height = scale.up(wait_minutes)
    return _CANVAS.line("wanted", [(0, height), (1, height)])


def _names(scale: _Scale, names: Sequence[str], rows: Sequence[SettingFigures]) -> list[str]:
    """Write the names beside the plot, as near to the heights of their last points as they find room."""
    ends = {
        name: max((row for row in rows if row.planner == name), key=lambda row: row.runners_count) for name in names
    }
    wanted = sorted((_CANVAS.y(scale.place(ends[name])[1]), place, name) for place, name in enumerate(names))
    lowest = _CANVAS.y(0) - _NAME_HEIGHT * len(wanted)
    at = 0.0
    drawn = []
    x = _CANVAS.x(1) + 8
    for number, (height, place, name) in enumerate(wanted):
        at = max(at + _NAME_HEIGHT, min(height, lowest + _NAME_HEIGHT * number))
        kind = place % len(_LIGHT)
        drawn.append(
            f'<path class="line k{kind}" d="M{x:.0f} {at:.1f}h22"/>'
            f'<text class="t{kind}" x="{x + 27:.0f}" y="{at + 4:.1f}">{escape(name)}</text>'
        )
    return drawn


def _style() -> str:
    def colours(table: Sequence[str]) -> str:
        return "".join(
            f".k{kind}{{stroke:{colour}}}.d{kind},.t{kind}{{fill:{colour}}}" for kind, colour in enumerate(table)
        )

    dashes = "".join(f".k{kind}{{stroke-dasharray:{dash}}}" for kind, dash in enumerate(_DASHES) if dash)
    return (
        f".line{{fill:none;stroke-width:2}}.count{{font-size:11px}}.wanted{{fill:none;stroke:#888;stroke-dasharray:2 4}}"
        f".ring{{fill:none;stroke:#888;stroke-width:2}}{colours(_LIGHT)}{dashes}"
        f"@media(prefers-color-scheme:dark){{{colours(_DARK)}}}"
    )
