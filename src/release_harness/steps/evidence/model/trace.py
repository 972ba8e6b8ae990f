"""What ran under which test and which entry point: the trace map, and walks that others report."""

from dataclasses import field
from enum import IntEnum

from release_harness.kernel.records import record
from release_harness.steps.evidence.model.impact import SymbolId

FunctionSet = int
"""A set of functions as a whole number: bit n stands for `TraceMap.functions[n]`."""


@record
class TracedFunction:
    """One function of one content of one file."""

    symbol: SymbolId
    path: str
    blob: str
    """Git blob id of the file as it ran; empty when it could not be read."""


@record
class Replacement:
    """Something that a test put in the place of something else."""

    name: str
    """Dotted name of what was replaced."""
    how: str
    """`mock`, `monkeypatch`, `override` (of a dependency), or `value` for a plain value such as a number."""
    first_party: bool


@record
class TracedEntry:
    """One entry point as its dispatcher named it."""

    kind: str
    name: str
    """`GET /items/{id}` in the spelling of the framework; the path as it was asked when `raw`."""
    handler: SymbolId = ""
    """Empty when the handler is not of the repository or was not known."""
    raw: bool = False


@record
class Hit:
    """One way in which a test went through an entry point."""

    entry: TracedEntry
    functions: FunctionSet
    """What started within the dispatch, threads and tasks of the same context included."""
    used: tuple[Replacement, ...] = ()
    """Replacements that took part, or of which nobody can tell."""
    idle: tuple[Replacement, ...] = ()
    """Replacements that stood there and were not called."""
    count: int = 1


@record
class TracedTest:
    """What one test did, its fixtures included."""

    id: str
    """As pytest writes it: `tests/test_a.py::T::test_b[x]`."""
    outcome: str
    """`passed`, `failed`, `skipped`, `xfailed`, or empty when it did not end."""
    functions: FunctionSet
    hits: tuple[Hit, ...] = ()
    why: str = ""
    """Why it was skipped."""
    replaced: tuple[Replacement, ...] = ()
    stubs: tuple[str, ...] = ()
    """Libraries that stood in for the network."""
    sockets: tuple[str, ...] = ()
    dropped_count: int = 0


@record
class TraceMap:
    """Everything that the tracers of one run saw; shards and children are merged."""

    functions: tuple[TracedFunction, ...]
    tests: tuple[TracedTest, ...]
    between: TracedTest
    """What ran outside of tests: imports, collection, the life of a service."""
    methods: tuple[str, ...] = ()
    """`sys.monitoring`, or the slower `sys.setprofile`."""
    commits: tuple[str, ...] = ()
    """Commits that the environment named; contents are compared, this is shown."""
    dropped_count: int = 0
    faults: tuple[str, ...] = ()
    """Faults of the tracer itself; where there are some, absence proves nothing."""

    @property
    def whole(self) -> bool:
        """Tell whether nothing was left out, so that what is absent did not happen."""
        return not (self.dropped_count or self.faults or any(each.dropped_count for each in self.tests))


class WalkLevel(IntEnum):
    """How really the path through an entry point was walked."""

    NOTHING = 0
    """No test runs the changed code."""
    EXECUTED = 1
    """A test runs it, by whatever way."""
    DISPATCHED = 2
    """A test came in through the real dispatcher and reached it."""
    UNMOCKED = 3
    """The same, and nothing of the repository was replaced on the way."""
    OUT_OF_PROCESS = 4
    """A run against a started service of exactly this commit went through the entry point."""
    INTERNAL = 5
    """It was seen in an internal environment that runs exactly this commit."""


@record
class ReportedWalk:
    """One entry point that was gone through outside of our own tracer, as the report names it."""

    kind: str
    name: str
    """`GET /items/{id}`; a path as it was asked when `raw`."""
    raw: bool
    tool: str
    commit: str = ""
    """What the report says that the service runs; empty when it does not say."""
    environment: str = ""
    passed: bool | None = None
    """False for an answer that is a fault of the server, or within a test that failed; None when the report does not say."""
    test: str = ""
    count: int = 1


@record
class WalkReport:
    """The walks of one report, and what could not be used."""

    tool: str
    walks: tuple[ReportedWalk, ...]
    spans_count: int = 0
    """Spans, requests or tests that were read."""
    notes: tuple[str, ...] = ()


@record
class Walked:
    """How really one affected entry point was walked, and by what."""

    entry: str
    """`EntryPoint.key`; of what stands around many entry points `CrossCutting.key`."""
    level: WalkLevel | None
    """None when nobody can tell; then `why` says what is missing."""
    best: WalkLevel
    """The level of the changed function that was walked best; `level` is that of the one walked worst."""
    tests: tuple[str, ...] = ()
    """Tests, or tools, that walked at that level; at most 20."""
    mocks: tuple[str, ...] = ()
    """Replacements of the repository's own code that keep it from more."""
    stubs: tuple[str, ...] = ()
    """Libraries that stood in for the network; they do not lower the level."""
    missed: tuple[SymbolId, ...] = ()
    """Changed functions that no walk of this entry reached."""
    why: str = ""


@record
class RoutedWalks:
    """Reported walks by the entry point that they went through."""

    by_entry: dict[str, tuple[ReportedWalk, ...]] = field(default_factory=dict)
    """By `EntryPoint.key`."""
    unmapped: tuple[str, ...] = ()
    """What matches no entry point, as reported; at most 50."""
    unmapped_count: int = 0
    other_commit_count: int = 0
    """Walks of a service that runs another commit, or that does not say which; they never count."""
    failed_count: int = 0
