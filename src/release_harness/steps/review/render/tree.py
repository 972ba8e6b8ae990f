"""Draws a verdict tree: what was asked, what was seen, what was wanted."""

from collections.abc import Sequence

from release_harness.kernel.operations import View
from release_harness.kernel.verdict import Outcome
from release_harness.steps.review.model import VerdictShown
from release_harness.steps.review.render.page import faint, mark, mark_width, wrap

_CHILDREN_SHOWN_COUNT = 25


def draw_tree(root: VerdictShown, view: View, *, whole: bool = True) -> list[str]:
    """Draw the tree; with `whole` every node shows what was seen and wanted, else only those that do not pass."""
    lines = _node(root, view, "", "", whole=whole)
    _draw_children(root.children, view, "", lines, whole=whole)
    return lines


def _draw_children(children: Sequence[VerdictShown], view: View, stem: str, lines: list[str], *, whole: bool) -> None:
    branch, last, bar = ("├─ ", "└─ ", "│  ") if view.unicode else ("|- ", "`- ", "|  ")
    shown = list(children[:_CHILDREN_SHOWN_COUNT])
    hidden_count = len(children) - len(shown)
    for index, child in enumerate(shown):
        is_last = index == len(shown) - 1 and not hidden_count
        below = stem + ("   " if is_last else bar)
        lines += _node(child, view, stem + (last if is_last else branch), below, whole=whole)
        if whole or child.outcome is not Outcome.PASS:
            _draw_children(child.children, view, below, lines, whole=whole)
    if hidden_count:
        passing = sum(child.outcome is Outcome.PASS for child in children[_CHILDREN_SHOWN_COUNT:])
        lines.append(f"{stem}{last}+ {hidden_count} more ({passing} of them pass); --format json lists all")


def _node(node: VerdictShown, view: View, first: str, below: str, *, whole: bool) -> list[str]:
    used = len(first) + mark_width(view) + 1
    hanging = below + " " * (mark_width(view) + 1)
    lines = wrap(node.says, view, first=f"{first}{mark(node.outcome, view)} ", rest=hanging, used=used)
    if not whole and node.outcome is Outcome.PASS:
        return lines
    stem = below + (
        ("│ " if view.unicode else "| ") if node.children and (whole or node.outcome is not Outcome.PASS) else "  "
    )
    stem = stem.ljust(len(hanging))
    details = []
    if node.wanted and (node.outcome is not Outcome.PASS or whole):
        details += wrap(node.wanted, view, first=f"{stem}wanted: ", rest=stem + "        ")
    if node.seen:
        details += wrap(node.seen, view, first=f"{stem}seen:   ", rest=stem + "        ")
    return lines + [faint(line, view) if view.colour else line for line in details]
