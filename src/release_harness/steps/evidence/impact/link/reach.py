"""The graph of references of a linked tree: ways from targets to seeds, the surest and then the shortest first."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from types import MappingProxyType

from release_harness.steps.evidence.impact.graph import Edge, Node, Reached
from release_harness.steps.evidence.impact.link import known_names, reasons
from release_harness.steps.evidence.impact.link.before import Before
from release_harness.steps.evidence.impact.link.cut import why_cut_short
from release_harness.steps.evidence.impact.link.reasons import REASONS
from release_harness.steps.evidence.impact.link.record import SEPARATOR
from release_harness.steps.evidence.impact.link.states import HOLDER, REGISTRY, State, Step
from release_harness.steps.evidence.impact.link.table import Row
from release_harness.steps.evidence.model.impact import Confidence

_CONFIDENCES = (Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW)
_REGISTERS = REASONS[reasons.REGISTERS].words
_DEFINES = REASONS[reasons.DEFINES].words
_SUPER_LIMIT = 10
_BY_LIBRARY = frozenset(REASONS[each].words for each in (reasons.HOOK, reasons.HOOK_BY_NAME, reasons.CALLBACK))


_Link = tuple[State, Step] | None
"""The state after one, and the step between them; None at the seed."""
_Lengths = dict[int, dict[State, list[_Link]]]
"""Length of a way -> the states that such ways begin at, each with where they go on."""


def _hands_over(step: Step, places: AbstractSet[tuple[str, int]]) -> bool:
    """Tell whether a step only hands a handler to the framework: who builds an application runs none of its routes."""
    if step.reason == _REGISTERS:
        return False
    return step.reason == _DEFINES or (step.state[0].partition(":")[0], step.line) in places


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
        registered: Mapping[str, AbstractSet[tuple[str, int]]] = MappingProxyType({}),
        functions_in: Callable[[str], Iterable[str]] = lambda _path: (),
    ) -> None:
        """Take what leads to what, the counts, and where handlers are handed to a framework."""
        self._before = before
        self._registered = registered
        self._functions_in = functions_in
        self._parts: dict[tuple[str, str], bool] = {}
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
        wanted: dict[State, list[Node]] = {}
        every = sorted(set(targets))
        for target in every:
            for state in self._states(target):
                wanted.setdefault(state, []).append(target)
        found: dict[tuple[Node, str], Reached] = {}
        for seed in sorted(set(seeds)):
            for target, reached in self._search(referrers.get(seed) or (seed,), wanted, len(every)):
                found[target, seed] = reached
        return found

    def _states(self, target: Node) -> Iterator[State]:
        """Yield the states in which a target counts as reached.

        A class that handles runs every member it has, and so does a method that leaves the rest to the library above its class.
        """
        symbol = target.symbol
        yield (symbol, "")
        bases = self._before.hierarchy.bases
        if symbol in bases:
            yield from self._members(symbol, target)
            return
        owner = symbol.rpartition(".")[0]
        if target.receiver or owner in bases:
            yield (symbol, target.receiver or owner)
            if owner in bases and self._goes_on_in_library(symbol, target.receiver or owner, 0):
                yield from self._members(target.receiver or owner, target)

    def _members(self, owner: str, target: Node) -> Iterator[State]:
        hierarchy = self._before.hierarchy
        for name in sorted({name for base in hierarchy.mro(owner) for name in hierarchy.members.get(base, ())}):
            if name in target.without:
                continue
            definer = hierarchy.definer(owner, name)
            part = self._parts.get((owner, name))
            if part is None:
                part = self._parts[owner, name] = self._only_own_members_use(owner, definer, name)
            if part:
                continue
            yield (f"{definer}.{name}", owner)
            yield (f"{definer}.{name}", "")

    def _only_own_members_use(self, owner: str, definer: str, name: str) -> bool:
        """Tell whether a method is a part of others: its class alone calls it, by `self`, so that no library does."""
        named_by_all = name in known_names.HOOK_NAMES or name in known_names.STOP_NAMES
        if named_by_all or self._before.letters.get(definer, {}).get(name) != "f":
            return False
        into = self._before.edges.into
        order = self._before.hierarchy.mro(owner)
        itself = f"{definer}.{name}"
        if not any(row.source != itself for each in order for row in into(f"F{each}{SEPARATOR}{name}")):
            return False
        return not any(into(f"{form}{name}") for form in "NP") and not any(
            into(f"M{each}{SEPARATOR}{name}") for each in order
        )

    def _goes_on_in_library(self, symbol: str, receiver: str, depth: int) -> bool:
        """Tell whether a method goes on, through `super`, in a library: that runs what the class of the receiver has for it."""
        owner, _, name = symbol.rpartition(".")
        edges, hierarchy = self._before.edges, self._before.hierarchy
        if any(
            row.source == symbol and row.reason == reasons.SUPER_LIBRARY for row in edges.into(f"F{owner}{SEPARATOR}")
        ):
            return True
        if depth < _SUPER_LIMIT and any(row.source == symbol for row in edges.into(f"U{owner}{SEPARATOR}{name}")):
            definer = hierarchy.definer(receiver, name, after=owner)
            return bool(definer) and self._goes_on_in_library(f"{definer}.{name}", receiver, depth + 1)
        return False

    def _search(
        self, starts: Sequence[str], wanted: Mapping[State, list[Node]], count: int
    ) -> Iterator[tuple[Node, Reached]]:
        """Yield the targets that lead to any of some symbols; of ways that are equally sure and long the one that sorts first is told."""
        ways: dict[State, _Link] = {}
        met: set[Node] = set()
        held: dict[State, list[Node]] = {}  # targets that the ways to their class so far are no ways of
        waiting: tuple[_Lengths, ...] = ({0: {(each, ""): [None] for each in sorted(set(starts))}}, {}, {})
        for rank, lengths in enumerate(waiting):
            while lengths and len(met) < count:
                length = min(lengths)
                for state, links in lengths.pop(length).items():
                    again = state in ways
                    if again and state not in held:
                        continue
                    if len(links) > 1:
                        links.sort()
                    if not again:
                        ways[state] = links[0]
                        self._extend(state, rank, length + 1, waiting, ways, held)
                    left = held.pop(state) if again else wanted.get(state, [])
                    for link in links if left else ():
                        told, left = self._parted(left, link, met)
                        for target in told:
                            yield target, self._reached(target, rank, state, link, ways)
                    if left:
                        held[state] = left

    def _extend(
        self,
        state: State,
        rank: int,
        length: int,
        waiting: "tuple[_Lengths, ...]",
        ways: Mapping[State, "_Link"],
        held: Mapping[State, list[Node]],
    ) -> None:
        """Put what leads to a state among what waits, by how sure and how long the way is then."""
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

    def _parted(self, targets: list[Node], link: "_Link", met: set[Node]) -> tuple[list[Node], list[Node]]:
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

    def _reached(self, target: Node, rank: int, state: State, link: "_Link", ways: Mapping[State, "_Link"]) -> Reached:
        edges: list[Edge] = []
        started = self._node(state)
        if started.symbol != target.symbol:
            is_class = target.symbol in self._before.hierarchy.bases
            rule = REASONS[reasons.HANDLER_CLASS if is_class else reasons.SUPER_LIBRARY]
            edges.append(Edge(target._replace(without=()), started, rule.confidence, rule.words, 0))
        while link is not None:
            after, step = link
            edges.append(self._edge(state, after, step))
            state, link = after, ways[after]
        later = any(each.asynchronous for each in edges)
        return Reached(target, _CONFIDENCES[rank], len(edges), later, tuple(edges))

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
