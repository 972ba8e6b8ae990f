"""Which tests lead to a change by references alone: each with the symbol that it leads to, and none where most do."""

from collections.abc import Mapping

from release_harness.steps.evidence.model.impact import ImpactAnswer
from release_harness.steps.evidence.rules.relevance import referring
from release_harness.testing.shop import SHOP, shop_with, touched_by

TESTS = """
import pytest
from shop.pricing import price_of, round_up
from shop.tasks import index_of

class TestPrices:
    def test_price(self):
        assert price_of(2) == 7

    def helper(self):
        return round_up(1)

@pytest.fixture
def rounded():
    return round_up(1)

def test_rounded(rounded):
    assert rounded == 2

def test_index():
    assert index_of(1) == 2

def test_guess(thing):
    assert thing.round_up(1)
"""
BASE: Mapping[str, str] = {**SHOP, "tests/test_prices.py": TESTS}


def touched(base: Mapping[str, str] = BASE) -> ImpactAnswer:
    """Answer what it touches to round in another way."""
    return touched_by(shop_with("shop/pricing.py", "price + 1", "price + 2", base), base)


def test_a_test_that_calls_its_way_to_the_change_bears_on_it() -> None:
    """Over whatever it calls and over its fixtures; what only shares a name, or is no test, does not.

    That `test_item` replaces the pricing on its way is not seen by reading: it is asked for, and that is the safe side.
    """
    assert {(each.test, each.symbol, each.hops_count) for each in touched().tests} == {
        ("tests/test_prices.py::TestPrices::test_price", "shop/pricing.py:round_up", 2),
        ("tests/test_prices.py::test_rounded", "shop/pricing.py:round_up", 2),
        ("tests/test_items.py::test_item", "shop/pricing.py:round_up", 3),
    }


def test_each_is_told_with_its_reason() -> None:
    """A list of names asks for trust; a reason can be looked up."""
    assert referring(touched())["tests/test_prices.py::test_rounded"] == "refers to shop/pricing.py:round_up"


def test_what_most_tests_lead_to_is_told_once() -> None:
    """Settings that every fixture reads would make every test relevant, which says nothing of any one of them."""
    many = "".join(f"\n\ndef test_{number}():\n    assert round_up({number})\n" for number in range(30))
    answer = touched({**BASE, "tests/test_many.py": f"from shop.pricing import round_up\n{many}"})

    assert answer.tests == ()
    assert answer.tests_shared == ("33 of 35 tests lead to shop/pricing.py:round_up",)
