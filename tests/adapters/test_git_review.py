"""What review reads from git: contents, branches that wait, and whether a commit has landed."""

import hashlib
import os
from pathlib import Path

import pytest

from release_harness.adapters.git import GitProgram
from release_harness.adapters.git_review import GitReview
from release_harness.kernel.digests import CommitId
from release_harness.kernel.errors import OutsideError
from release_harness.steps.changes.flow import gather
from release_harness.steps.changes.model import ChangeSpec, FileChange
from release_harness.testing.git_repository import GitRepository

pytestmark = pytest.mark.slow  # each test starts a dozen git processes


class Needs:
    """A repository and nothing else."""

    def __init__(self, folder: Path) -> None:
        """Open it."""
        self.repository = GitProgram(folder, {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1"})

    def files(self, revision: str = "topic") -> tuple[FileChange, ...]:
        """Return the files of a change onto main."""
        return gather(self, ChangeSpec(revision=revision, base="main")).files


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    """A repository with a topic that adds, changes, deletes and links files."""
    made = GitRepository.create(tmp_path / "repository")
    made.commit({"a.py": "a = 1\n", "gone.py": "x\n"}, "Start")
    made.branch("topic")
    (made.path / "link").symlink_to("a.py")
    made.commit({"a.py": "a = 2\n", "gone.py": None, "big.bin": b"\0" * 3_000_000, "ümlaut\n.txt": "u\n"}, "Change")
    return made


def test_the_content_digest_is_over_path_kind_and_sha256_of_every_new_content(repository: GitRepository) -> None:
    """Anybody can compute it again with sha256sum; large files are part of it."""
    needs = Needs(repository.path)
    rows = [
        (b"a.py", b"file", hashlib.sha256(b"a = 2\n").hexdigest()),
        (b"big.bin", b"file", hashlib.sha256(b"\0" * 3_000_000).hexdigest()),
        (b"gone.py", b"absent", ""),
        (b"link", b"symlink", hashlib.sha256(b"a.py").hexdigest()),
        ("ümlaut\n.txt".encode(), b"file", hashlib.sha256(b"u\n").hexdigest()),
    ]
    whole = hashlib.sha256(b"".join(b"\0".join((path, kind, digest.encode())) + b"\n" for path, kind, digest in rows))
    digest = GitReview(needs.repository).content_digest(needs.files())
    assert digest == "sha256:" + whole.hexdigest()
    assert GitReview(needs.repository).content_digest(tuple(reversed(needs.files()))) == digest


def test_a_missing_content_is_said_and_never_skipped(repository: GitRepository) -> None:
    """A digest over what happens to be here would be the digest of something else."""
    needs = Needs(repository.path)
    files = needs.files()
    blob = next(each.new_blob for each in files if each.path == "a.py")
    (repository.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(OutsideError) as caught:
        GitReview(Needs(repository.path).repository).content_digest(files)
    assert caught.value.code == "CONTENT_MISSING"


def test_branches_ahead_come_oldest_first_and_the_rest_is_named(repository: GitRepository) -> None:
    """Merged branches wait for nobody; what is past the limit is named."""
    repository.git("branch", "merged", "main")
    repository.branch("later", "main")
    repository.commit({"b.py": "b\n"}, "Later")
    main = CommitId(repository.head("main"))
    review = GitReview(Needs(repository.path).repository)
    tips, rest = review.branches_ahead(main, limit_count=10)
    assert [(tip.name, tip.title) for tip in tips] == [("topic", "Change"), ("later", "Later")]
    assert rest == ()
    tips, rest = review.branches_ahead(main, limit_count=1)
    assert ([tip.name for tip in tips], rest) == (["topic"], ("later",))


def test_a_commit_has_landed_when_the_target_holds_it(repository: GitRepository) -> None:
    """A commit that is not here is neither landed nor not landed."""
    review = GitReview(Needs(repository.path).repository)
    main, topic = CommitId(repository.head("main")), CommitId(repository.head("topic"))
    assert review.is_landed(main, topic) is True
    assert review.is_landed(main, main) is True
    assert review.is_landed(topic, main) is False
    assert review.is_landed(CommitId("1" * 40), main) is None
