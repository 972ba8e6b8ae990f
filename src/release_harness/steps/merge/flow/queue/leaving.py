"""Takes changes out of the queue that do not land: with the class, the evidence and what to do next."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from release_harness.kernel.paths import show_text
from release_harness.kernel.verdict import NextAction, Outcome
from release_harness.steps.merge.flow import records
from release_harness.steps.merge.flow.queue.needs import QueueLands
from release_harness.steps.merge.flow.queue.view import View
from release_harness.steps.merge.model import Look, Place, Refusal, RefusalReason
from release_harness.steps.merge.model.queued import EntryState, QueueEntry, Refused

_AGAIN = ("rh land", "rh evidence run")


def send_back(needs: QueueLands, place: Place, entry: QueueEntry, look: Look, refusal: Refusal) -> Refused:
    """Record that a change was judged and is sent back."""
    refusal = with_names(refusal, entry)
    event = records.record_refusal(needs, place, look, refusal, entry=entry.number)
    return Refused(entry=entry, refusal=refusal, event=event)


def dequeue(needs: QueueLands, entry: QueueEntry, refusal: Refusal, state: EntryState = EntryState.REFUSED) -> Refused:
    """Record that a change leaves without a judgement of its content."""
    from release_harness.steps.merge import store

    refusal = with_names(refusal, entry)
    event = needs.ledger.open().append(store.entries.change_dequeued(entry, state, refusal, needs.actor)).id
    return Refused(entry=entry, refusal=refusal, event=event)


def clean_up(needs: QueueLands, view: View) -> tuple[Refused, ...]:
    """Take out what is clear without any planner: moved heads, and changes whose parents have left."""
    left = []
    for entry in view.waiting:
        refusal = _moved(entry, view) or _orphaned(entry, view)
        if refusal is not None:
            left.append(dequeue(needs, entry, refusal))
    return tuple(left)


def already_there(entry: QueueEntry, place: Place) -> Refusal:
    """The content is on the branch: it landed, and nothing was done."""
    return Refusal(
        reason=RefusalReason.ALREADY_ON_MAIN,
        outcome=Outcome.PASS,
        says=f"{show_text(entry.name)} is on {show_text(place.name)} already; nothing was done.",
    )


def refuse_unbelieved(entry: QueueEntry) -> Refusal:
    """Its tree was run anew and passed, and still no evidence of it counts: nobody is blamed."""
    return Refusal(
        reason=RefusalReason.CHECK_NEVER_REPORTED,
        outcome=Outcome.UNKNOWN,
        says=f"The tests passed for {show_text(entry.name)}, and left no evidence that counts.",
        next_actions=(
            NextAction(do="See why it does not count.", command="rh evidence list"),
            NextAction(do="Then queue it again.", command="rh land"),
        ),
    )


def with_names(refusal: Refusal, entry: QueueEntry) -> Refusal:
    """Name the change in the commands of the next actions, so that they can be copied as they are."""
    from shlex import quote

    name = quote(show_text(entry.name))

    def named(action: NextAction) -> NextAction:
        if action.command not in _AGAIN:
            return action
        command = f"rh queue add {name}" if action.command == "rh land" else f"{action.command} {name}"
        return replace(action, command=command)

    return replace(refusal, next_actions=tuple(named(each) for each in refusal.next_actions))


def _moved(entry: QueueEntry, view: View) -> Refusal | None:
    now = view.heads.get(entry.number)
    if now == entry.asked.head:
        return None
    says = f"{show_text(entry.name)} was {entry.asked.head[:12]} when it was queued and is {now[:12] if now else 'gone'} now"
    do = "Queue the new head; it is judged anew." if now else "Make the branch again and queue it."
    return Refusal(
        reason=RefusalReason.HEAD_CHANGED,
        outcome=Outcome.UNKNOWN,
        says=f"{says}; what was judged is not landed under another head.",
        next_actions=(NextAction(do=do, command="rh land"),),
    )


def _orphaned(entry: QueueEntry, view: View) -> Refusal | None:
    """A change that it is built upon has left the queue without landing."""
    present = view.by_number()
    lost = [
        view.others[number]
        for number in entry.asked.needs
        if number not in present and number in view.others and not view.has_landed(number)
    ]
    if not lost:
        return None
    names = _listed(f"{show_text(each.name)} ({each.reason or each.state.value})" for each in lost)
    return Refusal(
        reason=RefusalReason.PARENT_REJECTED,
        outcome=Outcome.FAIL,
        says=f"It is built upon {names}, which left the queue without landing.",
        evidence=tuple(each.end_event for each in lost),
        next_actions=(
            NextAction(do=f"Mend and queue {_listed(show_text(each.name) for each in lost)} first.", who="author"),
            NextAction(do="Then queue this change again.", command="rh land"),
        ),
    )


def _listed(names: Iterable[str]) -> str:
    found: Sequence[str] = tuple(names)
    return ", ".join(found)
