"""How `rh approve`, `rh reject`, `rh break-glass` and `rh review queue` answer on a terminal."""

from datetime import datetime

from release_harness.kernel.operations import View
from release_harness.kernel.time import format_duration, format_instant
from release_harness.kernel.verdict import Outcome
from release_harness.steps.review.model import (
    Answer,
    EyesNeeded,
    GlassBroken,
    QueueItem,
    QueueReason,
    ReviewGiven,
    ReviewQueue,
)
from release_harness.steps.review.render.page import cut, faint, mark, paint, shorten, strong, word, wrap
from release_harness.steps.review.render.report import draw_actions

_FILES_SHOWN_COUNT = 5
_NAMES_SHOWN_COUNT = 10
_URGENT = (QueueReason.OVERDUE, QueueReason.DUTY, QueueReason.REJECTED)


def given_text(given: ReviewGiven, view: View) -> str:
    """Say what was recorded, and whether it counts."""
    deed = "approved" if given.answer is Answer.APPROVE else "rejected"
    lens = f" under {', '.join(given.lenses)}" if given.lenses else ""
    lines = wrap(
        f"{given.approver} {deed} this content for {given.target}{lens} (tier {given.tier}, proof {given.proof.value}).",
        view,
    )
    lines.append(faint(f"  change {given.change.removeprefix('sha256:')[:12]}  recorded as {given.id}", view))
    sign = mark(Outcome.PASS if given.counts else Outcome.FAIL, view)
    counts = "It counts" if given.counts else "It does NOT count"
    lines += wrap(f"{counts}: {given.why}.", view, first=f"  {sign} ", rest="    ", used=4)
    for duty in given.duties_closed:
        lines += wrap(f"This closes the duty to review break-glass {duty}.", view, first="  ", rest="  ")
    lines.append(f"The change now: {word(given.outcome_now, view)}")
    return "\n".join(lines + draw_actions(given.next_actions, view))


def broken_text(broken: GlassBroken, view: View) -> str:
    """Say what was gone past, until when, and by when somebody has to look."""
    lines = wrap(f"{broken.actor} broke the glass for incident {broken.incident}: {broken.reason}", view)
    lines += wrap(f"goes past {', '.join(broken.rules)}", view, first="  ", rest="  ")
    lines += wrap(
        f"for exactly this content on {broken.target}, until {format_instant(broken.expires_at)}",
        view,
        first="  ",
        rest="  ",
    )
    lines += wrap(f"somebody else has to look by {format_instant(broken.review_due_at)}", view, first="  ", rest="  ")
    forced = broken.forced_now and broken.outcome_now is Outcome.PASS
    lines.append(f"The change now: {'FORCED, never PASSED' if forced else word(broken.outcome_now, view)}")
    return "\n".join(lines + draw_actions(broken.next_actions, view))


def queue_text(queue: ReviewQueue, view: View) -> str:
    """List what waits for whom."""
    lines = []
    if not queue.items:
        lines.append(f"Nothing waits for {queue.target}." if not queue.not_examined else "Nothing examined waits.")
    for item in queue.items:
        lines += [*_item(item, queue.as_of, view), ""]
    if queue.not_examined:
        count = len(queue.not_examined)
        lines += wrap(f"{count} more branches were not looked at (--limit, --time): they are unknown, not done.", view)
        lines += cut(
            (f"  {shorten(name, view.width - 2)}" for name in queue.not_examined),
            _NAMES_SHOWN_COUNT,
            "branches",
            indent="  ",
        )
    for problem in queue.problems[:_NAMES_SHOWN_COUNT]:
        lines += wrap(f"could not be examined: {problem}", view, first="! ", rest="  ")
    if len(queue.problems) > _NAMES_SHOWN_COUNT:
        lines.append(f"! + {len(queue.problems) - _NAMES_SHOWN_COUNT} more could not be examined; see --format json")
    return "\n".join(lines).rstrip()


def queue_outcome(queue: ReviewQueue) -> Outcome:
    """Return pass when nothing waits, fail when a duty is overdue, unknown otherwise."""
    if any(item.reason is QueueReason.OVERDUE for item in queue.items):
        return Outcome.FAIL
    return Outcome.UNKNOWN if queue.items or queue.not_examined or queue.problems else Outcome.PASS


def _item(item: QueueItem, now: datetime, view: View) -> list[str]:
    age = format_duration(max(now - item.waiting_since, now - now))
    reason = paint(item.reason.value, "31" if item.reason in _URGENT else "33", view)
    tier = f", {item.tier}" if item.tier else ""
    lines = [f"{strong(shorten(item.revision, max(view.width - 40, 20)), view)}  {reason}{tier}, {age}"]
    if item.title:
        lines += wrap(item.title, view, first="  ", rest="  ")
    if item.due_at is not None:
        late = "was due" if item.reason is QueueReason.OVERDUE else "due"
        lines.append(f"  {late} {format_instant(item.due_at)}")
    lines += wrap(f"waits for {', '.join(item.waits_for)}: {item.says}", view, first="  ", rest="    ")
    for eyes in item.eyes:
        lines += _eyes(eyes, view)
    return [*lines, f"    {paint(item.command, '36', view)}"]


def _eyes(eyes: EyesNeeded, view: View) -> list[str]:
    what = eyes.surface or "no surface"
    lens = f", lens {', '.join(eyes.lenses)}" if eyes.lenses else ""
    counted = f"{_count(len(eyes.files), 'file')}, {_count(eyes.lines_count, 'line')}"
    lines = wrap(f"eyes on {what}{lens}: {counted}", view, first="  ", rest="    ")
    files = [f"    {shorten(path, view.width - 4)}" for path in eyes.files]
    return lines + cut(files, _FILES_SHOWN_COUNT, "files", indent="    ")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
