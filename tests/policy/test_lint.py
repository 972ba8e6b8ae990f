"""What is well formed and still does not do what its authors think."""

from dataclasses import replace
from datetime import timedelta

import pytest

from release_harness.kernel.identity import ProofLevel
from release_harness.policy.default_surfaces import path_set
from release_harness.policy.lint import lint
from release_harness.policy.model import (
    AllOf,
    AnyOf,
    ApprovalRequirement,
    AuthorTest,
    Binding,
    BreakGlass,
    Condition,
    CustomFact,
    FactTest,
    FilesTest,
    LowerRule,
    Operator,
    Policy,
    Quantifier,
    RaiseRule,
    Regex,
    Retention,
    Surface,
    SurfaceTest,
    Team,
    TierRequirement,
)
from release_harness.testing.policies import ANA, BO, CLARA, PEOPLE, QUIET, small_policy, subject

ONE = ApprovalRequirement(humans_count=1, exclude_author=True)
AUTH = Surface(name="auth", paths=path_set("auth/**"), tier="high")
GOOD = replace(small_policy(ONE, surfaces=(AUTH,), retention=Retention.SAME_RESULT))


def says(policy: Policy) -> str:
    """Return every fault, path first."""
    return "\n".join(f"{fault.path}: {fault.sentence()}" for fault in lint(policy))


def raising(when: Condition, tier: str = "high") -> Policy:
    """Make the good policy with one raise rule."""
    return replace(GOOD, raise_rules=(RaiseRule(id="r", when=when, tier=tier),))


def test_a_good_policy_has_no_fault() -> None:
    """Otherwise no fault below means anything."""
    assert says(GOOD) == ""


BREAK = GOOD.break_glass or BreakGlass(who=(), ttl=timedelta(0), needs=(), review_within=timedelta(0))


@pytest.mark.parametrize(
    ("policy", "fault"),
    [
        (replace(GOOD, tiers=()), "tiers: The policy has no tiers"),
        (replace(GOOD, default_tier="meduim"), "Did you mean 'medium'?"),
        (replace(GOOD, surfaces=(AUTH, AUTH)), "auth stands 2 times in surfaces"),
        (replace(GOOD, people=(*PEOPLE, replace(ANA, emails=(), logins=(), keys=()))), "ana names 2 people"),
        (replace(GOOD, teams=(Team(id="bo", members=("ana",)),)), "bo names 2 people, agents or teams"),
        (replace(GOOD, surfaces=(replace(AUTH, evidence=("drill",)),)), "The evidence drill is asked for and nowhere"),
        (replace(GOOD, evidence=(*GOOD.evidence, replace(GOOD.evidence[0], name="x"))), "asks for the evidence x"),
        (replace(GOOD, facts=(CustomFact(name="change.lines", type="int"),)), "declaring it anew has no effect"),
        (replace(GOOD, facts=(CustomFact(name="a.b", type="integer"),)), "integer is no type of fact"),
        (replace(GOOD, facts=(CustomFact(name="a.b", type="int"),)), "No rule reads the fact a.b"),
        (replace(GOOD, break_glass=replace(BREAK, never=("atuh",))), "Did you mean 'auth'?"),
        (replace(GOOD, break_glass=replace(BREAK, needs=("blood",))), "Nothing can be said as blood"),
        (replace(GOOD, break_glass=replace(BREAK, ttl=timedelta(0))), "can never be used"),
        (
            replace(GOOD, break_glass=replace(BREAK, who=("onkall",))),
            "onkall stands for nobody. Did you mean 'oncall'?",
        ),
    ],
)
def test_names_that_miss_or_clash_are_found(policy: Policy, fault: str) -> None:
    """A name that means nothing protects nothing; of two equal ones a reader sees the wrong one."""
    assert fault in says(policy)


@pytest.mark.parametrize(
    ("paths", "fault"),
    [
        (path_set(), "There is no path"),
        (path_set("[a"), "without a `]`"),
        (path_set("!a", "b"), "takes out what nothing has put in"),
        (path_set("a", "b", "a"), "a stands there twice"),
        (path_set("app/[slug]/page.tsx"), "names one character of a class"),
        (path_set("a/**", "!**"), "nothing ever matches"),
    ],
)
def test_path_sets_that_miss_are_found(paths: object, fault: str) -> None:
    """The same in a surface, in `only` and in a condition."""
    assert fault in says(replace(GOOD, surfaces=(replace(AUTH, paths=paths),)))  # type: ignore[arg-type]
    assert fault in says(raising(FilesTest(quantifier=Quantifier.ANY, paths=paths)))  # type: ignore[arg-type]
    lower = LowerRule(id="l", only=paths, to="low")  # type: ignore[arg-type]
    assert fault in says(replace(GOOD, lower_rules=(lower,)))


