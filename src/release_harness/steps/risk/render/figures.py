"""Figures as people read them."""

import math

from release_harness.steps.risk.model.backtest import Backtest, Estimate, PolicyResult


def percent(value: float) -> str:
    """Write a share, such as `31 %`; below one per cent with a digit more."""
    return f"{value * 100:.1f} %" if 0 < value < 0.01 else f"{value * 100:.0f} %"  # noqa: PLR2004 - one per cent


def between(estimate: Estimate, *, digits: int = 2) -> str:
    """Write an estimate with its interval, such as `0.31 (0.22 to 0.40)`."""
    return f"{estimate.value:.{digits}f} ({_number(estimate.low, digits)} to {_number(estimate.high, digits)})"


def heading(backtest: Backtest) -> str:
    """Say what was replayed."""
    what = "reverted" if backtest.label == "reverts" else "named by a `Fixes:` trailer"
    if not backtest.scored_count:
        return f"Backtest of {backtest.branch}: nothing could be scored."
    return (
        f"Backtest of {backtest.branch}, {backtest.first_quarter} to {backtest.last_quarter}: {backtest.scored_count} landings, "
        f"{backtest.positives_count} of them {what} within {backtest.horizon_days} days "
        f"({percent(backtest.positives_count / backtest.scored_count)})."
    )


def policy_says(result: PolicyResult) -> str:
    """Say what one policy let pass without a person."""
    return (
        f"auto {percent(result.auto_share)} of landings, {percent(result.lines_spared_share)} of lines; "
        f"{percent(result.escaped_share)} of positives escaped; RR {between(result.risk_ratio)}"
    )


def _number(value: float, digits: int) -> str:
    return f"{value:.{digits}f}" if math.isfinite(value) else "?"
