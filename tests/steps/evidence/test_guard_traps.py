"""Ways to get past a guard that end in front of `rh check`, in real repositories and through the real command."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from release_harness.app import Application, operations_of
from release_harness.surfaces.cli.command import command_of
from release_harness.testing.git_repository import GitRepository
from release_harness.testing.progress import RecordedProgress
from release_harness.testing.shop import SHOP, shop_with

pytestmark = pytest.mark.slow  # each test builds a repository and judges it

GUARD = "dependencies=[Depends(require_admin)]"
UNRELATED = "\n\ndef verify_version(version: str = ''):\n    return version\n"
IMPORT = ("import require_admin\nfrom shop.pricing", "import guards_for, verify_version\nfrom shop.pricing")
BASE = {
    **SHOP,
    "shop/deps.py": SHOP["shop/deps.py"] + UNRELATED + "\n\ndef guards_for(name):\n    return [] if name else None\n",
}
POLICY = """
version: 1
tiers: [low, medium, high]
default_tier: low
require:
  low: { evidence: [guards_kept] }
  medium: { inherit: low }
  high: { inherit: low }
"""
"""Asks for nothing but guards, so that nothing else can stop a change."""
HIDDEN = ["dependencies=[Depends(verify_version)]", "dependencies=guards_for('items')"]
UNKNOWN_EXIT = 3


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    """Make a repository whose main branch holds the shop."""
    repository = GitRepository.create(tmp_path / "shop")
    repository.commit(dict(BASE), "the shop")
    return repository


def check(repository: GitRepository, sources: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
    """Put sources on a branch and run `rh check` on it; return the exit code and the answer."""
    repository.git("checkout", "--quiet", "-b", "topic", "main")
    repository.commit(sources, "Tidy up")
    return ask(repository)


def ask(repository: GitRepository) -> tuple[int, dict[str, Any]]:
    """Run `rh check` on the branch; return the exit code and the answer."""
    home = str(repository.path.parent)
    environment = {"PATH": "/usr/bin:/bin", "HOME": home, "RH_KEYS": home}
    listed = operations_of("release_harness.steps.review.operations")
    command = command_of(
        next(each for each in listed if each.name == "check"),
        lambda: Application(repository.path, environment, RecordedProgress()),
    )
    result = CliRunner().invoke(command, ["topic", "--base", "main", "--format", "json"])
    return result.exit_code, json.loads(result.stdout)


def hidden(instead: str) -> dict[str, str]:
    """Return the shop with something else in the place of the guard of `DELETE /items/{id}`."""
    return shop_with("shop/api/items.py", *IMPORT, shop_with("shop/api/items.py", GUARD, instead, BASE))


@pytest.mark.parametrize("instead", HIDDEN)
def test_a_guard_that_is_exchanged_or_hidden_does_not_pass_as_kept(repository: GitRepository, instead: str) -> None:
    """The trap: the administrator's check goes, and something that looks like one, or a call, stands in its place."""
    repository.commit({".rh/policy.yaml": POLICY}, "Ask for guards")
    code, answer = check(repository, hidden(instead))
    kept = answer["facts"]["guards.kept"]

    assert code == UNKNOWN_EXIT
    assert kept["value"] is None
    assert "DELETE /items/{id}" in kept["unknown"]


@pytest.mark.parametrize("instead", HIDDEN)
def test_such_a_change_has_the_high_tier_without_a_policy_of_its_own(repository: GitRepository, instead: str) -> None:
    """Two people look at who may come in, as for a guard that is gone."""
    _code, answer = check(repository, hidden(instead))

    assert answer["tier"]["name"] == "high"
    assert "raise:guard-unclear" in [each["rule"] for each in answer["tier"]["reasons"]]


def test_a_change_beside_guards_passes_the_same_policy(repository: GitRepository) -> None:
    """Otherwise the trap would be caught by a gate that lets nobody through."""
    repository.commit({".rh/policy.yaml": POLICY}, "Ask for guards")
    code, _answer = check(repository, shop_with("shop/pricing.py", "price + 1", "price + 2", BASE))

    assert code == 0


def test_a_file_of_guarded_routes_that_becomes_a_link_is_not_said_to_keep_its_guards(repository: GitRepository) -> None:
    """What a symbolic link names is not read, so the routes vanish from the list and their guards with them."""
    repository.commit({".rh/policy.yaml": POLICY}, "Ask for guards")
    repository.git("checkout", "--quiet", "-b", "topic", "main")
    (repository.path / "shop/api/users.py").unlink()
    (repository.path / "shop/api/users.py").symlink_to("../../elsewhere/users.py")
    repository.git("commit", "--quiet", "--all", "--message", "Link to it")
    code, answer = ask(repository)

    assert code == UNKNOWN_EXIT
    assert answer["facts"]["guards.kept"]["value"] is None
