"""New code that nothing leads to is told; what is used, registered or explained is left alone."""

import pytest

from release_harness.kernel.facts import Known, Unknown
from release_harness.steps.evidence.impact.answer.whole import Asked
from release_harness.steps.evidence.model.impact import (
    GuardMove,
    ImpactAnswer,
    Label,
    Wiring,
)
from release_harness.steps.evidence.rules.impact import advice_of_impact, impact_facts
from release_harness.testing.shop import SHOP, shop_with, touched_by

ORDERS = """
from fastapi import APIRouter

router = APIRouter(prefix="/orders")


@router.get("/")
def list_orders():
    return load_orders()


def load_orders():
    return []
"""


def names(answer: ImpactAnswer) -> dict[str, Label]:
    """Return the affected entry points by name."""
    return {each.entry.name: each.label for each in answer.affected}


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


def test_a_router_that_nothing_includes_is_caught() -> None:
    """The half plugged-in feature: everything is there and tested, and no user can reach it."""
    answer = touched_by({**SHOP, "shop/api/orders.py": ORDERS})

    assert states(answer)["router"] is Wiring.REGISTERED_NOT_MOUNTED
    assert "GET /orders" not in "".join(names(answer))
    assert advice_of_impact(answer)["wiring.unmounted_count"].startswith("Mount router of shop/api/orders.py:4: ")


def test_the_same_router_included_is_wired() -> None:
    """A check that cries on sound changes is switched off."""
    main = SHOP["shop/main.py"].replace("import items, users", "import items, orders, users")
    answer = touched_by(
        {**SHOP, "shop/api/orders.py": ORDERS, "shop/main.py": main + "app.include_router(orders.router)\n"}
    )

    assert states(answer) == {"list_orders": Wiring.WIRED, "load_orders": Wiring.WIRED}
    assert [each.name for each in answer.entries_added] == ["GET /orders/"]
    assert blocking(answer) == []


def test_an_include_that_is_deleted_is_caught() -> None:
    """Nothing of the router changed, and yet its users are locked out."""
    answer = touched_by(shop_with("shop/main.py", "app.include_router(users.router)\n", ""))

    assert states(answer) == {"router": Wiring.REGISTERED_NOT_MOUNTED}
    assert [each.name for each in answer.entries_removed] == ["GET /users/"]


def test_a_plug_in_that_is_put_into_a_table_is_wired_and_its_readers_only_may_run_it() -> None:
    """A reader takes one of many by a key; each new kind of data source is plugged in, and is no change of all routes."""
    table = "KINDS = {}\n\ndef register(kind):\n    KINDS[kind.name] = kind\n"
    base = dict(SHOP) | {
        "shop/kinds.py": table,
        "shop/one.py": "from shop.kinds import register\n\nclass One:\n    name = 'one'\n    rate = 1\n\nregister(One)\n",
    }
    base["shop/api/items.py"] = "from shop.kinds import KINDS\n" + base["shop/api/items.py"].replace(
        "return price_of(id)", "return KINDS[id]()"
    )
    two = base["shop/one.py"].replace("One", "Two").replace("'one'", "'two'")
    added = touched_by(base | {"shop/two.py": two}, base)
    changed = touched_by(base | {"shop/one.py": base["shop/one.py"].replace("rate = 1", "rate = 2")}, base)

    assert [(each.symbol, each.state) for each in added.wired] == [("shop/two.py:Two", Wiring.WIRED)]
    assert [(each.entry.name, each.label) for each in changed.affected] == [("GET /items/{id}", Label.POSSIBLE)]


def test_new_code_that_nothing_uses_asks_for_a_reason() -> None:
    """Code may land dark, but somebody has to say why."""
    head = shop_with("shop/pricing.py", "RATE = 3", "RATE = 3\n\n\ndef discount_of(id):\n    return id\n")
    silent = touched_by(head)
    said = touched_by(head, asked=Asked(reasons={"discount_of": "the next slice calls it"}))

    assert states(silent) == {"discount_of": Wiring.UNREFERENCED}
    assert isinstance(impact_facts(silent)["wiring.explained"], Unknown)
    assert "`Lands-dark: discount_of: why`" in advice_of_impact(silent)["wiring.explained"]
    assert impact_facts(said)["wiring.explained"] == Known(value=True, source="computed here")
    assert said.wired[0].reason_given == "the next slice calls it"


@pytest.mark.parametrize(
    ("where", "text", "state"),
    [
        ("shop/pricing.py", "\n\ndef other():\n    return fresh(1)\n", Wiring.UNREFERENCED),
        (
            "tests/test_fresh.py",
            "from shop.pricing import fresh\n\n\ndef test_it():\n    assert fresh(1)\n",
            Wiring.TEST_ONLY,
        ),
        ("shop/settings.yaml", "hook: shop.pricing.fresh\n", Wiring.POSSIBLE),
        ("shop/deps.py", "\n\nLATE = ['fresh']\n", Wiring.POSSIBLE),
        ("shop/deps.py", "\n\ndef late(module):\n    return getattr(module, 'fresh')\n", Wiring.UNREFERENCED),
    ],
)
def test_new_code_is_unreferenced_only_where_no_other_code_names_it(where: str, text: str, state: Wiring) -> None:
    """Names in settings and in strings may call it; new dead code that calls it does not."""
    head = {**SHOP, "shop/pricing.py": SHOP["shop/pricing.py"] + "\n\ndef fresh(id):\n    return id\n"}
    head[where] = head.get(where, "") + text

    assert states(touched_by(head))["fresh"] is state


def test_a_decorator_may_register_what_looks_dead() -> None:
    """Hooks of libraries are called by nobody whom reading could find."""
    head = shop_with(
        "shop/pricing.py", "RATE = 3", "import lib\n\nRATE = 3\n\n\n@lib.hook\ndef fresh(id):\n    return id\n"
    )

    assert states(touched_by(head)) == {"fresh": Wiring.POSSIBLE}


def test_a_helper_of_a_new_hook_is_as_alive_as_the_hook() -> None:
    """A column expression of a model is called by the library, and what it calls is then no dead code."""
    text = "import lib\n\nRATE = 3\n\n\n@lib.hook\ndef fresh(id):\n    return deeper(id)\n\n\ndef deeper(id):\n    return id\n"
    answer = touched_by(shop_with("shop/pricing.py", "RATE = 3", text))

    assert states(answer) == {"fresh": Wiring.POSSIBLE, "deeper": Wiring.POSSIBLE}
