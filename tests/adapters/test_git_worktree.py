"""Clean checkouts hold exactly one tree, never touch the user's repository, and always go away."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from release_harness.adapters.git import GitProgram
from release_harness.adapters.git_worktree import GitCheckouts, prune
from release_harness.kernel.digests import CommitId, TreeId
from release_harness.kernel.errors import InputError, OutsideError
from release_harness.testing.git_repository import GitRepository


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    """A repository with one commit."""
    made = GitRepository.create(tmp_path / "repository")
    made.commit({"src/app.py": "one\n", "reports/old.xml": "<testsuite/>", "run": "#!/bin/sh\n"})
    return made


def checkouts(repository: GitRepository) -> GitCheckouts:
    """Checkouts beside the repository, so that a test sees what is left."""
    program = GitProgram(repository.path, os.environ)
    return GitCheckouts(
        program.common_folder,
        os.environ,
        object_folders=program.object_folders,
        root=repository.path.parent / "trees",
    )


def tree_of(repository: GitRepository, revision: str = "HEAD") -> TreeId:
    """Return the tree of a revision."""
    return TreeId(repository.head(f"{revision}^{{tree}}"))


def left(repository: GitRepository) -> list[str]:
    """Return the checkouts that are still there."""
    return sorted(each.name for each in (repository.path.parent / "trees").glob("tree-*"))


@pytest.mark.slow
def test_a_checkout_holds_the_tree_and_not_the_working_copy(repository: GitRepository) -> None:
    """What is not committed, and what git ignores, must not make a test pass. Several git processes."""
    repository.write("src/app.py", "changed and not committed\n")
    repository.write("left-over.txt", "x")
    with checkouts(repository).clean(tree_of(repository), commit=None) as checkout:
        folder = Path(checkout.folder)
        assert (folder / "src/app.py").read_text() == "one\n"
        assert not (folder / "left-over.txt").exists()
    assert left(repository) == []


@pytest.mark.slow
def test_the_head_is_the_commit_itself_when_it_has_the_tree(repository: GitRepository) -> None:
    """Tools that read versions from tags and history then see what a clone would show."""
    repository.git("tag", "v1.0")
    head = CommitId(repository.head())
    with checkouts(repository).clean(tree_of(repository), commit=head) as checkout:
        described = subprocess.run(
            ["git", "describe", "--tags"], cwd=checkout.folder, capture_output=True, text=True, check=True
        )
        status = subprocess.run(["git", "status", "--porcelain"], cwd=checkout.folder, capture_output=True, check=True)
    assert described.stdout == "v1.0\n"
    assert status.stdout == b""


@pytest.mark.slow
def test_a_merged_tree_that_no_commit_has_can_be_checked_out(repository: GitRepository) -> None:
    """The result tree of a change exists only in a scratch repository until it lands."""
    base = CommitId(repository.head())
    repository.branch("topic")
    head = CommitId(repository.commit({"new.py": "new\n"}))
    repository.checkout("main")
    base = CommitId(repository.commit({"other.py": "other\n"}))
    program = GitProgram(repository.path, os.environ)
    tree = program.merge(base, head).tree
    assert tree is not None
    trees = GitCheckouts(
        program.common_folder, os.environ, object_folders=program.object_folders, root=repository.path.parent / "trees"
    )
    with trees.clean(tree, commit=head) as checkout:
        names = {each.name for each in Path(checkout.folder).iterdir()}
    program.close()
    assert {"new.py", "other.py"} <= names


@pytest.mark.slow
def test_what_a_test_does_to_git_stays_in_the_checkout(repository: GitRepository) -> None:
    """Tests run `git config`, `git branch` and `git commit` in their folder; with a shared work tree that hits the user."""
    before = repository.git("for-each-ref"), (repository.path / ".git" / "config").read_bytes()
    with checkouts(repository).clean(tree_of(repository), commit=None) as checkout:
        for arguments in (["config", "user.email", "evil@example.org"], ["branch", "planted"], ["tag", "planted"]):
            subprocess.run(["git", *arguments], cwd=checkout.folder, check=True, capture_output=True)
    assert (repository.git("for-each-ref"), (repository.path / ".git" / "config").read_bytes()) == before
    assert repository.git("worktree", "list").count("\n") == 0


@pytest.mark.slow
def test_hooks_never_run(repository: GitRepository) -> None:
    """A checkout is made to look at a change, not to be steered by it."""
    hook = repository.path / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    planted = repository.path.parent / "ran"
    hook.write_text(f"#!/bin/sh\ntouch {planted}\n")
    hook.chmod(0o755)
    with checkouts(repository).clean(tree_of(repository), commit=None):
        pass
    assert not planted.exists()


@pytest.mark.slow
def test_a_checkout_goes_away_after_an_exception_and_with_unwritable_folders(repository: GitRepository) -> None:
    """A test that fails or locks its folder must not fill the disk run by run."""

    def break_off() -> None:
        with checkouts(repository).clean(tree_of(repository), commit=None) as checkout:
            locked = Path(checkout.folder) / "locked"
            locked.mkdir()
            (locked / "file").touch()
            locked.chmod(0o500)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    assert left(repository) == []


@pytest.mark.slow
def test_what_a_killed_rh_left_is_removed_by_the_next_one(repository: GitRepository) -> None:
    """`kill -9` runs no clean-up; a lock of the kernel tells the dead from the living."""
    program = textwrap.dedent(f"""
        import os, sys, time
        from pathlib import Path
        from release_harness.adapters.git_worktree import GitCheckouts
        trees = GitCheckouts(lambda: Path("{repository.path}/.git"), os.environ, root=Path("{repository.path.parent}/trees"))
        with trees.clean("{tree_of(repository)}", commit=None) as checkout:
            print("ready", flush=True)
            time.sleep(60)
    """)
    rh = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert rh.stdout is not None
    assert rh.stdout.readline() == b"ready\n"
    assert prune(repository.path.parent / "trees") == 0
    rh.send_signal(signal.SIGKILL)
    rh.wait()
    rh.stdout.close()
    assert len(left(repository)) == 1
    with checkouts(repository).clean(tree_of(repository), commit=None):
        assert len(left(repository)) == 1
    assert left(repository) == []


@pytest.mark.slow
def test_reports_are_collected_but_never_those_that_the_author_committed(repository: GitRepository) -> None:
    """A committed junit.xml that says all is well is a claim of the author, not a result."""
    with checkouts(repository).clean(tree_of(repository), commit=None) as checkout:
        (Path(checkout.reports) / "junit.xml").write_text("<testsuites/>")
        (Path(checkout.folder) / "reports" / "new.xml").write_text("<testsuite/>")
        found = checkout.collect(("{reports}/*.xml", "reports/*.xml"))
    assert [each.name for each in found] == ["reports/junit.xml", "reports/new.xml"]


@pytest.mark.slow
def test_links_and_pipes_among_the_reports_are_left_alone(repository: GitRepository, tmp_path: Path) -> None:
    """A link could make rh record a file of the user; opening a pipe would wait for ever."""
    secret = tmp_path / "secret.xml"
    secret.write_text("<testsuite/>")
    with checkouts(repository).clean(tree_of(repository), commit=None) as checkout:
        (Path(checkout.reports) / "link.xml").symlink_to(secret)
        os.mkfifo(Path(checkout.reports) / "pipe.xml")
        (Path(checkout.folder) / "out").symlink_to(tmp_path)
        assert checkout.collect(("{reports}/*.xml", "out/*.xml")) == ()


@pytest.mark.slow
@pytest.mark.parametrize("pattern", ["/etc/*.xml", "../*.xml", ""])
def test_a_pattern_that_leads_out_of_the_tree_is_refused(repository: GitRepository, pattern: str) -> None:
    """Patterns come from the repository."""
    with (
        checkouts(repository).clean(tree_of(repository), commit=None) as checkout,
        pytest.raises(InputError) as caught,
    ):
        checkout.collect((pattern,))
    assert caught.value.code == "REPORT_PATTERN"


@pytest.mark.slow
def test_a_tree_that_is_not_here_is_a_clear_error_and_leaves_nothing(repository: GitRepository) -> None:
    """A partial clone lacks objects; nothing may be tested in its place."""
    missing = TreeId("1" * 40)

    def enter() -> None:
        with checkouts(repository).clean(missing, commit=None):
            raise AssertionError

    with pytest.raises(OutsideError) as caught:
        enter()
    assert caught.value.code == "CHECKOUT_FAILED"
    assert left(repository) == []
