"""Evidence counts for the content it was made from, while it is fresh, and for what it shows."""

from dataclasses import replace
from datetime import timedelta

import pytest

from release_harness.kernel.digests import PolicyDigest
from release_harness.kernel.facts import Unknown
from release_harness.kernel.verdict import Outcome, Verdict
from release_harness.policy.actions import smallest_actions
from release_harness.policy.defaults import DEFAULT_POLICY
from release_harness.policy.evidence import ask_to_show
from release_harness.policy.model import Binding, EvidenceDefinition, FactTest, Invalidator, Operator, Policy
from release_harness.policy.subject import EvidenceSeen, Subject
from release_harness.testing.policies import (
    CHANGE,
    GREEN,
    NOW,
    OTHER_CHANGE,
    OTHER_TREE,
    QUIET,
    TREE,
    facts,
    green_run,
    judge_now,
    small_policy,
    subject,
)

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
RED = {**GREEN, "tests.failed_count": 1}


def node(policy: Policy, *shown: EvidenceSeen, judged: Subject | None = None) -> Verdict:
    """Return the node of the evidence `tests`."""
    verdict = judge_now(policy, judged or subject(), evidence=shown).verdict
    return next(each for each in verdict.children if each.rule == "evidence:tests")


def with_tests(**parts: object) -> Policy:
    """Make the small policy with another definition of `tests`."""
    policy = small_policy()
    return replace(policy, evidence=(replace(policy.evidence[0], **parts),))  # type: ignore[arg-type]


def test_green_evidence_for_this_result_passes() -> None:
    """The plain case, so that every other test below fails for its own reason."""
    found = node(small_policy(), green_run())

    assert found.outcome is PASS
    assert found.seen.startswith("0 (computed here)")
    assert found.wanted == "tests.failed_count is 0"


@pytest.mark.parametrize(
    ("shown", "outcome", "says"),
    [
        ((), UNKNOWN, "there is no tests evidence for this content"),
        ((replace(green_run(), result_tree=OTHER_TREE),), UNKNOWN, "there is no tests evidence"),
        ((replace(green_run(), result_tree=None),), UNKNOWN, "there is no tests evidence"),
        ((replace(green_run(), predicate="test-result/v0.1x"),), UNKNOWN, "there is no tests evidence"),
        ((replace(green_run(), finished_at=NOW - timedelta(hours=25)),), UNKNOWN, "is 1d 1h old"),
        ((replace(green_run(), finished_at=NOW + timedelta(minutes=5)),), UNKNOWN, "a clock went backwards"),
        ((replace(green_run(), facts={}),), UNKNOWN, "tests.failed_count is unknown"),
        ((replace(green_run(), facts={"tests.failed_count": Unknown(why="truncated")}),), UNKNOWN, "truncated"),
        ((green_run(RED),), FAIL, "does not show what is wanted"),
    ],
)
def test_evidence_that_is_missing_stale_or_silent_is_unknown(
    shown: tuple[EvidenceSeen, ...], outcome: Outcome, says: str
) -> None:
    """Only a measured failure is a failure, and only a measured success a success."""
    found = node(small_policy(), *shown)

    assert found.outcome is outcome
    assert says in found.says
    assert found.actions


def test_the_newest_evidence_decides() -> None:
    """A run that failed after one that passed, on the same content, is the news."""
    older = replace(green_run(), id="older", finished_at=NOW - timedelta(hours=2))

    assert node(small_policy(), older, green_run(RED)).outcome is FAIL
    assert node(small_policy(), replace(older, facts=facts(RED)), green_run()).outcome is PASS
    assert node(small_policy(), older, replace(green_run(), facts={})).outcome is UNKNOWN


def test_of_two_records_of_one_instant_the_worse_counts() -> None:
    """The order in a list must not decide."""
    assert node(small_policy(), green_run(), green_run(RED)).outcome is FAIL
    assert node(small_policy(), green_run(RED), green_run()).outcome is FAIL


def test_evidence_bound_to_the_change_does_not_match_by_its_tree() -> None:
    """A revert restores an old tree; what was said of the change that made that tree says nothing of the revert."""
    policy = with_tests(bind=Binding.CHANGE)

    assert node(policy, replace(green_run(), change=OTHER_CHANGE)).outcome is UNKNOWN
    assert node(policy, replace(green_run(), result_tree=OTHER_TREE, change=CHANGE)).outcome is PASS


def test_evidence_bound_to_a_release_cannot_be_shown_for_a_change() -> None:
    """A binding that nothing can satisfy must say so instead of matching anything."""
    assert "no release" in node(with_tests(bind=Binding.RELEASE), green_run()).says


def test_without_a_digest_no_evidence_matches() -> None:
    """None equals None in Python, and two unknown trees are not the same tree."""
    nothing = replace(subject(), result_tree=None)

    assert node(small_policy(), replace(green_run(), result_tree=None), judged=nothing).outcome is UNKNOWN


