"""A failure is run again only when a flake explains it well enough, and never a third time."""

import pytest

from release_harness.steps.merge.plan.retries import FlakePolicy, is_believed, real_failure_ratio


def test_without_flakes_every_failure_is_believed() -> None:
    """Running again would cost time and tell nothing."""
    assert is_believed(FlakePolicy(flake_ratio=0.0), [0.99], 1)


def test_before_one_change_is_blamed_its_tree_fails_twice() -> None:
    """However likely it was to fail."""
    policy = FlakePolicy(flake_ratio=0.03)
    assert not is_believed(policy, [0.5], 1)
    assert is_believed(policy, [0.5], 2)


def test_a_group_that_fails_is_searched_at_once_when_a_real_failure_is_likely() -> None:
    """Six changes at 0.87 fail together more often than any flake."""
    assert is_believed(FlakePolicy(flake_ratio=0.08), [0.87] * 6, 1)


def test_a_group_that_hardly_ever_fails_is_run_again() -> None:
    """The posterior of a real failure is below the flake rate."""
    assert not is_believed(FlakePolicy(flake_ratio=0.08), [0.9999] * 6, 1)


@pytest.mark.parametrize(
    ("passes", "flakes", "real"), [(0.9, 0.0, 1.0), (1.0, 0.1, 0.0), (0.9, 0.1, 0.1 / 0.19), (1.0, 0.0, 1.0)]
)
def test_the_posterior_is_that_of_bayes(passes: float, flakes: float, real: float) -> None:
    """Prior 1 - q, likelihoods 1 and g."""
    assert real_failure_ratio(passes, flakes) == pytest.approx(real)
