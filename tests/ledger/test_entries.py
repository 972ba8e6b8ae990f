"""The canonical form of entries and payloads: what is hashed today must be hashed the same for ever."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release_harness.kernel.digests import canonical_json
from release_harness.kernel.errors import Bug
from release_harness.kernel.records import Plain
from release_harness.ledger.entries import (
    EventRow,
    digest_payload,
    entry_bytes,
    entry_object,
    leaf_of,
    plain_text,
    write_payload,
)
from release_harness.testing.ledger import make_event

ROW = EventRow(
    seq=7,
    id="e0199",
    type="ApprovalGiven",
    version=1,
    subject="change:sha256:ab",
    actor_kind="person",
    actor_id="ana",
    actor_name="Ana Author",
    actor_email="ana@example.org",
    actor_on_behalf_of="",
    cause="rh approve",
    at_ms=1_790_000_000_123,
    clock_behind_ms=0,
    idempotency_key=None,
    payload_digest="sha256:" + "0" * 64,
    prev="1" * 64,
    leaf="",
    salt="00" * 16,
    payload="{}",
)
text = st.text(st.characters(codec="utf-8"), max_size=20)


@pytest.mark.slow
@given(
    st.builds(
        ROW._replace,
        seq=st.integers(0, 2**60),
        version=st.integers(1, 99),
        subject=text,
        type=text,
        actor_name=text,
        actor_on_behalf_of=text,
        cause=text,
        idempotency_key=st.none() | text,
        at_ms=st.integers(0, 4_000_000_000_000),
        clock_behind_ms=st.integers(0, 10**9),
    )
)
@settings(max_examples=200, deadline=None)
def test_the_fast_form_is_the_canonical_form(row: EventRow) -> None:
    """Others verify with a JSON library; the fast path must never differ from it by a byte."""
    assert entry_bytes(row) == canonical_json(entry_object(row))


def test_the_form_of_an_entry_never_changes() -> None:
    """A specimen as it was written first: if this test has to be edited, every ledger in the world breaks."""
    assert entry_bytes(ROW).decode() == (
        '{"actor":{"email":"ana@example.org","id":"ana","kind":"person","name":"Ana Author","on_behalf_of":""},'
        '"at":"2026-09-21T14:13:20.123Z","cause":"rh approve","clock_behind_ms":0,"form":1,"id":"e0199",'
        '"idempotency_key":"","payload_digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000",'
        '"prev":"1111111111111111111111111111111111111111111111111111111111111111","seq":7,'
        '"subject":"change:sha256:ab","type":"ApprovalGiven","version":1}'
    )
    assert leaf_of(ROW).hex() == "c1ee4a3a22d87ad7eaa553dd9ce7c78ef35efbd590f02f1758b0ab56a09ca923"


def test_the_same_payload_has_another_digest_with_another_salt() -> None:
    """Whoever sees only the log must not be able to guess a payload of few possible values."""
    assert digest_payload("00" * 16, "{}") != digest_payload("01" * 16, "{}")


@pytest.mark.parametrize(
    ("payload", "place"),
    [({"a": 0.5}, "$.a"), ({"a": [1, {"b": float("nan")}]}, "$.a[1].b"), ({"a": (1, 2.0)}, "$.a[1]")],
)
def test_the_first_float_is_named(payload: dict[str, object], place: str) -> None:
    """The person who records has to find it in a payload of a hundred facts."""
    with pytest.raises(Bug) as caught:
        write_payload(make_event(payload=payload))  # type: ignore[arg-type]
    assert caught.value.code == "LEDGER_PAYLOAD_FLOAT"
    assert f" {place};" in caught.value.says


def test_a_payload_of_other_things_is_refused() -> None:
    """Sets and records have no one JSON form."""
    with pytest.raises(Bug) as caught:
        write_payload(make_event(payload={"a": {1, 2}}))  # type: ignore[dict-item]
    assert caught.value.code == "LEDGER_PAYLOAD_NOT_PLAIN"


def test_text_that_could_harm_a_terminal_is_made_visible() -> None:
    """Subjects are printed by every listing."""
    assert plain_text("a\x1b[2Jb\x00") == r"a\x1b[2Jb\x00"
    assert plain_text("schön") == "schön"


plain_values = st.recursive(
    st.none() | st.booleans() | st.integers() | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.slow
@given(st.dictionaries(text, plain_values, max_size=4))
@settings(max_examples=100, deadline=None)
def test_the_fast_form_of_a_payload_is_the_canonical_form(payload: dict[str, Plain]) -> None:
    """The digest must be the one that anybody gets who follows RFC 8785."""
    assert write_payload(make_event(payload=payload)).encode() == canonical_json(payload)
