"""A world to land in: a bare origin, a clone with branches, people who push in between, and hooks that refuse."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from release_harness.steps.merge.flow import LandOrder, land
from release_harness.steps.merge.model import LandReport
from release_harness.steps.merge.ports import Boundaries
from release_harness.testing.git_repository import GitRepository
from release_harness.testing.landing import LandingDesk, ScriptedGate, Wired

if TYPE_CHECKING:
    from release_harness.ledger.model import Entry


class LandingWorld:
    """A bare origin, one clone with a branch `feature`, and a desk in it."""

    def __init__(self, folder: Path, wire: Callable[[Path], Wired], *, remote: bool = True) -> None:
        """Make everything; `wire` returns the application of a folder."""
        self.wire = wire
        seed = GitRepository.create(folder / "seed")
        seed.commit({"README.md": "hello\n", "app.py": "one = 1\n"}, "begin")
        self.origin = GitRepository.create(folder / "origin.git", bare=True)
        self.origin.git("config", "core.logAllRefUpdates", "always")
        seed.git("push", "--quiet", str(self.origin.path), "main")
        self.work = self.origin.clone(folder / "work") if remote else seed
        for name, value in (("user.name", "Ana Author"), ("user.email", "ana@example.org")):
            self.work.git("config", name, value)
        self.folder = folder
        self.start = self.work.head()
        self.remote = remote
        self.desk = self.sit_down()
        self.gate = ScriptedGate(self.desk.repository)

    def feature(
        self, files: dict[str, str | bytes | None], name: str = "feature", message: str = "add a feature"
    ) -> str:
        """Make a branch with one commit from where main stood first, and go back to main."""
        self.work.branch(name, self.start)
        head = self.work.commit(files, message)
        self.work.checkout("main")
        return head

    def foreign(self, files: dict[str, str | bytes | None], message: str = "somebody else") -> str:
        """Let somebody else push to main from another clone."""
        other = self.origin.clone(self.folder / f"other{len(list(self.folder.iterdir()))}")
        commit = other.commit(files, message)
        other.git("push", "--quiet", "origin", "main")
        return commit

    def sit_down(self, boundaries: Boundaries | None = None) -> LandingDesk:
        """Return a fresh desk, as a new command would have."""
        return LandingDesk(self.wire(self.work.path), boundaries=boundaries)

    def land_at(self, desk: LandingDesk, revision: str = "feature", **options: Any) -> LandReport:
        """Land from this desk."""
        self.desk = desk
        self.gate.repository = desk.repository
        return land(desk, self.gate, LandOrder(revision=revision, **options))

    def land(self, revision: str = "feature", **options: Any) -> LandReport:
        """Land from a fresh desk, as a new command would."""
        return self.land_at(self.sit_down(), revision, **options)

    def events(self, *types: str) -> "list[Entry]":
        """Return the entries of the ledger of these types."""
        from release_harness.ledger.reading import read_entries

        ledger = self.sit_down().ledger.existing()
        if ledger is None:
            return []
        with ledger.read() as connection:
            entries = list(read_entries(connection))
        return [each for each in entries if not types or each.type in types]

    def main_tree(self) -> str:
        """Return the tree that main has at the place that counts."""
        return (self.origin if self.remote else self.work).head("main^{tree}")

    def tips_of_main(self) -> tuple[str, ...]:
        """Return every commit that main stood at, at the place that counts; the reflog is kept for it."""
        repository = self.origin if self.remote else self.work
        return tuple(repository.git("reflog", "show", "--format=%H", "main").split())

    def hook(self, name: str, script: str) -> Path:
        """Put a hook into the origin, and return its file."""
        path = self.origin.path / "hooks" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path
