"""What a walk of the history keeps of every landing.

These are named tuples and no records: a history has a million of them, and a record takes ten times as long to make.
"""

from collections.abc import Callable
from typing import NamedTuple

NOT_COUNTED = -1
"""Lines of a binary file, or of a file of which one side is not in this clone."""


class FileRow(NamedTuple):
    """One changed file of a landing, against its first parent, without rename detection."""

    path: str
    status: str
    """`A`, `M`, `D` or `T`; of anything but plain files followed by the kinds before and after: `-`, `f`, `x`, `l` or `s` for
    nothing, a plain file, an executable one, a link, a submodule."""
    added: int
    """Lines, or NOT_COUNTED."""
    removed: int


class Claim(NamedTuple):
    """What one commit says of itself: a landing, or a commit that a merge brought in."""

    id: str
    author: str
    """E-mail address as written, in lower case."""
    subject: str
    is_merge: bool = False
    takes_back: bool = False
    """It says that taking back is what it is for."""
    lands_again: bool = False
    """It says that it lands again what was taken back."""
    reverts: tuple[str, ...] = ()
    """Commit ids, whole or short, that it says it reverts."""
    numbers: tuple[str, ...] = ()
    """Pull requests that it says it reverts: `7`, or `owner/name#7`."""
    title: str = ""
    """The title in `Revert "…"`."""
    fixes: tuple[tuple[str, str], ...] = ()
    """Commit id and quoted title of every `Fixes:` trailer."""
    own_numbers: tuple[str, ...] = ()
    """Pull requests that it says it is."""


class Landing(NamedTuple):
    """One first-parent commit, and everything that it brought in."""

    id: str
    parents_count: int
    committed_seconds: int
    """By the committer's clock, which may run backwards from one landing to the next."""
    author: str
    """Of a merge, whoever wrote most of its commits."""
    title: str
    """What the change calls itself; of a merge, what a person wrote."""
    counted: bool
    """False when the lines are not known, since a blob is not in this clone."""
    files: tuple[FileRow, ...]
    claims: tuple[Claim, ...]
    """Of the landing itself first, then of the commits that it brought in."""

    @property
    def takes_back(self) -> bool:
        """True when taking something back is what the landing is for."""
        return self.claims[0].takes_back or _all_of(self.claims, lambda each: each.takes_back)

    @property
    def lands_again(self) -> bool:
        """True when the landing lands again what was taken back."""
        return self.claims[0].lands_again or _all_of(self.claims, lambda each: each.lands_again)


def _all_of(claims: tuple[Claim, ...], test: Callable[[Claim], bool]) -> bool:
    own = [each for each in claims[1:] if not each.is_merge]
    return bool(own) and all(test(each) for each in own)
