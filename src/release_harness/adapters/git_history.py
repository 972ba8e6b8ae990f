"""The history of a branch, read with few processes however long it is."""

import os
import re
from collections.abc import Mapping, Sequence

from release_harness.adapters.git import GitProgram
from release_harness.kernel.digests import CommitId, ObjectId, TreeId
from release_harness.steps.changes.model import LogOutput

_FIELDS = "%H%x00%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%B"
_FILES = ("--raw", "--no-renames", "--no-abbrev", "--no-ext-diff", "--no-textconv", "--no-color")
_NAMED = re.compile(r"([0-9a-f]{40,64}) \((?:tags/)?([^)~^]+)[^)]*\)")
_PAIRS_AT_ONCE_COUNT = 50
_MOST_PROCESSES = 8
_RELEASE = re.compile(r"\d")


class GitHistory:
    """Implements the History port with the git program."""

    def __init__(self, git: GitProgram) -> None:
        """`git` is the repository that everything is read from."""
        self._git = git

    def landings(self, tip: CommitId, excluded: CommitId | None, *, limit_count: int) -> LogOutput:
        """Return the first-parent commits with their files against the first parent, newest first.

        Lines are not counted here: `git log --numstat` stops at the first blob that is missing, after printing a part of
        the history, and uses one core only.
        """
        walk = ["log", "-z", "--first-parent", "-m", f"--max-count={limit_count}", f"--format=tformat:%T%x00{_FIELDS}"]
        names = ["--end-of-options", tip, *([f"^{excluded}"] if excluded else []), "--"]
        return LogOutput(output=self._git.run_on_objects(*walk, *_FILES, *names))

    def commits(self, tip: CommitId, excluded: Sequence[CommitId]) -> LogOutput:
        """Return every commit of the tip that none of the excluded ones has, newest first."""
        barred = [f"^{each}" for each in excluded]
        format_ = f"--format=tformat:{_FIELDS}"
        return LogOutput(output=self._git.run_on_objects("log", "-z", format_, "--end-of-options", tip, *barred, "--"))

    def missing_blobs(self, blobs: Sequence[ObjectId]) -> frozenset[ObjectId]:
        """Return those blobs that are not in this clone."""
        question = "".join(f"{each}\n" for each in blobs).encode()
        answers = self._git.run_on_objects("cat-file", "--batch-check", "--buffer", stdin=question).decode().split("\n")
        return frozenset(
            blob for blob, answer in zip(blobs, answers, strict=False) if answer.endswith((" missing", " ambiguous"))
        )

    def numbers(self, pairs: Sequence[tuple[TreeId, TreeId]]) -> bytes:
        """Return the numbers of lines between pairs of trees, all of whose blobs are here; on every core that there is."""
        from concurrent.futures import ThreadPoolExecutor

        pieces = [pairs[start : start + _PAIRS_AT_ONCE_COUNT] for start in range(0, len(pairs), _PAIRS_AT_ONCE_COUNT)]
        self._git.empty_tree()
        with ThreadPoolExecutor(max_workers=min(os.cpu_count() or 1, _MOST_PROCESSES)) as pool:
            return b"".join(pool.map(self._count, pieces))

    def _count(self, pairs: Sequence[tuple[TreeId, TreeId]]) -> bytes:
        question = "".join(f"{old} {new}\n" for old, new in pairs).encode()
        return self._git.run_on_objects("diff-tree", "--stdin", "-r", "-z", "--numstat", "--no-renames", stdin=question)

    def empty_tree(self) -> TreeId:
        """Return the id of the tree without files."""
        return self._git.empty_tree()

    def releases(self, commits: Sequence[CommitId]) -> Mapping[CommitId, str]:
        """Return the oldest tag that is known to hold each commit; tags without a number are no releases."""
        if not self._git.run("for-each-ref", "--count=1", "--format=%(refname)", "refs/tags").strip():
            return {}
        question = "".join(f"{each}\n" for each in commits).encode()
        named = self._git.run("name-rev", "--tags", "--annotate-stdin", stdin=question).decode(
            "utf-8", "surrogateescape"
        )
        return {CommitId(commit): tag for commit, tag in _NAMED.findall(named) if _RELEASE.search(tag)}
