"""The cache of facts: shared, bounded, and never trusted."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from release_harness.adapters.facts_cache import SqliteFactsCache
from release_harness.testing.clock import FixedClock


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the cache lives."""
    return tmp_path / "rh" / "cache"


@pytest.fixture
def cache(folder: Path) -> Iterator[SqliteFactsCache]:
    """A cache that is closed at the end."""
    made = SqliteFactsCache(lambda: folder, FixedClock())
    yield made
    made.close()


def reopened(folder: Path, clock: FixedClock | None = None, limit_bytes: int = 1 << 20) -> SqliteFactsCache:
    """Return the cache as the next command sees it."""
    return SqliteFactsCache(lambda: folder, clock or FixedClock(), limit_bytes=limit_bytes)


def file_of(folder: Path) -> Path:
    """Return the file."""
    return folder / "impact-1.db"


def test_the_next_command_finds_what_was_kept(cache: SqliteFactsCache, folder: Path) -> None:
    """Reading a million lines again for every command would make rh unusable."""
    cache.put_many("facts", {f"n{index}": b"%d" % index for index in range(1200)})
    with closing(reopened(folder)) as later:
        found = later.get_many("facts", [f"n{index}" for index in range(1300)])
        assert found == {f"n{index}": b"%d" % index for index in range(1200)}
        assert later.get_many("links", ["n1"]) == {}


def test_two_commands_at_once_share_it(cache: SqliteFactsCache, folder: Path) -> None:
    """Work trees of one repository run at the same time, and each profits from the other."""
    with closing(reopened(folder)) as other:
        assert other.get_many("facts", ["a"]) == {}
        cache.put_many("facts", {"a": b"1"})
        assert other.get_many("facts", ["a"]) == {"a": b"1"}
        other.put_many("facts", {"a": b"1", "b": b"2"})
    assert cache.get_many("facts", ["b"]) == {"b": b"2"}


def test_a_row_that_was_changed_is_as_good_as_none(cache: SqliteFactsCache, folder: Path) -> None:
    """A flipped bit, or content moved under another name, must not become an answer."""
    cache.put_many("facts", {"a": b"one", "b": b"two", "c": b"three"})
    with closing(sqlite3.connect(file_of(folder))) as door, door:
        door.execute("UPDATE kept SET content = ? WHERE name = 'a'", (b"onE",))
        door.execute("UPDATE kept SET name = 'x' WHERE name = 'b'")
    with closing(reopened(folder)) as later:
        assert later.get_many("facts", ["a", "x", "c"]) == {"c": b"three"}
        later.put_many("facts", {"a": b"one"})
    with closing(reopened(folder)) as last:
        assert last.get_many("facts", ["a", "x"]) == {"a": b"one"}


def test_a_damaged_file_is_moved_away_and_built_anew(cache: SqliteFactsCache, folder: Path) -> None:
    """A crash of the machine must cost time, not a command."""
    cache.put_many("facts", {"a": b"1"})
    cache.close()
    file_of(folder).write_bytes(b"this is no database at all" * 100)
    with closing(reopened(folder)) as later:
        assert later.get_many("facts", ["a"]) == {}
        later.put_many("facts", {"a": b"2"})
        assert later.problem == ""
    with closing(reopened(folder)) as last:
        assert last.get_many("facts", ["a"]) == {"a": b"2"}
    assert file_of(folder).with_suffix(".damaged").exists()


def test_a_file_damaged_inside_is_built_anew(cache: SqliteFactsCache, folder: Path) -> None:
    """The header alone says little about the pages."""
    cache.put_many("facts", {f"n{index}": b"x" * 500 for index in range(400)})
    cache.close()
    content = bytearray(file_of(folder).read_bytes())
    content[4096:-4096] = b"\xa5" * (len(content) - 8192)
    file_of(folder).write_bytes(content)
    with closing(reopened(folder)) as later:
        assert later.get_many("facts", ["n1", "n399"]) == {}
        later.put_many("facts", {"n1": b"y"})
        assert later.problem == ""
    with closing(reopened(folder)) as last:
        assert last.get_many("facts", ["n1"]) == {"n1": b"y"}


def test_a_file_of_another_layout_is_not_read(cache: SqliteFactsCache, folder: Path) -> None:
    """A newer rh may have written it; what its columns mean is not known here."""
    cache.put_many("facts", {"a": b"1"})
    cache.close()
    with closing(sqlite3.connect(file_of(folder))) as door:
        door.execute("PRAGMA user_version = 99")
    with closing(reopened(folder)) as later:
        assert later.get_many("facts", ["a"]) == {}
        assert later.problem == ""


def test_what_was_not_used_for_longest_goes_first(folder: Path) -> None:
    """The cache must not grow for ever, and what is asked for every day must stay."""
    clock = FixedClock()
    for day, name in enumerate(["old", "used", "new"]):
        with closing(reopened(folder, clock, limit_bytes=2500)) as cache:
            cache.put_many("facts", {name: bytes([day]) * 1000})
            if name == "used":
                continue
        clock.move(timedelta(days=1))
        with closing(reopened(folder, clock, limit_bytes=2500)) as cache:
            assert "used" not in cache.get_many("facts", ["used"]) or name != "old"
    with closing(reopened(folder, clock)) as last:
        assert set(last.get_many("facts", ["old", "used", "new"])) == {"used", "new"}


def test_where_nothing_can_be_written_it_works_without_and_says_so(tmp_path: Path) -> None:
    """A read-only checkout in CI still gets its answer."""
    (tmp_path / "rh").write_text("a file where the folder should be")
    with closing(SqliteFactsCache(lambda: tmp_path / "rh" / "cache", FixedClock())) as cache:
        cache.put_many("facts", {"a": b"1"})
        assert cache.get_many("facts", ["a", "b"]) == {"a": b"1"}
        assert cache.problem.startswith("Nothing is kept between commands: ")


def test_a_full_disk_only_costs_the_next_command_its_time(cache: SqliteFactsCache, folder: Path) -> None:
    """SQLite says 'database or disk is full'; the command goes on with what it has in memory."""
    cache.put_many("facts", {"a": b"1"})
    door = cache._door  # a disk cannot be filled in a test, but the file can be told to be full
    assert door is not None
    pages = door.execute("PRAGMA page_count").fetchone()[0]
    door.execute(f"PRAGMA max_page_count = {pages}")
    cache.put_many("facts", {"big": b"x" * 100_000})
    assert "full" in cache.problem
    assert cache.get_many("facts", ["a", "big"]) == {"a": b"1", "big": b"x" * 100_000}
    with closing(reopened(folder)) as later:
        assert later.get_many("facts", ["a", "big"]) == {"a": b"1"}


def test_a_writer_that_holds_the_file_does_not_stop_anybody(
    cache: SqliteFactsCache, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another command in the middle of writing costs at most what would have been kept."""
    monkeypatch.setattr("release_harness.adapters.facts_cache._PATIENCE_SECONDS", 0.01)
    cache.put_many("facts", {"a": b"1"})
    with closing(sqlite3.connect(file_of(folder), isolation_level=None)) as door, closing(reopened(folder)) as other:
        door.execute("BEGIN IMMEDIATE")
        other.put_many("facts", {"b": b"2"})
        assert other.get_many("facts", ["a"]) == {"a": b"1"}
        assert other.problem == ""
        door.execute("ROLLBACK")
        other.put_many("facts", {"c": b"3"})
    with closing(reopened(folder)) as later:
        assert later.get_many("facts", ["a", "b", "c"]) == {"a": b"1", "c": b"3"}
