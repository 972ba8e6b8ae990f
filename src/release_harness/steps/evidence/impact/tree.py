"""A tree of source files as the linker sees it: names, blob ids, facts on demand, and what could not be read."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from release_harness.steps.evidence.impact.extract import extract, language_of
from release_harness.steps.evidence.impact.facts import FileFacts


class TreeCounts(NamedTuple):
    """The denominators of a tree."""

    files_count: int
    """Files in a language that rh reads."""
    parsed_count: int
    """Of them, read without any problem or with some errors inside."""
    partial_count: int
    """Of them, read with errors inside."""
    failed: tuple[str, ...]
    """Paths that no parser could read."""
    left_out: Mapping[str, tuple[str, ...]]
    """Paths that were not read at all, by cause."""


class TreeFacts(Protocol):
    """The facts of every file of one tree."""

    @property
    def blobs(self) -> Mapping[str, str]:
        """Path -> blob id of every file that rh reads, sorted by path; files that were left out are not in it."""
        ...

    @property
    def paths(self) -> Mapping[str, str]:
        """Path -> blob id of every file of the tree, whatever its language."""
        ...

    @property
    def counts(self) -> TreeCounts:
        """What was read and what was not."""
        ...

    def facts(self, path: str) -> FileFacts:
        """Return the facts of one of the files of `blobs`."""
        ...

    def read_text(self, path: str) -> str | None:
        """Return the text of any file of the tree, such as a template or a settings file; None when there is none."""
        ...


class SourceTree:
    """A tree held in memory, for tests and for use as a library."""

    def __init__(self, sources: Mapping[str, str | bytes]) -> None:
        """Take the files by their paths."""
        self._contents = {
            path: source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
            for path, source in sorted(sources.items())
        }
        self._facts: dict[str, FileFacts] = {}
        self._paths = {path: blob_id(content) for path, content in self._contents.items()}
        self._blobs = {path: blob for path, blob in self._paths.items() if language_of(path)}

    @property
    def paths(self) -> Mapping[str, str]:
        """Path -> id of every file."""
        return self._paths

    @property
    def blobs(self) -> Mapping[str, str]:
        """Path -> id of every file that rh reads."""
        return self._blobs

    @property
    def counts(self) -> TreeCounts:
        """What was read and what was not."""
        return counts_of({path: self.facts(path) for path in self._contents if language_of(path)})

    def facts(self, path: str) -> FileFacts:
        """Return the facts of one file."""
        if path not in self._facts:
            self._facts[path] = extract(language_of(path), self._contents[path])
        return self._facts[path]

    def read_text(self, path: str) -> str | None:
        """Return the text of one file."""
        content = self._contents.get(path)
        return None if content is None else content.decode("utf-8", "replace")


def counts_of(found: Mapping[str, FileFacts]) -> TreeCounts:
    """Count what was read of files whose facts are all at hand."""
    failed = tuple(path for path, facts in found.items() if not facts.parser)
    partial_count = sum(1 for facts in found.values() if facts.parser and facts.partial)
    return TreeCounts(len(found), len(found) - len(failed), partial_count, failed, {})


def blob_id(content: bytes) -> str:
    """Return the id that git gives these bytes."""
    from hashlib import sha1

    return sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
