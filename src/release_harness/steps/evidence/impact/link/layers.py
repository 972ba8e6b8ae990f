"""The links of one tree as a kept snapshot and, laid over it, the files that are other ones: what the next tree begins with."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from release_harness.steps.evidence.impact.link.record import FileLink
from release_harness.steps.evidence.impact.link.snapshot import Snapshot
from release_harness.steps.evidence.impact.link.table import Edges, EdgeTable

if TYPE_CHECKING:
    from release_harness.steps.evidence.impact.link.before import Before


class Layers:
    """The links of one tree."""

    def __init__(
        self,
        snapshot: Snapshot,
        paths: Mapping[str, str],
        replaced: frozenset[str] = frozenset(),
        fresh: Mapping[str, FileLink] | None = None,
    ) -> None:
        """Take a snapshot, path -> blob id of the tree, the files of the snapshot that count no more, and those laid over it."""
        self.snapshot = snapshot
        self.paths = paths
        self.replaced = replaced
        self.fresh = fresh or {}

    def __contains__(self, path: str) -> bool:
        """Tell whether a file was linked."""
        return path in self.fresh or (path in self.snapshot.links and path not in self.replaced)

    def link_of(self, path: str) -> FileLink | None:
        """Return the links of a file; those of the snapshot without edges and keys."""
        return self.fresh.get(path) or (None if path in self.replaced else self.snapshot.links.get(path))

    def lay_over(
        self, paths: Mapping[str, str], wanted: frozenset[str], fresh: Mapping[str, FileLink]
    ) -> "tuple[Layers, Edges]":
        """Return the layers and the edges of another tree: some files are linked anew, or gone."""
        kept = {path: link for path, link in self.fresh.items() if path not in wanted}
        over = {**kept, **fresh}
        replaced = self.replaced | wanted
        edges = Edges(self.snapshot.table, replaced, EdgeTable.build(over)) if replaced else Edges(self.snapshot.table)
        return Layers(self.snapshot, paths, replaced, over), edges

    def keys_by_file(self) -> Iterator[tuple[str, list[str]]]:
        """Yield every linked file with the keys that it consumed."""
        snapshot = self.snapshot
        for at, path in enumerate(snapshot.table.paths):
            if path not in self.replaced:
                numbers = snapshot.consumed[snapshot.starts[at] : snapshot.starts[at + 1]]
                yield path, [snapshot.keys[each] for each in numbers]
        for path, link in self.fresh.items():
            yield path, link.consumed

    def readers(self, keys: set[str], unknown: Sequence[str]) -> list[str]:
        """Return the files that read one of some keys, or any key with one of some beginnings."""
        starts = tuple(unknown)
        found = self._readers_below(keys, starts)
        for path, link in self.fresh.items():
            if not keys.isdisjoint(link.consumed) or (
                starts and any(each.startswith(starts) for each in link.consumed)
            ):
                found.append(path)
        return found

    def _readers_below(self, keys: set[str], starts: tuple[str, ...]) -> list[str]:
        snapshot = self.snapshot
        wanted = {number for number, key in enumerate(snapshot.keys) if key in keys}
        if starts:
            wanted |= {number for number, key in enumerate(snapshot.keys) if key.startswith(starts)}
        if not wanted:
            return []
        consumed, starts_at = snapshot.consumed, snapshot.starts
        return [
            path
            for at, path in enumerate(snapshot.table.paths)
            if path not in self.replaced and not wanted.isdisjoint(consumed[starts_at[at] : starts_at[at + 1]])
        ]

    def whole(self) -> dict[str, FileLink]:
        """Return the links of every file of the tree with their edges and keys, in no order."""
        snapshot, table = self.snapshot, self.snapshot.table
        rows: dict[int, dict[str, list[list[Any]]]] = {}
        for file, source, target, reason, line in zip(*table.columns, strict=True):
            by_source = rows.setdefault(file, {})
            by_source.setdefault(table.names[source], []).append([reason, table.names[target], line])
        found = dict(self.fresh)
        for number, path in enumerate(table.paths):
            if path in self.replaced:
                continue
            keys = [
                snapshot.keys[each] for each in snapshot.consumed[snapshot.starts[number] : snapshot.starts[number + 1]]
            ]
            edges = [[source, each] for source, each in rows.get(number, {}).items()]
            found[path] = snapshot.links[path]._replace(edges=edges, consumed=keys)
        return found

    def to_bytes(self) -> bytes:
        """Return what lies over the snapshot."""
        below = self.snapshot.paths
        paths = {path: blob for path, blob in self.paths.items() if below.get(path) != blob}
        gone = [path for path in below if path not in self.paths]
        row = [self.snapshot.name, paths, gone, sorted(self.replaced), self.fresh]
        return json.dumps(row, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def layers_from_bytes(snapshot: Snapshot, content: bytes) -> Layers:
    """Return a snapshot with what `Layers.to_bytes` wrote laid over it; the snapshot alone when that is anything else."""
    try:
        name, paths, gone, replaced, fresh = json.loads(content)
        if name == snapshot.name:
            missing = frozenset(gone)
            below = {path: blob for path, blob in snapshot.paths.items() if path not in missing}
            links = {path: FileLink._make(row) for path, row in fresh.items()}
            return Layers(snapshot, {**below, **paths}, frozenset(replaced), links)
    except (ValueError, TypeError, AttributeError, RecursionError):
        pass
    return Layers(snapshot, snapshot.paths)


class Newest:
    """The tree that was linked last: trees that are looked at together differ by little, and each begins with the one before."""

    def __init__(self) -> None:
        """Begin with none."""
        self.layers: Layers | None = None
        self.answered: tuple[Mapping[str, FileLink], Before] | None = None
        """Its links, and what its graph was asked."""
