"""A world whose outcomes are known: changes with arrivals, true failures and true conflicts, and the time that tests take."""

from math import exp
from statistics import NormalDist

from release_harness.kernel.records import record
from release_harness.steps.merge.model.queue import Members

_UNIT = float(1 << 64)
_MASK = (1 << 64) - 1
_NORMAL = NormalDist()


@record
class Change:
    """One change as the world knows it."""

    number: int
    arrives_at_seconds: float
    code: int
    """64 random bits; those of a tree are the exclusive or of its changes, so the same tree has the same bits."""
    fails: bool = False
    """Whether it fails by itself."""
    conflicts: Members = frozenset()
    """Changes that it really does not work with, in either direction."""
    unmergeable: bool = False
    """Whether it does not merge onto the tip, which git says at once."""
    pass_ratio: float = 0.87
    """What is predicted of it."""
    needs: Members = frozenset()
    areas: frozenset[str] = frozenset()
    commutes_never: bool = True
    build_seconds: float = 0.0
    """How long its tests take; 0 where the time belongs to the tree."""


@record
class World:
    """Everything that happens in one simulation, whatever the planner does."""

    name: str
    changes: tuple[Change, ...]
    """By number, from 0, in order of arrival."""
    lanes: bool = False
    flake_ratio: float = 0.0
    median_seconds: float = 720.0
    sigma: float = 0.25


def uniform(bits: int) -> float:
    """Return a number between 0 and 1, both excluded, from 64 bits (the finaliser of SplitMix64)."""
    bits = (bits + 0x9E3779B97F4A7C15) & _MASK
    bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & _MASK
    return ((bits ^ (bits >> 31)) + 0.5) / _UNIT


def run_seconds(world: World, members: Members, tree: int) -> float:
    """Return how long one run takes: that of the newest change, or a log-normal draw that belongs to the tree."""
    own = world.changes[max(members)].build_seconds if members else 0.0
    if own:
        return own
    return world.median_seconds * exp(world.sigma * _NORMAL.inv_cdf(uniform(tree)))


def is_good(world: World, members: Members, landed: set[int]) -> bool:
    """Tell whether the tree of the members on all that landed really passes; what landed is good by itself."""
    for number in members:
        change = world.changes[number]
        if change.fails:
            return False
        if change.conflicts and not (change.conflicts.isdisjoint(members) and change.conflicts.isdisjoint(landed)):
            return False
    return True


def flakes(world: World, tree: int, attempt_count: int) -> bool:
    """Tell whether this run of a good tree fails all the same."""
    return world.flake_ratio > 0.0 and uniform(tree ^ (attempt_count * 0xD1342543DE82EF95)) < world.flake_ratio
