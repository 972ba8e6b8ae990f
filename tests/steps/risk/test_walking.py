"""Walking a history of a real repository, once and then only what is new."""

import subprocess
import threading
from pathlib import Path

import pytest

from release_harness.app import Application
from release_harness.kernel.errors import OutsideError
from release_harness.steps.risk.flow import walking
from release_harness.steps.risk.flow.walking import Walked, walk_history
from release_harness.testing.git_repository import BO, GitRepository


class Lines:
    """Progress that keeps how far it came."""

    def __init__(self) -> None:
        """Nothing was done."""
        self.done_count = 0

    def start(self, task: str, total_count: int | None = None) -> None:
        """Begin a task."""

    def advance(self, count: int = 1) -> None:
        """Count."""
        self.done_count += count

    def say(self, line: str) -> None:
        """Say nothing."""

    def finish(self) -> None:
        """End the task."""


class Interrupted(Lines):
    """A person who presses Control-C after the first piece."""

    def advance(self, count: int = 1) -> None:
        """Stop as soon as something was done."""
        if count:
            raise KeyboardInterrupt


def application(repository: GitRepository) -> Application:
    """Return an application on a repository."""
    return Application(repository.path, {"PATH": "/usr/bin:/bin", "HOME": str(repository.path)}, Lines())


def walk(repository: GitRepository, revision: str = "HEAD") -> Walked:
    """Walk a revision with a fresh application, as a new command would."""
    made = application(repository)
    try:
        tip = made.repository.resolve([revision])[revision]
        return walk_history(made, tip, made.repository.state().cut_commits)
    finally:
        made.repository.close()


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    """A repository with a root commit, a change, and a merge of two commits by somebody else."""
    made = GitRepository.create(tmp_path / "repository")
    made.commit({"a.py": "1\n2\n", "run.sh": "x\n"}, "root")
    made.commit({"a.py": "1\n2\n3\n"}, "grow")
    made.branch("side")
    made.commit({"b.py": "b\n"}, "side one", author=BO)
    made.commit({"b.py": "b\nc\n"}, "side two", author=BO)
    made.checkout("main")
    made.git("merge", "--quiet", "--no-ff", "-m", "Merge pull request #3 from bo/side\n\nAdd b", "side")
    return made


def cache_folder(repository: GitRepository) -> Path:
    """Return where the pieces lie."""
    return repository.path / ".git" / "rh" / "cache" / "risk"


@pytest.mark.slow
def test_landings_are_first_parents_with_their_lines_and_what_they_brought_in(repository: GitRepository) -> None:
    """A merge is compared with its first parent; who wrote it is whoever wrote its commits. Slow: it starts git."""
    walked = walk(repository)
    root, grow, merge = walked.landings
    assert [(each.path, each.status, each.added, each.removed) for each in root.files] == [
        ("a.py", "A", 2, 0),
        ("run.sh", "A", 1, 0),
    ]
    assert [(each.added, each.removed) for each in grow.files] == [(1, 0)]
    assert (merge.title, merge.author) == ("Add b", "bo@example.org")
    assert [each.subject for each in merge.claims] == ["Merge pull request #3 from bo/side", "side two", "side one"]
    assert [(each.path, each.added) for each in merge.files] == [("b.py", 2)]


@pytest.mark.slow
def test_a_second_walk_reads_nothing_and_a_third_only_what_is_new(repository: GitRepository) -> None:
    """After the first run a backtest costs what landed since. Slow: it starts git."""
    first = walk(repository)
    second = walk(repository)
    repository.commit({"a.py": "1\n"}, "shrink")
    third = walk(repository)
    assert (first.fresh_count, second.fresh_count, third.fresh_count) == (3, 0, 1)
    assert second.landings == first.landings
    assert third.landings[:3] == first.landings
    assert len(list(cache_folder(repository).iterdir())) == 1


