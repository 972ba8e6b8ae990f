"""What a policy gets to know of guards: what reading cannot judge is never said to be kept."""

from collections.abc import Mapping

import pytest

from release_harness.kernel.facts import Known, Unknown
from release_harness.steps.evidence.model.impact import GuardMove, ImpactAnswer
from release_harness.steps.evidence.rules.impact import advice_of_impact, impact_facts
from release_harness.testing.shop import SHOP, shop_with, touched_by

NAMES = "import check_signature, guards_for, require_admin"
GUARD = "dependencies=[Depends(require_admin)]"
OTHER = """
def check_signature(signature: str = ""):
    if not signature:
        raise HTTPException(status_code=403)

def guards_for(name):
    return [] if name else None
"""
BASE = {**SHOP, "shop/deps.py": SHOP["shop/deps.py"] + OTHER}


def items_with(guard: str) -> dict[str, str]:
    """Return the application with something else where the guard of `DELETE /items/{id}` stands."""
    head = shop_with("shop/api/items.py", GUARD, guard, BASE)
    return shop_with("shop/api/items.py", "import require_admin", NAMES, head)


EXCHANGED = items_with("dependencies=[Depends(check_signature)]")
UNREADABLE = items_with("dependencies=guards_for('items')")


def undecided(answer: ImpactAnswer) -> list[str]:
    """Return the entry points of whose guards nobody can tell."""
    return [each.entry.name for each in answer.guards if each.move is GuardMove.UNKNOWN]


@pytest.mark.parametrize(
    ("base", "head"),
    [(BASE, EXCHANGED), (BASE, UNREADABLE), (UNREADABLE, BASE)],
    ids=["exchanged", "unreadable at head", "unreadable at base"],
)
def test_a_guard_that_reading_cannot_judge_is_not_said_to_be_kept(
    base: Mapping[str, str], head: Mapping[str, str]
) -> None:
    """Whoever puts any other check in the place of the right one would pass otherwise."""
    answer = touched_by(head, base)
    facts = impact_facts(answer)
    kept = facts["guards.kept"]

    assert undecided(answer) == ["DELETE /items/{id}"]
    assert isinstance(kept, Unknown)
    assert "DELETE /items/{id}" in kept.why
    assert facts["guards.unknown_count"] == Known(value=1, source="computed here")
    found = facts["impact.found"]
    assert isinstance(found, Known)
    assert found.value == ("guard-unclear",)
    assert "DELETE /items/{id}" in advice_of_impact(answer)["guards.kept"]


def test_a_removed_guard_outweighs_one_that_nobody_can_judge() -> None:
    """A proven loss is a no, whatever else is not known."""
    head = shop_with("shop/api/users.py", f", {GUARD}", "", EXCHANGED)
    facts = impact_facts(touched_by(head, BASE))

    assert facts["guards.kept"] == Known(value=False, source="computed here")
    found = facts["impact.found"]
    assert isinstance(found, Known)
    assert found.value == ("guard-removed", "guard-unclear")


def test_guards_that_are_the_same_are_kept() -> None:
    """The other side of the trap: nothing happened, so nobody is stopped."""
    facts = impact_facts(touched_by(shop_with("shop/pricing.py", "price + 1", "price + 2", UNREADABLE), UNREADABLE))

    assert facts["guards.kept"] == Known(value=True, source="computed here")
