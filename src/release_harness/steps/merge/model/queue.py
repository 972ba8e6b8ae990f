"""Nouns of the queue of one branch: who waits, what runs, what is known, and what a planner proposes."""

from release_harness.kernel.records import record

Members = frozenset[int]
"""Numbers of waiting changes; together on the present tip, merged in the order of their numbers, they make one tree.

The empty set is the tip itself.
"""


@record
class Waiting:
    """One change that waits to land; its number grows with its arrival and never changes."""

    number: int
    arrived_at_seconds: float
    pass_ratio: float
    """Probability that it passes on a good tip, 0 to 1; one common rate where nothing better is known."""
    needs: Members = frozenset()
    """Waiting changes that it is built upon; they land before it or with it."""
    apart_from: Members = frozenset()
    """Earlier waiting changes that it does not merge with; it waits until they are decided."""
    commutes_never: bool = True
    """True when it touches what everything depends on, or when nobody knows what it touches."""
    areas: frozenset[str] = frozenset()
    """Parts of the repository that it touches or reaches; two changes commute only if theirs are disjoint."""
    priority: int = 0
    """Higher goes first, as long as nobody is overtaken too often."""
    overtaken_count: int = 0
    """How many later changes have landed before it."""
    passed_alone: bool = False
    """True when it has passed once by itself on some tip of this branch."""
    cleared: bool = False
    """True when it was part of something that passed on some tip of this branch."""
    held: str = ""
    """Why it may neither be tested nor land now: a draft, a freeze, a pause; empty when it may."""
    alone: bool = False
    """True when its evidence has to come from its own tree, so it is tested as the last of those that land with it."""
    expected_seconds: float = 0.0
    """How long a run of its tests is expected to take; 0 when nobody knows."""


@record
class Running:
    """One run of the gate on one tree."""

    id: str
    members: Members
    started_at_seconds: float
    holds: bool = True
    """False when the tip has moved under it: it can still tell that its one change passes alone, and nothing more."""


@record
class Snapshot:
    """The queue of one branch at one moment, as far as it still holds on the present tip."""

    now_seconds: float
    waiting: tuple[Waiting, ...]
    """In the order of their numbers."""
    runners_count: int
    running: tuple[Running, ...] = ()
    passed: frozenset[Members] = frozenset()
    """What passed, exactly or by a proof that it commutes with what landed since."""
    failed: frozenset[Members] = frozenset()
    """What failed, and was run again as often as the policy on flakes asks."""
    once_more: frozenset[Members] = frozenset()
    """What failed and is to be run once more before anybody believes it."""
    suspected: frozenset[Members] = frozenset()
    """What failed on this or an earlier tip, without the members that passed since; a hint, never a proof."""
    merge_conflicts: frozenset[Members] = frozenset()
    """What does not merge onto the tip: no tree, no run."""
    tip_passed: bool | None = None
    """Whether the tip itself passes; None when nobody has looked."""
    lanes: bool = False
    """True when changes that commute need not wait for each other."""


@record
class Memory:
    """What a planner wants to be told again next time; losing it costs time and nothing else."""

    stack: tuple[Members, ...] = ()
    """Batches that are still to be tested, the next one last."""
    window: int = 0
    """How many changes at the head are tested at once; 0 before the first time."""


@record
class Proposal:
    """What a planner would do now; it does nothing by itself, and the lander believes none of it."""

    land: Members = frozenset()
    """One set that would land as the tree that passed; empty for none."""
    reject: tuple[int, ...] = ()
    """Changes that would be sent back as failing on the tip."""
    cancel: tuple[str, ...] = ()
    """Runs whose result can no longer be of use."""
    start: tuple[Members, ...] = ()
    """Sets to be tested, the most wanted first."""
    memory: Memory = Memory()


@record
class Options:
    """The numbers that a planner can be set up with; those it has no use for are ignored."""

    window_count: int = 20
    window_least_count: int = 3
    window_moves: bool = True
    """False for a window that neither grows nor shrinks."""
    batch_count: int = 1
    most_count: int = 64
    """Never more changes in one run than this."""
    least_pass_ratio: float = 0.25
    """No run is started that passes less likely than this, unless nothing else runs."""
    risky_from_ratio: float = 0.06
    """From this probability of failing on, a change has to pass alone first."""
    passed_alone_ratio: float = 0.97
    """Probability of passing with others, once a change has passed alone."""
    failure_depth: int = 0
    """How many later runs a failed one waits for before it counts."""
    cleared_ratio: float = 0.98
    """Probability of passing with others, once a change has passed as part of anything."""
    landing_least_ratio: float = 0.45
    """A landing run passes at least as likely as this; among those, the one is taken that lands the most on average."""
    rider_least_ratio: float = 0.55
    """While all that waits passes together more likely than this, a newcomer rides along instead of being scouted."""
    least_depth_ratio: float = 0.12
    """An idle runner takes a cut only if it splits what is not known into shares of at least this probability."""
    threshold_ratio: float = 0.0
    """No speculative run is started whose assumptions are less likely than this."""
    preempt: bool = True
    """Whether a run may be stopped for one that is worth at least twice as much."""
