"""What other versions of libraries touch: only what really got another version, told once for each library."""

import pytest

from release_harness.steps.evidence.model.impact import ImpactAnswer, Label
from release_harness.testing.shop import SHOP, shop_with, touched_by

BASE = shop_with("shop/pricing.py", "return price + 1", "return babel.round(price)")
BASE = shop_with("shop/pricing.py", "RATE = 3", "import babel\nRATE = 3", BASE)
POETRY = '[[package]]\nname = "babel"\nversion = "1.0"\n\n[[package]]\nname = "celery"\nversion = "5.0"\n'
PYPROJECT = '[tool.poetry.dependencies]\npython = "^3.8"\nBabel = "^1.0"\n'


def touched(after: dict[str, str], before: dict[str, str]) -> ImpactAnswer:
    """Return what other files beside the same code touch."""
    return touched_by({**BASE, **after}, {**BASE, **before})


def libraries(answer: ImpactAnswer) -> list[str]:
    """Return the symbols that stand for libraries."""
    return [each.symbol for each in answer.changed]


def test_another_tool_that_locks_the_same_versions_changes_nothing() -> None:
    """A move from one packaging tool to another rewrites every line and installs what was installed before."""
    uv = POETRY.replace("[[package]]\n", "[[package]]\n").replace('"5.0"\n', '"5.1"\nsource = { registry = "x" }\n')
    project = '[project]\nname = "shop"\nrequires-python = ">=3.8"\ndependencies = ["babel>=1.0,<2"]\n'
    answer = touched({"uv.lock": uv, "pyproject.toml": project}, {"poetry.lock": POETRY, "pyproject.toml": PYPROJECT})

    assert libraries(answer) == ["uv.lock:celery"]
    assert all("babel" not in each.changed for each in answer.affected)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            {"requirements.txt": "Babel==1.0  # rounding\n"},
            {"pyproject.toml": '[project]\ndependencies = ["babel==1.0"]\n'},
        ),
        ({"pyproject.toml": PYPROJECT}, {"pyproject.toml": PYPROJECT.replace("^3.8", "^3.9")}),
        (
            {"requirements.txt": "babel==1.0\nx==1\n"},
            {"requirements.txt": "x==1\n\nbabel == 1.0 ; python_version > '3'\n"},
        ),
    ],
)
def test_the_same_bounds_in_another_place_or_form_are_no_change(before: dict[str, str], after: dict[str, str]) -> None:
    """Lines are moved and sorted every day."""
    assert libraries(touched(after, before)) == []


def test_a_library_is_told_once_and_the_way_ends_at_it() -> None:
    """A reader asks what the new version may break, not which of two hundred functions call it."""
    answer = touched({"requirements.txt": "babel==1.1\n"}, {"requirements.txt": "babel==1.0\n"})

    assert libraries(answer) == ["requirements.txt:babel"]
    (entry,) = answer.affected
    assert (entry.entry.name, entry.label, entry.changed) == (
        "GET /items/{id}",
        Label.POSSIBLE,
        ("requirements.txt:babel",),
    )
    assert [hop.symbol for hop in entry.way] == [
        "shop/api/items.py:read_item",
        "shop/pricing.py:price_of",
        "shop/pricing.py:round_up",
        "requirements.txt:babel",
    ]


def test_what_a_package_manager_of_another_language_locks_is_no_key_of_this_code() -> None:
    """A new version of `drill` for the browser has nothing to do with the data source of that name."""
    base = dict(SHOP) | {"shop/drill.py": 'KIND = "drill"\n', "pnpm-lock.yaml": "drill: 1.0\n"}

    assert not touched_by(base | {"pnpm-lock.yaml": "drill: 1.1\n"}, base).changed


def test_a_package_of_this_tree_is_no_library() -> None:
    """Lock files hold the project itself; its version is raised every month and nothing runs otherwise."""
    lock = '[[package]]\nname = "shop"\nversion = "1.0"\n'
    base = dict(SHOP) | {"shop/use.py": "import shop\n\ndef use():\n    return shop.pricing\n", "uv.lock": lock}

    assert not touched_by(base | {"uv.lock": lock.replace("1.0", "1.1")}, base).changed
