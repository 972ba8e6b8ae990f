"""Instants and durations."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_harness.kernel.errors import InputError
from release_harness.kernel.time import (
    format_duration,
    format_instant,
    from_milliseconds,
    parse_duration,
    parse_instant,
    to_milliseconds,
)


@pytest.mark.slow
@given(st.integers(-(10**12), 10**13))
def test_milliseconds_survive_the_way_through_an_instant(count_ms: int) -> None:
    """Columns hold whole milliseconds and nothing may be lost."""
    assert to_milliseconds(from_milliseconds(count_ms)) == count_ms
    assert to_milliseconds(parse_instant(format_instant(from_milliseconds(count_ms)))) == count_ms


def test_a_naive_instant_is_refused() -> None:
    """A time without a zone means different things on different machines."""
    with pytest.raises(ValueError, match="naive"):
        format_instant(datetime(2026, 1, 1))  # noqa: DTZ001 - the point of the test
    with pytest.raises(InputError, match="not an instant"):
        parse_instant("2026-01-01T00:00:00")
    assert parse_instant("2026-01-01T01:00:00+01:00") == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("15m", 900), ("24h", 86400), ("7d", 604800), ("1h30m", 5400), ("250ms", 0.25)]
)
def test_durations_are_read_as_people_write_them(text: str, seconds: float) -> None:
    """Policies say 24h, never 86400."""
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5", "h", "1y", "-1h", "1h foo", "h1"])
def test_a_duration_without_a_unit_is_refused(text: str) -> None:
    """A bare number would be read as seconds by one person and minutes by another."""
    with pytest.raises(InputError) as caught:
        parse_duration(text)
    assert caught.value.code == "DURATION_MALFORMED"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (2.34, "2.3s"), (59, "59s"), (61, "1m 1s"), (90000, "1d 1h"), (604800, "1w")]
)
def test_durations_are_shown_with_two_units(seconds: float, text: str) -> None:
    """People compare sizes, not digits."""
    assert format_duration(timedelta(seconds=seconds)) == text
