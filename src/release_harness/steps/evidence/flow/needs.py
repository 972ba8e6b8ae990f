"""What running the tests of a change, and taking in reports of them, needs."""

from collections.abc import Mapping
from typing import Protocol

from release_harness.kernel.identity import Actor
from release_harness.kernel.progress import Progress
from release_harness.kernel.time import Clock
from release_harness.ledger.door import LedgerDoor
from release_harness.steps.evidence.ports import (
    Commands,
    ContentStore,
    ReportReader,
    Signer,
    TreeFiles,
    Verifier,
    WorkTrees,
)


class RunningNeeds(Protocol):
    """What running commands in a checkout needs."""

    @property
    def clock(self) -> Clock:
        """The clock."""
        ...

    @property
    def progress(self) -> Progress:
        """Where live output goes."""
        ...

    @property
    def environment(self) -> Mapping[str, str]:
        """Environment of rh itself."""
        ...

    @property
    def commands(self) -> Commands:
        """Runs programs."""
        ...

    @property
    def work_trees(self) -> WorkTrees:
        """Makes clean checkouts."""
        ...

    @property
    def reports(self) -> ReportReader:
        """Reads report files."""
        ...

    @property
    def content(self) -> ContentStore:
        """Contents by digest."""
        ...


class EvidenceRunNeeds(RunningNeeds, Protocol):
    """What testing a change needs."""

    @property
    def actor(self) -> Actor:
        """Who runs this command."""
        ...

    @property
    def repository(self) -> TreeFiles:
        """Git trees."""
        ...

    @property
    def ledger(self) -> LedgerDoor:
        """The ledger."""
        ...

    @property
    def signer(self) -> Signer:
        """Signs statements."""
        ...

    @property
    def verifier(self) -> Verifier:
        """Opens signed statements."""
        ...


class AddNeeds(Protocol):
    """What taking in reports needs."""

    @property
    def clock(self) -> Clock:
        """The clock."""
        ...

    @property
    def actor(self) -> Actor:
        """Who runs this command."""
        ...

    @property
    def repository(self) -> TreeFiles:
        """Git trees."""
        ...

    @property
    def reports(self) -> ReportReader:
        """Reads report files."""
        ...

    @property
    def content(self) -> ContentStore:
        """Contents by digest."""
        ...

    @property
    def ledger(self) -> LedgerDoor:
        """The ledger."""
        ...

    @property
    def signer(self) -> Signer:
        """Signs statements."""
        ...

    @property
    def verifier(self) -> Verifier:
        """Opens signed statements."""
        ...
