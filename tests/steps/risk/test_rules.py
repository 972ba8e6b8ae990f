"""What the policies are given, and the tier over all of them."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release_harness.kernel.facts import FactValue, Known, Unknown
from release_harness.policy.judge import judge
from release_harness.policy.model import Policy
from release_harness.policy.subject import FileOwners, Judgement
from release_harness.steps.project.rules import parse_codeowners
from release_harness.steps.risk.rules import (
    file_owners,
    reason_source,
    strictest_tier,
    subject_for,
    touched_surfaces,
)
from release_harness.testing.policies import NOW, default_policy_with_people, facts
from release_harness.testing.review import BRIEF, examination_of, findings_of, rules_of, small_change, without_result

PATHS = ("src/app.py", "src/auth/login.py", "docs/a.md", "payments/refund.py", ".rh/policy.yaml", "db/migrations/1.sql")


def judgement_of(policy: Policy, *paths: str) -> Judgement:
    """Judge a small change under one policy."""
    change = small_change(*paths)
    subject = subject_for(change, findings_of(), (), None, "main")
    return judge(policy, rules_of().digest, subject, (), (), (), NOW)


def test_facts_of_the_diff_are_not_replaced_by_evidence() -> None:
    """A CI job that reports `change.lines: 0` must not make a big change small."""
    change = replace(small_change(), facts=facts({"change.lines": 900}))
    subject = subject_for(change, findings_of(known={"change.lines": 0}), (), None, "main")
    assert subject.facts["change.lines"] == Known(value=900, source="computed here")


def test_evidence_cannot_claim_a_brief_or_a_way_back() -> None:
    """What rh computes itself is never taken from outside."""
    claimed: dict[str, FactValue] = {"brief.present": True, "brief.outcome": "pass", "rollback.known": True}
    change = replace(small_change(), facts=facts({"migrations.files_count": 3}))
    subject = subject_for(change, findings_of(known=claimed), (), None, "main")
    assert subject.facts["brief.present"] == Known(value=False, source="computed here")
    assert isinstance(subject.facts["brief.outcome"], Unknown)
    assert subject.facts["rollback.known"] == Known(
        value=False, source="computed here: migrations are not undone by a revert"
    )


def test_a_brief_is_a_fact_with_its_outcome() -> None:
    """A policy may ask for a brief that says enough."""
    subject = subject_for(small_change(), findings_of(), (), BRIEF, "main")
    assert subject.facts["brief.present"] == Known(value=True, source="computed here")
    outcome = subject.facts["brief.outcome"]
    assert isinstance(outcome, Known)
    assert outcome.value in ("pass", "fail", "unknown")


def test_without_a_result_nothing_is_bound() -> None:
    """A shallow clone must not be judged by digests that are not known."""
    subject = subject_for(without_result(small_change()), findings_of(), (), None, "main")
    assert subject.change is None
    assert subject.result_tree is None


def test_every_file_has_a_row_of_owners() -> None:
    """A missing row means that nobody looked; a row without owners means that nobody owns it."""
    codeowners = parse_codeowners("*.py @bo\n/docs/ @writers\n", ".github/CODEOWNERS")
    assert file_owners(("src/auth/login.py", "docs/a.md", "LICENSE"), codeowners) == (
        FileOwners(path="src/auth/login.py", owners=("@bo",)),
        FileOwners(path="docs/a.md", owners=("@writers",)),
        FileOwners(path="LICENSE", owners=()),
    )


def test_one_section_of_owners_never_stands_in_for_another() -> None:
    """Merged into one row, any owner of either section would have satisfied both."""
    codeowners = parse_codeowners("[Back]\n*.py @bo\n[Security]\n/src/auth/ @clara\n", ".gitlab/CODEOWNERS")
    assert file_owners(("src/auth/login.py",), codeowners) == (
        FileOwners(path="src/auth/login.py", owners=("@bo",)),
        FileOwners(path="src/auth/login.py", owners=("@clara",)),
    )


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(PATHS), min_size=1, unique=True), st.sampled_from(PATHS))
def test_another_file_never_lowers_the_tier(paths: list[str], another: str) -> None:
    """Adding risk must not take any away. Slow: forty drawn changes, each judged twice."""
    policy = default_policy_with_people()
    before = strictest_tier([judgement_of(policy, *paths)]).tier
    after = strictest_tier([judgement_of(policy, *dict.fromkeys([*paths, another]))]).tier
    assert policy.rank(after) >= policy.rank(before)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(PATHS), min_size=1, unique=True), st.booleans())
def test_another_policy_in_force_never_lowers_the_tier(paths: list[str], loose_first: bool) -> None:  # noqa: FBT001 - drawn
    """A change that loosens the policy is judged by the stricter of old and new, whichever comes first.

    Slow: forty drawn changes, each judged by two policies.
    """
    strict = default_policy_with_people()
    loose = replace(strict, surfaces=(), raise_rules=(), default_tier="low")
    judged = [judgement_of(strict, *paths), judgement_of(loose, *paths)]
    together = strictest_tier(judged[::-1] if loose_first else judged)
    assert strict.rank(together.tier) == max(strict.rank(each.tier.tier) for each in judged)
    assert {reason for each in judged for reason in each.tier.reasons} == set(together.reasons)


def test_policies_with_other_tiers_are_compared_by_what_is_above() -> None:
    """A renamed ladder of tiers must not hide that its top is meant."""
    strict = default_policy_with_people()
    other = replace(
        strict,
        tiers=("calm", "wild"),
        default_tier="wild",
        surfaces=(),
        raise_rules=(),
        lower_rules=(),
        requirements=(),
        retention=(),
    )
    judged = [judgement_of(strict, "src/app.py"), judgement_of(other, "src/app.py")]
    assert strictest_tier(judged).tier == strictest_tier(judged[::-1]).tier == "wild"


def test_no_judgement_is_no_tier_that_anything_could_pass_with() -> None:
    """Without a policy there is no tier, and the name says so."""
    assert strictest_tier([]).tier == "unknown"


@pytest.mark.parametrize(("loose_too", "source"), [(False, ""), (True, "built-in defaults")])
def test_a_reason_names_its_policy_only_when_they_differ(loose_too: bool, source: str) -> None:  # noqa: FBT001 - parametrized
    """With one policy the source is noise; with two it is what the reader needs."""
    strict = default_policy_with_people()
    policies = (strict, replace(strict, surfaces=())) if loose_too else (strict,)
    examination = examination_of(small_change("src/auth/login.py"), rules=rules_of(*policies))
    reason = next(each for each in examination.tier.reasons if each.rule == "surface:auth")
    assert reason_source(examination.rules, examination.judgements, reason) == source


def test_surfaces_with_the_same_words_are_listed_once() -> None:
    """Two versions of a policy usually describe a surface alike."""
    strict = default_policy_with_people()
    examination = examination_of(small_change("src/auth/login.py"), rules=rules_of(strict, strict))
    names = [each.name for each in touched_surfaces(examination.rules, examination.tier)]
    assert names == ["auth"]
