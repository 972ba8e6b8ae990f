"""The Merkle tree agrees with RFC 6962, with brute force, and with an independent library."""

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release_harness.ledger.merkle import (
    EMPTY_ROOT,
    Coordinate,
    Frontier,
    consistency_proof,
    hash_leaf,
    hash_node,
    inclusion_proof,
    root_at,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# Leaves and roots of the reference tree in the test suite of Certificate Transparency (merkle_tree_test).
RFC_LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
RFC_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


class StoredTree:
    """Every perfect subtree of a log, as the database keeps them."""

    def __init__(self, count: int) -> None:
        self.leaves = [hash_leaf(str(number).encode()) for number in range(count)]
        self.nodes: dict[Coordinate, bytes] = {}
        self.fetched: list[Coordinate] = []
        frontier = Frontier()
        for number, leaf in enumerate(self.leaves):
            self.nodes[0, number] = leaf
            self.nodes.update({(level, place): node for level, place, node in frontier.append(leaf)})

    def __call__(self, wanted: Sequence[Coordinate]) -> dict[Coordinate, bytes]:
        self.fetched += wanted
        return {coordinate: self.nodes[coordinate] for coordinate in wanted}


def brute_root(leaves: Sequence[bytes]) -> bytes:
    """The definition of RFC 6962 §2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hash_node(brute_root(leaves[:split]), brute_root(leaves[split:]))


def brute_path(place: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The definition of RFC 6962 §2.1.1, word for word."""
    if len(leaves) <= 1:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if place < split:
        return [*brute_path(place, leaves[:split]), brute_root(leaves[split:])]
    return [*brute_path(place - split, leaves[split:]), brute_root(leaves[:split])]


@pytest.mark.parametrize("count", range(1, 9))
def test_roots_are_those_of_the_reference_vectors(count: int) -> None:
    """Other people's verifiers must come to the same root."""
    assert root_of([hash_leaf(leaf) for leaf in RFC_LEAVES[:count]]).hex() == RFC_ROOTS[count - 1]


def test_the_empty_log_has_the_hash_of_nothing_as_root() -> None:
    """RFC 6962 fixes it, and a checkpoint of an empty log is compared with it."""
    assert root_of([]) == EMPTY_ROOT == sha256(b"").digest() == root_at(0, dict)  # type: ignore[arg-type]


@pytest.mark.slow
@given(st.integers(1, 300), st.data())
@settings(max_examples=60, deadline=None)
def test_every_inclusion_proof_is_the_one_of_the_rfc_and_verifies(count: int, data: st.DataObject) -> None:
    """A proof of another form would not be accepted by anybody else."""
    tree = StoredTree(count)
    size = data.draw(st.integers(1, count))
    place = data.draw(st.integers(0, size - 1))
    path = inclusion_proof(place, size, tree)
    root = root_at(size, tree)
    assert root == brute_root(tree.leaves[:size])
    assert list(path) == brute_path(place, tree.leaves[:size])
    assert verify_inclusion(tree.leaves[place], place, size, path, root)


@pytest.mark.slow
@given(st.integers(2, 200), st.data())
@settings(max_examples=60, deadline=None)
def test_an_inclusion_proof_holds_for_nothing_else(count: int, data: st.DataObject) -> None:
    """A proof that also verifies for another leaf, place, size or path would prove nothing."""
    tree = StoredTree(count)
    place = data.draw(st.integers(0, count - 1))
    other = data.draw(st.integers(0, count - 1).filter(lambda number: number != place))
    path, root = list(inclusion_proof(place, count, tree)), root_at(count, tree)
    assert not verify_inclusion(tree.leaves[other], place, count, path, root)
    assert not verify_inclusion(tree.leaves[place], other, count, path, root)
    assert not verify_inclusion(tree.leaves[place], place, count, path[:-1], root)
    assert not verify_inclusion(tree.leaves[place], place, count, [*path, root], root)
    assert not verify_inclusion(tree.leaves[place], place, count, path, hash_leaf(b"other"))
    assert not verify_inclusion(tree.leaves[place], count, count, path, root)


@pytest.mark.slow
@given(st.integers(1, 200), st.data())
@settings(max_examples=60, deadline=None)
def test_every_consistency_proof_verifies_and_holds_for_nothing_else(count: int, data: st.DataObject) -> None:
    """It is what shows that the log was only ever added to."""
    tree = StoredTree(count)
    old = data.draw(st.integers(1, count))
    path = list(consistency_proof(old, count, tree))
    old_root, new_root = brute_root(tree.leaves[:old]), brute_root(tree.leaves)
    assert verify_consistency(old, count, path, old_root, new_root)
    forged = hash_leaf(b"forged")
    assert not verify_consistency(old, count, path, forged, new_root)
    assert not verify_consistency(old, count, path, old_root, forged)
    assert not verify_consistency(old, count, [*path, forged], old_root, new_root)
    if path:
        assert not verify_consistency(old, count, path[:-1], old_root, new_root)


def test_all_small_pairs_of_sizes_are_consistent() -> None:
    """Small logs are where an off-by-one would hide."""
    tree = StoredTree(33)
    roots = [brute_root(tree.leaves[:size]) for size in range(34)]
    for new in range(34):
        for old in range(new + 1):
            path = consistency_proof(old, new, tree)
            assert verify_consistency(old, new, path, roots[old], roots[new])


def test_a_proof_reads_logarithmically_many_nodes() -> None:
    """At a million entries a proof must not cost more than a few dozen reads."""
    tree = StoredTree(1000)
    inclusion_proof(777, 1000, tree)
    assert len(tree.fetched) <= 2 * 10


def test_proofs_outside_the_log_are_refused() -> None:
    """An entry that does not exist yet cannot be proven."""
    tree = StoredTree(3)
    with pytest.raises(ValueError, match="entry 3 is not in a log of 3 entries"):
        inclusion_proof(3, 3, tree)
    with pytest.raises(ValueError, match="does not come before"):
        consistency_proof(4, 3, tree)


def test_roots_agree_with_pymerkle_where_it_is_installed() -> None:
    """An independent implementation makes the same mistakes least likely; it is GPL, so only tests may use it."""
    pymerkle = pytest.importorskip("pymerkle")
    theirs = pymerkle.InmemoryTree(algorithm="sha256")
    frontier = Frontier()
    for number in range(70):
        entry = str(number).encode()
        theirs.append_entry(entry)
        frontier.append(hash_leaf(entry))
        assert frontier.root() == theirs.get_root()
