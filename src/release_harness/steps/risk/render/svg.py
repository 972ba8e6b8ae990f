"""Plots as SVG: drawn by hand, readable in light and dark, with the figures as text for those who cannot see them."""

from collections.abc import Mapping
from html import escape

from release_harness.kernel.plots import Canvas
from release_harness.steps.risk.model.backtest import Backtest
from release_harness.steps.risk.render.figures import heading

_CANVAS = Canvas()
_TICKS = tuple((share, f"{share:.0%}") for share in (0.0, 0.25, 0.5, 0.75, 1.0))
_STYLE = (
    ".ours{stroke:#0b6e4f;fill:none;stroke-width:2.5}"
    ".size{stroke:#b5541c;fill:none;stroke-width:1.5;stroke-dasharray:6 3}.chance{stroke:#999;fill:none;stroke-dasharray:2 3}"
    ".bar{fill:#0b6e4f}.dot{fill:#b5541c}@media(prefers-color-scheme:dark){.ours{stroke:#4fd1a5}.bar{fill:#4fd1a5}"
    ".size{stroke:#f0a070}.dot{fill:#f0a070}}"
)


def plots_of(backtest: Backtest) -> Mapping[str, str]:
    """Return the plots of a backtest by file name; none when nothing was scored."""
    if backtest.score is None:
        return {}
    return {
        "escaped.svg": escaped_svg(backtest),
        "quarters.svg": quarters_svg(backtest),
        "calibration.svg": calibration_svg(backtest),
    }


def escaped_svg(backtest: Backtest) -> str:
    """Draw the escaped share over the share that nobody looks at: the score, size alone, chance, and each policy as a dot."""
    ours = _CANVAS.line("ours", [(auto, escaped) for auto, escaped, _size in backtest.curve])
    size = _CANVAS.line("size", [(auto, escaped) for auto, _ours, escaped in backtest.curve])
    dots = "".join(
        f'<circle class="dot" cx="{_CANVAS.x(each.auto_share):.1f}" cy="{_CANVAS.y(each.escaped_share):.1f}" r="5">'
        f"<title>{escape(each.name)}: {each.auto_share:.0%} auto, {each.escaped_share:.0%} escaped</title></circle>"
        for each in (*backtest.policies, *backtest.rules)
    )
    legend = "solid: the score; dashed: size alone; dotted: chance; dots: policies and fixed rules"
    body = [
        _CANVAS.line("chance", [(0, 0), (1, 1)]),
        size,
        ours,
        dots,
        _CANVAS.axes("landings that nobody looks at", "positives that escape", _TICKS, _TICKS),
    ]
    return _CANVAS.page("What escapes", heading(backtest), legend, _STYLE, body)


def quarters_svg(backtest: Backtest) -> str:
    """Draw the share of positives of each quarter as bars."""
    rates = [each.positives_count / max(each.landings_count, 1) for each in backtest.quarters]
    top = max(rates) or 1.0
    step = 1 / len(rates)
    bars = "".join(
        f'<rect class="bar" x="{_CANVAS.x(number * step + step * 0.1):.1f}" y="{_CANVAS.y(rate / top):.1f}" '
        f'width="{(_CANVAS.x(step * 0.8) - _CANVAS.x(0)):.1f}" height="{_CANVAS.y(0) - _CANVAS.y(rate / top):.1f}">'
        f"<title>{each.name}: {each.positives_count} of {each.landings_count}</title></rect>"
        for number, (each, rate) in enumerate(zip(backtest.quarters, rates, strict=True))
    )
    legend = f"the highest bar is {top:.1%} of the landings of its quarter"
    across = f"{backtest.quarters[0].name} to {backtest.quarters[-1].name}"
    return _CANVAS.page(
        "Positives by quarter", heading(backtest), legend, _STYLE, [bars, _CANVAS.axes(across, "share of landings")]
    )


def calibration_svg(backtest: Backtest) -> str:
    """Draw what came true over what the score said, in ten bins of equal mass; both axes end at the greatest value."""
    bins = backtest.calibration.bins if backtest.calibration is not None else ()
    top = max((max(mean, rate) for mean, rate, _count in bins), default=0.0) or 1.0
    points = [(mean / top, rate / top) for mean, rate, _count in bins]
    dots = "".join(
        f'<circle class="bar" cx="{_CANVAS.x(x):.1f}" cy="{_CANVAS.y(y):.1f}" r="4"><title>said {mean:.2%}, came true {rate:.2%} ({count})</title></circle>'
        for (x, y), (mean, rate, count) in zip(points, bins, strict=True)
    )
    body = [_CANVAS.line("chance", [(0, 0), (1, 1)]), _CANVAS.line("ours", points), dots]
    body.append(_CANVAS.axes("chance that the score gave", "share that came true"))
    legend = f"both axes end at {top:.1%}; on the dotted line chances come true"
    return _CANVAS.page("Calibration", heading(backtest), legend, _STYLE, body)
