"""Nouns of the search of the queue's states."""

from release_harness.kernel.records import record
from release_harness.kernel.verdict import Outcome


@record
class Fault:
    """A state that breaks an invariant, in which world, and the shortest way to it."""

    says: str
    world: str
    way: tuple[str, ...]


@record
class SelftestReport:
    """What `rh selftest queue` answers (`rh.selftest/1`)."""

    outcome: Outcome
    says: str
    planner: str
    disturbances: int
    worlds_count: int
    states_count: int
    steps_count: int
    faults: tuple[Fault, ...] = ()
