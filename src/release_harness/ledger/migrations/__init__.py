"""Alembic revisions, one file for each form of the tables; `0001` is the log, each step adds its own file."""
