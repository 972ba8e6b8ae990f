"""A risky change has to pass alone before it may ride with others; whatever passes lands with all that it contains."""

from dataclasses import replace

from release_harness.steps.merge.model.queue import Memory, Options, Proposal, Snapshot, Waiting
from release_harness.steps.merge.plan.lineup import line_up, members_of
from release_harness.steps.merge.plan.pcut import choose_cuts, cuts_of, shortest_failing
from release_harness.steps.merge.plan.settled import first_of_all, refuted, wanted_again


def plan(seen: Snapshot, options: Options, memory: Memory) -> Proposal:
    """Propose a run of its own for each risky change, then cuts through those that are cleared, the longest first."""
    whole = line_up(seen)
    first = first_of_all(seen, whole)
    if first is not None:
        return replace(first, memory=memory)
    cleared, waiting_alone = _sort_out(whole, options)
    order = cleared[: options.most_count]
    cancel = refuted(seen)
    again = wanted_again(seen)
    known = {run.members for run in seen.running} | seen.failed | seen.passed | set(again)
    singles = [one for each in waiting_alone if (one := members_of([each])) not in known]
    free = max(0, seen.runners_count - len(seen.running) - len(again))
    failing = shortest_failing(seen, order)
    groups = _groups(seen, order, failing, free, options)
    start = _mix(groups, singles)[:free]
    return Proposal(cancel=cancel, start=(*again, *start), memory=memory)


def _sort_out(order: list[Waiting], options: Options) -> tuple[list[Waiting], list[Waiting]]:
    """Return those that may ride with others, and those that have to pass alone first."""
    cleared: list[Waiting] = []
    alone: list[Waiting] = []
    riding: set[int] = set()
    for each in order:
        needs_met = each.needs <= riding
        if needs_met and (each.passed_alone or 1.0 - each.pass_ratio < options.risky_from_ratio):
            ratio = max(each.pass_ratio, options.passed_alone_ratio) if each.passed_alone else each.pass_ratio
            cleared.append(replace(each, pass_ratio=ratio))
            riding.add(each.number)
        elif not each.needs:
            alone.append(each)
    return cleared, alone


def _groups(
    seen: Snapshot, order: list[Waiting], failing: int | None, free: int, options: Options
) -> list[frozenset[int]]:
    cuts = cuts_of(seen, order)
    last = len(order) if failing is None else failing - 1
    lengths: list[int] = []
    if last > 0 and free and last not in cuts:
        lengths = [last]
    more = choose_cuts(order, [*cuts, *lengths], failing, free - len(lengths), options, busy=True)
    return [members_of(order[:length]) for length in (*lengths, *more)]


def _mix(groups: list[frozenset[int]], singles: list[frozenset[int]]) -> list[frozenset[int]]:
    """Put the longest group first, then the singles in order, then the shorter cuts."""
    return [*groups[:1], *singles, *groups[1:]]
