"""The one tree of exceptions; expected outcomes are values and never raised.

HarnessError
├── InputError      something that a person or a file said cannot be understood        exit 2
├── NotFound        something that was named does not exist                            exit 2
├── NotAllowed      the actor may not do this, whatever the state is                   exit 1
├── Conflict        the state moved, or somebody else holds it                         exit 3
├── OutsideError    git, a disk, a database or a network failed                        exit 4
└── Bug             rh broke a promise of its own                                      exit 5
"""

from collections.abc import Sequence


class HarnessError(Exception):
    """A refusal with a stable code, a sentence, a hint and the subject's identifier."""

    def __init__(
        self,
        *,
        code: str,
        says: str,
        hint: str = "",
        subject: str = "",
        faults: Sequence["Fault"] = (),
    ) -> None:
        """Keep the parts apart, so that every surface can lay them out in its own way."""
        super().__init__(says)
        self.code = code
        self.says = says
        self.hint = hint
        self.subject = subject
        self.faults = tuple(faults)


class Fault:
    """One fault in a document: where it is, what was found, what was expected."""

    __slots__ = ("column", "expected", "file", "line", "path", "says", "suggestion")

    def __init__(
        self,
        *,
        says: str,
        path: str = "",
        expected: str = "",
        suggestion: str = "",
        file: str = "",
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        """Lines and columns count from 1; `None` means that the position is not known."""
        self.says = says
        self.path = path
        self.expected = expected
        self.suggestion = suggestion
        self.file = file
        self.line = line
        self.column = column

    def __repr__(self) -> str:
        """Show the sentence as `file:line:column: says`."""
        return f"Fault({self.sentence()!r})"

    def sentence(self) -> str:
        """Say the fault in one line, position first."""
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part not in ("", None))
        tail = f" Expected {self.expected}." if self.expected else ""
        meant = f" Did you mean {self.suggestion!r}?" if self.suggestion else ""
        return f"{place}: {self.says}{tail}{meant}" if place else f"{self.says}{tail}{meant}"


class InputError(HarnessError):
    """Something that a person or a file said cannot be understood."""


class NotFound(HarnessError):  # noqa: N818 - the tree reads as plain words
    """Something that was named does not exist."""


class NotAllowed(HarnessError):  # noqa: N818 - as above
    """The actor may not do this, whatever the state is."""


class Conflict(HarnessError):  # noqa: N818 - as above
    """The state moved, or somebody else holds it."""


class OutsideError(HarnessError):
    """Git, a disk, a database or a network failed; `retryable` says whether the same call may go through later."""

    def __init__(
        self,
        *,
        code: str,
        says: str,
        hint: str = "",
        subject: str = "",
        faults: Sequence[Fault] = (),
        retryable: bool = True,
    ) -> None:
        """Keep `retryable` beside the parts of every refusal."""
        super().__init__(code=code, says=says, hint=hint, subject=subject, faults=faults)
        self.retryable = retryable


class Bug(HarnessError):  # noqa: N818 - as above
    """rh broke a promise of its own."""
