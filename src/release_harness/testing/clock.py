"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta


class FixedClock:
    """Fake of the Clock port."""

    def __init__(self, start: datetime = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)) -> None:
        """Start at a Monday morning unless told otherwise."""
        self.at = start

    def now(self) -> datetime:
        """Return the instant at which the clock stands."""
        return self.at

    def move(self, by: timedelta) -> None:
        """Move the clock, forwards or backwards."""
        self.at += by
