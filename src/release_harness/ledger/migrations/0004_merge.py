"""Landing: what was intended, what landed, and what was refused and why."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of landing."""
    op.create_table(
        "merge_intents",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("commit_id", sa.Text, nullable=False),
        sa.Column("tip", sa.Text, nullable=False),
        sa.Column("head", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("intended_at_ms", sa.BigInteger, nullable=False),
        sa.Column("proof", sa.Text, nullable=False),
    )
    op.create_index("merge_intents_place_state", "merge_intents", ["place", "state", "seq"])
    op.create_index("merge_intents_commit_id", "merge_intents", ["commit_id"])
    op.create_table(
        "merge_landings",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("commit_id", sa.Text, nullable=False),
        sa.Column("head", sa.Text, nullable=False),
        sa.Column("change", sa.Text, nullable=False),
        sa.Column("result_tree", sa.Text, nullable=False),
        sa.Column("forced", sa.Boolean, nullable=False),
        sa.Column("landed_at_ms", sa.BigInteger, nullable=False),
        sa.Column("proof", sa.Text, nullable=False),
    )
    op.create_index("merge_landings_place", "merge_landings", ["place", "seq"])
    op.create_index("merge_landings_commit_id", "merge_landings", ["commit_id"])
    op.create_index("merge_landings_head", "merge_landings", ["head"])
    op.create_index("merge_landings_change", "merge_landings", ["change"])
    op.create_table(
        "merge_refusals",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("head", sa.Text, nullable=False),
        sa.Column("change", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("says", sa.Text, nullable=False),
        sa.Column("refused_at_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("merge_refusals_head", "merge_refusals", ["head", "seq"])
    op.create_index("merge_refusals_change", "merge_refusals", ["change", "seq"])
