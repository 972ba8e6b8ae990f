"""One pass over a history: every landing is measured with what was known before it."""

from collections.abc import Callable, Sequence

from release_harness.kernel.records import record
from release_harness.steps.risk.model.landings import Landing
from release_harness.steps.risk.rules.features import Pending, measure, remember
from release_harness.steps.risk.rules.past import GrowingPast


@record
class Measured:
    """The raw features of every landing, and the past as it is after the last one."""

    rows: tuple[tuple[float, ...], ...]
    past: GrowingPast


def measure_history(
    landings: Sequence[Landing], seconds: Sequence[int], advance: Callable[[int], None] = lambda _count: None
) -> Measured:
    """Measure every landing; `seconds` never run backwards, and `advance` is told of every thousand."""
    past = GrowingPast()
    rows = []
    for place, landing in enumerate(landings):
        now = float(seconds[place])
        past.move_to(now)
        rows.append(measure(pending(landing), past, now))
        remember(past, landing, now)
        if place % 1000 == 999:  # noqa: PLR2004 - often enough for a bar, seldom enough to cost nothing
            advance(1000)
    return Measured(rows=tuple(rows), past=past)


def pending(landing: Landing) -> Pending:
    """See a landing as it was before it landed."""
    return Pending(files=landing.files, author=landing.author, commits_count=len(landing.claims))
