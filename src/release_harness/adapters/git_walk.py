"""Walks a first-parent history with the git program, a few thousand commits to a process."""

import os
from collections.abc import Sequence

from release_harness.adapters.git import GitProgram
from release_harness.adapters.git_history import GitHistory
from release_harness.kernel.digests import CommitId, ObjectId
from release_harness.kernel.errors import OutsideError

_MOST_PROCESSES = 8
_FORMAT = "--format=tformat:%H%x00%T%x00%P%x00%ae%x00%ct%x00%B"


class GitWalk:
    """Implements the HistoryWalk port."""

    def __init__(self, git: GitProgram, history: GitHistory) -> None:
        """`git` is the repository that everything is read from; `history` knows which blobs are here."""
        self._git = git
        self._history = history

    def chain(self, tip: str) -> tuple[str, ...]:
        """Return the first-parent commits of a tip, the oldest first."""
        listed = self._git.run_on_objects("rev-list", "--first-parent", "--end-of-options", tip, "--")
        return tuple(reversed(listed.decode("ascii").split()))

    def messages(self, tip: str, excluded: str | None) -> bytes:
        """Return every commit that the tip has and the excluded one has not.

        The excluded one lies on the first-parent line of the tip. Where clocks ran backwards git may print commits that the
        excluded one has as well, but never leaves one out; who reads them knows the older ones already.
        """
        barred = [f"^{excluded}"] if excluded else []
        return self._git.run_on_objects("log", "-z", _FORMAT, "--end-of-options", tip, *barred, "--")

    def raw(self, pairs: Sequence[tuple[str, str]]) -> bytes:
        """Return the raw records between pairs of trees, without rename detection."""
        return self._git.run_on_objects(
            *("diff-tree", "--stdin", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--no-ext-diff"),
            stdin="".join(f"{old} {new}\n" for old, new in pairs).encode(),
        )

    def line_numbers(self, pairs: Sequence[tuple[str, str]]) -> bytes | None:
        """Return the numbers of lines between pairs of trees; None when an object is missing or damaged."""
        from concurrent.futures import ThreadPoolExecutor

        self._git.empty_tree()
        cores = min(os.cpu_count() or 1, _MOST_PROCESSES)
        # One process for each core: every further one reads the same packed objects again, a third more work in all.
        length = max(-(-len(pairs) // cores), 1)
        pieces = [pairs[start : start + length] for start in range(0, len(pairs), length)]
        try:
            with ThreadPoolExecutor(max_workers=cores) as pool:
                return b"".join(pool.map(self._count, pieces))
        except OutsideError as error:
            if error.code in ("GIT_OBJECT_MISSING", "GIT_OBJECT_CORRUPT"):
                return None
            raise

    def _count(self, pairs: Sequence[tuple[str, str]]) -> bytes:
        question = "".join(f"{old} {new}\n" for old, new in pairs).encode()
        return self._git.run_on_objects("diff-tree", "--stdin", "-r", "-z", "--numstat", "--no-renames", stdin=question)

    def missing(self, blobs: Sequence[str]) -> frozenset[str]:
        """Return those blobs that are not in this clone."""
        return frozenset(self._history.missing_blobs([ObjectId(each) for each in blobs]))

    def tree_of(self, commit: str) -> str:
        """Return the tree of a commit."""
        return self._git.tree_of(CommitId(commit))

    def empty_tree(self) -> str:
        """Return the id of the tree without files."""
        return self._git.empty_tree()
