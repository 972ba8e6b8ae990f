"""Equal-probability prefix cuts: each free runner tests the prefix that splits what is not known most evenly.

The largest prefix that passes lands whole. A prefix that is known to fail is never tested again, nor anything longer:
the cuts move inside it until one change is left, which fails on a tip that passes. With one runner this is close to
nested group testing (Sobel and Groll, 1959), which needs the fewest runs for independent failures.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

from release_harness.steps.merge.model.queue import Memory, Options, Proposal, Snapshot, Waiting
from release_harness.steps.merge.plan.lineup import line_up, members_of
from release_harness.steps.merge.plan.settled import first_of_all, refuted, wanted_again


def plan(seen: Snapshot, options: Options, memory: Memory) -> Proposal:
    """Propose cuts in the order of the queue; see the module for the method."""
    whole = line_up(seen)
    first = first_of_all(seen, whole)
    if first is not None:
        return replace(first, memory=memory)
    order = whole[: options.most_count]
    failing = shortest_failing(seen, order)
    cancel = refuted(seen)
    going = [run for run in seen.running if run.id not in cancel]
    again = wanted_again(seen)
    free = max(0, seen.runners_count - len(seen.running) - len(again))
    cuts = cuts_of(seen, order)
    lengths = choose_cuts(order, cuts, failing, free, options, busy=bool(going or again))
    return Proposal(cancel=cancel, start=(*again, *(members_of(order[:length]) for length in lengths)), memory=memory)


def choose_cuts(
    order: Sequence[Waiting],
    cuts: Sequence[int],
    failing: int | None,
    free_count: int,
    options: Options,
    *,
    busy: bool,
    least_depth: float = 0.0,
) -> list[int]:
    """Return the lengths of the prefixes to test, at most one for each free runner.

    `cuts` are the prefixes that are being tested, `failing` the shortest one known to fail. While anything runs, no cut
    is taken that passes too rarely or that splits off a probability of `least_depth` or less.
    """
    ratios = pass_ratios(order, failing)
    last = len(ratios) - 1 if failing is None else failing - 1
    marks = sorted({0, *(cut for cut in cuts if cut <= last), last + 1})
    chosen: list[int] = []
    for _ in range(free_count):
        best = _deepest(ratios, marks, last, options.least_pass_ratio, least_depth) if busy or chosen else None
        if not (busy or chosen):
            best = _deepest(ratios, marks, last, 0.0, -1.0)
        if best is None:
            break
        chosen.append(best)
        marks = sorted({*marks, best})
    return chosen


def pass_ratios(order: Sequence[Waiting], failing: int | None) -> list[float]:
    """Return the probability that each prefix passes, from the empty one on, given that the failing one does."""
    whole = list(accumulate((each.pass_ratio for each in order), lambda so_far, one: so_far * one, initial=1.0))
    if failing is None:
        return whole
    fails = 1.0 - whole[failing]
    if fails <= 0.0:
        return [1.0 - length / failing for length in range(failing + 1)]
    return [max(0.0, (ratio - whole[failing]) / fails) for ratio in whole[: failing + 1]]


def _deepest(ratios: Sequence[float], marks: Sequence[int], last: int, least: float, least_depth: float) -> int | None:
    """Return the length that lies deepest in the largest gap between neighbouring marks, or None."""
    best, depth = None, least_depth
    for low, high in pairwise(marks):
        above = ratios[low]
        below = 0.0 if high > last else ratios[high]
        for length in range(low + 1, min(high, last + 1)):
            ratio = ratios[length]
            inside = min(above - ratio, ratio - below)
            if ratio >= least and inside > depth:
                best, depth = length, inside
    return best


def shortest_failing(seen: Snapshot, order: Sequence[Waiting]) -> int | None:
    """Return how long a prefix has to be to contain something that is known to fail."""
    bad = seen.failed | seen.merge_conflicts
    if not bad:
        return None
    place = {each.number: index for index, each in enumerate(order, 1)}
    ends = [max(place[number] for number in each) for each in bad if each and all(number in place for number in each)]
    return min(ends, default=None)


def cuts_of(seen: Snapshot, order: Sequence[Waiting]) -> list[int]:
    """Return the lengths of the prefixes that are being tested or doubted."""
    found = []
    for each in (*(run.members for run in seen.running if run.holds), *seen.once_more):
        length = len(each)
        if length <= len(order) and length and each == members_of(order[:length]):
            found.append(length)
    return found
