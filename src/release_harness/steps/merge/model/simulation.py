"""What a simulated queue answers: figures of each setting, what the history gave, and which setting is the one to take."""

from release_harness.kernel.records import record
from release_harness.kernel.verdict import Outcome


@record
class SettingFigures:
    """One planner with so many runners: means over all draws, times in minutes from arrival to decision."""

    planner: str
    runners_count: int
    changes_count: int
    p50_minutes: float
    p95_minutes: float
    p99_minutes: float
    runs_per_change: float
    ci_minutes_per_landed: float
    aborted_ratio: float
    landed_ratio: float
    wrong_per_thousand: float
    """Changes that were sent back although they pass on the final branch, for each thousand."""
    red_tips_count: int
    within_wait_count: int
    """Draws in which 95 % of the changes were decided within the wanted time."""
    won: tuple[int, int, int, int] | None = None
    """Draws with a lower P50, P95, P99 and fewer runs than `prefix`; None when `prefix` was not played."""


@record
class Assumption:
    """One figure that the simulation rests on, and where it comes from."""

    name: str
    value: float
    source: str
    """`recorded`, `asked` or `assumed`, and of what."""


@record
class Bin:
    """Changes of similar predicted odds."""

    predicted_ratio: float
    failed_ratio: float
    changes_count: int


@record
class Calibration:
    """How the odds that were learned before did on what came after."""

    learned_count: int
    tested_count: int
    failed_count: int
    brier: float
    brier_of_common_rate: float
    """Of telling every change the overall rate; odds are of use only below it."""
    weight: float
    """How far the counts are believed beside the overall rate, 0 to 1."""
    bins: tuple[Bin, ...]

    @property
    def is_useful(self) -> bool:
        """True when the odds came nearer to what happened than the overall rate did."""
        return self.brier < self.brier_of_common_rate


@record
class HistoryUsed:
    """What of a repository's own landings was replayed."""

    branch: str
    tip: str
    days: int
    landings_count: int
    """First-parent commits of the time looked at."""
    changes_count: int
    """What is left of them when commits of one push are one change."""
    busiest_hour_count: int
    lines_median: float
    commuting_ratio: float
    """Of neighbours in the line: how many share no area, and touch nothing that everything depends on."""
    areas: tuple[tuple[str, int], ...] = ()
    """The most touched areas, with the number of changes."""
    calibration: Calibration | None = None


@record
class Recommendation:
    """The setting to take, and why in one sentence."""

    outcome: Outcome
    """Pass for a setting within the wanted time, fail when there is none, unknown when the history cannot tell."""
    says: str
    planner: str = ""
    runners_count: int = 0


@record
class Simulation:
    """The whole answer of `rh queue simulate`."""

    workload: str
    says: str
    seeds_count: int
    wait_minutes: float
    lanes: bool
    assumptions: tuple[Assumption, ...]
    rows: tuple[SettingFigures, ...]
    recommendation: Recommendation
    history: HistoryUsed | None = None
    limits: tuple[str, ...] = ()
    plot: str = ""
    """File that the plot was written to."""
