"""When a failure is believed at once, and when the same tree is run once more first."""

from collections.abc import Iterable

from release_harness.kernel.records import record

_ENOUGH = 2
"""A tree that failed so often is not run again."""


@record
class FlakePolicy:
    """What the branch knows of its flaky tests, and what follows for a failure."""

    flake_ratio: float = 0.0
    """Share of the runs of a good tree that fail all the same, 0 to 1."""
    confirm_blame: bool = True
    """Whether a change is sent back only after its tree failed twice; it makes no difference without flakes."""


def real_failure_ratio(pass_ratio: float, flake_ratio: float) -> float:
    """Return the probability that a failure is real, by Bayes; a tree is good with `pass_ratio`, and flakes then."""
    real = 1.0 - pass_ratio
    seen = real + pass_ratio * flake_ratio
    return real / seen if seen > 0.0 else 1.0


def is_believed(policy: FlakePolicy, pass_ratios: Iterable[float], failed_count: int) -> bool:
    """Tell whether a tree of these changes that failed so often counts as failing; no tree is run a third time.

    A failing tree is run again when its posterior of a real failure is below the flake rate. Before one change is blamed,
    it is run again whenever there are flakes at all.
    """
    if failed_count >= _ENOUGH or policy.flake_ratio <= 0.0:
        return True
    ratios = tuple(pass_ratios)
    if len(ratios) == 1 and policy.confirm_blame:
        return False
    together = 1.0
    for ratio in ratios:
        together *= ratio
    return real_failure_ratio(together, policy.flake_ratio) >= policy.flake_ratio
