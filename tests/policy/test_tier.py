"""The tier is the maximum of everything that matches, and the highest one where something is not known."""

from dataclasses import replace

import pytest

from release_harness.kernel.facts import Unknown
from release_harness.policy.default_surfaces import path_set
from release_harness.policy.model import FactTest, LowerRule, Operator, Policy, RaiseRule, Surface
from release_harness.policy.subject import Subject, TierDecision
from release_harness.policy.tier import HARNESS, assess_tier, hard_surfaces
from release_harness.testing.policies import QUIET, small_policy, subject

AUTH = Surface(name="auth", paths=path_set("auth/**"), tier="high")
TOYS = Surface(name="toys", paths=path_set("toys/**"), tier="low")
BIG = RaiseRule(id="big", when=FactTest(fact="change.lines", operator=Operator.GT, operand=400), tier="high")
SMALL = FactTest(fact="change.lines", operator=Operator.GT, operand=1)
DOCS = LowerRule(
    id="docs",
    only=path_set("**/*.md"),
    to="low",
    when=FactTest(fact="change.code_files_count", operator=Operator.EQ, operand=0),
)
PROSE = {**QUIET, "change.code_files_count": 0}


def policy(**parts: object) -> Policy:
    """Make a policy with a high, a low and no surface, one raise rule and one lower rule."""
    whole = replace(small_policy(surfaces=(AUTH, TOYS)), raise_rules=(BIG,), lower_rules=(DOCS,))
    return replace(whole, **parts)  # type: ignore[arg-type]


def rules(decision: TierDecision) -> list[str]:
    """Return the rules of the reasons, highest first."""
    return [reason.rule for reason in decision.reasons]


@pytest.mark.parametrize(
    ("judged", "tier", "reasons"),
    [
        (subject("src/a.py"), "medium", ["default"]),
        (subject("auth/a.py"), "high", ["surface:auth"]),
        (subject("toys/a.py"), "low", ["surface:toys"]),
        (subject("toys/a.py", "src/a.py"), "medium", ["default", "surface:toys"]),
        (subject("toys/a.py", "src/a.py", "auth/b"), "high", ["surface:auth", "default", "surface:toys"]),
        (subject("toys/a.py", known={**QUIET, "change.lines": 401}), "high", ["raise:big", "surface:toys"]),
        (subject("a.md", known=PROSE), "low", ["lower:docs"]),
        (subject("a.md", "b/c.md", known=PROSE), "low", ["lower:docs"]),
        (subject("a.md", "b.py", known=PROSE), "medium", ["default"]),
        (subject("a.md"), "medium", ["default"]),
        (subject("auth/a.md", known=PROSE), "high", ["surface:auth"]),
        (subject("toys/a.md", "b.md", known=PROSE), "medium", ["default", "surface:toys"]),
        (subject("a.md", known={**PROSE, "change.lines": 401}), "high", ["raise:big", "default"]),
    ],
)
def test_the_tier_is_the_maximum_of_what_matches(judged: Subject, tier: str, reasons: list[str]) -> None:
    """In a policy where any rule may answer, the weakest one wins; here the strictest does."""
    decision = assess_tier(policy(), judged)

    assert decision.tier == tier
    assert rules(decision) == reasons


def test_each_file_that_no_surface_names_has_the_default_tier() -> None:
    """One file on a harmless surface must not speak for another one that nobody thought of."""
    decision = assess_tier(policy(), subject("toys/a", "src/b", "src/c"))
    default = next(reason for reason in decision.reasons if reason.rule == "default")

    assert default.files == ("src/b", "src/c")


@pytest.mark.parametrize(
    ("judged", "reason"),
    [
        (replace(subject("toys/a"), listing_complete=False), "unknown:listing"),
        (replace(subject(), files=()), "unknown:nothing"),
        (replace(subject("toys/a"), change=None), "unknown:digest"),
        (replace(subject("toys/a"), result_tree=None), "unknown:digest"),
        (subject("toys/a", known={}), "unknown:big"),
        (replace(subject("toys/a"), facts={"change.lines": Unknown(why="shallow clone")}), "unknown:big"),
        (subject("toys/a", known={"change.lines": "many"}), "unknown:big"),
    ],
)
def test_what_is_not_known_has_the_highest_tier(judged: Subject, reason: str) -> None:
    """A gate that reads a missing value as small lets through exactly the change that hides its size."""
    decision = assess_tier(policy(), judged)

    assert decision.tier == "high"
    assert decision.reasons[0].rule == reason


