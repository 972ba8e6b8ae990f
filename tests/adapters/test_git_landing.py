"""Moving branches through real git: worktrees, bare repositories, odd names, and two who want the same.

Slow: every test builds real repositories.
"""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from release_harness.adapters.git_landing import GitLanding
from release_harness.adapters.landing_lock import LockFiles
from release_harness.app import Application
from release_harness.kernel.digests import CommitId
from release_harness.kernel.errors import Conflict, OutsideError
from release_harness.steps.merge.model import MoveOutcome, Place, PushOutcome
from release_harness.testing.git_repository import GitRepository
from release_harness.testing.landing import quiet_environment
from release_harness.testing.progress import RecordedProgress

pytestmark = pytest.mark.slow

MAIN = Place(branch="main")


def application(repository: GitRepository) -> Application:
    """Return the application of a repository."""
    return Application(repository.path, quiet_environment(repository.path.parent), RecordedProgress())


def landing(repository: GitRepository) -> GitLanding:
    """Return the adapter for a repository."""
    return application(repository).landing


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    """A repository with main and a branch `next` that is one commit ahead; `next` is checked out."""
    made = GitRepository.create(tmp_path / "r")
    made.commit({"a.txt": "a\n"}, "begin")
    made.branch("next")
    made.commit({"b.txt": "b\n"}, "next")
    return made


def test_a_branch_that_is_not_checked_out_moves_by_compare_and_swap(repository: GitRepository) -> None:
    """The old value is part of the command, so that two movers cannot both win."""
    tip, commit = CommitId(repository.head("main")), CommitId(repository.head("next"))
    git = landing(repository)

    assert git.move("main", commit, tip).outcome is MoveOutcome.DONE
    assert repository.head("main") == commit
    assert git.move("main", commit, tip).outcome is MoveOutcome.DONE, "moving twice is moving once"


def test_a_branch_never_moves_backwards_or_sideways(repository: GitRepository) -> None:
    """Only fast-forwards: nobody's commit is ever dropped."""
    tip, commit = CommitId(repository.head("main")), CommitId(repository.head("next"))
    repository.checkout("main")
    sideways = repository.commit({"c.txt": "c\n"}, "sideways")
    repository.checkout("next")
    git = landing(repository)

    assert git.move("main", commit, tip).outcome is MoveOutcome.STALE
    assert git.move("main", commit, None).outcome is MoveOutcome.STALE
    assert repository.head("main") == sideways
    assert git.move("nowhere", commit, None).outcome is MoveOutcome.ABSENT


def test_a_branch_checked_out_in_another_work_tree_is_brought_along_there(
    repository: GitRepository, tmp_path: Path
) -> None:
    """People work in several work trees; the branch may be checked out where the command does not run."""
    repository.git("worktree", "add", "--quiet", str(tmp_path / "wt with space"), "main")
    tip, commit = CommitId(repository.head("main")), CommitId(repository.head("next"))

    assert landing(repository).move("main", commit, tip).outcome is MoveOutcome.DONE
    assert (tmp_path / "wt with space" / "b.txt").exists()
    assert GitRepository(tmp_path / "wt with space").git("status", "--porcelain") == ""


def test_an_untracked_file_in_the_way_is_kept(repository: GitRepository) -> None:
    """`git merge` refuses to overwrite it, and so do we."""
    tip, commit = CommitId(repository.head("main")), CommitId(repository.head("next"))
    repository.checkout("main")
    repository.write("b.txt", "my notes\n")
    answer = landing(repository).move("main", commit, tip)

    assert answer.outcome is MoveOutcome.BLOCKED
    assert "b.txt" in answer.says
    assert (repository.path / "b.txt").read_text() == "my notes\n"
    assert repository.head("main") == tip


def test_a_lock_of_git_in_the_way_is_told_and_not_broken(repository: GitRepository) -> None:
    """Another git may be at work there; its lock is its own."""
    tip, commit = CommitId(repository.head("main")), CommitId(repository.head("next"))
    repository.checkout("main")
    (repository.path / ".git" / "index.lock").touch()
    answer = landing(repository).move("main", commit, tip)

    assert answer.outcome is MoveOutcome.BLOCKED
    assert "index.lock" in answer.says
    assert (repository.path / ".git" / "index.lock").exists()


def test_a_bare_repository_is_landed_on_directly(repository: GitRepository, tmp_path: Path) -> None:
    """A server that lands for others has no work tree."""
    bare = GitRepository.create(tmp_path / "bare.git", bare=True)
    repository.git("push", "--quiet", str(bare.path), "main", "next")
    git = landing(bare)
    tip, commit = CommitId(bare.head("main")), CommitId(bare.head("next"))

    assert git.fetch_tip(MAIN) == tip
    assert git.move("main", commit, tip).outcome is MoveOutcome.DONE


