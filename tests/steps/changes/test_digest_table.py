"""Which events a change digest survives: an approval binds to it, so this table is what an approval survives."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from release_harness.adapters.git import GitProgram
from release_harness.steps.changes.flow import gather
from release_harness.steps.changes.model import ChangeSpec, Digests
from release_harness.testing.git_repository import GitRepository

# Every test builds a real repository: 50 to 300 ms each.
pytestmark = pytest.mark.slow

ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
OUTSIDE = "def pay(u):\n    if u.admin:\n        log(u)\n    refund(u)\n" + "\n" * 12 + "def end():\n    pass\n"
INSIDE = OUTSIDE.replace("    refund(u)", "        refund(u)")


@dataclass
class Needs:
    """What gathering needs, with the real git."""

    repository: GitProgram


@pytest.fixture
def repo(tmp_path: Path) -> GitRepository:
    """Main with a payment module, and a branch that edits its beginning in two commits."""
    repository = GitRepository.create(tmp_path / "repo")
    start = OUTSIDE.replace("    refund(u)\n", "")
    repository.commit({"pay.py": start, "other.py": "o = 1\n"}, "first")
    repository.branch("feature")
    repository.commit({"pay.py": OUTSIDE}, "Refund")
    repository.commit({"new.py": "n = 1\n"}, "New")
    return repository


def digests(repo: GitRepository, revision: str = "feature") -> Digests:
    """Return the digests of a change onto main."""
    program = GitProgram(repo.path, ENVIRONMENT)
    try:
        found = gather(Needs(program), ChangeSpec(revision=revision, base="main")).digests
    finally:
        program.close()
    assert found.change is not None
    assert found.result_tree is not None
    return found


def patch_id(repo: GitRepository, revision: str, mode: str) -> str:
    """Run the real `git patch-id` over the change."""
    patch = repo.git("diff", f"main...{revision}")
    finished = subprocess.run(
        ["git", "patch-id", mode], input=patch.encode() + b"\n", stdout=subprocess.PIPE, check=True, env=ENVIRONMENT
    )
    return finished.stdout.decode().split()[0]


def test_a_squash_and_a_reword_keep_both_digests(repo: GitRepository) -> None:
    """Neither touches content, so nobody has to approve again."""
    before = digests(repo)
    repo.git("reset", "--quiet", "--soft", "main")
    repo.commit({}, "Squashed, with other words")
    assert digests(repo) == before


def test_a_base_that_moved_in_another_file_keeps_the_change_digest_only(repo: GitRepository) -> None:
    """Approvals stay, tests have to run again."""
    before = digests(repo)
    repo.checkout("main")
    repo.commit({"other.py": "o = 2\n"}, "main moves")
    after = digests(repo)
    assert after.change == before.change
    assert after.result_tree != before.result_tree


def test_a_clean_rebase_keeps_the_change_digest(repo: GitRepository) -> None:
    """A rebase onto an unrelated move of the base is no new content."""
    before = digests(repo)
    repo.checkout("main")
    repo.commit({"other.py": "o = 2\n"}, "main moves")
    repo.checkout("feature")
    repo.git("rebase", "--quiet", "main")
    assert digests(repo).change == before.change


def test_a_base_that_moved_in_the_same_file_changes_both_digests(repo: GitRepository) -> None:
    """What was approved is not what would land, though every patch-id says that it is."""
    before, verbatim = digests(repo), patch_id(repo, "feature", "--verbatim")
    repo.checkout("main")
    moved = OUTSIDE.replace("    refund(u)\n", "").replace("    pass", "    return")
    repo.commit({"pay.py": moved}, "main moves in the same file")
    after = digests(repo)
    assert after.change != before.change
    assert after.result_tree != before.result_tree
    assert patch_id(repo, "feature", "--verbatim") == verbatim


def test_a_line_that_moved_into_an_if_changes_both_digests_though_patch_id_is_the_same(repo: GitRepository) -> None:
    """Why `git patch-id` never carries an approval: it calls these two programs the same change."""
    before, stable, verbatim = (
        digests(repo),
        patch_id(repo, "feature", "--stable"),
        patch_id(repo, "feature", "--verbatim"),
    )
    repo.commit({"pay.py": INSIDE}, "Only for admins")
    after = digests(repo)
    assert after.change != before.change
    assert after.result_tree != before.result_tree
    assert patch_id(repo, "feature", "--stable") == stable
    assert patch_id(repo, "feature", "--verbatim") != verbatim


def test_a_mode_change_alone_changes_the_digest(repo: GitRepository) -> None:
    """A script that became executable is other content, although no line changed."""
    before = digests(repo)
    (repo.path / "new.py").chmod(0o755)
    repo.commit({}, "executable")
    assert digests(repo).change != before.change


def test_a_revert_inside_the_change_leaves_an_empty_change(repo: GitRepository) -> None:
    """Two commits that undo each other are no change, and have the digest of none."""
    repo.git("checkout", "--quiet", "-b", "undone", "main")
    repo.commit({"x.py": "x = 1\n"}, "do")
    repo.commit({"x.py": None}, "undo")
    repo.git("checkout", "--quiet", "-b", "nothing", "main")
    repo.commit({}, "nothing")
    assert digests(repo, "undone").change == digests(repo, "nothing").change
