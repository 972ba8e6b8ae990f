"""The facts of every file of any commit: listed by git, kept by content, read by several processes where they are new."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from release_harness.kernel.digests import ObjectId
from release_harness.kernel.progress import Progress
from release_harness.steps.evidence.impact.extract import SIZE_LIMIT_BYTES, language_of, unread
from release_harness.steps.evidence.impact.extract.source_text import decode
from release_harness.steps.evidence.impact.facts import EXTRACTOR_VERSION, FileFacts
from release_harness.steps.evidence.impact.left_out import reason_to_leave_out
from release_harness.steps.evidence.impact.packing import (
    PARTIAL,
    UNINSTALLED,
    UNREAD,
    WHOLE,
    Unread,
    pack,
    read_batch,
    state_of,
    unpack,
)
from release_harness.steps.evidence.impact.tree import TreeCounts
from release_harness.steps.evidence.ports import EvidenceRepository, FactsCache, Workers

KIND = "facts"
_BATCH_COUNT = 48
_BATCHES_KEPT_AT_ONCE = 12
_WORTH_SPREADING_COUNT = 100
_WORTH_A_BAR_COUNT = 200
_UNPACKED_COUNT = 800
"""Facts of so many files are kept unpacked, about what a warm run looks at."""
_TEXT_LIMIT_BYTES = 4_000_000
_ABSENT = "its content is not in this clone"


class IndexNeeds(Protocol):
    """What reading a tree needs."""

    @property
    def repository(self) -> EvidenceRepository:
        """The repository."""
        ...

    @property
    def facts_cache(self) -> FactsCache:
        """What was read before."""
        ...

    @property
    def workers(self) -> Workers:
        """Processes that read."""
        ...

    @property
    def progress(self) -> Progress:
        """Where it says how far it is."""
        ...


class _Asked(NamedTuple):
    """One content that has to be read as one language."""

    blob: str
    language: str


class IndexedTree:
    """The facts of one tree of the repository; each is unpacked when it is asked for."""

    def __init__(
        self,
        repository: EvidenceRepository,
        treeish: str,
        paths: Mapping[str, str],
        packed: Mapping[str, bytes],
        left_out: Mapping[str, tuple[str, ...]],
        earlier: Callable[[str, str], bytes | None] | None = None,
        unpacked: dict[bytes, FileFacts] | None = None,
    ) -> None:
        """`packed` has the facts of every path that is read; `earlier` returns those of another content of a path.

        Trees that share `unpacked` unpack what they have in common once.
        """
        self._unpacked = unpacked
        self._earlier = earlier
        self._repository = repository
        self._treeish = treeish
        self._packed = packed
        self._left_out = left_out
        self.paths = paths
        self.blobs: Mapping[str, str] = {path: paths[path] for path in packed}

    @property
    def counts(self) -> TreeCounts:
        """What was read and what was not."""
        partial_count = 0
        failed: list[str] = []
        left_out: dict[str, list[str]] = {cause: list(paths) for cause, paths in self._left_out.items()}
        for path, packed in self._packed.items():
            state = state_of(packed)
            if state == PARTIAL:
                partial_count += 1
            elif state in {UNREAD, UNINSTALLED}:
                facts = unpack(packed)
                failed.append(path)
                left_out.setdefault(facts.problem.partition(" (")[0], []).append(path)
        read_count = len(self._packed) - len(failed)
        causes = {cause: tuple(paths) for cause, paths in sorted(left_out.items())}
        return TreeCounts(len(self._packed), read_count, partial_count, tuple(failed), causes)

    def facts(self, path: str) -> FileFacts:
        """Return the facts of one of the files of `blobs`."""
        packed = self._packed[path]
        if self._unpacked is None:
            return unpack(packed)
        found = self._unpacked.get(packed)
        if found is None:
            found = unpack(packed)
            if len(self._unpacked) < _UNPACKED_COUNT:
                self._unpacked[packed] = found
        return found

    def earlier_facts(self, path: str, blob: str) -> FileFacts | None:
        """Return the facts of another content of a path, as long as they are kept."""
        packed = None if self._earlier is None else self._earlier(path, blob)
        return None if packed is None else unpack(packed)

    def read_text(self, path: str) -> str | None:
        """Return the text of any file of the tree; None when there is none, or when it is too long to be read."""
        if path not in self.paths:
            return None
        found = self._repository.read_files(self._treeish, [path], limit_bytes=_TEXT_LIMIT_BYTES).get(path)
        return None if found is None else decode(found).text


def tree_facts(needs: IndexNeeds, treeish: str, unpacked: dict[bytes, FileFacts] | None = None) -> IndexedTree:
    """Return the facts of a commit or tree; only contents that were never read before are read.

    Two trees that are looked at together share `unpacked`, in which the facts of both are kept unpacked.
    """
    listing = needs.repository.list_tree(treeish)
    left_out: dict[str, list[str]] = {}
    if listing.symlinks:
        left_out["symbolic link"] = list(listing.symlinks)
    if listing.submodules:
        left_out["submodule"] = list(listing.submodules)
    wanted: dict[str, _Asked] = {}
    for path, blob in listing.blobs.items():
        language = language_of(path)
        if not language:
            continue
        cause = reason_to_leave_out(path)
        if cause:
            left_out.setdefault(cause, []).append(path)
        else:
            wanted[path] = _Asked(blob, language)
    known, read_count = _known(needs, list(dict.fromkeys(wanted.values())))
    packed = {path: known[asked] for path, asked in wanted.items()}
    return IndexedTree(
        needs.repository,
        treeish,
        listing.blobs,
        packed,
        {cause: tuple(paths) for cause, paths in left_out.items()},
        lambda path, blob: _kept(needs, _Asked(blob, language_of(path))),
        # While much is new, workers take the memory.
        unpacked if read_count < _WORTH_SPREADING_COUNT else None,
    )


def _kept(needs: IndexNeeds, asked: _Asked) -> bytes | None:
    """Return the packed facts of one content, if they are kept."""
    for names in (_names, _names_of_this_machine):
        kept = needs.facts_cache.get_many(KIND, list(names(needs.workers, [asked])))
        if kept:
            return next(iter(kept.values()))
    return None


def _known(needs: IndexNeeds, asked: Sequence[_Asked]) -> tuple[dict[_Asked, bytes], int]:
    """Return the packed facts of every content, and how many of them were not kept and had to be read."""
    found: dict[_Asked, bytes] = {}
    missing: Sequence[_Asked] = asked
    for names in (_names, _names_of_this_machine):
        if missing:
            by_name = names(needs.workers, missing)
            kept = needs.facts_cache.get_many(KIND, list(by_name))
            found.update((by_name[name], packed) for name, packed in kept.items())
            missing = [each for each in missing if each not in found]
    if missing:
        found.update(_read(needs, missing))
    return found, len(missing)


def _names(_workers: Workers, asked: Sequence[_Asked]) -> dict[str, _Asked]:
    """Name facts that are the same wherever they are read."""
    return {
        f"{each.blob}:{each.language}:{EXTRACTOR_VERSION}": each
        for each in asked
        if each.language in {"python", "notebook"}
    }


def _names_of_this_machine(workers: Workers, asked: Sequence[_Asked]) -> dict[str, _Asked]:
    """Name facts that depend on the version of a parser."""
    versions = {language: workers.version_of(language) for language in {each.language for each in asked}}
    return {f"{each.blob}:{each.language}:{EXTRACTOR_VERSION}:{versions[each.language]}": each for each in asked}


def _read(needs: IndexNeeds, missing: Sequence[_Asked]) -> dict[_Asked, bytes]:
    names = {each: name for name, each in _names_of_this_machine(needs.workers, missing).items()}
    names_anywhere = {each: name for name, each in _names(needs.workers, missing).items()}
    found: dict[_Asked, bytes] = {}
    to_keep: dict[str, bytes] = {}
    shown = len(missing) >= _WORTH_A_BAR_COUNT
    if shown:
        needs.progress.start("Reading source files", len(missing))
    try:
        spread = len(missing) >= _WORTH_SPREADING_COUNT
        batches = _batches(needs.repository, missing)
        for count, results in enumerate(needs.workers.map(read_batch, batches, spread=spread), start=1):
            for blob, language, packed in results:
                each = _Asked(blob, language)
                found[each] = packed
                name = names_anywhere.get(each) if state_of(packed) == WHOLE else None
                if state_of(packed) != UNINSTALLED:
                    to_keep[name or names[each]] = packed
            if count % _BATCHES_KEPT_AT_ONCE == 0:
                needs.facts_cache.put_many(KIND, to_keep)
                to_keep = {}
            if shown:
                needs.progress.advance(len(results))
        needs.facts_cache.put_many(KIND, to_keep)
    finally:
        if shown:
            needs.progress.finish()
    absent = pack(unread("", _ABSENT))
    return {each: found.get(each, absent) for each in missing}


def _batches(repository: EvidenceRepository, missing: Sequence[_Asked]) -> Iterator[list[Unread]]:
    for start in range(0, len(missing), _BATCH_COUNT):
        asked = missing[start : start + _BATCH_COUNT]
        contents = repository.read_blobs([ObjectId(each.blob) for each in asked], limit_bytes=SIZE_LIMIT_BYTES)
        batch: list[Unread] = []
        for each in asked:
            found = contents.get(ObjectId(each.blob))
            if found is not None:
                content = found.start if found.whole else b""
                batch.append(Unread(each.blob, each.language, content, found.size_bytes))
        yield batch