def test_settings_of_the_caller_for_another_repository_do_not_leak_into_a_work_tree(
    repository: GitRepository, tmp_path: Path
) -> None:
    """GIT_DIR is set inside hooks; the work tree of the branch has its own."""
    repository.git("worktree", "add", "--quiet", str(tmp_path / "wt"), "main")
    environment = {**os.environ, "GIT_DIR": str(repository.path / ".git"), "GIT_INDEX_FILE": str(tmp_path / "index")}
    desk = application(repository)
    git = GitLanding(
        repository.path,
        environment,
        merge=desk.repository.merge,
        keep_objects=desk.repository.keep_objects,
        write_message=lambda _draft, _body: "",
    )
    commit = CommitId(repository.head("next"))

    assert git.move("main", commit, None).outcome is MoveOutcome.DONE
    assert GitRepository(tmp_path / "wt").git("status", "--porcelain") == ""


@pytest.fixture
def origin(repository: GitRepository, tmp_path: Path) -> GitRepository:
    """A bare origin that the repository pushes to."""
    made = GitRepository.create(tmp_path / "origin.git", bare=True)
    repository.git("remote", "add", "origin", str(made.path))
    repository.git("push", "--quiet", "origin", "main")
    return made


REMOTE = Place(branch="main", remote="origin")


def test_a_push_on_a_tip_that_is_gone_is_stale_and_changes_nothing(
    repository: GitRepository, origin: GitRepository, tmp_path: Path
) -> None:
    """The lease names the tested tip; the server compares."""
    tip, commit = CommitId(repository.head("main")), CommitId(repository.head("next"))
    other = origin.clone(tmp_path / "other")
    foreign = other.commit({"c.txt": "c\n"}, "foreign")
    other.git("push", "--quiet", "origin", "main")

    assert landing(repository).push(REMOTE, commit, tip).outcome is PushOutcome.STALE
    assert origin.head("main") == foreign


def test_a_push_that_is_there_already_is_done(repository: GitRepository, origin: GitRepository) -> None:
    """After a crash the push is made again; the lease fails, and looking shows that it is there."""
    tip, commit = CommitId(repository.head("main")), CommitId(repository.head("next"))
    git = landing(repository)

    assert git.push(REMOTE, commit, tip).outcome is PushOutcome.DONE
    assert git.push(REMOTE, commit, tip).outcome is PushOutcome.DONE
    assert origin.head("main") == commit


def test_asking_a_remote_leaves_tags_and_the_users_branches_alone(
    repository: GitRepository, origin: GitRepository, tmp_path: Path
) -> None:
    """Landing looks at one branch; it is no `git fetch --all`."""
    other = origin.clone(tmp_path / "other")
    other.commit({"c.txt": "c\n"}, "foreign")
    other.git("tag", "v1")
    other.git("push", "--quiet", "origin", "main", "v1")
    before = repository.git("for-each-ref", "refs/heads", "refs/tags")
    tip = landing(repository).fetch_tip(REMOTE)

    assert tip == origin.head("main")
    assert repository.git("for-each-ref", "refs/heads", "refs/tags") == before
    assert not (repository.path / ".git" / "FETCH_HEAD").exists()


def test_a_branch_that_the_remote_does_not_have_is_none_and_a_lost_remote_is_an_error(
    repository: GitRepository, origin: GitRepository
) -> None:
    """`not there` is an answer, `no answer` is not."""
    git = landing(repository)

    assert git.fetch_tip(Place(branch="gone", remote="origin")) is None
    origin.path.rename(origin.path.with_name("moved"))
    with pytest.raises(OutsideError):
        git.fetch_tip(REMOTE)


@pytest.mark.parametrize("name", ["", "-x", "a b", "a..b", "a^", "@{u}", "a\nb", "x.lock", "/a", "a~1", ":a"])
def test_what_is_no_branch_name_is_refused(repository: GitRepository, name: str) -> None:
    """A name from a person or a file may never become an option, a range or two refs."""
    assert not landing(repository).is_branch_name(name)


def test_two_holders_of_one_place_exclude_each_other_and_other_places_do_not(tmp_path: Path) -> None:
    """One landing at a time for each branch; releases can land beside main."""
    progress = RecordedProgress()
    locks = LockFiles(lambda: tmp_path, progress)
    nothing = timedelta(0)
    with locks.hold(MAIN, "landing a\x1b[2J", nothing):
        with locks.hold(Place(branch="release"), "landing b", nothing):
            pass
        with pytest.raises(Conflict) as caught, locks.hold(MAIN, "landing c", nothing):
            pass
        assert str(os.getpid()) in caught.value.says
        assert "landing a" in caught.value.says
        assert "\x1b" not in caught.value.says
    with locks.hold(MAIN, "landing d", nothing):
        pass