@pytest.mark.parametrize(
    ("narrow", "wide", "shadowed"),
    [
        ({"paths": path_set("src/auth/login/**")}, {"paths": path_set("src/auth/**")}, True),
        ({"paths": path_set("src/auth/a.py", "lib/")}, {"paths": path_set("src/auth/", "lib/")}, True),
        ({"paths": path_set("src/**")}, {"paths": path_set("src/auth/**")}, False),
        ({"paths": path_set("src/authors/**")}, {"paths": path_set("src/auth/**")}, False),
        ({"paths": path_set("src/auth/a")}, {"paths": path_set("src/**", "!src/auth/**")}, False),
        ({"paths": path_set("src/a"), "tier": "high"}, {"paths": path_set("src/**"), "tier": "low"}, False),
        ({"paths": path_set("src/a"), "hard": True}, {"paths": path_set("src/**")}, False),
        ({"paths": path_set("src/a"), "lenses": ("ux",)}, {"paths": path_set("src/**")}, False),
    ],
)
def test_a_surface_in_the_shadow_of_another_is_found(
    narrow: dict[str, object], wide: dict[str, object], *, shadowed: bool
) -> None:
    """It looks like a rule of its own, and nothing would change without it."""
    surfaces = (replace(AUTH, name="n", **narrow), replace(AUTH, name="w", **wide))  # type: ignore[arg-type]

    assert ("n never decides" in says(replace(GOOD, surfaces=surfaces))) is shadowed


def fact(name: str, operator: Operator, operand: object) -> FactTest:
    """Make a test of one fact."""
    return FactTest(fact=name, operator=operator, operand=operand)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("when", "fault"),
    [
        (fact("change.linez", Operator.GT, 1), "There is no fact change.linez"),
        (fact("change.linez", Operator.GT, 1), "Did you mean 'change.lines'?"),
        (fact("change.lines", Operator.GT, "1"), "of type int and cannot be compared so"),
        (FactTest(fact="change.lines", operator=Operator.EQ, operand=True), "of type int and cannot be compared so"),
        (fact("change.title", Operator.GT, 1), "of type str and cannot be compared so"),
        (fact("change.title", Operator.MATCHES, "x"), "of type str and cannot be compared so"),
        (fact("change.title", Operator.MATCHES, Regex(text="(a+)+")), "repeats a group"),
        (fact("change.title", Operator.IN, "x"), "of type str and cannot be compared so"),
        (fact("change.languages", Operator.CONTAINS, ("go",)), "of type strings and cannot be compared so"),
        (FactTest(fact="change.lines", operator=Operator.KNOWN, operand=False), "is never true"),
        (fact("change.lines", Operator.LT, 0), "can never be true"),
        (fact("change.lines", Operator.GE, 0), "is true whenever it is known"),
        (fact("coverage.exercised_ratio", Operator.GT, 1), "can never be true"),
        (fact("coverage.exercised_ratio", Operator.GE, 80), "can never be true"),
        (
            AllOf(conditions=(fact("change.lines", Operator.GT, 5), fact("change.lines", Operator.LT, 3))),
            "contradicts itself",
        ),
        (
            AllOf(conditions=(fact("change.lines", Operator.GT, 5), fact("change.lines", Operator.EQ, 5))),
            "contradicts itself",
        ),
        (AnyOf(conditions=()), "are always unknown"),
        (SurfaceTest(surface="atuh"), "The policy has no surface atuh"),
        (AuthorTest(identity="nobody"), "nobody is no person, agent, team or role"),
    ],
)
def test_rules_that_can_never_decide_are_found(when: Condition, fault: str) -> None:
    """A rule whose answer is fixed looks like protection."""
    assert fault in says(raising(when))


def test_conditions_that_can_decide_are_left_alone() -> None:
    """A lint that blames good rules is switched off."""
    good = AllOf(
        conditions=(
            fact("change.lines", Operator.GE, 5),
            fact("change.lines", Operator.LE, 5),
            fact("coverage.exercised_ratio", Operator.LT, 1),
            fact("change.languages", Operator.CONTAINS, "go"),
            fact("change.author_kind", Operator.IN, ("agent", "mixed")),
            fact("tests.exit_code", Operator.LT, 0),
            AuthorTest(identity="claude"),
        )
    )

    assert says(raising(good)) == ""


def test_rules_that_do_not_move_the_tier_are_found() -> None:
    """Raising to the lowest tier and lowering to the default one do nothing."""
    assert "below which there is no tier" in says(raising(fact("change.lines", Operator.GT, 1), tier="low"))
    lower = LowerRule(id="l", only=path_set("**/*.md"), to="medium")
    assert "which is not below the default tier" in says(replace(GOOD, lower_rules=(lower,)))


