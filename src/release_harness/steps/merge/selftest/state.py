"""A small world and every state that it can be in: three changes, two runners, one dependency."""

from typing import NamedTuple

from release_harness.kernel.records import record

Content = frozenset[str]
"""A tree: which versions of which changes it holds; two equal sets are one tree."""


@record
class SmallWorld:
    """What is true, whatever anybody finds out."""

    changes_count: int = 3
    runners_count: int = 2
    failing: frozenset[int] = frozenset()
    conflict: frozenset[int] = frozenset()
    """Two changes that do not work together, or none."""
    needs: tuple[tuple[int, int], ...] = ((2, 0),)
    """Which change needs which."""
    foreign_breaks: bool = False
    """Whether what somebody else pushes breaks the branch."""

    def is_good(self, tree: Content) -> bool:
        """Tell whether the gate really passes on a tree."""
        if self.foreign_breaks and "foreign" in tree:
            return False
        held = {int(each[1:].split(".")[0]) for each in tree if each != "foreign"}
        return not held & self.failing and not (self.conflict and self.conflict <= held)

    def needs_of(self, number: int) -> frozenset[int]:
        """Return what a change needs."""
        return frozenset(needed for one, needed in self.needs if one == number)


class Run(NamedTuple):
    """One run on its way."""

    base: Content
    members: frozenset[int]
    tree: Content


class Intent(NamedTuple):
    """A landing that was written down and is not finished; `seen` says that the branch was moved for it."""

    members: frozenset[int]
    base: Content
    tree: Content
    proof: str


class Ended(NamedTuple):
    """How a change ended: `landed`, `failed`, `parent`, `head`, `cancelled`; and on which base it was blamed."""

    how: str
    base: Content = frozenset()
    tree: Content = frozenset()


class State(NamedTuple):
    """Everything that is written down, and everything that is on its way."""

    ended: tuple[Ended | None, ...]
    arrived: frozenset[int]
    heads: tuple[int, ...]
    """Where the branch of each change stands."""
    queued: tuple[int, ...]
    """Which head of each was queued."""
    tip: Content
    tips: tuple[tuple[Content, str], ...]
    """Every tip that the branch has had, and who moved it."""
    runs: frozenset[Run]
    answers: frozenset[tuple[Content, int, int, bool]]
    """For each tree: how often it passed, how often it failed, and whether a run of it ended without an answer."""
    frozen: bool
    urgent: frozenset[int]
    intent: Intent | None
    left: int
    """How many more disturbances there may be."""


def begin(world: SmallWorld, disturbances_count: int) -> State:
    """Return the state before anything has happened."""
    count = world.changes_count
    return State(
        ended=(None,) * count,
        arrived=frozenset(),
        heads=(0,) * count,
        queued=(0,) * count,
        tip=frozenset(),
        tips=((frozenset(), "start"),),
        runs=frozenset(),
        answers=frozenset(),
        frozen=False,
        urgent=frozenset(),
        intent=None,
        left=disturbances_count,
    )


def name_of(number: int, head: int) -> str:
    """Name one version of a change."""
    return f"c{number}.{head}"


def tree_of(state: State, members: frozenset[int]) -> Content:
    """Return the tree of the tip with these changes, as they were queued."""
    return state.tip | {name_of(number, state.queued[number]) for number in members}


def answer_of(state: State, tree: Content) -> tuple[int, int, bool]:
    """Return how often a tree passed and failed, and whether a run of it was lost."""
    return next(((passed, failed, lost) for each, passed, failed, lost in state.answers if each == tree), (0, 0, False))


def with_answer(state: State, tree: Content, *, passed: int = 0, failed: int = 0, lost: bool = False) -> State:
    """Add an answer about a tree; counts stop at two, since nothing asks for more."""
    before = answer_of(state, tree)
    rest = frozenset(each for each in state.answers if each[0] != tree)
    after = (tree, min(2, before[0] + passed), min(2, before[1] + failed), lost)
    return state._replace(answers=rest | {after})


def waiting_of(state: State) -> frozenset[int]:
    """Return the changes that have arrived and have no end."""
    return frozenset(number for number in state.arrived if state.ended[number] is None)
