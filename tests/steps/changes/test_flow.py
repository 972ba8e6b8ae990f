"""Gathering a change from real repositories, in every state that repositories get into."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from release_harness.adapters.git import GitProgram
from release_harness.kernel.errors import HarnessError, InputError, NotFound, OutsideError
from release_harness.kernel.facts import FactValue, Known, Unknown
from release_harness.kernel.identity import ActorKind
from release_harness.steps.changes.flow import gather
from release_harness.steps.changes.model import Change, ChangeSpec, FileStatus
from release_harness.testing.git_repository import AGENT, BO, GitRepository

# Every test builds a real repository: 50 to 300 ms each.
pytestmark = pytest.mark.slow

ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}


@dataclass
class Needs:
    """What gathering needs, with the real git."""

    repository: GitProgram


@pytest.fixture
def repo(tmp_path: Path) -> GitRepository:
    """A repository with one commit on main."""
    repository = GitRepository.create(tmp_path / "repo")
    repository.commit({"app.py": "a = 1\nb = 2\nc = 3\n", "README.md": "# App\n"}, "first")
    return repository


def look(where: GitRepository | Path, revision: str = "", *, base: str = "", worktree: bool = False) -> Change:
    """Gather a change with a fresh program."""
    folder = where.path if isinstance(where, GitRepository) else where
    program = GitProgram(folder, ENVIRONMENT)
    try:
        return gather(Needs(program), ChangeSpec(revision=revision, base=base, worktree=worktree))
    finally:
        program.close()


def value(change: Change, name: str) -> FactValue:
    """Return a fact that must be known."""
    fact = change.facts[name]
    assert isinstance(fact, Known), fact
    return fact.value


def paths(change: Change) -> list[str]:
    """Return the paths of the changed files."""
    return [each.path for each in change.files]


def everything_below(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its content."""
    return {str(each): each.read_bytes() for each in sorted(folder.rglob("*")) if each.is_file()}


def test_a_branch_is_compared_with_the_default_branch(repo: GitRepository) -> None:
    """The usual case needs no argument at all."""
    repo.branch("feature")
    repo.commit({"app.py": "a = 1\nb = 3\nc = 3\n", "new.py": "x = 1\n"}, "Add x\n\nBecause.")
    change = look(repo)
    assert (change.branch, change.target, change.title) == ("feature", "main", "Add x")
    assert paths(change) == ["app.py", "new.py"]
    assert (change.lines_added, change.lines_removed) == (2, 1)
    assert change.lines[0].added == ((2, "b = 3"),)
    assert change.digests.result_tree == repo.head("HEAD^{tree}")
    assert (change.gaps, change.notes, change.listing_complete) == ((), (), True)
    assert value(change, "change.languages") == ("Python",)


def test_the_upstream_default_branch_wins_over_a_stale_local_one(repo: GitRepository, tmp_path: Path) -> None:
    """What lands upstream is what counts, also when the local main is behind."""
    clone = repo.clone(tmp_path / "clone")
    repo.commit({"upstream.txt": "u\n"}, "upstream")
    clone.git("fetch", "--quiet")
    clone.branch("feature", "origin/main")
    clone.commit({"mine.txt": "m\n"}, "mine")
    change = look(clone)
    assert (paths(change), change.target) == (["mine.txt"], "main")
    assert change.base == repo.head("main")


def test_a_landed_commit_is_judged_against_its_first_parent(repo: GitRepository) -> None:
    """`rh check <merge commit>` speaks of what the merge brought in, and says that it does."""
    repo.branch("feature")
    repo.commit({"f.py": "f = 1\n"}, "Feature work", author=AGENT)
    repo.checkout("main")
    repo.commit({"m.py": "m = 1\n"}, "main work")
    repo.git("merge", "--quiet", "--no-ff", "-m", "Merge pull request #7 from x/y\n\nExport as CSV", "feature")
    change = look(repo, "HEAD")
    assert paths(change) == ["f.py"]
    assert change.title == "Export as CSV"
    assert [each.kind for each in change.authors] == [ActorKind.AGENT]
    assert "judged against its first parent" in change.notes[0]
    assert look(repo, "HEAD~1").title == "main work"


