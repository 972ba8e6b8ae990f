"""Refusals after the change was judged: the branch could not be moved."""

from release_harness.kernel.paths import show_text
from release_harness.kernel.verdict import NextAction, Outcome
from release_harness.steps.merge.model import Look, Place, PushAnswer, PushOutcome, Refusal, RefusalReason
from release_harness.steps.merge.rules.refusals import AGAIN, tree_name


def refuse_push(place: Place, answer: PushAnswer) -> Refusal:
    """The other side did not take the commit; its words are kept."""
    words = answer.says or "it said nothing"
    if answer.outcome is PushOutcome.REFUSED:
        return Refusal(
            reason=RefusalReason.POLICY,
            outcome=Outcome.FAIL,
            says=f"{show_text(place.remote)} refused the push to {show_text(place.branch)}: {words}",
            next_actions=(
                NextAction(
                    do="Do what the remote asks for, or ask its owners for the right to push.",
                    who="owners of the remote",
                ),
                NextAction(do="Then land again; the evidence holds.", command=AGAIN),
            ),
        )
    return Refusal(
        reason=RefusalReason.INFRA,
        outcome=Outcome.UNKNOWN,
        says=f"{show_text(place.remote)} could not be reached or asked: {words}",
        next_actions=(NextAction(do="Check the connection and the credentials, then land again.", command=AGAIN),),
        retryable=True,
    )


def refuse_moving_tip(place: Place, attempts_count: int) -> Refusal:
    """Others landed faster every time; nothing is wrong with the change."""
    return Refusal(
        reason=RefusalReason.INFRA,
        outcome=Outcome.UNKNOWN,
        says=f"{show_text(place.name)} moved under each of {attempts_count} attempts; the change is not to blame.",
        next_actions=(NextAction(do="Land again when it is quieter.", command=AGAIN),),
        retryable=True,
    )


def refuse_work_tree(place: Place, says: str) -> Refusal:
    """The branch is checked out with uncommitted work in the way."""
    return Refusal(
        reason=RefusalReason.INFRA,
        outcome=Outcome.UNKNOWN,
        says=f"{show_text(place.name)} is checked out and cannot be moved: {says}",
        next_actions=(NextAction(do="Commit or stash what is in the way, then land again.", command=AGAIN),),
    )


def refuse_unbuildable(look: Look) -> Refusal:
    """A rebase of the commits does not give the tree that was judged."""
    return Refusal(
        reason=RefusalReason.CONFLICT_TEXTUAL,
        outcome=Outcome.FAIL,
        says=f"Replaying the commits one by one does not give the tree {tree_name(look.result_tree)} that was tested.",
        next_actions=(NextAction(do="Rebase it yourself, or land with the method merge or squash.", who="author"),),
    )
