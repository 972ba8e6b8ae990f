"""Nouns of the lander: what is claimed about a set of changes, and what stands against it."""

from enum import Enum

from release_harness.kernel.digests import CommitId, Sha256, TreeId
from release_harness.kernel.records import record
from release_harness.steps.merge.model import RunOutcome


class Invariant(Enum):
    """What always holds; an objection names the one that would be broken."""

    TESTED_TREE = "1: every tip of the branch carries a stored pass for its exact tree and gate"
    OLD_GATE_FIRST = "2: the gate comes from the landed base, and a change to it is judged by the old one and the new"
    APPROVED_HEAD = "3: what lands is the head that was approved"
    TESTED_BASE = "4: the branch moves by compare-and-swap on the tested base"
    ONE_END = "5: each change reaches exactly one end"
    ONCE = "6: landing is done once"
    PARENTS_FIRST = "7: what lands contains what it needs"
    PROVEN_BLAME = "8: a change is sent back only when the base passes and the base with it fails"
    BOUNDED_WAIT = "9: nobody is overtaken without bound"
    FREEZE = "10: nothing lands in a freeze but by the emergency lane"
    BUDGET = "11: no more runs than runners"
    NO_WASTE = "12: no run is stopped whose assumptions still hold"


@record
class Verdict:
    """One stored answer of the gate: which tree, judged by which gate, in which environment."""

    tree: TreeId
    gate: Sha256
    environment: Sha256
    outcome: RunOutcome
    run: str
    """Id of the run that says so."""


@record
class Candidate:
    """One change that would land or be sent back, as the lander sees it at this moment."""

    number: int
    head: CommitId
    head_now: CommitId | None
    """Where its branch stands now; None when it is gone."""
    waits: bool
    """False when it has an end already."""
    may_pass: bool
    """Whether the policy passes for this content, apart from what the gate says of the tree."""
    on_branch: bool = False
    """Whether its content is on the branch already."""
    needs: frozenset[int] = frozenset()
    """Changes that it needs and that have not landed."""
    held: str = ""
    """Why it may not land now: a draft, a freeze, a pause; empty when it may."""
    emergency: bool = False


@record
class Overtaken:
    """A change that arrived earlier than something that would land, and stays behind."""

    number: int
    count: int
    """How many have overtaken it so far."""
    held: bool = False
    """A change that is held, or that waits for another one, is not overtaken."""


@record
class LandingClaim:
    """Everything that a landing rests on."""

    tip: CommitId
    tip_now: CommitId
    tree: TreeId
    """The tree that the branch would have."""
    candidates: tuple[Candidate, ...]
    gate: Sha256
    """Digest of the gate as the tip has it."""
    gate_after: Sha256
    """Digest of the gate as the tree has it."""
    environment: Sha256
    verdicts: tuple[Verdict, ...]
    behind: tuple[Overtaken, ...] = ()
    most_overtakes_count: int = 20
    commutes_from: tuple[Verdict, ...] = ()
    """For a landing by a commuting proof: the pass of the set on an earlier tip."""
    commutes: bool = False
    """Whether all that landed since that tip is known to commute with the set."""


@record
class BlameClaim:
    """Everything that sending a change back as failing rests on."""

    candidate: Candidate
    base: TreeId
    """The tree that it was tested on."""
    tree: TreeId
    """That base with the change and nothing else."""
    gate: Sha256
    environment: Sha256
    verdicts: tuple[Verdict, ...]
    failures_wanted_count: int = 1
    """How often the tree has to have failed, by the policy on flakes."""


@record
class Objection:
    """Why something that a planner proposed is not done."""

    invariant: Invariant
    says: str
    numbers: tuple[int, ...] = ()


@record
class Granted:
    """The lander's answer: what stands against it, and by which proof it would land."""

    objections: tuple[Objection, ...] = ()
    proof: str = ""
    """`exact` or `commuting`; empty when it may not."""

    @property
    def given(self) -> bool:
        """Whether nothing stands against it."""
        return not self.objections
