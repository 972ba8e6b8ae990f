"""The `.rh/briefs/` folder on disk."""

import os
import stat
from pathlib import Path

from release_harness.kernel.errors import NotAllowed, OutsideError
from release_harness.kernel.paths import show_text
from release_harness.steps.intake.model import BRIEFS_FOLDER, MOST_BRIEF_BYTES
from release_harness.steps.intake.ports import BriefFile


class BriefFiles:
    """Implements the BriefFolder port for the work tree that holds a folder."""

    def __init__(self, folder: Path) -> None:
        """`folder` is where the command was started; the work tree is the nearest parent with `.git`."""
        self._start = folder
        self._top = next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder)

    def list_names(self) -> tuple[str, ...]:
        """Return the names of the briefs in order."""
        folder = self._folder()
        if folder is None:
            return ()
        return tuple(sorted(each.stem for each in folder.iterdir() if each.suffix == ".md" and _is_plain(each)))

    def read(self, name: str) -> BriefFile | None:
        """Read one brief by its plain name."""
        folder = self._folder()
        file = None if folder is None else folder / f"{name}.md"
        if file is None or not _is_plain(file):
            return None
        return BriefFile(path=f"{BRIEFS_FOLDER}/{name}.md", content=_read_limited(file))

    def read_path(self, path: str) -> BriefFile | None:
        """Read a file that the person at the keyboard named."""
        file = self._start / path
        if not file.is_file():
            return None
        inside = file.resolve().is_relative_to(self._top.resolve())
        shown = str(file.resolve().relative_to(self._top.resolve())) if inside else path
        return BriefFile(path=shown, content=_read_limited(file))

    def write_new(self, name: str, content: bytes) -> str | None:
        """Create a brief; `O_EXCL` so that two writers cannot overwrite each other."""
        (self._top / BRIEFS_FOLDER).mkdir(parents=True, exist_ok=True)
        folder = self._folder()
        if folder is None:
            raise OutsideError(code="BRIEFS_FOLDER", says=f"{BRIEFS_FOLDER} cannot be created.", retryable=False)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        try:
            handle = os.open(folder / f"{name}.md", flags, 0o644)
        except FileExistsError:
            return None
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        return f"{BRIEFS_FOLDER}/{name}.md"

    def _folder(self) -> Path | None:
        folder = self._top / BRIEFS_FOLDER
        if not folder.is_dir():
            return None
        if not folder.resolve().is_relative_to(self._top.resolve()):
            raise NotAllowed(
                code="BRIEFS_OUTSIDE",
                says=f"{BRIEFS_FOLDER} is a link that leaves the repository ({show_text(str(folder.resolve()))}).",
                hint="Make it a real folder of the repository.",
            )
        return folder


def _is_plain(file: Path) -> bool:
    try:
        return stat.S_ISREG(file.lstat().st_mode)
    except OSError:
        return False


def _read_limited(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(MOST_BRIEF_BYTES + 1)
