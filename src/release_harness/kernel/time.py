"""Instants: aware UTC in code, RFC 3339 with Z in text, integer milliseconds in columns; durations as people write them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Protocol

from release_harness.kernel.errors import InputError

_DURATION = re.compile(r"(\d+)\s*(ms|s|m|h|d|w)")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


class Clock(Protocol):
    """Where `now` comes from; it is asked once per decision."""

    def now(self) -> datetime:
        """Return the current instant in UTC."""
        ...


def format_instant(instant: datetime) -> str:
    """Write an aware instant as RFC 3339 in UTC with Z and milliseconds."""
    if instant.tzinfo is None:
        message = "a naive datetime has no place in rh"
        raise ValueError(message)
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_instant(text: str) -> datetime:
    """Read an RFC 3339 instant; raises InputError when it is malformed or has no zone."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise InputError(
            code="INSTANT_MALFORMED",
            says=f"{text!r} is not an instant.",
            hint="Write it as 2026-11-22T14:00:00Z.",
        )
    return instant.astimezone(UTC)


def to_milliseconds(instant: datetime) -> int:
    """Turn an instant into whole milliseconds since 1970-01-01T00:00:00Z."""
    since = instant.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return since // timedelta(milliseconds=1)


def from_milliseconds(count_ms: int) -> datetime:
    """Turn whole milliseconds since 1970-01-01T00:00:00Z into an instant."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=count_ms)


def parse_duration(text: str) -> timedelta:
    """Read `90s`, `15m`, `24h`, `7d` or a sum such as `1h30m`; raises InputError otherwise."""
    pieces = _DURATION.findall(text)
    if not pieces or "".join(number + unit for number, unit in pieces) != re.sub(r"\s+", "", text):
        raise InputError(
            code="DURATION_MALFORMED",
            says=f"{text!r} is not a duration.",
            hint="Write a number with a unit, such as 90s, 15m, 24h or 7d.",
        )
    return timedelta(seconds=sum(int(number) * _SECONDS[unit] for number, unit in pieces))


def format_duration(length: timedelta) -> str:
    """Write a duration for people with its two largest units, such as `1d 4h` or `2.3s`."""
    seconds = length.total_seconds()
    if seconds < 60:  # noqa: PLR2004 - sixty seconds make a minute
        return f"{seconds:.1f}s" if seconds % 1 else f"{seconds:.0f}s"
    parts = []
    for unit in ("w", "d", "h", "m", "s"):
        count, seconds = divmod(seconds, _SECONDS[unit])
        if count:
            parts.append(f"{count:.0f}{unit}")
    return " ".join(parts[:2])
