"""Answers requests: every route of the shop is here."""

import json
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from sqlite3 import Connection
from typing import Any

from shop.auth import add_user, check_password, issue_session, read_session
from shop.orders import PRICES_CENTS, UnknownProductError, orders_of, place_order

Answer = tuple[HTTPStatus, Mapping[str, Any]]
BODY_LIMIT_BYTES = 64 * 1024


class Shop:
    """The shop as a WSGI application."""

    def __init__(self, store: Connection) -> None:
        """Make a fresh key, so that sessions end when the shop stops."""
        self._store = store
        self._key = secrets.token_bytes(32)
        self._routes: Mapping[tuple[str, str], Callable[[Mapping[str, Any]], Answer]] = {
            ("GET", "/products"): self._products,
            ("POST", "/users"): self._sign_up,
            ("POST", "/login"): self._log_in,
            ("POST", "/orders"): self._order,
            ("GET", "/orders"): self._orders,
        }

    def __call__(self, environ: Mapping[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Find the route, answer as JSON."""
        route = self._routes.get((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        status, body = route(_request(environ)) if route else (HTTPStatus.NOT_FOUND, {"error": "no such page"})
        start(f"{status.value} {status.phrase}", [("Content-Type", "application/json")])
        return [json.dumps(body).encode()]

    def _products(self, _request: Mapping[str, Any]) -> Answer:
        return HTTPStatus.OK, dict(PRICES_CENTS)

    def _sign_up(self, request: Mapping[str, Any]) -> Answer:
        add_user(self._store, str(request["name"]), str(request["password"]))
        return HTTPStatus.CREATED, {}

    def _log_in(self, request: Mapping[str, Any]) -> Answer:
        name = str(request["name"])
        if not check_password(self._store, name, str(request["password"])):
            return HTTPStatus.FORBIDDEN, {"error": "wrong name or password"}
        return HTTPStatus.OK, {"session": issue_session(self._key, name, int(time.time()))}

    def _order(self, request: Mapping[str, Any]) -> Answer:
        name = read_session(self._key, str(request["session"]), int(time.time()))
        if name is None:
            return HTTPStatus.FORBIDDEN, {"error": "log in first"}
        try:
            number = place_order(self._store, name, request["lines"])
        except UnknownProductError as error:
            return HTTPStatus.BAD_REQUEST, {"error": f"we do not sell {error}"}
        return HTTPStatus.CREATED, {"order": number}

    def _orders(self, request: Mapping[str, Any]) -> Answer:
        name = read_session(self._key, str(request["session"]), int(time.time()))
        if name is None:
            return HTTPStatus.FORBIDDEN, {"error": "log in first"}
        return HTTPStatus.OK, {"orders": orders_of(self._store, name)}


def _request(environ: Mapping[str, Any]) -> Mapping[str, Any]:
    """Read the JSON body; the session comes from its header."""
    length = min(int(environ.get("CONTENT_LENGTH") or 0), BODY_LIMIT_BYTES)
    body = json.loads(environ["wsgi.input"].read(length) or b"{}")
    return {**body, "session": environ.get("HTTP_X_SESSION", "")}