def test_a_landed_branch_is_judged_as_what_landed(repo: GitRepository) -> None:
    """Its last commit alone is another content; that of the merge has the digests that evidence and approvals name."""
    repo.branch("feature")
    repo.commit({"f.py": "f = 1\n"}, "Feature work")
    repo.commit({"g.py": "g = 1\n"}, "More of it")
    repo.checkout("main")
    repo.commit({"m.py": "m = 1\n"}, "main work")
    before = look(repo, "feature")
    repo.git("merge", "--quiet", "--no-ff", "-m", "Merge feature", "feature")
    landing = repo.head("main")
    repo.branch("later")
    repo.commit({"l.py": "l = 1\n"}, "Later work")
    repo.checkout("main")
    repo.git("merge", "--quiet", "--no-ff", "-m", "Merge later", "later")

    after = look(repo, "feature")

    assert (after.head, after.branch, after.target) == (landing, "feature", "main")
    assert after.digests.change == before.digests.change
    assert after.digests.result_tree == before.digests.result_tree
    assert paths(after) == ["f.py", "g.py"]
    assert after.notes[0].endswith(f"has landed: {landing[:10]} brought it into main, and is what is judged here.")
    assert after.notes[2].startswith("It landed at 2")


def test_a_branch_on_the_line_of_its_target_is_judged_by_its_last_commit(repo: GitRepository) -> None:
    """A fast-forward leaves no commit that says what came in together."""
    repo.branch("feature")
    repo.commit({"f.py": "f = 1\n"}, "Feature work")
    repo.checkout("main")
    repo.git("merge", "--quiet", "--ff-only", "feature")
    repo.commit({"m.py": "m = 1\n"}, "main work")

    change = look(repo, "feature")

    assert (change.head, paths(change)) == (repo.head("feature"), ["f.py"])
    assert len(change.notes) == 1


def test_an_octopus_merge_is_compared_with_its_first_parent(repo: GitRepository) -> None:
    """More than two parents are no special case for content, and everybody's commits are listed."""
    for name in ("one", "two", "three"):
        repo.git("checkout", "--quiet", "-b", name, "main")
        repo.commit({f"{name}.py": "x = 1\n"}, name)
    repo.checkout("main")
    repo.git("merge", "--quiet", "--no-ff", "-m", "octopus", "one", "two", "three")
    change = look(repo, "main")
    assert paths(change) == ["one.py", "three.py", "two.py"]
    assert change.commits[0].parents_count == 4
    assert {each.subject for each in change.commits} == {"octopus", "one", "two", "three"}


def test_a_root_commit_adds_everything(repo: GitRepository) -> None:
    """The first commit has no base: the change digest is taken against the tree without files."""
    change = look(repo, "main")
    assert (change.base, change.merge_base) == (None, None)
    assert {each.status for each in change.files} == {FileStatus.ADDED}
    assert change.digests.change is not None
    assert "root commit" in change.notes[0]


def test_an_empty_commit_has_no_files_and_is_complete(repo: GitRepository) -> None:
    """Nothing changed is a fact, not a gap."""
    repo.branch("feature")
    repo.commit({}, "nothing")
    change = look(repo)
    assert (change.files, change.listing_complete, change.gaps) == ((), True, ())
    assert value(change, "change.files_count") == 0


