"""Builds real git repositories for tests, with fixed people and times, so that every object id is the same on every run."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ANA = "Ana Author <ana@example.org>"
BO = "Bo Reviewer <bo@example.org>"
CLARA = "Clara Reviewer <clara@example.org>"
AGENT = "Claude <noreply@anthropic.com>"

_EPOCH_SECONDS = 1_790_000_000


@dataclass
class GitRepository:
    """A repository in a folder; every commit is one minute after the one before."""

    path: Path
    commits_count: int = field(default=0)

    @classmethod
    def create(cls, path: Path, *, bare: bool = False) -> "GitRepository":
        """Make an empty repository with the default branch `main`."""
        path.mkdir(parents=True, exist_ok=True)
        repository = cls(path)
        repository.git("init", "--quiet", "--initial-branch=main", *(["--bare"] if bare else []))
        repository.git("config", "user.name", "Ana Author")
        repository.git("config", "user.email", "ana@example.org")
        repository.git("config", "commit.gpgsign", "false")
        return repository

    def clone(self, path: Path) -> "GitRepository":
        """Clone this repository into another folder."""
        subprocess.run(["git", "clone", "--quiet", str(self.path), str(path)], check=True, env=self._env())
        return GitRepository(path, self.commits_count + 1000)

    def git(self, *arguments: str, stdin: bytes | None = None, env: Mapping[str, str] | None = None) -> str:
        """Run git in the repository and return what it printed, without the last line end."""
        finished = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            input=stdin,
            capture_output=True,
            env={**self._env(), **(env or {})},
            check=False,
        )
        if finished.returncode:
            message = f"git {' '.join(arguments)}: {finished.stderr.decode(errors='replace')}"
            raise RuntimeError(message)
        return finished.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")

    def write(self, name: str, content: str | bytes) -> Path:
        """Write one file of the working tree."""
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        return target

    def commit(
        self,
        files: Mapping[str, str | bytes | None] | None = None,
        message: str = "change",
        *,
        author: str = ANA,
    ) -> str:
        """Write the files (None deletes), commit everything, and return the commit id."""
        for name, content in (files or {}).items():
            if content is None:
                (self.path / name).unlink()
            else:
                self.write(name, content)
        self.git("add", "--all")
        self.commits_count += 1
        when = f"{_EPOCH_SECONDS + 60 * self.commits_count} +0000"
        name, _, email = author.partition(" <")
        people = {
            "GIT_AUTHOR_NAME": name,
            "GIT_AUTHOR_EMAIL": email.rstrip(">"),
            "GIT_COMMITTER_NAME": name,
            "GIT_COMMITTER_EMAIL": email.rstrip(">"),
            "GIT_AUTHOR_DATE": when,
            "GIT_COMMITTER_DATE": when,
        }
        self.git("commit", "--quiet", "--allow-empty", "-m", message, env=people)
        return self.head()

    def branch(self, name: str, start: str = "") -> None:
        """Create a branch and check it out."""
        self.git("checkout", "--quiet", "-b", name, *([start] if start else []))

    def checkout(self, name: str) -> None:
        """Check a branch or commit out."""
        self.git("checkout", "--quiet", name)

    def head(self, revision: str = "HEAD") -> str:
        """Return the commit id of a revision."""
        return self.git("rev-parse", "--verify", revision)

    @staticmethod
    def _env() -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        return {**kept, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
