"""The git program as an adapter: clear errors for what is outside of rh, and no trust in what was cut short."""

import os
import stat
from pathlib import Path

import pytest

from release_harness.adapters.git import GitProgram
from release_harness.adapters.git.environment import caller_environment, scratch_environment
from release_harness.adapters.git.failures import GitFailed, explain
from release_harness.adapters.git.process import run_git, run_git_up_to
from release_harness.kernel.digests import ObjectId
from release_harness.kernel.errors import InputError, NotFound, OutsideError
from release_harness.testing.git_repository import GitRepository

# Every test builds a real repository: 50 to 300 ms each.
pytestmark = pytest.mark.slow

ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}


@pytest.fixture
def repo(tmp_path: Path) -> GitRepository:
    """A repository with one commit."""
    repository = GitRepository.create(tmp_path / "repo")
    repository.commit({"a.txt": "a\n", "dir/b.txt": "b\n", "big.bin": b"\0" * 200_000}, "first")
    return repository


def pretend_git(folder: Path, script: str) -> dict[str, str]:
    """Put a program called `git` on the PATH that does what the script says."""
    folder.mkdir()
    program = folder / "git"
    program.write_text("#!/bin/sh\n" + script)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return {"PATH": f"{folder}:/usr/bin:/bin"}


def test_a_machine_without_git_says_so(repo: GitRepository, tmp_path: Path) -> None:
    """The traceback of a missing program helps nobody."""
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(OutsideError) as caught:
        GitProgram(repo.path, {"PATH": str(empty)}).state()
    assert caught.value.code == "GIT_NOT_FOUND"


def test_a_folder_that_is_gone_is_not_a_missing_git(tmp_path: Path) -> None:
    """Python reports both with the same exception."""
    with pytest.raises(NotFound) as caught:
        GitProgram(tmp_path / "gone", ENVIRONMENT).state()
    assert caught.value.code == "FOLDER_MISSING"


@pytest.mark.slow
def test_a_git_that_hangs_is_stopped(tmp_path: Path) -> None:
    """Slow because it waits for the limit: a network disk can hang for ever, a gate must not."""
    environment = pretend_git(tmp_path / "bin", "exec sleep 30\n")
    with pytest.raises(OutsideError) as caught:
        run_git(["log"], folder=tmp_path, environment=environment, seconds=0.2)
    assert (caught.value.code, caught.value.retryable) == ("GIT_TIMEOUT", True)
    with pytest.raises(OutsideError) as caught:
        run_git_up_to(["log"], 100, folder=tmp_path, environment=environment, seconds=0.2)
    assert caught.value.code == "GIT_TIMEOUT"


def test_output_before_a_failure_is_not_believed(tmp_path: Path) -> None:
    """`git log --numstat` prints a part of the history before it stops at a missing blob."""
    environment = pretend_git(tmp_path / "bin", "echo part\necho 'fatal: unable to read abc' >&2\nexit 128\n")
    with pytest.raises(GitFailed) as caught:
        run_git_up_to(["log"], 1_000_000, folder=tmp_path, environment=environment)
    assert caught.value.object_unreadable


def test_more_than_the_limit_is_cut_and_says_so_even_with_loud_complaints(tmp_path: Path) -> None:
    """A megabyte on stderr must not block git while only stdout is read."""
    script = "i=0\nwhile [ $i -lt 2000 ]; do echo 0123456789012345678901234567890123456789012345678901234567890123 >&2; i=$((i+1)); done\nexec yes\n"
    environment = pretend_git(tmp_path / "bin", script)
    found = run_git_up_to(["log"], 5_000_000, folder=tmp_path, environment=environment)
    assert (len(found.text), found.complete) == (5_000_000, False)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("fatal: detected dubious ownership in repository at '/x'", "GIT_DUBIOUS_OWNERSHIP"),
        ("fatal: not a git repository (or any of the parent directories): .git", "NOT_A_REPOSITORY"),
        ("error: object file .git/objects/ab/cd is empty", "GIT_OBJECT_CORRUPT"),
        ("error: inflate: data stream error (incorrect header check)", "GIT_OBJECT_CORRUPT"),
        ("fatal: unable to read 0123456789", "GIT_OBJECT_MISSING"),
        ("fatal: something else", "GIT_FAILED"),
    ],
)
def test_complaints_become_codes(said: str, code: str) -> None:
    """Scripts and people act on the code, not on git's words."""
    assert explain(GitFailed(["log"], 128, said.encode()), "/x").code == code


def test_complaints_cannot_write_to_the_terminal() -> None:
    """A file name in an error message may hold escape codes."""
    error = explain(GitFailed(["log"], 128, b"fatal: \x1b]0;owned\x07"), "/x")
    assert "\x1b" not in error.says


def test_the_environment_keeps_places_and_drops_what_changes_answers() -> None:
    """A hook sets GIT_DIR on purpose; GIT_EXTERNAL_DIFF is somebody's taste."""
    kept = caller_environment({"GIT_DIR": "/r/.git", "GIT_EXTERNAL_DIFF": "x", "GIT_CONFIG_KEY_0": "a", "HOME": "/h"})
    assert kept["GIT_DIR"] == "/r/.git"
    assert kept["HOME"] == "/h"
    assert "GIT_EXTERNAL_DIFF" not in kept
    scratch = scratch_environment({"GIT_DIR": "/r/.git", "GIT_CONFIG_KEY_0": "a", "GIT_INDEX_FILE": "i"}, "/scratch")
    assert scratch["GIT_DIR"] == "/scratch"
    assert not {"GIT_CONFIG_KEY_0", "GIT_INDEX_FILE"} & set(scratch)


