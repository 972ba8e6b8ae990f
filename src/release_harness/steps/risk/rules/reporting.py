"""Puts a backtest together from scores, labels and tiers. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from release_harness.kernel.verdict import Outcome
from release_harness.steps.risk.model.backtest import (
    Estimate,
    PolicyResult,
    QuarterResult,
    Ranking,
    Sources,
    TierShare,
)
from release_harness.steps.risk.model.labels import Labels
from release_harness.steps.risk.rules.measures import (
    Scored,
    escaped_by_quarter,
    positives_by_quarter,
    risk_ratio,
)
from release_harness.steps.risk.rules.quarters import quarter_name
from release_harness.steps.risk.rules.replay import AUTO

if TYPE_CHECKING:
    from release_harness.steps.risk.rules.percentiles import Matrix

LEAST_POSITIVES_COUNT = 20
"""With fewer positives no history can tell one policy from another."""
_RATIO_BELOW = 0.6
_UPPER_BELOW = 0.8
_CURVE_POINTS_COUNT = 20


def policy_result(
    name: str, tiers: Sequence[str], levels: Mapping[str, str], given: Sequence[str], scored: Scored, draws: "Matrix"
) -> PolicyResult:
    """Say what a policy would have let pass; `given` is the tier of each scored landing."""
    import numpy as np

    auto = np.array([levels.get(each) == AUTO for each in given], dtype=bool)
    shares = []
    for tier in tiers:
        own = np.array([each == tier for each in given], dtype=bool)
        shares.append(
            TierShare(
                tier=tier,
                level=levels[tier],
                landings_count=int(own.sum()),
                positives_count=int((own & scored.positives).sum()),
                lines_count=int(scored.lines[own].sum()),
            )
        )
    positives = int(scored.positives.sum())
    lines = float(scored.lines.sum())
    found = risk_ratio(auto, scored, draws)
    share = float(auto.mean()) if len(auto) else 0.0
    outcome, says = judge_auto(found, share, positives, exists=AUTO in levels.values())
    return PolicyResult(
        name=name,
        tiers=tuple(shares),
        auto_share=share,
        escaped_share=float((auto & scored.positives).sum()) / positives if positives else 0.0,
        risk_ratio=found,
        lines_spared_share=float(scored.lines[auto].sum()) / lines if lines else 0.0,
        outcome=outcome,
        says=says,
    )


def judge_auto(found: Estimate, share: float, positives: int, *, exists: bool = True) -> tuple[Outcome, str]:
    """Say whether a history supports that nobody looks: RR below 0.6, and its upper end below 0.8."""
    if not exists:
        return Outcome.UNKNOWN, "No tier goes without a person, so there is no auto tier to judge."
    if not share:
        return Outcome.UNKNOWN, "No past landing is in an auto tier, so there is nothing to judge."
    if positives < LEAST_POSITIVES_COUNT:
        return (
            Outcome.UNKNOWN,
            _too_few(positives),
        )
    figures = f"RR {found.value:.2f}, upper end {found.high:.2f}"
    if found.value < _RATIO_BELOW and found.high < _UPPER_BELOW:
        return Outcome.PASS, f"The auto tier is supported by this history: {figures}."
    return (
        Outcome.FAIL,
        f"An auto tier is not supported by this history: {figures}; below {_RATIO_BELOW} is wanted, with an upper end below {_UPPER_BELOW}.",
    )


def quarter_results(quarters: Sequence[int], scored: Scored, chances: "Matrix") -> tuple[QuarterResult, ...]:
    """Return one row for each quarter."""
    escaped = escaped_by_quarter(scored, chances, 0.5)
    positives = positives_by_quarter(scored)
    return tuple(
        QuarterResult(
            name=quarter_name(quarter),
            landings_count=end - start,
            positives_count=int(positives[place]),
            escaped_count=float(escaped[place]),
        )
        for place, (quarter, (start, end)) in enumerate(zip(quarters, scored.spans, strict=True))
    )


def escape_curve(scored: Scored, chances: "Matrix", size: "Matrix") -> tuple[tuple[float, float, float], ...]:
    """Return the escaped share of the score and of size at each share of landings that nobody looks at."""
    total = float(scored.positives.sum())
    shares = [number / _CURVE_POINTS_COUNT for number in range(1, _CURVE_POINTS_COUNT)]
    inner = [
        (
            share,
            float(escaped_by_quarter(scored, chances, share).sum() / total),
            float(escaped_by_quarter(scored, size, share).sum() / total),
        )
        for share in shares
    ]
    return ((0.0, 0.0, 0.0), *inner, (1.0, 1.0, 1.0))


def sources_of(labels: Labels, label: str, landings_count: int, fresh_count: int) -> Sources:
    """Say where the labels come from."""
    chosen = labels.reverted if label == "reverts" else labels.fixed
    return Sources(
        landings_count=landings_count,
        fresh_count=fresh_count,
        labels_count=len(chosen),
        how=tuple(sorted(Counter(each.how for each in chosen).items())),
        matches=tuple(sorted(Counter(each.match.value for each in chosen).items())),
        left_out=labels.left_out,
    )


def sum_up(policies: Sequence[PolicyResult], score: Ranking | None, positives: int) -> tuple[Outcome, str]:
    """Say in one sentence what the history supports; every policy must be supported."""
    if score is None or positives < LEAST_POSITIVES_COUNT:
        return (
            Outcome.UNKNOWN,
            _too_few(positives),
        )
    worst = [each for each in policies if each.outcome is Outcome.FAIL]
    worst += [each for each in policies if each.outcome is Outcome.UNKNOWN]
    chosen = (worst or list(policies))[0]
    return chosen.outcome, f"{chosen.name}: {chosen.says}" if len(policies) > 1 else chosen.says


def _too_few(positives: int) -> str:
    return (
        f"An auto tier is not supported by this history: {positives} positives are too few to tell "
        f"(at least {LEAST_POSITIVES_COUNT})."
    )
