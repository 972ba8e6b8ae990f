"""Draws a verdict tree: what was asked, what was seen, what was wanted."""

from collections.abc import Sequence

from release_harness.kernel.operations import View
from release_harness.kernel.verdict import Outcome
from release_harness.steps.review.model import VerdictShown
from release_harness.steps.review.render.page import faint, forced_mark, mark, mark_width, wrap

_CHILDREN_SHOWN_COUNT = 25
_FORCED = "FORCED"
_CONDITION_BELOW = "evidence:"
_SUMS_UP = ("tier:", "policies")
"""Rules of nodes that only count their children."""


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
        if is_forced(child) and not whole:
            # What was gone past is shown once, without its own parts.
            lines += [
                line for each in child.children for line in _node(each, view, below + last, below + "   ", whole=False)
            ]
        elif shows_below(child, whole=whole):
            _draw_children(child.children, view, below, lines, whole=whole)
    if hidden_count:
        passing = sum(child.outcome is Outcome.PASS for child in children[_CHILDREN_SHOWN_COUNT:])
        lines.append(f"{stem}{last}+ {hidden_count} more ({passing} of them pass); --format json lists all")


def is_forced(node: VerdictShown) -> bool:
    """Tell whether somebody went past this node: it passed by force, and was never passed."""
    return node.outcome is Outcome.PASS and node.says.startswith(_FORCED)


def shows_below(node: VerdictShown, *, whole: bool) -> bool:
    """Tell whether the children of a node are drawn: when it did not pass.

    Below a piece of evidence stands its condition, part by part; its own sentence says what is missing.
    """
    if not node.children or whole:
        return bool(node.children)
    if node.outcome is Outcome.PASS:
        return False
    return not node.rule.startswith(_CONDITION_BELOW)


def _node(node: VerdictShown, view: View, first: str, below: str, *, whole: bool) -> list[str]:
    used = len(first) + mark_width(view) + 1
    hanging = below + " " * (mark_width(view) + 1)
    sign = forced_mark(view) if is_forced(node) else mark(node.outcome, view)
    lines = wrap(node.says, view, first=f"{first}{sign} ", rest=hanging, used=used)
    only_sums_up = node.rule.startswith(_SUMS_UP) and bool(node.children)
    if not whole and (node.outcome is Outcome.PASS or only_sums_up):
        return lines
    bar = "│" if view.unicode else "|"
    stem = (below + bar if shows_below(node, whole=whole) else below).ljust(len(hanging))
    details: list[str] = []
    if node.rule:
        details += wrap(node.rule, view, first=f"{stem}rule:   ", rest=stem + "        ") if whole else []
    if node.wanted:
        details += wrap(node.wanted, view, first=f"{stem}wanted: ", rest=stem + "        ")
    if node.seen:
        details += wrap(node.seen, view, first=f"{stem}seen:   ", rest=stem + "        ")
    return lines + [faint(line, view) for line in details]
