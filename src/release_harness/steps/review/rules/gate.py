"""The verdict over everything: every policy in force passes, and every rule file could be read."""

from collections.abc import Sequence

from release_harness.kernel.paths import show_text
from release_harness.kernel.verdict import NextAction, Outcome, Verdict, all_of
from release_harness.steps.changes.model import Change

_SAYS = {
    Outcome.PASS: "The change may land.",
    Outcome.FAIL: "The change must not land.",
    Outcome.UNKNOWN: "The change may not land yet.",
}


def judge_gate(change: Change, verdicts: Sequence[Verdict], faults: Sequence[Verdict], *, forced: bool) -> Verdict:
    """Build the whole tree from the verdicts of the policies; an empty change is unknown: there is nothing to judge."""
    if not change.files and change.listing_complete and not change.conflicts and not change.gaps:
        return nothing_to_judge(change)
    if len(verdicts) == 1 and not faults:
        return verdicts[0]
    tree = all_of(
        "",
        (*verdicts, *faults),
        rule="policies",
        wanted="every policy in force passes the change, and every rule file can be read",
    )
    says = (
        "FORCED by break-glass: the change may land."
        if forced and tree.outcome is Outcome.PASS
        else _SAYS[tree.outcome]
    )
    return Verdict(
        outcome=tree.outcome, says=says, rule=tree.rule, seen=tree.seen, wanted=tree.wanted, children=tree.children
    )


def nothing_to_judge(change: Change) -> Verdict:
    """Say that base and head hold the same content."""
    against = show_text(change.target) or (change.base or "")[:12] or "its base"
    return Verdict(
        outcome=Outcome.UNKNOWN,
        says="There is nothing to judge.",
        rule="content:nothing",
        seen=f"no file differs from {against}",
        wanted="a change with at least one file",
        actions=(
            NextAction(
                do="Commit something, or name what you mean: a branch, A..B, or --worktree for what is not committed.",
                command="rh check --worktree",
                who="author",
            ),
        ),
    )
