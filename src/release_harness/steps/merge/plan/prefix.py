"""Prefix speculation: each change is tested on all that is ahead of it and not failing, as GitHub, GitLab and Zuul do.

Method: Zuul's dependent pipeline (nearest non-failing reparenting, a window that grows by one on a landing and is halved
on a rejection). GitHub is the same with a window that stands still and no lanes. Two options are those of products:
batches (Mergify, Trunk, Graphite), of which a failing one is halved, and a failure depth (Trunk: a failed run waits for so
many later ones before it counts, and a later one that passes carries it).
"""

from collections.abc import Sequence
from dataclasses import replace

from release_harness.kernel.records import record
from release_harness.steps.merge.model.queue import Members, Memory, Options, Proposal, Snapshot, Waiting
from release_harness.steps.merge.plan.lineup import commute, line_up, members_of
from release_harness.steps.merge.plan.settled import unmergeable, wanted_again

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
    wanted = _walk(seen, options, _batches(options, order, memory.stack))
    begun = _begun(seen, options, wanted)
    done = _decision(seen, options, wanted)
    if done is not None:
        moved = _next_window(window, options, landed=bool(done.land)) if options.window_moves else window
        return replace(done, memory=Memory(window=moved, stack=begun))
    sets = [each.whole for each in wanted]
    alive = set(sets)
    cancel = tuple(run.id for run in seen.running if run.members and run.members not in alive)
    running = {run.members for run in seen.running}
    again = wanted_again(seen)
    free = max(0, seen.runners_count - len(seen.running) - len(again))
    known = seen.passed | seen.failed | seen.once_more | seen.merge_conflicts | running
    start = (*again, *[each for each in dict.fromkeys(sets) if each not in known][:free])
    begun = _begun(seen, options, wanted, start)
    return Proposal(cancel=cancel, start=start, memory=Memory(window=window, stack=begun))


@record
class _Step:
    """One batch, what it is tested with, and whether its failure counts."""

    own: Members
    whole: Members
    failed: bool = False


def _walk(seen: Snapshot, options: Options, batches: Sequence[Sequence[Waiting]]) -> list[_Step]:
    """Return for each batch what it is tested with; failing ones are nobody's base, and are halved with nothing ahead."""
    bad = seen.failed | seen.merge_conflicts
    left = list(batches)
    ahead: list[Sequence[Waiting]] = []
    walked: list[_Step] = []
    while left:
        batch = left.pop(0)
        own = members_of(batch)
        whole = members_of(_base(seen, options, ahead, batch)) | own
        failed = whole in bad and _counts(seen, options, whole, batch, left)
        if failed and whole == own and len(batch) > 1:
            half = (len(batch) + 1) // 2
            left = [batch[:half], batch[half:], *left]
            continue
        walked.append(_Step(own=own, whole=whole, failed=failed))
        if not failed:
            ahead.append(batch)
    return walked


def _batches(options: Options, order: Sequence[Waiting], begun: Sequence[Members]) -> list[Sequence[Waiting]]:
    """Cut the order into batches; those that were begun stay as they are, as far as they still stand in this order."""
    size = max(1, options.batch_count)
    place = 0
    batches: list[Sequence[Waiting]] = []
    present = members_of(order)
    for each in reversed(begun):
        rest = each & present
        part = order[place : place + len(rest)]
        if members_of(part) != rest:
            break
        if part:
            batches.append(part)
            place += len(rest)
    batches.extend(order[start : start + size] for start in range(place, len(order), size))
    return batches


def _begun(
    seen: Snapshot, options: Options, walked: Sequence[_Step], start: Sequence[Members] = ()
) -> tuple[Members, ...]:
    """Return the batches up to the last one that was ever begun, the next one last; what nobody began may still fill up."""
    if options.batch_count <= 1:
        return ()
    known = {run.members for run in seen.running}.union(seen.passed, seen.failed, seen.once_more, start)
    last = max((place for place, each in enumerate(walked, 1) if each.whole in known), default=0)
    return tuple(each.own for each in reversed(walked[:last]))


def _base(
    seen: Snapshot, options: Options, ahead: Sequence[Sequence[Waiting]], batch: Sequence[Waiting]
) -> list[Waiting]:
    """Return what a batch is tested with: all ahead, or in lanes what it may meet.

    A run that can land several takes in whole batches, and what those may meet in turn: nothing overtakes by riding along.
    """
    if not seen.lanes:
        return [one for each in ahead for one in each]
    if lands_one_by_one(options):
        return [one for each in ahead for one in each if not commute(one, batch[0])]
    met: list[Waiting] = []
    for each in reversed(ahead):
        if _meet(each, [*batch, *met]):
            met = [*each, *met]
    return met


def lands_one_by_one(options: Options) -> bool:
    """Tell whether only the newest change of a run ever lands by it."""
    return options.batch_count <= 1 and not options.failure_depth


def _counts(
    seen: Snapshot, options: Options, whole: Members, batch: Sequence[Waiting], later: Sequence[Sequence[Waiting]]
) -> bool:
    """Tell whether a failure is believed yet: as many later runs on top of it as the depth asks have failed, too."""
    if not options.failure_depth or whole in seen.merge_conflicts:
        return True
    on_top = [each for each in later if not seen.lanes or _meet(batch, each)]
    failed_too = sum(1 for each in seen.failed if whole < each)
    return failed_too >= min(options.failure_depth, len(on_top))


def _meet(ones: Sequence[Waiting], others: Sequence[Waiting]) -> bool:
    return any(not commute(one, other) for one in ones for other in others)


def _decision(seen: Snapshot, options: Options, walked: Sequence[_Step]) -> Proposal | None:
    """Decide the first batch that nothing undecided stands before."""
    for each in walked:
        if each.whole in seen.passed and (each.whole == each.own or _carries(seen, options, each.whole)):
            return Proposal(land=each.whole)
        if each.failed and each.whole == each.own:
            # A batch of several that counts as failed was halved in the walk, so this is one change.
            # On a tip that nobody has looked at, that is found out first (`wanted_again`).
            proven = each.own in seen.merge_conflicts or seen.tip_passed
            return Proposal(reject=tuple(each.own)) if proven else None
    return None


def _carries(seen: Snapshot, options: Options, whole: Members) -> bool:
    """Tell whether a pass lands something whose own run failed and is not believed yet."""
    return bool(options.failure_depth) and any(each < whole for each in seen.failed)


def _next_window(window: int, options: Options, *, landed: bool) -> int:
    return min(_MOST_WINDOW, window + 1) if landed else max(options.window_least_count, window // 2)
