"""What landing needs, and what it asks of the steps before it."""

from typing import Protocol

from release_harness.kernel.digests import CommitId
from release_harness.kernel.identity import Actor
from release_harness.kernel.progress import Progress
from release_harness.kernel.time import Clock
from release_harness.ledger.door import LedgerDoor
from release_harness.steps.merge.model import Look, Place, TreeRun
from release_harness.steps.merge.ports import Boundaries, LandingLocks, LandingRepository, Patience


class Gate(Protocol):
    """Looks at changes and runs tests; the production gate is `gate.ReviewGate`."""

    def look(
        self, head: CommitId, tip: CommitId, place: Place, branch: str, *, covering: CommitId | None = None
    ) -> Look:
        """Examine the change on one tip.

        `covering` is a later commit of the chain that lands in the same move: its run counts for the change, since none
        of the files of the change are touched in between. Who names it has to have made sure of that.
        """
        ...

    def run(self, head: CommitId, onto: CommitId, place: Place, *, anew: bool) -> TreeRun:
        """Return what the tests say of the head merged onto a commit; runs them unless a run is known and not `anew`."""
        ...

    def known_remote(self, tip: CommitId | None) -> str:
        """Return the remote that the project file of a commit names, or an empty text."""
        ...


class LandNeeds(Protocol):
    """What landing itself needs; the gate needs more."""

    @property
    def clock(self) -> Clock:
        """Now."""
        ...

    @property
    def progress(self) -> Progress:
        """Where waiting and retries are told."""
        ...

    @property
    def actor(self) -> Actor:
        """Who runs the command."""
        ...

    @property
    def ledger(self) -> LedgerDoor:
        """Where intents and outcomes are recorded."""
        ...

    @property
    def landing(self) -> LandingRepository:
        """The branches."""
        ...

    @property
    def landing_locks(self) -> LandingLocks:
        """One landing at a time."""
        ...

    @property
    def patience(self) -> Patience:
        """Waits between attempts."""
        ...

    @property
    def boundaries(self) -> Boundaries:
        """Where tests cut a landing off."""
        ...
