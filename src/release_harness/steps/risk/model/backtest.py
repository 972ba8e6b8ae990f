"""What a backtest finds."""

from release_harness.kernel.records import record
from release_harness.kernel.verdict import Outcome

GATES = (0.05, 0.10, 0.20, 0.50)
"""Shares of landings that are looked at more closely; capture is the share of positives among them."""
AUTO_SHARES = (0.30, 0.50, 0.70)
"""Shares of landings that nobody looks at; the escaped share is that of the positives among them."""


@record
class Estimate:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


@record
class Ranking:
    """How well one score puts the positives last, within each quarter."""

    name: str
    says: str
    auc: Estimate
    escaped: tuple[Estimate, ...]
    """One for each of AUTO_SHARES."""
    captured: tuple[float, ...]
    """One for each of GATES."""


@record
class TierShare:
    """What one tier of a policy got."""

    tier: str
    level: str
    """`auto` when no person has to approve, `light` when one has to, `full` when more have to or an owner."""
    landings_count: int
    positives_count: int
    lines_count: int


@record
class PolicyResult:
    """What one policy, or one fixed rule, would have let pass without a person."""

    name: str
    tiers: tuple[TierShare, ...]
    auto_share: float
    """A: landings in an auto tier, of all."""
    escaped_share: float
    """E: positives in an auto tier, of all positives."""
    risk_ratio: Estimate
    """RR = E / A: 1 is no better than chance. The upper end is never below what so few positives allow."""
    lines_spared_share: float
    """Changed lines in an auto tier, of all."""
    outcome: Outcome
    """Whether this history supports the auto tier; unknown when there are too few positives."""
    says: str


@record
class Calibration:
    """Whether the chances that the score gives come true."""

    error: float
    """ECE over ten bins of equal mass."""
    skill: float
    """Brier skill against always saying the base rate; 0 is no better."""
    slope: float
    """1 when chances are neither too timid nor too bold."""
    bins: tuple[tuple[float, float, int], ...]
    """Mean chance, share that came true, landings."""


@record
class QuarterResult:
    """One quarter that was scored."""

    name: str
    landings_count: int
    positives_count: int
    escaped_count: float
    """Positives among the half with the lowest scores."""


@record
class Sources:
    """Where the labels come from, and what was left out."""

    landings_count: int
    fresh_count: int
    """Landings that were read from git this time; the others were cached."""
    labels_count: int
    how: tuple[tuple[str, int], ...]
    matches: tuple[tuple[str, int], ...]
    left_out: tuple[tuple[str, int], ...]


@record
class Backtest:
    """What policies and scores would have done in one history."""

    branch: str
    tip: str
    label: str
    horizon_days: int
    first_quarter: str
    last_quarter: str
    scored_count: int
    positives_count: int
    policies: tuple[PolicyResult, ...]
    rules: tuple[PolicyResult, ...]
    """Fixed rules that everybody could have: baselines."""
    score: Ranking | None
    """None when nothing could be scored."""
    baselines: tuple[Ranking, ...]
    lift: Estimate | None
    """Escaped share at half auto of size alone, less that of the score; above 0 is better than size."""
    calibration: Calibration | None
    quarters: tuple[QuarterResult, ...]
    sources: Sources
    gaps: tuple[str, ...]
    """What is not known, as sentences."""
    outcome: Outcome
    says: str
    curve: tuple[tuple[float, float, float], ...] = ()
    """Auto share, escaped share of the score, escaped share of size."""
    plots: tuple[str, ...] = ()
    """Files that were written."""
