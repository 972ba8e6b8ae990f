"""The texts that the people of the story write."""

OPENING_HOURS = """
## Opening hours

Orders that come in before noon leave the shop on the same day, Monday to Friday.
"""

VOUCHERS = '''"""Vouchers: a part of the price that the shop gives back."""

RATIOS = {"WELCOME": 0.10, "BIRTHDAY": 0.25}
MOST_CENTS = 1000


class UnknownVoucherError(ValueError):
    """Nobody has printed this voucher."""


def discount_cents(code: str, total_cents: int) -> int:
    """Return what a voucher takes off, at most ten euros; no code takes nothing off."""
    if not code:
        return 0
    if code not in RATIOS:
        raise UnknownVoucherError(code)
    discount = round(total_cents * RATIOS[code])
    return min(discount, MOST_CENTS)
'''

VOUCHERS_IN_ORDERS = (
    (
        "from sqlite3 import Connection\n",
        "from sqlite3 import Connection\n\nfrom shop.vouchers import discount_cents\n",
    ),
    (
        "user_name: str, lines: Mapping[str, int]) -> int",
        'user_name: str, lines: Mapping[str, int], voucher: str = "") -> int',
    ),
    (
        "    total = total_cents(lines)\n",
        "    total = total_cents(lines)\n    total -= discount_cents(voucher, total)\n",
    ),
)
VOUCHERS_IN_WEB = (('name, request["lines"])', 'name, request["lines"], str(request.get("voucher", "")))'),)

VOUCHER_TESTS = '''"""Tests of vouchers."""

import pytest

from shop.vouchers import UnknownVoucherError, discount_cents


def test_a_voucher_takes_its_part_off():
    """Customers were promised a tenth."""
    assert discount_cents("WELCOME", 500) == 50


def test_no_voucher_gives_more_than_ten_euros():
    """A large order must not be given away."""
    assert discount_cents("BIRTHDAY", 100_000) == 1000


def test_no_code_takes_nothing_off():
    """Most orders have none."""
    assert discount_cents("", 500) == 0


def test_a_made_up_voucher_is_refused():
    """A wrong code must not be taken for no code."""
    with pytest.raises(UnknownVoucherError):
        discount_cents("FREE", 500)
'''

LONG_SESSION = (("SESSION_SECONDS = 3600", "SESSION_SECONDS = 7 * 24 * 3600"),)

LOOSE_RULES = (
    ('paths: ["shop/auth.py"]\n    tier: high', 'paths: ["shop/auth.py"]\n    tier: low'),
    ('paths: [".rh/**"]\n    tier: critical\n    hard: true', 'paths: [".rh/**"]\n    tier: low\n    hard: false'),
    ("default_tier: medium", "default_tier: low"),
)

RENAMED_IN_ORDERS = (
    ("def total_cents(lines", "def order_total_cents(lines"),
    ("total = total_cents(lines)", "total = order_total_cents(lines)"),
)
RENAMED_IN_TESTS = (
    ("orders_of, place_order, total_cents\n", "order_total_cents, orders_of, place_order\n"),
    ("assert total_cents({", "assert order_total_cents({"),
    ("        total_cents({", "        order_total_cents({"),
)

RECEIPTS = '''"""Receipts: what somebody bought, as text."""

from collections.abc import Mapping

from shop.orders import PRICES_CENTS, total_cents


def receipt(lines: Mapping[str, int]) -> str:
    """Return one line for each product, and the sum."""
    rows = [f"{count} x {product} {PRICES_CENTS[product] * count / 100:.2f}" for product, count in lines.items()]
    return "\\n".join([*rows, f"total {total_cents(lines) / 100:.2f}"])
'''

RECEIPT_TESTS = '''"""Tests of receipts."""

from shop.receipts import receipt


def test_a_receipt_shows_each_product_and_the_sum():
    """Customers check it at the door."""
    assert receipt({"apple": 2, "bread": 1}) == "2 x apple 0.80\\n1 x bread 3.20\\ntotal 4.00"
'''
