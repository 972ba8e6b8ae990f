"""What of everything that was found out still holds after the branch has moved."""

from collections.abc import Callable

from release_harness.steps.merge.model.queue import Members

Commutes = Callable[[Members, Members], bool]
"""Tells whether every change of one set commutes with every one of the other."""


def never_commutes(_one: Members, _other: Members) -> bool:
    """Answer for a queue without lanes."""
    return False


def after_landing(known: Members, landed: Members, commutes: Commutes) -> Members | None:
    """Return what a result about `known` says about the new tip, or None when it says nothing.

    The tip with the rest of `known` is exactly the tested tree when all that landed was part of it. Otherwise the new
    tip has something more, and the result holds only if that commutes with what is left.
    """
    rest = known - landed
    if not rest:
        return None
    more = landed - known
    return rest if not more or commutes(more, rest) else None


def after_landing_of_one(known: Members, landed: Members, commutes: Commutes) -> Members | None:
    """Return what a result says about its newest change alone, for planners that only ever land that one.

    What landed beside it may matter to the others of the set: those have results of their own.
    """
    newest = max(known, default=None)
    if newest is None or newest in landed:
        return None
    more = landed - known
    return known - landed if not more or commutes(more, frozenset((newest,))) else None


def after_leaving(known: Members, gone: Members) -> Members | None:
    """Return what is left of a result when changes leave the queue without landing: nothing, if they were part of it."""
    return None if known & gone else known
