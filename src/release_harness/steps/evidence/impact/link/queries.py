"""Questions with remembered answers: safe in cycles, bounded, and with a list of what each answer was read from.

An answer is remembered for good only when no cycle and no limit cut it short, so that it does not depend on who asked first:
a warm run must say what a cold run says.
"""

from collections.abc import Callable
from typing import Any

from release_harness.steps.evidence.impact.values import UNKNOWN

DEPTH_LIMIT = 28
"""How many questions may wait for each other."""
_MANY = 6

Answer = tuple[Any, int, tuple[str, ...]]
"""A remembered answer: the value, how many questions deep it was found, and the keys of what was read for it."""


class Queries:
    """Remembers answers and what they were read from."""

    def __init__(self) -> None:
        """Start with nothing remembered."""
        self.answers: dict[Any, Answer] = {}
        self.read: list[str] = []
        """Keys of everything that was read since somebody emptied the list; with repetitions."""
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
        depth = self._depth
        if known is None and not depth and store is self.answers:
            known = self._top_answers.get(key)
        if known is not None:
            value, height, read = known
            height += depth
            if height > DEPTH_LIMIT:
                self._cuts += 1
                return otherwise
            if height > self._deepest:  # noqa: PLR1730 - a call of max costs more than the whole answer
                self._deepest = height
            self.read.extend(read)
            return value
        mark = key if store is self.answers else (id(store), key)
        passing = self._passing.get(mark) if self._passing else None
        if passing is not None:
            self._cuts += 1
            self.read.extend(passing[2])
            return passing[0]
        if depth >= DEPTH_LIMIT or mark in self._waiting:
            self._cuts += 1
            return otherwise
        return self._compute(store, key, mark, compute, given)

    def _compute(
        self, store: dict[Any, Answer], key: Any, mark: Any, compute: Callable[..., Any], given: tuple[Any, ...]
    ) -> Any:
        cuts, deepest, start = self._cuts, self._deepest, len(self.read)
        self._depth = self._deepest = depth = self._depth + 1
        self._waiting.add(mark)
        try:
            value = compute(*given)
        finally:
            self._waiting.discard(mark)
            self._depth = depth - 1
            height = self._deepest - depth + 1
            self._deepest = max(deepest, self._deepest)
        read = self.read[start:]
        if len(read) > _MANY:
            read = list(dict.fromkeys(read))
            self.read[start:] = read
        answer = (value, height, tuple(read))
        if self._cuts == cuts:
            store[key] = answer
        elif depth > 1:
            self._passing[mark] = answer
            self._kept.append(store)
        elif store is self.answers:
            self._top_answers[key] = answer
        if depth == 1 and self._passing:
            self._passing.clear()
            self._kept.clear()
        return value
