"""The queue as words for people."""

from release_harness.kernel.operations import View
from release_harness.kernel.paths import show_text
from release_harness.kernel.verdict import NextAction, Outcome
from release_harness.steps.merge.model.queued import QueueLine, QueueReport

_MARKS = {Outcome.PASS: ("✓", "ok"), Outcome.FAIL: ("✗", "FAIL"), Outcome.UNKNOWN: ("?", "?")}
_SHORT = 12
_NAME = 32


def queue_text(report: QueueReport, view: View) -> str:
    """Lay the queue out for a terminal."""
    mark = _MARKS[report.outcome][0 if view.unicode else 1]
    lines = [f"{mark} {report.says}"]
    width = min(_NAME, max((len(show_text(each.name)) for each in report.lines), default=0))
    lines += [_line(each, width) for each in report.lines]
    lines += [f"  note: {note}" for note in report.notes]
    for each in report.sent_back:
        refusal = each.refusal
        lines.append(f"  {show_text(each.name)}  {refusal.reason.value}: {refusal.says}")
        lines += [f"      evidence: {one[: _SHORT + 7]}" for one in refusal.evidence]
        lines += [f"      next: {_action(one)}" for one in refusal.next_actions]
    if not report.sent_back:
        lines += [f"  next: {_action(each)}" for each in report.next_actions]
    return "\n".join(lines)


def queue_markdown(report: QueueReport) -> str:
    """Lay the queue out as a table for a page."""
    lines = [f"**{_plain(report.says)}**"]
    if report.lines:
        lines += ["", "| | change | | what happens |", "|---|---|---|---|"]
        lines += [
            f"| {each.position} | {_plain(each.name)} | {each.state} | {_plain(each.doing)} |" for each in report.lines
        ]
    lines += [f"\n_{_plain(note)}_" for note in report.notes]
    for each in report.sent_back:
        lines += ["", f"{_plain(each.name)}: `{each.refusal.reason.value}` {_plain(each.refusal.says)}"]
        lines += [f"- {_plain(_action(one))}" for one in each.refusal.next_actions]
    return "\n".join(lines)


def _line(each: QueueLine, width: int) -> str:
    urgent = " EMERGENCY" if each.emergency else ""
    name = show_text(each.name)[:_NAME]
    return f"  {each.position:>3}  {name:<{width}}  {each.state:<8}{urgent}  {each.doing}"


def _action(action: NextAction) -> str:
    command = f"  ({action.command})" if action.command else ""
    return f"{show_text(action.do)}{command}"


def _plain(text: str) -> str:
    """Keep words of a change from being read as Markdown."""
    return "".join(f"\\{char}" if char in "*_`[]<>|" else char for char in show_text(text))
