"""All edges of a tree in arrays, by target; files that changed since are laid over them."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from release_harness.steps.evidence.impact.link.record import FileLink


class Row(NamedTuple):
    """One edge as it is kept."""

    source: str
    reason: int
    target: str
    line: int


class EdgeTable:
    """Edges of some files; every name is kept once and known by its number."""

    def __init__(self, paths: Sequence[str], names: list[str], columns: Sequence["array[int]"]) -> None:
        """Take columns that `build` made: file, source, target, reason and line of each edge, sorted by target."""
        self.paths = paths
        self.names = names
        self.columns = columns
        self.files, self.sources, self.targets, self.reasons, self.lines = columns
        self._ids: dict[str, int] | None = None
        self._starts: array[int] | None = None
        self._by_source: dict[int, list[int]] | None = None

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
        starts = self._starts
        if starts is None:
            starts = self._starts = _starts(self.targets, len(self.names))
        files, sources, names = self.files, self.sources, self.names
        for at in range(starts[number], starts[number + 1]):
            if files[at] not in replaced:
                yield Row(names[sources[at]], self.reasons[at], target, self.lines[at])

    def out_of(self, source: str, replaced: frozenset[int] = frozenset()) -> Iterator[Row]:
        """Yield the edges that leave a source."""
        if self._by_source is None:
            self._by_source = {}
            for at, each in enumerate(self.sources):
                self._by_source.setdefault(each, []).append(at)
        for at in self._by_source.get(self.number(source), ()):
            if self.files[at] not in replaced:
                yield Row(source, self.reasons[at], self.names[self.targets[at]], self.lines[at])

    def rows(self, replaced: frozenset[int]) -> list[list[Any]]:
        """Return the edges of files that were not replaced: path, source, reason, target, line."""
        return [
            [self.paths[file], self.names[source], reason, self.names[target], line]
            for file, source, target, reason, line in zip(*self.columns, strict=True)
            if file not in replaced
        ]


def _starts(targets: "array[int]", count: int) -> "array[int]":
    """Return where the edges of each target begin."""
    starts = array("I", bytes(4 * (count + 1)))
    for target in targets:
        starts[target + 1] += 1
    total = 0
    for number in range(1, count + 1):
        total += starts[number]
        starts[number] = total
    return starts


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
            if table is None:
                continue
            wanted = {number for number, path in enumerate(table.paths) if path in paths} - replaced
            for at, file in enumerate(table.files) if wanted else ():
                if file in wanted:
                    target = table.names[table.targets[at]]
                    found.add(Row(table.names[table.sources[at]], table.reasons[at], target, table.lines[at]))
        return found

    def count(self) -> int:
        """Count the edges."""
        gone = sum(1 for each in self.base.files if each in self._replaced) if self._replaced else 0
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
