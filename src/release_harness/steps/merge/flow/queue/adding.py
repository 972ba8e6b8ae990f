"""Puts changes into the queue, takes them out, and holds a branch."""

from datetime import datetime

from release_harness.kernel.errors import InputError, NotAllowed, NotFound
from release_harness.kernel.identity import ActorKind
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import record
from release_harness.kernel.verdict import NextAction, Outcome
from release_harness.steps.merge.flow import records
from release_harness.steps.merge.flow.place import current_tip
from release_harness.steps.merge.flow.queue.leaving import dequeue, with_names
from release_harness.steps.merge.flow.queue.needs import QueueGate, QueueLands
from release_harness.steps.merge.flow.queue.view import name_of
from release_harness.steps.merge.model import LandFacts, Look, Place, Refusal, RefusalReason
from release_harness.steps.merge.model.queued import Asked, EntryState, Hold, Planned, QueueEntry
from release_harness.steps.merge.rules import draft_commit
from release_harness.steps.merge.rules.queue import lacks_before_queueing
from release_harness.steps.merge.rules.refusals import (
    refuse_conflict,
    refuse_for_parents,
    refuse_unknown_content,
    refuse_verdict,
)

_MOST_FILES = 1000
_MOST_COMMITS = 1000


@record
class AddOrder:
    """What is to be queued, and how."""

    revision: str
    priority: int = 0
    emergency: str = ""


def add_change(needs: QueueLands, gate: QueueGate, place: Place, order: AddOrder) -> QueueEntry | Refusal:
    """Queue one change, or say what it lacks; a change that waits already is left where it is."""
    from release_harness.steps.merge import store

    if order.emergency and needs.actor.kind is not ActorKind.PERSON:
        raise NotAllowed(
            code="EMERGENCY_PERSON",
            says=f"Only a person who is known can call an emergency; this is {needs.actor.kind.value} {needs.actor.id}.",
            hint="Ask somebody who is named in the policy, or leave --emergency away.",
        )
    head = needs.landing.commit_of(order.revision)
    if head is None:
        raise NotFound(
            code="REVISION_UNKNOWN",
            says=f"{show_text(order.revision or 'HEAD')!r} is not a commit of this repository.",
            hint="Name a branch or a commit: rh queue add my-branch",
            subject=order.revision,
        )
    branch = order.revision if needs.landing.commit_of(f"refs/heads/{order.revision}") else ""
    branch = branch or (needs.landing.current_branch() if order.revision in ("", "HEAD") else "")
    tip = current_tip(needs, place)
    ledger = needs.ledger.open()
    with ledger.read() as connection:
        before = store.entries.entries_of(connection, place, head)
        waiting = store.entries.waiting_on(connection, place)
        rounds = store.entries.rounds_of(connection, place, head)
    if before and before[0].state is EntryState.WAITING:
        return before[0]
    look = gate.look(head, tip, place, branch)
    parents = _parents(needs, place, look, waiting)
    lacking = _lacking(needs, place, look, parents)
    if lacking is not None:
        return lacking
    asked = _asked(place, look, order, branch, _built_upon(needs, look, waiting) | parents.numbers)
    entry = ledger.append(store.entries.change_queued(asked, needs.actor, rounds))
    with ledger.read() as connection:
        return store.entries.entries_by_number(connection, frozenset((entry.seq,)))[entry.seq]


@record
class _Parents:
    numbers: frozenset[int]
    refusal: Refusal | None = None


def _parents(needs: QueueLands, place: Place, look: Look, waiting: tuple[QueueEntry, ...]) -> _Parents:
    """Find what the change says that it depends on: landed, in the queue, or nowhere."""
    numbers: set[int] = set()
    missing = []
    for parent in records.look_up_parents(needs, place, look):
        if parent.landed:
            continue
        commit = needs.landing.commit_of(parent.name)
        found = [each for each in waiting if each.asked.head == commit or each.asked.change == parent.name]
        numbers.update(each.number for each in found)
        missing += [] if found else [parent]
    return _Parents(numbers=frozenset(numbers), refusal=refuse_for_parents(missing) if missing else None)


def _lacking(needs: QueueLands, place: Place, look: Look, parents: _Parents) -> Refusal | None:
    """Return why the change is held back, or None when all that is missing is the run of its tests."""
    facts = LandFacts(place=place, look=look, head_now=look.head)
    if look.result_tree is not None and look.result_tree == needs.landing.tree_of(look.tip):
        return Refusal(
            reason=RefusalReason.ALREADY_ON_MAIN,
            outcome=Outcome.PASS,
            says=f"{show_text(place.name)} holds the same content already; there is nothing to land.",
        )
    if parents.refusal is not None:
        return parents.refusal
    if look.conflicts:
        return refuse_conflict(facts)
    if look.result_tree is None or look.change is None:
        return refuse_unknown_content(look)
    return refuse_verdict(facts) if lacks_before_queueing(look) else None


