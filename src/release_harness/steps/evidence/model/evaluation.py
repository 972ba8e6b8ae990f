"""How good the engine is on one repository."""

from release_harness.kernel.records import record


@record
class AccuracyRow:
    """Recall and precision of one predictor on one set of functions; ratios from 0 to 1, None when nothing was measured."""

    predictor: str
    group: str
    """`all functions`, or `without cross-cutting`."""
    functions_count: int
    entries_count: int
    """Entry points that tests walked; only they count, for and against a predictor."""
    recall_ratio: float | None
    precision_ratio: float | None
    """A lower bound: what no test walks counts as wrong."""
    pair_recall_ratio: float | None
    pair_precision_ratio: float | None
    predicted_mean: float
    true_mean: float


@record
class FaultRow:
    """Planted faults of one kind."""

    kind: str
    planted_count: int
    detected_count: int
    missed: tuple[str, ...]
    """What was not noticed, with its place; at most 20."""


@record
class ReplayRow:
    """One landed change, and the alarms that the engine gives on it; a person has to say whether each is right."""

    commit: str
    subject: str
    affected_count: int
    cross_cutting_count: int
    seconds: float
    alarms: tuple[str, ...]
    unknown: tuple[str, ...]


@record
class DiscoveryRow:
    """Entry points that a trace went through, and whether reading the code had found them."""

    walked_count: int
    """Distinct entries that tests went through."""
    found_count: int
    missed: tuple[str, ...]
    """At most 40."""
    static_count: int
    """Entries that reading the code finds."""
    unplaced_count: int = 0
    """Distinct entries that the trace names by their address alone, and that no entry of the code answers; counted nowhere above."""


@record
class MutantsRow:
    """Functions that got a fault, and whether each test that failed had been named as relevant."""

    mutants_count: int
    """Mutants that count: some tests noticed them, and not most."""
    killed_count: int
    """Mutants that made at least one test fail."""
    tests_count: int
    failing_pairs_count: int
    """Pairs of mutant and test that failed because of it."""
    explained_pairs_count: int
    """Of them, pairs whose test the trace names for the function."""
    named_pairs_count: int
    """Pairs that the trace names, failing or not: the price."""
    missed: tuple[str, ...]
    unnoticed_count: int = 0
    """Mutants that were left out because no test failed."""
    breaking_most_count: int = 0
    """Mutants that were left out because more than half of the tests failed."""


@record
class ImpactEvaluation:
    """Everything that was measured; empty parts were not asked for."""

    commit: str
    files_count: int
    entries_count: int
    discovery: DiscoveryRow | None = None
    accuracy: tuple[AccuracyRow, ...] = ()
    faults: tuple[FaultRow, ...] = ()
    replay: tuple[ReplayRow, ...] = ()
    mutants: MutantsRow | None = None
    notes: tuple[str, ...] = ()
    """What could not be measured, and why."""
