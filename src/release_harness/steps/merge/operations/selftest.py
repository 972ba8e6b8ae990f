"""The command that searches every state of the queue."""

from dataclasses import field
from typing import Protocol

from release_harness.kernel.operations import AnyOperation, Effect, Operation, option
from release_harness.kernel.progress import Progress
from release_harness.kernel.records import record
from release_harness.steps.merge.flow.selftest import search_queue
from release_harness.steps.merge.model.selftest import SelftestReport
from release_harness.steps.merge.render.selftest import selftest_markdown, selftest_text


class Needs(Protocol):
    """What the search needs: somewhere to tell how far it is."""

    @property
    def progress(self) -> Progress:
        """Where it is told."""
        ...


@record
class SelftestInput:
    """How far the search goes."""

    planner: str = field(default="pcut", metadata=option("The planner that is searched.", metavar="NAME"))
    disturbances: int = field(
        default=1,
        metadata=option("How many things may go wrong in one history; two take many minutes.", metavar="COUNT"),
    )


def _search(needs: Needs, request: SelftestInput) -> SelftestReport:
    return search_queue(needs.progress, request.planner, request.disturbances)


OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        name="selftest queue",
        summary="Search every order of events in a small world for one that breaks the queue.",
        example="rh selftest queue",
        schema="rh.selftest/1",
        input=SelftestInput,
        output=SelftestReport,
        handler=_search,
        effect=Effect.READ,
        text=selftest_text,
        markdown=selftest_markdown,
        outcome=lambda report: report.outcome,
        details=(
            "Three changes, two runners and one dependency, in every combination of failures and conflicts: every order of "
            "arrivals, runs and landings, written step by step, with a flake, a lost run, a missing report, a new head, a "
            "cancellation, a foreign push, a freeze or an emergency at any moment. Each state is held against the "
            "invariants of exactly-tested landing, and from each the queue has to come to an end when nothing disturbs it "
            "any more. What is found is told with the shortest way to it."
        ),
    ),
)
