"""Reading any commit of a real repository into facts."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from release_harness.app import Application
from release_harness.steps.evidence.flow.index import IndexedTree, tree_facts
from release_harness.steps.evidence.impact.facts import facts_to_bytes
from release_harness.steps.evidence.impact.tree import SourceTree
from release_harness.testing.git_repository import GitRepository
from release_harness.testing.progress import RecordedProgress


@contextmanager
def command(folder: Path, **environment: str) -> Iterator[Application]:
    """Give an application as one command has it."""
    application = Application(folder, {"RH_PROCESSES": "1", **environment}, RecordedProgress())
    with closing(application.repository), closing(application.facts_cache):
        yield application


def everything(tree: IndexedTree) -> dict[str, bytes]:
    """Return the facts of all files as bytes."""
    return {path: facts_to_bytes(tree.facts(path)) for path in tree.blobs}


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    """A repository with one commit of two files."""
    made = GitRepository.create(tmp_path / "work")
    made.commit({"app/main.py": "import app.db\n\ndef run(): app.db.load()\n", "app/db.py": "def load(): ...\n"})
    return made


@pytest.mark.slow
def test_a_commit_is_read_without_being_checked_out(repository: GitRepository) -> None:
    """Slow, because it runs git: rh compares base and head, and only one of them can be in the work tree."""
    first = repository.head()
    repository.commit({"app/db.py": "def changed(): ...\n", "README.md": "words"})
    with command(repository.path) as needs:
        tree = tree_facts(needs, first)
        assert [each.qualname for each in tree.facts("app/db.py").symbols] == ["", "load"]
        assert list(tree.blobs) == ["app/db.py", "app/main.py"]
        assert tree.read_text("app/db.py") == "def load(): ...\n"
        assert (tree.read_text("README.md"), tree.read_text("gone.py")) == (None, None)
        assert tree_facts(needs, "HEAD").read_text("README.md") == "words"


@pytest.mark.slow
def test_the_same_bytes_in_memory_give_the_same_facts_and_ids(repository: GitRepository) -> None:
    """Slow, because it runs git: tests and library users see what commands see."""
    memory = SourceTree({name: (repository.path / name).read_bytes() for name in ("app/main.py", "app/db.py")})
    with command(repository.path) as needs:
        tree = tree_facts(needs, "HEAD")
        assert tree.blobs == memory.blobs
        assert all(tree.facts(path) == memory.facts(path) for path in memory.blobs)
        assert tree.counts == memory.counts


@pytest.mark.slow
def test_a_warm_answer_equals_a_cold_one_byte_for_byte(repository: GitRepository) -> None:
    """Slow, because it reads several commits twice: a cache that answers differently would be worse than none."""
    commits = [repository.head()]
    for number in range(4):
        files = {
            f"pkg/m{number}.py": f"def f{number}(a: 'T' = g(z={number}, b=1)):\n    return f'/x/{{a}}'\n",
            "app/db.py": f"class Db{number}:\n    async def load(self): yield {number}\n",
            "odd.py": "def broken(:\n  x = = 1\n" if number % 2 else "print 'two'\n",
            "latin.py": "x = '\xe9'\n".encode("latin-1"),
            "notes.ipynb": '{"cells": [{"cell_type": "code", "source": "import app"}]}',
            "api.ts": f"export function route{number}() {{ return {number} }}\n",
        }
        commits.append(repository.commit(files))
    with command(repository.path) as needs:
        warm = {commit: everything(tree_facts(needs, commit)) for commit in commits}
    with command(repository.path) as needs:
        again = {commit: everything(tree_facts(needs, commit)) for commit in reversed(commits)}
        counts = tree_facts(needs, commits[-1]).counts
    for commit in commits:
        for file in (repository.path / ".git" / "rh" / "cache").iterdir():
            file.unlink()
        with command(repository.path) as needs:
            tree = tree_facts(needs, commit)
            assert everything(tree) == warm[commit] == again[commit]
            assert tree.counts == counts or commit != commits[-1]


@pytest.mark.slow
def test_only_new_contents_are_read(repository: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slow, because it runs git: the price of a commit is the price of its own files, in every work tree and branch."""
    read: list[int] = []
    repository.commit({f"many/m{number}.py": f"x = {number}\n" for number in range(30)})
    with command(repository.path) as needs:
        tree_facts(needs, "HEAD")
    repository.commit({"many/m3.py": "x = 'changed'\n", "moved.py": "x = 4\n"})
    other = repository.path.parent / "other"
    repository.git("worktree", "add", "--quiet", "--detach", str(other))
    with command(other) as needs:
        found = needs.repository.read_blobs

        def counted(blobs: list[str], *, limit_bytes: int) -> object:
            read.append(len(blobs))
            return found(blobs, limit_bytes=limit_bytes)  # type: ignore[arg-type]

        monkeypatch.setattr(needs.repository, "read_blobs", counted)
        assert len(tree_facts(needs, "HEAD").blobs) == 33
    assert read == [1]


