"""What the commands of evidence need, are asked and answer."""

from dataclasses import field
from typing import Protocol

from release_harness.kernel.operations import argument, option
from release_harness.kernel.records import record
from release_harness.kernel.time import Clock
from release_harness.kernel.verdict import Verdict
from release_harness.steps.changes.flow import ChangeNeeds
from release_harness.steps.evidence.flow.attaching import AttachNeeds
from release_harness.steps.evidence.flow.findings import FindingsNeeds
from release_harness.steps.evidence.flow.impact import ImpactNeeds
from release_harness.steps.evidence.flow.listing import (
    Check,
    ListingNeeds,
)
from release_harness.steps.evidence.flow.needs import AddNeeds, EvidenceRunNeeds
from release_harness.steps.evidence.model import EvidenceRecord, MissedLines, StaleEvidence
from release_harness.steps.evidence.ports import EvidenceRepository
from release_harness.steps.project.flow import RulesNeeds

_REVISION = "REV or A..B; HEAD when it is left out."
_FOR = "The change that it is about: REV or A..B; HEAD when it is left out."
_BASE = "Branch or revision to land on; else the default branch."


class ChangeAndRules(ChangeNeeds, RulesNeeds, Protocol):
    """Gathering a change and its rules."""

    @property
    def repository(self) -> EvidenceRepository:
        """The repository."""
        ...


class RunCommandNeeds(ChangeAndRules, EvidenceRunNeeds, ImpactNeeds, ListingNeeds, Protocol):
    """Running the tests, and showing what came of it."""

    @property
    def repository(self) -> EvidenceRepository:
        """The repository."""
        ...


class AddCommandNeeds(ChangeAndRules, AddNeeds, Protocol):
    """Taking reports in."""

    @property
    def repository(self) -> EvidenceRepository:
        """The repository."""
        ...


class AttachCommandNeeds(ChangeAndRules, AttachNeeds, Protocol):
    """Attaching facts and claims."""

    @property
    def repository(self) -> EvidenceRepository:
        """The repository."""
        ...


class ListCommandNeeds(ChangeAndRules, FindingsNeeds, ListingNeeds, Protocol):
    """Listing what is recorded."""

    @property
    def clock(self) -> Clock:
        """The clock."""
        ...

    @property
    def repository(self) -> EvidenceRepository:
        """The repository."""
        ...


@record
class RunInput:
    """Which change is tested."""

    revision: str = field(default="", metadata=argument(_REVISION, metavar="[REV|A..B]"))
    base: str = field(default="", metadata=option(_BASE, metavar="REV"))
    worktree: bool = field(default=False, metadata=option("Test the working tree, with what is not committed."))
    no_base: bool = field(
        default=False,
        metadata=option("Never test the base to learn which tests there are; what hangs on it stays unknown."),
    )
    select: str = field(
        default="all",
        metadata=option(
            "Which tests to run: `all`, or `affected`, those that a trace shows to bear on the change; any doubt means all.",
            metavar="WHICH",
        ),
    )
    shards: int = field(default=1, metadata=option("Split the tests into so many parts.", metavar="N"))
    shard: int = field(default=1, metadata=option("Which part to run, from 1.", metavar="K"))
    no_trace: bool = field(
        default=False,
        metadata=option("Do not follow the tests into entry points; how those were walked stays unknown."),
    )


@record
class ProveInput:
    """Which change is taken back."""

    revision: str = field(default="", metadata=argument(_REVISION))
    base: str = field(default="", metadata=option(_BASE, metavar="REV"))


@record
class AddInput:
    """Reports of a CI, and what they are about."""

    files: tuple[str, ...] = field(metadata=argument("Report files.", metavar="FILE..."))
    for_: str = field(default="", metadata=option(_FOR, metavar="REV"))
    base: str = field(default="", metadata=option(_BASE, metavar="REV"))
    commit: str = field(
        default="",
        metadata=option("Commit that the CI checked out; the head of the change when left out.", metavar="SHA"),
    )
    exit_code: int | None = field(default=None, metadata=option("Exit code of the test command in the CI."))
    rerun: bool = field(default=False, metadata=option("The files are a rerun of what was added before."))


@record
class FactInput:
    """A fact for a change."""

    assignment: str = field(
        metadata=argument("Name and value of a fact that the policy declares.", metavar="NAME=VALUE")
    )
    for_: str = field(default="", metadata=option(_FOR, metavar="REV"))
    base: str = field(default="", metadata=option(_BASE, metavar="REV"))


@record
class ClaimInput:
    """Words for the reviewer."""

    text: str = field(metadata=argument("What you claim.", metavar="TEXT"))
    for_: str = field(default="", metadata=option(_FOR, metavar="REV"))
    base: str = field(default="", metadata=option(_BASE, metavar="REV"))


@record
class ListInput:
    """Whose evidence is listed."""

    revision: str = field(default="", metadata=argument(_REVISION, metavar="[REV|A..B]"))
    base: str = field(default="", metadata=option(_BASE, metavar="REV"))
    worktree: bool = field(default=False, metadata=option("The working tree, with what is not committed."))
    all_: bool = field(default=False, metadata=option("List everything that is recorded, for any change."))


@record
class ShowInput:
    """Which record is shown."""

    id: str = field(metadata=argument("Beginning of the id.", metavar="ID"))
    log_lines: int = field(default=0, metadata=option("Lines of the end of the log to show."))


@record
class ExportInput:
    """What is exported."""

    id: str = field(default="", metadata=argument("Beginning of the id.", metavar="[ID]"))
    all_: bool = field(default=False, metadata=option("Export everything, one envelope a line."))
    bundle: bool = field(default=False, metadata=option("Write Sigstore bundles v0.3 instead of DSSE envelopes."))


@record
class VerifyInput:
    """What is verified, and with which keys."""

    id: str = field(
        default="",
        metadata=argument("Beginning of an id, or an exported file; everything when left out.", metavar="[ID|FILE]"),
    )
    key: tuple[str, ...] = field(
        default=(), metadata=option("Public key (PEM) to trust instead of your own ones; repeatable.", metavar="FILE")
    )


@record
class RunOutput:
    """What a run showed."""

    verdict: Verdict
    records: tuple[EvidenceRecord, ...]
    lines: tuple[MissedLines, ...]


@record
class ListOutput:
    """What is recorded."""

    title: str
    records: tuple[EvidenceRecord, ...]
    stale: tuple[StaleEvidence, ...]
    rejected: tuple[str, ...]


@record
class ExportOutput:
    """Signed documents."""

    documents: tuple[str, ...]


@record
class VerifyOutput:
    """Which statements hold."""

    checks: tuple[Check, ...]
