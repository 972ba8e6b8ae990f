"""Landings in the cache."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release_harness.steps.risk.model.landings import Claim, FileRow, Landing
from release_harness.steps.risk.rules.packed import pack, pack_tiers, unpack, unpack_tiers

TEXT = st.text(max_size=20)
CLAIMS = st.builds(
    Claim,
    id=TEXT,
    author=TEXT,
    subject=TEXT,
    is_merge=st.booleans(),
    takes_back=st.booleans(),
    lands_again=st.booleans(),
    reverts=st.tuples(TEXT),
    numbers=st.tuples(),
    title=TEXT,
    fixes=st.tuples(st.tuples(TEXT, TEXT)),
    own_numbers=st.tuples(TEXT),
)
LANDINGS = st.builds(
    Landing,
    id=TEXT,
    parents_count=st.integers(0, 9),
    committed_seconds=st.integers(0, 2**40),
    author=TEXT,
    title=TEXT,
    counted=st.booleans(),
    files=st.lists(
        st.builds(FileRow, TEXT, st.sampled_from(["A", "M", "Mfx"]), st.integers(-1, 99), st.integers(-1, 99))
    ).map(tuple),
    claims=st.lists(CLAIMS, min_size=1, max_size=3).map(tuple),
)


@pytest.mark.slow
@given(st.lists(LANDINGS, max_size=3))
@settings(max_examples=30)
def test_what_is_packed_comes_back_as_it_was(landings: list[Landing]) -> None:
    """A figure from the cache must be that of a fresh walk."""
    assert unpack(pack(landings)) == tuple(landings)


def test_a_path_that_is_no_utf8_comes_back_as_it_was() -> None:
    """File names are bytes; some are no text."""
    odd = Landing(
        "c", 1, 0, "", "", counted=True, files=(FileRow("a\udcff.py", "M", 1, 1),), claims=(Claim("c", "", ""),)
    )
    assert unpack(pack([odd])) == (odd,)


@pytest.mark.slow
@given(st.data())
def test_damage_is_seen_wherever_it_is(data: st.DataObject) -> None:
    """A bit that fell over must not become a landing."""
    packed = pack([Landing("c", 1, 0, "", "", counted=True, files=(), claims=(Claim("c", "", ""),))])
    place = data.draw(st.integers(0, len(packed) - 1))
    assert unpack(packed[:place] + bytes([packed[place] ^ 1]) + packed[place + 1 :]) is None
    assert unpack(packed[:place]) is None


def test_damaged_tiers_are_no_tiers() -> None:
    """They are judged again."""
    packed = pack_tiers({"c": "low"})
    assert unpack_tiers(packed) == {"c": "low"}
    assert unpack_tiers(packed[:-1] + b"!") == {}
    assert unpack_tiers(b"") == {}
