"""The card as it goes into a pull request. Everything from the repository is hostile: it stays text wherever it is shown.

Backslashes alone are not enough: forges look for mentions, references and links in the text *after* Markdown was read, and
GitLab runs lines that start with a slash. So such signs are followed by a zero-width space, hostile text never starts a
line, and file names stand in code spans.
"""

import re
from collections.abc import Sequence

from release_harness.kernel.operations import View
from release_harness.kernel.paths import show_text
from release_harness.kernel.patterns import LazyPattern
from release_harness.kernel.verdict import Outcome
from release_harness.steps.changes.model import CardField
from release_harness.steps.evidence.render.impact import touches_lines
from release_harness.steps.evidence.render.weakened import weakened_texts
from release_harness.steps.review.model import CheckReport, VerdictShown
from release_harness.steps.review.render.report import missed_lines
from release_harness.steps.review.render.tree import is_forced, shows_below

_PUNCTUATION = LazyPattern(r"([\\`*_{}\[\]()#+\-!|~>=])")
_REFERENCE = LazyPattern(r"([@#!~%$^])(?=\w)")
_BREAK = "\u200b"
_LINK = LazyPattern(r"(?i)(\b(?:https?|ftp|mailto|xmpp|javascript|data)|\bwww|\bGH)(?=[:.-])|:(?=//)")
_FILES_SHOWN_COUNT = 10
_NODES_SHOWN_COUNT = 30
_SIGNS = {Outcome.PASS: "✅", Outcome.FAIL: "❌", Outcome.UNKNOWN: "❔"}
_PLAIN_WIDTH = 10_000
"""Lines of Markdown are wrapped by whoever shows them."""
_FORCED_SIGN = "⚠️"
_TITLES = (
    ("goal", "Goal"),
    ("scope", "Scope"),
    ("risk_tier", "Risk tier"),
    ("verification_evidence", "Verification evidence"),
    ("ship_method", "Ship method"),
    ("rollback_method", "Rollback method"),
    ("watch_metrics", "Watch metrics"),
)


def escape(text: str) -> str:
    """Make text that stays text on GitHub and GitLab: no markup, HTML, mention, reference, link or command."""
    line = " ".join(show_text(" ".join(text.split())).split())
    line = line.replace("&", "&amp;").replace("<", "&lt;")
    line = _LINK.sub(lambda found: found.group(0) + _BREAK, line)
    line = _REFERENCE.sub(lambda found: found.group(1) + _BREAK, line)
    line = _PUNCTUATION.sub(r"\\\1", line)
    return line if not line.startswith("/") else _BREAK + line


def code(text: str) -> str:
    """Put text into a code span that it cannot leave."""
    shown = show_text(text)
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if not shown or shown.startswith("`") or shown.endswith("`") or shown.strip() == "" else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def card_markdown(report: CheckReport) -> str:
    """Write the card with its verdict for the description of a pull request."""
    target = report.change.target or "its base"
    lines = [
        f"### Release card: {report.tier.name} risk, {_answer(report)}",
        "",
        *(_field(title, getattr(report.card, name)) for name, title in _TITLES),
        "",
        *_details("Why this tier", _tier_lines(report)),
        *_details(f"Verdict for {code(target)}", _verdict_lines(report.verdict)),
    ]
    if report.impact is not None:
        view = View(width=_PLAIN_WIDTH)
        told = touches_lines(report.impact, report.walked, view)
        lines += _details("What it touches", [f"- {escape(each.strip())}" for each in told])
    weaker = weakened_texts(report.weakened)
    if weaker:
        shown = [f"- {escape(each)}" for each in weaker[:_FILES_SHOWN_COUNT]]
        rest = len(weaker) - len(shown)
        lines += _details("Tests that say less than before", [*shown, *([f"- + {rest} more"] if rest > 0 else [])])
    missed = missed_lines(report)
    if missed:
        listed = [f"- {code(where)}" for where in missed[:_FILES_SHOWN_COUNT]]
        more = len(missed) - _FILES_SHOWN_COUNT
        lines += _details(
            "Changed lines that no test runs", [*listed, *([f"- + {more} more files"] if more > 0 else [])]
        )
    if report.next_actions:
        lines += ["**What is still to do**", ""]
        lines += [
            f"{number}. {escape(action.do)}{_who(action.who)}" + (f"  {code(action.command)}" if action.command else "")
            for number, action in enumerate(report.next_actions, 1)
        ]
        lines.append("")
    lines.append(_digests(report))
    return "\n".join(lines)


