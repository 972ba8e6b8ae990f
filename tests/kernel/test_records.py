"""Records survive the way to plain data and back."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_harness.kernel.errors import InputError
from release_harness.kernel.identity import Actor, ActorKind
from release_harness.kernel.paths import decode_path
from release_harness.kernel.records import from_plain, record, to_plain
from release_harness.kernel.verdict import NextAction, Outcome, Verdict


@record
class Sample:
    """A record with one of each kind of field."""

    name: str
    count: int
    at: datetime
    length: timedelta
    actor: Actor | None
    tags: tuple[str, ...]
    table: dict[str, int]
    kind: ActorKind = ActorKind.UNKNOWN


SAMPLES = st.builds(
    Sample,
    name=st.text(st.characters(exclude_categories=["Cs"])),
    count=st.integers(),
    at=st.datetimes().map(lambda at: at.replace(tzinfo=UTC, microsecond=at.microsecond // 1000 * 1000)),
    length=st.integers(0, 10**6).map(lambda seconds: timedelta(seconds=seconds)),
    actor=st.none() | st.builds(Actor, kind=st.sampled_from(ActorKind), id=st.just("ana")),
    tags=st.lists(st.just("x")).map(tuple),
    table=st.dictionaries(st.just("k"), st.integers()),
    kind=st.sampled_from(ActorKind),
)


@given(SAMPLES)
def test_a_record_reads_back_as_it_was_written(sample: Sample) -> None:
    """Stored evidence must mean the same when it is read again."""
    assert from_plain(Sample, to_plain(sample)) == sample


def test_a_tree_of_records_reads_back() -> None:
    """Verdicts refer to their own class."""
    tree = Verdict(
        outcome=Outcome.FAIL,
        says="no",
        actions=(NextAction(do="Run the tests."),),
        children=(Verdict(outcome=Outcome.UNKNOWN, says="?"),),
    )
    assert from_plain(Verdict, to_plain(tree)) == tree


@pytest.mark.parametrize(
    ("change", "place"),
    [({"extra": 1}, "extra"), ({"count": "1"}, "count"), ({"kind": "boss"}, "kind"), ({"count": True}, "count")],
)
def test_stored_data_that_was_changed_is_refused_with_its_place(change: dict[str, object], place: str) -> None:
    """A row that was edited by hand must not be read as if nothing had happened."""
    sample = Sample(
        name="a",
        count=1,
        at=datetime(2026, 1, 1, tzinfo=UTC),
        length=timedelta(),
        actor=None,
        tags=(),
        table={},
    )
    plain = to_plain(sample)
    assert isinstance(plain, dict)
    with pytest.raises(InputError, match=place) as caught:
        from_plain(Sample, {**plain, **change})
    assert caught.value.code == "RECORD_MALFORMED"


def test_file_names_that_are_no_utf8_still_make_valid_text() -> None:
    """JSON output must stay valid whatever a repository contains."""
    assert to_plain(decode_path(b"caf\xe9.py")) == "caf\\xe9.py"
