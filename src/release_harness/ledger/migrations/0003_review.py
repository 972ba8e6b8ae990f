"""Approvals and rejections, break-glass statements, and the duties to look afterwards."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the three tables of review."""
    for table in ("review_answers", "review_break_glass"):
        op.create_table(
            table,
            sa.Column("id", sa.Text, primary_key=True),
            sa.Column("seq", sa.BigInteger, nullable=False),
            sa.Column("change", sa.Text, nullable=False),
            sa.Column("target", sa.Text, nullable=False),
            sa.Column("branch", sa.Text, nullable=False),
            sa.Column("base", sa.Text, nullable=False),
            sa.Column("head", sa.Text, nullable=False),
            sa.Column("title", sa.Text, nullable=False),
            sa.Column("statement", sa.Text, nullable=False),
            sa.Column("signature", sa.Text, nullable=False),
            sa.Column("recorder_kind", sa.Text, nullable=False),
            sa.Column("recorder_id", sa.Text, nullable=False),
            sa.Column("recorder_name", sa.Text, nullable=False),
            sa.Column("recorder_email", sa.Text, nullable=False),
            sa.Column("recorder_on_behalf_of", sa.Text, nullable=False),
            sa.Column("recorded_at_ms", sa.BigInteger, nullable=False),
        )
        op.create_index(f"{table}_change", table, ["change", "seq"])
    op.create_index("review_answers_branch", "review_answers", ["branch", "seq"])
    op.create_table(
        "review_duties",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("change", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("branch", sa.Text, nullable=False),
        sa.Column("base", sa.Text, nullable=False),
        sa.Column("head", sa.Text, nullable=False),
        sa.Column("opened_by", sa.Text, nullable=False),
        sa.Column("incident", sa.Text, nullable=False),
        sa.Column("opened_at_ms", sa.BigInteger, nullable=False),
        sa.Column("due_at_ms", sa.BigInteger, nullable=False),
        sa.Column("closed_at_ms", sa.BigInteger),
        sa.Column("closed_by", sa.Text, nullable=False),
    )
    op.create_index("review_duties_change", "review_duties", ["change"])
