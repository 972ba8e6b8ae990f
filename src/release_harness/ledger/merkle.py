"""The Merkle tree of RFC 6962: hashes, roots, inclusion and consistency proofs. Pure.

A node is named by (level, index): it covers the entries from `index << level` up to `(index + 1) << level`. Only perfect
subtrees are ever stored; they never change when the log grows, so a proof reads O(log n) of them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256

Coordinate = tuple[int, int]
"""(level, index) of a perfect subtree; level 0 is a leaf."""
Fetch = Callable[[Sequence[Coordinate]], Mapping[Coordinate, bytes]]
"""Reads the hashes of perfect subtrees."""
Range = tuple[int, int]
"""Entries from the first number up to, not including, the second."""

EMPTY_ROOT = sha256(b"").digest()
"""RFC 6962 §2.1: the root of the log without entries."""


def hash_leaf(entry: bytes) -> bytes:
    """Return SHA-256(0x00 || entry)."""
    return sha256(b"\x00" + entry).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The perfect subtrees that cover a log, largest first: all that is needed to append and to know the root."""

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        """`hashes` are those of `cover(0, size)`, in order."""
        self.size = size
        self.hashes = list(hashes)

    def copy(self) -> "Frontier":
        """Return a frontier that grows on its own."""
        return Frontier(self.size, self.hashes)

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add one leaf hash and return the (level, index, hash) of every inner node that it completed."""
        completed: list[tuple[int, int, bytes]] = []
        index, level, current = self.size, 0, leaf
        while index & 1:
            current = hash_node(self.hashes.pop(), current)
            index >>= 1
            level += 1
            completed.append((level, index, current))
        self.hashes.append(current)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """Return the tree head of everything appended so far."""
        return _fold(self.hashes)


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the tree head over leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def cover(start: int, end: int) -> tuple[Coordinate, ...]:
    """Return the perfect subtrees that make up a range, left to right; `start` is aligned as in a split of RFC 6962."""
    found: list[Coordinate] = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return tuple(found)


def root_at(size: int, fetch: Fetch) -> bytes:
    """Return the tree head of the first `size` entries."""
    return hash_ranges([(0, size)], fetch)[0] if size else EMPTY_ROOT


def inclusion_proof(seq: int, size: int, fetch: Fetch) -> tuple[bytes, ...]:
    """Return the audit path of entry `seq` in the log of `size` entries (RFC 6962 §2.1.1), nearest sibling first."""
    _require(0 <= seq < size, f"entry {seq} is not in a log of {size} entries")
    return hash_ranges(_path(seq, 0, size), fetch)


def consistency_proof(old_size: int, new_size: int, fetch: Fetch) -> tuple[bytes, ...]:
    """Return the proof that the log of `new_size` begins with the log of `old_size` (RFC 6962 §2.1.2)."""
    _require(0 <= old_size <= new_size, f"a log of {old_size} entries does not come before one of {new_size}")
    if old_size in (0, new_size):
        return ()
    return hash_ranges(_subproof(old_size, 0, new_size, whole=True), fetch)


def verify_inclusion(leaf: bytes, seq: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Tell whether the path leads from the leaf hash at `seq` to the root (RFC 9162 §2.1.3.2)."""
    if not 0 <= seq < size:
        return False
    current, index, last = leaf, seq, size - 1
    for sibling in path:
        if last == 0:
            return False
        if index & 1 or index == last:
            current = hash_node(sibling, current)
            while not index & 1 and index:
                index >>= 1
                last >>= 1
        else:
            current = hash_node(current, sibling)
        index >>= 1
        last >>= 1
    return last == 0 and current == root


def verify_consistency(old_size: int, new_size: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Tell whether the path leads from the old root to the new one (RFC 9162 §2.1.4.2)."""
    if not 0 <= old_size <= new_size:
        return False
    if old_size == new_size:
        return not path and old_root == new_root
    if old_size == 0:
        return not path and old_root == EMPTY_ROOT
    steps = list(path) if old_size & (old_size - 1) else [old_root, *path]
    if not steps:
        return False
    index, last = old_size - 1, new_size - 1
    while index & 1:
        index >>= 1
        last >>= 1
    old = new = steps[0]
    for sibling in steps[1:]:
        if last == 0:
            return False
        if index & 1 or index == last:
            old, new = hash_node(sibling, old), hash_node(sibling, new)
            while not index & 1 and index:
                index >>= 1
                last >>= 1
        else:
            new = hash_node(new, sibling)
        index >>= 1
        last >>= 1
    return last == 0 and old == old_root and new == new_root


def hash_ranges(ranges: Sequence[Range], fetch: Fetch) -> tuple[bytes, ...]:
    """Return the subtree hash of every range, with one call of `fetch` for all of them."""
    covers = [cover(start, end) for start, end in ranges]
    wanted = [coordinate for each in covers for coordinate in each]
    known = fetch(wanted) if wanted else {}
    return tuple(_fold([known[coordinate] for coordinate in each]) for each in covers)


def _fold(hashes: Sequence[bytes]) -> bytes:
    if not hashes:
        return EMPTY_ROOT
    current = hashes[-1]
    for left in reversed(hashes[:-1]):
        current = hash_node(left, current)
    return current


def _split(start: int, end: int) -> int:
    """Return where RFC 6962 splits a range of at least two entries: the largest power of two below its length."""
    return start + (1 << ((end - start - 1).bit_length() - 1))


def _path(seq: int, start: int, end: int) -> list[Range]:
    siblings: list[Range] = []
    while end - start > 1:
        middle = _split(start, end)
        if seq < middle:
            siblings.append((middle, end))
            end = middle
        else:
            siblings.append((start, middle))
            start = middle
    return siblings[::-1]


def _subproof(old_size: int, start: int, end: int, *, whole: bool) -> list[Range]:
    siblings: list[Range] = []
    while old_size != end:
        middle = _split(start, end)
        if old_size <= middle:
            siblings.append((middle, end))
            end = middle
        else:
            siblings.append((start, middle))
            start = middle
            whole = False
    if not whole:
        siblings.append((start, end))
    return siblings[::-1]


def _require(holds: bool, says: str) -> None:  # noqa: FBT001 - a guard reads as require(condition, sentence)
    if not holds:
        raise ValueError(says)
