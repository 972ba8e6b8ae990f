"""Who waits: folds over `ChangeQueued`, `ChangeDequeued`, and the ends that landing writes."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, Row, Table, Text, func, insert, select, update

from release_harness.kernel.digests import CommitId, canonical_json
from release_harness.kernel.identity import Actor
from release_harness.kernel.records import Plain, from_plain, to_plain
from release_harness.kernel.time import from_milliseconds, to_milliseconds
from release_harness.ledger.door import Fold
from release_harness.ledger.model import Entry, NewEvent
from release_harness.ledger.tables import METADATA
from release_harness.steps.merge.model import Place, Refusal
from release_harness.steps.merge.model.queued import Asked, EntryState, QueueEntry

CHANGE_QUEUED = "ChangeQueued"
CHANGE_DEQUEUED = "ChangeDequeued"

ENTRIES = Table(
    "merge_queue",
    METADATA,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("event", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("head", Text, nullable=False),
    Column("change", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("says", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("queued_at_ms", BigInteger, nullable=False),
    Column("ended_at_ms", BigInteger),
    Column("end_event", Text, nullable=False),
    Column("overtaken_count", Integer, nullable=False),
    Column("asked", Text, nullable=False),
    Index("merge_queue_place_state", "place", "state", "number"),
    Index("merge_queue_head", "head"),
)
"""Changes that wait, waited, and what became of them; the number is the place of `ChangeQueued` in the log."""


def change_queued(asked: Asked, actor: Actor, round_count: int) -> NewEvent:
    """Return the event that puts a change into the queue; asked for twice, it is one event."""
    return NewEvent(
        type=CHANGE_QUEUED,
        version=1,
        subject=f"change:{asked.change}",
        actor=actor,
        payload=_object(to_plain(asked)),
        cause="rh queue add",
        idempotency_key=f"queued:{_place_of(asked).name}:{asked.head}:{round_count}",
    )


def change_dequeued(entry: QueueEntry, state: EntryState, refusal: Refusal, actor: Actor) -> NewEvent:
    """Return the event that takes a change out of the queue without a landing or a judgement of its content."""
    return NewEvent(
        type=CHANGE_DEQUEUED,
        version=1,
        subject=f"change:{entry.asked.change}",
        actor=actor,
        payload={"entry": entry.number, "state": state.value, "refusal": to_plain(refusal)},
        cause=entry.event,
        idempotency_key=f"dequeued:{entry.number}",
    )


def waiting_on(connection: Connection, place: Place) -> tuple[QueueEntry, ...]:
    """Return the changes that wait to land on a branch, in the order of their numbers."""
    rows = connection.execute(
        select(ENTRIES)
        .where(ENTRIES.c.place == place.name, ENTRIES.c.state == EntryState.WAITING.value)
        .order_by(ENTRIES.c.number)
    )
    return tuple(_entry(row) for row in rows)


def entries_of(connection: Connection, place: Place, head: CommitId) -> tuple[QueueEntry, ...]:
    """Return the entries of one head on a branch, the newest first."""
    rows = connection.execute(
        select(ENTRIES).where(ENTRIES.c.place == place.name, ENTRIES.c.head == head).order_by(ENTRIES.c.number.desc())
    )
    return tuple(_entry(row) for row in rows)


def entries_by_number(connection: Connection, numbers: frozenset[int]) -> Mapping[int, QueueEntry]:
    """Return these entries, whatever became of them."""
    if not numbers:
        return {}
    rows = connection.execute(select(ENTRIES).where(ENTRIES.c.number.in_(sorted(numbers))))
    return {row.number: _entry(row) for row in rows}


def last_entries(connection: Connection, place: Place, limit_count: int) -> tuple[QueueEntry, ...]:
    """Return the newest entries on a branch, whatever became of them, the newest first."""
    rows = connection.execute(
        select(ENTRIES).where(ENTRIES.c.place == place.name).order_by(ENTRIES.c.number.desc()).limit(limit_count)
    )
    return tuple(_entry(row) for row in rows)


def rounds_of(connection: Connection, place: Place, head: CommitId) -> int:
    """Count how often this head was queued here and came to an end."""
    count = connection.scalar(
        select(func.count()).where(
            ENTRIES.c.place == place.name, ENTRIES.c.head == head, ENTRIES.c.state != EntryState.WAITING.value
        )
    )
    return int(count or 0)


def after(first: Fold, second: Fold) -> Fold:
    """Return a fold that does both."""

    def both(connection: Connection, entry: Entry) -> None:
        first(connection, entry)
        second(connection, entry)

    return both


def fold_landed(connection: Connection, entry: Entry) -> None:
    """End the entries of a head that landed, and count whom it has overtaken."""
    payload: dict[str, Any] = entry.payload
    if "tip_after" not in payload:
        return
    place = Place(branch=payload["branch"], remote=payload["remote"]).name
    waits = (ENTRIES.c.place == place) & (ENTRIES.c.state == EntryState.WAITING.value)
    rows = list(connection.execute(select(ENTRIES).where(waits, ENTRIES.c.head == payload["head"])))
    for row in rows:
        _end(connection, row.number, entry, EntryState.LANDED, "", "")
        if not json.loads(row.asked)["emergency"]:
            overtaken = {ENTRIES.c.overtaken_count: ENTRIES.c.overtaken_count + 1}
            connection.execute(update(ENTRIES).where(waits, ENTRIES.c.number < row.number).values(overtaken))


def fold_refused(connection: Connection, entry: Entry) -> None:
    """End the entry that a refusal names; one by hand ends the entry of its head only when it has to be mended."""
    payload: dict[str, Any] = entry.payload
    if "refusal" not in payload:
        return
    refusal = payload["refusal"]
    if payload.get("entry") is not None:
        _end(connection, payload["entry"], entry, EntryState.REFUSED, refusal["reason"], refusal["says"])
        return
    if refusal["outcome"] != "fail":
        return
    place = Place(branch=payload["branch"], remote=payload["remote"]).name
    same = (ENTRIES.c.place == place) & (ENTRIES.c.head == payload["head"])
    for row in list(connection.execute(select(ENTRIES.c.number).where(same))):
        _end(connection, row.number, entry, EntryState.REFUSED, refusal["reason"], refusal["says"])


def _fold_queued(connection: Connection, entry: Entry) -> None:
    if "head" not in entry.payload:
        return
    asked = from_plain(Asked, entry.payload)
    connection.execute(
        insert(ENTRIES).values(
            number=entry.seq,
            event=entry.id,
            place=_place_of(asked).name,
            head=asked.head,
            change=asked.change,
            state=EntryState.WAITING.value,
            reason="",
            says="",
            by=entry.actor.id,
            queued_at_ms=to_milliseconds(entry.at),
            ended_at_ms=None,
            end_event="",
            overtaken_count=0,
            asked=canonical_json(entry.payload).decode(),
        )
    )


def _fold_dequeued(connection: Connection, entry: Entry) -> None:
    payload: dict[str, Any] = entry.payload
    if "entry" in payload:
        refusal = payload["refusal"]
        state = EntryState(payload["state"])
        _end(connection, payload["entry"], entry, state, refusal["reason"], refusal["says"])


FOLDS: Mapping[str, Fold] = {
    CHANGE_QUEUED: _fold_queued,
    CHANGE_DEQUEUED: _fold_dequeued,
}


def _end(connection: Connection, number: int, entry: Entry, state: EntryState, reason: str, says: str) -> None:
    """Give an entry its end; the first end stays."""
    waits = (ENTRIES.c.number == number) & (ENTRIES.c.state == EntryState.WAITING.value)
    values = {
        "state": state.value,
        "reason": reason,
        "says": says,
        "ended_at_ms": to_milliseconds(entry.at),
        "end_event": entry.id,
    }
    connection.execute(update(ENTRIES).where(waits).values(**values))


def _entry(row: Row[Any]) -> QueueEntry:
    return QueueEntry(
        number=row.number,
        event=row.event,
        asked=from_plain(Asked, json.loads(row.asked)),
        by=row.by,
        queued_at=from_milliseconds(row.queued_at_ms),
        state=EntryState(row.state),
        reason=row.reason,
        says=row.says,
        ended_at=None if row.ended_at_ms is None else from_milliseconds(row.ended_at_ms),
        end_event=row.end_event,
        overtaken_count=row.overtaken_count,
    )


def _place_of(asked: Asked) -> Place:
    return Place(branch=asked.branch, remote=asked.remote)


def _object(plain: Plain) -> dict[str, Plain]:
    assert isinstance(plain, dict)  # noqa: S101 - a record is an object
    return plain
