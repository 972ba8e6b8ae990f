"""Contents are kept whole under their digest, or not at all."""

import errno
import os
from pathlib import Path

import pytest

from release_harness.adapters.content_store import FolderContentStore
from release_harness.kernel.digests import Sha256, digest_bytes
from release_harness.kernel.errors import InputError, OutsideError


def test_what_was_put_is_got_under_its_digest(tmp_path: Path) -> None:
    """A record names its log by digest and nothing else."""
    store = FolderContentStore(tmp_path / "objects")
    digest = store.put(b"log")
    assert digest == digest_bytes(b"log")
    assert store.get(digest) == b"log"


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    """Running again must not fill the disk with what is there."""
    store = FolderContentStore(tmp_path)
    assert store.put(b"log") == store.put(b"log")
    assert len([each for each in tmp_path.rglob("*") if each.is_file()]) == 1


def test_a_content_that_is_not_here_is_none(tmp_path: Path) -> None:
    """Another machine's ledger names contents that this one does not have; that is no error."""
    assert FolderContentStore(tmp_path).get(digest_bytes(b"elsewhere")) is None


def test_a_changed_content_is_never_given_out(tmp_path: Path) -> None:
    """The digest in the signed record is worth nothing if other bytes pass for it."""
    store = FolderContentStore(tmp_path)
    digest = store.put(b"one test failed")
    name = digest.removeprefix("sha256:")
    (tmp_path / name[:2] / name[2:]).write_bytes(b"no test failed")
    with pytest.raises(OutsideError) as caught:
        store.get(digest)
    assert caught.value.code == "CONTENT_CHANGED"


@pytest.mark.parametrize("digest", ["", "sha256:..", "sha256:../../../etc/passwd", "md5:00"])
def test_a_digest_never_leads_out_of_the_folder(tmp_path: Path, digest: str) -> None:
    """Ids come from the command line and from other machines."""
    with pytest.raises(InputError) as caught:
        FolderContentStore(tmp_path).get(Sha256(digest))
    assert caught.value.code == "DIGEST_MALFORMED"


def test_a_full_disk_is_said_and_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A half-written content would be found and believed later."""

    def refuse(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OutsideError) as caught:
        FolderContentStore(tmp_path).put(b"log")
    assert caught.value.code == "DISK_FULL"
    assert not [each for each in tmp_path.rglob("*") if each.is_file()]
