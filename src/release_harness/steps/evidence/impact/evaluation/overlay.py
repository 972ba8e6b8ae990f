"""A tree in which a few files have other contents."""

from collections.abc import Mapping

from release_harness.steps.evidence.impact.extract import extract, language_of
from release_harness.steps.evidence.impact.facts import FileFacts
from release_harness.steps.evidence.impact.tree import TreeCounts, TreeFacts, blob_id


class OverlayTree:
    """Another tree with some files exchanged; everything else is asked of that tree."""

    def __init__(self, tree: TreeFacts, contents: Mapping[str, bytes]) -> None:
        """Take the tree and the new contents by path."""
        self._tree = tree
        self._contents = contents
        changed = {path: blob_id(content) for path, content in contents.items()}
        self._paths = dict(sorted({**tree.paths, **changed}.items()))
        readable = {path: blob for path, blob in changed.items() if language_of(path)}
        self._blobs = dict(sorted({**tree.blobs, **readable}.items()))
        self._facts: dict[str, FileFacts] = {}

    @property
    def blobs(self) -> Mapping[str, str]:
        """Path -> blob id of every file that rh reads."""
        return self._blobs

    @property
    def paths(self) -> Mapping[str, str]:
        """Path -> blob id of every file."""
        return self._paths

    @property
    def counts(self) -> TreeCounts:
        """What was read of the tree below."""
        return self._tree.counts

    def facts(self, path: str) -> FileFacts:
        """Return the facts of one file."""
        content = self._contents.get(path)
        if content is None:
            return self._tree.facts(path)
        if path not in self._facts:
            self._facts[path] = extract(language_of(path), content)
        return self._facts[path]

    def read_text(self, path: str) -> str | None:
        """Return the text of one file."""
        content = self._contents.get(path)
        return self._tree.read_text(path) if content is None else content.decode("utf-8", "replace")
