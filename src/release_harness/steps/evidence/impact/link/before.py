"""What leads to a node: the edges of the files, and those that only the whole tree can tell."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from release_harness.steps.evidence.impact.entries.contract import HookEdge
from release_harness.steps.evidence.impact.link import known_names, reasons
from release_harness.steps.evidence.impact.link.families import may_mean, scope_of
from release_harness.steps.evidence.impact.link.hierarchy import SUBCLASSES_LIMIT, Hierarchy
from release_harness.steps.evidence.impact.link.reasons import RANK, REASONS
from release_harness.steps.evidence.impact.link.record import SEPARATOR
from release_harness.steps.evidence.impact.link.sharing import last_of, snake_case
from release_harness.steps.evidence.impact.link.states import HOLDER, REGISTRY, State, Step, step_of
from release_harness.steps.evidence.impact.link.table import Edges, Row

DEFINERS_LIMIT = 12
MENTIONED_LIMIT = 3
FAMILIES_LIMIT = 3


class Before:
    """Answers what leads to a state; every answer is kept."""

    def __init__(
        self,
        edges: Edges,
        hierarchy: Hierarchy,
        letters: Mapping[str, Mapping[str, str]],
        hooks: Iterable[HookEdge],
        is_function: Callable[[str], bool],
    ) -> None:
        """Take the edges and the class table; `letters` says what each member of a class is."""
        self._is_function = is_function
        self.edges = edges
        self.hierarchy = hierarchy
        self.letters = letters
        self.dropped: dict[str, int] = {}
        self.texts: dict[str, list[tuple[str, int, bool]]] = {}
        """Symbol -> (text, reason, whether it runs later) by which others name what is registered."""
        self._hooks: dict[str, list[HookEdge]] = {}
        for hook in hooks:
            self._hooks.setdefault(hook.target, []).append(hook)
        self._known: dict[State, list[Step]] = {}
        self._rows_of_family: dict[tuple[str, tuple[str, str]], list[Row]] = {}
        self._definers: dict[str, list[str]] | None = None
        self._named: dict[str, list[str]] | None = None
        self._dropped_bases: set[str] = set()
        self._drops: list[tuple[str, str]] = []
        self._drops_of: dict[State, list[tuple[str, str]]] = {}
        self._earlier: Before | None = None
        self._moved: frozenset[str] = frozenset()

    @property
    def hooks(self) -> Mapping[str, list[HookEdge]]:
        """The edges that only frameworks know, by where they lead to."""
        return self._hooks

    def begin_with(self, earlier: "Before", moved: frozenset[str]) -> None:
        """Take the answers that hold for another tree: all but those about symbols whose last name moved."""
        self._earlier = earlier
        self._moved = moved

    def answered(self, state: State) -> tuple[list[Step], list[tuple[str, str]]]:
        """Return what was answered about a state, and what was dropped for it; nothing when nobody asked."""
        return self._known.get(state, []), self._drops_of.get(state, [])

    def before(self, state: State) -> list[Step]:
        """Return the steps that lead to a state, sorted."""
        known = self._known.get(state)
        if known is None:
            known = self._known[state] = self._taken_over(state) or self._sorted(state)
        return known

    def _sorted(self, state: State) -> list[Step]:
        found = sorted(set(self._before(state)), key=lambda each: (each.rank, each.state, each.line, each.reason))
        if self._drops:
            self._drops_of[state] = self._drops
            self._drops = []
        return found

    def _taken_over(self, state: State) -> list[Step] | None:
        """Return the steps that another tree has; what it dropped for them is dropped here too."""
        if self._earlier is None or last_of(state[0]) in self._moved:
            return None
        found, drops = self._earlier.answered(state)
        for cause, owner in drops:
            self._count(cause, owner)
        if drops:
            self._drops_of[state] = drops
        return found

    def _before(self, state: State) -> Iterator[Step]:
        symbol, receiver = state
        for row in self.edges.into("S" + symbol):
            if not REASONS[row.reason].weak:
                yield self._direct(row, receiver)
        if receiver == REGISTRY:
            return
        if receiver == HOLDER:
            receiver = ""
        for hook in self._hooks.get(symbol, ()):
            if not receiver or not hook.receiver or receiver == hook.receiver:
                yield Step((hook.source, ""), RANK[hook.confidence], hook.reason, hook.line, hook.asynchronous)
        yield from self._by_text(symbol)
        if symbol in self.hierarchy.bases:
            yield from self._constructs(symbol)
        owner, _, name = symbol.rpartition(".")
        if owner in self.hierarchy.bases:
            yield from self._member(owner, name, receiver)

    def _direct(self, row: Row, receiver: str) -> Step:
        if row.reason == reasons.REGISTERS:
            return step_of(row, REGISTRY)
        if receiver == REGISTRY:
            return step_of(row, "", reasons.HOLDS_REGISTRY)
        if row.reason == reasons.DECLARES:
            return step_of(row, HOLDER)
        if receiver == HOLDER:
            if row.reason == reasons.INHERITS:
                return step_of(row, HOLDER)
            far = row.source.rpartition(".")[0] in self.hierarchy.bases and self._letter(row.source) == "v"
            return step_of(row, "", reasons.DECLARED_FAR if far and RANK[REASONS[row.reason].confidence] == 0 else -1)
        return step_of(row, receiver if row.reason == reasons.DEFINES else "")

    def _constructs(self, owner: str) -> Iterator[Step]:
        """Yield who makes an instance of its own class: `cls()` in a class method."""
        for each in self.hierarchy.mro(owner):
            for row in self.edges.into(f"F{each}{SEPARATOR}"):
                yield step_of(row, owner)

    def _member(self, owner: str, name: str, receiver: str) -> Iterator[Step]:
        hierarchy = self.hierarchy
        receivers: Sequence[str] = (receiver,) if receiver else self._receivers(owner)
        for each in receivers:
            if hierarchy.definer(each, name) == owner:
                yield from self._bound(owner, name, each)
            yield from self._through_super(owner, name, each)
        if self._letter(f"{owner}.{name}") not in {"v", "c"}:
            yield from self._by_name(owner, name)

    def _letter(self, symbol: str) -> str:
        owner, _, name = symbol.rpartition(".")
        return self.letters.get(owner, {}).get(name, "")

    def _receivers(self, owner: str) -> Sequence[str]:
        below = self.hierarchy.subclasses(owner)
        if len(below) > SUBCLASSES_LIMIT:
            self._drop_base(owner)
            return (owner,)
        return (owner, *below)

    def _drop_base(self, owner: str) -> None:
        self._drop(f"classes with more than {SUBCLASSES_LIMIT} subclasses", owner)

    def _drop(self, cause: str, owner: str = "") -> None:
        """Note that something was left out; of an owner only once."""
        self._drops.append((cause, owner))
        self._count(cause, owner)

    def _count(self, cause: str, owner: str) -> None:
        if owner in self._dropped_bases:
            return
        if owner:
            self._dropped_bases.add(owner)
        self.dropped[cause] = self.dropped.get(cause, 0) + 1

    def _bound(self, owner: str, name: str, receiver: str) -> Iterator[Step]:
        """Yield who uses a member of exactly this class, in whichever way."""
        order = self.hierarchy.mro(receiver)
        for row in self.edges.into(f"M{receiver}{SEPARATOR}{name}"):
            yield step_of(row, "")
        for each in order:
            for row in self.edges.into(f"F{each}{SEPARATOR}{name}"):
                yield step_of(row, receiver)
        for base in order[1:]:
            rows = self.edges.into(f"M{base}{SEPARATOR}{name}")
            if rows and len(self.hierarchy.subclasses(base)) > SUBCLASSES_LIMIT:
                self._drop_base(base)
                continue
            for row in rows:
                yield step_of(row, "", reasons.OVERRIDES)
        yield from self._by_guess(receiver, name)
        yield from self._called_back(owner, name, receiver)

    def _called_back(self, owner: str, name: str, receiver: str) -> Iterator[Step]:
        """Yield the class itself where the language or a library calls the member of whoever uses the class."""
        reason = -1
        if name.startswith("__") and name.endswith("__"):
            reason = reasons.SPECIAL
        elif self.letters.get(owner, {}).get(name) == "h":
            reason = reasons.HOOK
        elif self.letters.get(owner, {}).get(name) in {"f", "p"} and self.hierarchy.has_outside_base(receiver):
            if name in known_names.HOOK_NAMES:
                reason = reasons.HOOK_BY_NAME
            elif not self._of_family("A" + name, owner):
                reason = reasons.CALLBACK
        if reason >= 0:
            rule = REASONS[reason]
            yield Step((receiver, ""), RANK[rule.confidence], rule.words, 0, rule.asynchronous)

    def _through_super(self, owner: str, name: str, receiver: str) -> Iterator[Step]:
        for each in self.hierarchy.mro(receiver):
            rows = self.edges.into(f"U{each}{SEPARATOR}{name}")
            if rows and self.hierarchy.definer(receiver, name, after=each) == owner:
                for row in rows:
                    yield step_of(row, receiver)

    def _by_guess(self, receiver: str, name: str) -> Iterator[Step]:
        last = receiver.rpartition(".")[2].rpartition(":")[2]
        snake = snake_case(last)
        rows = self._of_family(f"G{snake}{SEPARATOR}{name}", receiver)
        if rows and self._classes_named(snake) == [receiver]:
            for row in rows:
                yield step_of(row, "")

    def _by_name(self, owner: str, name: str) -> Iterator[Step]:
        if name in known_names.CONSTRUCTORS:
            return
        rows = self._of_family("N" + name, owner)
        if self._letter(f"{owner}.{name}") == "p":
            rows = [*rows, *self._of_family("P" + name, owner)]
        if not rows:
            return
        definers = [each for each in self.definers(name) if may_mean(each, owner)]
        if len(definers) > DEFINERS_LIMIT and not self._few_families(definers, name):
            self._drop(f"members of a name with more than {DEFINERS_LIMIT} definers")
            return
        for row in rows:
            yield step_of(row, "")

    def _of_family(self, target: str, symbol: str) -> list[Row]:
        """Return the edges that lead to a bare name from files in which it may mean a symbol."""
        rows = self.edges.into(target)
        if not rows:
            return rows
        key = (target, scope_of(symbol))
        found = self._rows_of_family.get(key)
        if found is None:
            found = self._rows_of_family[key] = [each for each in rows if may_mean(each.source, symbol)]
        return found

    def definers(self, name: str) -> list[str]:
        """Return the classes that define a method of a name."""
        if self._definers is None:
            self._definers = {}
            for owner, members in self.letters.items():
                for each, letter in members.items():
                    if letter not in {"v", "c"}:
                        self._definers.setdefault(each, []).append(owner)
        return self._definers.get(name, [])

    def _few_families(self, definers: list[str], name: str) -> bool:
        """Tell whether all definers of a name go back to a few classes that define it first."""
        roots = set()
        for each in definers:
            order = [base for base in self.hierarchy.mro(each) if name in self.hierarchy.members.get(base, ())]
            roots.add(order[-1] if order else each)
            if len(roots) > FAMILIES_LIMIT:
                return False
        return True

    def _classes_named(self, snake: str) -> list[str]:
        return self.named.get(snake, [])

    @property
    def named(self) -> Mapping[str, list[str]]:
        """Class name in snake case -> the classes of that name."""
        if self._named is None:
            self._named = {}
            for owner in self.hierarchy.bases:
                self._named.setdefault(snake_case(owner.rpartition(".")[2].rpartition(":")[2]), []).append(owner)
        return self._named

    def _by_text(self, symbol: str) -> Iterator[Step]:
        """Yield who holds a text that names the symbol."""
        for text, reason, asynchronous in self.texts.get(symbol, ()):
            rule = REASONS[reason]
            for row in self.edges.into("T" + text):
                yield Step((row.source, ""), RANK[rule.confidence], rule.words, row.line, asynchronous)
        name = symbol.rpartition(":")[2].rpartition(".")[2]
        if "_" in name.strip("_") and (self._letter(symbol) in {"f", "p", "h"} or self._is_function(symbol)):
            rows = self._of_family("T" + name, symbol)
            if rows and len(self.definers(name)) <= MENTIONED_LIMIT:
                for row in rows:
                    yield step_of(row, "", reasons.TEXT_MENTION)
