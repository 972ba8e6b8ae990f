"""A guard that is removed or weakened is caught; one that moves or is renamed is no alarm."""

from collections.abc import Mapping

import pytest

from release_harness.kernel.facts import Known
from release_harness.steps.evidence.model.impact import (
    GuardMove,
    ImpactAnswer,
    Wiring,
)
from release_harness.steps.evidence.rules.impact import impact_facts
from release_harness.testing.shop import SHOP, shop_with, touched_by


def moves(answer: ImpactAnswer) -> dict[str, GuardMove]:
    """Return what happened to guards by the name of the entry point."""
    return {each.entry.name: each.move for each in answer.guards}


def blocking(answer: ImpactAnswer) -> list[str]:
    """Return everything that would keep the change from landing."""
    bad = {Wiring.PHANTOM, Wiring.REGISTERED_NOT_MOUNTED, Wiring.UNREFERENCED}
    lost = {GuardMove.REMOVED, GuardMove.WEAKENED}
    return [each.because for each in answer.wired if each.state in bad] + [
        each.because for each in answer.guards if each.move in lost
    ]


GUARDED = ", dependencies=[Depends(require_admin)]"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"shop/api/items.py": (GUARDED, "")}, {"DELETE /items/{id}": GuardMove.REMOVED}),
        ({"shop/api/users.py": (GUARDED, "")}, {"GET /users/": GuardMove.REMOVED}),
        (
            {"shop/api/items.py": ("Depends(require_admin)", "Depends(current_user)")},
            {"DELETE /items/{id}": GuardMove.WEAKENED},
        ),
    ],
)
def test_a_guard_that_goes_or_weakens_is_caught(
    changes: Mapping[str, tuple[str, str]], expected: Mapping[str, GuardMove]
) -> None:
    """The most dangerous line to delete is the one that kept somebody out."""
    head = dict(SHOP)
    for path, (old, new) in changes.items():
        head = shop_with(path, old, new, head)
    head["shop/api/items.py"] = head["shop/api/items.py"].replace(
        "import require_admin", "import current_user, require_admin"
    )
    answer = touched_by(head)

    assert {name: move for name, move in moves(answer).items() if move is not GuardMove.ADDED} == expected
    assert impact_facts(answer)["guards.kept"] == Known(value=False, source="computed here")
    assert all(each.because for each in answer.guards)


@pytest.mark.parametrize("to", ["router", "include", "parameter"])
def test_a_guard_that_only_moves_is_no_alarm(to: str) -> None:
    """The same check on the router, where it is included, or as a parameter still keeps the same people out."""
    head = shop_with("shop/api/users.py", GUARDED, "")
    if to == "router":
        head = shop_with("shop/api/users.py", 'prefix="/users"', f'prefix="/users"{GUARDED}', head)
    elif to == "include":
        head = shop_with("shop/main.py", "users.router)", f"users.router{GUARDED})", head)
        head = shop_with("shop/main.py", "import FastAPI", "import Depends, FastAPI", head)
        head = shop_with("shop/main.py", "\napp = ", "from shop.deps import require_admin\n\napp = ", head)
    else:
        head = shop_with("shop/api/users.py", "list_users()", "list_users(user=Depends(require_admin))", head)

    assert moves(touched_by(head)) == {}


def test_a_stricter_guard_in_the_place_of_a_weaker_one_is_no_loss() -> None:
    """An administrator is a user: the new guard asks for the old one by itself."""
    base = shop_with("shop/api/users.py", "require_admin", "current_user")

    assert GuardMove.REMOVED not in moves(touched_by(SHOP, base)).values()
    assert GuardMove.WEAKENED not in moves(touched_by(SHOP, base)).values()


def test_a_renamed_guard_is_the_same_guard() -> None:
    """Otherwise a rename of one function would be an alarm on every route."""
    head = {path: text.replace("require_admin", "only_admins") for path, text in SHOP.items()}

    assert moves(touched_by(head)) == {}


def test_an_added_method_beside_a_guarded_one_needs_a_guard_too() -> None:
    """The forgotten `DELETE` beside a guarded `GET` is the classic hole."""
    head = {
        **SHOP,
        "shop/api/users.py": SHOP["shop/api/users.py"] + '\n\n@router.delete("/")\ndef drop_users():\n    return 0\n',
    }

    assert moves(touched_by(head)) == {"DELETE /users/": GuardMove.WEAKENED}
