"""Reads what a simulation is asked for, and what a history can tell about it. Pure."""

from collections.abc import Iterable, Sequence
from math import log
from statistics import median, stdev

from release_harness.kernel.errors import InputError
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import record
from release_harness.steps.evidence.model import EvidenceRecord, Origin
from release_harness.steps.merge.model import RunOutcome
from release_harness.steps.merge.model.simulation import Assumption
from release_harness.steps.merge.plan.odds import Attempt, Traits
from release_harness.steps.merge.plan.planners import PLANNERS
from release_harness.steps.merge.plan.simulation.compare import Setting
from release_harness.steps.merge.plan.simulation.history import PastChange
from release_harness.steps.merge.rules.runs import TEST_RESULT, read_run
from release_harness.steps.risk.model.landings import NOT_COUNTED, FileRow
from release_harness.steps.risk.rules.paths import path_facts

WORKLOADS = ("team", "monorepo", "history")
USUAL_PLANNERS = ("pcut", "scout", "prefix", "bors", "serial")
LEAST_LANDINGS = 50
"""Fewer landings than this say nothing about how busy the days are."""
LEAST_RUNS = 5
LEAST_ATTEMPTS = 20
"""Fewer recorded attempts than this give no rate of failure."""
_MOST_RUNNERS, _MOST_SETTINGS = 1000, 200
_LEAST_SIGMA, _USUAL_SIGMA, _MOST_SIGMA = 0.05, 0.25, 1.0
_EVERYWHERE = "(top)"


@record
class Limits:
    """Within which numbers one option makes sense."""

    name: str
    least: float
    most: float


PER_HOUR = Limits(name="--per-hour", least=0.1, most=2000)
HOURS = Limits(name="--hours", least=0.1, most=2000)
MINUTES = Limits(name="--minutes", least=0.1, most=1440)
FAILS = Limits(name="--fails", least=0.0, most=0.9)
FLAKES = Limits(name="--flakes", least=0.0, most=0.5)
SEEDS = Limits(name="--seeds", least=1, most=1000)
DAYS = Limits(name="--days", least=1, most=3660)
WAIT = Limits(name="--wait", least=1, most=100_000)
CHANGES = Limits(name="--per-hour times --hours", least=1, most=20_000)


@record
class Spread:
    """How long runs take: a log-normal."""

    median_minutes: float
    sigma: float
    source: str


def within(limits: Limits, value: float) -> float:
    """Return the value; raises InputError outside of the limits, and for what is no number."""
    if not limits.least <= value <= limits.most:
        raise InputError(
            code="SIMULATION_RANGE",
            says=f"{limits.name} is {value:g}; it goes from {limits.least:g} to {limits.most:g}.",
            hint="Shares are written as 0.1, not as 10." if limits.most < 1 else "See `rh queue simulate --help`.",
        )
    return value


def read_workload(name: str) -> str:
    """Return the workload that is asked for; raises InputError for another word."""
    chosen = name.strip().lower() or WORKLOADS[0]
    if chosen not in WORKLOADS:
        raise InputError(
            code="WORKLOAD_UNKNOWN",
            says=f"There is no workload {show_text(name)!r}.",
            hint=f"Give --workload {', '.join(WORKLOADS[:-1])} or {WORKLOADS[-1]}.",
            subject=name,
        )
    return chosen


def read_settings(planners: Sequence[str], runners: str) -> tuple[Setting, ...]:
    """Return every planner with every number of runners, in the order in which they are asked for; raises InputError."""
    names = tuple(dict.fromkeys(planners)) or USUAL_PLANNERS
    unknown = next((each for each in names if each not in PLANNERS), None)
    if unknown is not None:
        raise InputError(
            code="PLANNER_UNKNOWN",
            says=f"There is no planner {show_text(unknown)!r}.",
            hint=f"Planners: {', '.join(PLANNERS)}.",
            subject=unknown,
        )
    counts = [_read_count(each) for each in runners.split(",")]
    settings = tuple(
        Setting(planner=name, runners_count=count) for name in names for count in sorted(dict.fromkeys(counts))
    )
    if len(settings) > _MOST_SETTINGS:
        raise InputError(
            code="SIMULATION_RANGE",
            says=f"{len(settings)} settings are asked for; {_MOST_SETTINGS} are the most.",
            hint="Name fewer planners or numbers of runners.",
        )
    return settings


