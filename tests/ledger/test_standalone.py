"""The one-file verifier comes to the same answers as rh, without importing rh."""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release_harness.adapters.keys import check_signature
from release_harness.kernel.errors import InputError
from release_harness.kernel.verdict import Outcome
from release_harness.ledger.audit import Outside
from release_harness.ledger.inspection import audit_bundle, export_database, prove_entry, standalone_verifier
from release_harness.ledger.notes import sign_checkpoint, write_verifier_key
from release_harness.testing.ledger import MemoryWitness, SeededSigner, make_event, open_sqlite_ledger

# Each test starts a Python of its own, which takes 100 ms.
pytestmark = pytest.mark.slow


class Exported:
    """A ledger of eleven entries as files, and the verifier in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.signer = SeededSigner()
        self.witness = MemoryWitness()
        ledger = open_sqlite_ledger(folder / "ledger.db", signer=self.signer, witness=self.witness)
        for number in range(11):
            payload: dict[str, Any] = {"number": number, "words": "schön \x00 \udc80"}
            ledger.append(make_event(payload=payload, subject=f"change:{number}", key=f"k{number}"))
        self.origin = ledger.checkpoint().origin
        self.bundle: dict[str, Any] = json.loads(export_database(ledger)[0])
        self.proof: dict[str, Any] = json.loads(json.dumps(prove_entry(ledger, "6")))
        ledger.close()
        (folder / "verify_bundle.py").write_bytes(standalone_verifier())

    @property
    def key(self) -> str:
        """The verifier key of the signer."""
        return write_verifier_key(self.origin, self.signer.public_key())

    def verify(self, document: object, *arguments: str) -> tuple[int, str]:
        """Run the stand-alone verifier; returns its exit code and its words."""
        (self.folder / "document.json").write_text(json.dumps(document), encoding="utf-8")
        # -I and an empty folder: neither rh nor anything installed can be imported by accident.
        done = subprocess.run(
            [sys.executable, "-I", "-S", "verify_bundle.py", "document.json", *arguments],
            check=False,
            capture_output=True,
            text=True,
            cwd=self.folder,
        )
        return done.returncode, done.stdout + done.stderr

    def audit(self, document: object) -> Outcome:
        """Return what rh itself says of the document."""
        outside = Outside(place="the witness", text=self.witness.read())
        return audit_bundle(
            json.dumps(document).encode(), (outside,), (self.signer.public_key(),), check_signature
        ).outcome


@pytest.fixture
def exported(tmp_path: Path) -> Exported:
    """A healthy bundle and proof."""
    return Exported(tmp_path)


def test_a_whole_bundle_passes_with_the_signers_key(exported: Exported) -> None:
    """An auditor with Python and one file comes to the same answer as rh."""
    code, words = exported.verify(exported.bundle, "--key", exported.key)
    assert (code, "PASS" in words, "11 entries" in words) == (0, True, True), words
    assert exported.audit(exported.bundle) is Outcome.PASS


def test_without_a_key_the_answer_stays_open(exported: Exported) -> None:
    """A bundle that vouches for itself is no proof."""
    code, words = exported.verify(exported.bundle)
    assert (code, "UNKNOWN" in words) == (3, True), words
    stranger = write_verifier_key(exported.origin, SeededSigner(7).public_key())
    assert exported.verify(exported.bundle, "--key", stranger)[0] == 3


def edit_entry(bundle: dict[str, Any]) -> None:
    """Change the subject of an entry."""
    bundle["entries"][5]["entry"]["subject"] = "change:forged"


def edit_payload(bundle: dict[str, Any]) -> None:
    """Change a payload."""
    bundle["entries"][5]["payload"] = bundle["entries"][5]["payload"].replace("5", "6")


def drop_payload(bundle: dict[str, Any]) -> None:
    """Take a payload out."""
    bundle["entries"][5]["payload"] = None


def drop_entry(bundle: dict[str, Any]) -> None:
    """Take an entry out."""
    del bundle["entries"][5]


def swap_entries(bundle: dict[str, Any]) -> None:
    """Put two entries in each other's place."""
    entries = bundle["entries"]
    entries[5], entries[6] = entries[6], entries[5]


def cut_end(bundle: dict[str, Any]) -> None:
    """Cut the last entries off."""
    del bundle["entries"][9:]


def edit_note(bundle: dict[str, Any]) -> None:
    """Let a checkpoint speak about another size."""
    bundle["checkpoints"][3]["note"] = bundle["checkpoints"][3]["note"].replace("\n4\n", "\n3\n")


def edit_root(bundle: dict[str, Any]) -> None:
    """Let a checkpoint and its note differ."""
    bundle["checkpoints"][3]["root"] = "00" * 32


