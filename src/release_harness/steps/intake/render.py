"""Briefs and their judgement as words for people."""

from release_harness.kernel.operations import View
from release_harness.kernel.paths import show_text
from release_harness.kernel.verdict import Outcome, Verdict
from release_harness.steps.intake.model import HEADINGS, OPTIONAL_HEADINGS, Brief

_MARKS = {Outcome.PASS: ("✓", "ok"), Outcome.FAIL: ("✗", "FAIL"), Outcome.UNKNOWN: ("?", "?")}


def show_tree(verdict: Verdict, view: View, depth: int = 0) -> list[str]:
    """Lay a verdict tree out, one line a node; a node that does not pass says what was wanted."""
    mark = _MARKS[verdict.outcome][0 if view.unicode else 1]
    pad = "  " * depth
    lines = [f"{pad}{mark} {verdict.says}"]
    if verdict.outcome is not Outcome.PASS and not verdict.children:
        if verdict.seen:
            lines.append(f"{pad}    seen:   {verdict.seen}")
        if verdict.wanted:
            lines.append(f"{pad}    wanted: {verdict.wanted}")
    for child in verdict.children:
        lines += show_tree(child, view, depth + 1)
    return lines


def show_brief(brief: Brief) -> str:
    """Lay a brief out as the page that it is; control characters are made visible."""
    parts = [f"# {show_text(brief.title or brief.id)}"]
    for field, heading in HEADINGS + OPTIONAL_HEADINGS:
        text = str(getattr(brief, field))
        if text:
            parts.append(f"## {heading}\n\n" + "\n".join(show_text(line) for line in text.split("\n")))
    return "\n\n".join(parts)
