"""Times of a history whose clocks cannot be trusted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_harness.steps.risk.rules.clocks import straighten


def test_a_clock_that_is_years_ahead_moves_no_landing_but_its_own() -> None:
    """A running maximum would put everything after it into the future."""
    assert straighten([1, 2, 900, 3, 4]) == (1, 2, 2, 3, 4)


def test_a_clock_that_is_years_behind_moves_no_landing_but_its_own() -> None:
    """A running minimum from the end would put everything before it into the past."""
    assert straighten([10, 11, 0, 12]) == (10, 11, 11, 12)


def test_a_wrong_first_clock_takes_the_first_right_time() -> None:
    """There is no landing before it that it could take one from."""
    assert straighten([500, 10, 11]) == (10, 10, 11)


@pytest.mark.slow
@given(st.lists(st.integers(min_value=0, max_value=1000)))
def test_times_never_fall_and_right_ones_stay(seconds: list[int]) -> None:
    """Quarters and horizons are read off these times."""
    found = straighten(seconds)
    assert len(found) == len(seconds)
    assert list(found) == sorted(found)
    if seconds == sorted(seconds):
        assert list(found) == seconds