def edit_signature(bundle: dict[str, Any]) -> None:
    """Change one character of a signature."""
    note = bundle["checkpoints"][3]["note"]
    bundle["checkpoints"][3]["note"] = note[:-9] + ("A" if note[-9] != "A" else "B") + note[-8:]


@pytest.mark.parametrize(
    "damage",
    [edit_entry, edit_payload, drop_payload, drop_entry, swap_entries, cut_end, edit_note, edit_root, edit_signature],
)
def test_a_damaged_bundle_fails_in_both_verifiers(exported: Exported, damage: Callable[[dict[str, Any]], None]) -> None:
    """Whoever hands the bundle over may have changed it."""
    damage(exported.bundle)
    code, words = exported.verify(exported.bundle, "--key", exported.key)
    assert (code, "WRONG" in words) == (1, True), words
    assert exported.audit(exported.bundle) is Outcome.FAIL


def test_a_bundle_of_another_history_fails_against_a_kept_checkpoint(exported: Exported) -> None:
    """The checkpoint in somebody's approval mail is enough to catch a fork, even one signed with the right key."""
    (exported.folder / "kept.txt").write_text(exported.witness.notes[-1], encoding="utf-8")
    assert exported.verify(exported.bundle, "--key", exported.key, "--since", "kept.txt")[0] == 0
    forked = sign_checkpoint(exported.origin, 9, bytes(32), exported.signer).note
    (exported.folder / "kept.txt").write_text(forked, encoding="utf-8")
    code, words = exported.verify(exported.bundle, "--key", exported.key, "--since", "kept.txt")
    assert (code, "another root" in words) == (1, True), words


def test_a_proof_passes_and_a_changed_one_fails(exported: Exported) -> None:
    """One entry can be shown to somebody who must not see the others."""
    code, words = exported.verify(exported.proof, "--key", exported.key)
    assert (code, "entry 6" in words) == (0, True), words
    assert exported.verify(exported.proof)[0] == 3
    for field, value in (("path", exported.proof["path"][:-1]), ("payload", "{}")):
        assert exported.verify({**exported.proof, field: value}, "--key", exported.key)[0] == 1
    moved = {**exported.proof, "entry": {**exported.proof["entry"], "seq": 7}}
    assert exported.verify(moved, "--key", exported.key)[0] == 1


@pytest.mark.parametrize("document", [{}, [], {"schema": "other/1"}, {"schema": "rh.ledger.bundle/1"}])
def test_what_is_no_bundle_is_said_without_a_traceback(exported: Exported, document: object) -> None:
    """The person at the other end has no idea what Python is."""
    code, words = exported.verify(document)
    assert (code, "Traceback" in words) == (2, False), words
    with pytest.raises(InputError) as caught:
        exported.audit(document)
    assert caught.value.code == "BUNDLE_MALFORMED"


def load_verifier() -> ModuleType:
    """Import the shipped file by its path."""
    path = Path(__file__).parents[2] / "src/release_harness/ledger/standalone/verify_bundle.py"
    spec = importlib.util.spec_from_file_location("verify_bundle", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@given(st.binary(max_size=80), st.integers(1, 255), st.integers(0, 63), st.integers(0, 7))
@settings(max_examples=25, deadline=None)
def test_its_own_ed25519_agrees_with_the_library(message: bytes, seed: int, place: int, bit: int) -> None:
    """A verifier that accepts a bad signature, or refuses a good one, is worse than none."""
    verifier, signer = load_verifier(), SeededSigner(seed)
    key, signature = signer.public_key(), signer.sign(message)
    assert verifier.is_signature(key, signature, message)
    assert not verifier.is_signature(key, signature, message + b"x")
    flipped = bytearray(signature)
    flipped[place] ^= 1 << bit
    assert not verifier.is_signature(key, bytes(flipped), message)
    assert not verifier.is_signature(key, signature[:63], message)


def test_its_own_ed25519_passes_the_vectors_of_the_rfc() -> None:
    """RFC 8032 §7.1, TEST 2; and a signature whose s is not reduced must be refused (§5.1.7)."""
    verifier = load_verifier()
    key = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert verifier.is_signature(key, signature, b"\x72")
    shifted = int.from_bytes(signature[32:], "little") + verifier.ORDER
    assert not verifier.is_signature(key, signature[:32] + shifted.to_bytes(32, "little"), b"\x72")


def test_the_verifier_imports_only_the_standard_library() -> None:
    """It is shipped as one file."""
    import ast

    names = set()
    for node in ast.walk(ast.parse(standalone_verifier())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
    assert names <= set(sys.stdlib_module_names)
