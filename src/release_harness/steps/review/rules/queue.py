"""Who has to look at what: one queue item from one examination, and the order of the queue."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from release_harness.kernel.verdict import NextAction, Outcome
from release_harness.policy.globs import compile_globs
from release_harness.policy.model import Policy, Surface
from release_harness.steps.changes.model import ChangeSpec, FileChange
from release_harness.steps.review.model import (
    Examination,
    EyesNeeded,
    QueueItem,
    QueueReason,
    ReviewDuty,
)
from release_harness.steps.review.rules.shown import name_change
from release_harness.steps.review.rules.words import quote_argument
from release_harness.steps.risk.rules import touched_surfaces

_DUTY_REASONS = (QueueReason.OVERDUE, QueueReason.DUTY)


def queue_item(examination: Examination, spec: ChangeSpec, *, waiting_since: datetime, head: str) -> QueueItem:
    """Say what one change waits for."""
    change, reason = examination.change, _reason(examination)
    actions = _decisive_actions(name_change(examination.next_actions, spec, change), reason)
    return QueueItem(
        revision=spec.revision,
        change=change.digests.change or "",
        title=change.title,
        target=change.target,
        authors=tuple(dict.fromkeys(actor.name or actor.id for actor in change.authors)),
        waiting_since=waiting_since,
        reason=reason,
        tier=examination.tier.tier,
        waits_for=_waits_for(examination, reason, actions),
        eyes=eyes_needed(examination) if reason in (QueueReason.WAITING, QueueReason.BLOCKED) else (),
        says=_says(examination, reason, actions),
        command=_command(reason, spec.revision, actions),
        head=head,
    )


def duty_item(duty: ReviewDuty, now: datetime) -> QueueItem:
    """Say that a break-glass waits for somebody to look afterwards."""
    reason = QueueReason.OVERDUE if duty.is_overdue(now) else QueueReason.DUTY
    span = f"{duty.base}..{duty.head}" if duty.base and duty.head else duty.branch
    return QueueItem(
        revision=span,
        change=duty.change,
        title=f"break-glass for incident {duty.incident}",
        target=duty.target,
        authors=(duty.opened_by,),
        waiting_since=duty.opened_at,
        reason=reason,
        tier="",
        waits_for=(f"anybody but {duty.opened_by} and the authors",),
        eyes=(),
        says=f"{duty.opened_by} went past a rule; look at what was landed and approve or reject it",
        command=f"rh approve {quote_argument(span)}",
        due_at=duty.due_at,
        head=duty.head,
    )


def order_queue(items: Iterable[QueueItem]) -> tuple[QueueItem, ...]:
    """Put duties first, the overdue before the others, and then the oldest first."""

    def place(item: QueueItem) -> tuple[int, datetime, str]:
        rank = _DUTY_REASONS.index(item.reason) if item.reason in _DUTY_REASONS else len(_DUTY_REASONS)
        return rank, item.due_at or item.waiting_since, item.revision

    return tuple(sorted(items, key=place))


def eyes_needed(examination: Examination) -> tuple[EyesNeeded, ...]:
    """Return the touched surfaces with their files and lines, and the rest of the change when nothing is sensitive."""
    surfaces = touched_surfaces(examination.rules, examination.tier)
    listed: list[EyesNeeded] = []
    covered: set[str] = set()
    for surface in surfaces:
        matcher = compile_globs(surface.paths)
        files = [each for each in examination.change.files if matcher.matches(each.path)]
        covered.update(each.path for each in files)
        if files:
            listed.append(_eyes(surface, [each.path for each in files], _lines(files)))
    rest = [each for each in examination.change.files if each.path not in covered]
    if rest:
        lenses = wanted_lenses([rule.policy for rule in examination.rules.policies], examination.tier.tier)
        listed.append(
            EyesNeeded(
                surface="",
                lenses=lenses,
                files=tuple(each.path for each in rest),
                lines_count=_lines(rest),
            )
        )
    return tuple(listed)


def wanted_lenses(policies: Sequence[Policy], tier: str) -> tuple[str, ...]:
    """Return the lenses that the approvals of a tier, and of the tiers it inherits from, are to be given under."""
    found: list[str] = []
    for policy in policies:
        by_tier = {each.tier: each for each in policy.requirements}
        name, visited = tier, set()
        while name in by_tier and name not in visited:
            visited.add(name)
            found += [each.lens for each in by_tier[name].approvals if each.lens]
            name = by_tier[name].inherit
    return tuple(dict.fromkeys(found))


def _reason(examination: Examination) -> QueueReason:
    if any(each.counts and each.rejected for each in examination.approvals):
        return QueueReason.REJECTED
    if examination.outcome is Outcome.PASS:
        return QueueReason.READY
    approvals_wanted = any(action.command.startswith("rh approve") for action in examination.next_actions)
    if examination.outcome is Outcome.UNKNOWN and approvals_wanted:
        return QueueReason.WAITING
    return QueueReason.BLOCKED


def _decisive_actions(actions: Sequence[NextAction], reason: QueueReason) -> tuple[NextAction, ...]:
    if reason is not QueueReason.WAITING:
        return tuple(actions)
    approvals = [action for action in actions if action.command.startswith("rh approve")]
    return (*approvals, *(action for action in actions if action not in approvals))


def _waits_for(examination: Examination, reason: QueueReason, actions: Sequence[NextAction]) -> tuple[str, ...]:
    if reason is QueueReason.REJECTED:
        rejected = [each.statement.approver for each in examination.approvals if each.counts and each.rejected]
        return ("author", *dict.fromkeys(rejected))
    if reason is QueueReason.READY:
        return ("anybody",)
    return tuple(dict.fromkeys(action.who for action in actions)) or ("author",)


def _says(examination: Examination, reason: QueueReason, actions: Sequence[NextAction]) -> str:
    if reason is QueueReason.REJECTED:
        rejected = next(each for each in examination.approvals if each.counts and each.rejected)
        note = f": {rejected.statement.note}" if rejected.statement.note else ""
        return f"{rejected.statement.approver} rejected it{note}"
    if reason is QueueReason.READY:
        return "everything passes" if not examination.forced else "FORCED by break-glass"
    return actions[0].do if actions else examination.verdict.says


def _command(reason: QueueReason, revision: str, actions: Sequence[NextAction]) -> str:
    if reason is QueueReason.READY:
        return f"rh land {quote_argument(revision)}"
    commands = [action.command for action in actions if action.command]
    return commands[0] if commands else f"rh check {quote_argument(revision)}"


def _eyes(surface: Surface, files: Sequence[str], lines_count: int) -> EyesNeeded:
    return EyesNeeded(surface=surface.name, lenses=surface.lenses, files=tuple(files), lines_count=lines_count)


def _lines(files: Sequence[FileChange]) -> int:
    return sum((each.lines_added or 0) + (each.lines_removed or 0) for each in files)
