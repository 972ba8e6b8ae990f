"""A progress port that remembers what it was told."""


class RecordedProgress:
    """Fake of the Progress port."""

    def __init__(self) -> None:
        """Start with nothing said."""
        self.lines: list[str] = []
        self.tasks: list[str] = []
        self.done_count = 0

    def start(self, task: str, total_count: int | None = None) -> None:
        """Remember the task."""
        self.tasks.append(task if total_count is None else f"{task} ({total_count})")

    def advance(self, count: int = 1) -> None:
        """Count the units."""
        self.done_count += count

    def say(self, line: str) -> None:
        """Remember the line."""
        self.lines.append(line)

    def finish(self) -> None:
        """Nothing to do."""
