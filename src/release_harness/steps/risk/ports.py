"""What risk needs from outside: a walk of the history, and a place to keep what was walked."""

from collections.abc import Sequence
from typing import Protocol


class HistoryWalk(Protocol):
    """Reads the first-parent line of a branch with few processes; a process that fails raises, and never half an answer."""

    def chain(self, tip: str) -> tuple[str, ...]:
        """Return the first-parent commits of a tip, the oldest first."""
        ...

    def messages(self, tip: str, excluded: str | None) -> bytes:
        """Return every commit that the tip has and the excluded one has not, each as the fields of `MESSAGE_FIELDS`."""
        ...

    def raw(self, pairs: Sequence[tuple[str, str]]) -> bytes:
        """Return the raw records between pairs of trees, without rename detection."""
        ...

    def line_numbers(self, pairs: Sequence[tuple[str, str]]) -> bytes | None:
        """Return the numbers of lines between pairs of trees; None when an object is missing or damaged."""
        ...

    def missing(self, blobs: Sequence[str]) -> frozenset[str]:
        """Return those blobs that are not in this clone."""
        ...

    def tree_of(self, commit: str) -> str:
        """Return the tree of a commit."""
        ...

    def empty_tree(self) -> str:
        """Return the id of the tree without files."""
        ...


class Documents(Protocol):
    """Writes files that a person named."""

    def write_document(self, name: str, content: bytes) -> str:
        """Write a file whole and return its path; raises OutsideError."""
        ...


class WalkCache(Protocol):
    """Keeps bytes by name beside the ledger; safe under several processes, and safe to delete."""

    def names(self) -> frozenset[str]:
        """Return the names that are kept."""
        ...

    def get(self, name: str) -> bytes | None:
        """Return what is kept under a name, or None."""
        ...

    def put(self, name: str, content: bytes) -> None:
        """Keep bytes under a name, whole or not at all; a cache that cannot be written is no failure."""
        ...

    def drop(self, name: str) -> None:
        """Forget a name."""
        ...
