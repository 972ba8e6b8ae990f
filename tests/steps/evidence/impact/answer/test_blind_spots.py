"""What the search backwards did not follow is said, whatever stopped it and in whichever language: a zero beside it is no zero."""

from collections.abc import Mapping

import pytest

from release_harness.kernel.facts import Unknown
from release_harness.steps.evidence.impact.link.hierarchy import SUBCLASSES_LIMIT
from release_harness.steps.evidence.model.impact import ImpactAnswer
from release_harness.steps.evidence.rules.impact import impact_facts
from release_harness.testing.shop import SHOP, shop_with, touched_by


def answer_to(base: Mapping[str, str], path: str, old: str, new: str) -> ImpactAnswer:
    """Answer what it touches to replace one text."""
    return touched_by(shop_with(path, old, new, base), base)


@pytest.mark.slow
def test_a_member_whose_name_is_too_common_to_follow_is_no_zero() -> None:
    """What uses it was not looked at, so nobody knows whether anything does."""
    many = "".join(f"class C{number}:\n    def rebuild(self):\n        return 1\n" for number in range(13))
    base = dict(SHOP) | {"shop/many.py": many, "shop/user.py": "def use(it):\n    it.rebuild()\n"}
    answer = touched_by(
        shop_with(
            "shop/many.py",
            "class C3:\n    def rebuild(self):\n        return 1",
            "class C3:\n    def rebuild(self):\n        return 2",
            base,
        ),
        base,
    )

    assert answer.affected == ()
    assert answer.unknown == ("what uses C3.rebuild could not be followed: 13 classes have a method `rebuild`",)


@pytest.mark.slow
def test_a_way_of_thousands_of_steps_is_followed_to_the_name_that_is_too_common() -> None:
    """A search that gives up on its way has not found that nothing stops it."""
    steps = "def f0():\n    return 1\n" + "".join(f"def f{n}():\n    return f{n - 1}()\n" for n in range(1, 2_100))
    many = "from shop.steps import f2099\n" + "".join(
        f"class C{n}:\n    def rebuild(self):\n        return {'f2099()' if n == 3 else 1}\n" for n in range(13)
    )
    base = {**SHOP, "shop/steps.py": steps, "shop/many.py": many, "shop/user.py": "def use(it):\n    it.rebuild()\n"}
    answer = answer_to(base, "shop/steps.py", "def f0():\n    return 1", "def f0():\n    return 2")

    assert answer.unknown == ("what uses f0 could not be followed: 13 classes have a method `rebuild`",)
    assert isinstance(impact_facts(answer)["entry_points.affected_count"], Unknown)


@pytest.mark.slow
def test_a_base_of_too_many_classes_is_no_zero() -> None:
    """It says nothing about any one of them, so that none of them was looked at."""
    below = "from shop.base import Base\n" + "".join(
        f"class B{number}(Base):\n    pass\n" for number in range(SUBCLASSES_LIMIT + 1)
    )
    base = {
        **SHOP,
        "shop/base.py": "class Base:\n    def arrange_it(self):\n        return 1\n",
        "shop/below.py": below,
    }
    answer = answer_to(base, "shop/base.py", "return 1", "return 2")

    assert answer.unknown == (
        f"what uses Base.arrange_it could not be followed: more than {SUBCLASSES_LIMIT} classes inherit it",
    )


def test_a_member_of_javascript_whose_name_is_too_common_is_no_zero() -> None:
    """Other languages are followed by names as well, and stop at the same ones."""
    pytest.importorskip("tree_sitter_javascript")
    many = "".join(f"export class C{number} {{ rebuild() {{ return 1 }} }}\n" for number in range(13))
    app = "const express = require('express')\nconst app = express()\napp.get('/a', (req, res) => res.send(1))\n"
    base = {"web/app.js": app, "web/many.js": many, "web/user.js": "export function use(it) { it.rebuild() }\n"}
    answer = answer_to(base, "web/many.js", "C3 { rebuild() { return 1 }", "C3 { rebuild() { return 2 }")

    assert answer.affected == ()
    assert answer.unknown == ("what uses C3.rebuild could not be followed: 13 classes have a method `rebuild`",)


def test_a_page_behind_a_common_name_is_named_by_its_path() -> None:
    """A file has no name of its own, and a list with an empty place in it looks torn."""
    page = "render_template('page.html')"
    many = "from flask import render_template\n" + "".join(
        f"class C{number}:\n    def rebuild(self):\n        return {page if number == 3 else 1}\n"
        for number in range(13)
    )
    base = {
        **SHOP,
        "shop/many.py": many,
        "shop/user.py": "def use(it):\n    it.rebuild()\n",
        "shop/templates/page.html": "<p>one</p>\n",
    }
    answer = answer_to(base, "shop/templates/page.html", "one", "two")

    assert answer.unknown == (
        "what uses shop/templates/page.html could not be followed: 13 classes have a method `rebuild`",
    )


@pytest.mark.parametrize(("path", "known"), [("setup.py", True), ("shop/setup.py", False)])
def test_what_builds_the_tree_is_no_part_of_what_runs(path: str, *, known: bool) -> None:
    """Commands of a build have a `run` like many things, and left the whole answer unknown; a module of that name is one."""
    build = "class Build:\n    def run(self):\n        return 1\n"
    base = {**SHOP, path: build, "shop/user.py": "def use(it):\n    it.run()\n"}
    answer = answer_to(base, path, "return 1", "return 2")

    assert (answer.unknown == ()) is known
