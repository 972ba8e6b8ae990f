"""What git's complaints mean: stderr becomes an error with a stable code and a hint."""

import re
from collections.abc import Sequence

from release_harness.kernel.errors import HarnessError, InputError, NotFound, OutsideError
from release_harness.kernel.paths import show_text

_USAGE_EXIT = 129
_UNREADABLE = re.compile(r"'[0-9a-f]{40,64}:([^'\n]+)': unable to read")
_MISSING = re.compile(
    r"unable to read|missing (blob|tree|object)|could not fetch|Could not read|Failed to traverse|unable to find|bad object|"
    r"revision walk setup failed|unable to parse commit",
    re.IGNORECASE,
)
_CORRUPT = re.compile(
    r"is corrupt|inflate:|unable to unpack|hash mismatch|packfile .* cannot be|bad tree|malformed|garbage at end|"
    r"invalid object|not a tree object|unknown object type|object file .* is empty|too-short tree|truncated|index file corrupt|"
    r"bad index file|index file smaller",
    re.IGNORECASE,
)


class GitFailed(Exception):  # noqa: N818 - it is caught inside this package, where it reads as a plain word
    """git ended with a status other than 0; callers in this package decide what that means."""

    def __init__(self, arguments: Sequence[str], status: int, stderr: bytes, printed: bytes = b"") -> None:
        """Keep what git said, as text that is safe to show, and what it had printed."""
        self.printed = printed
        self.command = "git " + " ".join(show_text(each) for each in _without_settings(arguments))
        self.status = status
        self.said = "; ".join(
            show_text(line) for line in stderr.decode("utf-8", "surrogateescape").splitlines() if line.strip()
        )[:600]
        super().__init__(f"{self.command}: {self.said}")

    @property
    def not_supported(self) -> bool:
        """Tell whether this git does not know the command or the option."""
        return self.status == _USAGE_EXIT or "is not a git command" in self.said

    @property
    def object_unreadable(self) -> bool:
        """Tell whether an object was missing or damaged."""
        return bool(_MISSING.search(self.said) or _CORRUPT.search(self.said))


def explain(failure: GitFailed, folder: str) -> HarnessError:
    """Turn a failed run into the error that a person can act on."""
    said = failure.said
    if "dubious ownership" in said:
        return InputError(
            code="GIT_DUBIOUS_OWNERSHIP",
            says=f"git refuses to read the repository in {show_text(folder)}: it belongs to another user.",
            hint=f"If you trust it: git config --global --add safe.directory {show_text(folder)}",
            subject=folder,
        )
    if "not a git repository" in said or "must be run in a work tree" in said:
        return NotFound(
            code="NOT_A_REPOSITORY",
            says=f"{show_text(folder)} is not inside a git repository.",
            hint="Change to a folder of a repository, or run `git init` first.",
            subject=folder,
        )
    if _CORRUPT.search(said):
        return OutsideError(
            code="GIT_OBJECT_CORRUPT",
            says=f"An object of the repository is damaged: {said}",
            hint="`git fsck --full` names every damaged object; fetch them again or clone anew.",
            subject=folder,
            retryable=False,
        )
    if _MISSING.search(said):
        return OutsideError(
            code="GIT_OBJECT_MISSING",
            says=f"An object is not in this repository: {said}",
            hint="A shallow clone needs `git fetch --unshallow`, a partial clone `git fetch --refetch --no-filter`.",
            subject=folder,
            retryable=False,
        )
    return OutsideError(
        code="GIT_FAILED",
        says=f"{failure.command} ended with status {failure.status}: {said or 'it said nothing'}",
        hint="Run the same command by hand to see more.",
        subject=folder,
    )


def git_missing() -> OutsideError:
    """Build the error for a machine without git."""
    return OutsideError(
        code="GIT_NOT_FOUND",
        says="The program `git` was not found on the PATH.",
        hint="Install git 2.38 or newer.",
        retryable=False,
    )


def git_timed_out(arguments: Sequence[str], seconds: float) -> OutsideError:
    """Build the error for a git that did not end in time."""
    command = " ".join(show_text(each) for each in _without_settings(arguments))
    return OutsideError(
        code="GIT_TIMEOUT",
        says=f"git {command} did not end within {seconds:.0f} s and was stopped.",
        hint="`git maintenance run --task=commit-graph` makes walks of a long history faster; then try again.",
    )


def _without_settings(arguments: Sequence[str]) -> list[str]:
    kept = list(arguments)
    while kept[:1] == ["-c"]:
        kept = kept[2:]
    return kept[:12]


def unreadable_paths(said: str) -> list[str]:
    """Return the paths that git names as it fails to read them, as in `'<tree>:a/b.py': unable to read <id>`."""
    return list(dict.fromkeys(_UNREADABLE.findall(said)))
