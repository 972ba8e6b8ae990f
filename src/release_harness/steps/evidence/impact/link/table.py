"""All edges of a tree in arrays, by target; files that changed since are laid over them."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple

from release_harness.steps.evidence.impact.link.record import FileLink


class Row(NamedTuple):
    """One edge as it is kept."""

    source: str
    reason: int
    target: str
    line: int


class Index(NamedTuple):
    """Where the edges with each value of one column are."""

    order: "array[int] | range"
    """Every edge, sorted by that column."""
    starts: "array[int]"
    """Value -> where its edges begin in that order."""

    def edges_of(self, value: int) -> Sequence[int]:
        """Return the edges with a value."""
        return self.order[self.starts[value] : self.starts[value + 1]]


class EdgeTable:
    """Edges of some files; every name is kept once and known by its number."""

    def __init__(
        self,
        paths: Sequence[str],
        names: list[str],
        columns: Sequence["array[int]"],
        indexes: Sequence["array[int]"] = (),
    ) -> None:
        """Take columns that `build` made: file, source, target, reason and line of each edge, sorted by target.

        `indexes` are the arrays that `indexes` of the same table gave; without them they are made when they are needed.
        """
        self.paths = paths
        self.names = names
        self.columns = columns
        self.files, self.sources, self.targets, self.reasons, self.lines = columns
        self._ids: dict[str, int] | None = None
        self._given = tuple(indexes)

    @classmethod
    def build(cls, links: Mapping[str, FileLink]) -> "EdgeTable":
        """Put the edges of some files into one table."""
        ids: dict[str, int] = {}
        rows: list[tuple[int, int, int, int, int]] = []
        for number, (path, link) in enumerate(links.items()):
            for source, edges in link.edges:
                full = source if ":" in source else f"{path}:{source}"
                origin = ids.setdefault(full, len(ids))
                rows += [
                    (ids.setdefault(target, len(ids)), number, origin, reason, line) for reason, target, line in edges
                ]
        rows.sort()
        targets, files, sources, kinds, lines = zip(*rows, strict=True) if rows else ((), (), (), (), ())
        columns = (array("I", files), array("I", sources), array("I", targets), array("B", kinds), array("I", lines))
        return cls(list(links), list(ids), columns)

    def __len__(self) -> int:
        """Count the edges."""
        return len(self.targets)

    @property
    def indexes(self) -> Sequence["array[int]"]:
        """The arrays by which edges are found, to be kept with the table."""
        order_by_source, order_by_file = array("I", self.by_source.order), array("I", self.by_file.order)
        return self.by_target.starts, order_by_source, self.by_source.starts, order_by_file, self.by_file.starts

    @cached_property
    def by_target(self) -> Index:
        """The edges by where they lead to."""
        starts = self._given[0] if self._given else _starts(self.targets, len(self.names))
        return Index(range(len(self)), starts)

    @cached_property
    def by_source(self) -> Index:
        """The edges by where they come from."""
        return Index(*self._given[1:3]) if self._given else _index(self.sources, len(self.names))

    @cached_property
    def by_file(self) -> Index:
        """The edges by the file that they are written in."""
        return Index(*self._given[3:5]) if self._given else _index(self.files, len(self.paths))

    def number(self, name: str) -> int:
        """Return the number of a name, or -1."""
        if self._ids is None:
            self._ids = {each: number for number, each in enumerate(self.names)}
        return self._ids.get(name, -1)

    def into(self, target: str, replaced: frozenset[int] = frozenset()) -> Iterator[Row]:
        """Yield the edges that lead to a target, but for those of replaced files."""
        number = self.number(target)
        if number < 0:
            return
        files, sources, names = self.files, self.sources, self.names
        for at in self.by_target.edges_of(number):
            if files[at] not in replaced:
                yield Row(names[sources[at]], self.reasons[at], target, self.lines[at])

    def out_of(self, source: str, replaced: frozenset[int] = frozenset()) -> Iterator[Row]:
        """Yield the edges that leave a source."""
        number = self.number(source)
        for at in self.by_source.edges_of(number) if number >= 0 else ():
            if self.files[at] not in replaced:
                yield Row(source, self.reasons[at], self.names[self.targets[at]], self.lines[at])

    def rows_of(self, numbers: frozenset[int]) -> Iterator[Row]:
        """Yield the edges of some files, which are given by their numbers."""
        names = self.names
        for number in numbers:
            for at in self.by_file.edges_of(number):
                yield Row(names[self.sources[at]], self.reasons[at], names[self.targets[at]], self.lines[at])

    def rows(self, replaced: frozenset[int]) -> list[list[Any]]:
        """Return the edges of files that were not replaced: path, source, reason, target, line."""
        return [
            [self.paths[file], self.names[source], reason, self.names[target], line]
            for file, source, target, reason, line in zip(*self.columns, strict=True)
            if file not in replaced
        ]


def _starts(column: "array[int]", count: int) -> "array[int]":
    """Return where the edges of each value begin once they are sorted by it."""
    counts = [0] * (count + 1)
    for value in column:
        counts[value + 1] += 1
    return array("I", accumulate(counts))


def _index(column: "array[int]", count: int) -> Index:
    return Index(array("I", sorted(range(len(column)), key=column.__getitem__)), _starts(column, count))


_NO_ROWS: list[Row] = []


class Edges:
    """The edges of a tree: a base table, without the files that changed, and the table of those."""

    def __init__(self, base: EdgeTable, replaced: frozenset[str] = frozenset(), over: EdgeTable | None = None) -> None:
        """Lay one table over another."""
        self.base = base
        self.over = over
        self._replaced = (
            frozenset(number for number, path in enumerate(base.paths) if path in replaced) if replaced else frozenset()
        )
        self._known: dict[str, list[Row]] = {}

    def into(self, target: str) -> list[Row]:
        """Return the edges that lead to a target, sorted."""
        found = self._known.get(target)
        if found is None:
            found = self._known[target] = self._into(target)
        return found

    def _into(self, target: str) -> list[Row]:
        below, above = self.base.number(target), -1 if self.over is None else self.over.number(target)
        if below < 0 and above < 0:
            return _NO_ROWS
        found = list(self.base.into(target, self._replaced))
        if self.over is not None:
            found.extend(self.over.into(target))
        found.sort()
        return found

    def out_of(self, source: str) -> list[Row]:
        """Return the edges that leave a source, sorted."""
        found = list(self.base.out_of(source, self._replaced))
        if self.over is not None:
            found.extend(self.over.out_of(source))
        return sorted(found)

    def rows_of(self, paths: frozenset[str]) -> set[Row]:
        """Return the edges of some files."""
        found: set[Row] = set()
        for table, replaced in ((self.base, self._replaced), (self.over, frozenset[int]())):
            if table is not None:
                numbers = frozenset(number for number, path in enumerate(table.paths) if path in paths)
                found.update(table.rows_of(numbers - replaced))
        return found

    def count(self) -> int:
        """Count the edges."""
        gone = sum(len(self.base.by_file.edges_of(number)) for number in self._replaced)
        return len(self.base) - gone + (0 if self.over is None else len(self.over))

    def rows(self) -> list[list[Any]]:
        """Return all edges as plain rows, sorted."""
        found = self.base.rows(self._replaced)
        if self.over is not None:
            found.extend(self.over.rows(frozenset()))
        return sorted(found)

    def texts(self) -> list[str]:
        """Return every text that something holds, sorted."""
        found = {each[1:] for each in self.base.names if each.startswith("T")}
        if self.over is not None:
            found.update(each[1:] for each in self.over.names if each.startswith("T"))
        return sorted(found)
