"""The queue: who waits, what was run, what is known of trees, and what holds a branch."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of the queue."""
    op.create_table(
        "merge_queue",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("head", sa.Text, nullable=False),
        sa.Column("change", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("says", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("queued_at_ms", sa.BigInteger, nullable=False),
        sa.Column("ended_at_ms", sa.BigInteger),
        sa.Column("end_event", sa.Text, nullable=False),
        sa.Column("overtaken_count", sa.Integer, nullable=False),
        sa.Column("asked", sa.Text, nullable=False),
    )
    op.create_index("merge_queue_place_state", "merge_queue", ["place", "state", "number"])
    op.create_index("merge_queue_head", "merge_queue", ["head"])
    op.create_table(
        "merge_queue_holds",
        sa.Column("place", sa.Text, primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("held_at_ms", sa.BigInteger, nullable=False),
        sa.Column("until_ms", sa.BigInteger),
    )
    _make_runs()


def _make_runs() -> None:
    op.create_table(
        "merge_runs",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("tree", sa.Text, nullable=False),
        sa.Column("gate", sa.Text, nullable=False),
        sa.Column("environment", sa.Text, nullable=False),
        sa.Column("last_member", sa.BigInteger, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("why_stopped", sa.Text, nullable=False),
        sa.Column("began_at_ms", sa.BigInteger, nullable=False),
        sa.Column("ended_at_ms", sa.BigInteger),
        sa.Column("order", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
    )
    op.create_index("merge_runs_place_state", "merge_runs", ["place", "state", "seq"])
    op.create_index("merge_runs_place_member", "merge_runs", ["place", "last_member"])
    op.create_index("merge_runs_tree", "merge_runs", ["tree"])
    op.create_table(
        "merge_verdicts",
        sa.Column("run", sa.Text, primary_key=True),
        sa.Column("gate", sa.Text, primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("tree", sa.Text, nullable=False),
        sa.Column("environment", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
    )
    op.create_index("merge_verdicts_tree", "merge_verdicts", ["tree", "seq"])
