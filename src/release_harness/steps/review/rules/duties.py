"""The duty to look afterwards that every break-glass opens."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from release_harness.kernel.identity import ProofLevel
from release_harness.policy.model import Policy
from release_harness.steps.review.model import ReviewDuty


def closable_duties(
    duties: Iterable[ReviewDuty],
    *,
    reviewer: str,
    authors: Sequence[str],
    proof: ProofLevel,
    policies: Iterable[Policy],
) -> tuple[ReviewDuty, ...]:
    """Return the open duties that this reviewer may close: somebody other than who broke the glass or wrote it.

    The answer is signed, as the break-glass was: a login can be borrowed. Only where the policies list no key at all
    does an unsigned answer do, since nobody could give another.
    """
    keys_exist = any(person.keys for policy in policies for person in policy.people)
    if keys_exist and not proof.reaches(ProofLevel.KEY):
        return ()
    return tuple(
        duty for duty in duties if duty.closed_at is None and reviewer != duty.opened_by and reviewer not in authors
    )


def order_duties(duties: Iterable[ReviewDuty], now: datetime) -> tuple[ReviewDuty, ...]:
    """Return the open duties, overdue ones first, then by the time they are due."""
    waiting = [duty for duty in duties if duty.closed_at is None]
    return tuple(sorted(waiting, key=lambda duty: (not duty.is_overdue(now), duty.due_at, duty.id)))
