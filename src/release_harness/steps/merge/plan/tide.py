"""One batch and one single change beside it, without bisection (Prow Tide).

Method: Prow, `pkg/tide/tide.go`: what passes first is merged, and makes the other one stale; a batch that failed is
forgotten, and the oldest changes go on one by one.
"""

from release_harness.steps.merge.model.queue import Memory, Options, Proposal, Snapshot
from release_harness.steps.merge.plan.lineup import line_up, members_of
from release_harness.steps.merge.plan.settled import first_of_all, wanted_again


def plan(seen: Snapshot, options: Options, memory: Memory) -> Proposal:
    """Propose the oldest changes as one batch, and the oldest one alone."""
    order = line_up(seen)
    first = first_of_all(seen, order)
    if first is not None:
        return first
    batch = members_of(order[: max(2, options.batch_count)])
    wanted = [members_of(order[:1]), *([batch] if len(batch) > 1 else [])] if order else []
    cancel = tuple(
        run.id for run in seen.running if run.members and run.members not in wanted and len(run.members) == 1
    )
    known = {run.members for run in seen.running} | seen.failed | seen.merge_conflicts | seen.once_more
    if any(len(run.members) > 1 for run in seen.running):
        wanted = wanted[:1]
    again = wanted_again(seen)
    free = max(0, seen.runners_count - len(seen.running) - len(again))
    return Proposal(
        cancel=cancel, start=(*again, *[each for each in wanted if each not in known][:free]), memory=memory
    )
