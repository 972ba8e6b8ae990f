"""Who may be tested and land now, and in which order."""

from collections.abc import Iterable, Sequence

from release_harness.steps.merge.model.queue import Members, Snapshot, Waiting


def line_up(seen: Snapshot) -> list[Waiting]:
    """Return the changes that may be tested now, in order: priority first, then arrival.

    A change comes after everything that it needs, and stays out while something that it needs is held, or while an
    earlier change that it does not merge with is undecided.
    """
    for each in seen.waiting:
        if each.priority or each.held or each.needs or each.apart_from:
            break
    else:
        return list(seen.waiting)
    present = {each.number: each for each in seen.waiting}
    taken: dict[int, Waiting] = {}
    for each in sorted(seen.waiting, key=lambda one: (-one.priority, one.number)):
        _take(each, present, taken)
    return list(taken.values())


def commute(one: Waiting, other: Waiting) -> bool:
    """Tell whether two changes are known not to touch each other."""
    return not (one.commutes_never or other.commutes_never) and one.areas.isdisjoint(other.areas)


def is_closed(members: Members, seen: Iterable[Waiting]) -> bool:
    """Tell whether everything that the members need is among them."""
    return all(each.needs <= members for each in seen if each.number in members)


def members_of(changes: Sequence[Waiting]) -> Members:
    """Return the numbers of the changes."""
    return frozenset([each.number for each in changes])


def _take(each: Waiting, present: dict[int, Waiting], taken: dict[int, Waiting]) -> bool:
    """Take a change after what it needs; tells whether it is taken."""
    if each.number in taken:
        return True
    if each.held or any(number in present for number in each.apart_from):
        return False
    needed = [present[number] for number in sorted(each.needs) if number in present]
    if not all(_take(one, present, taken) for one in needed):
        return False
    taken[each.number] = each
    return True
