"""`rh coherence`: what a set of branches does to each other."""

from dataclasses import field
from typing import TYPE_CHECKING, Protocol

from release_harness.kernel.operations import AnyOperation, Effect, Operation, argument, option
from release_harness.kernel.records import record
from release_harness.steps.changes.model import ChangeSpec
from release_harness.steps.evidence.model.together import CoherenceReport
from release_harness.steps.evidence.render.together import coherence_text

if TYPE_CHECKING:
    from release_harness.steps.changes.flow import ChangeNeeds
    from release_harness.steps.evidence.flow.together import TogetherNeeds, TogetherRepository

    class CoherenceNeeds(TogetherNeeds, ChangeNeeds, Protocol):
        """What comparing branches needs."""

        @property
        def repository(self) -> TogetherRepository:
            """The repository."""
            ...


@record
class CoherenceInput:
    """Which branches are compared."""

    branch: tuple[str, ...] = field(
        default=(), metadata=argument("Two or more branches or revisions.", metavar="BRANCH...")
    )
    base: str = field(default="", metadata=option("Branch to land on; the default branch when nothing is named."))


def coherence(needs: "CoherenceNeeds", request: CoherenceInput) -> CoherenceReport:
    """Compare all branches with each other, and look at what stays invisible when all are merged."""
    from release_harness.steps.changes.flow import gather
    from release_harness.steps.evidence.flow.together import coherence_of

    names = tuple(dict.fromkeys(request.branch))
    changes = [(name, gather(needs, ChangeSpec(revision=name, base=request.base))) for name in names]
    return coherence_of(needs, changes)


OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        name="coherence",
        summary="Find what a set of branches does to each other, and what stays invisible after all are merged.",
        example="rh coherence cart-agent price-agent invoice-agent",
        schema="rh.coherence/1",
        input=CoherenceInput,
        output=CoherenceReport,
        handler=coherence,
        effect=Effect.READ,
        text=coherence_text,
        outcome=lambda report: report.outcome,
        details="A changed signature and a new caller, one symbol edited twice, the same migration number, route or key, lines "
        "that conflict. Nothing is checked out and nothing is written. In the matrix `2!` are two breaks, `1?` is one pair of "
        "edits that somebody has to look at.",
    ),
)
