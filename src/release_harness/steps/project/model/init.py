"""What `rh init` sees in a repository, what it proposes, and what it did."""

from datetime import datetime

from release_harness.kernel.records import record
from release_harness.policy.model import Agent, Person, Policy, Surface, Team
from release_harness.steps.project.model import HistoryFacts, ProjectFile


@record
class RepositoryFacts:
    """What was looked at."""

    paths: tuple[str, ...]
    """Files of the work tree that git tracks or would track."""
    manifests: tuple[tuple[str, str], ...]
    """Path and text of the files that say how a project is built and tested."""
    history: HistoryFacts


@record
class LanguageShare:
    """How much of the repository is written in a language."""

    name: str
    files_count: int


@record
class TestProposal:
    """One way to run tests that was found."""

    __test__ = False  # pytest: this is a record, no test

    runner: str
    because: str
    commands: tuple[tuple[str, ...], ...]
    junit: tuple[str, ...] = ()
    coverage: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What a person should know, one sentence each."""


@record
class SurfaceProposal:
    """A sensitive part of the repository, and the files that it has today."""

    surface: Surface
    files: tuple[str, ...]


@record
class PersonProposal:
    """Somebody who wrote commits and does not look like a program."""

    id: str
    name: str
    emails: tuple[str, ...]
    logins: tuple[str, ...]
    commits_count: int
    last_at: datetime | None = None
    """When the newest of these commits came in."""


@record
class Proposal:
    """Everything that `rh init` writes down."""

    languages: tuple[LanguageShare, ...]
    tests: tuple[TestProposal, ...]
    default_branch: str
    codeowners: str
    """Path of the CODEOWNERS file; empty when there is none."""
    migrations: tuple[str, ...]
    ci_files: tuple[str, ...]
    surfaces: tuple[SurfaceProposal, ...]
    people: tuple[PersonProposal, ...]
    """The last seen first."""
    agents: tuple[Agent, ...]
    commits_count: int
    confirmed_people: tuple[Person, ...] = ()
    """People of an existing policy; they are kept as they are."""
    confirmed_agents: tuple[Agent, ...] = ()
    confirmed_teams: tuple[Team, ...] = ()

    @property
    def solo(self) -> bool:
        """Whether one person alone wrote what history shows."""
        return len(self.people) == 1


@record
class PresentRules:
    """The rule files that are there already, as far as they can be read."""

    policy: Policy | None = None
    project: ProjectFile | None = None
    faults: tuple[str, ...] = ()
    """What is wrong with a file that is there and cannot be read, one sentence each."""


@record
class FilePlan:
    """One file that `rh init` writes."""

    path: str
    state: str
    """`missing`, `same` or `differs`."""
    content: str
    diff: str
    """Unified diff from what is there to what is proposed; empty when nothing changes."""
    written: bool = False


@record
class InitReport:
    """What `rh init` found and did."""

    files: tuple[FilePlan, ...]
    proposal: Proposal
    findings: tuple[str, ...]
    """What the files that are there leave out or say wrongly, one sentence each."""
    remarks: tuple[str, ...]
    checked_only: bool
