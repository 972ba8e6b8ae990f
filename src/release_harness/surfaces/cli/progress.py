"""Progress on standard error: a bar with rate and estimate on a terminal, plain lines in a pipe."""

import sys
from typing import TYPE_CHECKING

from release_harness.kernel.paths import show_text

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

_LINES_PER_TASK = 10


class PipeProgress:
    """Plain lines: when a task starts, at every tenth of it, and when it ends."""

    def __init__(self) -> None:
        """Nothing has started."""
        self._task = ""
        self._total: int | None = None
        self._done = 0

    def start(self, task: str, total_count: int | None = None) -> None:
        """Print the task."""
        self._task, self._total, self._done = task, total_count, 0
        _print(f"{task} …" if total_count is None else f"{task} (0 of {total_count})")

    def advance(self, count: int = 1) -> None:
        """Print a line whenever another tenth is done."""
        before, self._done = self._done, self._done + count
        if self._total and before * _LINES_PER_TASK // self._total != self._done * _LINES_PER_TASK // self._total:
            _print(f"{self._task} ({self._done} of {self._total})")

    def say(self, line: str) -> None:
        """Print one line of live output."""
        _print(f"  | {show_text(line)}")

    def finish(self) -> None:
        """Nothing to clean up."""


class TerminalProgress:
    """A bar with rate and estimate; live output scrolls above it."""

    def __init__(self) -> None:
        """The bar is drawn when the first task starts, so that short commands stay quiet and quick."""
        self._bar: RichProgress | None = None
        self._task: TaskID | None = None

    def start(self, task: str, total_count: int | None = None) -> None:
        """Draw the bar."""
        # rich costs 50 ms and is of use only here.
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        self.finish()
        columns = [SpinnerColumn(), TextColumn("{task.description}"), BarColumn()]
        counted = [TextColumn("{task.completed:.0f}/{task.total:.0f}"), TimeRemainingColumn()] if total_count else []
        self._bar = Progress(*columns, *counted, TimeElapsedColumn(), console=Console(stderr=True), transient=True)
        self._bar.start()
        self._task = self._bar.add_task(show_text(task), total=total_count)

    def advance(self, count: int = 1) -> None:
        """Move the bar."""
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task, count)

    def say(self, line: str) -> None:
        """Print one line of live output above the bar."""
        if self._bar is not None:
            self._bar.console.print(f"  | {show_text(line)}", markup=False, highlight=False)
        else:
            _print(f"  | {show_text(line)}")

    def finish(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
        self._bar = self._task = None


def progress_for_this_process() -> PipeProgress | TerminalProgress:
    """Pick the bar for a terminal and plain lines for anything else."""
    return TerminalProgress() if sys.stderr.isatty() else PipeProgress()


def _print(line: str) -> None:
    encoding = sys.stderr.encoding or "utf-8"
    sys.stderr.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    sys.stderr.flush()
