"""Names, settings and the kind of one repository: what only the repository itself can answer."""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from release_harness.adapters.git.environment import caller_environment
from release_harness.adapters.git.failures import GitFailed, explain
from release_harness.adapters.git.process import run_git
from release_harness.kernel.digests import CommitId
from release_harness.kernel.paths import encode_path
from release_harness.steps.changes.model import RepositoryState

HEX_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_NEAR_LIMIT_COUNT = 20_000


class GitNames:
    """Asks a repository for its refs and settings, in a clean environment."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """`folder` is anywhere inside the repository; nothing is started before it is asked for."""
        self._folder = folder
        self._environment = caller_environment(environment)

    def state(self) -> RepositoryState:
        """Say what kind of repository it is; raises NotFound outside of one."""
        return self._state

    def common_folder(self) -> Path:
        """Return the git folder that all work trees share."""
        return Path(self._state.common_folder)

    def setting(self, name: str) -> str:
        """Return the last value of a git setting, or an empty text."""
        return self._settings.get(name, "")

    def settings(self) -> Mapping[str, str]:
        """Return every git setting with its last value."""
        return self._settings

    def symbolic_target(self, ref: str) -> str:
        """Return the full name of the ref that a symbolic ref points to, or an empty text."""
        try:
            return self._real("symbolic-ref", "--quiet", ref).decode("utf-8", "surrogateescape").strip()
        except GitFailed as failure:
            if failure.status == 1:
                return ""
            raise explain(failure, str(self._folder)) from failure

    def resolve(self, names: Sequence[str]) -> Mapping[str, CommitId]:
        """Return the commits of those names that stand for one."""
        asked = [name for name in dict.fromkeys(names) if name and not set(name) & {"\n", "\0"}]
        question = b"".join(encode_path(name) + b"^{commit}\n" for name in asked)
        answers = self.run("cat-file", "--batch-check", stdin=question).decode("utf-8", "surrogateescape")
        found = {}
        for name, answer in zip(asked, answers.split("\n"), strict=False):
            object_id, _, rest = answer.partition(" ")
            if HEX_ID.fullmatch(object_id) and rest.startswith("commit "):
                found[name] = CommitId(object_id)
        return found

    def near_names(self, name: str) -> tuple[str, ...]:
        """Return branches and tags whose names look like this one, the nearest first."""
        import difflib

        listed = self.run(
            "for-each-ref",
            f"--count={_NEAR_LIMIT_COUNT}",
            "--format=%(refname:short)",
            "refs/heads",
            "refs/tags",
            "refs/remotes",
        )
        known = listed.decode("utf-8", "surrogateescape").splitlines()
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.6)
        return tuple(near) or tuple(each for each in known if name and each.endswith("/" + name))[:3]

    def brought_in(self, commit: CommitId, branch: CommitId) -> CommitId | None:
        """Return the oldest commit on the first-parent line of a branch that holds the commit and is another one."""
        span = ("--end-of-options", branch, f"^{commit}")
        line = self.run("rev-list", "--first-parent", *span).decode().split()
        # Both questions at once would follow first parents only, and so never reach a commit beside the line.
        holding = set(self.run("rev-list", "--ancestry-path", *span).decode().split())
        return next((CommitId(each) for each in reversed(line) if each in holding), None)

    def run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Run git in the repository itself with a clean environment; failures become errors for people."""
        try:
            return self._real(*arguments, stdin=stdin)
        except GitFailed as failure:
            raise explain(failure, str(self._folder)) from failure

    @cached_property
    def _state(self) -> RepositoryState:
        answer = self.run(
            "rev-parse",
            "--is-bare-repository",
            "--is-shallow-repository",
            "--show-object-format",
            "--path-format=absolute",
            "--git-common-dir",
        )
        bare, shallow, object_format, common = answer.decode("utf-8", "surrogateescape").split("\n", 3)
        common = common.removesuffix("\n")
        cut = Path(common) / "shallow"
        cut_commits = frozenset(cut.read_text("ascii").split()) if shallow == "true" and cut.is_file() else frozenset()
        return RepositoryState(
            common_folder=common,
            bare=bare == "true",
            shallow=shallow == "true",
            object_format=object_format,
            cut_commits=cut_commits,
            partial="extensions.partialclone" in self._settings
            or any(name.startswith("remote.") and name.endswith(".promisor") for name in self._settings),
        )

    @cached_property
    def _settings(self) -> Mapping[str, str]:
        listed = self.run("config", "--list", "-z").decode("utf-8", "surrogateescape").split("\0")
        pairs = (each.partition("\n") for each in listed if each)
        return {name: value if line_end else "true" for name, line_end, value in pairs}

    def _real(self, *arguments: str, stdin: bytes = b"") -> bytes:
        return run_git(arguments, folder=self._folder, environment=self._environment, stdin=stdin)
