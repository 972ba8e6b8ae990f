"""Evidence: what was computed or reported about exactly which content, by whom, how and when."""

from datetime import datetime
from enum import Enum

from release_harness.kernel.digests import ChangeDigest, CommitId, PolicyDigest, Sha256, TreeId
from release_harness.kernel.facts import Facts, FactValue
from release_harness.kernel.identity import Actor
from release_harness.kernel.records import record
from release_harness.policy.subject import EvidenceSeen


class Origin(Enum):
    """How rh came to know; only the first two are facts."""

    CLAIMED = "claimed by the author"
    REPORTED = "reported by CI"
    COMPUTED = "computed here"


class TestStatus(Enum):
    """What became of one test case."""

    __test__ = False

    NOT_RUN = "not_run"
    ERROR = "error"
    FAILED = "failed"
    SKIPPED = "skipped"
    FLAKY = "flaky"
    PASSED = "passed"


@record
class TestCase:
    """One test case of one run."""

    __test__ = False

    id: str
    status: TestStatus
    duration_seconds: float = 0.0
    message: str = ""


@record
class LineCoverage:
    """Lines of one file that can run and that did run."""

    path: str
    executable: frozenset[int]
    exercised: frozenset[int]


@record
class Finding:
    """One result of a scanner (SARIF) or of our own scan of added lines."""

    rule: str
    path: str
    line: int
    says: str
    level: str = "warning"
    fingerprint: str = ""


@record
class EvidenceRecord:
    """One signed statement about one piece of content."""

    id: str
    """`sha256:<hex>` of the signed envelope."""
    predicate: str
    """`test-result/v0.1`, `coverage/v1`, `scan/v1`, `custom-fact/v1` …"""
    result_tree: TreeId | None
    change: ChangeDigest | None
    base: CommitId | None
    origin: Origin
    producer: Actor
    command: tuple[str, ...]
    exit_code: int | None
    environment_digest: Sha256
    isolation: str
    """Sandbox driver, or `not isolated`."""
    started_at: datetime
    finished_at: datetime
    log_digest: Sha256 | None
    policy: PolicyDigest | None
    dependency_lock: str
    facts: dict[str, FactValue]
    """Rules read these and nothing else."""
    unknown: dict[str, str]
    """Facts that this record should have had, and why it has not."""
    claims: dict[str, str]
    """Words of the author or of an agent; no rule reads them."""
    details: Sha256 | None
    """Content-store digest of the long lists (test cases, missed lines)."""


@record
class EvidenceFindings:
    """All that is known about a change beside its diff."""

    facts: Facts
    """`tests.*`, `coverage.*`, `secrets.*`, `entry_points.*`, `wiring.*` and custom facts, known or visibly unknown."""
    seen: tuple[EvidenceSeen, ...]
    records: tuple[EvidenceRecord, ...]
    stale: tuple["StaleEvidence", ...]
    findings: tuple[Finding, ...]


@record
class StaleEvidence:
    """Evidence that speaks about other content or is too old, and the cheapest way to renew it."""

    id: str
    predicate: str
    because: str
    rerun: str
    cost_seconds: float | None
    """How long it took last time; None when it was reported from outside."""