def test_a_rule_that_names_a_tier_that_does_not_exist_counts_as_the_highest() -> None:
    """The reader refuses such a file; a policy made by hand must still come out on the safe side."""
    for broken in (
        policy(surfaces=(replace(TOYS, tier="tiny"),)),
        policy(raise_rules=(replace(BIG, tier="tiny", when=SMALL),)),
        policy(default_tier="tiny", surfaces=()),
        policy(surfaces=(replace(TOYS, paths=path_set("[toys")),)),
    ):
        assert assess_tier(broken, subject("toys/a")).tier == "high"
    assert assess_tier(policy(tiers=()), subject()).tier == ""


def test_a_lower_rule_needs_its_condition_to_be_known_true() -> None:
    """`when` that nobody could compute is no permission."""
    without = {name: value for name, value in PROSE.items() if name != "change.code_files_count"}

    assert assess_tier(policy(), subject("a.md", known=without)).tier == "medium"


def test_a_folder_with_the_name_of_a_harmless_file_is_not_harmless() -> None:
    """`only: README.md` means the file; deleting it and putting code into a folder of that name must not be low."""
    exact = policy(lower_rules=(replace(DOCS, only=path_set("README.md")),))

    assert assess_tier(exact, subject("README.md", known=PROSE)).tier == "low"
    assert assess_tier(exact, subject("README.md", "README.md/evil.py", known=PROSE)).tier == "medium"


def test_a_lower_rule_never_touches_a_surface_or_a_raise() -> None:
    """A hard surface above all: a page below `.rh/` is a rule of the harness, whatever its ending."""
    decision = assess_tier(policy(surfaces=()), subject(".rh/notes.md", known=PROSE))

    assert decision.tier == "high"
    assert decision.surfaces == (HARNESS,)
    assert hard_surfaces(policy(), decision) == (HARNESS,)


def test_the_rules_themselves_are_hard_under_a_policy_that_forgets_them() -> None:
    """Otherwise the first change could take the surface out of the policy and the second one everything else."""
    forgetful = policy(surfaces=(Surface(name="all", paths=path_set("**"), tier="low"),))

    assert assess_tier(forgetful, subject(".rh/policy.yaml")).tier == "high"
    assert assess_tier(forgetful, subject(".rh/briefs/goal.md")).tier == "low"


def test_a_hard_surface_of_the_policy_stands_for_the_rules_itself() -> None:
    """Who writes down the harness with a tier of their own is not overruled by the built-in one."""
    own = Surface(name="harness", paths=path_set(".rh/**"), tier="medium", hard=True)
    decision = assess_tier(policy(surfaces=(own,)), subject(".rh/policy.yaml"))

    assert decision.tier == "medium"
    assert hard_surfaces(policy(surfaces=(own,)), decision) == ("harness",)


def test_the_lowest_of_several_lower_rules_applies() -> None:
    """Of two rules that both cover everything the lower one counts, so that one more file can only raise the tier."""
    two = policy(
        tiers=("tiny", "low", "medium", "high"),
        lower_rules=(replace(DOCS, id="a", to="low"), replace(DOCS, id="b", to="tiny", only=path_set("a.md"))),
    )

    assert assess_tier(two, subject("a.md", known=PROSE)).tier == "tiny"
    assert assess_tier(two, subject("a.md", "b.md", known=PROSE)).tier == "low"


def test_a_lower_rule_that_does_not_lower_does_nothing() -> None:
    """A rule `to: high` under a default of medium must not raise by the back door nor hide the default reason."""
    assert rules(assess_tier(policy(lower_rules=(replace(DOCS, to="high"),)), subject("a.md", known=PROSE))) == [
        "default"
    ]


def test_every_tier_that_the_change_could_have_is_named() -> None:
    """A tier that was raised for want of knowledge may ask for less than the true one; both must be shown."""
    assert assess_tier(policy(), subject("src/a")).possible == ("medium",)
    assert assess_tier(policy(), subject("src/a", known={})).possible == ("medium", "high")
    assert assess_tier(policy(), subject("a.md", known={})).possible == ("low", "medium", "high")
    assert assess_tier(policy(), subject("auth/a", known={})).possible == ("high",)


def test_odd_file_names_are_matched_like_any_other() -> None:
    """A byte that is no UTF-8, or a line end in a name, must not carry a file past its surface."""
    assert assess_tier(policy(), subject("auth/\udcff\n.py")).surfaces == ("auth",)
