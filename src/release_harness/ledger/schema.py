"""Which form the tables have, which form this rh needs, and the step from one to the other."""

import re
import secrets
from pathlib import Path

from sqlalchemy import Connection

from release_harness.kernel.errors import InputError

VERSION_TABLE = "rh_schema_version"
"""Alembic's table, under a name of our own: a PostgreSQL database may hold another program's tables too."""

MIGRATIONS = Path(__file__).parent / "migrations"
_REVISION_FILE = re.compile(r"(\d{4})_\w+\.py")


def head_revision() -> str:
    """Return the newest revision that this rh knows, from the names of the files: Alembic itself costs 300 ms to load."""
    found = (_REVISION_FILE.fullmatch(file.name) for file in MIGRATIONS.iterdir())
    return max(match.group(1) for match in found if match)


def current_revision(connection: Connection) -> str | None:
    """Return the revision of the tables, or None when there are none yet."""
    if connection.dialect.name == "sqlite":
        query = f"SELECT name FROM sqlite_master WHERE type = 'table' AND name = '{VERSION_TABLE}'"  # noqa: S608 - constant
    else:
        query = f"SELECT to_regclass('{VERSION_TABLE}')"
    if connection.exec_driver_sql(query).scalar() is None:
        return None
    found = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar()  # noqa: S608 - constant
    return None if found is None else str(found)


def is_up_to_date(connection: Connection, place: str) -> bool:
    """Tell whether nothing has to be done; raises InputError LEDGER_NEWER or LEDGER_FOREIGN when nothing can be done."""
    current, head = current_revision(connection), head_revision()
    if current is None:
        _refuse_foreign_file(connection, place)
        return False
    if not current.isdigit() or current > head:
        raise InputError(
            code="LEDGER_NEWER",
            says=f"The ledger {place} was written by a newer rh: it has form {current}, this rh knows {head}.",
            hint="Update rh; nothing was read or changed.",
        )
    return current == head


def upgrade(connection: Connection) -> None:
    """Bring the tables to the newest form, inside the transaction of the connection."""
    from alembic import command
    from alembic.config import Config

    is_new = current_revision(connection) is None
    config = Config(attributes={"connection": connection, "version_table": VERSION_TABLE})
    for name, value in (
        ("path_separator", "newline"),
        ("script_location", str(MIGRATIONS / "environment")),
        ("version_locations", str(MIGRATIONS)),
    ):
        config.set_main_option(name, value.replace("%", "%%"))
    command.upgrade(config, "head")
    if is_new:
        origin = f"rh-ledger/{secrets.token_hex(16)}"
        connection.exec_driver_sql(f"INSERT INTO ledger_origin (origin) VALUES ('{origin}')")  # noqa: S608 - own hex


def is_free(connection: Connection) -> bool:
    """Tell whether a ledger may be made here: an SQLite file must be empty, a server may hold other tables too."""
    return connection.dialect.name != "sqlite" or _first_table(connection) is None


def _first_table(connection: Connection) -> str | None:
    found = connection.exec_driver_sql("SELECT name FROM sqlite_master LIMIT 1").scalar()
    return None if found is None else str(found)


def _refuse_foreign_file(connection: Connection, place: str) -> None:
    if not is_free(connection):
        raise InputError(
            code="LEDGER_FOREIGN",
            says=f"{place} is a database of another program: it holds {_first_table(connection)!r} and no ledger.",
            hint="Point RH_DATABASE_URL to a file of rh's own, or move this file away.",
        )
