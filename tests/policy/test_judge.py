"""The whole judgement: what stands in the way, what was shown, who has looked, and the stricter of several policies."""

from dataclasses import replace

import pytest

from release_harness.kernel.verdict import Outcome
from release_harness.policy.default_surfaces import path_set
from release_harness.policy.judge import combine, is_forced, strictest_tier
from release_harness.policy.model import (
    ApprovalRequirement,
    FactTest,
    Operator,
    Policy,
    RaiseRule,
    Surface,
    TierRequirement,
)
from release_harness.policy.requirements import asked_by, drop_implied, implies
from release_harness.policy.subject import Subject
from release_harness.testing.policies import approval, bypass, green_run, judge_now, small_policy, subject

ONE = ApprovalRequirement(humans_count=1, exclude_author=True)
TWO = replace(ONE, humans_count=2)


@pytest.mark.parametrize(
    ("judged", "outcome", "rule"),
    [
        (replace(subject(), result_tree=None), Outcome.UNKNOWN, "content:result_tree"),
        (replace(subject(), change=None), Outcome.UNKNOWN, "content:change_digest"),
        (replace(subject(), listing_complete=False), Outcome.UNKNOWN, "content:listing"),
        (replace(subject(), files=(), owners=()), Outcome.UNKNOWN, "content:nothing"),
        (replace(subject(), conflicts=("a.py",), result_tree=None), Outcome.FAIL, "content:conflicts"),
    ],
)
def test_content_that_is_not_whole_never_passes(judged: Subject, outcome: Outcome, rule: str) -> None:
    """A conflict is known to fail; everything else that is missing is unknown."""
    found = judge_now(small_policy(), judged)

    assert found.outcome is outcome
    assert rule in [child.rule for child in found.verdict.children]


@pytest.mark.parametrize(
    "policy",
    [
        Policy(tiers=(), default_tier=""),
        Policy(tiers=("low",), default_tier="low"),
        replace(small_policy(), requirements=()),
        replace(small_policy(), requirements=(TierRequirement(tier="medium"),)),
        replace(small_policy(), requirements=(TierRequirement(tier="medium", inherit="medium", evidence=("tests",)),)),
        replace(small_policy(), requirements=(TierRequirement(tier="medium", inherit="tiny", evidence=("tests",)),)),
        replace(small_policy(), requirements=small_policy().requirements * 2),
        replace(small_policy(), default_tier="tiny", requirements=small_policy().requirements[:2]),
    ],
)
def test_a_policy_that_asks_for_nothing_or_contradicts_itself_passes_nothing(policy: Policy) -> None:
    """No policy, no requirement and no rule that matches have each meant `approved` somewhere."""
    found = judge_now(policy, subject())

    assert found.outcome is Outcome.UNKNOWN
    assert [action.command for child in found.verdict.children for action in child.actions] != []


def test_a_surface_asks_for_its_own_evidence() -> None:
    """What the tier does not ask for, the surface may."""
    definition = replace(small_policy().evidence[0], name="drill", predicate="drill/v1")
    surface = Surface(name="db", paths=path_set("db/**"), tier="medium", evidence=("drill",))
    policy = small_policy(surfaces=(surface,))
    policy = replace(policy, evidence=(*policy.evidence, definition))
    drill = replace(green_run(), predicate="drill/v1")

    assert judge_now(policy, subject("db/a")).outcome is Outcome.UNKNOWN
    assert judge_now(policy, subject("db/a"), evidence=(green_run(), drill)).outcome is Outcome.PASS
    assert judge_now(policy, subject("src/a")).outcome is Outcome.PASS


def test_a_tier_that_is_not_known_must_show_what_every_possible_tier_asks_for() -> None:
    """A highest tier that asks for less must not become a way around the one that is skipped."""
    rule = RaiseRule(id="big", when=FactTest(fact="change.lines", operator=Operator.GT, operand=400), tier="high")
    policy = replace(
        small_policy(),
        raise_rules=(rule,),
        requirements=(
            TierRequirement(tier="medium", evidence=("tests",), approvals=(ONE,)),
            TierRequirement(tier="high", evidence=("tests",)),
        ),
    )
    unknown = subject(known={})

    assert judge_now(policy, unknown).tier.tier == "high"
    assert judge_now(policy, unknown).outcome is Outcome.UNKNOWN
    assert judge_now(policy, unknown, approvals=(approval("bo"),)).outcome is Outcome.PASS


def test_the_chain_of_inherit_adds_up() -> None:
    """What a lower tier asks for is asked for once, in its own order, and what is implied is dropped."""
    policy = replace(
        small_policy(),
        requirements=(
            TierRequirement(tier="low", evidence=("tests",), approvals=(ONE,)),
            TierRequirement(tier="medium", evidence=("scan", "tests"), inherit="low"),
            TierRequirement(tier="high", approvals=(TWO,), inherit="medium"),
        ),
    )

    assert asked_by(policy, ("high",)).evidence == ("tests", "scan")
    assert asked_by(policy, ("high",)).approvals == (TWO,)
    assert asked_by(policy, ("low", "high")).approvals == (TWO,)


def test_only_what_is_really_implied_is_dropped() -> None:
    """Two people of any kind do not stand for one under the security lens."""
    lens = replace(ONE, lens="security")

    assert drop_implied((ONE, TWO, lens, ONE)) == (TWO, lens)
    assert not implies(replace(TWO, exclude_author=False), ONE)
    assert implies(replace(TWO, exclude_requester=True), ONE)


def test_the_stricter_of_several_policies_holds() -> None:
    """A change to the policy is judged by the old one and by the new one."""
    strict, lax = small_policy(ONE), small_policy()
    both = [judge_now(lax, subject()), judge_now(strict, subject())]

    assert combine(both).outcome is Outcome.UNKNOWN
    assert combine(both[:1]).outcome is Outcome.PASS
    assert combine([]).outcome is Outcome.UNKNOWN
    conflict = replace(subject(), conflicts=("a",), result_tree=None)
    assert combine([*both, judge_now(lax, conflict)]).outcome is Outcome.FAIL


def test_the_strictest_tier_is_the_one_with_fewest_above_it() -> None:
    """The card of a change shows the tier that it is really held to."""
    lax, strict = small_policy(), replace(small_policy(), default_tier="high")
    tier = strictest_tier([judge_now(lax, subject()), judge_now(strict, subject())])

    assert tier is not None
    assert tier.tier == "high"
    assert strictest_tier([]) is None


def test_forced_under_one_policy_is_forced_as_a_whole() -> None:
    """A landing that went past one of two policies went past a policy."""
    plain = judge_now(small_policy(), subject())
    forced = judge_now(small_policy(ONE), subject(), bypasses=(bypass("approvals:1"),))

    assert is_forced([plain, forced])
    assert not is_forced([plain])
