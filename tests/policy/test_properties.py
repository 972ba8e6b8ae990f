"""What must hold for every policy and every change, tried on many made-up ones.

More risk never lowers the tier; less knowledge never makes a change pass; unknown never passes.
"""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release_harness.kernel.facts import FactValue
from release_harness.kernel.identity import ProofLevel
from release_harness.kernel.verdict import Outcome, Verdict
from release_harness.policy.actions import smallest_actions
from release_harness.policy.default_surfaces import path_set
from release_harness.policy.judge import combine
from release_harness.policy.model import (
    AllOf,
    AnyOf,
    ApprovalRequirement,
    Binding,
    Condition,
    EvidenceDefinition,
    FactTest,
    FilesTest,
    LowerRule,
    Not,
    Operator,
    OwnersMode,
    OwnersRequirement,
    Policy,
    Quantifier,
    RaiseRule,
    Retention,
    Surface,
    SurfaceTest,
    TierRequirement,
)
from release_harness.policy.subject import ApprovalSeen, EvidenceSeen, FileOwners, Subject
from release_harness.policy.tier import assess_tier
from release_harness.testing.policies import (
    AGENT,
    NOW,
    PEOPLE,
    STRANGER,
    actor,
    approval,
    facts,
    green_run,
    judge_now,
    subject,
)

TIERS = ("low", "medium", "high", "critical")
PATHS = ("a/x.py", "a/y.md", "b/x.py", "b/y.md", "c.md", ".rh/policy.yaml")
COUNTS = ("p.count", "q.count", "r.count")
NAMES = ("e1", "e2")

