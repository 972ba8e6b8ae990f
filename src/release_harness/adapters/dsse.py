"""Signs in-toto statements as DSSE envelopes with the key of this user, and opens envelopes of trusted keys.

Signing goes through securesystemslib. Opening is on the way of every `rh check` that has evidence, where that library
would cost 200 ms to load; it needs no more than the pre-authentication encoding and one Ed25519 check. The tests hold
both against each other and against openssl.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from release_harness.adapters.keys import KeyFolder, check_signature
from release_harness.kernel.digests import canonical_json
from release_harness.kernel.errors import InputError, OutsideError

PAYLOAD_TYPE = "application/vnd.in-toto+json"
BUNDLE_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
TRUSTED_FOLDER = "trusted"


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """Return what is signed (DSSE v1.0.2, protocol.md): type and payload, each with its length before it."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


class DsseSigner:
    """Implements the Signer port."""

    def __init__(self, keys: KeyFolder) -> None:
        """The key is read, or made, when something is signed."""
        self._keys = keys

    def sign(self, statement: bytes) -> bytes:
        """Return a DSSE envelope around an in-toto statement, as canonical JSON."""
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
        from securesystemslib.dsse import Envelope
        from securesystemslib.signer import CryptoSigner  # type: ignore[attr-defined]  # exported without __all__

        private = load_pem_private_key(self._keys.private_pem(), password=None)
        envelope = Envelope(statement, PAYLOAD_TYPE, {})
        envelope.sign(CryptoSigner(private))
        return canonical_json(envelope.to_dict())

    def bundle(self, envelope: bytes) -> bytes:
        """Return the envelope as a Sigstore bundle v0.3 with a public key hint, which verifiers take without a log."""
        document = json.loads(envelope)
        signatures = document["signatures"]
        return canonical_json(
            {
                "mediaType": BUNDLE_TYPE,
                "verificationMaterial": {"publicKey": {"hint": signatures[0]["keyid"]}},
                "dsseEnvelope": document,
            }
        )


class DsseVerifier:
    """Implements the Verifier port."""

    def __init__(self, keys: KeyFolder) -> None:
        """Trusted are the key of this user and the public keys (PEM) in the folder `trusted` beside it."""
        self._keys = keys

    def open(self, envelope: bytes, *, keys: Sequence[bytes] = ()) -> bytes:
        """Return the statement; raises InputError when no trusted key, or none of the given PEM keys, signed it.

        A Sigstore bundle is opened like the envelope in it.
        """
        kind, payload, signatures = _read_envelope(envelope)
        if kind != PAYLOAD_TYPE:
            raise _refuse(why=f"its payload type is {kind!r}, not {PAYLOAD_TYPE!r}")
        message = pre_authentication_encoding(kind, payload)
        trusted = [_raw_public_key(pem, "the given key") for pem in keys] if keys else self._trusted
        if any(check_signature(key, signature, message) for signature in signatures for key in trusted):
            return payload
        if not trusted:
            raise _refuse(why="there is no trusted key on this machine")
        raise _refuse(why=f"none of its {len(signatures)} signatures is by a trusted key")

    @cached_property
    def _trusted(self) -> tuple[bytes, ...]:
        own = self._keys.known_public_key()
        folder = self._keys.folder / TRUSTED_FOLDER
        others = tuple(_raw_public_key(_read(path), str(path)) for path in sorted(folder.glob("*.pem")))
        return (*((own,) if own else ()), *others)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise OutsideError(
            code="KEY_UNREADABLE",
            says=f"The trusted key {path} cannot be read: {error.strerror}.",
            hint="Check the owner and the rights of the file.",
            retryable=False,
        ) from error


def _raw_public_key(pem: bytes, name: str) -> bytes:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise InputError(
            code="KEY_WRONG_KIND",
            says=f"{name} is no Ed25519 public key in PEM.",
            hint="Make one from a private key with: openssl pkey -in signing.key -pubout",
        )
    return key.public_bytes_raw()


def _read_envelope(envelope: bytes) -> tuple[str, bytes, tuple[bytes, ...]]:
    try:
        document = json.loads(envelope)
        document = document.get("dsseEnvelope", document)
        signatures = tuple(base64.b64decode(each["sig"], validate=True) for each in document["signatures"])
        return str(document["payloadType"]), base64.b64decode(document["payload"], validate=True), signatures
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error, RecursionError) as error:
        raise _refuse(why=f"it is no DSSE envelope ({type(error).__name__})") from error


def _refuse(*, why: str) -> InputError:
    return InputError(
        code="SIGNATURE_REFUSED",
        says=f"The signature does not hold: {why}.",
        hint="Put the public key (PEM) of whoever signed it into the folder `trusted` beside your signing key, if you trust them.",
    )
