"""Evidence: what was computed or reported about exactly which content, by whom, how and when."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta
from enum import Enum

from release_harness.kernel.digests import ChangeDigest, CommitId, PolicyDigest, Sha256, TreeId
from release_harness.kernel.facts import Facts, FactValue
from release_harness.kernel.identity import Actor
from release_harness.kernel.records import record
from release_harness.policy.subject import EvidenceSeen
from release_harness.steps.evidence.model.impact import ImpactAnswer
from release_harness.steps.evidence.model.relevance import Relevance, Weakening
from release_harness.steps.evidence.model.trace import TraceMap, Walked, WalkReport


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
class TestReport:
    """What one or several JUnit files say."""

    __test__ = False

    cases: tuple[TestCase, ...]
    """One entry for each id; repeated ids within a file get a number."""
    tool: str = "junit"


@record
class CoverageReport:
    """What a coverage report says, with paths as the report writes them."""

    files: tuple[LineCoverage, ...]
    tool: str
    executable_known: bool = True
    """False for raw data that knows only what ran; then `executable` is empty and comes from the source."""


@record
class ScanReport:
    """What a scanner found."""

    tool: str
    findings: tuple[Finding, ...]
    completed: bool = True
    """False when the scanner itself says that it did not finish."""


@record
class EndToEndReport:
    """Tests of an end-to-end runner, and the entry points that they say they went through."""

    tests: TestReport
    walks: WalkReport


ParsedReport = TestReport | CoverageReport | ScanReport | TraceMap | WalkReport | EndToEndReport


@record
class ReportFile:
    """The bytes of one report, and the name it was read under."""

    name: str
    content: bytes


class Ending(Enum):
    """How a command came to its end; the first member is the one that proves nothing."""

    NOT_FOUND = "not found"
    TIMED_OUT = "timed out"
    KILLED = "killed by a signal"
    EXITED = "exited"


@record
class CommandOrder:
    """One command to be run, without a shell."""

    argv: tuple[str, ...]
    folder: str
    environment: dict[str, str]
    """The whole environment, nothing is inherited."""
    time_limit: timedelta
    log_limit_bytes: int = 20_000_000
    """Beginning and end of the output that are kept; what lies between is dropped and said so in the log."""


@record
class CommandOutcome:
    """What became of a command."""

    argv: tuple[str, ...]
    ending: Ending
    exit_code: int | None
    """As a shell would give it: 128 + signal for a killed command; None when it was never started or timed out."""
    took: timedelta
    log: bytes
    output_bytes: int
    """All that was printed, kept or not."""

    @property
    def memory_suspected(self) -> bool:
        """Tell whether the ending is that of a process killed by the kernel for want of memory (SIGKILL)."""
        return self.exit_code == 137  # noqa: PLR2004 - 128 + SIGKILL, what shells and containers report


@record
class MissedLines:
    """Changed lines of one file that can run, and which of them no test ran."""

    path: str
    exercised: tuple[int, ...]
    missed: tuple[int, ...]
    reported: bool = True
    """False when no coverage report speaks of the file: then all its changed lines count as missed."""


@record
class SurfaceTouch:
    """The lines of one file that touched a sensitive surface."""

    surface: str
    path: str
    added: tuple[int, ...]
    """Added lines in the new file; empty when lines were only removed or cannot be counted."""
    removed_count: int


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
    commands: tuple[tuple[str, ...], ...] = ()
    """All commands of a run in order, when there were several; `command` is then the one that decided."""
    sources: tuple[Sha256, ...] = ()
    """Digests of the report files that this record was made from, sorted."""
    branch: str = ""
    """Branch of the change when this was made; it helps to list what has become stale, and nothing is decided by it."""
    tests: "TestLists | None" = None
    """Names of what did not simply pass, for test results."""


@record
class TestLists:
    """Names of the tests that people look for; cut at 500 each, the whole lists are in the details."""

    __test__ = False

    failed: tuple[str, ...] = ()
    flaky: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    newly_skipped: tuple[str, ...] = ()
    not_run: tuple[str, ...] = ()


@record
class EvidenceFindings:
    """All that is known about a change beside its diff."""

    facts: Facts
    """`tests.*`, `coverage.*`, `secrets.*`, `entry_points.*`, `wiring.*` and custom facts, known or visibly unknown."""
    seen: tuple[EvidenceSeen, ...]
    records: tuple[EvidenceRecord, ...]
    stale: tuple["StaleEvidence", ...]
    findings: tuple[Finding, ...]
    touches: tuple[SurfaceTouch, ...] = ()
    """Sensitive surfaces that were touched, with the lines that touched them."""
    rejected: tuple[str, ...] = ()
    """Why a stored record is not seen as evidence, one sentence each: a signature that does not hold, a broken body."""
    claims: tuple[EvidenceRecord, ...] = ()
    """What the author or an agent says of this change; shown to reviewers, read by no rule."""
    dependency_lock: str = ""
    """Digest over the lock files of the result tree, or empty when no rule asks for it."""
    missed: tuple[MissedLines, ...] = ()
    """Changed lines by file, and which of them no test ran, from the coverage that speaks for this content."""
    relevance: Relevance | None = None
    """Tests that bear on the change and what became of them; None when no trace tells."""
    weakened: tuple[Weakening, ...] = ()
    """Tests of changed files that say less than on the base."""
    advice: Mapping[str, str] = field(default_factory=dict)
    """What would mend a fact that is not as a rule wants it, as a sentence, by the name of the fact."""
    impact: ImpactAnswer | None = None
    """What the change really touches; None where it was not asked."""
    walked: tuple[Walked, ...] = ()
    """How really each affected entry point was walked."""


@record
class StaleEvidence:
    """Evidence that speaks about other content or is too old, and the cheapest way to renew it."""

    id: str
    predicate: str
    because: str
    rerun: str
    cost_seconds: float | None
    """How long it took last time; None when it was reported from outside."""
