"""What Alembic runs around the revisions."""
