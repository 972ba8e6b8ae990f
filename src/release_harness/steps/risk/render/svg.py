"""Plots as SVG: drawn by hand, readable in light and dark, with the figures as text for those who cannot see them."""

from collections.abc import Mapping, Sequence
from html import escape

from release_harness.steps.risk.model.backtest import Backtest
from release_harness.steps.risk.render.figures import heading

_WIDTH, _HEIGHT = 640, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 20, 50, 50
_STYLE = (
    "text{font:13px sans-serif;fill:#333}.axis{stroke:#888;fill:none}.ours{stroke:#0b6e4f;fill:none;stroke-width:2.5}"
    ".size{stroke:#b5541c;fill:none;stroke-width:1.5;stroke-dasharray:6 3}.chance{stroke:#999;fill:none;stroke-dasharray:2 3}"
    ".bar{fill:#0b6e4f}.dot{fill:#b5541c}@media(prefers-color-scheme:dark){text{fill:#ddd}.ours{stroke:#4fd1a5}.bar{fill:#4fd1a5}"
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
    ours = _line("ours", [(auto, escaped) for auto, escaped, _size in backtest.curve])
    size = _line("size", [(auto, escaped) for auto, _ours, escaped in backtest.curve])
    dots = "".join(
        f'<circle class="dot" cx="{_x(each.auto_share):.1f}" cy="{_y(each.escaped_share):.1f}" r="5">'
        f"<title>{escape(each.name)}: {each.auto_share:.0%} auto, {each.escaped_share:.0%} escaped</title></circle>"
        for each in (*backtest.policies, *backtest.rules)
    )
    legend = "solid: the score; dashed: size alone; dotted: chance; dots: policies and fixed rules"
    body = [
        _line("chance", [(0, 0), (1, 1)]),
        size,
        ours,
        dots,
        _axes("landings that nobody looks at", "positives that escape"),
    ]
    return _page("What escapes", heading(backtest), legend, body)


def quarters_svg(backtest: Backtest) -> str:
    """Draw the share of positives of each quarter as bars."""
    rates = [each.positives_count / max(each.landings_count, 1) for each in backtest.quarters]
    top = max(rates) or 1.0
    step = 1 / len(rates)
    bars = "".join(
        f'<rect class="bar" x="{_x(number * step + step * 0.1):.1f}" y="{_y(rate / top):.1f}" '
        f'width="{(_x(step * 0.8) - _x(0)):.1f}" height="{_y(0) - _y(rate / top):.1f}">'
        f"<title>{each.name}: {each.positives_count} of {each.landings_count}</title></rect>"
        for number, (each, rate) in enumerate(zip(backtest.quarters, rates, strict=True))
    )
    legend = f"the highest bar is {top:.1%} of the landings of its quarter"
    across = f"{backtest.quarters[0].name} to {backtest.quarters[-1].name}"
    return _page(
        "Positives by quarter", heading(backtest), legend, [bars, _axes(across, "share of landings", ticks=False)]
    )


def calibration_svg(backtest: Backtest) -> str:
    """Draw what came true over what the score said, in ten bins of equal mass; both axes end at the greatest value."""
    bins = backtest.calibration.bins if backtest.calibration is not None else ()
    top = max((max(mean, rate) for mean, rate, _count in bins), default=0.0) or 1.0
    points = [(mean / top, rate / top) for mean, rate, _count in bins]
    dots = "".join(
        f'<circle class="bar" cx="{_x(x):.1f}" cy="{_y(y):.1f}" r="4"><title>said {mean:.2%}, came true {rate:.2%} ({count})</title></circle>'
        for (x, y), (mean, rate, count) in zip(points, bins, strict=True)
    )
    body = [_line("chance", [(0, 0), (1, 1)]), _line("ours", points), dots]
    body.append(_axes("chance that the score gave", "share that came true", ticks=False))
    return _page(
        "Calibration", heading(backtest), f"both axes end at {top:.1%}; on the dotted line chances come true", body
    )


def _page(title: str, says: str, legend: str, body: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">'
        f"<title>{escape(title)}</title><desc>{escape(says)}</desc><style>{_STYLE}</style>"
        f'<text x="{_LEFT}" y="20" style="font-weight:bold">{escape(title)}</text>'
        f'<text x="{_LEFT}" y="38" style="font-size:11px">{escape(legend)}</text>{"".join(body)}</svg>\n'
    )


def _axes(across: str, up: str, *, ticks: bool = True) -> str:
    frame = f'<path class="axis" d="M{_x(0):.0f} {_y(1):.0f}V{_y(0):.0f}H{_x(1):.0f}"/>'
    marks = ""
    if ticks:
        marks = "".join(
            f'<text x="{_x(share):.0f}" y="{_y(0) + 18:.0f}" text-anchor="middle">{share:.0%}</text>'
            f'<text x="{_x(0) - 6:.0f}" y="{_y(share) + 4:.0f}" text-anchor="end">{share:.0%}</text>'
            for share in (0.0, 0.25, 0.5, 0.75, 1.0)
        )
    middle = (_y(0) + _y(1)) / 2
    return (
        f'{frame}{marks}<text x="{_x(0.5):.0f}" y="{_HEIGHT - 10}" text-anchor="middle">{escape(across)}</text>'
        f'<text x="14" y="{middle:.0f}" text-anchor="middle" transform="rotate(-90 14 {middle:.0f})">{escape(up)}</text>'
    )


def _line(kind: str, points: Sequence[tuple[float, float]]) -> str:
    shown = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in points)
    return f'<polyline class="{kind}" points="{shown}"/>'


def _x(share: float) -> float:
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _y(share: float) -> float:
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)
