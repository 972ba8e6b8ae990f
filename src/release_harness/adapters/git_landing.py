"""Landing through the `git` program: asks for tips and moves branches by compare-and-swap only."""

from pathlib import Path

from release_harness.adapters.git.failures import GitFailed, explain
from release_harness.adapters.git.process import run_git
from release_harness.adapters.git_commits import GitCommits
from release_harness.kernel.digests import CommitId, TreeId
from release_harness.kernel.errors import OutsideError
from release_harness.kernel.paths import show_text
from release_harness.steps.merge.model import (
    Culprit,
    MoveAnswer,
    MoveOutcome,
    Place,
    PushAnswer,
    PushOutcome,
)

_NETWORK_SECONDS = 600.0
_WORDS = 1200
_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")


class GitLanding(GitCommits):
    """Implements the LandingRepository port."""

    def remotes(self) -> tuple[str, ...]:
        """Return the names of the remotes."""
        return tuple(self._ask("remote").split())

    def remote_of(self, branch: str) -> str:
        """Return the remote that a branch follows; `.` stands for this repository and is none."""
        name = self._setting(f"branch.{branch}.remote")
        return name if name in self.remotes() else ""

    def default_branch(self, remote: str) -> str:
        """Return the branch that the remote calls its default, else the main branch of this repository."""
        if remote:
            found = self._try("symbolic-ref", "--quiet", f"refs/remotes/{remote}/HEAD")
            prefix = f"refs/remotes/{remote}/"
            if found is not None and found.startswith(prefix):
                return found.removeprefix(prefix)
        wanted = [self._setting("init.defaultBranch"), "main", "master", "trunk", "develop"]
        places = [f"refs/remotes/{remote}/"] if remote else []
        for name in dict.fromkeys(filter(None, wanted)):
            for place in (*places, "refs/heads/"):
                if self._ref(place + name) is not None:
                    return name
        return ""

    def is_branch_name(self, name: str) -> bool:
        """Tell whether git accepts the name for a branch."""
        plain = not name.startswith("-") and not set(name) & set("@{}\n")
        return plain and self._try("check-ref-format", f"refs/heads/{name}") is not None

    def current_branch(self) -> str:
        """Return the short name of the checked-out branch."""
        return (self._try("symbolic-ref", "--quiet", "HEAD") or "").removeprefix("refs/heads/")

    def commit_of(self, revision: str) -> CommitId | None:
        """Return the commit that a revision stands for right now."""
        if set(revision) & {"\n", "\0"}:
            return None
        found = self._try("rev-parse", "--quiet", "--verify", "--end-of-options", f"{revision or 'HEAD'}^{{commit}}")
        return CommitId(found) if found else None

    def fetch_tip(self, place: Place) -> CommitId | None:
        """Return where the branch stands now, asking the remote if there is one."""
        if not place.remote:
            return self._ref(f"refs/heads/{place.branch}")
        kept = f"refs/rh/tips/{place.remote}/{place.branch}"
        try:
            self._run(
                *("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-gc"),
                *("--end-of-options", place.remote, f"+refs/heads/{place.branch}:{kept}"),
                seconds=_NETWORK_SECONDS,
            )
        except GitFailed as failure:
            if "couldn't find remote ref" in failure.said:
                return None
            raise OutsideError(
                code="REMOTE_UNREACHABLE",
                says=f"{show_text(place.remote)} could not be asked for {show_text(place.branch)}: {failure.said}",
                hint="Check the connection and the credentials, then run the same command again.",
                subject=place.name,
            ) from failure
        return self._ref(kept)

    def is_ancestor(self, old: CommitId, new: CommitId) -> bool:
        """Tell whether the new commit contains the old one."""
        try:
            self._run("merge-base", "--is-ancestor", old, new)
        except GitFailed as failure:
            if failure.status == 1:
                return False
            raise explain(failure, str(self._folder)) from failure
        return True

    def first_parents(self, old: CommitId, new: CommitId, limit_count: int) -> tuple[Culprit, ...]:
        """Return the landings after `old` up to `new` along first parents, oldest first."""
        listed = self._ask(
            *("log", "-z", "--first-parent", f"--max-count={limit_count}", "--format=tformat:%H %s"),
            *("--end-of-options", f"{old}..{new}", "--"),
        )
        pairs = [each.partition(" ") for each in listed.split("\0") if each]
        return tuple(Culprit(commit=CommitId(commit), subject=subject) for commit, _, subject in reversed(pairs))

    def commits_between(self, old: CommitId, new: CommitId, limit_count: int) -> tuple[CommitId, ...]:
        """Return the commits that the new one contains and the old one does not, newest first."""
        listed = self._ask("rev-list", f"--max-count={limit_count}", "--end-of-options", new, f"^{old}", "--")
        return tuple(CommitId(each) for each in listed.split())

    def changed_paths(self, old: TreeId, new: TreeId) -> frozenset[str]:
        """Return the paths that differ between two trees, without rename detection."""
        if old == new:
            return frozenset()
        listed = self._ask("diff-tree", "-r", "-z", "--name-only", "--no-renames", "--end-of-options", old, new)
        return frozenset(each for each in listed.split("\0") if each)

    def push(self, place: Place, commit: CommitId, tip: CommitId) -> PushAnswer:
        """Move the branch of the remote from the tip to the commit; what became of it is told by looking again."""
        ref = f"refs/heads/{place.branch}"
        words = ""
        try:
            self._run(
                *("push", "--porcelain", "--no-follow-tags", "--recurse-submodules=no"),
                *(f"--force-with-lease={ref}:{tip}", "--end-of-options", place.remote, f"{commit}:{ref}"),
                seconds=_NETWORK_SECONDS,
            )
        except GitFailed as failure:
            words = _words_of(failure)
            refused = _rejected(failure)
        except OutsideError as error:
            words, refused = error.says, False
        else:
            return PushAnswer(outcome=PushOutcome.DONE)
        return self._look_again(place, commit, tip, words, refused=refused)

    def move(self, branch: str, commit: CommitId, tip: CommitId | None) -> MoveAnswer:
        """Move the branch of this repository forward to the commit, or leave it alone and say why."""
        ref = f"refs/heads/{branch}"
        stands = self._ref(ref)
        if stands is None:
            return MoveAnswer(outcome=MoveOutcome.ABSENT, says=f"There is no local branch {show_text(branch)}.")
        if stands == commit or self.is_ancestor(commit, stands):
            return MoveAnswer(outcome=MoveOutcome.DONE)
        if (tip is not None and stands != tip) or not self.is_ancestor(stands, commit):
            says = f"The local branch {show_text(branch)} stands at {stands[:12]}, which is not below {commit[:12]}; it was left there."
            return MoveAnswer(outcome=MoveOutcome.STALE, says=says)
        folder = self._checked_out(branch)
        if folder is not None:
            return self._bring_along(folder, branch, commit)
        try:
            self._run("update-ref", "-m", "rh land", ref, commit, stands)
        except GitFailed as failure:
            return MoveAnswer(outcome=MoveOutcome.STALE, says=failure.said)
        return MoveAnswer(outcome=MoveOutcome.DONE)

    def _look_again(self, place: Place, commit: CommitId, tip: CommitId, words: str, *, refused: bool) -> PushAnswer:
        try:
            now = self.fetch_tip(place)
        except OutsideError as error:
            return PushAnswer(outcome=PushOutcome.UNREACHABLE, says=f"{words}; {error.says}".strip("; "))
        if now is not None and (now == commit or self.is_ancestor(commit, now)):
            return PushAnswer(outcome=PushOutcome.DONE)
        if now != tip:
            return PushAnswer(outcome=PushOutcome.STALE, says=words)
        return PushAnswer(outcome=PushOutcome.REFUSED if refused else PushOutcome.UNREACHABLE, says=words)

    def _checked_out(self, branch: str) -> Path | None:
        listed = self._ask("worktree", "list", "--porcelain", "-z")
        for entry in listed.split("\0\0"):
            lines = entry.split("\0")
            if f"branch refs/heads/{branch}" in lines and "bare" not in lines:
                return Path(lines[0].removeprefix("worktree "))
        return None

    def _bring_along(self, folder: Path, branch: str, commit: CommitId) -> MoveAnswer:
        environment = {name: value for name, value in self._environment.items() if name not in _ELSEWHERE}
        try:
            run_git(
                ["merge", "--ff-only", "--quiet", "--no-verify-signatures", commit],
                folder=folder,
                environment=environment,
            )
        except GitFailed as failure:
            if self._ref(f"refs/heads/{branch}") == commit:
                return MoveAnswer(outcome=MoveOutcome.DONE, says=failure.said)
            return MoveAnswer(
                outcome=MoveOutcome.BLOCKED,
                says=f"its work tree {show_text(str(folder))} was left as it is: {failure.said}",
            )
        except OutsideError as error:
            return MoveAnswer(outcome=MoveOutcome.BLOCKED, says=error.says)
        return MoveAnswer(outcome=MoveOutcome.DONE)

    def _setting(self, name: str) -> str:
        return self._try("config", "--get", name) or ""

    def _ref(self, name: str) -> CommitId | None:
        found = self._try("rev-parse", "--quiet", "--verify", "--end-of-options", f"{name}^{{commit}}")
        return CommitId(found) if found else None


def _rejected(failure: GitFailed) -> bool:
    """Tell whether the other side answered `no`, as against not answering."""
    return any(line.startswith("!\t") for line in failure.printed.decode("utf-8", "replace").split("\n"))


def _words_of(failure: GitFailed) -> str:
    """Return what the remote and git said about a push: the remote's own lines when it spoke, else git's."""
    lines = [line for line in failure.printed.decode("utf-8", "surrogateescape").split("\n") if line.startswith("!\t")]
    status = "; ".join(show_text(line.split("\t")[-1]) for line in lines)
    said = [part.strip() for part in failure.said.split("; ")]
    spoken = [part.removeprefix("remote:").strip() for part in said if part.startswith("remote:")]
    own = [part for part in said if not part.startswith(("remote:", "hint:", "error: failed to push some refs"))]
    words = " ".join(part for part in spoken if part) or "; ".join(own)
    return f"{status}: {words}".strip(": ")[:_WORDS]
