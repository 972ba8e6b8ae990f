"""What the change may have broken without anybody being able to tell makes the fact unknown, never true."""

from collections.abc import Mapping, Sequence

import pytest

from release_harness.kernel.facts import Fact, Known, Unknown
from release_harness.steps.evidence.impact.answer.whole import Asked, answer_impact
from release_harness.steps.evidence.impact.sides import view_sources
from release_harness.steps.evidence.model.impact import ImpactAnswer, WiredSymbol, Wiring
from release_harness.steps.evidence.model.reading import Counts, Reading, Unjudged
from release_harness.steps.evidence.rules.impact import impact_facts
from release_harness.testing.shop import SHOP, shop_with, touched_by

READ = Counts(files_count=1, files_parsed_count=1)
MONEY = (("money", lambda path: "billing" in path),)


class NoWords:
    """Fake of the WordSearch port that finds too much to be read."""

    def find(self, words: Sequence[str]) -> None:
        """Find too many places."""
        del words


def why(fact: Fact) -> str:
    """Return why a fact is unknown."""
    assert isinstance(fact, Unknown), fact
    return fact.why


def found_without_words(head: Mapping[str, str], base: Mapping[str, str] = SHOP) -> dict[str, Fact]:
    """Return the facts of a change where words could not be looked for."""
    answer = answer_impact(view_sources(base), view_sources(head)._replace(words=NoWords()), Asked())
    return impact_facts(answer)


def test_a_new_function_whose_name_could_not_be_looked_for_is_not_explained() -> None:
    """Nothing was found to lead to it; that nobody could look is no explanation."""
    head = {**SHOP, "shop/pricing.py": SHOP["shop/pricing.py"] + "\n\ndef discount_of(id):\n    return id\n"}

    assert "discount_of" in why(found_without_words(head)["wiring.explained"])


def test_removed_names_whose_users_could_not_be_looked_for_leave_wiring_open() -> None:
    """A name that is gone breaks whoever still imports it, and those were not found."""
    head = shop_with("shop/pricing.py", "round_up", "round_off")

    assert "could not be looked for" in why(found_without_words(head)["wiring.sound"])


def test_a_new_application_that_may_not_be_installed_leaves_wiring_open() -> None:
    """Whether any settings name it was not seen."""
    apps = "from django.apps import AppConfig\n\nclass Orders(AppConfig):\n    name = 'orders'\n"

    assert "orders" in why(found_without_words({**SHOP, "orders/apps.py": apps})["wiring.sound"])


def test_a_project_file_that_cannot_be_read_leaves_wiring_open() -> None:
    """It says what is shipped and which plug-ins exist."""
    answer = touched_by({**SHOP, "pyproject.toml": "[project\n"}, {**SHOP, "pyproject.toml": "[project]\n"})

    assert "pyproject.toml" in why(impact_facts(answer)["wiring.sound"])


def test_a_mount_that_can_no_longer_be_told_leaves_wiring_open() -> None:
    """It was mounted, and now it hangs on whatever somebody hands in."""
    file = "const express = require('express');\nfunction show(q, r) { r.send(1); }\n"
    base = {"app.js": f"{file}const app = express();\napp.get('/x', show);\n"}
    head = {"app.js": f"{file}function routes(app) {{ app.get('/x', show); }}\nmodule.exports = routes;\n"}

    assert "was mounted at the base" in why(impact_facts(touched_by(head, base))["wiring.sound"])


def test_a_file_that_could_not_be_read_at_the_base_may_have_held_guards() -> None:
    """What stood there cannot be compared with what stands there now."""
    answer = touched_by(SHOP, {**SHOP, "shop/api/users.py": b"\xff\xfe\0\0broken" * 40})

    assert "shop/api/users.py" in why(impact_facts(answer)["guards.kept"])


@pytest.mark.parametrize(
    ("unjudged", "name"),
    [
        (Unjudged(wiring=("one",)), "wiring.sound"),
        (Unjudged(guards=("one",)), "guards.kept"),
        (Unjudged(surfaces=("one",)), "impact.surfaces"),
    ],
)
def test_each_gap_makes_its_own_fact_unknown_and_no_other(unjudged: Unjudged, name: str) -> None:
    """The policy is told what is not known, and may still rely on the rest."""
    facts = impact_facts(ImpactAnswer(counts=READ, reading=Reading.WHOLE, unjudged=unjudged))

    assert why(facts[name]) == "one"
    unknown = {each for each, fact in facts.items() if isinstance(fact, Unknown)}
    assert unknown == {name}


def test_a_proven_fault_outweighs_a_gap() -> None:
    """No is a better answer than nobody knows."""
    phantom = WiredSymbol(symbol="x", path="x.py", line=1, state=Wiring.PHANTOM, because="gone")
    facts = impact_facts(
        ImpactAnswer(counts=READ, reading=Reading.WHOLE, wired=(phantom,), unjudged=Unjudged(wiring=("one",)))
    )

    assert facts["wiring.sound"] == Known(value=False, source="computed here")


def many_routes(folder: str) -> dict[str, str]:
    """Return the shop with thirty routes more that all price something."""
    routes = "".join(
        f'@router.get("/{number}")\ndef many_{number}():\n    return price_of(1)\n' for number in range(30)
    )
    file = f"from fastapi import APIRouter\nfrom shop.pricing import price_of\n\nrouter = APIRouter()\n{routes}"
    head = {**SHOP, f"shop/{folder}/__init__.py": "", f"shop/{folder}/many.py": file}
    main = f"from shop.{folder} import many\n{SHOP['shop/main.py']}app.include_router(many.router)\n"
    return {**head, "shop/main.py": main}


def test_a_surface_is_reached_through_entry_points_that_are_told_once() -> None:
    """A changed base of everything reaches the payments too, although no route is listed."""
    base = many_routes("billing")
    head = shop_with("shop/pricing.py", "price + 1", "price + 2", base)
    answer = touched_by(head, base, Asked(surfaces=MONEY))

    assert answer.affected == ()
    assert [(each.surface, each.entry.path) for each in answer.reached] == [("money", "shop/billing/many.py")]


def test_tables_that_were_not_read_are_no_proof_that_a_surface_is_not_reached() -> None:
    """The list of surfaces is not whole where nobody looked at what the entry points write."""
    base = many_routes("plain")
    head = shop_with("shop/pricing.py", "price + 1", "price + 2", base)
    answer = touched_by(head, base, Asked(surfaces=MONEY))

    assert "money" in why(impact_facts(answer)["impact.surfaces"])
