"""The history of a branch, read with few processes however long it is."""

import re
from collections.abc import Mapping, Sequence

from release_harness.adapters.git import GitProgram
from release_harness.kernel.digests import CommitId, ObjectId, TreeId
from release_harness.steps.changes.model import LogOutput
from release_harness.steps.report.model import HistoryOutput

_FIELDS = "%H%x00%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%B"
_FILES = ("--raw", "--no-renames", "--no-abbrev", "--no-ext-diff", "--no-textconv", "--no-color")
_NAMED = re.compile(r"([0-9a-f]{40,64}) \((?:tags/)?([^)~^]+)[^)]*\)")
_RELEASE = re.compile(r"\d")


class GitHistory:
    """Implements the History port with the git program."""

    def __init__(self, git: GitProgram) -> None:
        """`git` is the repository that everything is read from."""
        self._git = git

    def landings(self, tip: CommitId, excluded: CommitId | None, *, limit_count: int) -> HistoryOutput:
        """Return the first-parent commits with their files against the first parent, newest first.

        `git log --numstat` stops at the first blob that is missing, after printing a part of the history; so its status is
        looked at, and the walk is made again without numbers.
        """
        walk = ["log", "-z", "--first-parent", "-m", f"--max-count={limit_count}", f"--format=tformat:%T%x00{_FIELDS}"]
        names = ["--end-of-options", tip, *([f"^{excluded}"] if excluded else []), "--"]
        found = self._git.try_on_objects(*walk, *_FILES, "--numstat", *names)
        if found is not None:
            return HistoryOutput(output=found)
        whole = self._git.run_on_objects(*walk, *_FILES, *names)
        return HistoryOutput(output=whole, problem="some blobs are not in this clone")

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
        """Return the numbers of lines between pairs of trees, all of whose blobs are here."""
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
