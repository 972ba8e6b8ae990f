"""Collects the references of one file, each once per source."""

import re
from typing import Any

from release_harness.steps.evidence.impact.link import known_names, reasons
from release_harness.steps.evidence.impact.link.families import family_of
from release_harness.steps.evidence.impact.link.record import SEPARATOR

_TEXT = re.compile(r"[^\s\x00]{2,120}\Z")


class Sink:
    """What the symbols of one file refer to."""

    def __init__(self, path: str) -> None:
        """Start a file."""
        self.path = path
        self._is_python = family_of(path) == "py"
        self.sources: dict[str, dict[tuple[int, str], int]] = {}
        self.current: dict[tuple[int, str], int] = {}
        self.source = ""
        self.line = 0
        self.calls_count = 0
        self.unresolved_count = 0
        self.dropped: dict[str, int] = {}
        self.missing: list[list[Any]] = []
        self.mentioned: set[str] = set()

    def enter(self, source: str) -> None:
        """Let what follows come from a symbol of this file, or from another SymbolId."""
        self.source = source
        found = self.sources.get(source)
        if found is None:
            found = self.sources[source] = {}
        self.current = found

    def add(self, reason: int, target: str) -> None:
        """Keep one edge of the current source."""
        key = (reason, target)
        if key not in self.current:
            self.current[key] = self.line

    def symbol(self, symbol: str, reason: int = reasons.REFERS) -> None:
        """Keep an edge to a symbol."""
        self.add(reason, "S" + symbol)

    def member(self, owner: str, name: str, reason: int = reasons.MEMBER) -> None:
        """Keep an edge to what a class has under a name."""
        self.add(reason, f"M{owner}{SEPARATOR}{name}")

    def own_member(self, owner: str, name: str) -> None:
        """Keep an edge to what the receiver has under a name; without a name, to the receiver's class itself."""
        self.add(reasons.OWN_MEMBER, f"F{owner}{SEPARATOR}{name}")

    def super_member(self, owner: str, name: str) -> None:
        """Keep an edge to what comes after a class in the resolution order of the receiver."""
        self.add(reasons.SUPER_MEMBER, f"U{owner}{SEPARATOR}{name}")

    def super_of_library(self, owner: str) -> None:
        """Keep an edge to the receiver's class itself: a method of the library above it runs what the class holds for it."""
        self.add(reasons.SUPER_LIBRARY, f"F{owner}{SEPARATOR}")

    def unknown_member(self, receiver: str, name: str, *, called: bool) -> None:
        """Keep what can be said of an attribute of something unknown; what is only read can be a property, not a method."""
        if name.startswith("__"):
            self.drop("special names of unknown receivers")
            return
        if receiver:
            common = name in known_names.STOP_NAMES or not self._is_python
            self.add(reasons.BY_COMMON_NAME if common else reasons.BY_GUESS, f"G{receiver}{SEPARATOR}{name}")
        if name in known_names.STOP_NAMES:
            self.drop("names of the stop list")
        elif called:
            self.add(reasons.BY_NAME, "N" + name)
        else:
            self.add(reasons.LOADED_BY_NAME, "P" + name)

    def text(self, text: str) -> None:
        """Keep a text that may name something: it has no white space."""
        if _TEXT.match(text):
            self.add(reasons.TEXT, "T" + text)

    def drop(self, cause: str) -> None:
        """Count something that was left out on purpose."""
        self.dropped[cause] = self.dropped.get(cause, 0) + 1

    def between(self, source: str, reason: int, target: str) -> None:
        """Keep an edge of another source."""
        known = self.sources.setdefault(source, {})
        known.setdefault((reason, target), self.line)

    def rows(self) -> list[list[Any]]:
        """Return all edges, sorted by source and then as they were met."""
        own = self.sources.setdefault("", {})
        for name in sorted(self.mentioned):
            own[reasons.MENTIONS, "A" + name] = 0
        found: list[list[Any]] = []
        for source in sorted(self.sources):
            edges = self.sources[source]
            if edges:
                found.append([source, [[reason, target, line] for (reason, target), line in edges.items()]])
        return found
