"""Fakes of the ports of the project step: trees and a work tree that live in memory."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from release_harness.kernel.errors import NotAllowed, NotFound
from release_harness.steps.project.model import HistoryFacts


class MemoryTrees:
    """Fake of the TreeReader port: files by tree and path."""

    def __init__(self, trees: Mapping[str, Mapping[str, bytes]]) -> None:
        """Take the trees; a treeish that is not among them is an empty tree."""
        self._trees = trees
        self.reads_count = 0

    def read_file(self, treeish: str, path: str) -> bytes | None:
        """Return the content of a file, or None."""
        self.reads_count += 1
        return self._trees.get(treeish, {}).get(path)

    def list_paths(self, treeish: str) -> Sequence[str]:
        """Return the paths of a tree in order."""
        return sorted(self._trees.get(treeish, {}))


class MemoryWorkFolder:
    """Fake of the WorkFolder port: files by path, all of them tracked."""

    def __init__(self, files: Mapping[str, bytes], history: HistoryFacts | None = None) -> None:
        """Take the files and what history says."""
        self.files = dict(files)
        self.written: list[str] = []
        self._history = history or HistoryFacts(default_branch="main", committers=(), commits_count=0)

    @property
    def root(self) -> Path:
        """A folder that is never touched."""
        return Path("/memory")

    def read(self, path: str) -> bytes | None:
        """Return the content of a file, or None."""
        self._refuse_escape(path)
        return self.files.get(path)

    def read_named(self, name: str) -> bytes:
        """Return the content of a file; raises NotFound."""
        if name not in self.files:
            raise NotFound(code="FILE_MISSING", says=f"There is no file {name}.", subject=name)
        return self.files[name]

    def write(self, path: str, content: bytes) -> None:
        """Keep the content and remember that it was written."""
        self._refuse_escape(path)
        self.files[path] = content
        self.written.append(path)

    def list_paths(self) -> Sequence[str]:
        """Return the paths in order."""
        return sorted(self.files)

    def history(self) -> HistoryFacts:
        """Return what was handed in."""
        return self._history

    @staticmethod
    def _refuse_escape(path: str) -> None:
        parts = path.split("/")
        if path.startswith("/") or ".." in parts or parts[0] in ("", ".git"):
            raise NotAllowed(code="PATH_LEADS_AWAY", says=f"{path} leads out of the work tree.", subject=path)
