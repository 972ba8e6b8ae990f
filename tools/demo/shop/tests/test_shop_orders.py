"""Tests of prices and orders."""

from sqlite3 import Connection

import pytest
from shop.auth import add_user
from shop.orders import UnknownProductError, orders_of, place_order, total_cents


def test_an_order_costs_the_sum_of_its_lines() -> None:
    """Customers add it up themselves."""
    assert total_cents({"apple": 2, "bread": 1}) == 400


def test_what_is_not_sold_cannot_be_ordered() -> None:
    """An order that nobody can send makes somebody angry."""
    with pytest.raises(UnknownProductError):
        total_cents({"gold": 1})


def test_orders_are_kept(store: Connection) -> None:
    """What was ordered must be sent."""
    add_user(store, "dora", "correct horse")
    number = place_order(store, "dora", {"cheese": 1})
    assert orders_of(store, "dora") == [(number, 650)]
