"""The tables of the log itself, and the metadata that the tables of the steps join. Whole milliseconds, hexadecimal hashes.

Tables on METADATA that are no folds over events carry `info={"fold": False}`: they are left alone when folds are rebuilt.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, SmallInteger, Table, Text

METADATA = MetaData()
"""Shared by the store modules of all steps."""

EVENTS = Table(
    "ledger_events",
    METADATA,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("subject", Text, nullable=False),
    Column("actor_kind", Text, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("actor_email", Text, nullable=False),
    Column("actor_on_behalf_of", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("clock_behind_ms", BigInteger, nullable=False),
    Column("idempotency_key", Text),
    Column("payload_digest", Text, nullable=False),
    Column("prev", Text, nullable=False),
    Column("leaf", Text, nullable=False),
    Column("salt", Text),
    Column("payload", Text),
    Index("ledger_events_id", "id", unique=True),
    Index("ledger_events_idempotency_key", "idempotency_key", unique=True),
    Index("ledger_events_subject", "subject", "seq"),
    info={"fold": False},
)
"""The events. `prev` and `leaf` repeat what can be computed, so that `verify` can tell an edit from a move."""

NODES = Table(
    "ledger_nodes",
    METADATA,
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", Text, nullable=False),
    info={"fold": False},
    sqlite_with_rowid=False,
)
"""Hashes of perfect subtrees from level 1 up; level 0 is the column `leaf` of the events."""

CHECKPOINTS = Table(
    "ledger_checkpoints",
    METADATA,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("public_key", Text, primary_key=True),
    Column("root", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    info={"fold": False},
)
"""Signed checkpoints, one for each size and signer."""

ORIGIN = Table(
    "ledger_origin",
    METADATA,
    Column("origin", Text, primary_key=True),
    info={"fold": False},
)
"""One row: the name of this log, made once when it is created."""
