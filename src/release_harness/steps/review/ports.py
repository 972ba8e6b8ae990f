"""What review needs from outside: signatures of people, the branches that wait, and the contents that are approved."""

from collections.abc import Sequence
from typing import Protocol

from release_harness.kernel.digests import CommitId, Sha256
from release_harness.steps.changes.model import FileChange
from release_harness.steps.review.model import BranchTip, SignatureCheck


class ApprovalSigner(Protocol):
    """Signs and checks what people say about changes."""

    def sign(self, content: bytes, *, namespace: str, key: str) -> str:
        """Sign with a private key file, or a public key whose private half an agent holds; return the armored text.

        Raises InputError or NotFound when the key cannot be used.
        """
        ...

    def default_key(self) -> str:
        """Return the key that git is configured to sign with by SSH, or an empty text."""
        ...

    def verify(self, content: bytes, signature: str, *, namespace: str, keys: Sequence[str]) -> SignatureCheck:
        """Say what the signature proves: that one of the `keys` signed exactly this content for this namespace."""
        ...


class ReviewRepository(Protocol):
    """What the queue and the statements read from git."""

    def branches_ahead(self, target: CommitId, *, limit_count: int) -> tuple[tuple[BranchTip, ...], tuple[str, ...]]:
        """Return the oldest local branches that the target does not hold, and the names of those past the limit."""
        ...

    def is_landed(self, commit: CommitId, target: CommitId) -> bool | None:
        """Tell whether the target holds the commit; None when one of them is not in the repository."""
        ...

    def content_digest(self, files: Sequence[FileChange]) -> Sha256:
        """Return the SHA-256 over path, kind and SHA-256 of the new content of every file, sorted by path.

        Raises OutsideError when a content is not in this clone.
        """
        ...


class Nonces(Protocol):
    """Where the one-time values in statements come from."""

    def nonce(self) -> str:
        """Return 128 random bits as hexadecimal."""
        ...
