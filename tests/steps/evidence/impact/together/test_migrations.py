"""What two migrations must not share."""

import pytest

from release_harness.steps.evidence.impact.together import migration_keys


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        ("shop/migrations/0012_tax.py", b"x = 1\n", ("number 12 in shop/migrations",)),
        (
            "shop/migrations/0012_tax.py",
            b"class Migration:\n    dependencies = [('shop', '0011_a'), ('auth', '0001_initial')]\n",
            ("number 12 in shop/migrations", "follower of 0011_a in shop/migrations"),
        ),
        ("db/migration/V7__add.sql", b"", ("number 7 in db/migration",)),
        ("db/migrations/000003_users.up.sql", b"", ("number 3 in db/migrations (up)",)),
        ("db/migrations/3__users.up.sql", b"", ("number 3 in db/migrations (up)",)),
        ("db/migrate/20240102030405_add_users.rb", b"", ("number 20240102030405 in db/migrate",)),
        (
            "alembic/versions/ab12_add.py",
            b"revision = 'ab12'\ndown_revision: str | None = 'cd34'\n",
            ("follower of cd34 in alembic/versions",),
        ),
        ("shop/0012_tax.py", b"", ()),
        ("shop/migrations/__init__.py", b"", ()),
    ],
)
def test_keys_of_migrations(path: str, content: bytes, expected: tuple[str, ...]) -> None:
    """Each tool has its own way to say which migration comes after which."""
    assert migration_keys(path, content) == expected
