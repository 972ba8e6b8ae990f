"""What a repository says about itself in `.rh/project.yaml`, and which policies judge a change."""

from datetime import timedelta

from release_harness.kernel.digests import PolicyDigest
from release_harness.kernel.records import record
from release_harness.policy.model import Policy


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


@record
class LandSettings:
    """How a change lands."""

    method: str = "merge"
    """`merge`, `squash` or `rebase`."""
    remote: str = ""
    """Remote to push to; empty for the upstream of the target branch, or none."""


@record
class ProjectFile:
    """The content of `.rh/project.yaml`, or the defaults."""

    default_branch: str = ""
    test: TestSettings = TestSettings()
    land: LandSettings = LandSettings()
    migrations: tuple[str, ...] = ()
    """Globs of migration files beside the well-known ones."""
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
    """Over all the policies in force: what judged."""


@record
class OwnerRule:
    """One line of CODEOWNERS."""

    pattern: str
    owners: tuple[str, ...]
    section: str = ""
    optional: bool = False
    approvals_count: int = 1
    line: int = 0


@record
class Codeowners:
    """CODEOWNERS as it was read; the last matching line of a section decides."""

    rules: tuple[OwnerRule, ...] = ()
    source: str = ""