@pytest.mark.parametrize(
    ("policy", "fault"),
    [
        (replace(GOOD, requirements=GOOD.requirements[:2]), "require.high: The policy does not say what"),
        (
            replace(GOOD, requirements=(*GOOD.requirements[:2], TierRequirement(tier="high", inherit="high"))),
            "inherit from each other in a circle",
        ),
        (
            replace(GOOD, requirements=(*GOOD.requirements[:2], TierRequirement(tier="high"))),
            "Tier high asks for nothing",
        ),
        (
            replace(GOOD, requirements=(*GOOD.requirements[:2], TierRequirement(tier="high", evidence=("tests",)))),
            "Tier high asks for less than medium: not for approvals",
        ),
        (
            replace(GOOD, retention=(*GOOD.retention[:2], ("high", Retention.SAME_CHANGE))),
            "Approvals of tier high are kept more easily than those of medium",
        ),
        (
            replace(GOOD, retention=tuple((tier, Retention.SAME_CHANGE) for tier in GOOD.tiers)),
            "The highest tier high keeps approvals for results that nobody has seen",
        ),
        (replace(GOOD, evidence=(replace(GOOD.evidence[0], bind=Binding.RELEASE),)), "can never be shown"),
        (replace(GOOD, evidence=(replace(GOOD.evidence[0], max_age=timedelta(0)),)), "is stale at once"),
        (replace(GOOD, evidence=(replace(GOOD.evidence[0], predicate="computed"),)), "so it does not age"),
        (small_policy(replace(ONE, humans_count=0)), "The requirement asks nobody"),
    ],
)
def test_what_a_tier_asks_for_is_compared_with_the_tier_below(policy: Policy, fault: str) -> None:
    """A stricter name with a laxer content is the mistake that nobody sees in a diff."""
    assert fault in says(policy)


@pytest.mark.parametrize(
    ("policy", "fault"),
    [
        (replace(GOOD, people=()), "The policy lists no people"),
        (replace(GOOD, teams=(Team(id="t", members=("boo",)),)), "boo is no person of the policy"),
        (replace(GOOD, teams=(Team(id="t", members=()),)), "The team t has no members"),
        (replace(GOOD, surfaces=(replace(AUTH, owners=("@acme/sec",)),)), "@acme/sec stands for nobody"),
        (replace(GOOD, people=(*PEOPLE, replace(ANA, id="ana2"))), "ana and ana2 share ana@example.org"),
        (
            replace(
                GOOD, people=(*PEOPLE, replace(ANA, id="x", emails=("noreply@anthropic.com",), logins=(), keys=()))
            ),
            "is an agent's address",
        ),
        (small_policy(replace(ONE, humans_count=5)), "5 people with proof login are asked for"),
        (small_policy(replace(ONE, humans_count=4)), "a change by ana or bo or clara or dora can never pass"),
        (small_policy(replace(ONE, role="sec")), "sec stands for nobody"),
        (small_policy(replace(ONE, humans_count=2, role="oncall")), "and the policy has bo; such a change"),
        (small_policy(replace(ONE, humans_count=3, proof=ProofLevel.PRESENCE)), "3 people with proof presence"),
        (
            small_policy(replace(ONE, proof=ProofLevel.KEY), people=(replace(ANA, keys=()), replace(BO, keys=()))),
            "and the policy has nobody",
        ),
    ],
)
def test_approvals_that_nobody_could_give_are_found(policy: Policy, fault: str) -> None:
    """A change that waits for a person who does not exist waits until somebody breaks the glass."""
    assert fault in says(policy)


def test_with_history_rules_that_never_decided_are_named() -> None:
    """By taking each rule out and judging again: what makes no difference on real changes may go."""
    policy = replace(
        GOOD,
        surfaces=(AUTH, Surface(name="login", paths=path_set("auth/login*"), tier="high")),
        raise_rules=(
            RaiseRule(id="big", when=fact("change.lines", Operator.GT, 400), tier="high"),
            RaiseRule(id="huge", when=fact("change.lines", Operator.GT, 40_000), tier="high"),
        ),
        lower_rules=(LowerRule(id="docs", only=path_set("**/*.md"), to="low"),),
    )
    corpus = (
        subject("auth/a"),
        subject("auth/login"),
        subject("README.md"),
        subject("src/a", known={**QUIET, "change.lines": 500}),
    )
    found = [f"{fault.path}: {fault.says}" for fault in lint(policy, corpus)]

    assert "surfaces.login: login matched some and decided none of 4 past changes." in found
    assert "raise.huge: huge matched none of 4 past changes." in found
    assert not any("docs" in line or "big" in line or "surfaces.auth:" in line for line in found)
    assert CLARA in policy.people
