"""One batch at a time, halved on failure (bors-ng); with batches of one it is the serial queue.

Method: bors-ng, `batcher.ex` and `divider.ex`. The second half is tested although, once the first has landed, its tree
is the one that failed: that is what the product does, so what it finds out is forgotten at each decision.
"""

from dataclasses import replace

from release_harness.steps.merge.model.queue import Members, Memory, Options, Proposal, Snapshot
from release_harness.steps.merge.plan.lineup import line_up, members_of
from release_harness.steps.merge.plan.settled import TIP, unmergeable, wanted_again


def plan(seen: Snapshot, options: Options, memory: Memory) -> Proposal:
    """Propose to test, land or halve the batch on top of the stack."""
    gone = unmergeable(seen)
    if gone:
        return Proposal(reject=gone, memory=memory)
    order = line_up(seen)
    eligible = members_of(order)
    stack = [rest for each in memory.stack if (rest := each & eligible)]
    if not stack and order:
        stack = [members_of(order[: max(1, options.batch_count)])]
    if not stack or seen.tip_passed is False:
        return Proposal(memory=Memory(stack=tuple(stack)))
    return _handle(seen, stack)


def plan_serial(seen: Snapshot, options: Options, memory: Memory) -> Proposal:
    """Propose one change at a time, in the order of the queue."""
    return plan(seen, replace(options, batch_count=1), memory)


def _handle(seen: Snapshot, stack: list[Members]) -> Proposal:
    top = stack[-1]
    if top in seen.passed:
        return Proposal(land=top, memory=Memory(stack=tuple(stack[:-1])))
    if top in seen.failed | seen.merge_conflicts:
        if len(top) == 1:
            return _send_back(seen, stack)
        numbers = sorted(top)
        half = (len(numbers) + 1) // 2
        stack = [*stack[:-1], frozenset(numbers[half:]), frozenset(numbers[:half])]
        top = stack[-1]
        if top in seen.passed | seen.failed | seen.merge_conflicts:
            return _handle(seen, stack)
    cancel = tuple(run.id for run in seen.running if run.members and run.members != top)
    again = wanted_again(seen)
    going = {run.members for run in seen.running} | set(again)
    free = seen.runners_count - len(seen.running) - len(again)
    start = (top,) if free > 0 and top not in going and not cancel and not seen.once_more else ()
    return Proposal(cancel=cancel, start=(*again, *start), memory=Memory(stack=tuple(stack)))


def _send_back(seen: Snapshot, stack: list[Members]) -> Proposal:
    if seen.tip_passed is None and stack[-1] not in seen.merge_conflicts:
        start = () if any(not run.members for run in seen.running) else (TIP,)
        return Proposal(start=start, memory=Memory(stack=tuple(stack)))
    return Proposal(reject=tuple(stack[-1]), memory=Memory(stack=tuple(stack[:-1])))