def _read_count(text: str) -> int:
    count = int(text) if text.strip().isascii() and text.strip().isdigit() else 0
    if not 1 <= count <= _MOST_RUNNERS:
        raise InputError(
            code="RUNNERS_MALFORMED",
            says=f"{show_text(text.strip())!r} is no number of runners.",
            hint=f"Write numbers from 1 to {_MOST_RUNNERS} with commas between them: --runners 1,2,4,8",
            subject=text,
        )
    return count


def spread_of_runs(records: Iterable[EvidenceRecord], asked_minutes: float | None, usual_minutes: float) -> Spread:
    """Return what was asked for, else median and spread of the runs that are recorded, else the usual figure."""
    if asked_minutes is not None:
        return Spread(median_minutes=asked_minutes, sigma=_USUAL_SIGMA, source="asked")
    seconds = [length for each in records if (length := _run_seconds(each)) > 0]
    if len(seconds) < LEAST_RUNS:
        source = f"assumed: {len(seconds)} recorded runs are too few" if seconds else "assumed: no run is recorded"
        return Spread(median_minutes=usual_minutes, sigma=_USUAL_SIGMA, source=source)
    sigma = min(max(stdev([log(each) for each in seconds]), _LEAST_SIGMA), _MOST_SIGMA)
    return Spread(median_minutes=median(seconds) / 60, sigma=sigma, source=f"recorded: {len(seconds)} runs")


def _run_seconds(each: EvidenceRecord) -> float:
    """Return how long a run of the tests took that was computed here and came to an end; 0 for anything else."""
    if each.predicate != TEST_RESULT or each.origin is not Origin.COMPUTED or each.result_tree is None:
        return 0.0
    if read_run(each, each.result_tree).outcome not in (RunOutcome.PASSED, RunOutcome.FAILED):
        return 0.0
    return (each.finished_at - each.started_at).total_seconds()


def rate_of_failures(attempts: Sequence[Attempt], asked: float | None, usual: float) -> Assumption:
    """Return the asked share of failures, else the one that is recorded, else the usual one."""
    if asked is not None:
        return Assumption(name="fails", value=asked, source="asked")
    failed = sum(each.failed for each in attempts)
    if len(attempts) < LEAST_ATTEMPTS:
        few = f"{len(attempts)} recorded attempts are too few" if attempts else "no attempt is recorded"
        return Assumption(name="fails", value=usual, source=f"assumed: {few}")
    return Assumption(
        name="fails",
        value=min(failed / len(attempts), FAILS.most),
        source=f"recorded: {failed} of {len(attempts)} failed",
    )


def past_change(seconds: float, author: str, files: Sequence[FileRow]) -> PastChange:
    """Return what the queue would have known of a landing by its files."""
    traits = traits_of(files)
    facts = [path_facts(each.path) for each in files]
    shared = any(each.is_ci or each.is_dependencies or each.is_migration for each in facts)
    return PastChange(
        arrived_at_seconds=seconds,
        author=author,
        lines_count=traits.lines_count or 0,
        areas=traits.areas,
        commutes_never=shared or not files or _EVERYWHERE in traits.areas,
    )


def traits_of(files: Sequence[FileRow]) -> Traits:
    """Return size and areas; an area is a folder of the top, as the glob that matches what is in it."""
    counted = [each.added + each.removed for each in files if NOT_COUNTED not in (each.added, each.removed)]
    areas = frozenset(f"{top}/**" if (top := path_facts(each.path).top) else _EVERYWHERE for each in files)
    return Traits(lines_count=sum(counted) if counted else None, areas=areas)
