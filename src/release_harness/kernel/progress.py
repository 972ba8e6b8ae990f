"""Long work reports here: a terminal draws a bar, a pipe prints plain lines, a test keeps a list."""

from typing import Protocol


class Progress(Protocol):
    """Where a flow says how far it is."""

    def start(self, task: str, total_count: int | None = None) -> None:
        """Begin a task; `total_count` is None when the end is not known."""
        ...

    def advance(self, count: int = 1) -> None:
        """Say that `count` more units are done."""
        ...

    def say(self, line: str) -> None:
        """Print one line of live output, such as a line of a running test command."""
        ...

    def finish(self) -> None:
        """End the task."""
        ...
