"""Who somebody is: passwords and sessions."""

import hashlib
import hmac
import secrets
from sqlite3 import Connection

SESSION_SECONDS = 3600
ROUNDS_COUNT = 1000


def add_user(store: Connection, name: str, password: str) -> None:
    """Keep a new user with a salted hash of the password."""
    salt = secrets.token_bytes(16)
    with store:
        store.execute("INSERT INTO users VALUES (?, ?, ?)", (name, salt, _hash(password, salt)))


def check_password(store: Connection, name: str, password: str) -> bool:
    """Tell whether this is the user's password; an unknown user takes as long as a known one."""
    row = store.execute("SELECT salt, password_hash FROM users WHERE name = ?", (name,)).fetchone()
    salt, known = row or (b"", b"")
    return hmac.compare_digest(_hash(password, salt), known) and row is not None


def issue_session(key: bytes, name: str, now_seconds: int) -> str:
    """Return a token that says who the user is until it ends."""
    body = f"{name}:{now_seconds + SESSION_SECONDS}"
    return f"{body}:{_sign(key, body)}"


def read_session(key: bytes, token: str, now_seconds: int) -> str | None:
    """Return the user of a token that is ours and has not ended, else None."""
    body, _, signature = token.rpartition(":")
    if not hmac.compare_digest(signature, _sign(key, body)):
        return None
    name, _, ends_seconds = body.rpartition(":")
    return name if int(ends_seconds) > now_seconds else None


def _hash(password: str, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ROUNDS_COUNT)


def _sign(key: bytes, body: str) -> str:
    return hmac.new(key, body.encode(), "sha256").hexdigest()
