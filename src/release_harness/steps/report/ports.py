"""What a look back needs from outside: the history of a branch."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from release_harness.kernel.digests import CommitId, ObjectId, TreeId
from release_harness.steps.changes.model import LogOutput


class History(Protocol):
    """Walks the history of a branch with few processes."""

    def landings(self, tip: CommitId, excluded: CommitId | None, *, limit_count: int) -> LogOutput:
        """Return the first-parent commits with their files against the first parent, newest first."""
        ...

    def commits(self, tip: CommitId, excluded: Sequence[CommitId]) -> LogOutput:
        """Return every commit of the tip that none of the excluded ones has, newest first."""
        ...

    def missing_blobs(self, blobs: Sequence[ObjectId]) -> frozenset[ObjectId]:
        """Return those blobs that are not in this clone."""
        ...

    def empty_tree(self) -> TreeId:
        """Return the id of the tree without files."""
        ...

    def numbers(self, pairs: Sequence[tuple[TreeId, TreeId]]) -> bytes:
        """Return the numbers of lines between pairs of trees, all of whose blobs are here."""
        ...

    def releases(self, commits: Sequence[CommitId]) -> Mapping[CommitId, str]:
        """Return the oldest tag that is known to hold each commit."""
        ...
