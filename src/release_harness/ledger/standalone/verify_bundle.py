"""Verifies what `rh ledger export` and `rh ledger prove` wrote, without rh: one file, Python 3.9 or later, nothing to install.

    python3 verify_bundle.py ledger.json --key 'rh-ledger/…+1a2b3c4d+AR…' [--since checkpoint.txt]

It recomputes every entry's hash (RFC 6962 leaf over canonical JSON), every payload's digest, every link, the Merkle root at
every checkpoint, and checks the Ed25519 signatures. Exit code: 0 whole and signed by your key, 1 something is wrong,
2 not a file that it can read, 3 whole in itself but nobody that you named vouches for all of it.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

Point = tuple[int, int, int, int]
Note = tuple[str, int, bytes, bytes, list[tuple[str, bytes, bytes]]]

KEY_BYTES = 32
SIGNATURE_BYTES = 64
NOTE_LINES = 3


class Wrong(Exception):  # noqa: N818 - reads as a plain word
    """Something is not what was signed."""

    def __init__(self, *, says: str) -> None:
        """Keep the sentence."""
        super().__init__(says)


class Unreadable(ValueError):  # noqa: N818 - as above
    """A file is not what it should be."""

    def __init__(self, *, says: str) -> None:
        """Keep the sentence."""
        super().__init__(says)


# --- Ed25519 (RFC 8032, section 5.1), verification only; plain integers, no secrets, so timing does not matter.

BUNDLE_SCHEMA = "rh.ledger.bundle/1"
PROOF_SCHEMA = "rh.ledger.proof/1"

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)


def recover_x(y: int, sign: int) -> int | None:
    """Return the x of a point on the curve, or None when there is none."""
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if x2 == 0:
        return None if sign else 0
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * SQRT_M1 % P
    if (x * x - x2) % P:
        return None
    return P - x if (x & 1) != sign else x


def read_point(data: bytes) -> Point | None:
    """Return the point in extended coordinates, or None when the bytes are none."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def add(p: Point, q: Point) -> Point:
    """Return the sum of two points."""
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(scalar: int, point: Point) -> Point:
    """Return the point added to itself so many times."""
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def same_point(p: Point, q: Point) -> bool:
    """Tell whether two extended coordinates name one point."""
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


