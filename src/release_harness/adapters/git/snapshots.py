"""Makes a tree of the working tree without touching the index, the objects or the files of the repository."""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from release_harness.adapters.git.failures import GitFailed
from release_harness.adapters.git.process import run_git
from release_harness.kernel.digests import CommitId, TreeId
from release_harness.kernel.paths import decode_path
from release_harness.steps.changes.model import Snapshot

_QUIET = (
    # A file-system monitor is a program that the repository's settings name; looking must not start it.
    *("-c", "core.fsmonitor=false"),
    # A split index would write its shared half into the repository.
    *("-c", "core.splitIndex=false"),
    *("-c", "core.safecrlf=false"),
    *("-c", "advice.addEmbeddedRepo=false"),
)
_NOBODY = {
    "GIT_AUTHOR_NAME": "rh",
    "GIT_AUTHOR_EMAIL": "rh@localhost",
    "GIT_AUTHOR_DATE": "1000000000 +0000",
    "GIT_COMMITTER_NAME": "rh",
    "GIT_COMMITTER_EMAIL": "rh@localhost",
    "GIT_COMMITTER_DATE": "1000000000 +0000",
}
"""The same working tree always makes the same commit."""


def take_snapshot(folder: Path, environment: Mapping[str, str], scratch_folder: Path, head: str | None) -> Snapshot:
    """Add everything that is not ignored to a copy of the index, and write its tree into the scratch repository."""
    top = _ask(folder, environment, "rev-parse", "--show-toplevel")
    index = _ask(folder, environment, "rev-parse", "--path-format=absolute", "--git-path", "index")
    with tempfile.TemporaryDirectory(prefix="rh-index-") as kept:
        own = {
            **environment,
            "GIT_INDEX_FILE": str(Path(kept) / "index"),
            "GIT_OBJECT_DIRECTORY": str(scratch_folder / "objects"),
        }
        if Path(index).is_file():
            # The copy keeps what git knows about unchanged files, so that they are not read again.
            shutil.copy2(index, own["GIT_INDEX_FILE"])
        place = Path(top)
        listed = run_git([*_QUIET, "ls-files", "--unmerged", "-z"], folder=place, environment=own)
        unmerged = {decode_path(each.partition(b"\t")[2]) for each in listed.split(b"\0") if each}
        problem = ""
        try:
            run_git([*_QUIET, "add", "--all", "--ignore-errors", "--", "."], folder=place, environment=own)
        except GitFailed as failure:
            if "insufficient permission" in failure.said or "No space left" in failure.said:
                raise
            problem = f"Some files of the working tree could not be read: {failure.said}"
        tree = run_git([*_QUIET, "write-tree", "--missing-ok"], folder=place, environment=own).decode().strip()
        parents = ["-p", head] if head else []
        commit = run_git(["commit-tree", tree, *parents], folder=place, environment={**own, **_NOBODY}).decode().strip()
    return Snapshot(tree=TreeId(tree), commit=CommitId(commit), unmerged=tuple(sorted(unmerged)), problem=problem)


def join_commits(folder: Path, environment: Mapping[str, str], tree: TreeId, parents: Sequence[CommitId]) -> CommitId:
    """Make a commit of a tree where the environment says that objects go."""
    named = [each for parent in parents for each in ("-p", parent)]
    made = run_git(["commit-tree", "-m", "Joined", *named, tree], folder=folder, environment={**environment, **_NOBODY})
    return CommitId(made.decode().strip())


def _ask(folder: Path, environment: Mapping[str, str], *arguments: str) -> str:
    return (
        run_git(arguments, folder=folder, environment=environment).decode("utf-8", "surrogateescape").removesuffix("\n")
    )