def test_a_moved_base_is_merged_and_the_result_tree_is_that_of_the_merge(repo: GitRepository) -> None:
    """Tests bind to what main will hold, not to what the branch held."""
    repo.branch("feature")
    repo.commit({"f.py": "f = 1\n"}, "feature")
    repo.checkout("main")
    repo.commit({"m.py": "m = 1\n"}, "main moves")
    repo.checkout("feature")
    before = everything_below(repo.path)
    change = look(repo)
    assert everything_below(repo.path) == before
    repo.git("merge", "--quiet", "-m", "merge", "main")
    assert change.digests.result_tree == repo.head("HEAD^{tree}")
    assert paths(change) == ["f.py"]


def test_conflicts_are_listed_and_nothing_is_said_about_the_result(repo: GitRepository) -> None:
    """An approval cannot bind to a result that does not exist."""
    repo.branch("feature")
    repo.commit({"app.py": "a = 10\nb = 2\nc = 3\n"}, "ten")
    repo.checkout("main")
    repo.commit({"app.py": "a = 20\nb = 2\nc = 3\n"}, "twenty")
    change = look(repo, "feature")
    assert change.conflicts == ("app.py",)
    assert (change.digests.result_tree, change.digests.change) == (None, None)
    assert paths(change) == ["app.py"]


def test_a_range_names_base_and_head(repo: GitRepository) -> None:
    """A..B is what people type; three dots mean the same here."""
    first = repo.head()
    repo.commit({"two.py": "t = 2\n"}, "two")
    repo.commit({"three.py": "t = 3\n"}, "three")
    assert paths(look(repo, f"{first}..HEAD")) == ["three.py", "two.py"]
    assert paths(look(repo, f"{first}...HEAD")) == ["three.py", "two.py"]
    assert look(repo, f"{first}..main").target == ""
    assert paths(look(repo, "HEAD", base=first)) == ["three.py", "two.py"]
    assert look(repo, f"{first}..main").commits[0].subject == "three"


def test_unrelated_histories_are_unknown(repo: GitRepository) -> None:
    """Without a common ancestor nobody can say what the head changed."""
    repo.git("checkout", "--quiet", "--orphan", "other")
    repo.commit({"other.py": "o = 1\n"}, "other")
    change = look(repo)
    assert not change.listing_complete
    assert change.digests.change is None
    assert isinstance(change.facts["change.files_count"], Unknown)
    assert "no common ancestor" in change.gaps[0]


def test_a_shallow_clone_without_the_common_ancestor_says_so(repo: GitRepository, tmp_path: Path) -> None:
    """CI clones with depth 1; that must not look like a small change."""
    repo.branch("feature")
    repo.commit({"f.py": "f = 1\n"}, "feature")
    repo.checkout("main")
    repo.commit({"m.py": "m = 1\n"}, "main moves")
    shallow = tmp_path / "shallow"
    subprocess.run(
        ["git", "clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{repo.path}", str(shallow)],
        check=True,
        env=ENVIRONMENT,
    )
    change = look(shallow, "origin/feature")
    assert not change.listing_complete
    assert "shallow" in change.gaps[0]
    assert isinstance(change.facts["change.lines"], Unknown)


def test_a_commit_at_the_edge_of_a_shallow_clone_is_no_root_commit(repo: GitRepository, tmp_path: Path) -> None:
    """Its parent exists, only not here: calling everything new would be as wrong as calling nothing new."""
    repo.commit({"m.py": "m = 1\n"}, "second")
    shallow = tmp_path / "shallow"
    subprocess.run(
        ["git", "clone", "--quiet", "--depth=1", f"file://{repo.path}", str(shallow)], check=True, env=ENVIRONMENT
    )
    change = look(shallow, "HEAD")
    assert not change.listing_complete
    assert "shallow" in change.gaps[0]
    assert change.digests.change is None
    assert isinstance(change.facts["change.commits_count"], Unknown)


def test_a_detached_head_has_no_branch_but_is_judged(repo: GitRepository) -> None:
    """CI checks a commit out by its id."""
    repo.branch("feature")
    commit = repo.commit({"f.py": "f = 1\n"}, "feature")
    repo.checkout(commit)
    change = look(repo)
    assert (change.branch, change.target, paths(change)) == ("", "main", ["f.py"])


