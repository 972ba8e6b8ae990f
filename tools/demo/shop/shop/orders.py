"""What things cost, and what somebody ordered."""

from collections.abc import Mapping
from sqlite3 import Connection

PRICES_CENTS: Mapping[str, int] = {"apple": 40, "bread": 320, "cheese": 650}


class UnknownProductError(ValueError):
    """The shop does not sell this."""


def total_cents(lines: Mapping[str, int]) -> int:
    """Return what the lines of an order cost together."""
    unknown = sorted(set(lines) - set(PRICES_CENTS))
    if unknown:
        raise UnknownProductError(unknown[0])
    return sum(PRICES_CENTS[product] * count for product, count in lines.items())


def place_order(store: Connection, user_name: str, lines: Mapping[str, int]) -> int:
    """Keep the order and return its number."""
    total = total_cents(lines)
    with store:
        placed = store.execute("INSERT INTO orders (user_name, total_cents) VALUES (?, ?)", (user_name, total))
        rows = [(placed.lastrowid, product, count) for product, count in lines.items()]
        store.executemany("INSERT INTO order_lines VALUES (?, ?, ?)", rows)
    return int(placed.lastrowid or 0)


def orders_of(store: Connection, user_name: str) -> list[tuple[int, int]]:
    """Return number and total of each order of a user, oldest first."""
    return store.execute("SELECT id, total_cents FROM orders WHERE user_name = ? ORDER BY id", (user_name,)).fetchall()
