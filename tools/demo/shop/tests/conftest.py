"""What the tests share: an empty shop, and a way to ask it something."""

from collections.abc import Callable
from sqlite3 import Connection
from typing import Any

import pytest
from shop.store import open_store
from shop.web import create_app

Ask = Callable[..., tuple[int, Any]]


@pytest.fixture
def store() -> Connection:
    """Open an empty database with the whole schema."""
    return open_store(":memory:")


@pytest.fixture
def ask(store: Connection) -> Ask:
    """Return a function that asks the real application, without a socket."""
    client = create_app(store).test_client()

    def request(method: str, path: str, body: Any = None, session: str = "") -> tuple[int, Any]:
        answer = client.open(path, method=method, json=body or {}, headers={"X-Session": session})
        return answer.status_code, answer.get_json()

    return request
