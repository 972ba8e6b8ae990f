"""What this step needs from outside: files of a git tree, files of the work tree, the readers of rule files, history."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from release_harness.policy.model import Policy
from release_harness.steps.project.model import HistoryFacts, PolicyCase, ProjectFile


class TreeReader(Protocol):
    """Reads files of commits and trees; never the work tree, which anybody can have changed."""

    def read_file(self, treeish: str, path: str) -> bytes | None:
        """Return the content of a file, or None when there is no such file in that tree."""
        ...

    def list_paths(self, treeish: str) -> Sequence[str]:
        """Return the path of every file of a tree, decoded with surrogateescape."""
        ...


class PolicyReader(Protocol):
    """Reads rule files; every fault of a file is said at once in one InputError."""

    def read_policy(self, text: bytes, source: str) -> Policy:
        """Read `.rh/policy.yaml`."""
        ...

    def read_project(self, text: bytes, source: str) -> ProjectFile:
        """Read `.rh/project.yaml`."""
        ...

    def read_cases(self, text: bytes, source: str) -> tuple[PolicyCase, ...]:
        """Read the cases of `rh policy test`."""
        ...

    def places(self, text: bytes, source: str) -> dict[str, tuple[int, int]]:
        """Return line and column of everything in a rule file by its path, such as `surfaces.auth` or `raise.big-diff`."""
        ...


class WorkFolder(Protocol):
    """The files of the work tree; nothing is read or written through a symbolic link that leads out of it."""

    @property
    def root(self) -> Path:
        """The top folder of the work tree."""
        ...

    def read(self, path: str) -> bytes | None:
        """Return the content of a file below the root, or None when there is none."""
        ...

    def write(self, path: str, content: bytes) -> None:
        """Write a file below the root, whole or not at all."""
        ...

    def read_named(self, name: str) -> bytes:
        """Return the content of a file that a person named on the command line; raises NotFound."""
        ...

    def list_paths(self) -> Sequence[str]:
        """Return the paths of the files that git tracks and of new ones that it does not ignore."""
        ...

    def history(self) -> HistoryFacts:
        """Return the default branch and who wrote the last commits."""
        ...