@pytest.mark.slow
def test_what_is_not_read_is_counted_by_cause(repository: GitRepository) -> None:
    """Slow, because it runs git: an answer without denominators says nothing."""
    repository.write("link.py", "x")
    (repository.path / "link.py").unlink()
    (repository.path / "link.py").symlink_to("app/db.py")
    (repository.path / "loop").symlink_to(".")
    repository.commit(
        {
            "node_modules/left-pad/index.js": "module.exports = 1\n",
            "static/app.min.js": "var a=1\n",
            "static/page.js": "var a=1;" * 5000,
            "big.py": b"x = 1\n" * 700_000,
            "half.py": "def f(:\n",
        }
    )
    head = repository.head()
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{head},vendored/lib")
    repository.git("commit", "--quiet", "-m", "submodule")
    with command(repository.path) as needs:
        counts = tree_facts(needs, "HEAD").counts
    with command(repository.path) as needs:
        assert tree_facts(needs, "HEAD").counts == counts
    assert (counts.files_count, counts.parsed_count, counts.partial_count) == (5, 3, 1)
    assert counts.failed == ("big.py", "static/page.js")
    assert dict(counts.left_out) == {
        "larger than 4 MB": ("big.py",),
        "library copied in under node_modules/": ("node_modules/left-pad/index.js",),
        "made by a program, by its name": ("static/app.min.js",),
        "minified": ("static/page.js",),
        "submodule": ("vendored/lib",),
        "symbolic link": ("link.py", "loop"),
    }


@pytest.mark.slow
def test_contents_that_a_partial_clone_lacks_are_named(repository: GitRepository) -> None:
    """Slow, because it runs git: a missing file must never look like an empty one, nor stay so once it is fetched."""
    blob = repository.git("rev-parse", "HEAD:app/db.py")
    file = repository.path / ".git" / "objects" / blob[:2] / blob[2:]
    aside = file.rename(repository.path.parent / "aside")
    with command(repository.path) as needs:
        tree = tree_facts(needs, "HEAD")
        assert tree.counts.left_out == {"its content is not in this clone": ("app/db.py",)}
        assert tree.counts.failed == ("app/db.py",)
        assert tree.facts("app/db.py").parser == ""
    aside.rename(file)
    with command(repository.path) as needs:
        assert tree_facts(needs, "HEAD").counts.failed == ()


@pytest.mark.slow
def test_many_files_are_read_by_several_processes_with_a_bar(repository: GitRepository) -> None:
    """Slow, because it starts processes: a cold run of a large repository takes seconds, and people want to see it move."""
    repository.commit({f"many/m{number}.py": f"def f{number}(): pass\n" for number in range(260)})
    with command(repository.path, RH_PROCESSES="2") as needs:
        tree = tree_facts(needs, "HEAD")
        assert [tree.facts(f"many/m{number}.py").symbols[1].qualname for number in (0, 259)] == ["f0", "f259"]
        progress = needs.progress
        assert isinstance(progress, RecordedProgress)
        assert (progress.tasks, progress.done_count) == (["Reading source files (262)"], 262)
    with command(repository.path) as needs:
        assert everything(tree_facts(needs, "HEAD")) == everything(tree)
