"""Prefix speculation: each change is tested on all that is ahead of it and not failing, as GitHub, GitLab and Zuul do.

Method: Zuul's dependent pipeline (nearest non-failing reparenting, a window that grows by one on a landing and is halved
on a rejection). GitHub is the same with a window that stands still and no lanes. Two options are those of products:
batches (Mergify, Trunk, Graphite) and a failure depth (Trunk: a failed run waits for later ones before it counts).
"""

from collections.abc import Sequence
from dataclasses import replace

from release_harness.steps.merge.model.queue import Members, Memory, Options, Proposal, Snapshot, Waiting
from release_harness.steps.merge.plan.lineup import commute, line_up, members_of
from release_harness.steps.merge.plan.settled import TIP, unmergeable, wanted_again

_MOST_WINDOW = 1_000_000


def plan(seen: Snapshot, options: Options, memory: Memory) -> Proposal:
    """Propose one run for each batch at the head of the queue, and a decision for what has nothing ahead."""
    if seen.tip_passed is False:
        return Proposal(memory=memory)
    gone = unmergeable(seen)
    if gone:
        return Proposal(reject=gone, memory=memory)
    window = memory.window or options.window_count
    order = line_up(seen)[: window * max(1, options.batch_count)]
    wanted = _walk(seen, options, order)
    done = _decision(seen, options, wanted)
    if done is not None:
        moved = _next_window(window, options, landed=bool(done.land)) if options.window_moves else window
        return replace(done, memory=Memory(window=moved))
    sets = [whole for whole, _own in wanted]
    alive = set(sets)
    cancel = tuple(run.id for run in seen.running if run.members and run.members not in alive)
    running = {run.members for run in seen.running}
    again = wanted_again(seen)
    free = max(0, seen.runners_count - len(seen.running) - len(again))
    known = seen.passed | seen.failed | seen.once_more | seen.merge_conflicts | running
    missing = [each for each in dict.fromkeys(sets) if each not in known]
    return Proposal(cancel=cancel, start=(*again, *missing[:free]), memory=Memory(window=window))


def _walk(seen: Snapshot, options: Options, order: Sequence[Waiting]) -> list[tuple[Members, Members]]:
    """Return for each batch what it is tested with, and the batch itself; failing ones are nobody's base."""
    bad = seen.failed | seen.merge_conflicts
    ahead: list[Waiting] = []
    walked: list[tuple[Members, Members]] = []
    for batch in _batches(seen, options, order):
        base = members_of(_in_lane(seen, ahead, batch))
        own = members_of(batch)
        walked.append((base | own, own))
        if base | own not in bad or not _counts(seen, options, own, order):
            ahead.extend(batch)
    return walked


def _batches(seen: Snapshot, options: Options, order: Sequence[Waiting]) -> list[list[Waiting]]:
    """Cut the order into batches; one that is known to fail on the tip is halved, as often as needed."""
    size = max(1, options.batch_count)
    batches: list[list[Waiting]] = []
    for start in range(0, len(order), size):
        batches.extend(_halved(seen, list(order[start : start + size]), first=not batches))
    return batches


def _halved(seen: Snapshot, batch: list[Waiting], *, first: bool) -> list[list[Waiting]]:
    if len(batch) == 1 or not first or members_of(batch) not in seen.failed | seen.merge_conflicts:
        return [batch]
    half = (len(batch) + 1) // 2
    return [*_halved(seen, batch[:half], first=True), batch[half:]]


def _in_lane(seen: Snapshot, ahead: Sequence[Waiting], batch: Sequence[Waiting]) -> Sequence[Waiting]:
    if not seen.lanes:
        return ahead
    return [each for each in ahead if any(not commute(each, one) for one in batch)]


def _counts(seen: Snapshot, options: Options, own: Members, order: Sequence[Waiting]) -> bool:
    """Tell whether a failure is believed yet: as many later runs as the failure depth asks have failed, too."""
    if not options.failure_depth:
        return True
    later = sum(1 for each in order if each.number > max(own))
    failed_too = sum(1 for each in seen.failed if own < each)
    return failed_too >= min(options.failure_depth, later)


def _decision(seen: Snapshot, options: Options, walked: Sequence[tuple[Members, Members]]) -> Proposal | None:
    """Decide the first batch that nothing undecided stands before."""
    for whole, own in walked:
        if options.failure_depth and whole in seen.passed and whole != own and _all_failed_before(seen, whole):
            return Proposal(land=whole)
        if whole != own:
            continue
        if own in seen.passed:
            return Proposal(land=own)
        if len(own) == 1 and own in seen.merge_conflicts:
            return Proposal(reject=tuple(own))
        if len(own) == 1 and own in seen.failed and _counts_alone(seen, options, walked, own):
            return Proposal(reject=tuple(own)) if seen.tip_passed else Proposal(start=(TIP,))
    return None


def _counts_alone(seen: Snapshot, options: Options, walked: Sequence[tuple[Members, Members]], own: Members) -> bool:
    later = [whole for whole, _own in walked if own < whole]
    return sum(1 for each in later if each in seen.failed) >= min(options.failure_depth, len(later))


def _all_failed_before(seen: Snapshot, whole: Members) -> bool:
    return any(each < whole for each in seen.failed)


def _next_window(window: int, options: Options, *, landed: bool) -> int:
    return min(_MOST_WINDOW, window + 1) if landed else max(options.window_least_count, window // 2)
