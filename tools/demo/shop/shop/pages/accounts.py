"""Signing up and logging in, and the check that somebody did."""

import time
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from flask import Blueprint, current_app, g, request
from flask.typing import ResponseReturnValue

from shop.auth import add_user, check_password, issue_session, read_session

pages = Blueprint("accounts", __name__)


def login_required(page: Callable[[], ResponseReturnValue]) -> Callable[[], ResponseReturnValue]:
    """Let nobody see the page who has not logged in."""

    @wraps(page)
    def guarded() -> ResponseReturnValue:
        name = read_session(current_app.config["KEY"], request.headers.get("X-Session", ""), int(time.time()))
        if name is None:
            return {"error": "log in first"}, HTTPStatus.FORBIDDEN
        g.user_name = name
        return page()

    return guarded


@pages.post("/users")
def sign_up() -> ResponseReturnValue:
    """Keep a new user."""
    asked = request.get_json()
    add_user(current_app.config["STORE"], str(asked["name"]), str(asked["password"]))
    return {}, HTTPStatus.CREATED


@pages.post("/login")
def log_in() -> ResponseReturnValue:
    """Give a session for a name and its password."""
    asked = request.get_json()
    name = str(asked["name"])
    if not check_password(current_app.config["STORE"], name, str(asked["password"])):
        return {"error": "wrong name or password"}, HTTPStatus.FORBIDDEN
    return {"session": issue_session(current_app.config["KEY"], name, int(time.time()))}
