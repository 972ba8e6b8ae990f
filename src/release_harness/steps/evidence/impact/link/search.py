"""Searches backwards from some symbols: what leads to them, the surest and then the shortest ways first."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple, Protocol

from release_harness.steps.evidence.impact.graph import Node
from release_harness.steps.evidence.impact.link import known_names, reasons
from release_harness.steps.evidence.impact.link.before import Before
from release_harness.steps.evidence.impact.link.reasons import REASONS
from release_harness.steps.evidence.impact.link.states import State, Step

REMEMBERED_COUNT = 150_000
"""So many states are remembered of the searches of one tree, some tens of megabytes; searches beyond are done again."""
_REGISTERS = REASONS[reasons.REGISTERS].words
_DEFINES = REASONS[reasons.DEFINES].words
_BY_LIBRARY = frozenset(REASONS[each].words for each in (reasons.HOOK, reasons.HOOK_BY_NAME, reasons.CALLBACK))

Link = tuple[State, Step] | None
"""The state after one, and the step between them; None at the start."""
Registered = Mapping[str, AbstractSet[tuple[str, int]]]
"""Handlers and middleware -> path and line of every place where they are handed to a framework."""
_Lengths = dict[int, dict[State, list[Link]]]
"""Length of a way -> the states that such ways begin at, each with where they go on."""


class Level(NamedTuple):
    """The states that ways of one confidence and one length begin at."""

    rank: int
    states: Iterable[tuple[State, Sequence[Link]]]
    """Each with where it goes on, sorted; they have to be gone through before the next level is asked for."""


class Ways(Protocol):
    """What a search found so far."""

    ways: dict[State, Link]
    """State -> where its best way goes on."""
    held: dict[State, list[Node]]
    """Targets that the ways from a state so far are no ways of: all other ways from there are told as well."""

    def levels(self) -> Iterator[Level]:
        """Yield what leads to the start, level by level."""
        ...


def _hands_over(step: Step, places: AbstractSet[tuple[str, int]]) -> bool:
    """Tell whether a step only hands a handler to the framework: who builds an application runs none of its routes."""
    if step.reason == _REGISTERS:
        return False
    return step.reason == _DEFINES or (step.state[0].partition(":")[0], step.line) in places


class Search:
    """One search, which goes only as far as it is asked to."""

    def __init__(self, before: Before, registered: Registered, starts: Iterable[str]) -> None:
        """Take what leads to what, what is handed to frameworks, and the symbols to begin at."""
        self._before = before
        self._registered = registered
        self._waiting: tuple[_Lengths, ...] = ({0: {(each, ""): [None] for each in sorted(set(starts))}}, {}, {})
        self.ways: dict[State, Link] = {}
        self.held: dict[State, list[Node]] = {}

    def levels(self) -> Iterator[Level]:
        """Yield what leads to the start, level by level; can be gone through once."""
        for rank, lengths in enumerate(self._waiting):
            while lengths:
                length = min(lengths)
                yield Level(rank, self._states(rank, length, lengths.pop(length)))

    def _states(
        self, rank: int, length: int, level: Mapping[State, list[Link]]
    ) -> Iterator[tuple[State, Sequence[Link]]]:
        ways, held = self.ways, self.held
        for state, links in level.items():
            again = state in ways
            if again and state not in held:
                continue
            if len(links) > 1:
                links.sort()
            if not again:
                ways[state] = links[0]
                self._extend(state, rank, length + 1)
            yield state, links

    def _extend(self, state: State, rank: int, length: int) -> None:
        """Put what leads to a state among what waits, by how sure and how long the way is then."""
        ways, held, waiting = self.ways, self.held, self._waiting
        places = self._registered.get(state[0])
        own = places is not None and state[0].rpartition(".")[2] not in known_names.HOOK_NAMES
        for step in self._before.before(state):
            if places is not None and (_hands_over(step, places) or (own and step.reason in _BY_LIBRARY)):
                continue  # an extra action of a viewset is called by its own address, not whenever the class is used
            source = step.state
            if source in ways and source not in held:
                continue
            lengths = waiting[max(rank, step.rank)]
            level = lengths.get(length)
            if level is None:
                level = lengths[length] = {}
            links = level.get(source)
            if links is None:
                level[source] = [(state, step)]
            else:
                links.append((state, step))


class Remembered:
    """A search whose levels can be gone through again; nothing may be held in it."""

    def __init__(self, search: Search) -> None:
        """Take a search that nobody else goes on with."""
        self.ways = search.ways
        self.held: dict[State, list[Node]] = {}
        self._going = search.levels()
        self._known: list[tuple[int, list[State]]] = []

    def levels(self) -> Iterator[Level]:
        """Yield what leads to the start, level by level: what was found before, and then what is found now."""
        at = 0
        while True:
            if at == len(self._known):
                level = next(self._going, None)
                if level is None:
                    return
                self._known.append((level.rank, [state for state, _ in level.states]))
            rank, states = self._known[at]
            yield Level(rank, ((state, (self.ways[state],)) for state in states))
            at += 1


class Searches:
    """The searches of one tree: who asks for the same symbols again finds what was found."""

    def __init__(self, before: Before, registered: Registered) -> None:
        """Take what leads to what, and what is handed to frameworks."""
        self._before = before
        self._registered = registered
        self._known: dict[tuple[str, ...], Remembered] = {}

    def search(self, starts: Sequence[str], *, alone: bool) -> Ways:
        """Return the search from some symbols; `alone` for one in which something is to be held."""
        if alone:
            return Search(self._before, self._registered, starts)
        key = tuple(sorted(set(starts)))
        known = self._known.get(key)
        if known is None:
            known = Remembered(Search(self._before, self._registered, key))
            if sum(len(each.ways) for each in self._known.values()) < REMEMBERED_COUNT:
                self._known[key] = known
        return known


def length_of(state: State, link: Link, ways: Mapping[State, Link], known: dict[State, int]) -> int:
    """Return how many steps a way has; `known` keeps the lengths of best ways."""
    passed: list[State] = []
    length = 0
    while link is not None:
        passed.append(state)
        state = link[0]
        if state in known:
            length = known[state]
            break
        link = ways[state]
    for at in range(len(passed) - 1, -1, -1):
        length += 1
        if at:  # the first step of all may be another one than the best from there
            known[passed[at]] = length
    return length
