"""What must be unique about a migration: its number in its folder, or the revision that it follows."""

import re

_NUMBERED = re.compile(r"^(?:V|U)?(\d{1,14})(?:[._]\d+)*_{1,2}[A-Za-z0-9]")
_ALEMBIC_PARENT = re.compile(rb"^down_revision(?:\s*:[^=\n]{1,80})?\s*=\s*(['\"])([0-9A-Za-z_]{1,64})\1", re.MULTILINE)
_DJANGO_DEPENDENCY = re.compile(rb"^\s*dependencies\s*=\s*\[(.{0,4000}?)\]", re.MULTILINE | re.DOTALL)
_DJANGO_PAIR = re.compile(rb"\(\s*['\"]([\w.]{1,100})['\"]\s*,\s*['\"](\w{1,200})['\"]\s*\)")
_TIMESTAMP_DIGITS = 10


def migration_keys(path: str, content: bytes) -> tuple[str, ...]:
    """Return what no second migration may share with this added file; empty when it is no migration.

    Numbered files (Django, Flyway, golang-migrate, plain SQL) by folder and number, timestamps by the revision alone;
    Alembic by the revision that it follows, Django by the migration of the same application that it follows.
    """
    folder, _, name = path.rpartition("/")
    if not _is_migration_folder(folder):
        return ()
    keys = []
    parent = _ALEMBIC_PARENT.search(content)
    if parent is not None:
        keys.append(f"follower of {parent.group(2).decode()} in {folder}")
    numbered = _NUMBERED.match(name)
    if numbered is not None and parent is None:
        keys.append(f"number {_number(numbered.group(1))} in {folder}{_direction(name)}")
    dependencies = _DJANGO_DEPENDENCY.search(content)
    if dependencies is not None and path.endswith(".py"):
        application = folder.rpartition("/")[0].rpartition("/")[2]
        keys += [
            f"follower of {each[1].decode()} in {folder}"
            for each in _DJANGO_PAIR.findall(dependencies.group(1))
            if each[0].decode() == application
        ]
    return tuple(keys)


def _is_migration_folder(folder: str) -> bool:
    parts = folder.lower().split("/")
    return any(part in {"migrations", "migration", "migrate", "versions", "alembic"} for part in parts)


def _number(digits: str) -> str:
    return digits if len(digits) >= _TIMESTAMP_DIGITS else str(int(digits))


def _direction(name: str) -> str:
    # golang-migrate writes a pair of files for one number.
    return next((f" ({word})" for word in ("up", "down") if f".{word}." in name), "")
