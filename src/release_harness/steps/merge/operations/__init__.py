"""The command of landing."""

from dataclasses import field
from datetime import timedelta
from typing import Protocol

from release_harness.kernel.operations import AnyOperation, Effect, Operation, argument, option
from release_harness.kernel.records import record
from release_harness.steps.merge.flow import LandNeeds, LandOrder, land, list_landed
from release_harness.steps.merge.flow.gate import GateNeeds, ReviewGate
from release_harness.steps.merge.model import LandReport
from release_harness.steps.merge.render import report_markdown, report_plain, report_text


class Needs(LandNeeds, GateNeeds, Protocol):
    """Everything that `rh land` needs."""


@record
class LandInput:
    """What is to be landed."""

    revision: str = field(
        default="",
        metadata=argument("The change: a branch or a commit; HEAD when nothing is named.", metavar="[CHANGE]"),
    )
    onto: str = field(
        default="", metadata=option("Branch to land on; the default branch when nothing is named.", metavar="BRANCH")
    )
    remote: str = field(
        default="", metadata=option("Remote to push to; else as the project file or git is set up.", metavar="NAME")
    )
    dry_run: bool = field(default=False, metadata=option("Say what would happen; run, record and move nothing."))
    no_run: bool = field(default=False, metadata=option("Run no tests; land only on evidence that is there already."))
    wait: timedelta = field(
        default=timedelta(seconds=60),
        metadata=option("How long to wait while somebody else lands here.", metavar="DURATION"),
    )
    list: bool = field(default=False, metadata=option("List what was landed on the branch instead."))


def _land(needs: Needs, request: LandInput) -> LandReport:
    gate = ReviewGate(needs)
    if request.list:
        return list_landed(needs, gate, request.onto, request.remote)
    order = LandOrder(
        revision=request.revision,
        onto=request.onto,
        remote=request.remote,
        dry_run=request.dry_run,
        may_run=not request.no_run,
        wait=request.wait,
    )
    return land(needs, gate, order)


OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        name="land",
        summary="Land a change as an exactly-tested tree, or say why not and what to do next.",
        example="rh land my-branch --onto main",
        schema="rh.land/1",
        input=LandInput,
        output=LandReport,
        handler=_land,
        effect=Effect.DESTRUCTIVE,
        text=report_text,
        markdown=report_markdown,
        plain=report_plain,
        outcome=lambda report: report.outcome,
        retryable=lambda report: report.refusal is not None and report.refusal.retryable,
        details=(
            "Builds the merge of the change onto the current tip of the branch, requires a pass for exactly that tree "
            "(running the tests if nothing is known of it), and moves the branch by compare-and-swap, at the remote "
            "first. When the tip moves meanwhile, the change is judged again. A command that was cut off is finished by "
            "running it again. A change is blamed only when the tip passes without it and fails with it, twice."
        ),
    ),
)
