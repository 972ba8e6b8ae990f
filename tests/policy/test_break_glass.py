"""Break-glass goes past single rules, in sight of everybody, and never past what is hard."""

from dataclasses import replace
from datetime import timedelta

import pytest

from release_harness.kernel.identity import ProofLevel
from release_harness.kernel.verdict import Outcome
from release_harness.policy.default_surfaces import path_set
from release_harness.policy.model import ApprovalRequirement, Policy, Surface
from release_harness.policy.subject import BypassSeen, Judgement, Subject
from release_harness.testing.policies import (
    AGENT,
    GREEN,
    NOW,
    OTHER_CHANGE,
    actor,
    bypass,
    green_run,
    judge_now,
    rejection,
    small_policy,
    subject,
)

ONE = ApprovalRequirement(humans_count=1, exclude_author=True)
RED = green_run({**GREEN, "tests.failed_count": 3})


def judged(policy: Policy, *bypasses: BypassSeen, what: Subject | None = None) -> Judgement:
    """Judge a change whose tests fail and that nobody approved."""
    return judge_now(policy, what or subject(), evidence=(RED,), bypasses=bypasses)


def test_a_named_rule_is_forced_and_everything_else_is_still_judged() -> None:
    """A switch that turns all checks off trains people to use it; this one turns off what it names."""
    found = judged(small_policy(ONE), bypass("evidence:tests"))
    tests, people = found.verdict.children

    assert found.forced
    assert found.outcome is Outcome.UNKNOWN
    assert tests.outcome is Outcome.PASS
    assert tests.says == "FORCED by bo for INC-7: checkout is down"
    assert tests.children[0].outcome is Outcome.FAIL
    assert people.outcome is Outcome.UNKNOWN


def test_when_every_failing_rule_is_named_the_whole_is_forced_and_says_so() -> None:
    """The record of such a landing must never read as passed."""
    found = judged(small_policy(ONE), bypass("evidence:tests", "approvals:1"))

    assert found.outcome is Outcome.PASS
    assert found.forced
    assert found.verdict.says.startswith("FORCED")


def test_naming_a_rule_that_passes_forces_nothing() -> None:
    """A statement that was not needed leaves no mark on the decision."""
    assert not judge_now(small_policy(), subject(), bypasses=(bypass("evidence:tests"),)).forced


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (replace(bypass("evidence:tests"), change=OTHER_CHANGE), "other content"),
        (replace(bypass("evidence:tests"), reason="  "), "does not say reason"),
        (replace(bypass("evidence:tests"), incident=""), "does not say incident"),
        (replace(bypass("evidence:tests"), given_at=NOW - timedelta(hours=2)), "it held for 1h"),
        (
            replace(bypass("evidence:tests"), given_at=NOW - timedelta(hours=5), ttl=timedelta(days=9)),
            "it held for 4h",
        ),
        (replace(bypass("evidence:tests"), given_at=NOW + timedelta(hours=1)), "a clock went backwards"),
        (replace(bypass("evidence:tests"), proof=ProofLevel.LOGIN), "not signed with a key of bo"),
        (replace(bypass("evidence:tests"), key="ssh-ed25519 AAAAeve"), "not signed with a key of bo"),
        (replace(bypass("evidence:tests"), actor=AGENT), "claude is no person"),
        (bypass("evidence:tests", name="clara"), "clara may not do it; oncall may"),
    ],
)
def test_a_statement_that_is_not_in_force_has_no_effect_and_the_tree_says_why(given: BypassSeen, why: str) -> None:
    """Scope, reason, time, signature and person are each necessary."""
    found = judged(small_policy(), given)

    assert found.outcome is Outcome.FAIL
    assert not found.forced
    assert why in found.verdict.children[0].says


def test_only_whole_rule_ids_are_understood() -> None:
    """Not a prefix, not a star, not a sentence that holds the id."""
    for rules in (("evidence",), ("evidence:*",), ("*",), ("all",), ("please bypass evidence:tests",), ()):
        assert judged(small_policy(), bypass(*rules)).outcome is Outcome.FAIL


def test_without_break_glass_in_the_policy_there_is_none() -> None:
    """No section means no emergency exit, not an unguarded one."""
    assert judged(replace(small_policy(), break_glass=None), bypass("evidence:tests")).outcome is Outcome.FAIL


def test_nobody_goes_past_a_hard_surface() -> None:
    """Whoever could, could first rewrite the rules and then need no break-glass any more."""
    hard = Surface(name="core", paths=path_set("core/**"), tier="high", hard=True)
    policy = small_policy(surfaces=(hard,))

    assert judged(policy, bypass("evidence:tests"), what=subject("core/a")).outcome is Outcome.FAIL
    assert judged(policy, bypass("evidence:tests"), what=subject("src/a")).forced
    assert judged(small_policy(), bypass("evidence:tests"), what=subject(".rh/policy.yaml")).outcome is Outcome.FAIL


@pytest.mark.parametrize("never", ["evidence:tests", "tests", "soft"])
def test_nobody_goes_past_what_the_policy_calls_never(never: str) -> None:
    """`never` names surfaces, evidence and rules alike."""
    policy = small_policy(surfaces=(Surface(name="soft", paths=path_set("src/**"), tier="medium"),))
    assert policy.break_glass is not None
    policy = replace(policy, break_glass=replace(policy.break_glass, never=(never,)))

    assert judged(policy, bypass("evidence:tests")).outcome is Outcome.FAIL


def test_what_cannot_be_judged_cannot_be_forced() -> None:
    """There is no result to land, no list that is whole, no policy that asks: nobody can sign that away."""
    rules = ("content:result_tree", "content:listing", "content:conflicts", "policy", "evidence:tests")
    for what in (
        replace(subject(), result_tree=None),
        replace(subject(), listing_complete=False),
        replace(subject(), conflicts=("a",), result_tree=None),
    ):
        assert judged(small_policy(), bypass(*rules), what=what).outcome is not Outcome.PASS
    assert judged(replace(small_policy(), requirements=()), bypass(*rules)).outcome is Outcome.UNKNOWN


def test_a_rejection_is_only_passed_by_its_own_name() -> None:
    """Going past the tests does not go past a person who said no."""

    def outcome(*rules: str) -> Outcome:
        return judge_now(
            small_policy(), subject(), evidence=(RED,), approvals=(rejection("clara"),), bypasses=(bypass(*rules),)
        ).outcome

    assert outcome("evidence:tests") is Outcome.FAIL
    assert outcome("evidence:tests", "rejections") is Outcome.PASS
    assert actor("bo").id == "bo"
