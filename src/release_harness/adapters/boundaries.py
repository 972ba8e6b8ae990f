"""The boundaries of a landing in production: nothing happens at them."""


class NoBoundaries:
    """Implements the Boundaries port."""

    def reach(self, name: str) -> None:
        """Do nothing."""
