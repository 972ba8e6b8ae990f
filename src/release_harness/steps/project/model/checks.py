"""What `rh policy check`, `rh policy lint` and `rh policy test` answer."""

from release_harness.kernel.digests import PolicyDigest
from release_harness.kernel.records import record
from release_harness.kernel.verdict import Outcome, Verdict
from release_harness.policy.subject import TierReason


@record
class CheckedFile:
    """A rule file without faults."""

    source: str
    kind: str
    """`policy`, `project` or `cases`."""
    holds: tuple[tuple[str, int], ...]
    """What it holds, and how many of each."""
    digest: PolicyDigest | None = None
    """Of a policy."""
    added: tuple[str, ...] = ()
    """What holds although the file does not say it, one sentence each."""


@record
class PolicyChecked:
    """Rule files that can be read; none means that the built-in policy holds."""

    files: tuple[CheckedFile, ...]


@record
class LintFinding:
    """Something that is well formed and still does not do what its authors think."""

    source: str
    line: int | None
    column: int | None
    path: str
    says: str
    expected: str = ""
    suggestion: str = ""


@record
class PolicyLinted:
    """What was found in the policy and in CODEOWNERS."""

    source: str
    findings: tuple[LintFinding, ...]


@record
class Difference:
    """One thing that a case expected and did not get."""

    what: str
    expected: str
    got: str


@record
class CaseResult:
    """What a policy answered to one case."""

    name: str
    source: str
    line: int
    tier: str
    outcome: Outcome
    reasons: tuple[TierReason, ...]
    verdict: Verdict
    differences: tuple[Difference, ...]
    """Empty when the policy answered as expected."""


@record
class PolicyTested:
    """What a policy answered to all cases."""

    policy: str
    """Where the policy was read."""
    digest: PolicyDigest
    results: tuple[CaseResult, ...]

    @property
    def failed_count(self) -> int:
        """How many cases got another answer than they expect."""
        return sum(bool(each.differences) for each in self.results)
