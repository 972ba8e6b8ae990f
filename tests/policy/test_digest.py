"""The digest of a policy says what judged; two policies with another meaning never share one."""

from dataclasses import replace
from datetime import timedelta

from release_harness.kernel.digests import is_sha256
from release_harness.policy.defaults import DEFAULT_POLICY
from release_harness.policy.digest import policy_digest
from release_harness.policy.model import (
    AllOf,
    AnyOf,
    FactTest,
    Operator,
    Policy,
    RaiseRule,
    Regex,
    Retention,
)
from release_harness.testing.policies import small_policy


def raising(*conditions: AllOf | AnyOf | FactTest) -> Policy:
    """Make a policy that differs in the conditions of one rule only."""
    rules = tuple(RaiseRule(id=f"r{index}", when=when, tier="high") for index, when in enumerate(conditions))
    return replace(small_policy(), raise_rules=rules)


def test_the_same_policy_has_the_same_digest() -> None:
    """Also when it was read a second time into other objects."""
    assert is_sha256(policy_digest(DEFAULT_POLICY))
    assert policy_digest(small_policy()) == policy_digest(small_policy())


def test_all_and_any_differ() -> None:
    """Both records hold nothing but `conditions`: without their names an auditor could be shown the other one."""
    part = FactTest(fact="change.lines", operator=Operator.GT, operand=1)

    assert policy_digest(raising(AllOf(conditions=(part,)))) != policy_digest(raising(AnyOf(conditions=(part,))))


def test_values_of_different_types_differ() -> None:
    """`1`, `true`, `1.0`, the text `1` and the pattern `1` are five different rules."""
    operands = (1, True, 1.0, "1", Regex(text="1"), ("1",))
    digests = {
        policy_digest(raising(FactTest(fact="x", operator=Operator.EQ, operand=operand))) for operand in operands
    }

    assert len(digests) == len(operands)


def test_every_part_counts() -> None:
    """A change of who may do what must never keep the digest."""
    base = small_policy()
    assert base.break_glass is not None
    others = [
        base,
        replace(base, default_tier="high"),
        replace(base, people=base.people[:1]),
        replace(base, retention=(("low", Retention.SAME_RESULT),)),
        replace(base, count_requester_as_author=False),
        replace(base, break_glass=None),
        replace(base, break_glass=replace(base.break_glass, ttl=timedelta(hours=4, microseconds=1))),
        replace(base, tiers=tuple(reversed(base.tiers))),
        replace(base, evidence=(replace(base.evidence[0], max_age=None),)),
        replace(base, evidence=(replace(base.evidence[0], obtain=""),)),
    ]

    assert len({policy_digest(each) for each in others}) == len(others)
