"""What a change needs from outside: the objects of one git repository."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from release_harness.kernel.digests import CommitId, ObjectId, TreeId
from release_harness.steps.changes.model import (
    BlobText,
    DiffOutput,
    LogOutput,
    MergeOutcome,
    RepositoryState,
    Snapshot,
)


class Repository(Protocol):
    """Reads one git repository without ever writing to it."""

    def state(self) -> RepositoryState:
        """Say what kind of repository it is; raises NotFound outside of one."""
        ...

    def setting(self, name: str) -> str:
        """Return the last value of a git setting, or an empty text."""
        ...

    def symbolic_target(self, ref: str) -> str:
        """Return the full name of the ref that a symbolic ref points to, or an empty text; it may not exist yet."""
        ...

    def resolve(self, names: Sequence[str]) -> Mapping[str, CommitId]:
        """Return the commits of those names that stand for one."""
        ...

    def near_names(self, name: str) -> tuple[str, ...]:
        """Return branches and tags whose names look like this one, the nearest first."""
        ...

    def tree_of(self, commit: CommitId) -> TreeId:
        """Return the tree of a commit."""
        ...

    def parents_of(self, commit: CommitId) -> tuple[CommitId, ...]:
        """Return the parents of a commit, the first parent first."""
        ...

    def merge_bases(self, one: CommitId, other: CommitId) -> tuple[CommitId, ...]:
        """Return every best common ancestor; none when the histories do not meet, or not in what is here."""
        ...

    def brought_in(self, commit: CommitId, branch: CommitId) -> CommitId | None:
        """Return the oldest commit on the first-parent line of a branch that holds the commit and is another one."""
        ...

    def merge(self, base: CommitId, head: CommitId) -> MergeOutcome:
        """Merge the head onto the base without a work tree."""
        ...

    def diff(self, old: TreeId | None, new: TreeId) -> DiffOutput:
        """Compare two trees without rename detection; None stands for the tree without files."""
        ...

    def log(self, head: CommitId, excluded: CommitId | None, *, limit_count: int) -> LogOutput:
        """Return the commits of the head that the excluded one does not have, newest first."""
        ...

    def read_file(self, treeish: str, path: str) -> bytes | None:
        """Return the bytes of a file, or None when the tree does not have it."""
        ...

    def read_files(self, treeish: str, paths: Sequence[str], *, limit_bytes: int) -> Mapping[str, bytes]:
        """Return the bytes of those files that the tree has and that are not longer than the limit."""
        ...

    def read_blobs(self, blobs: Sequence[ObjectId], *, limit_bytes: int) -> Mapping[ObjectId, BlobText]:
        """Return size and beginning of each blob that is here; nothing is read whole beyond the limit."""
        ...

    def folder_names(self, tree: TreeId, folders: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """Return the names in those folders that the tree has."""
        ...

    def snapshot(self) -> Snapshot:
        """Make a tree of the working tree as `git add --all` would, beside the repository and not in it."""
        ...
