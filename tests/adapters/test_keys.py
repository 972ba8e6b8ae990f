"""The signing key: made once, kept to its owner, and refused when it is not what it must be."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from release_harness.adapters.keys import KeyFolder, check_signature, key_folder
from release_harness.kernel.errors import HarnessError, NotFound


def write_key(folder: Path, content: bytes, mode: int = 0o600) -> KeyFolder:
    """Put a file in the place of the key."""
    (folder / "signing.key").write_bytes(content)
    (folder / "signing.key").chmod(mode)
    return KeyFolder(folder)


def code_of(keys: KeyFolder) -> str:
    """Return the code with which signing is refused."""
    with pytest.raises(HarnessError) as caught:
        keys.sign(b"x")
    assert caught.value.hint
    return caught.value.code


def test_the_key_is_made_on_first_need_for_its_owner_only(tmp_path: Path) -> None:
    """Nobody else on the machine may sign in this user's name."""
    keys = KeyFolder(tmp_path / "new" / "rh")
    signature = keys.sign(b"message")
    assert stat.S_IMODE(keys.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(keys.folder.stat().st_mode) == 0o700
    assert check_signature(keys.public_key(), signature, b"message")
    assert [file.name for file in keys.folder.iterdir()] == ["signing.key"]


def test_the_same_key_is_found_again(tmp_path: Path) -> None:
    """A key that changes with every command proves nothing."""
    assert KeyFolder(tmp_path).public_key() == KeyFolder(tmp_path).public_key()


def test_asking_for_a_known_key_makes_none(tmp_path: Path) -> None:
    """`rh ledger verify` is a read operation."""
    assert KeyFolder(tmp_path).known_public_key() is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_two_commands_that_make_the_key_at_once_end_with_one(tmp_path: Path) -> None:
    """Each of them signs at once, and both signatures must hold afterwards. Starts eight processes."""
    script = (
        "import sys; from pathlib import Path\n"
        "from release_harness.adapters.keys import KeyFolder\n"
        "print(KeyFolder(Path(sys.argv[1])).public_key().hex())"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(8)]
    assert {process.communicate()[0].strip() for process in started} == {KeyFolder(tmp_path).public_key().hex()}


@pytest.mark.slow
def test_a_key_of_another_kind_is_named(tmp_path: Path) -> None:
    """RSA signatures would be refused by every verifier of ours."""
    key = rsa.generate_private_key(65537, 2048)
    keys = write_key(tmp_path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    assert code_of(keys) == "KEY_WRONG_KIND"


@pytest.mark.parametrize("content", [b"", b"hello", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_file_that_is_no_key_is_named(tmp_path: Path, content: bytes) -> None:
    """Half a file after a crash must not be taken for a key."""
    assert code_of(write_key(tmp_path, content)) == "KEY_WRONG_KIND"


def test_a_public_key_in_its_place_is_named(tmp_path: Path) -> None:
    """The two files are easily mixed up."""
    public = ed25519.Ed25519PrivateKey.generate().public_key()
    content = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert code_of(write_key(tmp_path, content)) == "KEY_WRONG_KIND"


@pytest.mark.slow
def test_a_key_with_a_passphrase_is_named(tmp_path: Path) -> None:
    """rh would have to ask for it in the middle of a command. Deriving the key takes 100 ms."""
    key = ed25519.Ed25519PrivateKey.generate()
    content = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    assert code_of(write_key(tmp_path, content)) == "KEY_WRONG_KIND"


@pytest.mark.slow
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """Somebody may have copied it; ssh refuses such keys too."""
    KeyFolder(tmp_path).public_key()
    (tmp_path / "signing.key").chmod(mode)
    assert code_of(KeyFolder(tmp_path)) == "KEY_TOO_OPEN"


def test_a_key_that_vanishes_is_named(tmp_path: Path) -> None:
    """Making a new one without a word would change who signs."""
    keys = KeyFolder(tmp_path)
    keys.public_key()
    keys.path.unlink()
    with pytest.raises(NotFound) as caught:
        keys.private_pem()
    assert caught.value.code == "KEY_MISSING"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """The hint says which variable to set."""
    (tmp_path / "file").write_text("")
    assert code_of(KeyFolder(tmp_path / "file" / "rh")) == "KEY_FOLDER_UNWRITABLE"


def test_a_key_that_is_a_folder_is_named(tmp_path: Path) -> None:
    """It cannot be read, and must not be replaced."""
    (tmp_path / "signing.key").mkdir(mode=0o700)
    assert code_of(KeyFolder(tmp_path)) == "KEY_UNREADABLE"


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"RH_CONFIG_DIR": "/a", "XDG_CONFIG_HOME": "/b", "HOME": "/c"}, "/a"),
        ({"XDG_CONFIG_HOME": "/b", "HOME": "/c"}, "/b/rh"),
        ({"HOME": "/c"}, "/c/.config/rh"),
    ],
)
def test_the_folder_follows_the_environment(environment: dict[str, str], folder: str) -> None:
    """Tests, services and people each need their own keys."""
    assert key_folder(environment) == Path(folder)


def test_malformed_keys_and_signatures_are_just_not_valid() -> None:
    """A crash while checking would be a way to stop verification."""
    assert not check_signature(b"short", bytes(64), b"m")
    assert not check_signature(bytes(32), b"short", b"m")
    assert not check_signature(b"\xff" * 32, bytes(64), b"m")