def test_git_dir_of_a_hook_is_respected(repo: GitRepository, tmp_path: Path) -> None:
    """A server hook runs with GIT_DIR and in another folder."""
    program = GitProgram(tmp_path, {**ENVIRONMENT, "GIT_DIR": str(repo.path / ".git")})
    assert program.resolve(["main"]) == {"main": repo.head()}
    assert program.read_file(repo.head(), "a.txt") == b"a\n"
    program.close()


def test_files_of_a_tree_are_read_by_any_name(repo: GitRepository) -> None:
    """Folders are no files, missing files are None, and a name with a line end is one question."""
    (repo.path / "odd\nname").write_text("odd\n")
    commit = repo.commit({}, "odd")
    program = GitProgram(repo.path, ENVIRONMENT)
    assert program.read_file(commit, "odd\nname") == b"odd\n"
    assert program.read_file(commit, "none\nhere") is None
    assert program.read_file("main", "dir/b.txt") == b"b\n"
    assert program.read_file(commit, "dir") is None
    assert program.read_file(commit, "../a.txt") is None
    assert program.read_file(commit, "gone") is None
    assert program.list_paths(commit) == ("a.txt", "big.bin", "dir/b.txt", "odd\nname")
    program.close()


def test_the_reader_answers_in_order_around_objects_that_are_too_long(repo: GitRepository) -> None:
    """A long blob stops the process that prints it; the answers behind it must not shift or get lost."""
    names = ["a.txt", "big.bin", "gone", "dir/b.txt", "big.bin", "a.txt"]
    program = GitProgram(repo.path, ENVIRONMENT)
    found = program.read_files(repo.head(), names, limit_bytes=100)
    assert found == {"a.txt": b"a\n", "dir/b.txt": b"b\n"}
    blob = ObjectId(repo.head("HEAD:big.bin"))
    start = program.read_blobs([blob], limit_bytes=100)[blob]
    assert (start.size_bytes, len(start.start), start.whole) == (200_000, 8_000, False)
    program.close()


def test_thousands_of_questions_do_not_block_the_pipe(repo: GitRepository) -> None:
    """Questions and answers share two small pipes; writing too many before reading would hang for ever."""
    names = [f"{'missing' * 20}/{number}" for number in range(5_000)]
    program = GitProgram(repo.path, ENVIRONMENT)
    assert program.read_files(repo.head(), [*names, "a.txt"], limit_bytes=100) == {"a.txt": b"a\n"}
    program.close()


def test_a_file_above_the_limit_is_refused_with_its_name(repo: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy of 10 MB is an attack or a mistake; neither may fill the memory."""
    monkeypatch.setattr("release_harness.adapters.git.program.FILE_LIMIT_BYTES", 1_000)
    program = GitProgram(repo.path, ENVIRONMENT)
    with pytest.raises(InputError) as caught:
        program.read_file(repo.head(), "big.bin")
    assert caught.value.code == "FILE_TOO_LARGE"
    program.close()


def test_kept_objects_are_in_the_repository_afterwards(repo: GitRepository) -> None:
    """Landing pushes the very tree that was tested, so it has to leave the scratch repository."""
    repo.branch("feature")
    head = repo.commit({"f": "f\n"}, "feature")
    repo.checkout("main")
    base = repo.commit({"m": "m\n"}, "main")
    program = GitProgram(repo.path, ENVIRONMENT)
    tree = program.merge(program.resolve([base])[base], program.resolve([head])[head]).tree
    with pytest.raises(RuntimeError):
        repo.git("cat-file", "-t", str(tree))
    program.keep_objects()
    assert repo.git("cat-file", "-t", str(tree)) == "tree"
    program.close()


def test_a_scratch_folder_that_cannot_be_made_is_an_outside_error(
    repo: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full or read-only disk for temporary files is nobody's bug."""
    monkeypatch.setattr("tempfile.tempdir", "/proc/nowhere")
    with pytest.raises(OutsideError) as caught:
        GitProgram(repo.path, ENVIRONMENT).tree_of(GitProgram(repo.path, ENVIRONMENT).resolve(["main"])["main"])
    assert caught.value.code == "SCRATCH_FOLDER_FAILED"


def test_a_git_without_merge_tree_leaves_the_result_unknown(repo: GitRepository, tmp_path: Path) -> None:
    """An older git must not be a reason to guess what lands."""
    repo.branch("feature")
    head = repo.commit({"f": "f\n"}, "feature")
    repo.checkout("main")
    base = repo.commit({"m": "m\n"}, "main")
    real = next(f"{each}/git" for each in os.environ["PATH"].split(":") if Path(each, "git").exists())
    script = f'if [ "$1" = merge-tree ]; then echo "usage: git merge-tree <base> <one> <two>" >&2; exit 129; fi\nexec {real} "$@"\n'
    environment = {**ENVIRONMENT, **pretend_git(tmp_path / "bin", script)}
    program = GitProgram(repo.path, environment)
    commits = program.resolve([base, head])
    outcome = program.merge(commits[base], commits[head])
    assert outcome.tree is None
    assert "2.38" in outcome.problem
    program.close()


def test_words_are_found_beside_files_whose_content_is_not_here(repo: GitRepository) -> None:
    """A partial clone must not stop the search; what can be read is read."""
    commit = repo.commit({"gone.txt": "a word\n", "here.txt": "the word\n"}, "words")
    blob = repo.git("rev-parse", f"{commit}:gone.txt").strip()
    (repo.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    found = GitProgram(repo.path, ENVIRONMENT).grep(commit, ["word"], limit_bytes=10_000)
    assert found.complete
    assert b"here.txt" in found.text
    assert b"gone.txt" not in found.text
