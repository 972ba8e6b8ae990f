"""Clean checkouts of a tree, in folders of their own that always go away.

A checkout has a git directory of its own that borrows the objects of the repository. `git worktree add` would be
shorter, but a work tree shares configuration and branches with the repository: a test that runs `git config` or
`git branch` in its folder would change those of the user. Hooks never run; nothing is fetched.
"""

import fcntl
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path

from release_harness.adapters.commands import interrupts_raise
from release_harness.adapters.git_checkout import Checkout
from release_harness.kernel.digests import CommitId, TreeId
from release_harness.kernel.errors import OutsideError
from release_harness.kernel.paths import decode_path, show_text

_LOCK = "lock"
_PROBE_MODULE = "rh_pytest_probe"
_TRACER = "rh_tracer"

_IDENTITY = {
    "GIT_AUTHOR_NAME": "rh",
    "GIT_AUTHOR_EMAIL": "rh@localhost",
    "GIT_COMMITTER_NAME": "rh",
    "GIT_COMMITTER_EMAIL": "rh@localhost",
    "GIT_AUTHOR_DATE": "1000000000 +0000",
    "GIT_COMMITTER_DATE": "1000000000 +0000",
}
"""Fixed, so that the same tree gives the same commit id on every machine."""


class GitCheckouts:
    """Implements the WorkTrees port with the git program."""

    def __init__(
        self,
        common_folder: Callable[[], Path],
        environment: Mapping[str, str],
        *,
        object_folders: Callable[[], Sequence[str]] = tuple,
        root: Path | None = None,
    ) -> None:
        """Checkouts are made below `root`, by default a folder of this user among the temporary files.

        `object_folders` names further places of objects, such as the scratch repository in which trees are merged.
        """
        self._find_common_folder = common_folder
        self._object_folders = object_folders
        self._environment = {name: value for name, value in environment.items() if not name.startswith("GIT_")}
        self._root = root

    @cached_property
    def _common(self) -> Path:
        return self._find_common_folder().resolve()

    @contextmanager
    def clean(self, tree: TreeId, *, commit: CommitId | None) -> Iterator["Checkout"]:
        """Check the tree out into a new folder; `commit` becomes HEAD when it has exactly this tree."""
        with interrupts_raise():
            root = self._root or _own_folder(self._environment)
            root.mkdir(parents=True, exist_ok=True)
            with (root / _LOCK).open("w") as door:
                # Nobody prunes between the making of a folder and the taking of its lock.
                fcntl.flock(door, fcntl.LOCK_EX)
                prune(root)
                folder = Path(tempfile.mkdtemp(dir=root, prefix="tree-"))
                lock = (folder / _LOCK).open("w")
                # This lock is the kernel's: it goes away with this process, however that ends.
                fcntl.flock(lock, fcntl.LOCK_EX)
            with lock:
                try:
                    yield self._fill(folder, tree, commit)
                finally:
                    _remove(folder)

    def _fill(self, folder: Path, tree: TreeId, commit: CommitId | None) -> "Checkout":
        for name in ("tree", "reports", "probe"):
            (folder / name).mkdir()
        work = folder / "tree"
        self._init(work)
        head = commit if commit is not None and self._has_tree(commit, tree) else self._commit(work, tree, commit)
        self._git("update-ref", "--no-deref", "HEAD", head, folder=work)
        self._git("read-tree", "--reset", "-u", "--end-of-options", tree, folder=work)
        probe = Path(__file__).with_name("pytest_probe.py").read_bytes()
        (folder / "probe" / f"{_PROBE_MODULE}.py").write_bytes(probe)
        for source in Path(__file__).with_name(_TRACER).glob("*.py"):
            (folder / "probe" / _TRACER).mkdir(exist_ok=True)
            (folder / "probe" / _TRACER / source.name).write_bytes(source.read_bytes())
        return Checkout(folder, self._tracked(work))

    def _has_tree(self, commit: CommitId, tree: TreeId) -> bool:
        return self._git("rev-parse", "--verify", "--quiet", f"{commit}^{{tree}}", check=False) == tree

    def _init(self, work: Path) -> None:
        """Make a git directory that borrows the objects, the tags and the shallow boundary of the repository."""
        kind = self._git("rev-parse", "--show-object-format") or "sha1"
        self._git("init", "--quiet", "--template=", f"--object-format={kind}", folder=work)
        own = work / ".git"
        (own / "objects" / "info").mkdir(parents=True, exist_ok=True)
        borrowed = dict.fromkeys([str(self._common / "objects"), *self._object_folders()])
        lines = b"".join(_quote(each) + b"\n" for each in borrowed)
        (own / "objects" / "info" / "alternates").write_bytes(lines)
        if (self._common / "shallow").exists():
            shutil.copyfile(self._common / "shallow", own / "shallow")
        if (self._common / "lfs").is_dir():
            self._git("config", "lfs.storage", str(self._common / "lfs"), folder=work)
        tags = self._git("for-each-ref", "--format=%(objectname) %(refname)", "refs/tags")
        if tags:
            (own / "packed-refs").write_bytes(b"# pack-refs with: sorted \n" + os.fsencode(tags) + b"\n")

    def _commit(self, work: Path, tree: TreeId, parent: CommitId | None) -> str:
        parents = ["-p", parent] if parent is not None else []
        return self._git("commit-tree", *parents, "-m", "Result tree", tree, folder=work)

    def _tracked(self, work: Path) -> frozenset[str]:
        return frozenset(decode_path(name) for name in self._git_bytes("ls-files", "-z", folder=work).split(b"\0"))

    def _git(self, *arguments: str, folder: Path | None = None, check: bool = True) -> str:
        return self._git_bytes(*arguments, folder=folder, check=check).decode("utf-8", "surrogateescape").rstrip("\n")

    def _git_bytes(self, *arguments: str, folder: Path | None = None, check: bool = True) -> bytes:
        place = ["-C", str(folder)] if folder else [f"--git-dir={self._common}"]
        finished = subprocess.run(
            ["git", *place, "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", *arguments],
            env={**self._environment, **_IDENTITY, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        if finished.returncode and check:
            said = show_text(finished.stderr.decode("utf-8", "replace").strip().replace("\n", "; "))
            raise OutsideError(
                code="CHECKOUT_FAILED",
                says=f"git {arguments[0]} failed while the tree was checked out: {said}.",
                hint="Run `git fsck`; a partial or shallow clone may lack objects that `git fetch` brings.",
                retryable=False,
            )
        return finished.stdout if not finished.returncode else b""


def _quote(path: str) -> bytes:
    """Write a path for `objects/info/alternates`, quoted as C does when git would misread it."""
    plain = os.fsencode(path)
    if plain.startswith((b'"', b"#")) or b"\n" in plain:
        inner = plain.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
        return b'"' + inner + b'"'
    return plain


def prune(root: Path) -> int:
    """Remove checkouts whose process is gone; return how many."""
    removed = 0
    for folder in sorted(root.glob("tree-*")):
        if _is_abandoned(folder):
            _remove(folder)
            removed += 1
    return removed


def _is_abandoned(folder: Path) -> bool:
    """Tell whether nobody holds the lock; the caller holds the lock of the root, so a folder without one is a ruin."""
    try:
        with (folder / _LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return True
    except (BlockingIOError, PermissionError):
        return False
    return True


def _remove(folder: Path) -> None:
    """Remove a checkout, also folders that a test made unwritable; the lock goes last."""

    def make_writable(_function: object, path: str, _error: object) -> None:
        with suppress(OSError):
            parent = Path(path).parent
            parent.chmod(0o700)
            if not Path(path).is_symlink():
                Path(path).chmod(0o700)
            shutil.rmtree(path) if Path(path).is_dir() else Path(path).unlink()

    for name in ("tree", "reports", "probe"):
        shutil.rmtree(folder / name, onerror=make_writable)
    shutil.rmtree(folder, ignore_errors=True)


def _own_folder(environment: Mapping[str, str]) -> Path:
    """Return a folder that only this user can write to, so that nobody else can slip a checkout in."""
    folder = Path(environment.get("TMPDIR") or tempfile.gettempdir()).resolve() / f"rh-{os.getuid()}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid() or facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise OutsideError(
            code="TEMPORARY_FOLDER_UNSAFE",
            says=f"{folder} belongs to somebody else or can be written to by others.",
            hint="Remove it, or point TMPDIR to a folder of your own.",
            retryable=False,
        )
    return folder / "trees"
