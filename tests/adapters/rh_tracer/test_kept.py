"""What the tracer keeps of a test, and that the form in which it rests loses nothing."""

import base64
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release_harness.adapters.rh_tracer.collected import HITS_LIMIT_COUNT, Collected
from release_harness.adapters.rh_tracer.core import Trace
from release_harness.adapters.rh_tracer.mapfile import pack


def read_back(packed: str) -> list[int]:
    """Read a set as the schema describes it: gaps, seven bits a byte, the lowest first."""
    numbers, gap, shift, last = [], 0, 0, -1
    for byte in base64.b64decode(packed):
        gap |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            last += gap + 1
            numbers.append(last)
            gap = shift = 0
    return numbers


class Passed:
    """A request that was answered."""

    def __init__(self, name: str, seen: set[int]) -> None:
        """`seen` is what it ran."""
        self.entry = ("http", name, 0)
        self.raw = False
        self.seen = seen
        self.replaced: dict[Any, Any] = {}


@settings(max_examples=25)
@given(st.sets(st.integers(0, 5_000)) | st.sets(st.integers(0, 300)))
def test_a_packed_set_is_read_back_whole(numbers: set[int]) -> None:
    """Short and long gaps are written in two ways, which only the reader may not notice."""
    assert read_back(pack(numbers)) == sorted(numbers)


def test_gaps_around_seven_bits_are_packed_as_the_schema_says() -> None:
    """The quick way ends exactly where a gap needs a second byte."""
    for numbers in ([127], [128], [0, 128], [0, 129], [5, 133, 134, 70_000]):
        assert read_back(pack(numbers)) == numbers


@settings(max_examples=25)
@given(st.lists(st.one_of(st.integers(0, 50), st.none())))
def test_rest_loses_nothing_whenever_it_comes(steps: list[int | None]) -> None:
    """A fixture rests after its set-up and goes on in its teardown; a test rests and may be run again."""
    collected = Collected()
    for each in steps:
        if each is None:
            collected.rest()
        else:
            collected.seen.add(each)
    assert set(collected.ran) == {each for each in steps if each is not None}


@pytest.mark.slow
@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.sets(st.integers(0, 9)), st.booleans())))
def test_ways_through_an_entry_point_add_up_however_often_they_are_settled(
    passed: list[tuple[str, set[int], bool]],
) -> None:
    """A test of a thousand requests is settled in between, one of two at its end."""
    collected = Collected()
    for name, seen, settled in passed:
        collected.detail().waiting.append(Passed(name, seen))
        if settled:
            collected.settle()
    collected.settle()
    details = collected.detail()
    for name in "ab":
        key = ("http", name, 0, False, (), ())
        mine = [seen for each, seen, _settled in passed if each == name]
        assert details.counts.get(key, 0) == len(mine)
        assert set(details.hits.get(key, ())) == set().union(*mine)


def test_ways_over_the_limit_are_counted_as_dropped() -> None:
    """What was left out is said; it is never silently less."""
    collected = Collected()
    for number in range(HITS_LIMIT_COUNT + 3):
        collected.detail().waiting.append(Passed(str(number), {number}))
    collected.detail().waiting.append(Passed("0", {7}))
    collected.settle()
    details = collected.detail()
    assert (len(details.hits), details.dropped) == (HITS_LIMIT_COUNT, 3)
    assert set(details.hits["http", "0", 0, False, (), ()]) == {0, 7}


def test_what_starts_counts_to_the_innermost_that_was_pushed() -> None:
    """A shared fixture that is set up in a test keeps its own, and the test goes on where it was."""
    trace, test, fixture = Trace(), Collected(), Collected()
    trace.push(test)
    trace.cell[0](1)
    trace.push(fixture)
    trace.cell[0](2)
    trace.pop(fixture)
    trace.cell[0](3)
    trace.push(fixture)
    trace.cell[0](4)
    trace.pop(fixture)
    trace.pop(test)
    trace.cell[0](5)
    assert [set(each.ran) for each in (test, fixture, trace.between)] == [{1, 3}, {2, 4}, {5}]


def test_a_fixture_that_was_never_popped_ends_with_its_test() -> None:
    """Another pytest may set fixtures up in another way; the next test must not be counted to them."""
    trace, test, fixture = Trace(), Collected(), Collected()
    trace.push(test)
    trace.push(fixture)
    trace.pop(test)
    trace.cell[0](1)
    assert set(trace.between.ran) == {1}
    assert trace.current == [trace.between]
