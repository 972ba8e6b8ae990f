"""What waits for whom: the local branches that are ahead, changes that the ledger knows, and duties after break-glass."""

from datetime import datetime, timedelta
from typing import Protocol

from release_harness.kernel.digests import CommitId
from release_harness.kernel.errors import HarnessError, NotFound
from release_harness.kernel.paths import show_text
from release_harness.kernel.progress import Progress
from release_harness.steps.changes.flow.aim import find_aim
from release_harness.steps.changes.model import ChangeSpec
from release_harness.steps.review.flow.examine import ExamineNeeds, examine
from release_harness.steps.review.model import BranchTip, QueueItem, ReviewDuty, ReviewQueue, Signed
from release_harness.steps.review.rules.duties import order_duties
from release_harness.steps.review.rules.queue import duty_item, order_queue, queue_item

_KNOWN_LIMIT_COUNT = 50


class QueueNeeds(ExamineNeeds, Protocol):
    """What listing the queue needs."""

    @property
    def progress(self) -> Progress:
        """Says how far it is: every branch is a whole examination."""
        ...


def review_queue(needs: QueueNeeds, *, base: str, limit_count: int, time_limit: timedelta) -> ReviewQueue:
    """List what waits, duties first, then the oldest first; what there was no time for is named, never left out."""
    now = needs.clock.now()
    name, commit = _find_target(needs, base)
    duties, known = _from_ledger(needs)
    tips, past_limit = needs.review_repository.branches_ahead(commit, limit_count=limit_count)
    tips = (*tips, *_known_tips(needs, known, tips, commit))
    items = [duty_item(duty, now) for duty in order_duties(duties, now)]
    problems: list[str] = []
    late: list[str] = []
    if tips:
        needs.progress.start("examining what waits", len(tips))
    for tip in tips:
        if needs.clock.now() - now > time_limit:
            late.append(tip.name)
            continue
        _examine_tip(needs, tip, base, items, problems)
        needs.progress.advance()
    needs.progress.finish()
    return ReviewQueue(
        items=order_queue(items),
        not_examined=(*late, *past_limit),
        problems=tuple(problems),
        target=name,
        as_of=now,
    )


def _find_target(needs: QueueNeeds, base: str) -> tuple[str, CommitId]:
    """Return name and commit of the branch that everything is to land on."""
    found = find_aim(needs.repository, ChangeSpec(base=base), "")
    if not base and found.target:
        found = find_aim(needs.repository, ChangeSpec(base=found.target), "")
    if found.base is None:
        raise NotFound(
            code="TARGET_UNKNOWN",
            says="There is no default branch, so nobody knows what is ahead of it.",
            hint="Name the branch to land on with --base BRANCH.",
        )
    return found.target or base, found.base


def _examine_tip(needs: QueueNeeds, tip: BranchTip, base: str, items: list[QueueItem], problems: list[str]) -> None:
    """Examine one branch; a branch that cannot be examined is a problem to be shown, not the end of the list."""
    spec = ChangeSpec(revision=tip.name, base=base)
    try:
        examination = examine(needs, spec)
    except HarnessError as error:
        problems.append(f"{show_text(tip.name)}: {error.says}")
        return
    if not examination.change.files and examination.change.listing_complete and not examination.change.gaps:
        return
    since = _waiting_since(tip, examination.examined_at)
    items.append(queue_item(examination, spec, waiting_since=since, head=tip.head))


def _waiting_since(tip: BranchTip, now: datetime) -> datetime:
    """Take the time of the last commit; a time in the future would hide a change at the end of the queue."""
    return min(tip.committed_at, now)


def _from_ledger(needs: QueueNeeds) -> tuple[tuple[ReviewDuty, ...], tuple[Signed, ...]]:
    ledger = needs.ledger.existing()
    if ledger is None:
        return (), ()
    from release_harness.steps.review import store

    with ledger.read() as connection:
        return store.open_duties(connection), store.answered_changes(connection, limit_count=_KNOWN_LIMIT_COUNT)


def _known_tips(
    needs: QueueNeeds, known: tuple[Signed, ...], tips: tuple[BranchTip, ...], target: CommitId
) -> tuple[BranchTip, ...]:
    """Return the answered heads that no branch holds any more and that have not landed."""
    heads = {tip.head for tip in tips}
    found = []
    for each in known:
        head = CommitId(each.head)
        if not head or head in heads or needs.review_repository.is_landed(head, target) is not False:
            continue
        heads.add(head)
        found.append(BranchTip(name=head, head=head, committed_at=each.recorded_at, title=each.title))
    return tuple(found)
