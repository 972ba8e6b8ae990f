"""Keys of settings files, by their way from the top."""

import pytest

from release_harness.steps.evidence.impact.together.keyed import holds_keys, keys_of_text, set_keys

YAML = "web:\n  port: 80\n  name: shop\nworker:\n  port: 81\nlimit: 3\n"


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.yaml", YAML, {"web.port": "80", "web.name": "shop", "worker.port": "81", "limit": "3"}),
        ("a.toml", "x = 1\n[tool.shop]\nport = 80\n\n[tool.two]\nport = 81\n", {"x": "1", "tool.shop.port": "80", "tool.two.port": "81"}),
        (".env", "export LIMIT=3\nNAME=shop\n", {"LIMIT": "3", "NAME": "shop"}),
        ("flags.json", '{\n  "new-cart": {\n    "state": "on"\n  }\n}\n', {"new-cart.state": '"on"'}),
        ("a.yaml", "\x00\xff: : :\n- - -\n", {}),
    ],
)  # fmt: skip
def test_keys_are_told_apart_by_where_they_stand(path: str, text: str, expected: dict[str, str]) -> None:
    """Two services may each have a port."""
    assert {key: keyed.value for key, keyed in keys_of_text(path, text).items()} == expected


def test_only_what_differs_is_set() -> None:
    """A change that only moves a key sets nothing."""
    found = set_keys("a.yaml", YAML, "limit: 4\n" + YAML.replace("limit: 3\n", ""))
    assert {key: keyed.value for key, keyed in found.items()} == {"limit of a.yaml": "4"}


@pytest.mark.parametrize(
    ("path", "expected"),
    [("conf/app.yaml", True), (".env.production", True), ("package-lock.json", False), ("shop/a.py", False)],
)
def test_lock_files_hold_no_keys_that_people_set(path: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    """Two branches that both update dependencies would always collide."""
    assert holds_keys(path) is expected
