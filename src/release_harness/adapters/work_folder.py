"""The files of the work tree on disk, and what its git history says about people and branches."""

import os
import stat
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path, PurePosixPath

from release_harness.adapters.git.environment import caller_environment
from release_harness.adapters.git.failures import GitFailed
from release_harness.adapters.git.process import run_git
from release_harness.kernel.errors import NotAllowed, NotFound
from release_harness.kernel.paths import decode_path, show_text
from release_harness.steps.project.model import Committer, HistoryFacts

_READ_LIMIT_BYTES = 10 * 1024 * 1024
_COMMITS_LIMIT_COUNT = 2000
_BRANCHES = ("main", "master", "trunk", "develop")


class WorkFolder:
    """Implements the WorkFolder port for the work tree that holds a folder."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """`folder` is where the command was started; git is asked when something is needed."""
        self._start = folder
        self._environment = caller_environment(environment)

    @cached_property
    def root(self) -> Path:
        """The top folder of the work tree; raises NotFound outside of one."""
        try:
            shown = self._git("rev-parse", "--show-toplevel")
        except GitFailed as error:
            raise NotFound(
                code="NO_WORK_TREE",
                says=f"{show_text(str(self._start))} is not inside the work tree of a git repository.",
                hint="Change into a clone (not a bare repository), or name one with -C FOLDER.",
            ) from error
        return Path(os.fsdecode(shown.removesuffix(b"\n")))

    def read(self, path: str) -> bytes | None:
        """Return the content of a plain file below the root, or None."""
        place = self._below(path)
        try:
            plain = stat.S_ISREG(place.lstat().st_mode)
        except (FileNotFoundError, NotADirectoryError):
            return None
        if not plain:
            raise NotAllowed(
                code="NOT_A_PLAIN_FILE",
                says=f"{show_text(path)} is a symbolic link or no file at all; it is not read.",
                hint="Put a plain file there.",
                subject=path,
            )
        return _read_limited(place)

    def read_named(self, name: str) -> bytes:
        """Return the content of a file that a person named on the command line, relative to where they stand."""
        place = self._start / name
        if not place.is_file():
            raise NotFound(
                code="FILE_MISSING",
                says=f"There is no file {show_text(name)}.",
                hint="Give the path of an existing file.",
                subject=name,
            )
        return _read_limited(place)

    def write(self, path: str, content: bytes) -> None:
        """Write a file below the root through a temporary one beside it, so that it is whole or as it was."""
        place = self._below(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place = self._below(path)
        if place.is_symlink():
            raise _leads_away(path)
        handle, temporary = tempfile.mkstemp(prefix=".rh-", dir=place.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                os.fchmod(stream.fileno(), 0o644)
            Path(temporary).replace(place)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def list_paths(self) -> Sequence[str]:
        """Return the paths that git tracks and new ones that it does not ignore, in order and once each."""
        shown = self._git("ls-files", "-z", "--cached", "--others", "--exclude-standard", folder=self.root)
        return sorted({decode_path(name) for name in shown.split(b"\0") if name})

    def history(self) -> HistoryFacts:
        """Return the default branch and who wrote the last 2,000 commits that are no merges."""
        lines = self._ask("log", "-z", f"--max-count={_COMMITS_LIMIT_COUNT}", "--no-merges", "--format=%aN%n%aE%n%ct")
        rows = [each.split("\n") for each in lines.split("\0") if each.count("\n") == 2]  # noqa: PLR2004 - three fields
        counted: Counter[tuple[str, str]] = Counter()
        last_at: dict[tuple[str, str], datetime] = {}
        for name, email, seconds in rows:
            who = (name.strip(), email.strip().lower())
            counted[who] += 1
            came_in_at = _instant(seconds)
            if came_in_at is not None:
                last_at[who] = max(came_in_at, last_at.get(who, came_in_at))
        return HistoryFacts(
            default_branch=self._default_branch(),
            committers=tuple(
                Committer(name=who[0], email=who[1], commits_count=count, last_at=last_at.get(who))
                for who, count in counted.most_common()
            ),
            commits_count=len(rows),
            remotes=tuple(self._ask("remote").split()),
        )

    def _default_branch(self) -> str:
        remote = self._ask("symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD").strip()
        if remote.startswith("origin/"):
            return remote.removeprefix("origin/")
        heads = self._ask("for-each-ref", "--format=%(refname:short)", "refs/heads/").split("\n")
        known = next((name for name in _BRANCHES if name in heads), "")
        return known or self._ask("symbolic-ref", "--quiet", "--short", "HEAD").strip()

    def _ask(self, *arguments: str) -> str:
        """Ask git something that an empty or odd repository may have no answer to."""
        try:
            return decode_path(self._git(*arguments))
        except GitFailed:
            return ""

    def _git(self, *arguments: str, folder: Path | None = None) -> bytes:
        command = ["-c", "core.fsmonitor=false", *arguments]
        return run_git(command, folder=folder or self._start, environment=self._environment)

    def _below(self, path: str) -> Path:
        """Return the place of a path below the root; raises NotAllowed where it, or a folder on the way, leads away."""
        parts = PurePosixPath(path).parts
        if not parts or path.startswith("/") or ".." in parts or parts[0] == ".git":
            raise _leads_away(path)
        place = self.root
        for part in parts[:-1]:
            place = place / part
            if place.is_symlink():
                raise _leads_away(path)
        return place / parts[-1]


def _instant(seconds: str) -> datetime | None:
    """Read git's seconds; a forged commit may name an instant that no calendar has."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _leads_away(path: str) -> NotAllowed:
    return NotAllowed(
        code="PATH_LEADS_AWAY",
        says=f"{show_text(path)} leads out of the work tree or through a symbolic link.",
        hint="Make it a real file in a real folder of the repository.",
        subject=path,
    )


def _read_limited(place: Path) -> bytes:
    # One byte more than the readers take is enough for them to say that the file is too large.
    with place.open("rb") as stream:
        return stream.read(_READ_LIMIT_BYTES)
