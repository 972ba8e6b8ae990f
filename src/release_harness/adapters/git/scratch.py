"""A scratch repository that borrows the objects of the real one.

Reading through it never writes to the repository, and nothing but objects can change an answer: no attributes of the
working tree, no settings, no hooks, no filters, no promisor that fetches behind the user's back. What a diff says is then
the same in every clone. Trees that are made (merges, snapshots of the working tree) live here until the program ends.
"""

import os
import shutil
import tempfile
import weakref
from collections.abc import Sequence
from pathlib import Path

from release_harness.adapters.git.leftovers import PREFIX, mark_as_used, remove_leftovers
from release_harness.kernel.errors import OutsideError

BIG_FILE_BYTES = 16 << 20
"""Files above this are never read whole: git calls them binary, and rh says that their lines are unknown."""
_CONFIG = """[core]
\trepositoryformatversion = 1
\tbare = true
\tbigFileThreshold = {big}
\tquotePath = false
\tattributesFile = {nothing}
\tlogAllRefUpdates = false
[extensions]
\tobjectFormat = {object_format}
[i18n]
\tlogOutputEncoding = UTF-8
[merge]
\trenames = true
\tdirectoryRenames = false
[gc]
\tauto = 0
"""


class ScratchRepository:
    """A bare repository in a temporary folder, with the objects of another one as alternates."""

    def __init__(self, common_folder: Path, object_format: str, object_folders: Sequence[str]) -> None:
        """Make the folder; it goes away with this object."""
        try:
            self.folder = Path(tempfile.mkdtemp(prefix=PREFIX))
            self._close = weakref.finalize(self, _close, self.folder, mark_as_used(self.folder))
            remove_leftovers(self.folder.parent)
            (self.folder / "refs").mkdir()
            (self.folder / "objects" / "info").mkdir(parents=True)
            (self.folder / "HEAD").write_text("ref: refs/heads/scratch\n")
            settings = _CONFIG.format(big=BIG_FILE_BYTES, nothing=os.devnull, object_format=object_format)
            if object_format == "sha1":
                settings = settings.replace("[extensions]\n\tobjectFormat = sha1\n", "")
            (self.folder / "config").write_text(settings)
            lines = [_quote(each) for each in object_folders]
            (self.folder / "objects" / "info" / "alternates").write_bytes(b"".join(line + b"\n" for line in lines))
            shallow = common_folder / "shallow"
            if shallow.is_file():
                (self.folder / "shallow").write_bytes(shallow.read_bytes())
        except OSError as error:
            raise OutsideError(
                code="SCRATCH_FOLDER_FAILED",
                says=f"A temporary folder could not be written: {error}.",
                hint="Free some space, or point TMPDIR at a folder that can be written.",
            ) from error

    def close(self) -> None:
        """Remove the folder now."""
        self._close()


def _close(folder: Path, handle: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    os.close(handle)


def _quote(path: str) -> bytes:
    """Write a path for `objects/info/alternates`, quoted as C does when git would misread it."""
    plain = os.fsencode(path)
    if plain.startswith((b'"', b"#")) or b"\n" in plain:
        inner = plain.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
        return b'"' + inner + b'"'
    return plain
