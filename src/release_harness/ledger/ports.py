"""What the ledger needs from outside: somebody who signs, somebody who checks, and a file beside the database."""

from typing import Protocol


class NoteSigner(Protocol):
    """Signs checkpoints with the Ed25519 key of this user."""

    def public_key(self) -> bytes:
        """Return the 32 bytes of the public key; makes the key when there is none yet."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of an Ed25519 signature."""
        ...


class KnownKey(Protocol):
    """The key of this user, when there is one."""

    def known_public_key(self) -> bytes | None:
        """Return the 32 bytes of the public key, or None when this user has no key yet; never makes one."""
        ...


class SignatureCheck(Protocol):
    """Checks Ed25519 signatures of anybody."""

    def __call__(self, public_key: bytes, signature: bytes, message: bytes) -> bool:
        """Tell whether the signature is that key's over that message; malformed input is just False."""
        ...


class Witness(Protocol):
    """A list of signed checkpoints outside the database, so that cutting the database alone is found."""

    @property
    def place(self) -> str:
        """Where it is, in words for people."""
        ...

    def append(self, note: str) -> None:
        """Add one signed note and return when it is on the disk."""
        ...

    def read(self) -> str | None:
        """Return everything that was noted, or None when there is nothing yet."""
        ...


class Documents(Protocol):
    """Files that a person names on the command line."""

    def read_document(self, name: str) -> bytes:
        """Return the content; raises NotFound when there is no such file."""
        ...

    def write_document(self, name: str, content: bytes) -> str:
        """Write the file in one piece and return where it is."""
        ...
