"""Makes the commits that land: a merge, a squash or a replay, each with an id that is known beforehand."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from release_harness.adapters.git.environment import caller_environment
from release_harness.adapters.git.failures import GitFailed, explain
from release_harness.adapters.git.process import run_git
from release_harness.kernel.digests import CommitId, TreeId
from release_harness.steps.changes.model import MergeOutcome
from release_harness.steps.merge.model import Draft, Method

WriteMessage = Callable[[Draft, str], str]
Merge = Callable[[CommitId, CommitId], MergeOutcome]

_COMMITTER = ("release-harness", "release-harness@localhost")
"""Fixed, so that the id of a made commit hangs on the change and the tip alone; who landed it is in the ledger."""


class GitCommits:
    """Reads commits and makes new ones; no branch moves."""

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        *,
        merge: Merge,
        keep_objects: Callable[[], None],
        write_message: WriteMessage,
    ) -> None:
        """`merge` merges two commits without a work tree, and `keep_objects` puts what that made into the repository."""
        self._folder = folder
        self._environment = caller_environment(environment)
        self._merge = merge
        self._keep_objects = keep_objects
        self._write_message = write_message

    def tree_of(self, commit: CommitId) -> TreeId:
        """Return the tree of a commit."""
        return TreeId(self._ask("rev-parse", "--verify", f"{commit}^{{tree}}"))

    def parents_of(self, commit: CommitId) -> tuple[CommitId, ...]:
        """Return the parents of a commit."""
        return tuple(CommitId(each) for each in self._ask("rev-list", "--parents", "--max-count=1", commit).split()[1:])

    def build(self, draft: Draft) -> CommitId | None:
        """Make the commit object; no branch moves."""
        self._keep_objects()
        if draft.method is Method.REBASE:
            return self._replay(draft)
        parents = (draft.tip, draft.head) if draft.method is Method.MERGE else (draft.tip,)
        when = max(self._seconds_of(draft.tip), self._seconds_of(draft.head))
        author = (draft.author.name, draft.author.email, f"{when} +0000")
        return self._commit(draft.tree, parents, self._write_message(draft, ""), author, when)

    def _replay(self, draft: Draft) -> CommitId | None:
        """Replay the commits of the change one by one; None unless they end at the tree that was judged."""
        listed = self._ask("rev-list", "--reverse", "--topo-order", "--no-merges", f"{draft.tip}..{draft.head}").split()
        onto = draft.tip
        for place, each in enumerate(listed, 1):
            parents = self.parents_of(CommitId(each))
            if not parents:
                return None
            tree = self._replayed_tree(onto, CommitId(each), parents[0])
            if tree is None or (place == len(listed) and tree != draft.tree):
                return None
            author, body = self._author_and_message(CommitId(each))
            when = max(self._seconds_of(onto), self._seconds_of(CommitId(each)))
            message = self._with_trailers(draft, body) if place == len(listed) else body
            onto = self._commit(tree, (onto,), message, author, when)
        return onto if listed else None

    def _replayed_tree(self, onto: CommitId, commit: CommitId, parent: CommitId) -> TreeId | None:
        # git 2.39 has no `merge-tree --merge-base`: a stand-in for `onto` with the right parent makes it the merge base.
        when = self._seconds_of(onto)
        stand_in = self._commit(self.tree_of(onto), (parent,), "stand-in\n", (*_COMMITTER, f"{when} +0000"), when)
        merged = self._merge(stand_in, commit)
        self._keep_objects()
        return merged.tree

    def _with_trailers(self, draft: Draft, body: str) -> str:
        subject, _, rest = body.partition("\n")
        again = Draft(
            method=draft.method,
            tree=draft.tree,
            tip=draft.tip,
            head=draft.head,
            subject=subject.strip() or draft.subject,
            trailers=draft.trailers,
            author=draft.author,
        )
        return self._write_message(again, rest)

    def _author_and_message(self, commit: CommitId) -> tuple[tuple[str, str, str], str]:
        shown = self._run(
            *("log", "--max-count=1", "--encoding=UTF-8", "--format=tformat:%an%x00%ae%x00%ad%x00%B"),
            *("--date=raw", "--end-of-options", commit, "--"),
        )
        name, email, date, message = shown.decode("utf-8", "surrogateescape").split("\0", 3)
        return (name, email, date), message.removesuffix("\n")

    def _commit(
        self, tree: TreeId, parents: Sequence[CommitId], message: str, author: tuple[str, str, str], when: int
    ) -> CommitId:
        people = {
            "GIT_AUTHOR_NAME": author[0] or "unknown",
            "GIT_AUTHOR_EMAIL": author[1] or "unknown",
            "GIT_AUTHOR_DATE": author[2],
            "GIT_COMMITTER_NAME": _COMMITTER[0],
            "GIT_COMMITTER_EMAIL": _COMMITTER[1],
            "GIT_COMMITTER_DATE": f"{when} +0000",
        }
        named = [each for parent in parents for each in ("-p", parent)]
        text = message.replace("\0", " ").encode("utf-8", "backslashreplace")
        made = self._run(
            *("-c", "i18n.commitEncoding=UTF-8", "commit-tree", "--no-gpg-sign", *named, "-F", "-", tree),
            stdin=text,
            extra=people,
        )
        return CommitId(made.decode("ascii").strip())

    def _seconds_of(self, commit: CommitId) -> int:
        return int(self._ask("log", "--max-count=1", "--format=tformat:%ct", "--end-of-options", commit, "--"))

    def _try(self, *arguments: str) -> str | None:
        try:
            return self._text(self._run(*arguments))
        except GitFailed as failure:
            if (
                failure.status in (1, 128)
                and not failure.object_unreadable
                and "not a git repository" not in failure.said
            ):
                return None
            raise explain(failure, str(self._folder)) from failure

    def _ask(self, *arguments: str) -> str:
        try:
            return self._text(self._run(*arguments))
        except GitFailed as failure:
            raise explain(failure, str(self._folder)) from failure

    def _run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        seconds: float = 300.0,
        extra: Mapping[str, str] | None = None,
    ) -> bytes:
        environment = {**self._environment, **(extra or {})}
        if arguments[0] in ("push", "fetch"):
            # The other side may be a process of this machine: it would answer with advice about our settings.
            environment.pop("GIT_GRAFT_FILE", None)
        return run_git(arguments, folder=self._folder, environment=environment, stdin=stdin, seconds=seconds)

    @staticmethod
    def _text(output: bytes) -> str:
        return output.decode("utf-8", "surrogateescape").removesuffix("\n")
