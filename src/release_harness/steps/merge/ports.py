"""What landing needs from outside."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Protocol

from release_harness.kernel.digests import CommitId, TreeId
from release_harness.steps.merge.model import Culprit, Draft, MoveAnswer, Place, PushAnswer


class LandingRepository(Protocol):
    """Reads and moves the branches that changes land on; it never touches uncommitted work."""

    def remotes(self) -> tuple[str, ...]:
        """Return the names of the remotes."""
        ...

    def remote_of(self, branch: str) -> str:
        """Return the remote that a branch follows, or an empty text."""
        ...

    def default_branch(self, remote: str) -> str:
        """Return the branch that the remote calls its default, or the main branch of this repository, or an empty text."""
        ...

    def is_branch_name(self, name: str) -> bool:
        """Tell whether git accepts the name for a branch."""
        ...

    def current_branch(self) -> str:
        """Return the short name of the checked-out branch, or an empty text when detached."""
        ...

    def commit_of(self, revision: str) -> CommitId | None:
        """Return the commit that a revision stands for right now."""
        ...

    def fetch_tip(self, place: Place) -> CommitId | None:
        """Return where the branch stands now, asking the remote if there is one; None when there is no such branch."""
        ...

    def is_ancestor(self, old: CommitId, new: CommitId) -> bool:
        """Tell whether the new commit contains the old one."""
        ...

    def tree_of(self, commit: CommitId) -> TreeId:
        """Return the tree of a commit."""
        ...

    def parents_of(self, commit: CommitId) -> tuple[CommitId, ...]:
        """Return the parents of a commit."""
        ...

    def first_parents(self, old: CommitId, new: CommitId, limit_count: int) -> tuple[Culprit, ...]:
        """Return the landings after `old` up to `new` along first parents, oldest first; at most the limit, the newest."""
        ...

    def build(self, draft: Draft) -> CommitId | None:
        """Make the commit object; no branch moves. None when a rebase does not give the wanted tree."""
        ...

    def push(self, place: Place, commit: CommitId, tip: CommitId) -> PushAnswer:
        """Move the branch of the remote from the tip to the commit, or not at all."""
        ...

    def move(self, branch: str, commit: CommitId, tip: CommitId | None) -> MoveAnswer:
        """Move the branch of this repository forward to the commit.

        `tip` is where it must stand; None takes any commit that the new one contains. A work tree that has the branch
        checked out is brought along when nothing uncommitted is in the way, and is left alone otherwise.
        """
        ...


class LandingLocks(Protocol):
    """One landing at a time for one repository and branch."""

    def hold(self, place: Place, what: str, wait: timedelta) -> AbstractContextManager[None]:
        """Hold the lock; it is free again when the process ends, however it ends. Raises Conflict when it is taken."""
        ...


class Patience(Protocol):
    """Waits, outside of every decision."""

    def wait(self, length: timedelta) -> None:
        """Return after that time."""
        ...


class Boundaries(Protocol):
    """Is told of every point at which a landing may be cut off, so that tests can cut it off there."""

    def reach(self, name: str) -> None:
        """Take note; does nothing in production."""
        ...


class MadeObjects(Protocol):
    """The objects that looking at a change has made."""

    def keep_objects(self) -> None:
        """Put them into the repository, so that a commit can be built on them."""
        ...


BOUNDARIES: Sequence[str] = (
    "locked",
    "recovered",
    "fetched",
    "examined",
    "tested",
    "built",
    "intended",
    "pushed",
    "moved",
    "recorded",
)
"""The names that `Boundaries.reach` is told, in order."""
