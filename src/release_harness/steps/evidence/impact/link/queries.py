"""Questions with remembered answers: safe in cycles, bounded, and with a list of what each answer was read from.

An answer is remembered for good only when no cycle and no limit cut it short, so that it does not depend on who asked first:
a warm run must say what a cold run says.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from release_harness.steps.evidence.impact.values import UNKNOWN

DEPTH_LIMIT = 28
"""How many questions may wait for each other."""


class Answer(NamedTuple):
    """A remembered answer."""

    value: Any
    height: int
    """How many questions deep it was found."""
    consumed: frozenset[str]
    """Keys of what was read for it."""


class Queries:
    """Remembers answers and what they were read from."""

    def __init__(self) -> None:
        """Start with nothing remembered."""
        self.answers: dict[Any, Answer] = {}
        self.consumed: set[str] = set()
        self._top_answers: dict[Any, Answer] = {}
        self._passing: dict[Any, Answer] = {}
        self._kept: list[dict[Any, Answer]] = []
        self._waiting: set[Any] = set()
        self._depth = 0
        self._deepest = 0
        self._cuts = 0

    def ask(
        self, store: dict[Any, Answer], key: Any, compute: Callable[..., Any], *given: Any, otherwise: Any = UNKNOWN
    ) -> Any:
        """Return the answer to a question from its store, or compute it; `otherwise` when it asks for itself or too deep."""
        known = store.get(key)
        if known is None and not self._depth and store is self.answers:
            known = self._top_answers.get(key)
        if known is not None:
            if self._depth + known.height > DEPTH_LIMIT:
                self._cuts += 1
                return otherwise
            self._deepest = max(self._deepest, self._depth + known.height)
            self.consumed |= known.consumed
            return known.value
        mark = key if store is self.answers else (id(store), key)
        passing = self._passing.get(mark)
        if passing is not None:
            self._cuts += 1
            self.consumed |= passing.consumed
            return passing.value
        if mark in self._waiting or self._depth >= DEPTH_LIMIT:
            self._cuts += 1
            return otherwise
        return self._compute(store, key, mark, compute, given)

    def _compute(
        self, store: dict[Any, Answer], key: Any, mark: Any, compute: Callable[..., Any], given: tuple[Any, ...]
    ) -> Any:
        outside, cuts, deepest = self.consumed, self._cuts, self._deepest
        self.consumed = set()
        self._depth += 1
        self._deepest = self._depth
        self._waiting.add(mark)
        try:
            value = compute(*given)
            answer = Answer(value, self._deepest - self._depth + 1, frozenset(self.consumed))
        finally:
            self._waiting.discard(mark)
            self._depth -= 1
            self._deepest = max(deepest, self._deepest)
            outside |= self.consumed
            self.consumed = outside
            if not self._depth:
                self._passing.clear()
                self._kept.clear()
        if self._cuts == cuts:
            store[key] = answer
        elif self._depth:
            self._passing[mark] = answer
            self._kept.append(store)
        elif store is self.answers:
            self._top_answers[key] = answer
        return value

    def note(self, key: str) -> None:
        """Say that something was read."""
        self.consumed.add(key)
