"""What intake needs from outside."""

from typing import Protocol

from release_harness.kernel.records import record


class BriefTree(Protocol):
    """Reads one file of a commit or tree."""

    def read_file(self, treeish: str, path: str) -> bytes | None:
        """Return the bytes of a file, or None when the tree does not have it."""
        ...


@record
class BriefFile:
    """One brief as it lies in the working folder."""

    path: str
    """Relative to the top of the work tree where it is inside, else as it was given."""
    content: bytes


class BriefFolder(Protocol):
    """The `.rh/briefs/` folder of the work tree that the command was started in."""

    def list_names(self) -> tuple[str, ...]:
        """Return the names of the briefs in order; empty when there is no folder."""
        ...

    def read(self, name: str) -> BriefFile | None:
        """Read one brief by its plain name, or None; never follows a link out of the folder."""
        ...

    def read_path(self, path: str) -> BriefFile | None:
        """Read a file that the person at the keyboard named, or None when it does not exist."""
        ...

    def write_new(self, name: str, content: bytes) -> str | None:
        """Create a brief and return its path, or None when there is already one; never overwrites."""
        ...
