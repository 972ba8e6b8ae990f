"""Tree speculation, best first (Uber's SubmitQueue): each change is tested on the likeliest outcomes of those before it.

Method: Ananthanarayanan et al., "Keeping Master Green at Scale" (EuroSys 2019), and the open SubmitQueue's `bestfirst`
generator. A path of a change is the subset of its undecided predecessors that is assumed to land; its value is the
product of their probabilities. The most valuable paths over all changes fill the runners. With a probability of one
half everywhere it speculates on everything.
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import inf, log2

from release_harness.steps.merge.model.queue import Members, Memory, Options, Proposal, Snapshot, Waiting
from release_harness.steps.merge.plan.lineup import commute, line_up
from release_harness.steps.merge.plan.settled import TIP, unmergeable, wanted_again

_NEVER_SURE = 1e-6
_EVEN = 0.5
_WORTH_PREEMPTING = 2.0


def plan(seen: Snapshot, options: Options, memory: Memory) -> Proposal:
    """Propose the runs whose assumptions are the likeliest, and decide what has nothing undecided before it."""
    gone = unmergeable(seen)
    if gone:
        return Proposal(reject=gone, memory=memory)
    order = line_up(seen)
    before = _predecessors(seen, order)
    decided = _decide(seen, order, before)
    if decided is not None:
        return replace(decided, memory=memory)
    by_number = {each.number: each for each in order}
    again = wanted_again(seen)
    running = {run.members: run for run in seen.running}
    known = seen.passed | seen.failed | seen.once_more | seen.merge_conflicts
    wanted = max(0, seen.runners_count - len(again))
    best: list[tuple[float, Members]] = []
    for value, members in _best_paths(order, before):
        if len(best) >= wanted or value < options.threshold_ratio:
            break
        if members not in known:
            best.append((value, members))
    values = {members: value for value, members in best}
    missing = [members for _value, members in best if members not in running]
    free = seen.runners_count - len(seen.running) - len(again)
    cancel = _preempted(seen, values, best, len(missing) - free, options, by_number, before)
    return Proposal(cancel=cancel, start=(*again, *missing[: max(0, free)]), memory=memory)


def plan_all(seen: Snapshot, options: Options, memory: Memory) -> Proposal:
    """Propose runs as if every outcome were as likely as not."""
    even = tuple(replace(each, pass_ratio=_EVEN) for each in seen.waiting)
    return plan(replace(seen, waiting=even), options, memory)


def _predecessors(seen: Snapshot, order: Sequence[Waiting]) -> dict[int, list[Waiting]]:
    """Return for each change the undecided ones before it whose outcome can matter to it."""
    if not seen.lanes:
        return {each.number: list(order[:index]) for index, each in enumerate(order)}
    return {each.number: [one for one in order[:index] if not commute(one, each)] for index, each in enumerate(order)}


def _decide(seen: Snapshot, order: Sequence[Waiting], before: dict[int, list[Waiting]]) -> Proposal | None:
    for each in order:
        if before[each.number]:
            continue
        alone: Members = frozenset((each.number,))
        if alone in seen.passed:
            return Proposal(land=alone)
        if alone in seen.merge_conflicts or (alone in seen.failed and seen.tip_passed):
            return Proposal(reject=(each.number,))
        if alone in seen.failed and seen.tip_passed is None and not any(not run.members for run in seen.running):
            return Proposal(start=(TIP,))
    return None


def _best_paths(order: Sequence[Waiting], before: dict[int, list[Waiting]]) -> Iterator[tuple[float, Members]]:
    """Yield all paths of all changes, the likeliest first; earlier changes first among equals."""
    heap: list[tuple[float, int, Members, Iterator[tuple[float, Members]]]] = []
    for each in order:
        paths = _paths(each.number, before[each.number])
        cost, members = next(paths)
        heap.append((cost, each.number, members, paths))
    heapq.heapify(heap)
    while heap:
        cost, number, members, paths = heap[0]
        yield 2.0**-cost, members
        following = next(paths, None)
        if following is None:
            heapq.heappop(heap)
        else:
            heapq.heapreplace(heap, (following[0], number, following[1], paths))


def _paths(number: int, before: Sequence[Waiting]) -> Iterator[tuple[float, Members]]:
    """Yield the paths of one change by rising cost (bits), by flipping the cheapest assumptions first."""
    base: set[int] = {number}
    cost = 0.0
    flips: list[tuple[float, int]] = []
    for each in before:
        ratio = min(max(each.pass_ratio, _NEVER_SURE), 1.0 - _NEVER_SURE)
        likely = max(ratio, 1.0 - ratio)
        cost -= log2(likely)
        if ratio >= _EVEN:
            base.add(each.number)
        flips.append((log2(likely / (1.0 - likely)) if likely < 1.0 else inf, each.number))
    flips.sort()
    yield cost, frozenset(base)
    if not flips:
        return
    heap: list[tuple[float, int, tuple[int, ...]]] = [(cost + flips[0][0], 0, (0,))]
    while heap:
        so_far, last, chosen = heapq.heappop(heap)
        yield so_far, frozenset(base ^ {flips[index][1] for index in chosen})
        if last + 1 < len(flips):
            heapq.heappush(heap, (so_far + flips[last + 1][0], last + 1, (*chosen, last + 1)))
            heapq.heappush(heap, (so_far + flips[last + 1][0] - flips[last][0], last + 1, (*chosen[:-1], last + 1)))


def _preempted(
    seen: Snapshot,
    values: dict[Members, float],
    best: Sequence[tuple[float, Members]],
    short_count: int,
    options: Options,
    by_number: dict[int, Waiting],
    before: dict[int, list[Waiting]],
) -> tuple[str, ...]:
    """Return the runs that make room for something worth at least twice as much, the least valuable first."""
    if not options.preempt or short_count <= 0:
        return ()
    worth = sorted((_value(run.members, by_number, before), run.id, run.members) for run in seen.running if run.members)
    running = {run.members for run in seen.running}
    candidates = [value for value, members in best if members not in running]
    victims = [(value, name) for value, name, members in worth if members not in values]
    return tuple(
        name
        for (value, name), candidate in zip(victims, candidates, strict=False)
        if candidate >= _WORTH_PREEMPTING * value
    )[:short_count]


def _value(members: Members, by_number: dict[int, Waiting], before: dict[int, list[Waiting]]) -> float:
    """Return how likely it is that all assumptions of a run come true; 0 when they cannot any more."""
    newest = max(members)
    if newest not in by_number:
        return 0.0
    value = 1.0
    for each in before[newest]:
        value *= each.pass_ratio if each.number in members else 1.0 - each.pass_ratio
    return value