def is_signature(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether the signature is that key's over that message."""
    if len(public_key) != KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    a, r = read_point(public_key), read_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % ORDER
    return same_point(multiply(s, BASE), add(r, multiply(k, a)))


# --- Hashes


def leaf_hash(entry: dict[str, Any]) -> bytes:
    """Return SHA-256(0x00 || canonical JSON)."""
    text = json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(b"\x00" + text.encode("utf-8", "backslashreplace")).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """The perfect subtrees of everything added so far."""

    def __init__(self) -> None:
        """Start with no entry."""
        self.size = 0
        self.hashes: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        index = self.size
        while index & 1:
            leaf = node_hash(self.hashes.pop(), leaf)
            index >>= 1
        self.hashes.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Return the tree head."""
        if not self.hashes:
            return hashlib.sha256(b"").digest()
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node_hash(left, root)
        return root


def root_of_path(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """Follow an inclusion path (RFC 9162, 2.1.3.2); returns None when it has the wrong length."""
    last = size - 1
    for sibling in path:
        if last == 0:
            return None
        if index & 1 or index == last:
            leaf = node_hash(sibling, leaf)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            leaf = node_hash(leaf, sibling)
        index, last = index >> 1, last >> 1
    return leaf if last == 0 else None


# --- Signed notes (c2sp.org/signed-note)


def read_key(text: str) -> tuple[str, bytes]:
    """Return name and public key of `name+hash+base64(0x01 || key)`."""
    name, _, rest = text.strip().partition("+")
    hash_text, _, encoded = rest.partition("+")
    material = base64.b64decode(encoded, validate=True)
    if len(material) != 1 + KEY_BYTES or material[:1] != b"\x01" or key_hash(name, material[1:]).hex() != hash_text:
        raise Unreadable(says="not an Ed25519 verifier key: " + text)
    return name, material[1:]


def key_hash(name: str, public_key: bytes) -> bytes:
    """Return the four bytes that name a key in a signature line."""
    return hashlib.sha256(name.encode() + b"\n\x01" + public_key).digest()[:4]


def read_note(text: str) -> Note:
    """Return origin, size, root, signed body and [(name, key hash, signature)]."""
    body, gap, tail = text.rpartition("\n\n")
    lines = body.split("\n")
    if not gap or len(lines) < NOTE_LINES or not lines[1].isdigit() or not tail.endswith("\n"):
        raise Unreadable(says="not a signed checkpoint")
    signatures = []
    for line in tail[:-1].split("\n"):
        name, _, encoded = line[2:].rpartition(" ")
        blob = base64.b64decode(encoded, validate=True)
        if not line.startswith("\u2014 ") or not name:
            raise Unreadable(says="not a signature line: " + line)
        signatures.append((name, blob[:4], blob[4:]))
    return lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True), (body + "\n").encode(), signatures


def is_signed(note: Note, public_key: bytes) -> bool:
    """Tell whether the key signed the note; the first line under its name and hash decides."""
    origin, _, _, body, signatures = note
    for name, hash_, signature in signatures:
        if name == origin and hash_ == key_hash(origin, public_key):
            return is_signature(public_key, signature, body)
    return False


def split_notes(text: str) -> list[str]:
    """Cut a file of notes, each followed by an empty line, into single ones; lines `key …` between them are left out."""
    notes: list[str] = []
    current: list[str] = []
    for line in text.splitlines(keepends=True):
        if line == "\n" and current and current[-1].startswith("\u2014 "):
            notes.append("".join(current))
            current = []
        elif current or not (line == "\n" or line.startswith("key ")):
            current.append(line)
    return notes + (["".join(current)] if current else [])


# --- The checks


def check_entry(item: dict[str, Any], seq: int, prev: str | None) -> bytes:
    """Return the leaf hash of an entry that is what its hashes say."""
    entry = item["entry"]
    if entry["seq"] != seq:
        raise Wrong(says=f"entry {seq} is missing: the next one is {entry['seq']}")
    leaf = leaf_hash(entry)
    if leaf.hex() != item["leaf"]:
        raise Wrong(says=f"entry {seq} was changed: it does not give its own hash")
    if prev is not None and entry["prev"] != prev:
        raise Wrong(says=f"entry {seq} does not follow entry {seq - 1}")
    if item["payload"] is None or item["salt"] is None:
        raise Wrong(says=f"the payload of entry {seq} was taken out")
    payload = bytes.fromhex(item["salt"]) + item["payload"].encode("utf-8", "surrogatepass")
    if "sha256:" + hashlib.sha256(payload).hexdigest() != entry["payload_digest"]:
        raise Wrong(says=f"the payload of entry {seq} was changed: it does not give its digest")
    return leaf


def check_checkpoint(origin: str, stored: dict[str, Any]) -> Note:
    """Return the note of a checkpoint whose signature fits."""
    note = read_note(stored["note"])
    if note[:3] != (origin, stored["size"], bytes.fromhex(stored["root"])):
        raise Wrong(says=f"the checkpoint of {stored['size']} entries says something else than its note")
    if not is_signed(note, bytes.fromhex(stored["public_key"])):
        raise Wrong(says=f"the checkpoint of {stored['size']} entries has a signature that does not fit")
    return note


def check_bundle(bundle: dict[str, Any], keys: list[bytes], since: list[str]) -> tuple[int, int]:
    """Return how many entries the keys vouch for, and how many there are."""
    origin = bundle["origin"]
    claims: dict[int, list[tuple[str, bytes]]] = {}
    notes = [("a checkpoint of the bundle", check_checkpoint(origin, each)) for each in bundle["checkpoints"]]
    notes += [(f"note {number} that you gave", read_note(text)) for number, text in enumerate(since, 1)]
    for source, note in notes:
        if note[0] != origin:
            raise Wrong(says=f"{source} is about the log {note[0]}, the bundle about {origin}")
        claims.setdefault(note[1], []).append((source, note[2]))
    vouched = max((note[1] for _, note in notes if any(is_signed(note, key) for key in keys)), default=0)
    tree, prev, confirmed = Tree(), "", 0
    for item in [None, *bundle["entries"]]:
        if item is not None:
            tree.add(check_entry(item, tree.size, prev))
            prev = item["leaf"]
        for source, root in claims.pop(tree.size, ()):
            if root != tree.root():
                raise Wrong(
                    says=f"entries {confirmed} to {tree.size - 1} are not what was signed: {source} has another root"
                )
            confirmed = tree.size
    if claims:
        raise Wrong(
            says=f"entries {tree.size} to {max(claims) - 1} are missing at the end: {claims[max(claims)][0][0]} has them"
        )
    say(f"{tree.size} entries of {origin} are sound, root {tree.root().hex()}")
    return min(vouched, tree.size), tree.size


def check_proof(proof: dict[str, Any], keys: list[bytes]) -> tuple[int, int]:
    """Return the size of the log that the entry is in when the keys vouch for it (else 0), and that size."""
    entry, stored = proof["entry"], proof["checkpoint"]
    leaf = check_entry(proof, entry["seq"], None)
    note = check_checkpoint(proof["origin"], stored)
    path = [bytes.fromhex(each) for each in proof["path"]]
    if root_of_path(leaf, entry["seq"], note[1], path) != note[2]:
        raise Wrong(says=f"entry {entry['seq']} is not in the log of {note[1]} entries: the path leads to another root")
    say(f"entry {entry['seq']} ({entry['type']}) is in the log {proof['origin']} of {note[1]} entries")
    return (note[1] if any(is_signed(note, key) for key in keys) else 0), note[1]


def check_document(document: dict[str, Any], keys: list[bytes], since: list[str]) -> tuple[int, int]:
    """Verify a bundle or a proof."""
    if document["schema"] == BUNDLE_SCHEMA:
        return check_bundle(document, keys, since)
    if document["schema"] == PROOF_SCHEMA:
        return check_proof(document, keys)
    raise Unreadable(says="unknown schema " + str(document["schema"]))


def say(text: str) -> None:
    """Print a line."""
    sys.stdout.write(text + "\n")


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(description="Verify a bundle or a proof of a ledger of rh.")
    parser.add_argument("file")
    parser.add_argument("--key", action="append", default=[], help="verifier key name+hash+key that you trust")
    parser.add_argument("--since", help="file of signed checkpoints that you kept")
    options = parser.parse_args()
    try:
        document = json.loads(Path(options.file).read_text(encoding="utf-8"))
        keys = [read_key(each)[1] for each in options.key]
        since = split_notes(Path(options.since).read_text(encoding="utf-8")) if options.since else []
        vouched, size = check_document(document, keys, since)
    except Wrong as error:
        say(f"WRONG: {error}")
        return 1
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        sys.stderr.write(f"cannot read this: {type(error).__name__}: {error}\n")
        return 2
    if size == 0 or vouched < size:
        say(f"UNKNOWN: the keys that you named vouch for {vouched} of {size} entries; give the signer's key with --key")
        return 3
    say("PASS: signed by a key that you named")
    return 0


if __name__ == "__main__":
    sys.exit(main())
