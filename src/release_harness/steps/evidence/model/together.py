"""What several changes do to each other although each of them is right alone."""

from collections.abc import Mapping
from dataclasses import field
from enum import Enum
from typing import NamedTuple

from release_harness.kernel.digests import CommitId, TreeId
from release_harness.kernel.records import record
from release_harness.kernel.verdict import Outcome
from release_harness.steps.evidence.model.impact import ChangedSymbol, SymbolId, WiredSymbol


class ClashKind(Enum):
    """In which way two changes do not go together."""

    TEXT = "text conflict"
    SIGNATURE = "signature changed and used"
    REMOVED = "removed and used"
    EDITED_TWICE = "edited twice"
    OPPOSITE = "opposite edits"
    MIGRATION = "same migration number"
    ENTRY = "same entry point"
    KEY = "same key"


class Place(NamedTuple):
    """Where something stands."""

    path: str
    line: int = 0

    def __str__(self) -> str:
        """Return `path:line`, or the path alone."""
        return f"{self.path}:{self.line}" if self.line else self.path


class Use(NamedTuple):
    """A reference that a change brings."""

    target: SymbolId
    scope: SymbolId
    """The symbol in whose lines the reference stands."""
    place: Place


class Keyed(NamedTuple):
    """A named value that a change sets: a setting, a flag, an environment variable, a constant."""

    place: Place
    value: str
    """What it is set to, as text; empty when that cannot be told."""


@record
class Contribution:
    """What one change brings, as far as another could collide with it."""

    name: str
    """Branch or revision, as it was asked for."""
    changed: tuple[ChangedSymbol, ...] = ()
    texts: Mapping[SymbolId, str] = field(default_factory=dict)
    """Digest of each changed symbol at head, so that the same edit made twice is told from two edits."""
    uses: tuple[Use, ...] = ()
    entries: Mapping[str, Place] = field(default_factory=dict)
    """Entry points that it adds, by key."""
    migrations: Mapping[str, Place] = field(default_factory=dict)
    """Migrations that it adds, by what must be unique: folder and number, or the revision that it follows."""
    keys: Mapping[str, Keyed] = field(default_factory=dict)
    """Keys that it adds or gives another value, by `setting NAME`, `flag NAME`, `variable NAME`."""
    unknown: tuple[str, ...] = ()
    """Why this is not all, one sentence each."""


@record
class Clash:
    """One way in which two changes do not go together."""

    kind: ClashKind
    one: str
    other: str
    says: str
    """One sentence with both places."""
    outcome: Outcome
    """Fail for what breaks, unknown for what a person has to look at."""
    one_place: Place
    other_place: Place


@record
class TogetherAnswer:
    """What a change and others do to each other."""

    clashes: tuple[Clash, ...]
    unknown: tuple[str, ...]
    compared: tuple[str, ...]
    """Names of all changes that were compared."""

    @property
    def outcome(self) -> Outcome:
        """Fail when something breaks, unknown when something must be looked at or could not be read, else pass."""
        outcomes = {clash.outcome for clash in self.clashes}
        if Outcome.FAIL in outcomes:
            return Outcome.FAIL
        return Outcome.UNKNOWN if outcomes or self.unknown else Outcome.PASS


@record
class MergedBranch:
    """How one branch went into the common tree."""

    name: str
    head: CommitId
    merged: bool
    conflicts: tuple[str, ...] = ()


@record
class CoherenceReport:
    """What a set of branches does to each other, and what stays invisible after all of them are merged."""

    base: CommitId
    branches: tuple[MergedBranch, ...]
    """In the order in which they were merged."""
    tree: TreeId | None
    """Tree of all that merged; None when nothing did."""
    together: TogetherAnswer
    invisible: tuple[WiredSymbol, ...]
    """What the branches add and no entry point reaches in the common tree."""
    unknown: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The worst of: branches that do not merge, clashes, and what could not be told."""
        if any(not branch.merged for branch in self.branches) or self.together.outcome is Outcome.FAIL:
            return Outcome.FAIL
        if self.unknown or self.invisible or self.together.outcome is Outcome.UNKNOWN:
            return Outcome.UNKNOWN
        return Outcome.PASS
