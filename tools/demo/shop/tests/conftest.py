"""What the tests share: an empty shop, and a way to ask it something."""

import io
import json
from collections.abc import Callable
from sqlite3 import Connection
from typing import Any

import pytest
from shop.store import open_store
from shop.web import Shop

Ask = Callable[..., tuple[str, Any]]


@pytest.fixture
def store() -> Connection:
    """Open an empty database with the whole schema."""
    return open_store(":memory:")


@pytest.fixture
def ask(store: Connection) -> Ask:
    """Return a function that asks the real application, without a socket."""
    shop = Shop(store)

    def request(method: str, path: str, body: Any = None, session: str = "") -> tuple[str, Any]:
        sent = json.dumps(body or {}).encode()
        said: list[str] = []
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "CONTENT_LENGTH": str(len(sent)),
            "wsgi.input": io.BytesIO(sent),
            "HTTP_X_SESSION": session,
        }
        answer = b"".join(shop(environ, lambda status, _headers: said.append(status)))
        return said[0], json.loads(answer)

    return request
