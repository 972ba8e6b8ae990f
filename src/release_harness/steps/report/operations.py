"""The command that looks back over what landed."""

from dataclasses import field

from release_harness.kernel.operations import AnyOperation, Effect, Operation, argument, option
from release_harness.kernel.records import record
from release_harness.steps.report.flow import RetroNeeds, look_back
from release_harness.steps.report.model import Retro
from release_harness.steps.report.render import retro_markdown, retro_plain, show_retro


@record
class LookBack:
    """Which landings to look back at."""

    range: str = field(
        default="",
        metadata=argument(
            "A..B or a branch; the branch that is checked out when it is left out.", metavar="[A..B|BRANCH]"
        ),
    )
    last: int = field(
        default=0, metadata=option("Look at the last N landings; 100 when there is no range.", metavar="N")
    )
    show: int = field(default=20, metadata=option("Rows to show in text and Markdown; JSON holds all.", metavar="N"))


def _look_back(needs: RetroNeeds, request: LookBack) -> Retro:
    return look_back(needs, request.range, last_count=request.last, shown_count=max(request.show, 0))


OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        name="retro",
        summary="Look back: which of the seven fields can be answered for what landed, and what nothing proves.",
        example="rh retro --last 50 main",
        schema="rh.retro/1",
        input=LookBack,
        output=Retro,
        handler=_look_back,
        effect=Effect.READ,
        text=show_retro,
        markdown=retro_markdown,
        plain=retro_plain,
        details="Every first-parent commit of the branch is one landing. Tiers are those of today's policy and at least what "
        "is shown, since secrets and coverage are not looked at. Only reversals inside the range are seen.",
    ),
)
