"""Signatures of people over statements, made and checked by `ssh-keygen -Y` (SSHSIG), keys in files, agents or tokens.

`ssh-keygen -Y verify` does not look at whether a person touched a FIDO token, so the flags byte is read here; it is
covered by the signature (PROTOCOL.u2f), which ssh-keygen does verify.
"""

import base64
import binascii
import secrets
import struct
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from release_harness.kernel.errors import InputError, NotFound, OutsideError
from release_harness.kernel.identity import ProofLevel
from release_harness.steps.review.model import SignatureCheck

_BEGIN = "-----BEGIN SSH SIGNATURE-----"
_END = "-----END SSH SIGNATURE-----"
_MAGIC = b"SSHSIG"
_USER_PRESENT = 0x01
_SIGNATURE_LIMIT_BYTES = 64 * 1024
_TOUCH_LIMIT_SECONDS = 120
_VERIFY_LIMIT_SECONDS = 20
_TOKEN_TYPES = frozenset({"sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"})
_KEY_TYPES = _TOKEN_TYPES | {
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
}
_PRINCIPAL = "approver"


class SshKeygen:
    """Implements the ApprovalSigner and Nonces ports with OpenSSH."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """`folder` is where relative key paths and git's `user.signingkey` are looked up."""
        self._folder = folder
        self._environment = dict(environment)

    def nonce(self) -> str:
        """Return 128 random bits as hexadecimal."""
        return secrets.token_hex(16)

    def sign(self, content: bytes, *, namespace: str, key: str) -> str:
        """Sign with a private key file, or a public key whose private half the ssh agent holds."""
        with self._key_file(key) as file:
            finished = self._run(
                ["-Y", "sign", "-n", namespace, "-f", str(file)],
                content,
                limit_seconds=_TOUCH_LIMIT_SECONDS,
            )
        if finished.returncode or not finished.stdout.startswith(_BEGIN.encode()):
            raise InputError(
                code="KEY_CANNOT_SIGN",
                says=f"ssh-keygen could not sign with {key}: {_last_line(finished.stderr)}",
                hint="Give a private key file, or the public key of one that `ssh-add -l` lists, with --key FILE.",
            )
        return finished.stdout.decode("ascii")

    def verify(self, content: bytes, signature: str, *, namespace: str, keys: Sequence[str]) -> SignatureCheck:
        """Say what the signature proves; anything odd proves nothing."""
        try:
            parts = parse_signature(signature)
        except ValueError as error:
            return SignatureCheck(proof=None, why=f"the signature cannot be read: {error}")
        shown = f"{parts.key_type} {base64.b64encode(parts.key).decode()}"
        if parts.namespace != namespace:
            why = f"it was signed for {parts.namespace!r}, not for {namespace!r}"
            return SignatureCheck(proof=None, key=shown, why=why)
        if parts.key_type not in _KEY_TYPES:
            return SignatureCheck(proof=None, key=shown, why=f"keys of type {parts.key_type!r} are not accepted")
        if shown not in {normalize_key(each) for each in keys}:
            return SignatureCheck(proof=None, key=shown, why="the key that signed is not listed for this person")
        refusal = self._refusal(content, signature, namespace=namespace, key=shown)
        if refusal:
            return SignatureCheck(proof=None, key=shown, why=refusal)
        return _proof_of(parts, shown)

    def _refusal(self, content: bytes, signature: str, *, namespace: str, key: str) -> str:
        """Return why ssh-keygen refuses the signature of exactly this key, or an empty text."""
        with tempfile.TemporaryDirectory(prefix="rh-verify-") as scratch:
            allowed, detached = Path(scratch, "allowed"), Path(scratch, "signature")
            allowed.write_text(f'{_PRINCIPAL} namespaces="{namespace}" {key}\n', encoding="ascii")
            detached.write_text(signature, encoding="ascii")
            finished = self._run(
                ["-Y", "verify", "-f", str(allowed), "-I", _PRINCIPAL, "-n", namespace, "-s", str(detached)],
                content,
                limit_seconds=_VERIFY_LIMIT_SECONDS,
            )
        if finished.returncode == 0:
            return ""
        return f"ssh-keygen refuses the signature: {_last_line(finished.stderr or finished.stdout)}"

    def _run(self, arguments: list[str], content: bytes, *, limit_seconds: int) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(
                ["ssh-keygen", *arguments],
                cwd=self._folder,
                env={**self._environment, "LC_ALL": "C"},
                input=content,
                capture_output=True,
                check=False,
                timeout=limit_seconds,
            )
        except FileNotFoundError as error:
            raise OutsideError(
                code="SSH_KEYGEN_MISSING",
                says="ssh-keygen is not installed, so signatures can neither be made nor checked.",
                hint="Install the OpenSSH client (8.2 or later).",
                retryable=False,
            ) from error
        except subprocess.TimeoutExpired as error:
            raise OutsideError(
                code="SSH_KEYGEN_TIMEOUT",
                says=f"ssh-keygen did not answer within {limit_seconds} s.",
                hint="Touch the token or type the passphrase when it asks, and run the command again.",
            ) from error

    def default_key(self) -> str:
        """Return git's `user.signingkey` when `gpg.format` is `ssh`, or an empty text."""
        finished = subprocess.run(
            ["git", "config", "--null", "--get-regexp", r"^(gpg\.format|user\.signingkey)$"],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=10,
        )
        entries = finished.stdout.decode("utf-8", "surrogateescape").split("\0")
        values = dict(entry.split("\n", 1) for entry in entries if "\n" in entry)
        return values.get("user.signingkey", "").strip() if values.get("gpg.format") == "ssh" else ""

    @contextmanager
    def _key_file(self, key: str) -> Iterator[Path]:
        """Give the key as a file; a literal public key (as git allows it) is written to a scratch file."""
        literal = key.removeprefix("key::")
        if literal.split(" ")[0] in _KEY_TYPES:
            with tempfile.TemporaryDirectory(prefix="rh-key-") as scratch:
                file = Path(scratch, "key.pub")
                file.write_text(literal + "\n", encoding="ascii")
                yield file
            return
        path = Path(key)
        if key.startswith("~/") and self._environment.get("HOME"):
            path = Path(self._environment["HOME"], key[2:])
        path = self._folder / path
        if not path.is_file():
            raise NotFound(
                code="KEY_MISSING",
                says=f"There is no key file {key}.",
                hint="Give a private key, or a public key whose private half the ssh agent holds, with --key FILE.",
            )
        yield path


