"""The tests that lead to a change by references, in words: each with the changed symbol nearest to it."""

from release_harness.kernel.operations import View
from release_harness.steps.evidence.model.impact import ImpactAnswer
from release_harness.steps.evidence.render.lines import counted, heading, limited, wrapped


def referring_lines(answer: ImpactAnswer, view: View, limit: int) -> list[str]:
    """List the tests that surely lead to the change, the nearest first, and what too many of them lead to."""
    if not answer.tests and not answer.tests_shared:
        return []
    texts = [
        line
        for each in answer.tests
        for line in wrapped(
            f"{each.test} refers to {each.symbol} ({counted(each.hops_count, 'step')})", view, first="  ", rest="    "
        )
    ]
    shared = [line for each in answer.tests_shared for line in wrapped(each, view, first="  ", rest="    ")]
    title = f"Tests that refer to it: {len(answer.tests):,}"
    return [*heading(title, view), *limited(texts, limit, "tests"), *limited(shared, limit, "lines")]
