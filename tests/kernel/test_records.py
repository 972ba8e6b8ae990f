"""Records survive the way to plain data and back."""

import copy
import pickle
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_harness.kernel.digests import CommitId
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


@pytest.mark.slow
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


def test_a_named_kind_of_text_is_read_back_also_where_it_may_be_missing() -> None:
    """Digests are such kinds; a landing proof without a merge base has None in place of one."""
    assert from_plain(Named, {"one": "ab", "other": None}) == Named(one=CommitId("ab"), other=None)
    assert from_plain(Named, {"one": "ab", "other": "cd"}).other == "cd"
    with pytest.raises(InputError):
        from_plain(Named, {"one": 7, "other": None})


@record
class Named:
    """A record with digests."""

    one: CommitId
    other: CommitId | None


def test_a_record_cannot_be_changed() -> None:
    """A verdict that was computed must stay what it was."""
    action = NextAction(do="Run the tests.")
    with pytest.raises(FrozenInstanceError, match="do"):
        action.do = "Skip the tests."  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError, match="do"):
        del action.do


def test_a_record_wants_all_of_its_fields_and_no_others() -> None:
    """A forgotten or misspelt field must fail where it is written."""
    with pytest.raises(TypeError, match="'do'"):
        NextAction()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="'doo'"):
        NextAction(do="x", doo="y")  # type: ignore[call-arg]


def test_records_compare_and_hash_by_value() -> None:
    """Facts that are equal are the same fact, wherever they were computed."""
    one, two = NextAction(do="x"), NextAction(do="x")
    assert one == two
    assert len({one, two, NextAction(do="y")}) == 2
    assert one != ("x", "", "anybody")  # type: ignore[comparison-overlap]
    assert repr(one).startswith("NextAction(do='x', command='', who='anybody'")


def test_records_can_be_copied_and_replaced() -> None:
    """Workers receive records from other processes, and what-if answers replace one field."""
    action = NextAction(do="x")
    assert pickle.loads(pickle.dumps(action)) == action  # noqa: S301 - our own bytes
    assert copy.deepcopy(action) == action
    assert replace(action, who="ana").who == "ana"
