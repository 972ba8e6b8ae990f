"""The tables of review, the folds that fill them, and the questions that are asked of them."""

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import BigInteger, Column, Connection, Index, Row, Table, Text, insert, select, update

from release_harness.kernel.digests import ChangeDigest
from release_harness.kernel.identity import Actor, ActorKind
from release_harness.kernel.time import from_milliseconds, parse_instant, to_milliseconds
from release_harness.ledger.door import Fold
from release_harness.ledger.model import Entry
from release_harness.ledger.tables import METADATA
from release_harness.steps.review.model import ReviewDuty, Signed

APPROVAL_GIVEN = "ApprovalGiven"
CHANGE_REJECTED = "ChangeRejected"
GLASS_BROKEN = "GlassBroken"
DUTY_CLOSED = "ReviewDutyClosed"

ANSWERS = Table(
    "review_answers",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("change", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("branch", Text, nullable=False),
    Column("base", Text, nullable=False),
    Column("head", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("statement", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("recorder_kind", Text, nullable=False),
    Column("recorder_id", Text, nullable=False),
    Column("recorder_name", Text, nullable=False),
    Column("recorder_email", Text, nullable=False),
    Column("recorder_on_behalf_of", Text, nullable=False),
    Column("recorded_at_ms", BigInteger, nullable=False),
    Index("review_answers_change", "change", "seq"),
    Index("review_answers_branch", "branch", "seq"),
)
"""Approvals and rejections as they were recorded; the columns beside `statement` only find rows and decide nothing."""

BREAK_GLASS = Table(
    "review_break_glass",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("change", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("branch", Text, nullable=False),
    Column("base", Text, nullable=False),
    Column("head", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("statement", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("recorder_kind", Text, nullable=False),
    Column("recorder_id", Text, nullable=False),
    Column("recorder_name", Text, nullable=False),
    Column("recorder_email", Text, nullable=False),
    Column("recorder_on_behalf_of", Text, nullable=False),
    Column("recorded_at_ms", BigInteger, nullable=False),
    Index("review_break_glass_change", "change", "seq"),
)
"""Break-glass statements as they were recorded."""

DUTIES = Table(
    "review_duties",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("change", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("branch", Text, nullable=False),
    Column("base", Text, nullable=False),
    Column("head", Text, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("incident", Text, nullable=False),
    Column("opened_at_ms", BigInteger, nullable=False),
    Column("due_at_ms", BigInteger, nullable=False),
    Column("closed_at_ms", BigInteger),
    Column("closed_by", Text, nullable=False),
    Index("review_duties_change", "change"),
)
"""What has to be looked at after a break-glass, by its event id."""


def answers_for(connection: Connection, change: ChangeDigest) -> tuple[Signed, ...]:
    """Return every answer to this content, in the order of the ledger."""
    rows = connection.execute(select(ANSWERS).where(ANSWERS.c.change == change).order_by(ANSWERS.c.seq))
    return tuple(_signed(row) for row in rows)


def other_answers(connection: Connection, branch: str, change: ChangeDigest, *, limit_count: int) -> tuple[Signed, ...]:
    """Return the latest answers to other contents of the same branch, newest first."""
    if not branch:
        return ()
    rows = connection.execute(
        select(ANSWERS)
        .where(ANSWERS.c.branch == branch, ANSWERS.c.change != change)
        .order_by(ANSWERS.c.seq.desc())
        .limit(limit_count)
    )
    return tuple(_signed(row) for row in rows)


def answered_changes(connection: Connection, *, limit_count: int) -> tuple[Signed, ...]:
    """Return the latest answer to each of the most recently answered contents, newest first."""
    rows = connection.execute(select(ANSWERS).order_by(ANSWERS.c.seq.desc()).limit(limit_count * 4))
    latest: dict[str, Signed] = {}
    for row in rows:
        latest.setdefault(row.change, _signed(row))
    return tuple(latest.values())[:limit_count]


def break_glass_for(connection: Connection, change: ChangeDigest) -> tuple[Signed, ...]:
    """Return every break-glass statement about this content, in the order of the ledger."""
    rows = connection.execute(select(BREAK_GLASS).where(BREAK_GLASS.c.change == change).order_by(BREAK_GLASS.c.seq))
    return tuple(_signed(row) for row in rows)


def duties_for(connection: Connection, change: ChangeDigest) -> tuple[ReviewDuty, ...]:
    """Return the duties that break-glass opened for this content."""
    rows = connection.execute(select(DUTIES).where(DUTIES.c.change == change).order_by(DUTIES.c.seq))
    return tuple(_duty(row) for row in rows)


def open_duties(connection: Connection) -> tuple[ReviewDuty, ...]:
    """Return every duty that nobody has done yet, the one due first in front."""
    rows = connection.execute(select(DUTIES).where(DUTIES.c.closed_at_ms.is_(None)).order_by(DUTIES.c.due_at_ms))
    return tuple(_duty(row) for row in rows)


def _fold_answer(connection: Connection, entry: Entry) -> None:
    connection.execute(insert(ANSWERS).values(_statement_row(entry)))


def _fold_break_glass(connection: Connection, entry: Entry) -> None:
    row = _statement_row(entry)
    connection.execute(insert(BREAK_GLASS).values(row))
    payload = cast("dict[str, Any]", entry.payload)
    connection.execute(
        insert(DUTIES).values(
            id=entry.id,
            seq=entry.seq,
            change=row["change"],
            target=row["target"],
            branch=row["branch"],
            base=row["base"],
            head=row["head"],
            opened_by=str(payload["opened_by"]),
            incident=str(payload["incident"]),
            opened_at_ms=to_milliseconds(entry.at),
            due_at_ms=to_milliseconds(parse_instant(str(payload["review_due_at"]))),
            closed_by="",
        )
    )


def _fold_duty_closed(connection: Connection, entry: Entry) -> None:
    payload = cast("dict[str, Any]", entry.payload)
    connection.execute(
        update(DUTIES)
        .where(DUTIES.c.id == str(payload["duty"]), DUTIES.c.closed_at_ms.is_(None))
        .values(closed_at_ms=to_milliseconds(entry.at), closed_by=str(payload["closed_by"]))
    )


FOLDS: Mapping[str, Fold] = {
    APPROVAL_GIVEN: _fold_answer,
    CHANGE_REJECTED: _fold_answer,
    GLASS_BROKEN: _fold_break_glass,
    DUTY_CLOSED: _fold_duty_closed,
}


def _statement_row(entry: Entry) -> dict[str, Any]:
    payload = cast("dict[str, Any]", entry.payload)
    return {
        "id": entry.id,
        "seq": entry.seq,
        **{name: str(payload[name]) for name in ("change", "target", "branch", "base", "head", "title")},
        "statement": str(payload["statement"]),
        "signature": str(payload["signature"]),
        "recorder_kind": entry.actor.kind.value,
        "recorder_id": entry.actor.id,
        "recorder_name": entry.actor.name,
        "recorder_email": entry.actor.email,
        "recorder_on_behalf_of": entry.actor.on_behalf_of,
        "recorded_at_ms": to_milliseconds(entry.at),
    }


def _signed(row: Row[Any]) -> Signed:
    return Signed(
        id=row.id,
        text=row.statement,
        signature=row.signature,
        recorder=Actor(
            kind=ActorKind(row.recorder_kind),
            id=row.recorder_id,
            name=row.recorder_name,
            email=row.recorder_email,
            on_behalf_of=row.recorder_on_behalf_of,
        ),
        recorded_at=from_milliseconds(row.recorded_at_ms),
        branch=row.branch,
        base=row.base,
        head=row.head,
        target=row.target,
        change=row.change,
        title=row.title,
    )


def _duty(row: Row[Any]) -> ReviewDuty:
    closed = None if row.closed_at_ms is None else from_milliseconds(row.closed_at_ms)
    return ReviewDuty(
        id=row.id,
        change=ChangeDigest(row.change),
        target=row.target,
        branch=row.branch,
        base=row.base,
        head=row.head,
        opened_by=row.opened_by,
        incident=row.incident,
        opened_at=from_milliseconds(row.opened_at_ms),
        due_at=from_milliseconds(row.due_at_ms),
        closed_at=closed,
        closed_by=row.closed_by,
    )