def _answer(report: CheckReport) -> str:
    answer = {Outcome.PASS: "may land", Outcome.FAIL: "must not land", Outcome.UNKNOWN: "may not land yet"}
    if report.forced and report.verdict.outcome is Outcome.PASS:
        return f"FORCED by break-glass, not passed {_FORCED_SIGN}"
    return f"{answer[report.verdict.outcome]} {_SIGNS[report.verdict.outcome]}"


def _field(title: str, field: CardField) -> str:
    # What is asked for are rh's own words; nothing of the repository is ever in them.
    asks = f" **Asked for** {field.asks}" if field.asks else ""
    return f"- **{title}** ({field.source}): {escape(field.says)}{asks}"


def _who(who: str) -> str:
    return "" if who in ("", "anybody") else f" ({escape(who)})"


def _details(title: str, lines: Sequence[str]) -> list[str]:
    """Fold a list away; the empty lines make the Markdown inside it be read as Markdown."""
    return ["<details>", f"<summary>{_plain_html(title)}</summary>", "", *lines, "", "</details>", ""]


def _plain_html(title: str) -> str:
    """Write a title inside HTML, where Markdown is not read: backslashes would be shown."""
    text = show_text(title.replace("`", "")).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _REFERENCE.sub(lambda found: found.group(1) + _BREAK, _LINK.sub(lambda found: found.group(0) + _BREAK, text))


def _tier_lines(report: CheckReport) -> list[str]:
    lines = []
    for reason in report.tier.reasons:
        lines.append(f"- **{escape(reason.tier)}** {code(reason.rule)}: {escape(reason.because)}")
        lines += [f"  - {code(path)}" for path in reason.files[:_FILES_SHOWN_COUNT]]
        hidden_count = len(reason.files) - _FILES_SHOWN_COUNT
        lines += [f"  - + {hidden_count} more files"] if hidden_count > 0 else []
    return lines or ["- no reason is known"]


def _verdict_lines(root: VerdictShown) -> list[str]:
    lines: list[str] = []
    _walk(root, 0, lines)
    hidden_count = len(lines) - _NODES_SHOWN_COUNT
    return [
        *lines[:_NODES_SHOWN_COUNT],
        *([f"- + {hidden_count} more lines; see `rh why`"] if hidden_count > 0 else []),
    ]


def _walk(node: VerdictShown, depth: int, lines: list[str]) -> None:
    says = escape(node.says)
    parts = [says if says.endswith((".", "!", "?", ":")) else says + "."]
    if node.outcome is not Outcome.PASS and not node.children:
        parts += [f"Seen: {escape(node.seen)}."] if node.seen else []
        parts += [f"Wanted: {escape(node.wanted)}."] if node.wanted else []
    sign = _FORCED_SIGN if is_forced(node) else _SIGNS[node.outcome]
    lines.append(f"{'  ' * depth}- {sign} {' '.join(parts)}")
    if is_forced(node) and depth:
        lines += [f"{'  ' * (depth + 1)}- {_SIGNS[each.outcome]} {escape(each.says)}" for each in node.children]
    elif not depth or shows_below(node, whole=False):
        for child in node.children:
            _walk(child, depth + 1, lines)


def _digests(report: CheckReport) -> str:
    digests = report.digests
    return (
        f"<sub>change {code(digests.change or 'unknown')}, result tree {code(digests.result_tree or 'unknown')}, "
        f"policy {code(digests.policy or 'unknown')}</sub>"
    )
