"""How a still plot is drawn as SVG: a page with axes, readable on light and dark, its figures as text for those who cannot see it."""

from collections.abc import Sequence
from html import escape

from release_harness.kernel.records import record

_STYLE = (
    "text{font:13px sans-serif;fill:#333}.paper{fill:#fff}.axis{stroke:#888;fill:none}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}.paper{fill:#1b1b1b}}"
)


@record
class Canvas:
    """A plot of so many pixels, with margins for what is written beside it; positions on it are shares from 0 to 1."""

    width: int = 640
    height: int = 400
    left: int = 60
    right: int = 20
    top: int = 50
    bottom: int = 50

    def x(self, share: float) -> float:
        """Return the pixel across."""
        return self.left + share * (self.width - self.left - self.right)

    def y(self, share: float) -> float:
        """Return the pixel down; 0 is the bottom axis."""
        return self.height - self.bottom - share * (self.height - self.top - self.bottom)

    def line(self, kind: str, points: Sequence[tuple[float, float]]) -> str:
        """Draw a line through points."""
        shown = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)
        return f'<polyline class="{kind}" points="{shown}"/>'

    def axes(
        self,
        across: str,
        up: str,
        across_ticks: Sequence[tuple[float, str]] = (),
        up_ticks: Sequence[tuple[float, str]] = (),
    ) -> str:
        """Draw both axes with what they mean, and their ticks as share and text."""
        frame = f'<path class="axis" d="M{self.x(0):.0f} {self.y(1):.0f}V{self.y(0):.0f}H{self.x(1):.0f}"/>'
        below, beside = self.y(0) + 18, self.x(0) - 6
        marks = "".join(
            f'<text x="{self.x(share):.0f}" y="{below:.0f}" text-anchor="middle">{escape(text)}</text>'
            for share, text in across_ticks
        ) + "".join(
            f'<text x="{beside:.0f}" y="{self.y(share) + 4:.0f}" text-anchor="end">{escape(text)}</text>'
            for share, text in up_ticks
        )
        middle = (self.y(0) + self.y(1)) / 2
        return (
            f'{frame}{marks}<text x="{self.x(0.5):.0f}" y="{self.height - 10}" text-anchor="middle">{escape(across)}</text>'
            f'<text x="14" y="{middle:.0f}" text-anchor="middle" transform="rotate(-90 14 {middle:.0f})">{escape(up)}</text>'
        )

    def page(self, title: str, says: str, legend: str, style: str, body: Sequence[str]) -> str:
        """Return the whole picture; it brings its own paper, so that it is readable wherever it is put."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" role="img">'
            f"<title>{escape(title)}</title><desc>{escape(says)}</desc><style>{_STYLE}{style}</style>"
            f'<rect class="paper" width="{self.width}" height="{self.height}"/>'
            f'<text x="{self.left}" y="20" style="font-weight:bold">{escape(title)}</text>'
            f'<text x="{self.left}" y="38" style="font-size:11px">{escape(legend)}</text>{"".join(body)}</svg>\n'
        )
