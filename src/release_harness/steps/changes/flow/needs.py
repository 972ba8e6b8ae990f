"""What gathering a change needs."""

from typing import Protocol

from release_harness.steps.changes.ports import Repository


class ChangeNeeds(Protocol):
    """Everything that a change is read from."""

    @property
    def repository(self) -> Repository:
        """The repository that the change is in."""
        ...