@pytest.mark.parametrize(
    ("invalidator", "shown", "judged", "outcome"),
    [
        (Invalidator.BASE_MOVED, {"base": "b1"}, {"base": "b1"}, PASS),
        (Invalidator.BASE_MOVED, {"base": "b1"}, {"base": "b2"}, UNKNOWN),
        (Invalidator.BASE_MOVED, {}, {}, UNKNOWN),
        (Invalidator.DEPENDENCY_LOCK, {"dependency_lock": "l"}, {"dependency_lock": "l"}, PASS),
        (Invalidator.DEPENDENCY_LOCK, {"dependency_lock": "l"}, {"dependency_lock": "m"}, UNKNOWN),
        (Invalidator.DEPENDENCY_LOCK, {"dependency_lock": "l"}, {}, UNKNOWN),
        (Invalidator.POLICY, {"policy": PolicyDigest("p")}, {"rules": PolicyDigest("p")}, PASS),
        (Invalidator.POLICY, {"policy": PolicyDigest("p")}, {}, UNKNOWN),
        (Invalidator.POLICY, {}, {}, UNKNOWN),
    ],
)
def test_what_makes_evidence_stale_is_compared_with_the_present(
    invalidator: Invalidator, shown: dict[str, str], judged: dict[str, str], outcome: Outcome
) -> None:
    """Where one of the two is not known, they are not the same."""
    policy = with_tests(invalidated_by=(invalidator,))
    found = node(
        policy,
        replace(green_run(), **shown),  # type: ignore[arg-type]
        judged=replace(subject(), **judged),  # type: ignore[arg-type]
    )

    assert found.outcome is outcome


def test_facts_of_another_record_do_not_fill_gaps() -> None:
    """A coverage report must not lend a test run the count of failures that it does not have."""
    lent = replace(subject(), facts=facts({**QUIET, **GREEN}))

    assert node(small_policy(), replace(green_run(), facts={}), judged=lent).outcome is UNKNOWN


def test_facts_of_the_diff_are_at_hand_and_cannot_be_told_by_evidence() -> None:
    """What rh computes from the diff is true of the diff, whatever a report says of it."""
    policy = with_tests(when=FactTest(fact="change.lines", operator=Operator.LT, operand=100))

    assert node(policy, green_run()).outcome is PASS
    huge = replace(subject(), facts=facts({**QUIET, "change.lines": 5000}))
    assert node(policy, green_run({"change.lines": 1}), judged=huge).outcome is FAIL


def test_computed_evidence_reads_the_facts_of_the_change() -> None:
    """No attestation is needed for what is computed each time anew."""
    policy = with_tests(predicate="computed")

    assert node(policy, judged=subject(known={"tests.failed_count": 0})).outcome is PASS
    assert node(policy, judged=subject(known={"tests.failed_count": 1})).outcome is FAIL
    assert node(policy, green_run(), judged=subject(known={})).outcome is UNKNOWN
    assert node(policy, judged=replace(subject(known={"tests.failed_count": 0}), result_tree=None)).outcome is UNKNOWN


def test_evidence_that_is_nowhere_defined_is_unknown() -> None:
    """A misspelt name in a requirement must not ask for nothing."""
    policy = small_policy()

    assert node(replace(policy, evidence=()), green_run()).outcome is UNKNOWN
    assert node(replace(policy, evidence=policy.evidence * 2), green_run()).outcome is UNKNOWN


def test_a_record_of_another_tree_is_counted_in_what_was_seen() -> None:
    """`none` and `2 for other content` ask for different things to be done."""
    shown = replace(green_run(), result_tree=OTHER_TREE)

    assert node(small_policy(), shown, shown).seen == "2 for other content"
    assert isinstance(small_policy().evidence[0], EvidenceDefinition)
    assert TREE != OTHER_TREE


def test_what_fails_names_what_is_known_to_mend_it() -> None:
    """`until tests.failed_count is 0` helps nobody; the names of the failed tests do."""
    red = replace(
        green_run(), facts=facts(RED), advice={"tests.failed_count": "Mend the tests that fail: a::b.", "other": "No."}
    )

    (action,) = smallest_actions(node(small_policy(), red))
    (plain,) = smallest_actions(node(small_policy(), replace(red, advice={})))

    assert (action.do, action.who) == ("Mend the tests that fail: a::b.", "author")
    assert plain.do.startswith("Mend the change until tests.failed_count is 0")


def test_computed_evidence_is_mended_by_what_is_known_of_the_change() -> None:
    """One of several ways out is enough, so only the facts that fail are asked about, and only where more is known."""
    judged = replace(
        subject("src/a.py", known={**QUIET, "coverage.exercised_ratio": 0.5}),
        advice={"coverage.exercised_ratio": "Add tests that run the changed lines src/a.py:3.", "change.lines": "No."},
    )

    verdict = judge_now(DEFAULT_POLICY, judged).verdict
    lines = next(each for each in verdict.children if each.rule == "evidence:changed_lines")

    assert [each.do for each in lines.actions] == ["Add tests that run the changed lines src/a.py:3."]


def test_evidence_that_is_missing_is_asked_for_by_what_the_command_shows() -> None:
    """Whoever reads it learns what to run and what that is good for."""
    assert ask_to_show("rh evidence run", ("tests", "changed_lines", "x")) == (
        "Run the tests on the result: shows `tests`, `changed_lines` and `x`."
    )
    assert ask_to_show("make load", ("load",)) == "Run `make load`: shows `load`."
