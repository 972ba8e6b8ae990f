"""Conditions answer in three values and say what they saw."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release_harness.kernel.facts import Fact, FactValue, Known, Unknown
from release_harness.kernel.verdict import Outcome, Verdict
from release_harness.policy.conditions import describe, evaluate
from release_harness.policy.default_surfaces import path_set
from release_harness.policy.model import (
    AllOf,
    AnyOf,
    AuthorTest,
    Condition,
    FactTest,
    FilesTest,
    Not,
    Operator,
    Quantifier,
    RaiseRule,
    Regex,
    Surface,
    SurfaceTest,
)
from release_harness.policy.scene import set_scene
from release_harness.policy.subject import Subject
from release_harness.testing.policies import AGENT, PEOPLE, STRANGER, actor, facts, small_policy, subject

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN


def answer(condition: Condition, judged: Subject, *surfaces: Surface) -> Verdict:
    """Evaluate one condition that stands in a raise rule of a small policy."""
    policy = replace(small_policy(surfaces=surfaces), raise_rules=(RaiseRule(id="r", when=condition, tier="high"),))
    return evaluate(condition, set_scene(policy, judged))


def compare(operator: Operator, operand: FactValue | Regex, value: FactValue) -> Outcome:
    """Compare one fact `x`."""
    return answer(FactTest(fact="x", operator=operator, operand=operand), subject(known={"x": value})).outcome


@pytest.mark.parametrize(
    ("operator", "operand", "value", "expected"),
    [
        (Operator.EQ, 3, 3, PASS),
        (Operator.EQ, 3, 3.0, PASS),
        (Operator.EQ, 3, 4, FAIL),
        (Operator.EQ, 1, True, UNKNOWN),
        (Operator.EQ, True, 1, UNKNOWN),
        (Operator.EQ, True, True, PASS),
        (Operator.EQ, False, True, FAIL),
        (Operator.EQ, "3", 3, UNKNOWN),
        (Operator.EQ, ("a",), ("a",), PASS),
        (Operator.NE, 3, 4, PASS),
        (Operator.NE, "x", 3, UNKNOWN),
        (Operator.GT, 3, 4, PASS),
        (Operator.GT, 3, 3, FAIL),
        (Operator.GE, 0.8, 0.8, PASS),
        (Operator.LT, 3, 2, PASS),
        (Operator.LE, 3, 4, FAIL),
        (Operator.GT, 3, "4", UNKNOWN),
        (Operator.GT, 0, True, UNKNOWN),
        (Operator.GT, 0, math.nan, UNKNOWN),
        (Operator.LT, 0, math.nan, UNKNOWN),
        (Operator.EQ, math.nan, math.nan, UNKNOWN),
        (Operator.GE, 0.8, math.inf, UNKNOWN),
        (Operator.GT, 3, 10**400, PASS),
        (Operator.IN, ("a", "b"), "a", PASS),
        (Operator.IN, ("a", "b"), "c", FAIL),
        (Operator.IN, "abc", "a", UNKNOWN),
        (Operator.CONTAINS, "go", ("go", "python"), PASS),
        (Operator.CONTAINS, "go", ("golang",), FAIL),
        (Operator.CONTAINS, "go", "golang", UNKNOWN),
        (Operator.MATCHES, Regex(text="fix.*"), "fix it", PASS),
        (Operator.MATCHES, Regex(text="fix"), "prefix", FAIL),
        (Operator.MATCHES, Regex(text="go"), ("python", "go"), PASS),
        (Operator.MATCHES, Regex(text="(a+)+"), "aaa", UNKNOWN),
        (Operator.MATCHES, Regex(text=".*"), "x" * 501, UNKNOWN),
        (Operator.MATCHES, Regex(text="1"), 1, UNKNOWN),
        (Operator.MATCHES, "fix", "fix", UNKNOWN),
        (Operator.EQ, Regex(text="fix"), "fix", UNKNOWN),
        (Operator.KNOWN, True, 0, PASS),
        (Operator.KNOWN, False, 0, FAIL),
        (Operator.KNOWN, "yes", 0, UNKNOWN),
    ],
)
def test_a_known_fact_compares_as_the_table_says(
    operator: Operator, operand: FactValue | Regex, value: FactValue, expected: Outcome
) -> None:
    """Two values of different types are never equal nor unequal: they are not comparable, which is unknown."""
    assert compare(operator, operand, value) is expected


@pytest.mark.parametrize("operator", list(Operator))
def test_an_unknown_fact_is_unknown_under_every_operator(operator: Operator) -> None:
    """That something is unknown must never be a yes or a no, not even for `ne` and `known: false`."""
    for operand in (0, False, True, "x", ("x",), Regex(text="x")):
        test = FactTest(fact="x", operator=operator, operand=operand)
        missing = answer(test, subject(known={}))
        unknown = answer(test, replace(subject(), facts={"x": Unknown(why="the disk is full")}))

        assert missing.outcome is UNKNOWN
        assert unknown.outcome is UNKNOWN
        assert "the disk is full" in unknown.says


@pytest.mark.parametrize(
    ("quantifier", "files", "complete", "expected"),
    [
        (Quantifier.ANY, ("docs/a", "src/b"), True, PASS),
        (Quantifier.ANY, ("src/b",), True, FAIL),
        (Quantifier.ANY, ("src/b",), False, UNKNOWN),
        (Quantifier.ANY, ("docs/a",), False, PASS),
        (Quantifier.ALL, ("docs/a", "docs/b"), True, PASS),
        (Quantifier.ALL, ("docs/a", "src/b"), True, FAIL),
        (Quantifier.ALL, ("docs/a",), False, UNKNOWN),
        (Quantifier.ALL, ("docs/a", "src/b"), False, FAIL),
        (Quantifier.NONE, ("src/b",), True, PASS),
        (Quantifier.NONE, ("docs/a", "src/b"), True, FAIL),
        (Quantifier.NONE, ("src/b",), False, UNKNOWN),
        (Quantifier.NONE, ("docs/a",), False, FAIL),
    ],
)
def test_files_answer_as_the_table_says(
    quantifier: Quantifier, files: tuple[str, ...], *, complete: bool, expected: Outcome
) -> None:
    """What a cut list does not show may be anything; what it shows is enough to say no."""
    test = FilesTest(quantifier=quantifier, paths=path_set("docs/**"))

    assert answer(test, replace(subject(*files), listing_complete=complete)).outcome is expected


@pytest.mark.parametrize("quantifier", list(Quantifier))
def test_no_file_at_all_is_unknown(quantifier: Quantifier) -> None:
    """`every` of nothing must not be true: an empty list once approved whole changes elsewhere."""
    test = FilesTest(quantifier=quantifier, paths=path_set("docs/**"))

    assert answer(test, replace(subject(), files=())).outcome is UNKNOWN


def test_a_malformed_pattern_is_unknown_and_does_not_raise() -> None:
    """A decision must come out whatever a hand-made policy holds."""
    for paths in (path_set("[a"), path_set()):
        assert answer(FilesTest(quantifier=Quantifier.NONE, paths=paths), subject()).outcome is UNKNOWN


def test_a_surface_is_touched_untouched_or_not_there() -> None:
    """A rule about a surface that was renamed away must not quietly become false."""
    auth = Surface(name="auth", paths=path_set("auth/**"), tier="high")

    assert answer(SurfaceTest(surface="auth"), subject("auth/a"), auth).outcome is PASS
    assert answer(SurfaceTest(surface="auth"), subject("b"), auth).outcome is FAIL
    assert answer(SurfaceTest(surface="money"), subject("b"), auth).outcome is UNKNOWN


def test_an_author_is_compared_as_a_whole() -> None:
    """Substring rules for `dependabot` accept every login that holds the word."""
    assert answer(AuthorTest(identity="ana"), subject()).outcome is PASS
    assert answer(AuthorTest(identity="an"), subject()).outcome is FAIL
    assert answer(AuthorTest(identity="oncall"), subject(author=actor("bo"))).outcome is PASS
    assert answer(AuthorTest(identity="claude"), subject(author=AGENT)).outcome is PASS
    assert answer(AuthorTest(identity="ana"), subject(author=STRANGER)).outcome is UNKNOWN
    assert answer(AuthorTest(identity="ana"), replace(subject(), authors=())).outcome is UNKNOWN
    assert PEOPLE[0].id == "ana"


def test_nothing_to_combine_is_unknown() -> None:
    """`all` of nothing is true in logic and a hole in a gate."""
    assert answer(AllOf(conditions=()), subject()).outcome is UNKNOWN
    assert answer(AnyOf(conditions=()), subject()).outcome is UNKNOWN


def test_the_trace_still_shows_what_was_unknown() -> None:
    """When one part decides alone, a reader must still see that another was never measured."""
    known = FactTest(fact="x", operator=Operator.EQ, operand=1)
    lost = FactTest(fact="y", operator=Operator.EQ, operand=1)

    found = answer(AnyOf(conditions=(known, lost)), subject(known={"x": 1}))

    assert found.outcome is PASS
    assert found.seen == "1 of 2 true, 1 unknown"
    assert [child.outcome for child in found.children] == [PASS, UNKNOWN]


def test_seen_and_wanted_are_words_and_safe_to_print() -> None:
    """A file name with escape codes must not repaint the terminal of whoever asks why."""
    test = FilesTest(quantifier=Quantifier.ANY, paths=path_set("docs/**"))
    found = answer(test, subject("docs/\x1b[31mred", "docs/b", "docs/c", "docs/d"))

    assert "\x1b" not in found.seen
    assert found.seen.endswith("and 1 more")
    assert describe(Not(condition=test)) == "not (a changed file is in docs/**)"
    assert describe(FactTest(fact="a.b", operator=Operator.GE, operand=0.8)) == "a.b is at least 0.8"


_TESTS = st.builds(
    FactTest,
    fact=st.sampled_from(["a", "b", "c"]),
    operator=st.sampled_from(list(Operator)),
    operand=st.one_of(st.integers(0, 2), st.booleans(), st.sampled_from(["x", "y"])),
)
_CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    _TESTS,
    lambda inner: st.one_of(
        st.builds(Not, condition=inner),
        st.builds(AllOf, conditions=st.lists(inner, max_size=3).map(tuple)),
        st.builds(AnyOf, conditions=st.lists(inner, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)
_FACTS = st.dictionaries(
    st.sampled_from(["a", "b", "c"]), st.one_of(st.integers(0, 2), st.booleans(), st.sampled_from(["x", "y"]))
)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(_CONDITIONS, _FACTS, st.sampled_from(["a", "b", "c"]))
def test_taking_a_fact_away_gives_the_same_answer_or_unknown(
    condition: Condition, known: dict[str, FactValue], dropped: str
) -> None:
    """The order of information: less of it can never turn a no into a yes, nor a yes into a no."""
    scene = set_scene(small_policy(), subject(known=known))
    less: dict[str, Fact] = {name: fact for name, fact in facts(known).items() if name != dropped}
    before = evaluate(condition, scene).outcome
    after = evaluate(condition, scene.with_facts(less)).outcome

    assert after in (before, UNKNOWN)
    assert all(isinstance(fact, Known) for fact in less.values())