def test_a_repository_without_a_default_branch_is_judged_by_its_parent(tmp_path: Path) -> None:
    """Nobody is told that there is nothing to check because main is called otherwise."""
    repository = GitRepository.create(tmp_path / "odd")
    repository.git("symbolic-ref", "HEAD", "refs/heads/odd")
    repository.commit({"a": "1\n"}, "one")
    repository.commit({"b": "2\n"}, "two")
    change = look(repository)
    assert paths(change) == ["b"]
    assert "no branch to land on" in change.notes[0]


def test_a_default_branch_of_the_project_is_used_when_git_knows_none(tmp_path: Path) -> None:
    """The project file names what no convention can guess."""
    repository = GitRepository.create(tmp_path / "odd")
    repository.git("symbolic-ref", "HEAD", "refs/heads/stable")
    repository.commit({"a": "1\n"}, "one")
    repository.branch("feature")
    repository.commit({"b": "2\n"}, "two")
    program = GitProgram(repository.path, ENVIRONMENT)
    change = gather(Needs(program), ChangeSpec(), default_branch="stable")
    program.close()
    assert (change.target, change.notes) == ("stable", ())


def test_an_unborn_branch_says_what_to_do(tmp_path: Path) -> None:
    """A repository without a commit is the first thing that a newcomer has."""
    repository = GitRepository.create(tmp_path / "fresh")
    with pytest.raises(NotFound, match="has no commit yet") as caught:
        look(repository)
    assert caught.value.code == "REVISION_UNKNOWN"
    repository.write("a.py", "a = 1\n")
    change = look(repository, worktree=True)
    assert (paths(change), change.head, change.base) == (["a.py"], None, None)


def test_an_unknown_revision_names_what_is_near(repo: GitRepository) -> None:
    """A typing mistake is the most frequent mistake."""
    repo.branch("feature/export")
    with pytest.raises(NotFound) as caught:
        look(repo, "feature/exprot")
    assert caught.value.code == "REVISION_UNKNOWN"
    assert "feature/export" in caught.value.hint
    with pytest.raises(NotFound, match="nowhere"):
        look(repo, "nowhere..HEAD")


@pytest.mark.parametrize("name", ["--output=/tmp/pwned", "-h", "a\nb", "HEAD:app.py", "\x1b[31m", "HEAD^{tree}", ":/x"])
def test_hostile_revisions_are_names_that_do_not_exist(repo: GitRepository, name: str) -> None:
    """A revision is never an option, never two questions, and never something that is no commit."""
    with pytest.raises(NotFound) as caught:
        look(repo, name)
    assert caught.value.code == "REVISION_UNKNOWN"
    assert "\x1b" not in caught.value.says


def test_outside_of_a_repository_says_so(tmp_path: Path) -> None:
    """The first mistake of all."""
    with pytest.raises(NotFound) as caught:
        look(tmp_path)
    assert caught.value.code == "NOT_A_REPOSITORY"


def test_a_branch_wins_over_a_tag_of_the_same_name(repo: GitRepository) -> None:
    """A tag `main` must not change what a change is compared with."""
    repo.branch("feature")
    commit = repo.commit({"f.py": "f = 1\n"}, "feature")
    repo.git("tag", "main", commit)
    assert paths(look(repo, base="main")) == ["f.py"]
    assert paths(look(repo)) == ["f.py"]


def test_the_working_tree_is_read_without_touching_the_repository(repo: GitRepository) -> None:
    """Looking must never write: no object, no index refresh, no ref, also with untracked and ignored files."""
    repo.commit({".gitignore": "*.log\n"}, "ignore")
    repo.branch("feature")
    repo.commit({"f.py": "f = 1\n"}, "feature")
    repo.write("untracked.py", "u = 1\n")
    repo.write("debug.log", "ignored\n")
    repo.write("app.py", "a = 1\nb = 2\nc = 4\n")
    (repo.path / "README.md").unlink()
    before = everything_below(repo.path)
    change = look(repo, worktree=True)
    assert everything_below(repo.path) == before
    assert paths(change) == ["README.md", "app.py", "f.py", "untracked.py"]
    assert change.head is None
    assert [each.subject for each in change.commits] == ["feature"]
    assert change.authors[-1].email == "ana@example.org"


