"""Tests of passwords and sessions."""

from sqlite3 import Connection

from shop.auth import add_user, check_password, issue_session, read_session


def test_only_the_right_password_opens(store: Connection) -> None:
    """A login that takes any password is no login."""
    add_user(store, "dora", "correct horse")
    assert check_password(store, "dora", "correct horse")
    assert not check_password(store, "dora", "wrong horse")
    assert not check_password(store, "nobody", "")


def test_a_session_ends() -> None:
    """A stolen token must not work for ever."""
    token = issue_session(b"key", "dora", now_seconds=0)
    assert read_session(b"key", token, now_seconds=60) == "dora"
    assert read_session(b"key", token, now_seconds=1_000_000) is None


def test_a_session_cannot_be_made_up() -> None:
    """Who knows no key is nobody."""
    assert read_session(b"key", issue_session(b"other", "dora", now_seconds=0), now_seconds=1) is None
