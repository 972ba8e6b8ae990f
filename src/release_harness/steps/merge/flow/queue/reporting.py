"""Says what waits, why it waits, and what became of a change."""

from collections.abc import Iterable

from release_harness.kernel.errors import NotFound
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import from_plain
from release_harness.kernel.verdict import Outcome
from release_harness.steps.merge.flow.queue.adding import is_named
from release_harness.steps.merge.flow.queue.needs import QueueLands
from release_harness.steps.merge.flow.queue.view import heads_of
from release_harness.steps.merge.model import Place, Refusal
from release_harness.steps.merge.model.queued import (
    EntryState,
    Hold,
    QueueEntry,
    QueueLine,
    QueueReport,
    QueueRun,
    SentBack,
)
from release_harness.steps.merge.rules.queue import keep_apart

_LOOKED_BACK = 2000


def list_queue(needs: QueueLands, place: Place) -> QueueReport:
    """List what waits for a branch, in order, with what is being tested and why the rest waits."""
    waiting, running, hold = _read(needs, place)
    lines = _lines(needs, waiting, running, hold)
    name = show_text(place.name)
    count = len(waiting)
    says = f"{count} change{'s' * (count != 1)} wait{'s' * (count == 1)} for {name}, {len(running)} of their trees in test."
    held = (f"Nothing lands but emergencies: {_held(hold)}.",) if hold is not None else ()
    return QueueReport(
        outcome=Outcome.PASS,
        says=says if count else f"Nothing waits for {name}.",
        place=place,
        lines=lines,
        notes=held,
    )


def explain(needs: QueueLands, place: Place, name: str) -> QueueReport:
    """Say what is known of one change: where it stands, or its end with the class, the evidence and the next action."""
    from release_harness.steps.merge import store

    ledger = needs.ledger.existing()
    entries: tuple[QueueEntry, ...] = ()
    if ledger is not None:
        with ledger.read() as connection:
            entries = store.entries.last_entries(connection, place, _LOOKED_BACK)
    entry = next((each for each in entries if is_named(needs, each, name)), None)
    if entry is None:
        raise NotFound(
            code="NOT_QUEUED",
            says=f"{show_text(name)!r} was never queued for {show_text(place.name)}.",
            hint="Queue it: rh queue add my-branch",
            subject=name,
        )
    if entry.state is EntryState.WAITING:
        return _explain_waiting(needs, place, entry)
    return _explain_end(needs, place, entry)


def _explain_waiting(needs: QueueLands, place: Place, entry: QueueEntry) -> QueueReport:
    waiting, running, hold = _read(needs, place)
    lines = tuple(each for each in _lines(needs, waiting, running, hold) if each.number == entry.number)
    doing = lines[0].doing if lines else "it waits"
    return QueueReport(
        outcome=Outcome.UNKNOWN,
        says=f"{show_text(entry.name)} waits for {show_text(place.name)}: {doing}.",
        place=place,
        lines=lines,
        event=entry.event,
    )


def _explain_end(needs: QueueLands, place: Place, entry: QueueEntry) -> QueueReport:
    refusal = _refusal_of(needs, entry)
    landed = entry.state is EntryState.LANDED
    says = f"{show_text(entry.name)} landed on {show_text(place.name)}."
    if refusal is not None and not (landed and not entry.says):
        says = f"{show_text(entry.name)}: {entry.reason}. {entry.says}"
    return QueueReport(
        outcome=Outcome.PASS if landed else refusal.outcome if refusal is not None else Outcome.UNKNOWN,
        says=says,
        place=place,
        sent_back=() if refusal is None else (SentBack(name=entry.name, refusal=refusal),),
        evidence=() if refusal is None else refusal.evidence,
        next_actions=() if refusal is None else refusal.next_actions,
        event=entry.end_event,
    )


def _refusal_of(needs: QueueLands, entry: QueueEntry) -> Refusal | None:
    """Read back why an entry ended; None when it landed, or when that was erased."""
    from release_harness.ledger.entries import entry_of
    from release_harness.ledger.reading import find_row

    ledger = needs.ledger.existing()
    if ledger is None or not entry.end_event:
        return None
    with ledger.read() as connection:
        row = find_row(connection, entry.end_event)
    plain = entry_of(row).payload.get("refusal") if row is not None else None
    return from_plain(Refusal, plain) if plain is not None else None


def _read(needs: QueueLands, place: Place) -> tuple[tuple[QueueEntry, ...], tuple[QueueRun, ...], Hold | None]:
    ledger = needs.ledger.existing()
    if ledger is None:
        return (), (), None
    from release_harness.steps.merge import store

    with ledger.read() as connection:
        waiting = store.entries.waiting_on(connection, place)
        running = store.runs.open_runs(connection, place)
        return waiting, running, store.holds.hold_on(connection, place, needs.clock.now())


def _lines(
    needs: QueueLands, waiting: tuple[QueueEntry, ...], running: tuple[QueueRun, ...], hold: Hold | None
) -> tuple[QueueLine, ...]:
    heads = heads_of(needs, waiting)
    apart = keep_apart(waiting)
    present = {each.number: each for each in waiting}
    ordered = sorted(waiting, key=lambda each: (not each.asked.emergency, -each.asked.priority, each.number))
    return tuple(
        QueueLine(
            position=position,
            number=each.number,
            name=each.name,
            head=each.asked.head,
            title=each.asked.title,
            state="testing" if any(_has(run, each) for run in running) else "waiting",
            doing=_doing(each, present, running, hold, apart[each.number], moved=heads[each.number] != each.asked.head),
            queued_at=each.queued_at,
            overtaken_count=each.overtaken_count,
            emergency=bool(each.asked.emergency),
        )
        for position, each in enumerate(ordered, 1)
    )


def _doing(
    entry: QueueEntry,
    present: dict[int, QueueEntry],
    running: tuple[QueueRun, ...],
    hold: Hold | None,
    apart: frozenset[int],
    *,
    moved: bool,
) -> str:
    """Say in a few words what happens with a change, or what it waits for."""
    if moved:
        return "its branch has moved; it leaves at the next look"
    tested = [run for run in running if _has(run, entry)]
    if tested:
        smallest = min(tested, key=lambda run: len(run.order.members))
        others = [present[each.number].name for each in smallest.order.members if each.number in present]
        with_them = _listed(each for each in others if each != entry.name)
        return f"tested by {smallest.order.worker}" + (f" with {with_them}" if with_them else " alone")
    if hold is not None and not entry.asked.emergency:
        return _held(hold)
    needed = [present[number].name for number in entry.asked.needs if number in present]
    if needed:
        return f"waits for {_listed(needed)}, which it is built upon"
    shared = [present[number].name for number in sorted(apart) if number in present]
    if shared:
        return f"waits for {_listed(shared)}, which changes the same files"
    return "waits for a worker"


def _has(run: QueueRun, entry: QueueEntry) -> bool:
    return any(each.number == entry.number for each in run.order.members)


def _held(hold: Hold) -> str:
    until = f" until {hold.until.isoformat()}" if hold.until is not None else ""
    return f"held{until} by {show_text(hold.by)}: {show_text(hold.reason)}"


def _listed(names: Iterable[str]) -> str:
    shown = [show_text(each) for each in names]
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return ", ".join(shown[:_SHOWN]) + more


_SHOWN = 5
