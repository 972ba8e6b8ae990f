"""One clean tree on disk, with the reports that programs left in it."""

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from release_harness.kernel.errors import InputError, NotFound
from release_harness.kernel.paths import show_text
from release_harness.steps.evidence.model import ReportFile

REPORT_LIMIT_BYTES = 64 * 1024 * 1024
_REPORTS_LIMIT_COUNT = 500


class Checkout:
    """Implements the CleanTree port."""

    def __init__(self, base: Path, tracked: frozenset[str]) -> None:
        """`base` holds the work tree, the reports and the probe side by side."""
        self._base = base
        self._tracked = tracked

    @property
    def folder(self) -> str:
        """Root of the work tree."""
        return str(self._base / "tree")

    @property
    def reports(self) -> str:
        """Folder outside the work tree where commands leave their reports."""
        return str(self._base / "reports")

    @property
    def probe(self) -> str:
        """Folder with the module that watches pytest from inside."""
        return str(self._base / "probe")

    @property
    def gaps(self) -> tuple[str, ...]:
        """Say that submodules are missing when the tree has some: nothing is fetched."""
        if ".gitmodules" in self._tracked:
            return ("Submodules are not checked out: the tree has a .gitmodules, and nothing is fetched.",)
        return ()

    def put_back(self, path: str, content: bytes | None) -> None:
        """Give one file of the work tree another content, or remove it; raises InputError for a path that leads out."""
        work = Path(self.folder).resolve()
        target = work / path
        if not target.parent.resolve().is_relative_to(work) or ".git" in target.relative_to(work).parts:
            raise InputError(
                code="PATH_ESCAPES",
                says=f"{show_text(path)} leads out of the work tree.",
                hint="A link in the tree points outside; nothing was written.",
            )
        target.unlink(missing_ok=True)
        if content is not None:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)

    def leave(self, name: str, content: bytes) -> str:
        """Write one file beside the work tree, for the module that watches pytest, and return where it is."""
        target = self._base / "probe" / Path(name).name
        target.write_bytes(content)
        return str(target)

    def import_folders(self) -> tuple[str, ...]:
        """Return `src` when there is one, and the root: on a module path they go before an editable installation."""
        source = self._base / "tree" / "src"
        return (*((str(source),) if source.is_dir() and not source.is_symlink() else ()), self.folder)

    def collect(self, patterns: Sequence[str]) -> tuple[ReportFile, ...]:
        """Read the files that match; only regular files inside this checkout that are not part of the tree itself."""
        found: dict[Path, ReportFile] = {}
        for pattern in patterns:
            base, relative = self._split(pattern)
            for path in sorted(base.glob(relative)):
                if path not in found and self._may_collect(path):
                    found[path] = ReportFile(name=self._name(path), content=read_limited(path))
                if len(found) > _REPORTS_LIMIT_COUNT:
                    raise InputError(
                        code="REPORTS_TOO_MANY",
                        says=f"The pattern {pattern!r} matches more than {_REPORTS_LIMIT_COUNT} files.",
                        hint="Make the patterns in `.rh/project.yaml` narrower.",
                    )
        return tuple(found.values())

    def _split(self, pattern: str) -> tuple[Path, str]:
        for name, folder in (("{reports}/", self.reports), ("{probe}/", self.probe)):
            if pattern.startswith(name):
                return Path(folder), pattern.removeprefix(name)
        if not pattern or pattern.startswith("/") or ".." in pattern.split("/"):
            raise InputError(
                code="REPORT_PATTERN",
                says=f"The report pattern {pattern!r} leads out of the work tree.",
                hint="Write it relative to the work tree, or let it start with {reports}/.",
            )
        return Path(self.folder), pattern

    def _may_collect(self, path: Path) -> bool:
        """A file of the tree itself was written by the author, not by the tests; a link leads who knows where."""
        real = path.parent.resolve()
        if not real.is_relative_to(self._base.resolve()) or not stat.S_ISREG(path.lstat().st_mode):
            return False
        work = Path(self.folder).resolve()
        return not real.is_relative_to(work) or str((real / path.name).relative_to(work)) not in self._tracked

    def _name(self, path: Path) -> str:
        return str(path).removeprefix(f"{self.folder}/").removeprefix(f"{self._base}/")


def read_limited(path: Path) -> bytes:
    """Read one regular file of at most 64 MB; never follows a link in the last part and never waits for a pipe."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise NotFound(
            code="REPORT_UNREADABLE",
            says=f"{show_text(str(path))} cannot be read: {error.strerror}.",
            hint="Name a report file that this user may read.",
        ) from error
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise InputError(
                code="REPORT_NO_FILE",
                says=f"{show_text(str(path))} is no regular file.",
                hint="Name the report file itself.",
            )
        with os.fdopen(handle, "rb", closefd=False) as file:
            content = file.read(REPORT_LIMIT_BYTES + 1)
    finally:
        os.close(handle)
    if len(content) > REPORT_LIMIT_BYTES:
        raise InputError(
            code="REPORT_TOO_LARGE",
            says=f"{show_text(str(path))} is larger than {REPORT_LIMIT_BYTES // 1024 // 1024} MB.",
            hint="Leave captured output out of the report, or split the run into shards.",
        )
    return content
