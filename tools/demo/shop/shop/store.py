"""Opens the database and brings its schema up to date."""

import sqlite3
from pathlib import Path

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def open_store(name: str) -> sqlite3.Connection:
    """Open the database file (or `:memory:`) and apply the migrations that it has not seen."""
    store = sqlite3.connect(name)
    (seen,) = store.execute("PRAGMA user_version").fetchone()
    for number, script in enumerate(sorted(MIGRATIONS.glob("*.sql")), start=1):
        if number > seen:
            store.executescript(f"BEGIN; {script.read_text()} PRAGMA user_version = {number}; COMMIT;")
    return store
