"""What every planner does before it plans: land what passed, send back what failed alone, run again what is doubted."""

from collections.abc import Sequence

from release_harness.steps.merge.model.queue import Members, Proposal, Snapshot, Waiting
from release_harness.steps.merge.plan.lineup import is_closed

TIP: Members = frozenset()


def landing_of(seen: Snapshot, order: Sequence[Waiting]) -> Members:
    """Return the largest set that passed and may land, or the empty set."""
    if not seen.passed:
        return TIP
    eligible = frozenset([each.number for each in order])
    ready = [each for each in seen.passed if each and each <= eligible and is_closed(each, order)]
    return max(ready, key=lambda each: (len(each), -min(each)), default=TIP)


def unmergeable(seen: Snapshot) -> tuple[int, ...]:
    """Return the changes that do not merge onto the tip; no run is needed to tell."""
    return tuple(sorted(number for each in seen.merge_conflicts if len(each) == 1 for number in each))


def failures_of(seen: Snapshot) -> tuple[int, ...]:
    """Return the changes that fail by themselves on a tip that passes, or do not merge onto it."""
    failing = {number for each in seen.failed if len(each) == 1 for number in each} if seen.tip_passed else set()
    return tuple(sorted(failing.union(unmergeable(seen))))


def wants_tip(seen: Snapshot) -> bool:
    """Tell whether nothing can be said before the tip itself was tested."""
    return seen.tip_passed is None and any(len(each) == 1 for each in seen.failed)


def first_of_all(seen: Snapshot, order: Sequence[Waiting]) -> Proposal | None:
    """Return what has to happen before anything is planned, or None.

    A landing comes before rejections: what landed may have been what a rejection waits for.
    """
    if seen.tip_passed is False:
        return Proposal(cancel=tuple(each.id for each in seen.running if each.members))
    land = landing_of(seen, order)
    if land:
        return Proposal(land=land)
    failures = failures_of(seen)
    if failures:
        return Proposal(reject=failures)
    return None


def wanted_again(seen: Snapshot) -> list[Members]:
    """Return the sets that have to be run before anything else, each only when it does not run already."""
    running = {each.members for each in seen.running}
    bad = seen.failed | seen.merge_conflicts
    wanted = [TIP] if wants_tip(seen) and TIP not in running else []
    doubted = [each for each in seen.once_more if each not in running and not any(one <= each for one in bad)]
    return wanted + sorted(doubted, key=lambda each: (len(each), min(each, default=0)))


def refuted(seen: Snapshot) -> tuple[str, ...]:
    """Return the runs that contain something that is known to fail."""
    return tuple(
        run.id for run in seen.running if any(bad <= run.members for bad in seen.failed | seen.merge_conflicts)
    )
