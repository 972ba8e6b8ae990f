"""The work tree is hostile too: a link in it must not make rh read or write somewhere else."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from release_harness.adapters.work_folder import WorkFolder
from release_harness.kernel.errors import NotAllowed, NotFound
from release_harness.steps.project import ports
from release_harness.testing.git_repository import AGENT, BO, GitRepository
from release_harness.testing.project_files import MemoryWorkFolder

pytestmark = pytest.mark.slow  # each of them starts git


def _folder(repository: GitRepository) -> WorkFolder:
    return WorkFolder(repository.path, {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull})


def _real(path: Path, files: dict[str, bytes]) -> ports.WorkFolder:
    repository = GitRepository.create(path)
    repository.commit(dict(files))
    return _folder(repository)


def _fake(_path: Path, files: dict[str, bytes]) -> ports.WorkFolder:
    return MemoryWorkFolder(files)


@pytest.mark.parametrize("make", [_real, _fake])
def test_real_and_fake_behave_alike(make: Callable[[Path, dict[str, bytes]], ports.WorkFolder], tmp_path: Path) -> None:
    """Tests lean on the fake, so it must answer as the disk does."""
    folder = make(tmp_path / "r", {"a.txt": b"a", "d/b.txt": b"b"})
    assert list(folder.list_paths()) == ["a.txt", "d/b.txt"]
    assert folder.read("a.txt") == b"a"
    assert folder.read("none.txt") is None
    folder.write("new/c.txt", b"c")
    assert folder.read("new/c.txt") == b"c"
    assert "new/c.txt" in folder.list_paths()
    for bad in ("../x", "/etc/passwd", "a/../../x", ".git/config", ""):
        with pytest.raises(NotAllowed):
            folder.write(bad, b"")
    with pytest.raises(NotFound):
        folder.read_named("none.txt")


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    """`.rh` as a link to a folder elsewhere must not make `rh init` write there."""
    repository = GitRepository.create(tmp_path / "r")
    outside = tmp_path / "outside"
    outside.mkdir()
    (repository.path / ".rh").symlink_to(outside)
    with pytest.raises(NotAllowed):
        _folder(repository).write(".rh/policy.yaml", b"x")
    with pytest.raises(NotAllowed):
        _folder(repository).read(".rh/policy.yaml")
    assert list(outside.iterdir()) == []


def test_a_file_that_is_a_link_is_neither_read_nor_written(tmp_path: Path) -> None:
    """The policy would be somebody else's file."""
    repository = GitRepository.create(tmp_path / "r")
    (tmp_path / "secret").write_text("s")
    (repository.path / "policy.yaml").symlink_to(tmp_path / "secret")
    with pytest.raises(NotAllowed):
        _folder(repository).read("policy.yaml")
    with pytest.raises(NotAllowed):
        _folder(repository).write("policy.yaml", b"x")
    assert (tmp_path / "secret").read_text() == "s"


def test_a_write_leaves_nothing_half_done(tmp_path: Path) -> None:
    """A full disk or a crash leaves the file that was there."""
    repository = GitRepository.create(tmp_path / "r")
    folder = _folder(repository)
    folder.write("a", b"one")
    folder.write("a", b"two")
    assert folder.read("a") == b"two"
    assert [each.name for each in repository.path.iterdir() if each.name != ".git"] == ["a"]
    assert (repository.path / "a").stat().st_mode & 0o777 == 0o644


def test_ignored_files_are_not_listed_and_new_ones_are(tmp_path: Path) -> None:
    """What git would never commit says nothing about the project."""
    repository = GitRepository.create(tmp_path / "r")
    repository.commit({".gitignore": "dist/\n"})
    repository.write("dist/x.js", "")
    repository.write("new.py", "")
    assert list(_folder(repository).list_paths()) == [".gitignore", "new.py"]


def test_history_says_who_and_how_often(tmp_path: Path) -> None:
    """`rh init` proposes people from it, the most active first."""
    repository = GitRepository.create(tmp_path / "r")
    repository.commit({"a": "1"}, author=BO)
    repository.commit({"a": "2"}, author=BO)
    repository.commit({"a": "3"}, author=AGENT)
    history = _folder(repository).history()
    assert history.default_branch == "main"
    assert [(each.email, each.commits_count) for each in history.committers] == [
        ("bo@example.org", 2),
        ("noreply@anthropic.com", 1),
    ]
    seconds = repository.git("log", "-1", "--skip=1", "--format=%ct")
    assert history.committers[0].last_at == datetime.fromtimestamp(int(seconds), UTC)


def test_a_name_with_odd_signs_and_an_instant_of_no_calendar_are_read(tmp_path: Path) -> None:
    """Commits can be forged with any date; `rh init` must come through them."""
    repository = GitRepository.create(tmp_path / "r")
    repository.commit({"a": "1"}, author=BO)
    plain = repository.git("cat-file", "commit", "HEAD")
    head, _, rest = plain.partition("committer ")
    forged = f"{head}committer Bo <bo@example.org> 99999999999999 +0000\n{rest.partition(chr(10))[2]}\n"
    made = repository.git("hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin=forged.encode())
    repository.git("update-ref", "HEAD", made)
    history = _folder(repository).history()
    assert [(each.email, each.last_at) for each in history.committers] == [("bo@example.org", None)]


def test_the_remote_knows_the_default_branch_best(tmp_path: Path) -> None:
    """A clone's own branch may be anything."""
    origin = GitRepository.create(tmp_path / "origin")
    origin.commit({"a": "1"})
    origin.git("branch", "-m", "trunk")
    clone = origin.clone(tmp_path / "clone")
    clone.branch("feature")
    assert _folder(clone).history().default_branch == "trunk"


def test_an_empty_repository_has_no_history(tmp_path: Path) -> None:
    """A first `rh init` may come before the first commit."""
    history = _folder(GitRepository.create(tmp_path / "r")).history()
    assert (history.default_branch, history.committers, history.commits_count) == ("main", (), 0)


def test_outside_of_a_repository_there_is_a_sentence(tmp_path: Path) -> None:
    """Not a traceback and not git's own words."""
    folder = WorkFolder(tmp_path, {"PATH": os.environ["PATH"], "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)})
    with pytest.raises(NotFound) as caught:
        folder.read("a")
    assert caught.value.code == "NO_WORK_TREE"
