"""Signatures of people: made and checked by the real ssh-keygen, tokens built in software."""

import base64
import hashlib
import struct
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from release_harness.adapters.ssh_keygen import SshKeygen, parse_signature
from release_harness.kernel.errors import InputError, NotFound
from release_harness.kernel.identity import ProofLevel

NAMESPACE = "approval@release-harness.dev"
CONTENT = b'{"approver":"bo","change":"sha256:aa"}'
USER_PRESENT = 0x01
USER_VERIFIED = 0x04


def make_key(folder: Path, name: str = "id_ed25519") -> tuple[Path, str]:
    """Make an ed25519 key pair without a passphrase and return its file and public line."""
    file = folder / name
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "bo@example.org", "-f", str(file)],
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return file, file.with_suffix(".pub").read_text().strip()


def string(data: bytes) -> bytes:
    """Write bytes as SSH does: length first."""
    return struct.pack(">I", len(data)) + data


def mpint(number: int) -> bytes:
    """Write a positive number as SSH does."""
    return string(number.to_bytes(number.bit_length() // 8 + 1, "big"))


def armor(key: bytes, signature: bytes, namespace: str) -> str:
    """Wrap a raw signature as an armored SSHSIG."""
    blob = b"SSHSIG" + struct.pack(">I", 1)
    blob += string(key) + string(namespace.encode()) + string(b"") + string(b"sha512") + string(signature)
    text = base64.b64encode(blob).decode()
    lines = "\n".join(text[start : start + 70] for start in range(0, len(text), 70))
    return f"-----BEGIN SSH SIGNATURE-----\n{lines}\n-----END SSH SIGNATURE-----\n"


def signed_data(content: bytes, namespace: str) -> bytes:
    """Return what an SSHSIG signs (PROTOCOL.sshsig)."""
    digest = hashlib.sha512(content).digest()
    return b"SSHSIG" + string(namespace.encode()) + string(b"") + string(b"sha512") + string(digest)


class SoftwareToken:
    """A FIDO token in software that signs with whatever flags it is told, as a stolen or simulated one would."""

    application = b"ssh:"

    def __init__(self) -> None:
        """Make an sk-ssh-ed25519 key."""
        self.private = ed25519.Ed25519PrivateKey.generate()
        raw = self.private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.type = b"sk-ssh-ed25519@openssh.com"
        self.key = string(self.type) + string(raw) + string(self.application)
        self.line = f"{self.type.decode()} {base64.b64encode(self.key).decode()}"

    def sign(self, content: bytes, *, flags: int, namespace: str = NAMESPACE) -> str:
        """Sign with the given flags byte (PROTOCOL.u2f)."""
        tail = bytes([flags]) + struct.pack(">I", 7)
        message = hashlib.sha256(signed_data(content, namespace)).digest()
        told = hashlib.sha256(self.application).digest() + tail + message
        return armor(self.key, string(self.type) + string(self.private.sign(told)) + tail, namespace)


class SoftwareEcdsaToken(SoftwareToken):
    """The same with an sk-ecdsa key."""

    def __init__(self) -> None:
        """Make an sk-ecdsa-sha2-nistp256 key."""
        self.ecdsa = ec.generate_private_key(ec.SECP256R1())
        point = self.ecdsa.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        self.type = b"sk-ecdsa-sha2-nistp256@openssh.com"
        self.key = string(self.type) + string(b"nistp256") + string(point) + string(self.application)
        self.line = f"{self.type.decode()} {base64.b64encode(self.key).decode()}"

    def sign(self, content: bytes, *, flags: int, namespace: str = NAMESPACE) -> str:
        """Sign with the given flags byte (PROTOCOL.u2f)."""
        tail = bytes([flags]) + struct.pack(">I", 7)
        message = hashlib.sha256(signed_data(content, namespace)).digest()
        told = hashlib.sha256(self.application).digest() + tail + message
        r, s = decode_dss_signature(self.ecdsa.sign(told, ec.ECDSA(hashes.SHA256())))
        return armor(self.key, string(self.type) + string(mpint(r) + mpint(s)) + tail, namespace)


@pytest.fixture
def keygen(tmp_path: Path) -> SshKeygen:
    """The adapter with an environment that knows no agent and no settings."""
    return SshKeygen(tmp_path, {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"})


def test_a_signature_of_a_listed_key_proves_key(keygen: SshKeygen, tmp_path: Path) -> None:
    """The ordinary way: a key file on the reviewer's machine."""
    file, line = make_key(tmp_path)
    signature = keygen.sign(CONTENT, namespace=NAMESPACE, key=str(file))
    check = keygen.verify(CONTENT, signature, namespace=NAMESPACE, keys=[line])
    assert check.proof is ProofLevel.KEY
    assert check.key == " ".join(line.split()[:2])


def test_one_changed_byte_proves_nothing(keygen: SshKeygen, tmp_path: Path) -> None:
    """A statement that differs from what was signed was never approved."""
    file, line = make_key(tmp_path)
    signature = keygen.sign(CONTENT, namespace=NAMESPACE, key=str(file))
    check = keygen.verify(CONTENT.replace(b"aa", b"ab"), signature, namespace=NAMESPACE, keys=[line])
    assert check.proof is None
    assert "refuses" in check.why


def test_a_signature_for_another_purpose_is_refused(keygen: SshKeygen, tmp_path: Path) -> None:
    """A signed git commit or file must not become an approval."""
    file, line = make_key(tmp_path)
    signature = keygen.sign(CONTENT, namespace="git", key=str(file))
    check = keygen.verify(CONTENT, signature, namespace=NAMESPACE, keys=[line])
    assert check.proof is None
    assert check.why == f"it was signed for 'git', not for {NAMESPACE!r}"


def test_a_key_that_is_not_listed_proves_nothing(keygen: SshKeygen, tmp_path: Path) -> None:
    """Anybody can make a key; only the policy says whose it is."""
    file, _ = make_key(tmp_path)
    _, other = make_key(tmp_path, "other")
    signature = keygen.sign(CONTENT, namespace=NAMESPACE, key=str(file))
    check = keygen.verify(CONTENT, signature, namespace=NAMESPACE, keys=[other])
    assert check.proof is None
    assert "not listed" in check.why


@pytest.mark.parametrize("kind", [SoftwareToken, SoftwareEcdsaToken])
@pytest.mark.parametrize(
    ("flags", "proof"),
    [
        (USER_PRESENT, ProofLevel.PRESENCE),
        (USER_PRESENT | USER_VERIFIED, ProofLevel.PRESENCE),
        (0, ProofLevel.KEY),
        (USER_VERIFIED, ProofLevel.KEY),
    ],
)
def test_only_a_touch_proves_presence(
    keygen: SshKeygen, kind: type[SoftwareToken], flags: int, proof: ProofLevel
) -> None:
    """OpenSSH accepts a token's signature without a touch; the flags byte says whether somebody was there."""
    token = kind()
    check = keygen.verify(CONTENT, token.sign(CONTENT, flags=flags), namespace=NAMESPACE, keys=[token.line])
    assert check.proof is proof


def test_a_flag_set_after_signing_breaks_the_signature(keygen: SshKeygen) -> None:
    """The flags byte is covered by the signature, so nobody can add the touch later."""
    token = SoftwareToken()
    armored = token.sign(CONTENT, flags=0)
    blob = base64.b64decode("".join(armored.splitlines()[1:-1]))
    forged = blob[:-5] + bytes([USER_PRESENT]) + blob[-4:]
    body = base64.b64encode(forged).decode()
    text = f"-----BEGIN SSH SIGNATURE-----\n{body}\n-----END SSH SIGNATURE-----\n"
    assert parse_signature(text).flags == USER_PRESENT
    assert keygen.verify(CONTENT, text, namespace=NAMESPACE, keys=[token.line]).proof is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n",
        "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n",
        "-----BEGIN SSH SIGNATURE-----\n%%%%\n-----END SSH SIGNATURE-----\n",
        "-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAf////8=\n-----END SSH SIGNATURE-----\n",
        "-----BEGIN PGP SIGNATURE-----\nabcd\n-----END PGP SIGNATURE-----\n",
        "x" * 70_000,
    ],
)
def test_a_broken_signature_proves_nothing_and_does_not_raise(keygen: SshKeygen, text: str) -> None:
    """One broken row must not stop the whole check, and must not help anybody."""
    check = keygen.verify(CONTENT, text, namespace=NAMESPACE, keys=["ssh-ed25519 AAAA"])
    assert check.proof is None
    assert "cannot be read" in check.why


def test_a_listed_key_cannot_smuggle_options(keygen: SshKeygen, tmp_path: Path) -> None:
    """Keys come from the repository's policy; only type and blob ever reach the file of allowed signers."""
    file, line = make_key(tmp_path)
    signature = keygen.sign(CONTENT, namespace=NAMESPACE, key=str(file))
    hostile = f"* cert-authority {line}"
    assert keygen.verify(CONTENT, signature, namespace=NAMESPACE, keys=[hostile]).proof is None


@pytest.mark.slow
def test_the_agent_signs_for_a_public_key(keygen: SshKeygen, tmp_path: Path) -> None:
    """Slow because it starts an ssh-agent: many reviewers never have their private key as a file."""
    file, line = make_key(tmp_path)
    started = subprocess.run(["ssh-agent", "-s"], check=True, capture_output=True, text=True).stdout
    values = dict(part.split("=", 1) for part in started.replace("\n", ";").split(";") if part.startswith("SSH_"))
    environment = {"PATH": "/usr/bin:/bin", **values}
    try:
        subprocess.run(["ssh-add", "-q", str(file)], check=True, env=environment)
        public = tmp_path / "only.pub"
        public.write_text(line + "\n")
        file.unlink()
        signature = SshKeygen(tmp_path, environment).sign(CONTENT, namespace=NAMESPACE, key=str(public))
    finally:
        subprocess.run(["ssh-agent", "-k"], check=True, env=environment, capture_output=True)
    assert keygen.verify(CONTENT, signature, namespace=NAMESPACE, keys=[line]).proof is ProofLevel.KEY


def test_a_missing_key_says_what_to_give(keygen: SshKeygen) -> None:
    """The first thing that goes wrong for a newcomer."""
    with pytest.raises(NotFound) as caught:
        keygen.sign(CONTENT, namespace=NAMESPACE, key="nothing-here")
    assert caught.value.code == "KEY_MISSING"
    assert "--key FILE" in caught.value.hint


def test_a_file_that_is_no_key_is_an_input_error(keygen: SshKeygen, tmp_path: Path) -> None:
    """Keys of the wrong kind get a sentence, never a traceback."""
    (tmp_path / "notes.txt").write_text("not a key\n")
    with pytest.raises(InputError) as caught:
        keygen.sign(CONTENT, namespace=NAMESPACE, key="notes.txt")
    assert caught.value.code == "KEY_CANNOT_SIGN"


def test_the_default_key_is_git_s_own_for_ssh_only(tmp_path: Path) -> None:
    """A GPG key id in user.signingkey is no file and must not be taken for one."""
    config = tmp_path / "config"
    config.write_text("[user]\n\tsigningkey = ABCDEF\n")
    environment = {"PATH": "/usr/bin:/bin", "GIT_CONFIG_GLOBAL": str(config), "GIT_CONFIG_NOSYSTEM": "1"}
    assert SshKeygen(tmp_path, environment).default_key() == ""
    config.write_text("[user]\n\tsigningkey = ~/.ssh/id.pub\n[gpg]\n\tformat = ssh\n")
    assert SshKeygen(tmp_path, environment).default_key() == "~/.ssh/id.pub"
