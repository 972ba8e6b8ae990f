"""Removes the scratch repositories of programs that were killed before they could.

Each one holds a lock that the system frees when its program ends, however it ends. So a folder whose lock can be taken
belongs to nobody; a process id would not tell, since another program may have it by now, or it may be that of a container.
"""

import fcntl
import os
import shutil
import stat
import time
from contextlib import suppress
from pathlib import Path

PREFIX = "rh-git-"
_LOCK = "used"
_MIN_AGE_SECONDS = 3600.0
"""Younger ones are left alone: between making a folder and taking its lock a program owns it, too."""
_MOST_AT_ONCE_COUNT = 20


def mark_as_used(folder: Path) -> int:
    """Take the lock of a folder; it is held until the handle that is returned is closed, or the program ends."""
    handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    # On a file system without locks nobody else can take it either, and the folder stays when rh is killed.
    with suppress(OSError):
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return handle


def remove_leftovers(place: Path) -> None:
    """Remove this user's folders of an hour ago whose program is gone; what cannot be removed stays, and is no error."""
    try:
        with os.scandir(place) as entries:
            old = [Path(each.path) for each in entries if each.name.startswith(PREFIX) and _is_old(each)]
    except OSError:
        return
    for folder in old[:_MOST_AT_ONCE_COUNT]:
        _remove_unused(folder)


def _is_old(entry: "os.DirEntry[str]") -> bool:
    """Tell whether it is an own folder, and no link to one, that nobody made within the last hour."""
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError:
        return False
    own = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    return own and time.time() - found.st_mtime > _MIN_AGE_SECONDS


def _remove_unused(folder: Path) -> None:
    try:
        handle = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        shutil.rmtree(folder, ignore_errors=True)
        return
    except OSError:
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        return
    finally:
        os.close(handle)
