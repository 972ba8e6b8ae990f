"""Names that do not exist in the changed tree are told; what may well exist is left alone."""

import pytest

from release_harness.steps.evidence.model.impact import (
    GuardMove,
    ImpactAnswer,
    Wiring,
)
from release_harness.testing.shop import SHOP, shop_with, touched_by


def states(answer: ImpactAnswer) -> dict[str, Wiring]:
    """Return the state of each symbol by its name."""
    return {each.symbol.rpartition(":")[2] or each.symbol: each.state for each in answer.wired}


def blocking(answer: ImpactAnswer) -> list[str]:
    """Return everything that would keep the change from landing."""
    bad = {Wiring.PHANTOM, Wiring.REGISTERED_NOT_MOUNTED, Wiring.UNREFERENCED}
    lost = {GuardMove.REMOVED, GuardMove.WEAKENED}
    return [each.because for each in answer.wired if each.state in bad] + [
        each.because for each in answer.guards if each.move in lost
    ]


def test_a_rename_that_is_complete_is_no_alarm() -> None:
    """Renames are the most common sound change."""
    head = {path: text.replace("price_of", "cost_of") for path, text in SHOP.items()}

    assert blocking(touched_by(head)) == []


def test_a_rename_that_forgets_a_user_is_a_phantom() -> None:
    """The import breaks when the module is loaded, and tests that mock the module never load it."""
    answer = touched_by(shop_with("shop/pricing.py", "def price_of", "def cost_of"))

    assert states(answer) == {"price_of": Wiring.PHANTOM}
    assert answer.wired[0].path == "shop/api/items.py"
    assert "it is cost_of of shop/pricing.py now" in answer.wired[0].because


def test_a_mock_of_what_is_gone_is_a_phantom() -> None:
    """A test that replaces a name which does not exist proves nothing, or fails only when somebody runs it."""
    head = shop_with("shop/pricing.py", "def price_of", "def cost_of")
    head = shop_with("shop/api/items.py", "price_of", "cost_of", head)
    answer = touched_by(head)

    assert [(each.symbol, each.path) for each in answer.wired] == [("shop.api.items.price_of", "tests/test_items.py")]


@pytest.mark.slow
def test_the_same_phantom_at_the_base_is_not_told_again() -> None:
    """Only what a change breaks is its fault."""
    broken = shop_with("tests/test_items.py", "items.price_of", "items.gone")

    assert blocking(touched_by(shop_with("shop/pricing.py", "RATE = 3", "RATE = 4", broken), broken)) == []


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    from shop.pricing import gone\nexcept ImportError:\n    gone = None\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from shop.pricing import gone\n",
        "from shop.dynamic import gone\n",
        "from shop.starred import gone\n",
        "from shop import pricing\nif hasattr(pricing, 'gone'):\n    pricing.gone()\n",
        "def f(pricing):\n    return pricing.gone\n",
        "from shop import pricing\nfound = next((pricing for pricing in all() if pricing.gone), None)\n",
        "from shop import pricing\nfound = [pricing.gone for each in all() for pricing in each]\n",
        "from shop import pricing\nfound = {pricing.gone: at for at, pricing in all()}\n",
        "from shop import pricing\nfound = sorted(all(), key=lambda pricing: [pricing.gone for _ in all()])\n",
        "from shop import pricing\ndef f():\n    for pricing in all():\n        yield pricing.gone\n",
        "from shop._version import version\n",
        "from shop.api_pb2 import Message\n",
        "from lib.gone import anything\n",
    ],
)
def test_what_may_well_exist_is_no_phantom(text: str) -> None:
    """Optional imports, computed names, generated files and libraries: nothing of it is proven to be missing."""
    head = {
        **SHOP,
        "shop/dynamic.py": "def __getattr__(name):\n    return name\n",
        "shop/starred.py": "from lib import *\n",
        "shop/uses.py": text,
    }

    assert Wiring.PHANTOM not in states(touched_by(head)).values()


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("from shop.pricing import gone\n", "shop/pricing.py:gone"),
        ("from .pricing import gone\n", "shop/pricing.py:gone"),
        ("from shop.nowhere import thing\n", "shop.nowhere"),
        ("from shop import pricing\n\n\ndef f():\n    return pricing.gone()\n", "shop/pricing.py:gone"),
        ("import shop.pricing as p\n\nX = p.gone\n", "shop/pricing.py:gone"),
        ("import shop.pricing as p\n\nX = [p for p in p.gone]\n", "shop/pricing.py:gone"),
        ("import shop.pricing as p\n\nX = [q for q in all() if p.gone]\n", "shop/pricing.py:gone"),
        ("import shop.pricing as p\n\nX = lambda p=p.gone: p\n", "shop/pricing.py:gone"),
    ],
)
def test_what_is_proven_to_be_missing_is_a_phantom(text: str, symbol: str) -> None:
    """An agent that builds on a module which another agent never exported is caught before it lands."""
    answer = touched_by({**SHOP, "shop/uses.py": text})

    assert [each.symbol for each in answer.wired if each.state is Wiring.PHANTOM] == [symbol]


def test_a_plugin_entry_point_that_names_nothing_is_a_phantom() -> None:
    """The package installs, and the command fails at its first start."""
    project = '[project]\nname = "shop"\n[project.scripts]\nshop = "shop.main:run"\n'
    answer = touched_by({**SHOP, "pyproject.toml": project})

    assert states(answer) == {"shop.main:run".rpartition(":")[2]: Wiring.PHANTOM}
