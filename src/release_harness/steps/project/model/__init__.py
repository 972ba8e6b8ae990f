"""What a repository says about itself in `.rh/project.yaml`, and which policies judge a change."""

from datetime import date, datetime, timedelta

from release_harness.kernel.digests import PolicyDigest
from release_harness.kernel.facts import FactValue
from release_harness.kernel.identity import ProofLevel
from release_harness.kernel.records import record
from release_harness.kernel.verdict import Outcome
from release_harness.policy.model import Policy


@record
class Quarantine:
    """One test that is known to be flaky and does not block until a day."""

    test: str
    """Id, or the beginning of one that ends with `*`."""
    until: date
    """The last day on which it does not block."""
    reason: str = ""


@record
class TestSettings:
    """How the project is tested; commands are argument lists, never shell text."""

    __test__ = False  # pytest: this is a record, no test

    commands: tuple[tuple[str, ...], ...] = ()
    """Run in order; `{reports}` stands for a folder that rh collects afterwards."""
    list_command: tuple[str, ...] = ()
    """Prints one test id a line; empty when the project has none."""
    env: tuple[tuple[str, str], ...] = ()
    time_limit: timedelta = timedelta(minutes=30)
    reruns_count: int = 0
    junit: tuple[str, ...] = ("{reports}/*.xml",)
    coverage: tuple[str, ...] = ()
    """Globs of coverage reports, relative to the work tree or below `{reports}`."""
    quarantine: tuple[Quarantine, ...] = ()


@record
class LandSettings:
    """How a change lands."""

    method: str = "merge"
    """`merge`, `squash` or `rebase`."""
    remote: str = ""
    """Remote to push to; empty for the upstream of the target branch, or none."""


@record
class EntryPattern:
    """One way in which the project registers entry points, that rh does not know by itself."""

    kind: str
    """Kind of entry point, such as `http` or `consumer`."""
    decorator: str = ""
    """Dotted name; `*.name` stands for any owner. Exactly one of `decorator`, `call` and `base` is given."""
    call: str = ""
    base: str = ""
    """Dotted name of a class whose subclasses are entry points."""
    handler: str = ""
    """`decorated`, `argument 0`, `argument view` or `method:run`; empty for what fits the pattern."""
    name: str = ""
    """What it is called; `{}` stands for what `name_from` gives."""
    name_from: str = ""
    """`argument 0`, `argument path` or `attribute: topic`; empty for the name of the handler."""

    @property
    def plain(self) -> dict[str, str]:
        """The pattern as the engine takes it, under the names of the file."""
        found = {
            "kind": self.kind, "decorator": self.decorator, "call": self.call, "class": self.base, "handler": self.handler,
            "name": self.name, "name_from": self.name_from,
        }  # fmt: skip
        return {key: value for key, value in found.items() if value}


@record
class EntrySettings:
    """How the running framework is asked for its entry points."""

    app: str = ""
    """`package.module:app`, or `package.module:create_app()` for a factory."""
    framework: str = ""
    """Name of the adapter that asks, such as `FastAPI`; empty for the one that finds the most."""
    interpreter: tuple[str, ...] = ("python",)
    """Argument list that starts the project's interpreter."""
    folder: str = ""
    """Folder that the interpreter starts in; empty for the root."""
    env: tuple[tuple[str, str], ...] = ()
    time_limit: timedelta = timedelta(minutes=2)


@record
class ProjectFile:
    """The content of `.rh/project.yaml`, or the defaults."""

    default_branch: str = ""
    test: TestSettings = TestSettings()
    land: LandSettings = LandSettings()
    migrations: tuple[str, ...] = ()
    """Globs of migration files beside the well-known ones."""
    entries: EntrySettings = EntrySettings()
    entry_points: tuple[EntryPattern, ...] = ()
    """Registrations that rh cannot know by itself."""
    source: str = "defaults"


@record
class PolicyInForce:
    """One policy that judges a change, and where it was read."""

    policy: Policy
    digest: PolicyDigest
    source: str
    """`.rh/policy.yaml at <commit>` or `built-in defaults`."""


@record
class Rules:
    """Every policy that judges a change (the stricter answer of all holds), the owners and the project file."""

    policies: tuple[PolicyInForce, ...]
    """One, or two and more when the change edits the policy or the base moved on; the first is that of the merge base."""
    codeowners: "Codeowners"
    project: ProjectFile
    digest: PolicyDigest
    """Over all the policies in force and the faults: what judged."""
    faults: tuple["RulesFault", ...] = ()
    """Rule files that could not be read. Each is a failing verdict beside those of the policies, see `rules.judge_faults`."""


@record
class OwnerRule:
    """One line of CODEOWNERS."""

    pattern: str
    """As written, with `\\ ` turned into a space."""
    owners: tuple[str, ...]
    section: str = ""
    optional: bool = False
    approvals_count: int = 1
    line: int = 0
    excludes: bool = False
    """GitLab's `!pattern`: the section asks nobody for such a file, whatever other lines say."""


@record
class Codeowners:
    """CODEOWNERS as it was read; the last matching line of a section decides."""

    rules: tuple[OwnerRule, ...] = ()
    source: str = ""
    anchored: bool = True
    """True for GitHub, where `a/b` stands for one place; false for GitLab, where it is looked for in every folder."""
    unread_lines: tuple[int, ...] = ()
    """Lines that are neither a rule nor a comment nor a section."""


@record
class RulesFault:
    """A policy or project file that could not be read: nobody knows what it would have said, so it fails."""

    source: str
    """`.rh/policy.yaml at <where>`."""
    says: str
    details: tuple[str, ...]
    """Every fault of the file as a sentence with its place."""
    asks: str
    """What to do, in the imperative."""


@record
class CaseApproval:
    """One approval or rejection in a policy test case."""

    by: str
    proof: ProofLevel
    lenses: tuple[str, ...]
    approved: bool
    content: str
    """`same_result`, `same_change` or `other`: what was approved, seen from the change as it is now."""


@record
class CaseEvidence:
    """One piece of evidence in a policy test case."""

    name: str
    facts: tuple[tuple[str, FactValue], ...]
    age: timedelta
    content: str
    """`same` or `other`: whether it is bound to this change."""


@record
class Expectation:
    """What a policy test case expects; what is None is not asked."""

    tier: str | None = None
    outcome: Outcome | None = None
    surfaces: tuple[str, ...] | None = None
    reasons: tuple[str, ...] | None = None


@record
class PolicyCase:
    """One case of `rh policy test`: facts, people, evidence and approvals in; tier and outcome out."""

    name: str
    source: str
    line: int
    files: tuple[str, ...]
    listing_complete: bool
    facts: tuple[tuple[str, FactValue], ...]
    unknown: tuple[str, ...]
    authors: tuple[str, ...]
    requester: str
    owners: tuple[tuple[str, tuple[str, ...]], ...]
    evidence: tuple[CaseEvidence, ...]
    approvals: tuple[CaseApproval, ...]
    expect: Expectation


@record
class Committer:
    """Somebody who wrote commits, as git has it."""

    name: str
    email: str
    commits_count: int
    last_at: datetime | None = None
    """When the newest of these commits came in; None when nobody can tell."""


@record
class HistoryFacts:
    """What `rh init` reads from history."""

    default_branch: str
    """Empty when nobody can tell."""
    committers: tuple[Committer, ...]
    """The most active first."""
    commits_count: int
    """How many commits were looked at."""
    remotes: tuple[str, ...] = ()
