"""What would be, if: the same engine over something supposed."""

from dataclasses import replace

from release_harness.kernel.identity import ProofLevel
from release_harness.kernel.verdict import Outcome
from release_harness.policy.model import ApprovalRequirement
from release_harness.policy.simulate import SUPPOSED, WhatIf
from release_harness.testing.policies import GREEN, NOW, POLICY_DIGEST, small_policy, subject

ONE = ApprovalRequirement(humans_count=1, exclude_author=True)
START = WhatIf(policy=small_policy(ONE), digest=POLICY_DIGEST, subject=subject())


def test_supposing_what_is_missing_lets_the_change_pass() -> None:
    """`What if the tests were green and Bo approved?` is the question that people ask before they wait."""
    done = START.with_evidence("tests", GREEN, NOW).with_approval("bo", NOW)

    assert START.judge(NOW).outcome is Outcome.UNKNOWN
    assert done.judge(NOW).outcome is Outcome.PASS
    assert START.evidence == ()


def test_what_is_supposed_is_marked() -> None:
    """Nothing imagined may look like something that happened."""
    done = START.with_evidence("tests", GREEN, NOW).with_approval("bo", NOW).with_facts({"change.lines": 9})

    assert done.evidence[0].id.startswith(SUPPOSED)
    assert done.approvals[0].id.startswith(SUPPOSED)
    assert getattr(done.subject.facts["change.lines"], "source", "") == SUPPOSED


def test_a_supposed_approval_is_no_better_than_the_persons_keys() -> None:
    """Supposing that somebody signs with a key that they do not have would promise too much."""
    keyed = replace(START, policy=small_policy(replace(ONE, proof=ProofLevel.PRESENCE)))
    keyed = keyed.with_evidence("tests", GREEN, NOW)

    assert keyed.with_approval("bo", NOW, proof=ProofLevel.PRESENCE).judge(NOW).outcome is Outcome.UNKNOWN
    assert keyed.with_approval("clara", NOW, proof=ProofLevel.PRESENCE).judge(NOW).outcome is Outcome.PASS
    assert keyed.with_approval("nobody", NOW).judge(NOW).outcome is Outcome.UNKNOWN


def test_facts_and_files_can_be_supposed_too() -> None:
    """So that a policy can be tried on changes that nobody has made yet."""
    assert START.with_files([".rh/policy.yaml"]).judge(NOW).tier.tier == "high"
    assert "change.lines" in START.without_facts(["change.lines"]).subject.facts
    assert START.with_evidence("nothing", GREEN, NOW) == START
    assert replace(START, subject=replace(subject(), change=None)).with_approval("bo", NOW).approvals == ()
