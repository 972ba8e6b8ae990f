"""Links a tree: from what is kept of an earlier one where that is possible, with several processes where it is worth it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from typing import Any, NamedTuple, Protocol

from release_harness import __version__
from release_harness.steps.evidence.impact.entries.contract import Framework
from release_harness.steps.evidence.impact.entries.reading import is_test_path
from release_harness.steps.evidence.impact.facts import EXTRACTOR_VERSION, FileFacts
from release_harness.steps.evidence.impact.lexical.other_languages import OTHER_LANGUAGES, Names
from release_harness.steps.evidence.impact.lexical.reads import JVM
from release_harness.steps.evidence.impact.link.bindings import FileIndex
from release_harness.steps.evidence.impact.link.files import link_file
from release_harness.steps.evidence.impact.link.incremental import Moved, files_to_link
from release_harness.steps.evidence.impact.link.layers import Layers, Newest, layers_from_bytes
from release_harness.steps.evidence.impact.link.modules import modules_of
from release_harness.steps.evidence.impact.link.other_files import classes_of, link_other_file
from release_harness.steps.evidence.impact.link.outlines import said_to_others
from release_harness.steps.evidence.impact.link.pieces import changed_below, changed_pieces
from release_harness.steps.evidence.impact.link.record import LINK_VERSION, FileLink
from release_harness.steps.evidence.impact.link.record import from_bytes as link_from_bytes
from release_harness.steps.evidence.impact.link.record import to_bytes as link_to_bytes
from release_harness.steps.evidence.impact.link.resolver import Resolver
from release_harness.steps.evidence.impact.link.snapshot import from_bytes, take, to_bytes
from release_harness.steps.evidence.impact.link.table import Edges
from release_harness.steps.evidence.impact.tree import TreeFacts

KIND = "link"
_CHUNK_COUNT = 120
_WORTH_SPREADING_COUNT = 250
_KEEP_AGAIN_COUNT = 60
"""After how many files differ from the snapshot another one is kept for the next time."""

Spread = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[Any]]
"""Maps a function of a module over plain items with several processes, such as `Workers.map`."""


class LinkCache(Protocol):
    """Keeps bytes; see `FactsCache`."""

    def get_many(self, kind: str, names: Sequence[str]) -> Mapping[str, bytes]:
        """Return what is kept."""
        ...

    def put_many(self, kind: str, contents: Mapping[str, bytes]) -> None:
        """Keep bytes."""
        ...


class Since(NamedTuple):
    """What moved since the tree that a linked tree began with."""

    paths: Mapping[str, str]
    """Path -> blob id of that tree."""
    keys: frozenset[str]
    """Keys of what reads otherwise now, and in `starts` beginnings of such keys; see `Moved`."""
    starts: tuple[str, ...]
    registered: frozenset[str]
    """Frameworks with which something else is registered now."""


class Building:
    """Links one tree."""

    def __init__(
        self,
        tree: TreeFacts,
        frameworks: Sequence[Framework],
        cache: LinkCache | None,
        spread: Spread | None,
        newest: Newest | None = None,
    ) -> None:
        """Take the tree and what may help."""
        self.tree = tree
        self.frameworks = frameworks
        self.cache = cache
        self.spread = spread
        self.newest = newest or Newest()
        self.resolver = Resolver(tree, modules_of(tree.paths.keys()))
        self.relinked: frozenset[str] = frozenset(tree.blobs)
        self.links: Mapping[str, FileLink] = {}
        self.edges: Edges
        self.since: Since | None = None

    def build(self) -> "Building":
        """Link what has to be linked."""
        base = self.newest.layers or self._kept()
        moved = None if base is None else self._to_link(base)
        if base is None or moved is None:
            self._begin(dict(self._link(list(self.tree.blobs))))
        else:
            self.relinked = frozenset(each for each in moved.files if each in self.tree.blobs or each in base)
            self._lay_over(base)
            self.since = Since(base.paths, moved.keys, moved.starts, frozenset(self._registered_otherwise(base)))
        return self

    def _registered_otherwise(self, base: Layers) -> Iterator[str]:
        """Yield the frameworks with which files that were linked again register something else."""
        for path in self.relinked:
            old, new = base.link_of(path), self.links.get(path)
            before = {} if old is None else old.registrations
            after = {} if new is None else new.registrations
            yield from (each for each in before.keys() | after.keys() if before.get(each) != after.get(each))

    def _begin(self, links: Mapping[str, FileLink]) -> None:
        """Take the links of every file as the next snapshot."""
        snapshot = take(self.tree.paths, links)
        self.links = snapshot.links
        self.edges = Edges(snapshot.table)
        self.newest.layers = Layers(snapshot, self.tree.paths)
        if self.cache is not None:
            self.cache.put_many(KIND, {self._name("latest"): to_bytes(snapshot)})

    def _lay_over(self, base: Layers) -> None:
        fresh = dict(self._link([path for path in self.tree.blobs if path in self.relinked]))
        layers, self.edges = base.lay_over(self.tree.paths, self.relinked, fresh)
        self.newest.layers = layers
        if len(layers.replaced) > _KEEP_AGAIN_COUNT:
            whole = layers.whole()
            self._begin({path: whole[path] for path in self.tree.blobs if path in whole})
        else:
            self.links = {path: found for path in self.tree.blobs if (found := layers.link_of(path)) is not None}
            if self.relinked and self.cache is not None:
                self.cache.put_many(KIND, {self._name("over"): layers.to_bytes()})

    def _to_link(self, base: Layers) -> Moved | None:
        earlier = getattr(self.tree, "earlier_facts", None)

        def old(path: str) -> FileIndex | None:
            facts: FileFacts | None = None if earlier is None else earlier(path, base.paths[path])
            return None if facts is None or path not in base else FileIndex(path, facts, "")

        def alike(path: str) -> bool:
            before = None if earlier is None else earlier(path, base.paths[path])
            return before is not None and said_to_others(before) == said_to_others(self.tree.facts(path))

        def pieces(path: str) -> tuple[set[str], bool] | None:
            blob = base.paths.get(path)
            before = None if earlier is None or blob is None else earlier(path, blob)
            if before is None and blob is not None:
                return None
            return changed_pieces(path, before, self.tree.facts(path) if path in self.tree.blobs else None)

        moved = files_to_link(
            base,
            self.tree.paths,
            self.resolver.modules,
            old=old,
            new=self.resolver.file,
            alike=alike,
            pieces=pieces,
            find=self.others.ecmascript.find,
        )
        if moved is None:
            return None
        below = base.readers(self._moved_below(base, moved.files), ())
        return moved._replace(files=moved.files | frozenset(below))

    def _moved_below(self, base: Layers, wanted: frozenset[str]) -> set[str]:
        """Return the keys of the classes of Java and Kotlin that other ones say as their base now."""
        found: set[str] = set()
        for path in wanted:
            if path.endswith(JVM) and not is_test_path(path):
                link, facts = base.link_of(path), self.tree.facts(path) if path in self.tree.blobs else None
                now = classes_of(self.others, path, facts) if facts is not None else {}
                found.update(changed_below(link.classes if link is not None else {}, now))
        return found

    def _link(self, paths: list[str]) -> Iterator[tuple[str, FileLink]]:
        if self.spread is None or len(paths) < _WORTH_SPREADING_COUNT:
            yield from self.link_here(paths)
            return
        chunks = [paths[at : at + _CHUNK_COUNT] for at in range(0, len(paths), _CHUNK_COUNT)]
        _SHARED.append(self)
        try:
            for chunk, rows in zip(chunks, self.spread(link_chunk, chunks), strict=True):
                if rows is None:
                    yield from self.link_here(chunk)
                else:
                    yield from ((path, link_from_bytes(row)) for path, row in rows)
        finally:
            _SHARED.remove(self)

    def link_here(self, paths: Sequence[str]) -> Iterator[tuple[str, FileLink]]:
        """Link some files in this process."""
        for path in paths:
            index = self.resolver.file(path)
            if index is not None:
                yield path, link_file(self.resolver, index, self.frameworks)
            else:
                facts = self.tree.facts(path)
                if facts.language in OTHER_LANGUAGES and facts.symbols:
                    yield path, link_other_file(self.others, path, facts, self.frameworks)

    @cached_property
    def others(self) -> Names:
        """What names mean in files of other languages."""
        tree = self.tree
        return Names(
            tree.blobs, lambda path: tree.facts(path) if path in tree.blobs else None, tree.read_text, tree.paths
        )

    def _name(self, part: str) -> str:
        """Name the newest snapshot of these rules, or what lies over it; what it is a snapshot of is told inside."""
        said = [LINK_VERSION, EXTRACTOR_VERSION, __version__, sorted(each.name for each in self.frameworks)]
        return f"{part}:" + sha256(repr(said).encode()).hexdigest()

    def _kept(self) -> Layers | None:
        if self.cache is None:
            return None
        latest, over = self._name("latest"), self._name("over")
        kept = self.cache.get_many(KIND, [latest, over])
        snapshot = from_bytes(kept[latest]) if latest in kept else None
        return None if snapshot is None else layers_from_bytes(snapshot, kept.get(over, b""))


_SHARED: list[Building] = []
"""What forked processes find in their memory; processes that were started anew find nothing and give the work back."""


def link_chunk(paths: list[str]) -> list[tuple[str, bytes]] | None:
    """Link some files in a process of its own; None when it does not have the tree."""
    if not _SHARED:
        return None
    return [(path, link_to_bytes(link)) for path, link in _SHARED[-1].link_here(paths)]
