"""The commands that ask the past: what would a policy have let through, and what does another one change."""

from collections.abc import Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any

from release_harness.kernel.operations import AnyOperation, Effect, Operation, argument, option
from release_harness.kernel.records import record
from release_harness.kernel.verdict import Outcome
from release_harness.steps.risk.model.backtest import Backtest
from release_harness.steps.risk.model.difference import PolicyDifference
from release_harness.steps.risk.render import backtest_markdown, difference_markdown, show_backtest, show_difference
from release_harness.steps.risk.render.difference import difference_plain
from release_harness.steps.risk.render.plain import backtest_plain
from release_harness.steps.risk.render.svg import plots_of

if TYPE_CHECKING:
    from release_harness.steps.risk.flow.backtest import BacktestNeeds


@record
class BacktestInput:
    """Which history is replayed, and by what."""

    branch: str = field(default="", metadata=argument("The branch; the one that is checked out when it is left out."))
    policy: tuple[str, ...] = field(
        default=(),
        metadata=option(
            "A policy file, a revision that holds one, or `built-in`; repeatable. The policy of the branch when left out.",
            metavar="FILE",
        ),
    )
    since: str = field(default="", metadata=option("First quarter or day to score.", metavar="DATE|QUARTER"))
    horizon: int = field(
        default=0, metadata=option("Days within which it counts; 30 for reverts, 365 for fixes.", metavar="DAYS")
    )
    label: str = field(default="", metadata=option("What counts: `reverts` or `fixes`.", metavar="reverts|fixes"))
    svg: str = field(
        default="",
        metadata=option("Write the plots as SVG files into this folder, which must exist.", metavar="FOLDER"),
    )


@record
class DifferenceInput:
    """Two policies, and the history they are compared over."""

    old: str = field(metadata=argument("A policy file, a revision, or `built-in`.", metavar="OLD"))
    new: str = field(metadata=argument("A policy file, a revision, or `built-in`.", metavar="NEW"))
    branch: str = field(default="", metadata=option("The branch; the one that is checked out when left out."))
    since: str = field(default="", metadata=option("First quarter or day to look at.", metavar="DATE|QUARTER"))
    show: int = field(
        default=20, metadata=option("Landings to show in text and Markdown; JSON holds all.", metavar="N")
    )


def _backtest(needs: "BacktestNeeds", request: BacktestInput) -> Backtest:
    # numpy is loaded in here, and nowhere on the way of any other command.
    from release_harness.steps.risk.flow.backtest import BacktestOrder, run_backtest

    order = BacktestOrder(
        branch=request.branch,
        policies=request.policy,
        since=request.since,
        horizon_days=request.horizon,
        label=request.label,
    )
    found = run_backtest(needs, order)
    if not request.svg:
        return found
    plots = plots_of(found)
    written = [needs.documents.write_document(f"{request.svg}/{name}", text.encode()) for name, text in plots.items()]
    return replace(found, plots=tuple(written))


def _compare(needs: "BacktestNeeds", request: DifferenceInput) -> PolicyDifference:
    from release_harness.steps.risk.flow.difference import DifferenceOrder, compare_policies

    order = DifferenceOrder(
        old=request.old, new=request.new, branch=request.branch, since=request.since, shown_count=request.show
    )
    return compare_policies(needs, order)


def _outcome(backtest: Backtest) -> Outcome:
    return backtest.outcome


def _plain(backtest: Backtest) -> Mapping[str, Any]:
    return backtest_plain(backtest)


OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        name="backtest",
        summary="Replay policies and a risk score over this repository's own reverts.",
        example="rh backtest --policy .rh/policy.yaml --since 2024-Q1",
        schema="rh.backtest/1",
        input=BacktestInput,
        output=Backtest,
        handler=_backtest,
        effect=Effect.READ,
        text=show_backtest,
        markdown=backtest_markdown,
        plain=_plain,
        outcome=_outcome,
        details="The first run walks the whole first-parent history and keeps it in the cache beside the ledger; later runs read "
        "only what is new. It passes when every auto tier is supported: RR below 0.6 with its upper end below 0.8; it is "
        "unknown when there are too few positives to tell. Every quarter is scored by what could be known before it began.",
    ),
    Operation(
        name="policy diff",
        summary="Name the past landings whose tier another policy would change, and which of them were reverted.",
        example="rh policy diff main .rh/policy.yaml",
        schema="rh.policy-diff/1",
        input=DifferenceInput,
        output=PolicyDifference,
        handler=_compare,
        effect=Effect.READ,
        text=show_difference,
        markdown=difference_markdown,
        plain=difference_plain,
        details="Nothing is judged anew by people: it shows what two policies say of the same history.",
    ),
)