tiers = st.sampled_from(TIERS)
globs = st.sampled_from(["a/**", "b/**", "**/*.md", "**/*.py", "c.md", "a/x.py"])
path_sets = st.lists(globs, min_size=1, max_size=3).map(lambda listed: path_set(*listed))
counts = st.sampled_from(COUNTS)
growing: st.SearchStrategy[Condition] = st.one_of(
    st.builds(FactTest, fact=counts, operator=st.sampled_from([Operator.GT, Operator.GE]), operand=st.integers(0, 4)),
    st.builds(FilesTest, quantifier=st.just(Quantifier.ANY), paths=path_sets),
    st.builds(SurfaceTest, surface=st.sampled_from(["s0", "s1", "gone"])),
)
"""Conditions that more files and larger counts can only make true."""
monotone = st.recursive(
    growing,
    lambda inner: st.one_of(
        st.builds(AllOf, conditions=st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(AnyOf, conditions=st.lists(inner, min_size=1, max_size=3).map(tuple)),
    ),
    max_leaves=4,
)
any_condition = st.recursive(
    st.one_of(
        growing,
        st.builds(
            FactTest, fact=counts, operator=st.sampled_from(list(Operator)), operand=st.integers(0, 4) | st.booleans()
        ),
    ),
    lambda inner: st.one_of(
        st.builds(Not, condition=inner),
        st.builds(AllOf, conditions=st.lists(inner, max_size=2).map(tuple)),
        st.builds(AnyOf, conditions=st.lists(inner, max_size=2).map(tuple)),
    ),
    max_leaves=4,
)

easy = st.builds(FactTest, fact=counts, operator=st.just(Operator.LE), operand=st.integers(3, 6))
"""Conditions that most changes fulfil, so that enough of them pass for a property about passing to mean something."""


def surfaces_of(owned: bool = False) -> st.SearchStrategy[tuple[Surface, ...]]:  # noqa: FBT001, FBT002 - a strategy
    """Up to two surfaces."""
    owners = st.lists(st.sampled_from(["bo", "clara"]), max_size=1).map(tuple) if owned else st.just(())
    lenses = st.lists(st.just("security"), max_size=1).map(tuple) if owned else st.just(())
    one = st.builds(Surface, name=st.just("s"), paths=path_sets, tier=tiers, owners=owners, lenses=lenses)
    return st.lists(one, max_size=2).map(
        lambda listed: tuple(replace(each, name=f"s{index}") for index, each in enumerate(listed))
    )


def policies(conditions: st.SearchStrategy[Condition]) -> st.SearchStrategy[Policy]:
    """Policies of four tiers with rules over the conditions, also foolish ones."""
    raise_rules = st.lists(st.builds(RaiseRule, id=st.just("r"), when=conditions, tier=tiers), max_size=3)
    lower_rules = st.lists(st.builds(LowerRule, id=st.just("l"), only=path_sets, to=tiers), max_size=2)
    return st.builds(
        Policy,
        tiers=st.just(TIERS),
        default_tier=tiers,
        surfaces=surfaces_of(),
        raise_rules=raise_rules.map(tuple),
        lower_rules=lower_rules.map(tuple),
        people=st.just(PEOPLE),
    )


@st.composite
def asking_policies(draw: st.DrawFn) -> Policy:
    """Policies whose tiers each ask for something else, with or without sense."""
    policy = draw(policies(any_condition))
    lower = tuple(replace(each, when=draw(st.none() | any_condition)) for each in policy.lower_rules)
    approvals = st.builds(
        ApprovalRequirement,
        humans_count=st.sampled_from([1, 1, 2, 0]),
        proof=st.sampled_from([ProofLevel.LOGIN, ProofLevel.LOGIN, ProofLevel.KEY]),
        lens=st.sampled_from(["", "", "security"]),
        owners=st.none()
        | st.none()
        | st.builds(OwnersRequirement, mode=st.sampled_from(list(OwnersMode)), count=st.just(1)),
        exclude_author=st.booleans(),
        exclude_requester=st.booleans(),
    )
    requirements = tuple(
        TierRequirement(
            tier=tier,
            evidence=tuple(draw(st.lists(st.sampled_from([*NAMES, *NAMES, *NAMES, "gone"]), max_size=2))),
            approvals=tuple(draw(st.lists(approvals, max_size=1))),
            inherit=draw(st.sampled_from(["", *TIERS[:index]])),
        )
        for index, tier in enumerate(TIERS)
        if draw(st.integers(0, 5))
    )
    evidence = tuple(
        EvidenceDefinition(
            name=name,
            predicate=draw(st.sampled_from(["computed", "test-result/v0.1"])),
            bind=draw(st.sampled_from([Binding.RESULT_TREE, Binding.CHANGE])),
            when=draw(st.one_of(easy, easy, any_condition)),
        )
        for name in NAMES
    )
    return replace(
        policy,
        surfaces=draw(surfaces_of(owned=True)),
        lower_rules=lower,
        requirements=requirements,
        evidence=evidence,
        retention=tuple((tier, draw(st.sampled_from(list(Retention)))) for tier in TIERS),
        count_requester_as_author=draw(st.booleans()),
    )


whole = st.fixed_dictionaries({name: st.integers(0, 4) for name in COUNTS})
known: st.SearchStrategy[dict[str, FactValue]] = st.one_of(
    whole, whole, st.dictionaries(counts, st.integers(0, 6) | st.booleans(), max_size=3)
)
files = st.lists(st.sampled_from(PATHS), min_size=1, max_size=4, unique=True).map(tuple)


@st.composite
def subjects(draw: st.DrawFn) -> Subject:
    """Small changes by people, agents or strangers."""
    listed = draw(files)
    owners = tuple(
        FileOwners(
            path=path,
            owners=tuple(draw(st.lists(st.sampled_from(["bo", "bo", "@clara", "@clara", "@x/y"]), max_size=1))),
        )
        for path in listed
    )
    return replace(
        subject(*listed, known=draw(known)),
        owners=owners,
        authors=tuple(draw(st.lists(st.sampled_from([actor("ana"), actor("ana"), AGENT, STRANGER]), max_size=2))),
        requester=draw(st.none() | st.just(actor("bo"))),
        listing_complete=draw(st.integers(0, 9)) > 0,
    )


def records() -> st.SearchStrategy[tuple[EvidenceSeen, ...]]:
    """One test run with any facts."""
    one = st.builds(lambda values: replace(green_run(), facts=facts(values)), known)
    return st.lists(one, min_size=1, max_size=1).map(tuple)


def votes() -> st.SearchStrategy[tuple[ApprovalSeen, ...]]:
    """Approvals by any of the people."""
    one = st.builds(
        lambda name, lens, proof: approval(name, lenses=lens, proof=proof),
        st.sampled_from(["ana", "bo", "clara", "dora"]),
        st.sampled_from([(), ("security",)]),
        st.sampled_from([ProofLevel.LOGIN, ProofLevel.KEY]),
    )
    everybody = tuple(approval(name, lenses=("security",), proof=ProofLevel.KEY) for name in ("bo", "clara", "dora"))
    return st.one_of(st.just(everybody), st.lists(one, max_size=4).map(tuple))


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(policies(monotone), files, files, known)
def test_more_files_never_lower_the_tier(
    policy: Policy, few: tuple[str, ...], more: tuple[str, ...], values: dict[str, FactValue]
) -> None:
    """A harmless file beside a dangerous one must not make the change look harmless."""
    before = assess_tier(policy, subject(*few, known=values)).tier
    after = assess_tier(policy, subject(*dict.fromkeys((*few, *more)), known=values)).tier

    assert TIERS.index(after) >= TIERS.index(before)


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(policies(monotone), files, st.dictionaries(counts, st.integers(0, 6), max_size=3), counts, st.integers(1, 5))
def test_larger_counts_never_lower_the_tier(
    policy: Policy, listed: tuple[str, ...], values: dict[str, int], fact: str, more: int
) -> None:
    """Four hundred lines more are never less to look at."""
    larger = {**values, fact: values[fact] + more} if fact in values else values
    before = assess_tier(policy, subject(*listed, known=values)).tier
    after = assess_tier(policy, subject(*listed, known=larger)).tier

    assert TIERS.index(after) >= TIERS.index(before)


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(policies(any_condition), st.builds(RaiseRule, id=st.just("new"), when=any_condition, tier=tiers), subjects())
def test_another_raise_rule_never_lowers_the_tier(policy: Policy, rule: RaiseRule, judged: Subject) -> None:
    """A rule that is added for caution cannot weaken the others."""
    before = assess_tier(policy, judged).tier
    after = assess_tier(replace(policy, raise_rules=(*policy.raise_rules, rule)), judged).tier

    assert TIERS.index(after) >= TIERS.index(before)


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(policies(any_condition), st.builds(Surface, name=st.just("new"), paths=path_sets, tier=tiers), subjects())
def test_another_surface_on_an_unnamed_file_aside_never_hides_a_stricter_one(
    policy: Policy, surface: Surface, judged: Subject
) -> None:
    """A surface may give a file less than the default tier, and never less than another surface or rule gives it."""
    stands = [
        TIERS.index(reason.tier)
        for reason in assess_tier(policy, judged).reasons
        if not reason.rule.startswith(("default", "lower:", "unknown:"))
    ]
    after = assess_tier(replace(policy, surfaces=(*policy.surfaces, surface)), judged).tier

    assert TIERS.index(after) >= max(stands, default=0)


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(asking_policies(), subjects(), records(), votes(), st.data())
def test_less_knowledge_never_makes_a_change_pass(
    policy: Policy,
    judged: Subject,
    shown: tuple[EvidenceSeen, ...],
    given_votes: tuple[ApprovalSeen, ...],
    data: st.DataObject,
) -> None:
    """Without a fact, a record or an approval a change can only stay where it is or stop passing.

    This holds for foolish policies too, such as one whose highest tier asks for least: while the tier is not known, what
    every possible tier asks for must be shown.
    """
    dropped = data.draw(st.sampled_from([*COUNTS, "evidence", "approvals"]))
    less = replace(judged, facts={name: fact for name, fact in judged.facts.items() if name != dropped})
    fewer_records = tuple(
        replace(each, facts={name: fact for name, fact in each.facts.items() if name != dropped})
        for each in (() if dropped == "evidence" else shown)
    )
    fewer_votes = given_votes
    if dropped == "approvals" and given_votes:
        index = data.draw(st.integers(0, len(given_votes) - 1))
        fewer_votes = (*given_votes[:index], *given_votes[index + 1 :])
    before = judge_now(policy, judged, evidence=shown, approvals=given_votes)
    after = judge_now(policy, less, evidence=fewer_records, approvals=fewer_votes)

    assert before.outcome is Outcome.PASS or after.outcome is not Outcome.PASS


def walk(node: Verdict) -> list[Verdict]:
    """Return a node and everything below it."""
    return [node, *(below for child in node.children for below in walk(child))]


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(asking_policies(), subjects(), records(), votes())
def test_a_pass_has_nothing_unknown_on_its_way(
    policy: Policy, judged: Subject, shown: tuple[EvidenceSeen, ...], given_votes: tuple[ApprovalSeen, ...]
) -> None:
    """Every requirement of a change that passes is known true, its content is whole, and nothing is left to do."""
    found = judge_now(policy, judged, evidence=shown, approvals=given_votes)

    if found.outcome is Outcome.PASS:
        assert found.verdict.children
        assert all(child.outcome is Outcome.PASS for child in found.verdict.children)
        assert judged.listing_complete
        assert smallest_actions(found.verdict) == ()
    else:
        blocking = [child for child in found.verdict.children if child.outcome is not Outcome.PASS]
        assert blocking
        assert all(node.says for node in walk(found.verdict))


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(asking_policies(), asking_policies(), subjects(), records(), votes())
def test_two_policies_together_are_at_least_as_strict_as_each(
    old: Policy,
    new: Policy,
    judged: Subject,
    shown: tuple[EvidenceSeen, ...],
    given_votes: tuple[ApprovalSeen, ...],
) -> None:
    """Nobody can edit the policy into letting the edit pass."""
    each = [judge_now(policy, judged, evidence=shown, approvals=given_votes) for policy in (old, new)]

    assert (combine(each).outcome is Outcome.PASS) is all(found.outcome is Outcome.PASS for found in each)
    assert NOW.tzinfo is not None
