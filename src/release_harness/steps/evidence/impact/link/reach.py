"""The graph of references of a linked tree: ways from targets to seeds, the surest and then the shortest first."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from release_harness.steps.evidence.impact.graph import Edge, Node, Reached
from release_harness.steps.evidence.impact.link import reasons
from release_harness.steps.evidence.impact.link.before import Before
from release_harness.steps.evidence.impact.link.cut import why_cut_short
from release_harness.steps.evidence.impact.link.reasons import REASONS
from release_harness.steps.evidence.impact.link.record import SEPARATOR
from release_harness.steps.evidence.impact.link.search import Link, Registered, Searches, Ways, length_of
from release_harness.steps.evidence.impact.link.states import HOLDER, REGISTRY, State, Step
from release_harness.steps.evidence.impact.link.table import Row
from release_harness.steps.evidence.impact.link.target_states import TargetStates
from release_harness.steps.evidence.model.impact import Confidence

_CONFIDENCES = (Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW)


class Graph:
    """See `ReferenceGraph`."""

    def __init__(
        self,
        before: Before,
        *,
        nodes_count: int,
        calls_count: int,
        unresolved_count: int,
        dropped: Mapping[str, int],
        registered: Registered = MappingProxyType({}),
        functions_in: Callable[[str], Iterable[str]] = lambda _path: (),
    ) -> None:
        """Take what leads to what, the counts, and where handlers are handed to a framework."""
        self._before = before
        self._searches = Searches(before, registered)
        self._target_states = TargetStates(before)
        self._functions_in = functions_in
        self._nodes_count = nodes_count
        self._calls_count = calls_count
        self._unresolved_count = unresolved_count
        self._dropped = dropped

    @property
    def nodes_count(self) -> int:
        """How many symbols."""
        return self._nodes_count

    @property
    def edges_count(self) -> int:
        """How many edges."""
        return self._before.edges.count()

    @property
    def calls_count(self) -> int:
        """How many calls were read."""
        return self._calls_count

    @property
    def unresolved_calls_count(self) -> int:
        """How many of them lead nowhere that reading can tell, and not to a library."""
        return self._unresolved_count

    @property
    def dropped(self) -> Mapping[str, int]:
        """What was dropped on purpose, by cause; what a search drops is counted when it is met."""
        found = dict(self._dropped)
        for cause, count in self._before.dropped.items():
            found[cause] = found.get(cause, 0) + count
        return dict(sorted(found.items()))

    def reaching(
        self,
        seeds: Iterable[str],
        targets: Iterable[Node],
        referrers: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> Mapping[tuple[Node, str], Reached]:
        """Return, for each target and seed, the best way from target to seed, where there is one."""
        found: dict[tuple[Node, str], Reached] = {}
        for seed, search, met in self._found(seeds, targets, referrers):
            told: dict[State, tuple[Edge, ...]] = {}
            for each in met:
                found[each.target, seed] = self._reached(each, search, told)
        return found

    def nearest(
        self,
        seeds: Iterable[str],
        targets: Iterable[Node],
        referrers: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> Mapping[tuple[Node, str], tuple[Confidence, int]]:
        """Return what `reaching` says of each way, without the way itself: how sure it is, and how many steps long."""
        found: dict[tuple[Node, str], tuple[Confidence, int]] = {}
        for seed, search, met in self._found(seeds, targets, referrers):
            lengths: dict[State, int] = {}
            for each in met:
                length = length_of(each.state, each.link, search.ways, lengths)
                handed = self._node(each.state).symbol != each.target.symbol
                found[each.target, seed] = _CONFIDENCES[each.rank], length + handed
        return found

    def _found(
        self, seeds: Iterable[str], targets: Iterable[Node], referrers: Mapping[str, Sequence[str]]
    ) -> "Iterator[tuple[str, Ways, Iterator[_Met]]]":
        """Yield each seed with its search and the targets that it meets."""
        wanted: dict[State, list[Node]] = {}
        every = sorted(set(targets))
        bases = self._before.hierarchy.bases
        alone = any(each.without and each.symbol in bases for each in every)
        for target in every:
            for state in self._target_states.of(target):
                wanted.setdefault(state, []).append(target)
        for seed in sorted(set(seeds)) if every else ():
            search = self._searches.search(referrers.get(seed) or (seed,), alone=alone)
            yield seed, search, self._search(search, wanted, len(every))

    def _search(self, search: Ways, wanted: Mapping[State, list[Node]], count: int) -> "Iterator[_Met]":
        """Yield the targets that a search meets; of ways that are equally sure and long the one that sorts first is told."""
        met: set[Node] = set()
        held = search.held  # targets that the ways to their class so far are no ways of
        for rank, states in search.levels():
            for state, links in states:
                left = held.pop(state, None) or wanted.get(state, [])
                for link in links if left else ():
                    told, left = self._parted(left, link, met)
                    for target in told:
                        yield _Met(target, rank, state, link)
                if left:
                    held[state] = left
            if len(met) == count:
                return

    def _parted(self, targets: list[Node], link: Link, met: set[Node]) -> tuple[list[Node], list[Node]]:
        """Return the targets that a way leads from, which are met with that, and those that it is no way of."""
        found: list[Node] = []
        left: list[Node] = []
        for target in targets:
            if target in met:
                continue
            if target.without and self._is_of_another(target, None if link is None else link[0]):
                left.append(target)
            else:
                met.add(target)
                found.append(target)
        return found, left

    def _is_of_another(self, target: Node, after: State | None) -> bool:
        """Tell whether a way leads through a member of the target's class that is an entry point of its own."""
        owner, _, name = after[0].rpartition(".") if after else ("", "", "")
        return name in target.without and owner in self._before.hierarchy.mro(target.symbol)

    def _reached(self, met: "_Met", search: Ways, told: dict[State, tuple[Edge, ...]]) -> Reached:
        target, started = met.target, self._node(met.state)
        way = self._way(met.state, met.link, search.ways, told)
        if started.symbol != target.symbol:
            is_class = target.symbol in self._before.hierarchy.bases
            rule = REASONS[reasons.HANDLER_CLASS if is_class else reasons.SUPER_LIBRARY]
            way = (Edge(target._replace(without=()), started, rule.confidence, rule.words, 0), *way)
        later = any(each.asynchronous for each in way)
        return Reached(target, _CONFIDENCES[met.rank], len(way), later, way)

    def _way(
        self, state: State, link: Link, ways: Mapping[State, Link], told: dict[State, tuple[Edge, ...]]
    ) -> tuple[Edge, ...]:
        """Return the edges of a way; ways run together towards the seed, and what was `told` of a state is not told again."""
        passed: list[tuple[State, Edge]] = []
        way: tuple[Edge, ...] = ()
        while link is not None:
            after, step = link
            passed.append((state, self._edge(state, after, step)))
            known = told.get(after)
            if known is not None:
                way = known
                break
            state, link = after, ways[after]
        for at in range(len(passed) - 1, -1, -1):
            way = (passed[at][1], *way)
            if at:  # the first step of all may be another one than the best from there
                told[passed[at][0]] = way
        return way

    def _edge(self, source: State, target: State, step: Step) -> Edge:
        confidence = _CONFIDENCES[step.rank]
        return Edge(self._node(source), self._node(target), confidence, step.reason, step.line, step.asynchronous)

    def _node(self, state: State) -> Node:
        symbol, receiver = state
        own = receiver in {"", REGISTRY, HOLDER} or symbol.rpartition(".")[0] == receiver
        return Node(symbol, "" if own else receiver)

    def cut_short(self, symbol: str) -> str:
        """Return why what uses a symbol was not followed to its end, or empty when it was."""
        return why_cut_short(self._before, symbol)

    def functions_in(self, path: str) -> Iterable[str]:
        """Return the qualified names of the functions and methods of a file that is linked."""
        return self._functions_in(path)

    def referrers(self, symbol: str) -> Iterable[Edge]:
        """Return every edge that leads to a symbol under any receiver."""
        return [self._edge(each.state, (symbol, ""), each) for each in self._before.before((symbol, ""))]

    def references(self, symbol: str) -> Iterable[Edge]:
        """Return every edge that leaves a symbol under any receiver."""
        found: list[Edge] = []
        owner = self._owner(symbol)
        for row in self._before.edges.out_of(symbol):
            rule = REASONS[row.reason]
            if not rule.weak:
                found.extend(
                    Edge(self._node((symbol, "")), node, rule.confidence, rule.words, row.line, rule.asynchronous)
                    for node in self._targets(row, owner)
                )
        return found

    def _owner(self, symbol: str) -> str:
        owner = symbol
        while owner and owner not in self._before.hierarchy.bases:
            owner = owner.rpartition(".")[0]
        return owner

    def _targets(self, row: Row, owner: str) -> Iterator[Node]:
        form, rest = row.target[0], row.target[1:]
        hierarchy = self._before.hierarchy
        if form == "S":
            yield Node(rest)
        elif form in {"M", "F", "U"}:
            base, _, name = rest.partition(SEPARATOR)
            receiver = base if form == "M" else owner
            definer = hierarchy.definer(receiver, name, after=base if form == "U" else "") if name else receiver
            if definer:
                yield self._node((f"{definer}.{name}" if name else definer, receiver))
        elif form == "N":
            for each in self._before.definers(rest)[:12]:
                yield Node(f"{each}.{rest}")

    def importers(self, path: str) -> Iterable[Edge]:
        """Return who imports a module; importing runs its statements, but nothing else of it."""
        rows = self._before.edges.into(f"S{path}:")
        rule = REASONS[reasons.IMPORTS]
        return [
            Edge(Node(row.source), Node(f"{path}:"), rule.confidence, rule.words, row.line)
            for row in rows
            if row.reason == reasons.IMPORTS
        ]

    def holders(self, text: str) -> Iterable[Edge]:
        """Return who holds a text without white space, such as the name of a template, key, flag or task."""
        rule = REASONS[reasons.TEXT]
        return [
            Edge(Node(row.source), Node(row.target), rule.confidence, rule.words, row.line)
            for row in self._before.edges.into("T" + text)
        ]

    def importers_of_name(self, symbol: str) -> Iterable[Edge]:
        """Return who imports a name; that alone uses nothing of it."""
        rule = REASONS[reasons.IMPORTS_NAME]
        return [
            Edge(Node(row.source), Node(symbol), rule.confidence, rule.words, row.line)
            for row in self._before.edges.into("S" + symbol)
            if row.reason == reasons.IMPORTS_NAME
        ]


class _Met(NamedTuple):
    """A target that a search met."""

    target: Node
    rank: int
    state: State
    link: Link
    """Where its way goes on."""
