"""Which exit code and which HTTP status each kind of error has, the same everywhere."""

import errno
from enum import IntEnum

from release_harness.kernel.errors import (
    Bug,
    Conflict,
    HarnessError,
    InputError,
    NotAllowed,
    NotFound,
    OutsideError,
)
from release_harness.kernel.verdict import Outcome


class Exit(IntEnum):
    """Exit codes of every command."""

    DONE = 0
    FAIL = 1
    USAGE = 2
    WAITING = 3
    OUTSIDE = 4
    BUG = 5
    INTERRUPTED = 130


_EXITS: tuple[tuple[type[HarnessError], Exit], ...] = (
    (InputError, Exit.USAGE),
    (NotFound, Exit.USAGE),
    (NotAllowed, Exit.FAIL),
    (Conflict, Exit.WAITING),
    (OutsideError, Exit.OUTSIDE),
    (Bug, Exit.BUG),
)

_DISK = {
    errno.ENOSPC: ("DISK_FULL", "Free some space and run the same command again; nothing half-written was kept."),
    errno.EROFS: ("READ_ONLY", "Make the folder writable, or run rh on a copy that is."),
    errno.EACCES: ("PERMISSION_DENIED", "Give yourself the right to read and write there."),
    errno.EPERM: ("PERMISSION_DENIED", "Give yourself the right to read and write there."),
}


def exit_of_error(error: HarnessError) -> Exit:
    """Return the exit code of an error; what is not in the tree counts as a bug."""
    return next((code for kind, code in _EXITS if isinstance(error, kind)), Exit.BUG)


def exit_of_outcome(outcome: Outcome) -> Exit:
    """Return the exit code of an outcome: pass 0, fail 1, unknown or waiting on somebody 3."""
    match outcome:
        case Outcome.PASS:
            return Exit.DONE
        case Outcome.FAIL:
            return Exit.FAIL
        case Outcome.UNKNOWN:
            return Exit.WAITING


def from_os_error(error: OSError) -> OutsideError:
    """Say what the disk or the system refused, in the words of our own errors."""
    code, hint = _DISK.get(error.errno or 0, ("SYSTEM_CALL_FAILED", "Look at the named place and try again."))
    place = f"{error.filename}: " if error.filename else ""
    return OutsideError(code=code, says=f"{place}{error.strerror or error}.", hint=hint)


def from_exception(error: Exception) -> Bug:
    """Say that rh itself failed, without a traceback."""
    return Bug(
        code="BUG",
        says=f"rh failed inside: {type(error).__name__}: {error}",
        hint="Nothing was landed by this command. Run it again with RH_DEBUG=1 to see where, and report it.",
    )
