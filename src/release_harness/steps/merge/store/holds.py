"""What holds a branch: folds over `QueueHeld` and `QueueResumed`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Table, Text, insert, select

from release_harness.kernel.identity import Actor
from release_harness.kernel.time import from_milliseconds, to_milliseconds
from release_harness.ledger.door import Fold
from release_harness.ledger.model import Entry, NewEvent
from release_harness.ledger.tables import METADATA
from release_harness.steps.merge.model import Place
from release_harness.steps.merge.model.queued import Hold

QUEUE_HELD = "QueueHeld"
QUEUE_RESUMED = "QueueResumed"

HOLDS = Table(
    "merge_queue_holds",
    METADATA,
    Column("place", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("held_at_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger),
)
"""Branches on which nothing lands now; one row at most for each."""


def queue_held(place: Place, hold: Hold, actor: Actor) -> NewEvent:
    """Return the event that stops all landing on a branch."""
    return NewEvent(
        type=QUEUE_HELD,
        version=1,
        subject=f"branch:{place.name}",
        actor=actor,
        payload={
            "remote": place.remote,
            "branch": place.branch,
            "reason": hold.reason,
            "until_ms": None if hold.until is None else to_milliseconds(hold.until),
        },
        cause="rh queue hold",
    )


def queue_resumed(place: Place, actor: Actor) -> NewEvent:
    """Return the event that lets a branch go on."""
    return NewEvent(
        type=QUEUE_RESUMED,
        version=1,
        subject=f"branch:{place.name}",
        actor=actor,
        payload={"remote": place.remote, "branch": place.branch},
        cause="rh queue resume",
    )


def hold_on(connection: Connection, place: Place, now: datetime) -> Hold | None:
    """Return what holds a branch at that moment."""
    row = connection.execute(select(HOLDS).where(HOLDS.c.place == place.name)).first()
    if row is None:
        return None
    until = None if row.until_ms is None else from_milliseconds(row.until_ms)
    hold = Hold(reason=row.reason, by=row.by, held_at=from_milliseconds(row.held_at_ms), until=until)
    return hold if hold.is_on(now) else None


def _fold_held(connection: Connection, entry: Entry) -> None:
    payload: dict[str, Any] = entry.payload
    if "branch" not in payload:
        return
    place = Place(branch=payload["branch"], remote=payload["remote"]).name
    connection.execute(HOLDS.delete().where(HOLDS.c.place == place))
    connection.execute(
        insert(HOLDS).values(
            place=place,
            reason=payload["reason"],
            by=entry.actor.id,
            held_at_ms=to_milliseconds(entry.at),
            until_ms=payload["until_ms"],
        )
    )


def _fold_resumed(connection: Connection, entry: Entry) -> None:
    payload: dict[str, Any] = entry.payload
    if "branch" in payload:
        place = Place(branch=payload["branch"], remote=payload["remote"]).name
        connection.execute(HOLDS.delete().where(HOLDS.c.place == place))


FOLDS: Mapping[str, Fold] = {QUEUE_HELD: _fold_held, QUEUE_RESUMED: _fold_resumed}
