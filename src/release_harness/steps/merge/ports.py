"""What landing needs from outside."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Protocol

from release_harness.kernel.digests import CommitId, TreeId
from release_harness.steps.changes.model import MergeOutcome
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

    def commits_between(self, old: CommitId, new: CommitId, limit_count: int) -> tuple[CommitId, ...]:
        """Return the commits that the new one contains and the old one does not, newest first; at most the limit."""
        ...

    def changed_paths(self, old: TreeId, new: TreeId) -> frozenset[str]:
        """Return the paths that differ between two trees, without rename detection."""
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


class QueueRepository(Protocol):
    """Reads the objects that the queue merges."""

    def resolve(self, names: Sequence[str]) -> Mapping[str, CommitId]:
        """Return the commits of those names that stand for one."""
        ...

    def merge_bases(self, one: CommitId, other: CommitId) -> tuple[CommitId, ...]:
        """Return every best common ancestor."""
        ...

    def merge(self, base: CommitId, head: CommitId) -> MergeOutcome:
        """Merge the head onto the base without a work tree."""
        ...


class QueueLocks(Protocol):
    """One keeper at a time for one repository and branch."""

    def keep(self, place: Place, what: str) -> AbstractContextManager[None]:
        """Hold the lock of the queue; free again when the process ends. Raises Conflict when somebody else has it."""
        ...


class Runners(Protocol):
    """Workers that run the gate, each one run at a time, apart from the process that keeps the queue."""

    def open(self, count: int) -> None:
        """Say how many workers there are."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """Every worker."""
        ...

    def free(self) -> tuple[str, ...]:
        """Return the workers that have nothing to do."""
        ...

    def busy(self) -> frozenset[str]:
        """Return the runs that were handed out and not yet done."""
        ...

    def begin(self, run: str, worker: str) -> None:
        """Hand a recorded run to a free worker; its answer comes through the ledger."""
        ...

    def lost(self) -> frozenset[str]:
        """Return the runs whose worker is dead; asked before the ledger is read, so that an answer is never overlooked."""
        ...

    def done(self, run: str) -> None:
        """Take note that the ledger has the answer of a run."""
        ...

    def stop(self, run: str) -> None:
        """End a run and everything that it started; returns when it is ended."""
        ...

    def wait(self, length: timedelta) -> None:
        """Return when a worker has something to say, or after that time."""
        ...

    def close(self) -> None:
        """End every worker."""
        ...


class WorkOrders(Protocol):
    """How a worker is told what to run."""

    def listen(self) -> Iterator[str]:
        """Yield the runs until there will be no more."""
        ...

    def tell(self, run: str) -> None:
        """Say that a run is worked off."""
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
