"""What was run and what is known of trees: folds over `QueueRunBegan`, `QueueRunEnded` and `QueueRunStopped`."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, Row, Table, Text, func, insert, select, update

from release_harness.kernel.digests import Sha256, TreeId, canonical_json
from release_harness.kernel.identity import Actor
from release_harness.kernel.records import Plain, from_plain, to_plain
from release_harness.kernel.time import from_milliseconds, to_milliseconds
from release_harness.ledger.door import Fold
from release_harness.ledger.model import Entry, NewEvent
from release_harness.ledger.tables import METADATA
from release_harness.steps.merge.model import Place, RunOutcome
from release_harness.steps.merge.model.landing import Verdict
from release_harness.steps.merge.model.queued import GateTerms, QueueRun, RunAnswer, RunOrder, RunState

QUEUE_RUN_BEGAN = "QueueRunBegan"
QUEUE_RUN_ENDED = "QueueRunEnded"
QUEUE_RUN_STOPPED = "QueueRunStopped"
_MOST_TREES = 500

RUNS = Table(
    "merge_runs",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("place", Text, nullable=False),
    Column("tree", Text, nullable=False),
    Column("gate", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("last_member", BigInteger, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("worker", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("why_stopped", Text, nullable=False),
    Column("began_at_ms", BigInteger, nullable=False),
    Column("ended_at_ms", BigInteger),
    Column("order", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Index("merge_runs_place_state", "place", "state", "seq"),
    Index("merge_runs_place_member", "place", "last_member"),
    Index("merge_runs_tree", "tree"),
)
"""Runs of the gate on exact trees; `last_member` is the highest number among the changes, -1 for the tip itself."""

VERDICTS = Table(
    "merge_verdicts",
    METADATA,
    Column("run", Text, primary_key=True),
    Column("gate", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("tree", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Index("merge_verdicts_tree", "tree", "seq"),
)
"""What each gate said of each tree in each environment, for every run that came to its end."""


def run_began(order: RunOrder, actor: Actor) -> NewEvent:
    """Return the event that begins a run; the same attempt on the same tree is one event, whoever begins it."""
    key = f"{order.remote}/{order.branch}:{order.tree}:{order.gate}:{order.environment}:{order.attempt}"
    return NewEvent(
        type=QUEUE_RUN_BEGAN,
        version=1,
        subject=f"tree:{order.tree}",
        actor=actor,
        payload=_object(to_plain(order)),
        cause="rh queue run",
        idempotency_key=f"run-began:{key}",
    )


def run_ended(order: RunOrder, answer: RunAnswer, actor: Actor) -> NewEvent:
    """Return the event that says what came out of a run; the first answer stays."""
    return NewEvent(
        type=QUEUE_RUN_ENDED,
        version=1,
        subject=f"tree:{order.tree}",
        actor=actor,
        payload=_object(to_plain(answer)),
        cause=answer.run,
        idempotency_key=f"run-ended:{answer.run}",
    )


def run_stopped(run: QueueRun, because: str, actor: Actor) -> NewEvent:
    """Return the event that says that a run was stopped before it said anything."""
    return NewEvent(
        type=QUEUE_RUN_STOPPED,
        version=1,
        subject=f"tree:{run.order.tree}",
        actor=actor,
        payload={"run": run.id, "because": because},
        cause=run.id,
        idempotency_key=f"run-stopped:{run.id}",
    )


def run_of(connection: Connection, run_id: str) -> QueueRun | None:
    """Return one run."""
    row = connection.execute(select(RUNS).where(RUNS.c.id == run_id)).first()
    return None if row is None else _run(row)


def open_runs(connection: Connection, place: Place) -> tuple[QueueRun, ...]:
    """Return the runs that were begun and have no outcome, oldest first."""
    rows = connection.execute(
        select(RUNS).where(RUNS.c.place == place.name, RUNS.c.state == RunState.OPEN.value).order_by(RUNS.c.seq)
    )
    return tuple(_run(row) for row in rows)


def ended_runs(connection: Connection, place: Place, from_number: int) -> tuple[QueueRun, ...]:
    """Return the runs that ended and hold a change of at least this number, oldest first."""
    rows = connection.execute(
        select(RUNS)
        .where(RUNS.c.place == place.name, RUNS.c.last_member >= from_number, RUNS.c.state == RunState.ENDED.value)
        .order_by(RUNS.c.seq)
    )
    return tuple(_run(row) for row in rows)


def runs_of_tree(connection: Connection, tree: TreeId) -> tuple[QueueRun, ...]:
    """Return every run of a tree, oldest first."""
    rows = connection.execute(select(RUNS).where(RUNS.c.tree == tree).order_by(RUNS.c.seq))
    return tuple(_run(row) for row in rows)


def attempts_on(connection: Connection, place: Place, tree: TreeId, terms: GateTerms) -> int:
    """Count the runs that were begun for a tree under these terms."""
    count = connection.scalar(
        select(func.count()).where(
            RUNS.c.place == place.name,
            RUNS.c.tree == tree,
            RUNS.c.gate == terms.gate,
            RUNS.c.environment == terms.environment,
        )
    )
    return int(count or 0)


def verdicts_on(connection: Connection, trees: Collection[TreeId]) -> tuple[Verdict, ...]:
    """Return everything that was said of these trees, oldest first."""
    wanted = sorted(trees)
    found: list[Row[Any]] = []
    for start in range(0, len(wanted), _MOST_TREES):
        part = wanted[start : start + _MOST_TREES]
        found += connection.execute(select(VERDICTS).where(VERDICTS.c.tree.in_(part)).order_by(VERDICTS.c.seq)).all()
    return tuple(
        Verdict(
            tree=TreeId(row.tree),
            gate=Sha256(row.gate),
            environment=Sha256(row.environment),
            outcome=RunOutcome(row.outcome),
            run=row.run,
        )
        for row in sorted(found, key=lambda each: each.seq)
    )


def _fold_began(connection: Connection, entry: Entry) -> None:
    if "tree" not in entry.payload:
        return
    order = from_plain(RunOrder, entry.payload)
    connection.execute(
        insert(RUNS).values(
            id=entry.id,
            seq=entry.seq,
            place=Place(branch=order.branch, remote=order.remote).name,
            tree=order.tree,
            gate=order.gate,
            environment=order.environment,
            last_member=max((each.number for each in order.members), default=-1),
            attempt=order.attempt,
            worker=order.worker,
            state=RunState.OPEN.value,
            why_stopped="",
            began_at_ms=to_milliseconds(entry.at),
            ended_at_ms=None,
            order=canonical_json(entry.payload).decode(),
            answer="",
        )
    )


def _fold_ended(connection: Connection, entry: Entry) -> None:
    """Take the answer of a run that is still open; a run that was stopped has none, however late one comes."""
    if "run" not in entry.payload:
        return
    answer = from_plain(RunAnswer, entry.payload)
    row = connection.execute(select(RUNS).where(RUNS.c.id == answer.run)).first()
    if row is None or row.state != RunState.OPEN.value:
        return
    values = {
        "state": RunState.ENDED.value,
        "answer": canonical_json(entry.payload).decode(),
        "ended_at_ms": to_milliseconds(entry.at),
    }
    connection.execute(update(RUNS).where(RUNS.c.id == answer.run).values(**values))
    for each in {one.gate: one for one in answer.answers}.values():
        connection.execute(
            insert(VERDICTS).values(
                run=answer.run,
                gate=each.gate,
                seq=entry.seq,
                tree=row.tree,
                environment=row.environment,
                outcome=each.outcome.value,
            )
        )


def _fold_stopped(connection: Connection, entry: Entry) -> None:
    payload: dict[str, Any] = entry.payload
    if "run" not in payload:
        return
    still_open = (RUNS.c.id == payload["run"]) & (RUNS.c.state == RunState.OPEN.value)
    values = {
        "state": RunState.STOPPED.value,
        "why_stopped": payload["because"],
        "ended_at_ms": to_milliseconds(entry.at),
    }
    connection.execute(update(RUNS).where(still_open).values(**values))


FOLDS: Mapping[str, Fold] = {
    QUEUE_RUN_BEGAN: _fold_began,
    QUEUE_RUN_ENDED: _fold_ended,
    QUEUE_RUN_STOPPED: _fold_stopped,
}


def _run(row: Row[Any]) -> QueueRun:
    return QueueRun(
        id=row.id,
        seq=row.seq,
        order=from_plain(RunOrder, json.loads(row.order)),
        began_at=from_milliseconds(row.began_at_ms),
        state=RunState(row.state),
        answer=from_plain(RunAnswer, json.loads(row.answer)) if row.answer else None,
        why_stopped=row.why_stopped,
    )


def _object(plain: Plain) -> dict[str, Plain]:
    assert isinstance(plain, dict)  # noqa: S101 - a record is an object
    return plain
