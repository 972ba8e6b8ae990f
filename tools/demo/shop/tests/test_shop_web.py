"""Tests that walk the shop as a customer does."""

from typing import Any


def test_a_customer_signs_up_logs_in_and_orders(ask: Any) -> None:
    """This is what the shop is for."""
    dora = {"name": "dora", "password": "correct horse"}
    assert ask("POST", "/users", dora)[0] == 201
    _, answer = ask("POST", "/login", dora)
    status, placed = ask("POST", "/orders", {"lines": {"apple": 3}}, session=answer["session"])
    assert status == 201
    assert ask("GET", "/orders", session=answer["session"]) == (200, {"orders": [[placed["order"], 120]]})


def test_a_stranger_cannot_order(ask: Any) -> None:
    """Somebody has to pay."""
    assert ask("POST", "/orders", {"lines": {"apple": 1}}, session="dora:9999999999:made-up")[0] == 403
    assert ask("GET", "/orders")[0] == 403


def test_a_wrong_password_is_refused(ask: Any) -> None:
    """A login must be able to say no."""
    ask("POST", "/users", {"name": "dora", "password": "correct horse"})
    assert ask("POST", "/login", {"name": "dora", "password": "guess"})[0] == 403


def test_what_is_not_sold_is_said_by_name(ask: Any) -> None:
    """The customer must know which line to take out."""
    ask("POST", "/users", {"name": "dora", "password": "correct horse"})
    _, answer = ask("POST", "/login", {"name": "dora", "password": "correct horse"})
    said = ask("POST", "/orders", {"lines": {"gold": 1}}, session=answer["session"])
    assert said == (400, {"error": "we do not sell gold"})


def test_everybody_sees_the_products(ask: Any) -> None:
    """Nobody signs up for a shop that shows nothing."""
    assert ask("GET", "/products")[1]["bread"] == 320


def test_a_wrong_address_is_said(ask: Any) -> None:
    """A typing mistake is not a failure of the shop."""
    assert ask("GET", "/nothing")[0] == 404
