"""The command that shows a change as rh sees it."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from release_harness.kernel.facts import Facts, Known
from release_harness.kernel.operations import AnyOperation, Effect, Operation, argument, option
from release_harness.kernel.records import record, to_plain
from release_harness.kernel.verdict import Outcome
from release_harness.steps.changes.flow import ChangeNeeds, gather
from release_harness.steps.changes.model import Change, ChangeSpec
from release_harness.steps.changes.render import change_markdown, show_change


@record
class ShowChange:
    """Which change to show."""

    revision: str = field(default="", metadata=argument("REV or A..B; HEAD when it is left out.", metavar="[REV|A..B]"))
    base: str = field(
        default="", metadata=option("Branch or revision to land on; else the default branch.", metavar="REV")
    )
    worktree: bool = field(
        default=False, metadata=option("Take the working tree, with what is not committed, as the head.")
    )


def facts_plain(facts: Facts) -> dict[str, Any]:
    """Write facts as plain data: a value with its source, or the reason why it is unknown."""
    return {
        name: {"value": to_plain(fact.value), "source": fact.source}
        if isinstance(fact, Known)
        else {"unknown": fact.why}
        for name, fact in sorted(facts.items())
    }


def change_plain(change: Change) -> Mapping[str, Any]:
    """Write a change as plain data."""
    return {
        "change": {
            "base": change.base,
            "merge_base": change.merge_base,
            "head": change.head,
            "branch": change.branch,
            "target": change.target,
            "title": change.title,
            "authors": [to_plain(each) for each in change.authors],
            "requester": to_plain(change.requester),
            "files_count": len(change.files),
            "lines_added": change.lines_added,
            "lines_removed": change.lines_removed,
            "listing_complete": change.listing_complete,
            "lines_complete": change.lines_complete,
        },
        "digests": {"result_tree": change.digests.result_tree, "change": change.digests.change},
        "files": [to_plain(each) for each in change.files],
        "commits": [to_plain(each) for each in change.commits],
        "conflicts": list(change.conflicts),
        "collisions": list(change.collisions),
        "facts": facts_plain(change.facts),
        "gaps": list(change.gaps),
        "notes": list(change.notes),
    }


def _show(needs: ChangeNeeds, request: ShowChange) -> Change:
    return gather(needs, ChangeSpec(revision=request.revision, base=request.base, worktree=request.worktree))


def _outcome(change: Change) -> Outcome:
    return Outcome.PASS if change.digests.change is not None else Outcome.UNKNOWN


OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        name="change show",
        summary="Show what a change is: files, lines, people, digests and facts, and what could not be known.",
        example="rh change show main..my-branch",
        schema="rh.change/1",
        input=ShowChange,
        output=Change,
        handler=_show,
        effect=Effect.READ,
        text=show_change,
        markdown=change_markdown,
        plain=change_plain,
        outcome=_outcome,
        details="A change that already landed is judged against its first parent. The answer is unknown (exit code 3) when "
        "it cannot be said what would land: a conflict, a listing that was cut short, history that is not here.",
    ),
)
