"""Digests and canonical JSON."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_harness.kernel.digests import canonical_json, digest_bytes, is_sha256
from release_harness.kernel.records import Plain

LETTERS = 'aZ0 é€😀"\\/\n\t\x00'
"""What JSON escapes, what it does not, and what takes two, three and four bytes."""

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(LETTERS),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(LETTERS), inner),
    max_leaves=10,
)


@pytest.mark.slow
@given(st.dictionaries(st.text("abc"), PLAIN))
def test_canonical_json_does_not_depend_on_the_order_of_keys(value: dict[str, object]) -> None:
    """Two machines must compute the same digest for the same statement."""
    turned = dict(reversed(value.items()))
    assert canonical_json(turned) == canonical_json(value)


@pytest.mark.parametrize("value", [1.5, [0.1], {"a": {"b": [2.0]}}])
def test_floats_are_refused(value: Plain) -> None:
    """Python and RFC 8785 write floats differently, so a signature over one would not verify elsewhere."""
    with pytest.raises(TypeError, match="float"):
        canonical_json(value)


def test_a_digest_names_its_algorithm() -> None:
    """A bare hexadecimal string could be anything."""
    assert is_sha256(digest_bytes(b""))
    assert not is_sha256("e3b0c44298fc1c149afbf4c8996fb924")
    assert not is_sha256(digest_bytes(b"") + "\n")
