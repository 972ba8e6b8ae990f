"""Signed statements are accepted by others' verifiers, and nothing that was altered is opened."""

import base64
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey  # type: ignore[attr-defined]  # exported without __all__

from release_harness.adapters.dsse import DsseSigner, DsseVerifier, pre_authentication_encoding
from release_harness.adapters.keys import KeyFolder
from release_harness.kernel.errors import InputError

STATEMENT = b'{"_type":"https://in-toto.io/Statement/v1"}'


@pytest.fixture
def keys(tmp_path: Path) -> KeyFolder:
    """A folder with a fresh key."""
    return KeyFolder(tmp_path / "keys")


def public_pem(keys: KeyFolder) -> bytes:
    """Return the public key in PEM."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    key = Ed25519PublicKey.from_public_bytes(keys.public_key())
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def test_the_encoding_is_that_of_the_specification() -> None:
    """The example of the DSSE protocol, byte for byte."""
    written = pre_authentication_encoding("http://example.com/HelloWorld", b"hello world")
    assert written == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_what_was_signed_is_opened(keys: KeyFolder) -> None:
    """The way of every record."""
    assert DsseVerifier(keys).open(DsseSigner(keys).sign(STATEMENT)) == STATEMENT


def test_securesystemslib_verifies_the_envelope(keys: KeyFolder) -> None:
    """An independent implementation must say the same as ours."""
    envelope = Envelope.from_dict(json.loads(DsseSigner(keys).sign(STATEMENT)))
    public = load_pem_public_key(public_pem(keys))
    key = SSlibKey.from_crypto(public)
    assert list(envelope.verify([key], threshold=1).values()) == [key]


@pytest.mark.slow
def test_openssl_verifies_the_envelope(keys: KeyFolder, tmp_path: Path) -> None:
    """An auditor needs no program of ours: four lines of encoding and openssl. Starting it takes a while."""
    openssl = shutil.which("openssl")
    assert openssl, "openssl is part of every development machine; without it the interoperation is not proven"
    envelope = json.loads(DsseSigner(keys).sign(STATEMENT))
    (tmp_path / "pub.pem").write_bytes(public_pem(keys))
    (tmp_path / "sig").write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
    payload = base64.b64decode(envelope["payload"])
    command = [openssl, "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "pub.pem", "-in", "pae", "-sigfile", "sig"]
    for content, code in ((payload, 0), (payload + b" ", 1)):
        (tmp_path / "pae").write_bytes(pre_authentication_encoding(envelope["payloadType"], content))
        assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == code


def test_a_bundle_is_a_sigstore_bundle_and_opens_too(keys: KeyFolder) -> None:
    """Sigstore's verifiers take a bundle v0.3 with a public key hint without a log."""
    signer = DsseSigner(keys)
    bundle = signer.bundle(signer.sign(STATEMENT))
    document = json.loads(bundle)
    assert document["mediaType"] == "application/vnd.dev.sigstore.bundle.v0.3+json"
    assert document["verificationMaterial"]["publicKey"]["hint"] == document["dsseEnvelope"]["signatures"][0]["keyid"]
    assert DsseVerifier(keys).open(bundle) == STATEMENT


@pytest.mark.parametrize("part", ["payload", "payloadType", "sig", "no signature"])
def test_an_altered_envelope_is_refused(keys: KeyFolder, part: str) -> None:
    """Each part is under the signature; an envelope without one is nobody's word."""
    document = json.loads(DsseSigner(keys).sign(STATEMENT))
    if part == "payload":
        document["payload"] = base64.b64encode(STATEMENT + b" ").decode()
    elif part == "payloadType":
        document["payloadType"] = "text/plain"
    elif part == "sig":
        document["signatures"][0]["sig"] = base64.b64encode(b"\0" * 64).decode()
    else:
        document["signatures"] = []
    with pytest.raises(InputError) as caught:
        DsseVerifier(keys).open(json.dumps(document).encode())
    assert caught.value.code == "SIGNATURE_REFUSED"


def test_the_key_of_a_stranger_is_refused_until_it_is_trusted(keys: KeyFolder, tmp_path: Path) -> None:
    """A shared ledger holds the records of others; whose word counts is the reader's choice."""
    other = KeyFolder(tmp_path / "other")
    envelope = DsseSigner(other).sign(STATEMENT)
    keys.public_key()
    with pytest.raises(InputError):
        DsseVerifier(keys).open(envelope)
    (keys.folder / "trusted").mkdir()
    (keys.folder / "trusted" / "other.pem").write_bytes(public_pem(other))
    assert DsseVerifier(keys).open(envelope) == STATEMENT


def test_given_keys_replace_the_trusted_ones(keys: KeyFolder, tmp_path: Path) -> None:
    """An auditor verifies with public keys alone, and with exactly those."""
    envelope = DsseSigner(keys).sign(STATEMENT)
    empty = DsseVerifier(KeyFolder(tmp_path / "nothing"))
    assert empty.open(envelope, keys=[public_pem(keys)]) == STATEMENT
    stranger = Ed25519PrivateKey.generate().public_key()
    pem = stranger.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(InputError):
        DsseVerifier(keys).open(envelope, keys=[pem])


def test_a_machine_without_keys_believes_nothing(keys: KeyFolder, tmp_path: Path) -> None:
    """No key to check with is no reason to believe; and looking must not make a key."""
    envelope = DsseSigner(keys).sign(STATEMENT)
    folder = tmp_path / "nothing"
    with pytest.raises(InputError):
        DsseVerifier(KeyFolder(folder)).open(envelope)
    assert not folder.exists()


@pytest.mark.parametrize("envelope", [b"", b"[]", b"{}", b'{"signatures": 1}', b"null", b"[" * 100_000])
def test_what_is_no_envelope_is_refused_in_words(keys: KeyFolder, envelope: bytes) -> None:
    """Exported files come from anywhere."""
    with pytest.raises(InputError) as caught:
        DsseVerifier(keys).open(envelope)
    assert caught.value.code == "SIGNATURE_REFUSED"


def test_a_trusted_key_of_another_kind_is_said(keys: KeyFolder) -> None:
    """A wrong key must not silently be no key."""
    envelope = DsseSigner(keys).sign(STATEMENT)
    with pytest.raises(InputError) as caught:
        DsseVerifier(keys).open(envelope, keys=[b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
    assert caught.value.code == "KEY_WRONG_KIND"
