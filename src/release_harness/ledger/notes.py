"""Checkpoints as C2SP signed notes (c2sp.org/signed-note, c2sp.org/tlog-checkpoint). Pure.

    origin
    size in decimal
    root in base64
                          <- empty line
    — origin base64(key hash || signature)

The key name is the origin. The key hash is the first four bytes of SHA-256(name || 0x0A || 0x01 || public key).
"""

import base64
import binascii
from hashlib import sha256

from release_harness.kernel.errors import InputError
from release_harness.kernel.records import record
from release_harness.ledger.model import Checkpoint
from release_harness.ledger.ports import NoteSigner, SignatureCheck

_ED25519 = b"\x01"
_SIGNATURE = "\N{EM DASH} "
_KEY_HASH_BYTES = 4
_PUBLIC_KEY_BYTES = 32
_ROOT_BYTES = 32
_SIZE_LIMIT = 1 << 63


@record
class SignatureLine:
    """One signature under a note."""

    name: str
    key_hash: bytes
    signature: bytes


@record
class SignedNote:
    """A checkpoint as it was read from a signed note; nothing in it is checked yet."""

    origin: str
    size: int
    root: bytes
    body: str
    """What the signatures cover, with its last line end."""
    signatures: tuple[SignatureLine, ...]
    text: str


def key_hash(name: str, public_key: bytes) -> bytes:
    """Return the four bytes that name a key in a signature line."""
    return sha256(name.encode() + b"\n" + _ED25519 + public_key).digest()[:_KEY_HASH_BYTES]


def write_verifier_key(name: str, public_key: bytes) -> str:
    """Return the key as C2SP verifier keys are written: `name+hash+base64(0x01 || key)`."""
    return f"{name}+{key_hash(name, public_key).hex()}+{_to_base64(_ED25519 + public_key)}"


def read_verifier_key(text: str) -> tuple[str, bytes]:
    """Return name and public key; raises InputError VERIFIER_KEY_MALFORMED."""
    name, _, rest = text.strip().partition("+")
    hash_text, _, encoded = rest.partition("+")
    material = _from_base64(encoded)
    fits = material is not None and len(material) == 1 + _PUBLIC_KEY_BYTES and material[:1] == _ED25519
    if not name or material is None or not fits or key_hash(name, material[1:]).hex() != hash_text:
        raise InputError(
            code="VERIFIER_KEY_MALFORMED",
            says=f"{text!r} is not an Ed25519 verifier key.",
            hint="Copy the whole line `name+hash+key` that `rh ledger checkpoint` prints.",
        )
    return name, material[1:]


def checkpoint_body(origin: str, size: int, root: bytes) -> str:
    """Return the three lines that are signed."""
    return f"{origin}\n{size}\n{_to_base64(root)}\n"


def sign_checkpoint(origin: str, size: int, root: bytes, signer: NoteSigner) -> Checkpoint:
    """Sign size and root."""
    body = checkpoint_body(origin, size, root)
    blob = key_hash(origin, signer.public_key()) + signer.sign(body.encode())
    note = f"{body}\n{_SIGNATURE}{origin} {_to_base64(blob)}\n"
    return Checkpoint(origin=origin, size=size, root=root.hex(), note=note)


def read_note(text: str) -> SignedNote:
    """Read one signed checkpoint; raises InputError CHECKPOINT_MALFORMED. Extension lines are kept in the body."""
    body, separator, tail = text.rpartition("\n\n")
    lines = body.split("\n")
    if not separator or len(lines) < 3 or not tail.endswith("\n"):  # noqa: PLR2004 - origin, size, root
        raise _malformed(found="it is not a text of at least three lines, an empty line and signature lines")
    root = _from_base64(lines[2])
    size = lines[1]
    if not (size.isascii() and size.isdigit()) or (size != "0" and size.startswith("0")) or int(size) >= _SIZE_LIMIT:
        raise _malformed(found=f"the second line is not a size: {size!r}")
    if root is None or len(root) != _ROOT_BYTES:
        raise _malformed(found=f"the third line is not a SHA-256 in base64: {lines[2]!r}")
    signatures = tuple(_read_signature(line) for line in tail.removesuffix("\n").split("\n"))
    return SignedNote(origin=lines[0], size=int(size), root=root, body=body + "\n", signatures=signatures, text=text)


def split_notes(text: str) -> tuple[str, ...]:
    """Cut a file of notes, each followed by an empty line, into single ones.

    Lines `key …` between notes are left out: what `rh ledger checkpoint` prints is such a file.
    """
    notes: list[str] = []
    current: list[str] = []
    for line in text.splitlines(keepends=True):
        if line == "\n" and current and current[-1].startswith(_SIGNATURE):
            notes.append("".join(current))
            current = []
        elif current or not (line == "\n" or line.startswith("key ")):
            current.append(line)
    if current:
        notes.append("".join(current))
    return tuple(notes)


def is_signed_by(note: SignedNote, public_key: bytes, check: SignatureCheck) -> bool:
    """Tell whether the key signed the note under the name of its origin.

    The first line with this key's name and hash decides, as in the reference implementation: a bad one is never
    outvoted by a later one.
    """
    wanted = key_hash(note.origin, public_key)
    for line in note.signatures:
        if line.name == note.origin and line.key_hash == wanted:
            return check(public_key, line.signature, note.body.encode())
    return False


def _read_signature(line: str) -> SignatureLine:
    name, space, encoded = line.removeprefix(_SIGNATURE).rpartition(" ")
    blob = _from_base64(encoded)
    if not line.startswith(_SIGNATURE) or not space or not name or blob is None or len(blob) <= _KEY_HASH_BYTES:
        raise _malformed(found=f"not a signature line: {line!r}")
    return SignatureLine(name=name, key_hash=blob[:_KEY_HASH_BYTES], signature=blob[_KEY_HASH_BYTES:])


def _to_base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _from_base64(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _malformed(*, found: str) -> InputError:
    return InputError(
        code="CHECKPOINT_MALFORMED",
        says=f"This is no signed checkpoint: {found}.",
        hint="A checkpoint is the whole text that `rh ledger checkpoint` prints, signature line included.",
    )
