"""The shop as a web application: every page is registered here."""

import secrets
from http import HTTPStatus
from sqlite3 import Connection

from flask import Flask
from flask.typing import ResponseReturnValue

from shop.pages import accounts, catalogue, orders

BODY_LIMIT_BYTES = 64 * 1024


def create_app(store: Connection) -> Flask:
    """Make the application with a fresh key, so that sessions end when the shop stops."""
    app = Flask("shop")
    app.config.update(STORE=store, KEY=secrets.token_bytes(32), MAX_CONTENT_LENGTH=BODY_LIMIT_BYTES)
    app.register_blueprint(catalogue.pages)
    app.register_blueprint(accounts.pages)
    app.register_blueprint(orders.pages)
    app.register_error_handler(HTTPStatus.NOT_FOUND, _no_such_page)
    return app


def _no_such_page(_error: Exception) -> ResponseReturnValue:
    return {"error": "no such page"}, HTTPStatus.NOT_FOUND