def test_a_working_tree_in_the_middle_of_a_merge_is_unknown(repo: GitRepository) -> None:
    """Conflict markers are no content to approve."""
    repo.branch("feature")
    repo.commit({"app.py": "a = 10\nb = 2\nc = 3\n"}, "ten")
    repo.checkout("main")
    repo.commit({"app.py": "a = 20\nb = 2\nc = 3\n"}, "twenty")
    with pytest.raises(RuntimeError):
        repo.git("merge", "feature")
    change = look(repo, worktree=True)
    assert not change.listing_complete
    assert "in conflict" in change.gaps[0]


def test_a_working_tree_behind_its_base_is_merged_like_a_commit(repo: GitRepository, tmp_path: Path) -> None:
    """What is not committed yet is judged as what would land."""
    clone = repo.clone(tmp_path / "clone")
    repo.commit({"upstream.txt": "u\n"}, "upstream")
    clone.git("fetch", "--quiet")
    clone.write("mine.txt", "m\n")
    change = look(clone, worktree=True)
    assert paths(change) == ["mine.txt"]
    assert change.digests.result_tree is not None


def test_a_bare_repository_has_no_working_tree_but_changes(repo: GitRepository, tmp_path: Path) -> None:
    """A server judges pushes in a bare repository."""
    repo.branch("feature")
    repo.commit({"f.py": "f = 1\n"}, "feature")
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "clone", "--quiet", "--bare", str(repo.path), str(bare)], check=True, env=ENVIRONMENT)
    assert paths(look(bare, "feature", base="main")) == ["f.py"]
    with pytest.raises(InputError) as caught:
        look(bare, worktree=True)
    assert caught.value.code == "NO_WORK_TREE"


def test_a_linked_work_tree_sees_its_own_branch(repo: GitRepository, tmp_path: Path) -> None:
    """Agents work in linked work trees."""
    linked = tmp_path / "linked"
    repo.git("worktree", "add", "--quiet", "-b", "agent", str(linked))
    inside = GitRepository(linked, 50)
    inside.commit({"a.py": "a = 2\n"}, "agent work")
    inside.write("b.py", "b = 1\n")
    assert (look(linked).branch, paths(look(linked))) == ("agent", ["a.py"])
    assert paths(look(linked, worktree=True)) == ["a.py", "b.py"]


def test_a_sha256_repository_is_like_any_other(tmp_path: Path) -> None:
    """Object ids of 64 digits fit everywhere."""
    folder = tmp_path / "sha256"
    folder.mkdir()
    repository = GitRepository(folder)
    repository.git("init", "--quiet", "--object-format=sha256", "--initial-branch=main")
    repository.commit({"a.py": "a = 1\n"}, "one")
    repository.branch("feature")
    repository.commit({"b.py": "b = 1\n"}, "two")
    change = look(repository)
    assert paths(change) == ["b.py"]
    assert len(change.files[0].new_blob) == 64
    assert paths(look(repository, "main")) == ["a.py"]


def test_a_corrupt_object_is_named(repo: GitRepository) -> None:
    """A damaged repository must say so, never show a smaller change."""
    repo.branch("feature")
    repo.commit({"f.py": "f = 1\n"}, "feature")
    tree = repo.head("HEAD^{tree}")
    damaged = repo.path / ".git" / "objects" / tree[:2] / tree[2:]
    damaged.chmod(0o644)
    damaged.write_bytes(b"garbage")
    with pytest.raises(OutsideError) as caught:
        look(repo)
    assert caught.value.code == "GIT_OBJECT_CORRUPT"