class SignatureParts:
    """What an SSHSIG blob carries (PROTOCOL.sshsig)."""

    __slots__ = ("flags", "key", "key_type", "namespace", "signature_type")

    def __init__(self, *, key: bytes, key_type: str, namespace: str, signature_type: str, flags: int | None) -> None:
        """`flags` is the FIDO flags byte, None for keys that are no token."""
        self.key = key
        self.key_type = key_type
        self.namespace = namespace
        self.signature_type = signature_type
        self.flags = flags


def parse_signature(armored: str) -> SignatureParts:
    """Read an armored SSHSIG; raises ValueError when it is malformed in any way."""
    if len(armored) > _SIGNATURE_LIMIT_BYTES:
        message = "it is larger than 64 KB"
        raise ValueError(message)
    text = armored.strip()
    if not (text.startswith(_BEGIN) and text.endswith(_END)):
        message = "it is no armored SSH signature"
        raise ValueError(message)
    body = "".join(text[len(_BEGIN) : -len(_END)].split())
    try:
        blob = base64.b64decode(body.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        message = "its base64 is broken"
        raise ValueError(message) from error
    if not blob.startswith(_MAGIC) or blob[6:10] != struct.pack(">I", 1):
        message = "it is no SSHSIG of version 1"
        raise ValueError(message)
    key, namespace, _reserved, _hash, signature = _take_strings(blob[10:], 5)
    key_type = _take_strings(key, 1, rest_allowed=True)[0].decode("ascii")
    signature_type, rest = _signature_type(signature)
    flags = rest[0] if key_type in _TOKEN_TYPES and signature_type == key_type else None
    return SignatureParts(
        key=key,
        key_type=key_type,
        namespace=namespace.decode("utf-8"),
        signature_type=signature_type,
        flags=flags,
    )


def normalize_key(line: str) -> str:
    """Return `type base64` of a public key line, without its comment."""
    return " ".join(line.split()[:2])


def _proof_of(parts: SignatureParts, shown: str) -> SignatureCheck:
    if parts.flags is None:
        return SignatureCheck(proof=ProofLevel.KEY, key=shown)
    if parts.flags & _USER_PRESENT:
        return SignatureCheck(proof=ProofLevel.PRESENCE, key=shown)
    why = "the token signed without anybody touching it"
    return SignatureCheck(proof=ProofLevel.KEY, key=shown, why=why)


def _signature_type(signature: bytes) -> tuple[str, bytes]:
    """Return the type of a signature and, for FIDO types, its trailing flags byte and counter."""
    kind = _take_strings(signature, 1, rest_allowed=True)[0]
    rest = signature[4 + len(kind) :]
    value = _take_strings(rest, 1, rest_allowed=True)[0]
    tail = rest[4 + len(value) :]
    name = kind.decode("ascii")
    wanted = 5 if name in _TOKEN_TYPES else 0
    if len(tail) != wanted and name in _KEY_TYPES:
        message = "its signature has the wrong length"
        raise ValueError(message)
    return name, tail


def _take_strings(data: bytes, count: int, *, rest_allowed: bool = False) -> list[bytes]:
    """Take length-prefixed strings off the front; nothing may be left over unless that is allowed."""
    taken = []
    for _ in range(count):
        if len(data) < 4:  # noqa: PLR2004 - a length takes four bytes
            message = "it is cut short"
            raise ValueError(message)
        (length,) = struct.unpack(">I", data[:4])
        if len(data) - 4 < length:
            message = "it is cut short"
            raise ValueError(message)
        taken.append(data[4 : 4 + length])
        data = data[4 + length :]
    if data and not rest_allowed:
        message = "bytes are left over at its end"
        raise ValueError(message)
    return taken


def _last_line(output: bytes) -> str:
    lines = [line for line in output.decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1].strip() if lines else "no reason given"
