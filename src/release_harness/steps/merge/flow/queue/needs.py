"""What the queue needs beyond what landing needs."""

from typing import Protocol

from release_harness.kernel.digests import CommitId
from release_harness.steps.merge.flow.needs import Gate, LandNeeds
from release_harness.steps.merge.model import Place
from release_harness.steps.merge.model.queued import GateTerms
from release_harness.steps.merge.ports import QueueLocks, QueueRepository, Runners


class QueueGate(Gate, Protocol):
    """A gate that can say what it judges by before it is run."""

    def terms(self, commit: CommitId, place: Place) -> GateTerms:
        """Return the digests of the gate as a commit of the branch has it, and of where it runs."""
        ...


class QueueLands(LandNeeds, Protocol):
    """What looking at the queue and putting changes into it needs."""

    @property
    def repository(self) -> QueueRepository:
        """The objects."""
        ...


class QueueNeeds(QueueLands, Protocol):
    """What keeping the queue needs."""

    @property
    def runners(self) -> Runners:
        """Who runs the gate."""
        ...

    @property
    def queue_locks(self) -> QueueLocks:
        """One keeper at a time."""
        ...
