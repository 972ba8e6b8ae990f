"""The tables of landing: folds over `LandingIntended`, `ChangeLanded`, `LandingRefused` and `LandingAbandoned`."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Connection, Index, Row, Table, Text, func, insert, select, update

from release_harness.kernel.digests import ChangeDigest, CommitId, canonical_json
from release_harness.kernel.identity import Actor
from release_harness.kernel.records import Plain, from_plain, to_plain
from release_harness.kernel.time import from_milliseconds, to_milliseconds
from release_harness.ledger.door import Fold
from release_harness.ledger.model import Entry, NewEvent
from release_harness.ledger.tables import METADATA
from release_harness.steps.merge.model import Abandonment, Intent, Landing, LandingProof, Look, Place, Refusal

LANDING_INTENDED = "LandingIntended"
CHANGE_LANDED = "ChangeLanded"
LANDING_REFUSED = "LandingRefused"
LANDING_ABANDONED = "LandingAbandoned"

INTENTS = Table(
    "merge_intents",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("place", Text, nullable=False),
    Column("commit_id", Text, nullable=False),
    Column("tip", Text, nullable=False),
    Column("head", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("intended_at_ms", BigInteger, nullable=False),
    Column("proof", Text, nullable=False),
    Index("merge_intents_place_state", "place", "state", "seq"),
    Index("merge_intents_commit_id", "commit_id"),
)
"""Landings that were begun; `state` is open, landed, or why it was given up."""

LANDINGS = Table(
    "merge_landings",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("place", Text, nullable=False),
    Column("commit_id", Text, nullable=False),
    Column("head", Text, nullable=False),
    Column("change", Text, nullable=False),
    Column("result_tree", Text, nullable=False),
    Column("forced", Boolean, nullable=False),
    Column("landed_at_ms", BigInteger, nullable=False),
    Column("proof", Text, nullable=False),
    Index("merge_landings_place", "place", "seq"),
    Index("merge_landings_commit_id", "commit_id"),
    Index("merge_landings_head", "head"),
    Index("merge_landings_change", "change"),
)
"""Changes that landed, with their proofs."""

REFUSALS = Table(
    "merge_refusals",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("place", Text, nullable=False),
    Column("head", Text, nullable=False),
    Column("change", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("says", Text, nullable=False),
    Column("refused_at_ms", BigInteger, nullable=False),
    Index("merge_refusals_head", "head", "seq"),
    Index("merge_refusals_change", "change", "seq"),
)
"""Why changes did not land."""

OPEN = "open"
LANDED = "landed"


def landing_intended(proof: LandingProof, actor: Actor, round_count: int) -> NewEvent:
    """Return the event that says what is about to happen; the same landing begun again is the same event."""
    return NewEvent(
        type=LANDING_INTENDED,
        version=1,
        subject=_subject(proof),
        actor=actor,
        payload=_payload(proof),
        cause="rh land",
        idempotency_key=f"{_key('intended', proof)}:{round_count}",
    )


def change_landed(intent: Intent, actor: Actor) -> NewEvent:
    """Return the event that says that it happened; there is one for each commit and branch, whoever records it."""
    return NewEvent(
        type=CHANGE_LANDED,
        version=1,
        subject=_subject(intent.proof),
        actor=actor,
        payload=_payload(intent.proof),
        cause=intent.event,
        idempotency_key=_key("landed", intent.proof),
    )


def landing_abandoned(intent: Intent, actor: Actor, because: Abandonment, says: str) -> NewEvent:
    """Return the event that says that an intended landing did not and will not happen."""
    return NewEvent(
        type=LANDING_ABANDONED,
        version=1,
        subject=_subject(intent.proof),
        actor=actor,
        payload={"intent": intent.event, "because": because.value, "says": _text(says)},
        cause=intent.event,
        idempotency_key=f"abandoned:{intent.event}",
    )


def landing_refused(place: Place, look: Look, refusal: Refusal, actor: Actor, *, entry: int | None = None) -> NewEvent:
    """Return the event that says why a change did not land; the same refusal on the same evidence is one event.

    `entry` is the number of the change in the queue that is ended by it.
    """
    from release_harness.kernel.digests import digest_bytes

    payload: dict[str, Plain] = {
        "remote": place.remote,
        "branch": _text(place.branch),
        "head": look.head,
        "tip": look.tip,
        "change": look.change,
        "result_tree": look.result_tree,
        "policy": look.policy,
        "refusal": to_plain(refusal),
    }
    if entry is not None:
        payload["entry"] = entry
    return NewEvent(
        type=LANDING_REFUSED,
        version=1,
        subject=f"change:{look.change}" if look.change else f"commit:{look.head}",
        actor=actor,
        payload=payload,
        cause="rh land" if entry is None else "rh queue run",
        idempotency_key=f"refused:{digest_bytes(canonical_json(payload))}",
    )


def open_intents(connection: Connection, place: Place) -> tuple[Intent, ...]:
    """Return the landings on this branch that were begun and of which no outcome is recorded, oldest first."""
    rows = connection.execute(
        select(INTENTS).where(INTENTS.c.place == place.name, INTENTS.c.state == OPEN).order_by(INTENTS.c.seq)
    )
    return tuple(Intent(event=row.id, proof=_proof(row)) for row in rows)


def closed_rounds(connection: Connection, place: Place, commit: CommitId) -> int:
    """Count how often a landing of exactly this commit was begun and given up."""
    count = connection.scalar(
        select(func.count()).where(
            INTENTS.c.place == place.name, INTENTS.c.commit_id == commit, INTENTS.c.state.not_in((OPEN, LANDED))
        )
    )
    return int(count or 0)


def landing_of(connection: Connection, place: Place, head: CommitId) -> Landing | None:
    """Return the latest landing of this head on this branch."""
    row = connection.execute(
        select(LANDINGS)
        .where(LANDINGS.c.place == place.name, LANDINGS.c.head == head)
        .order_by(LANDINGS.c.seq.desc())
        .limit(1)
    ).first()
    return None if row is None else _landing(row)


def changes_of_commits(connection: Connection, commits: tuple[CommitId, ...]) -> Mapping[str, ChangeDigest]:
    """Return the change digests of those commits that are known landings."""
    rows = connection.execute(select(LANDINGS.c.commit_id, LANDINGS.c.change).where(LANDINGS.c.commit_id.in_(commits)))
    return {row.commit_id: ChangeDigest(row.change) for row in rows}


def list_landings(connection: Connection, place: Place, limit_count: int) -> tuple[Landing, ...]:
    """Return the latest landings on this branch, newest first."""
    rows = connection.execute(
        select(LANDINGS).where(LANDINGS.c.place == place.name).order_by(LANDINGS.c.seq.desc()).limit(limit_count)
    )
    return tuple(_landing(row) for row in rows)


def has_landed(connection: Connection, place: Place, name: str) -> bool:
    """Tell whether a head commit or a change digest has landed on this branch."""
    found = connection.execute(
        select(LANDINGS.c.id)
        .where(LANDINGS.c.place == place.name, (LANDINGS.c.head == name) | (LANDINGS.c.change == name))
        .limit(1)
    ).first()
    return found is not None


def last_refusal(connection: Connection, place: Place, name: str) -> str:
    """Return the reason of the last failing refusal of a head commit or a change digest, or an empty text."""
    row = connection.execute(
        select(REFUSALS.c.reason)
        .where(
            REFUSALS.c.place == place.name,
            (REFUSALS.c.head == name) | (REFUSALS.c.change == name),
            REFUSALS.c.outcome == "fail",
        )
        .order_by(REFUSALS.c.seq.desc())
        .limit(1)
    ).first()
    return "" if row is None else str(row.reason)


def attempts_on(connection: Connection, branch: str) -> tuple[tuple[str, str], ...]:
    """Return every landing and every failing refusal on a branch, at whatever remote, oldest first: head and reason.

    The reason of a landing is empty; a head that was refused several times for one reason is one attempt.
    """
    here = (LANDINGS, REFUSALS)
    landed, refused = (
        (table.c.place == branch) | table.c.place.endswith(f"/{branch}", autoescape=True) for table in here
    )
    rows = [
        (row.seq, row.commit_id, "")
        for row in connection.execute(select(LANDINGS.c.seq, LANDINGS.c.commit_id).where(landed))
    ]
    rows += [
        (row.seq, row.head, row.reason)
        for row in connection.execute(
            select(REFUSALS.c.seq, REFUSALS.c.head, REFUSALS.c.reason).where(refused, REFUSALS.c.outcome == "fail")
        )
    ]
    return tuple(dict.fromkeys((name, reason) for _seq, name, reason in sorted(rows)))


def _fold_intended(connection: Connection, entry: Entry) -> None:
    proof = _read_proof(entry)
    if proof is None:
        return
    connection.execute(
        insert(INTENTS).values(
            id=entry.id,
            seq=entry.seq,
            place=_place(proof).name,
            commit_id=proof.tip_after,
            tip=proof.tip_before,
            head=proof.head,
            state=OPEN,
            intended_at_ms=to_milliseconds(entry.at),
            proof=_stored(entry),
        )
    )


def _fold_landed(connection: Connection, entry: Entry) -> None:
    proof = _read_proof(entry)
    if proof is None:
        return
    connection.execute(
        insert(LANDINGS).values(
            id=entry.id,
            seq=entry.seq,
            place=_place(proof).name,
            commit_id=proof.tip_after,
            head=proof.head,
            change=proof.change,
            result_tree=proof.result_tree,
            forced=proof.forced,
            landed_at_ms=to_milliseconds(entry.at),
            proof=_stored(entry),
        )
    )
    same = (INTENTS.c.place == _place(proof).name) & (INTENTS.c.commit_id == proof.tip_after)
    connection.execute(update(INTENTS).where(same).values(state=LANDED))


def _fold_abandoned(connection: Connection, entry: Entry) -> None:
    payload = entry.payload
    if "intent" not in payload:
        return
    still_open = (INTENTS.c.id == str(payload["intent"])) & (INTENTS.c.state == OPEN)
    connection.execute(update(INTENTS).where(still_open).values(state=str(payload["because"])))


def _fold_refused(connection: Connection, entry: Entry) -> None:
    payload: dict[str, Any] = entry.payload
    if "refusal" not in payload:
        return
    place = Place(branch=payload["branch"], remote=payload["remote"])
    connection.execute(
        insert(REFUSALS).values(
            id=entry.id,
            seq=entry.seq,
            place=place.name,
            head=payload["head"],
            change=payload["change"] or "",
            reason=payload["refusal"]["reason"],
            outcome=payload["refusal"]["outcome"],
            says=payload["refusal"]["says"],
            refused_at_ms=to_milliseconds(entry.at),
        )
    )


FOLDS: Mapping[str, Fold] = {
    LANDING_INTENDED: _fold_intended,
    CHANGE_LANDED: _fold_landed,
    LANDING_ABANDONED: _fold_abandoned,
    LANDING_REFUSED: _fold_refused,
}


def _payload(proof: LandingProof) -> dict[str, Plain]:
    plain = to_plain(proof)
    assert isinstance(plain, dict)  # noqa: S101 - a record is an object
    return plain


def _read_proof(entry: Entry) -> LandingProof | None:
    """Read a proof back; an event whose payload was erased by law leaves no row."""
    return from_plain(LandingProof, entry.payload) if "tip_after" in entry.payload else None


def _stored(entry: Entry) -> str:
    return canonical_json(entry.payload).decode()


def _proof(row: Row[Any]) -> LandingProof:
    return from_plain(LandingProof, json.loads(row.proof))


def _landing(row: Row[Any]) -> Landing:
    return Landing(event=row.id, at=from_milliseconds(row.landed_at_ms), proof=_proof(row))


def _place(proof: LandingProof) -> Place:
    return Place(branch=proof.branch, remote=proof.remote)


def _subject(proof: LandingProof) -> str:
    return f"change:{proof.change}"


def _key(word: str, proof: LandingProof) -> str:
    return f"{word}:{_place(proof).name}:{proof.tip_after}"


def _text(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
