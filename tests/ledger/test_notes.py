"""Checkpoints are C2SP signed notes: others' tools can read them, and nothing else passes for one."""

import base64
from hashlib import sha256

import pytest

from release_harness.adapters.keys import check_signature
from release_harness.kernel.errors import InputError
from release_harness.ledger.notes import (
    is_signed_by,
    key_hash,
    read_note,
    read_verifier_key,
    sign_checkpoint,
    split_notes,
    write_verifier_key,
)
from release_harness.testing.ledger import SeededSigner

ROOT = sha256(b"").digest()
ORIGIN = "rh-ledger/test"

# From the documentation of golang.org/x/mod/sumdb/note: a key, and a note that it signed.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="


def test_a_checkpoint_is_written_as_the_specification_says() -> None:
    """Three lines, an empty line, an em dash, the name, and the base64 of key hash and signature."""
    signer = SeededSigner()
    note = sign_checkpoint(ORIGIN, 5, ROOT, signer).note
    lines = note.split("\n")
    assert lines[:4] == [ORIGIN, "5", base64.b64encode(ROOT).decode(), ""]
    dash, name, blob = lines[4].split(" ")
    assert (dash, name, lines[5:]) == ("\u2014", ORIGIN, [""])
    assert base64.b64decode(blob)[:4] == key_hash(ORIGIN, signer.public_key())
    assert len(base64.b64decode(blob)) == 4 + 64


def test_a_signature_of_the_reference_implementation_is_accepted() -> None:
    """The Go library that defined the format signed this."""
    name, public_key = read_verifier_key(GO_KEY)
    blob = base64.b64decode(GO_SIGNATURE)
    assert name == "PeterNeumann"
    assert blob[:4] == key_hash(name, public_key)
    assert check_signature(public_key, blob[4:], GO_TEXT.encode())


def test_a_signed_checkpoint_reads_back_and_verifies() -> None:
    """Writing and reading are two halves of one format."""
    signer = SeededSigner()
    note = read_note(sign_checkpoint(ORIGIN, 5, ROOT, signer).note)
    assert (note.origin, note.size, note.root) == (ORIGIN, 5, ROOT)
    assert is_signed_by(note, signer.public_key(), check_signature)
    assert not is_signed_by(note, SeededSigner(2).public_key(), check_signature)


@pytest.mark.parametrize(
    ("old", "new"), [("\n5\n", "\n6\n"), (ORIGIN, "rh-ledger/evil"), ("47DEQpj8", "57DEQpj8"), ("\n\n", "\nextra\n\n")]
)
def test_a_changed_note_is_not_signed_any_more(old: str, new: str) -> None:
    """Every byte above the empty line is covered, extension lines too."""
    signer = SeededSigner()
    text = sign_checkpoint(ORIGIN, 5, ROOT, signer).note
    assert old in text
    assert not is_signed_by(read_note(text.replace(old, new)), signer.public_key(), check_signature)


def test_a_bad_line_is_not_outvoted_by_a_later_good_one() -> None:
    """The reference implementation stops at the first line of a known key, and so does every other verifier."""
    signer = SeededSigner()
    text = sign_checkpoint(ORIGIN, 5, ROOT, signer).note
    good = text.split("\n")[4]
    blob = base64.b64decode(good.split(" ")[2])
    bad = f"\u2014 {ORIGIN} {base64.b64encode(blob[:-1] + bytes([blob[-1] ^ 1])).decode()}"
    assert not is_signed_by(read_note(text.replace(good, f"{bad}\n{good}")), signer.public_key(), check_signature)
    stranger = sign_checkpoint(ORIGIN, 5, ROOT, SeededSigner(2)).note.split("\n")[4]
    assert is_signed_by(read_note(text.replace(good, f"{stranger}\n{good}")), signer.public_key(), check_signature)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "origin\n5\n\n",
        "origin\n05\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n\u2014 origin AAAAAAA=\n",
        "origin\n-5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n\u2014 origin AAAAAAA=\n",
        "origin\n²\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n\u2014 origin AAAAAAA=\n",
        "origin\n99999999999999999999\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n\u2014 origin AAAAAAA=\n",
        "origin\n5\nAAAA\n\n\u2014 origin AAAAAAA=\n",
        "origin\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n- origin AAAAAAA=\n",
        "origin\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n\u2014 origin !!!!\n",
        "origin\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n\u2014 origin AAAAAAA=",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    """A note that is read with good will is a note that can be forged."""
    with pytest.raises(InputError) as caught:
        read_note(text)
    assert caught.value.code == "CHECKPOINT_MALFORMED"


def test_a_file_of_notes_falls_apart_into_notes() -> None:
    """The witness file is a list of them."""
    notes = [sign_checkpoint(ORIGIN, size, ROOT, SeededSigner()).note for size in (1, 2, 3)]
    assert split_notes("".join(f"{note}\n" for note in notes)) == tuple(notes)
    assert split_notes(notes[0]) == (notes[0],)
    assert split_notes("") == ()
    printed = f"{notes[0]}\nkey {GO_KEY}\n"
    assert split_notes(printed + printed) == (notes[0], notes[0])


def test_a_verifier_key_reads_back() -> None:
    """People copy it from one machine to another."""
    key = SeededSigner().public_key()
    assert read_verifier_key(write_verifier_key(ORIGIN, key)) == (ORIGIN, key)
    assert write_verifier_key("PeterNeumann", read_verifier_key(GO_KEY)[1]) == GO_KEY


@pytest.mark.parametrize(
    "text", ["", "name", "name+00000000+AAAA", GO_KEY.replace("c74f20a3", "c74f20a4"), GO_KEY[:-4]]
)
def test_a_mistyped_verifier_key_is_refused(text: str) -> None:
    """The hash in the middle is there to catch exactly that."""
    with pytest.raises(InputError) as caught:
        read_verifier_key(text)
    assert caught.value.code == "VERIFIER_KEY_MALFORMED"
