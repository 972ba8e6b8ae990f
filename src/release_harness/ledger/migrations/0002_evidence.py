"""Evidence: one row for each signed statement."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of evidence."""
    op.create_table(
        "evidence",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("predicate", sa.Text, nullable=False),
        sa.Column("result_tree", sa.Text),
        sa.Column("change", sa.Text),
        sa.Column("base", sa.Text),
        sa.Column("branch", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("started_at_ms", sa.BigInteger, nullable=False),
        sa.Column("finished_at_ms", sa.BigInteger, nullable=False),
        sa.Column("entry_seq", sa.BigInteger, nullable=False),
        sa.Column("envelope", sa.Text, nullable=False),
    )
    op.create_index("evidence_result_tree", "evidence", ["result_tree"])
    op.create_index("evidence_change", "evidence", ["change"])
    op.create_index("evidence_branch", "evidence", ["branch"])