def test_a_corrupt_commit_is_named(repo: GitRepository) -> None:
    """A head that cannot be read is damage, not a revision that nobody knows."""
    repo.branch("feature")
    commit = repo.commit({"f.py": "f = 1\n"}, "feature")
    damaged = repo.path / ".git" / "objects" / commit[:2] / commit[2:]
    damaged.chmod(0o644)
    damaged.write_bytes(b"garbage")
    with pytest.raises(HarnessError) as caught:
        look(repo)
    assert caught.value.code in ("GIT_OBJECT_CORRUPT", "GIT_OBJECT_MISSING")


def test_replace_refs_and_grafts_do_not_change_what_is_seen(repo: GitRepository) -> None:
    """A replaced commit exists in one clone only; what is approved is what everybody sees."""
    base = repo.head()
    repo.branch("feature")
    commit = repo.commit({"evil.py": "evil = 1\n"}, "feature")
    plain = look(repo)
    tree = repo.head(f"{base}^{{tree}}")
    harmless = repo.git("commit-tree", tree, "-p", base, "-m", "feature")
    repo.git("replace", commit, harmless)
    assert look(repo) == plain
    repo.git("replace", "--delete", commit)
    (repo.path / ".git" / "info" / "grafts").write_text(f"{commit}\n")
    assert look(repo) == plain


def test_variables_of_the_caller_that_change_diffs_are_ignored(repo: GitRepository) -> None:
    """A variable in somebody's shell must not change what an approval binds to."""
    repo.branch("feature")
    repo.commit({"app.py": "a = 2\n"}, "two")
    plain = look(repo)
    hostile = {"GIT_EXTERNAL_DIFF": "false", "GIT_DIFF_OPTS": "-u9", "GIT_LITERAL_PATHSPECS": "1", "GIT_NAMESPACE": "x"}
    program = GitProgram(repo.path, {**ENVIRONMENT, **hostile, "GIT_PAGER": "false", "GIT_TRACE": "1"})
    assert gather(Needs(program), ChangeSpec()) == plain
    program.close()


def test_the_diff_is_the_same_from_any_folder_and_without_a_work_tree(repo: GitRepository, tmp_path: Path) -> None:
    """Where a command was started is not part of the content."""
    repo.branch("feature")
    repo.commit({"deep/er/x.py": "x = 1\n"}, "deep")
    assert look(repo.path / "deep" / "er") == look(repo)
    moved = tmp_path / "moved repo: with\nodd name"
    shutil.move(repo.path, moved)
    assert paths(look(moved)) == ["deep/er/x.py"]


def test_the_authors_of_all_commits_and_trailers_are_named_once(repo: GitRepository) -> None:
    """Separation of duties needs everybody who wrote a part, also those in the middle of a squashed message."""
    repo.branch("feature")
    repo.commit(
        {"a.py": "a = 1\n"},
        "one\n\nCo-authored-by: Claude <noreply@anthropic.com>\n\n* more\n\nRequested-by: Clara <clara@example.org>",
    )
    repo.commit({"b.py": "b = 1\n"}, "two", author=BO)
    change = look(repo)
    assert {(each.kind, each.id) for each in change.authors} == {
        (ActorKind.UNKNOWN, "ana@example.org"),
        (ActorKind.UNKNOWN, "bo@example.org"),
        (ActorKind.AGENT, "claude"),
    }
    assert change.requester is not None
    assert change.requester.email == "clara@example.org"
    assert value(change, "change.author_kind") == "mixed"


def test_no_scratch_folder_is_left_behind(repo: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking a thousand times must not fill the disk."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    repo.branch("feature")
    repo.commit({"f.py": "f = 1\n"}, "feature")
    look(repo)
    assert not [each for each in tmp_path.iterdir() if each.name.startswith("rh-")]
