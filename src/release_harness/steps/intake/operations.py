"""The commands of intake: write, check and show a brief."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from release_harness.kernel.operations import AnyOperation, Effect, Operation, View, argument, option
from release_harness.kernel.records import record, to_plain
from release_harness.kernel.verdict import Outcome
from release_harness.steps.intake import flow
from release_harness.steps.intake.model import Brief
from release_harness.steps.intake.render import show_brief, show_tree
from release_harness.steps.intake.rules import judge_brief


@record
class NewBrief:
    """Which brief to write."""

    name: str = field(metadata=argument("Plain name of the brief, such as csv-export."))
    title: str = field(default="", metadata=option("Title of the page; made from the name when it is not given."))


@record
class CheckBrief:
    """Which briefs to check."""

    which: str = field(default="", metadata=argument("Name of a brief or a file; all briefs when it is left out."))


@record
class ShowBrief:
    """Which brief to show."""

    which: str = field(metadata=argument("Name of a brief or a file."))


@record
class BriefShown:
    """A brief with its judgement."""

    brief: Brief
    outcome: Outcome


def _new(needs: flow.NeedsBriefs, request: NewBrief) -> flow.BriefWritten:
    return flow.write_brief(needs, request.name, request.title)


def _check(needs: flow.NeedsBriefs, request: CheckBrief) -> flow.BriefsChecked:
    return flow.check_briefs(needs, request.which)


def _show(needs: flow.NeedsBriefs, request: ShowBrief) -> BriefShown:
    brief = flow.read_one(needs, request.which)
    return BriefShown(brief=brief, outcome=judge_brief(brief).outcome)


def _written_text(result: flow.BriefWritten, _view: View) -> str:
    return f"Wrote {result.path}.\nFill it in, then run `rh brief check {result.name}`."


def _checked_text(result: flow.BriefsChecked, view: View) -> str:
    if not result.briefs:
        return "There is no brief here yet. Write one with `rh brief new NAME`."
    lines: list[str] = []
    for each in result.briefs:
        lines += show_tree(each.verdict, view)
        lines += [f"  next: {action.do} ({action.command})" for action in each.verdict.actions]
    return "\n".join(lines)


def _checked_plain(result: flow.BriefsChecked) -> Mapping[str, Any]:
    briefs = [
        {"name": each.brief.id, "path": each.brief.path, "title": each.brief.title, "verdict": to_plain(each.verdict)}
        for each in result.briefs
    ]
    return {"outcome": result.outcome.value, "briefs": briefs}


def _shown_text(result: BriefShown, _view: View) -> str:
    return show_brief(result.brief)


OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        name="brief new",
        summary="Write the template of a new brief; never overwrites one.",
        example='rh brief new csv-export --title "CSV export for invoices"',
        schema="rh.brief-new/1",
        input=NewBrief,
        output=flow.BriefWritten,
        handler=_new,
        effect=Effect.WRITE,
        text=_written_text,
    ),
    Operation(
        name="brief check",
        summary="Judge briefs by substance, not by length, and say what is missing where.",
        example="rh brief check csv-export",
        schema="rh.brief-check/1",
        input=CheckBrief,
        output=flow.BriefsChecked,
        handler=_check,
        effect=Effect.READ,
        text=_checked_text,
        plain=_checked_plain,
        outcome=lambda result: result.outcome,
        details=(
            "Fails on: an empty or untouched section, a goal that repeats its title, a success signal that nobody could "
            "observe, a risk without an owner, an acceptance point that cannot be checked. A brief that is not in "
            "English is unknown."
        ),
    ),
    Operation(
        name="brief show",
        summary="Show a brief.",
        example="rh brief show csv-export",
        schema="rh.brief-show/1",
        input=ShowBrief,
        output=BriefShown,
        handler=_show,
        effect=Effect.READ,
        text=_shown_text,
        markdown=lambda result: show_brief(result.brief),
    ),
)