@pytest.mark.slow
def test_a_cached_walk_equals_a_fresh_one(repository: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of any size give the same landings. Slow: it starts git many times."""
    whole = walk(repository).landings
    for piece in cache_folder(repository).iterdir():
        piece.unlink()
    monkeypatch.setattr(walking, "PIECE_COUNT", 1)
    assert walk(repository).landings == whole
    assert walk(repository).landings == whole
    assert len(list(cache_folder(repository).iterdir())) == 3


@pytest.mark.slow
def test_an_interrupted_walk_goes_on_where_it_stopped(
    repository: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every whole piece is kept before the next one is walked. Slow: it starts git many times."""
    monkeypatch.setattr(walking, "PIECE_COUNT", 1)
    cut_short = application(repository)
    tip = cut_short.repository.resolve(["HEAD"])["HEAD"]

    cut_short.progress = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        walk_history(cut_short, tip)
    cut_short.repository.close()
    assert walk(repository).fresh_count == 2


@pytest.mark.slow
@pytest.mark.parametrize("damage", [b"", b"rubbish", b"rh-walk 0000\n"])
def test_a_damaged_cache_is_walked_again(repository: GitRepository, damage: bytes) -> None:
    """A full disk or a crash must not change a figure. Slow: it starts git."""
    whole = walk(repository).landings
    for piece in cache_folder(repository).iterdir():
        piece.write_bytes(damage)
    again = walk(repository)
    assert again.landings == whole
    assert again.fresh_count == 3
    assert walk(repository).fresh_count == 0


@pytest.mark.slow
def test_pieces_of_another_version_are_removed(repository: GitRepository) -> None:
    """A cache that only grows is a disk that fills up. Slow: it starts git."""
    walk(repository)
    (cache_folder(repository) / "walk-1-0123").write_bytes(b"old")
    walk(repository)
    assert [each.name.startswith("walk-2-") for each in cache_folder(repository).iterdir()] == [True]


@pytest.mark.slow
def test_branches_share_what_they_have_in_common(repository: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """A piece counts only when it is a run of exactly this first-parent line. Slow: it starts git."""
    monkeypatch.setattr(walking, "PIECE_COUNT", 2)
    walk(repository)
    other = walk(repository, "side")
    assert [each.title for each in other.landings] == ["root", "grow", "side one", "side two"]
    assert other.fresh_count == 2
    assert walk(repository).fresh_count <= 1


@pytest.mark.slow
def test_an_absent_blob_costs_no_more_than_its_own_landing(repository: GitRepository) -> None:
    """`git log --numstat` stops at the first absent blob, after printing a part: that part looks like a whole. Slow: git."""
    blob = repository.git("rev-parse", "HEAD~1:a.py")
    (repository.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    walked = walk(repository)
    assert [each.counted for each in walked.landings] == [True, False, True]
    assert [each.path for each in walked.landings[1].files] == ["a.py"]
    assert [each.added for each in walked.landings[2].files] == [2]


@pytest.mark.slow
def test_a_damaged_blob_costs_no_more_than_its_own_landing(repository: GitRepository) -> None:
    """`cat-file --batch-check` does not read a blob, so damage shows only when lines are counted. Slow: it starts git."""
    blob = repository.git("rev-parse", "HEAD~1:a.py")
    place = repository.path / ".git" / "objects" / blob[:2] / blob[2:]
    place.chmod(0o644)
    place.write_bytes(place.read_bytes()[:-4] + b"\0\0\0\0")
    assert [each.counted for each in walk(repository).landings] == [True, False, True]


@pytest.mark.slow
def test_a_missing_tree_is_an_error_and_never_half_a_history(repository: GitRepository) -> None:
    """Silence would be a history in which nothing ever changed. Slow: it starts git."""
    tree = repository.git("rev-parse", "HEAD~1^{tree}")
    (repository.path / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    with pytest.raises(OutsideError):
        walk(repository)


@pytest.mark.slow
def test_the_cut_of_a_shallow_clone_is_left_out_and_a_deeper_clone_is_walked_again(
    repository: GitRepository, tmp_path: Path
) -> None:
    """The oldest commit of a shallow clone looks as if it had added everything. Slow: it clones."""
    subprocess.run(
        ["git", "clone", "--quiet", "--depth=2", f"file://{repository.path}", str(tmp_path / "shallow")], check=True
    )
    shallow = GitRepository(tmp_path / "shallow")
    walked = walk(shallow)
    assert walked.cut
    assert [each.title for each in walked.landings] == ["Add b"]
    shallow.git("fetch", "--quiet", "--unshallow")
    deeper = walk(shallow)
    assert not deeper.cut
    assert [each.title for each in deeper.landings] == ["root", "grow", "Add b"]


@pytest.mark.slow
def test_an_octopus_is_one_landing_with_everything_it_brought_in(repository: GitRepository) -> None:
    """Its diff is the one against the first parent, and no commit is counted twice. Slow: it starts git."""
    for name in ("one", "two"):
        repository.branch(name, "main")
        repository.commit({f"{name}.py": "x\n"}, name)
    repository.checkout("main")
    repository.git("merge", "--quiet", "--no-ff", "-m", "Merge branches one and two", "one", "two")
    octopus = walk(repository).landings[-1]
    assert octopus.parents_count == 3
    assert sorted(each.path for each in octopus.files) == ["one.py", "two.py"]
    assert sorted(each.subject for each in octopus.claims[1:]) == ["one", "two"]


@pytest.mark.slow
def test_clocks_that_run_backwards_change_no_order(repository: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """`git log` sorts by date and cuts walks short by date; places on the first-parent line do not. Slow: it starts git."""
    dates = ("1999-01-01T00:00:00Z", "2038-01-01T00:00:00Z", "1980-01-01T00:00:00Z")
    for number, date in enumerate(dates):
        repository.write("a.py", f"{number}\n")
        repository.git("commit", "--quiet", "-am", f"odd {number}", env={"GIT_COMMITTER_DATE": date})
    monkeypatch.setattr(walking, "PIECE_COUNT", 1)
    titles = [each.title for each in walk(repository).landings]
    assert titles == ["root", "grow", "Add b", "odd 0", "odd 1", "odd 2"]
    assert all(len(each.claims) == 1 for each in walk(repository).landings[3:])


@pytest.mark.slow
def test_odd_names_links_and_submodules_are_walked(repository: GitRepository) -> None:
    """File names are bytes with line ends and quotes in them. Slow: it starts git."""
    repository.write('odd\n"name.py', "x\n")
    (repository.path / "link").symlink_to("a.py")
    repository.git("add", "--all")
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    repository.git("update-index", "--chmod=+x", "run.sh")
    repository.git("commit", "--quiet", "-m", "odd")
    found = {each.path: each.status for each in walk(repository).landings[-1].files}
    assert found == {'odd\n"name.py': "A", "link": "A-l", "module": "A-s", "run.sh": "Mfx"}


@pytest.mark.slow
def test_two_processes_may_walk_at_once(repository: GitRepository) -> None:
    """Pieces are put in place whole, so readers see one or none. Slow: it starts git in threads."""
    found: list[Walked] = []
    threads = [threading.Thread(target=lambda: found.append(walk(repository))) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(found) == 3
    assert len({each.landings for each in found}) == 1
    assert walk(repository).fresh_count == 0


@pytest.mark.slow
def test_a_folder_that_cannot_be_written_only_costs_time(repository: GitRepository) -> None:
    """A cache is no place to fail. Slow: it starts git."""
    (repository.path / ".git" / "rh").mkdir()
    (repository.path / ".git" / "rh" / "cache").write_text("a file where a folder should be")
    assert len(walk(repository).landings) == 3
    assert walk(repository).fresh_count == 3
