"""A killed program leaves its scratch repository behind; the next one cleans up, and touches nothing that is in use."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from release_harness.adapters.git.leftovers import mark_as_used, remove_leftovers

_HOLD = """
import os, sys
from pathlib import Path
from release_harness.adapters.git.scratch import ScratchRepository
held = ScratchRepository(Path(sys.argv[1]), "sha1", [])
print(held.folder, flush=True)
sys.stdin.read()
"""


def old(folder: Path) -> Path:
    """Make a folder look two hours old."""
    folder.mkdir(exist_ok=True)
    then = folder.stat().st_mtime - 7200
    os.utime(folder, (then, then))
    return folder


def used(folder: Path) -> tuple[Path, int]:
    """Return an old folder that somebody holds."""
    folder.mkdir()
    handle = mark_as_used(folder)
    return old(folder), handle


def test_what_a_dead_program_left_is_removed_with_all_that_is_in_it(tmp_path: Path) -> None:
    """Objects of large merges would fill the temporary folder of a build machine."""
    folder, handle = used(tmp_path / "rh-git-dead")
    (folder / "objects").mkdir()
    (folder / "objects" / "x").write_text("x")
    old(folder)
    os.close(handle)
    unmarked = old(tmp_path / "rh-git-before-locks")
    remove_leftovers(tmp_path)
    assert not folder.exists()
    assert not unmarked.exists()


def test_what_is_in_use_stays_however_old_it_is(tmp_path: Path) -> None:
    """A landing that runs tests for hours still reads through its folder."""
    folder, handle = used(tmp_path / "rh-git-used")
    remove_leftovers(tmp_path)
    assert folder.exists()
    os.close(handle)


def test_young_folders_and_those_of_others_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between making a folder and taking its lock a program owns it, too; other users and programs own theirs."""
    young = tmp_path / "rh-git-young"
    young.mkdir()
    other = old(tmp_path / "git-other")
    remove_leftovers(tmp_path)
    assert young.exists()
    assert other.exists()
    mine = old(tmp_path / "rh-git-mine")
    uid = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: uid + 1)
    remove_leftovers(tmp_path)
    assert mine.exists()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """Somebody who may write to the temporary folder could point the cleaning at any folder of this user."""
    target = tmp_path / "home"
    target.mkdir()
    (target / "letter").write_text("dear")
    place = tmp_path / "tmp"
    place.mkdir()
    (place / "rh-git-link").symlink_to(target)
    os.utime(place / "rh-git-link", (0, 0), follow_symlinks=False)
    inner = old(place / "rh-git-inner")
    (inner / "away").symlink_to(target)
    old(inner)
    remove_leftovers(place)
    assert not inner.exists()
    assert (target / "letter").read_text() == "dear"
    assert (place / "rh-git-link").is_symlink()


def test_a_missing_temporary_folder_is_no_error(tmp_path: Path) -> None:
    """Cleaning up is a favour; it must never keep a check from running."""
    remove_leftovers(tmp_path / "none")


@pytest.mark.slow  # starts Python
def test_a_killed_program_is_cleaned_up_after_and_a_living_one_is_not(tmp_path: Path) -> None:
    """`kill -9` gives nobody a chance to remove anything; the system frees the lock all the same."""
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    ) as program:
        assert program.stdout is not None
        folder = Path(program.stdout.readline().strip())
        old(folder)
        remove_leftovers(tmp_path)
        assert folder.is_dir()
        program.send_signal(signal.SIGKILL)
        program.wait()
    remove_leftovers(tmp_path)
    assert not folder.exists()
