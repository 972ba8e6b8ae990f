"""Verdicts combine in three values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_harness.kernel.verdict import Outcome, Verdict, all_of, combine_all, combine_any

OUTCOMES = st.lists(st.sampled_from(Outcome))


def test_nothing_to_judge_is_unknown() -> None:
    """An empty policy or an empty list of checks must never approve anything."""
    assert combine_all([]) is Outcome.UNKNOWN
    assert combine_any([]) is Outcome.UNKNOWN
    assert all_of("every rule holds", []).outcome is Outcome.UNKNOWN


@pytest.mark.slow
@given(OUTCOMES)
def test_all_passes_only_when_every_part_passes(outcomes: list[Outcome]) -> None:
    """One unknown part is enough to keep the whole from passing."""
    passed = combine_all(outcomes) is Outcome.PASS
    assert passed == (bool(outcomes) and all(outcome is Outcome.PASS for outcome in outcomes))


@pytest.mark.slow
@given(OUTCOMES, st.integers(min_value=0))
def test_losing_knowledge_never_makes_a_pass(outcomes: list[Outcome], place: int) -> None:
    """Replacing any part by unknown may only move the answer away from pass."""
    if not outcomes:
        return
    index = place % len(outcomes)
    fewer = [*outcomes[:index], Outcome.UNKNOWN, *outcomes[index + 1 :]]
    for combine in (combine_all, combine_any):
        if combine(fewer) is Outcome.PASS:
            assert combine(outcomes) is not Outcome.UNKNOWN


def test_the_safest_outcome_comes_first() -> None:
    """A forgotten default must be the safe one."""
    assert next(iter(Outcome)) is Outcome.UNKNOWN


def test_leaves_are_listed_in_order() -> None:
    """People read the reasons in the order in which the rules stand."""
    leaf = Verdict(outcome=Outcome.PASS, says="a")
    other = Verdict(outcome=Outcome.FAIL, says="b")
    tree = all_of("top", [all_of("inner", [leaf]), other])
    assert [each.says for each in tree.leaves()] == ["a", "b"]
    assert tree.seen == "1 of 2 pass"
