"""The user's signing key: Ed25519 in PKCS#8 PEM, outside every repository, readable by its owner only."""

import os
import stat
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from release_harness.kernel.errors import InputError, NotFound, OutsideError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEY_FILE = "signing.key"
_OPEN_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def key_folder(environment: Mapping[str, str]) -> Path:
    """Return `RH_CONFIG_DIR`, else `XDG_CONFIG_HOME/rh`, else `~/.config/rh`."""
    own = environment.get("RH_CONFIG_DIR", "")
    if own:
        return Path(own)
    shared = environment.get("XDG_CONFIG_HOME", "")
    if shared:
        return Path(shared) / "rh"
    home = environment.get("HOME", "")
    return (Path(home) if home else Path.home()) / ".config" / "rh"


class KeyFolder:
    """The key of this user; implements the ledger's NoteSigner."""

    def __init__(self, folder: Path) -> None:
        """Nothing is read or made before a key is asked for."""
        self.folder = folder

    @property
    def path(self) -> Path:
        """Where the private key is kept."""
        return self.folder / KEY_FILE

    def public_key(self) -> bytes:
        """Return the 32 bytes of the public key; makes the key when there is none yet."""
        return self._private.public_key().public_bytes_raw()

    def known_public_key(self) -> bytes | None:
        """Return the 32 bytes of the public key, or None when this user has no key yet; never makes one."""
        return self.public_key() if self.path.exists() else None

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature of the message; makes the key when there is none yet."""
        return self._private.sign(message)

    def private_pem(self) -> bytes:
        """Return the checked private key as PKCS#8 PEM; makes the key when there is none yet."""
        self.public_key()
        return self._read()

    @cached_property
    def _private(self) -> "Ed25519PrivateKey":
        if not self.path.exists():
            self._create()
        return self._load(self._read())

    def _read(self) -> bytes:
        try:
            mode = self.path.stat().st_mode
            content = self.path.read_bytes()
        except FileNotFoundError:
            raise NotFound(
                code="KEY_MISSING",
                says=f"There is no signing key at {self.path}.",
                hint="Point RH_CONFIG_DIR to the folder that holds it, or run a command that records, which makes one.",
            ) from None
        except OSError as error:
            raise _unreadable(self.path, error) from error
        if mode & _OPEN_TO_OTHERS:
            raise InputError(
                code="KEY_TOO_OPEN",
                says=f"The signing key {self.path} can be read by others (mode {stat.S_IMODE(mode):04o}).",
                hint=f"Run `chmod 600 {self.path}`, or make a new key if somebody may have copied it.",
            )
        return content

    def _load(self, pem: bytes) -> "Ed25519PrivateKey":
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            key = load_pem_private_key(pem, password=None)
        except TypeError:
            raise self._wrong_kind(found="it is locked with a passphrase") from None
        except (ValueError, UnsupportedAlgorithm):
            raise self._wrong_kind(found="it is no private key in PEM") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise self._wrong_kind(found=f"it is {type(key).__name__.removesuffix('PrivateKey').strip('_')}")
        return key

    def _wrong_kind(self, *, found: str) -> InputError:
        return InputError(
            code="KEY_WRONG_KIND",
            says=f"The signing key {self.path} must be an Ed25519 private key in PKCS#8 PEM without a passphrase; {found}.",
            hint=f"Move the file away; rh then makes a new one. Or: openssl genpkey -algorithm ed25519 -out {self.path}",
        )

    def _create(self) -> None:
        """Make a new key; when two commands do so at once, the first one's key stays."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        fresh = self.folder / f".{KEY_FILE}.{os.getpid()}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh.unlink(missing_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(pem)
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(fresh, self.path)
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        except OSError as error:
            raise OutsideError(
                code="KEY_FOLDER_UNWRITABLE",
                says=f"No signing key could be made in {self.folder}: {error.strerror}.",
                hint="Set RH_CONFIG_DIR to a folder that you may write to.",
                retryable=False,
            ) from error


def _unreadable(path: Path, error: OSError) -> OutsideError:
    return OutsideError(
        code="KEY_UNREADABLE",
        says=f"The signing key {path} cannot be read: {error.strerror}.",
        hint="Check the owner and the rights of the file.",
        retryable=False,
    )


def check_signature(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether the Ed25519 signature is that key's over that message; malformed input is just False."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
