"""What a look back needs."""

from typing import Protocol

from release_harness.ledger.door import LedgerDoor
from release_harness.steps.changes.ports import Repository
from release_harness.steps.project.ports import PolicyReader, TreeReader
from release_harness.steps.report.ports import History


class RepositoryOfRetro(Repository, TreeReader, Protocol):
    """Reads commits and files."""


class RetroNeeds(Protocol):
    """Everything that a look back is made from."""

    @property
    def repository(self) -> RepositoryOfRetro:
        """Reads commits and files."""
        ...

    @property
    def history(self) -> History:
        """Walks the history."""
        ...

    @property
    def policy_reader(self) -> PolicyReader:
        """Reads the policy."""
        ...

    @property
    def ledger(self) -> LedgerDoor:
        """What rh recorded itself, if anything."""
        ...
