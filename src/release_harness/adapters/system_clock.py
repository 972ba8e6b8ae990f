"""The clock of this machine."""

from datetime import UTC, datetime


class SystemClock:
    """Implements the Clock port."""

    def now(self) -> datetime:
        """Return the current instant in UTC."""
        return datetime.now(UTC)