def _built_upon(needs: QueueLands, look: Look, waiting: tuple[QueueEntry, ...]) -> frozenset[int]:
    """Return the waiting changes whose heads are below this one: a stack."""
    if not waiting:
        return frozenset()
    below = set(needs.landing.commits_between(look.tip, look.head, _MOST_COMMITS)) - {look.head}
    return frozenset(each.number for each in waiting if each.asked.head in below)


def _asked(place: Place, look: Look, order: AddOrder, branch: str, needs: frozenset[int]) -> Asked:
    draft = draft_commit(look, place)
    assert draft is not None  # noqa: S101 - a change whose content is not known is held back before
    assert look.change is not None  # noqa: S101 - as above
    known = len(look.files) <= _MOST_FILES and not look.gaps
    return Asked(
        remote=place.remote,
        branch=place.branch,
        head=look.head,
        revision=order.revision if order.revision not in ("", "HEAD") else branch or look.head,
        source=branch,
        change=look.change,
        title=show_text(look.title),
        planned=Planned(method=draft.method, subject=draft.subject, trailers=draft.trailers, author=draft.author),
        files=tuple(_text(each) for each in look.files) if known else (),
        files_known=known,
        needs=tuple(sorted(needs)),
        priority=order.priority,
        emergency=order.emergency,
    )


def remove_change(needs: QueueLands, place: Place, name: str) -> QueueEntry:
    """Take a waiting change out of the queue; raises NotFound when it does not wait."""
    entry = find_waiting(needs, place, name)
    refusal = Refusal(
        reason=RefusalReason.CANCELLED_BY,
        outcome=Outcome.UNKNOWN,
        says=f"{show_text(needs.actor.name or needs.actor.id)} took it out of the queue.",
        next_actions=(NextAction(do="Queue it again when it is wanted.", command="rh land"),),
    )
    dequeue(needs, entry, with_names(refusal, entry), EntryState.REMOVED)
    return entry


def find_waiting(needs: QueueLands, place: Place, name: str) -> QueueEntry:
    """Return the waiting change that a name means: its branch, its head or its number."""
    found = [each for each in all_waiting(needs, place) if is_named(needs, each, name)]
    if len(found) == 1:
        return found[0]
    raise NotFound(
        code="NOT_QUEUED",
        says=f"{show_text(name)!r} does not wait for {show_text(place.name)}.",
        hint="`rh queue list` shows what waits; `rh queue why` what became of a change.",
        subject=name,
    )


def is_named(needs: QueueLands, entry: QueueEntry, name: str) -> bool:
    """Tell whether a name means an entry."""
    if name in (str(entry.number), entry.asked.source, entry.asked.revision, entry.asked.change, name_of(entry)):
        return True
    return needs.landing.commit_of(name) == entry.asked.head


def all_waiting(needs: QueueLands, place: Place) -> tuple[QueueEntry, ...]:
    """Return what waits for a branch."""
    ledger = needs.ledger.existing()
    if ledger is None:
        return ()
    from release_harness.steps.merge import store

    with ledger.read() as connection:
        return store.entries.waiting_on(connection, place)


def hold_place(needs: QueueLands, place: Place, reason: str, until: datetime | None) -> str:
    """Stop all landing from the queue of a branch but emergencies, and return the event."""
    from release_harness.steps.merge import store

    now = needs.clock.now()
    if not reason.strip():
        raise InputError(code="HOLD_REASON", says="A hold needs a reason.", hint='Say why: rh queue hold "main is red"')
    if until is not None and until <= now:
        raise InputError(code="HOLD_UNTIL", says="The hold would end before it begins.", hint="Name a later instant.")
    hold = Hold(reason=_text(reason.strip()), by=needs.actor.id, held_at=now, until=until)
    return needs.ledger.open().append(store.holds.queue_held(place, hold, needs.actor)).id


def resume_place(needs: QueueLands, place: Place) -> str:
    """Let the queue of a branch go on, and return the event; nothing is recorded when nothing held it."""
    from release_harness.steps.merge import store

    ledger = needs.ledger.open()
    with ledger.read() as connection:
        hold = store.holds.hold_on(connection, place, needs.clock.now())
    return "" if hold is None else ledger.append(store.holds.queue_resumed(place, needs.actor)).id


def _text(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
