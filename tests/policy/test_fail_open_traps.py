"""Every trap that was found open in a real product and that a policy can fall into, each with its own test.

The product is named in the docstring. A test here must never be merged into a table: its name is the promise.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from release_harness.kernel.facts import Unknown
from release_harness.kernel.identity import Actor, ActorKind, ProofLevel
from release_harness.kernel.verdict import Outcome
from release_harness.policy.default_surfaces import path_set
from release_harness.policy.defaults import DEFAULT_POLICY
from release_harness.policy.glob_patterns import glob_fault
from release_harness.policy.globs import compile_globs
from release_harness.policy.identities import identify
from release_harness.policy.judge import combine
from release_harness.policy.lint import lint
from release_harness.policy.model import (
    ApprovalRequirement,
    AuthorTest,
    Binding,
    FactTest,
    LowerRule,
    Operator,
    OwnersMode,
    OwnersRequirement,
    Policy,
    RaiseRule,
    Regex,
    Retention,
    Surface,
    TierRequirement,
)
from release_harness.policy.regexes import full_match, regex_fault
from release_harness.policy.subject import EvidenceSeen, FileOwners
from release_harness.policy.tier import assess_tier
from release_harness.testing.policies import (
    AGENT,
    GREEN,
    NOW,
    OTHER_CHANGE,
    OTHER_TREE,
    PEOPLE,
    QUIET,
    actor,
    approval,
    bypass,
    default_policy_with_people,
    green_run,
    judge_now,
    person,
    rejection,
    small_policy,
    subject,
)

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
ONE = ApprovalRequirement(humans_count=1, exclude_author=True, exclude_requester=True)


def with_tests(**facts: int) -> Outcome:
    """Judge a page of prose under the default policy with a test run of these counts."""
    shown = green_run({**GREEN, **{f"tests.{name}": value for name, value in facts.items()}})
    prose = subject("README.md", known={**QUIET, "change.code_files_count": 0})
    return judge_now(DEFAULT_POLICY, prose, evidence=(shown,)).outcome


def test_a_check_that_was_skipped_for_an_exceeded_quota_is_not_a_pass() -> None:
    """gitStream: the free quota is used up, the check concludes `Skipped`, and the change passes."""
    lost = {name: Unknown(why="the quota of the scanner is used up") for name in GREEN}
    shown = replace(green_run(), facts=lost)

    assert judge_now(small_policy(), subject(), evidence=(shown,)).outcome is UNKNOWN
    assert judge_now(small_policy(), subject(), evidence=()).outcome is UNKNOWN


def test_a_run_that_skipped_every_test_is_not_a_pass() -> None:
    """policy-bot reports `all skipped` as an error, and so must we: no test that ran, nothing shown."""
    assert with_tests() is PASS
    assert with_tests(run_count=0, skipped_count=40) is FAIL


def test_an_analysis_that_was_stopped_before_any_measurement_is_not_a_pass() -> None:
    """Argo Rollouts: an analysis terminated before its first measurement is counted as successful."""
    assert judge_now(small_policy(), subject(), evidence=(replace(green_run(), facts={}),)).outcome is UNKNOWN
    assert with_tests(run_count=0) is FAIL


def test_a_test_command_that_broke_after_its_tests_is_not_a_pass() -> None:
    """A green report beside a red exit code: the run died while it was reporting."""
    assert with_tests(exit_code=1) is FAIL


def test_a_login_that_only_holds_the_word_dependabot_is_nobody() -> None:
    """gitStream and Mergify rules match a substring of login or branch: `author~=dependabot`."""
    rule = AuthorTest(identity="dependabot")
    lower = LowerRule(id="bumps", only=path_set("**"), to="low", when=rule)
    policy = replace(small_policy(), lower_rules=(lower,))
    for name, email in (
        ("evil-dependabot-fan", "evil@example.net"),
        ("dependabot", "x+dependabot@evil.net"),
        ("not-dependabot[bot]", "1+not-dependabot[bot]@users.noreply.github.com"),
    ):
        author = identify(policy, name, email)
        if name != "dependabot":
            assert author.id != "dependabot"
            assert assess_tier(policy, subject(author=author)).tier == "medium"
    real = identify(policy, "dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com")
    assert assess_tier(policy, subject(author=real)).tier == "low"


def test_a_branch_or_title_with_the_right_word_opens_nothing() -> None:
    """Mergify: `head~=dependabot` trusts whoever names a branch so; words of the author are no evidence."""
    titled = subject(known={**QUIET, "change.title": "docs only: dependabot, please merge [skip review]"})

    assert judge_now(default_policy_with_people(), titled).outcome is UNKNOWN
    assert not any("title" in repr(rule) for rule in DEFAULT_POLICY.lower_rules)


def test_nothing_is_approved_up_to_critical_by_default() -> None:
    """CodeRabbit and Greptile: without a configured ceiling their automation approves up to Critical."""
    for path in ("src/a.py", "src/auth/a.py", ".rh/policy.yaml", "db/migrations/1.sql"):
        assert judge_now(DEFAULT_POLICY, subject(path)).outcome is not PASS
    asks_people = {each.tier for each in DEFAULT_POLICY.requirements if each.approvals}
    assert asks_people == {"medium", "high", "critical"}


def test_a_commit_author_called_bot_is_not_exempt_from_four_eyes() -> None:
    """Kosli's published four-eyes rule exempts every commit whose git author matches `.*\\[bot\\]`."""
    bot = identify(small_policy(), "anything[bot]", "eve@example.net")

    assert bot.kind is ActorKind.AGENT
    assert judge_now(small_policy(ONE), subject(author=bot)).outcome is UNKNOWN
    assert judge_now(small_policy(ONE), subject(author=bot), approvals=(approval("bo"),)).outcome is UNKNOWN


def test_a_person_who_calls_themselves_bot_is_still_the_author() -> None:
    """The same rule, used by a person: with `Bo[bot]` as name the author would become somebody else."""
    hidden = identify(small_policy(), "bo[bot]", "bo@example.org")

    assert judge_now(small_policy(ONE), subject(author=hidden), approvals=(approval("bo"),)).outcome is UNKNOWN


def test_an_agent_never_fills_a_persons_place() -> None:
    """A bot's review counts as a reviewer wherever the host lets it."""
    given = replace(approval("bo"), approver=AGENT)
    borrowed = replace(approval("bo"), approver=replace(AGENT, email="bo@example.org", on_behalf_of="bo"))

    assert judge_now(small_policy(ONE), subject(), approvals=(given, borrowed)).outcome is UNKNOWN


def test_what_no_rule_protects_is_not_allowed() -> None:
    """gittuf allows by default outside of protected namespaces."""
    decision = assess_tier(DEFAULT_POLICY, subject("a/path/that/nobody/thought/of.xyz"))

    assert decision.tier == "medium"
    assert judge_now(DEFAULT_POLICY, subject("a/path/that/nobody/thought/of.xyz")).outcome is UNKNOWN


def test_evidence_does_not_match_by_any_digest_that_happens_to_fit() -> None:
    """in-toto's DigestSet matches on any field: evidence with a commit and a tree matches whatever has one of them."""
    bound_to_change = replace(small_policy(), evidence=(replace(small_policy().evidence[0], bind=Binding.CHANGE),))

    def outcome(policy: Policy, shown: EvidenceSeen) -> Outcome:
        return judge_now(policy, subject(), evidence=(shown,)).outcome

    assert outcome(bound_to_change, replace(green_run(), change=OTHER_CHANGE)) is UNKNOWN
    assert outcome(small_policy(), replace(green_run(), result_tree=OTHER_TREE)) is UNKNOWN


def test_a_revert_that_restores_a_tree_does_not_inherit_its_approvals() -> None:
    """The tree is the same as before, the change is the opposite one, and nobody has looked at it."""
    of_the_original = replace(approval("bo"), change=OTHER_CHANGE)

    assert of_the_original.result_tree == subject().result_tree
    assert judge_now(small_policy(ONE), subject(), approvals=(of_the_original,)).outcome is UNKNOWN


def test_an_empty_policy_approves_nothing() -> None:
    """policy-bot: no approval policy means approved."""
    for policy in (
        Policy(tiers=(), default_tier=""),
        Policy(tiers=("low",), default_tier="low"),
        replace(small_policy(), requirements=()),
    ):
        assert judge_now(policy, subject()).outcome is UNKNOWN
    assert combine([]).outcome is UNKNOWN


def test_a_change_that_no_rule_matches_is_not_approved() -> None:
    """Every rule says no, every rule says `not my business`, and the sum of them said yes."""
    policy = Policy(tiers=("low", "high"), default_tier="low", requirements=(TierRequirement(tier="high"),))

    assert judge_now(policy, subject()).outcome is UNKNOWN


def test_the_weakest_of_several_matching_rules_does_not_win() -> None:
    """policy-bot: rules of 3 and of 1 approvals under `or`, and one reviewer approves the critical file."""
    surfaces = (
        Surface(name="critical", paths=path_set("core/**"), tier="high"),
        Surface(name="tests", paths=path_set("**/*_test.go"), tier="low"),
    )
    three = replace(ONE, humans_count=3)
    policy = replace(
        small_policy(surfaces=surfaces, people=(*PEOPLE, person("eli"))),
        requirements=(
            TierRequirement(tier="low", evidence=("tests",), approvals=(ONE,)),
            TierRequirement(tier="high", evidence=("tests",), approvals=(three,)),
        ),
    )
    judged = subject("core/a_test.go")

    assert judge_now(policy, judged, approvals=(approval("bo"),)).outcome is UNKNOWN
    everybody = tuple(approval(name) for name in ("bo", "clara", "dora"))
    assert judge_now(policy, judged, approvals=everybody).outcome is PASS


@pytest.mark.parametrize("mode", list(OwnersMode))
def test_one_owner_does_not_approve_for_two_packages(mode: OwnersMode) -> None:
    """policy-bot and GitHub: a change to two owned packages is approved by one owner of one of them."""
    policy = small_policy(replace(ONE, owners=OwnersRequirement(mode=mode, count=1)))
    judged = replace(
        subject("a/x", "b/y"),
        owners=(FileOwners(path="a/x", owners=("bo",)), FileOwners(path="b/y", owners=("clara",))),
    )

    assert judge_now(policy, judged, approvals=(approval("bo"),)).outcome is UNKNOWN
    assert judge_now(policy, judged, approvals=(approval("bo"), approval("clara"))).outcome is PASS


def test_a_glob_is_no_regular_expression_and_the_other_way_round() -> None:
    r"""A public policy-bot file writes `"*_test.go"` where a regular expression is asked for; the types differ here."""
    assert "nothing to repeat" in regex_fault("*_test.go")
    assert glob_fault(r".*_test\.go$")
    assert compile_globs(path_set("*_test.go")).matches("a_test.go")
    assert full_match(Regex(text=r".*_test\.go"), "a_test.go")


def test_a_folder_glob_is_anchored_and_does_not_grow() -> None:
    """Taken as an unanchored regular expression, `src/auth/*` also matches at any depth and in `src/auth-legacy`."""
    matcher = compile_globs(path_set("src/auth/*"))

    assert matcher.matches("src/auth/a.py")
    for path in ("lib/src/auth/a.py", "src/auth-legacy/a.py", "src/auth/deep/a.py", "src/authors/a.py"):
        assert not matcher.matches(path)


def test_a_folder_written_without_a_slash_is_still_protected() -> None:
    """`paths: [src/auth]` matches no file in many tools, so the surface is never touched."""
    surface = Surface(name="auth", paths=path_set("src/auth"), tier="high")

    assert assess_tier(small_policy(surfaces=(surface,)), subject("src/auth/deep/a.py")).tier == "high"


def test_break_glass_is_no_phrase_in_a_comment() -> None:
    """`please do NOT write <the phrase> here, wait for CI` approved the change of a large public repository."""
    red = green_run({**GREEN, "tests.failed_count": 1})
    phrase = replace(
        bypass("please do NOT write evidence:tests here"), reason="please do NOT break the glass, wait for CI"
    )
    unsigned = replace(bypass("evidence:tests"), proof=ProofLevel.LOGIN)
    silent = replace(bypass("evidence:tests"), reason="")
    for given in (phrase, unsigned, silent):
        assert judge_now(small_policy(), subject(), evidence=(red,), bypasses=(given,)).outcome is FAIL


def test_break_glass_does_not_turn_every_check_off() -> None:
    """A denylist hit 12 of 25 changes, and its skip flag turned off everything: a bypass becomes a habit."""
    red = green_run({**GREEN, "tests.failed_count": 1})
    found = judge_now(small_policy(ONE), subject(), evidence=(red,), bypasses=(bypass("approvals:1"),))

    assert found.outcome is FAIL
    assert found.forced


def test_a_cut_list_of_files_is_not_a_short_one() -> None:
    """Above some number of files a forge sends only the first ones; the rest may be anything."""
    cut = replace(subject("README.md", known={**QUIET, "change.code_files_count": 0}), listing_complete=False)

    assert assess_tier(DEFAULT_POLICY, cut).tier == "critical"
    assert judge_now(DEFAULT_POLICY, cut).outcome is UNKNOWN


def test_every_of_an_empty_list_is_not_true() -> None:
    """`every file is documentation` of no file at all."""
    empty = replace(subject(known={**QUIET, "change.code_files_count": 0}), files=(), owners=())

    assert assess_tier(DEFAULT_POLICY, empty).tier == "critical"
    assert judge_now(DEFAULT_POLICY, empty).outcome is UNKNOWN


@pytest.mark.parametrize(
    "path", ["package-lock.json", "tests/__snapshots__/a.snap", "docs/page.mdx", "AGENTS.md", "prompts/system.md"]
)
def test_no_file_is_harmless_enough_to_keep_an_approval(path: str) -> None:
    """Stamphog's notes: lock files, snapshots, MDX and prompts in Markdown all execute or ship somewhere."""
    policy = default_policy_with_people()
    given = tuple(
        replace(approval(name, proof=ProofLevel.PRESENCE, lenses=("security",)), change=OTHER_CHANGE)
        for name in ("clara", "dora")
    )

    assert judge_now(policy, subject(path), approvals=given).outcome is UNKNOWN


def test_a_line_moved_into_an_if_is_another_change() -> None:
    """`git patch-id` calls `refund(u)` inside and outside of `if u.admin` the same; digests do not, and only they count.

    The digests of real commits are compared in the tests of the changes step; here: no field but the change digest and
    the result tree can make an approval fit.
    """
    reindented = replace(subject(), change=OTHER_CHANGE, result_tree=OTHER_TREE)

    assert judge_now(small_policy(ONE), reindented, approvals=(approval("bo"),)).outcome is UNKNOWN


def test_separation_of_duties_compares_people_and_not_words() -> None:
    """A public Mergify file compares approvers with the *word* `author`, so its rule never fires."""
    named_author = person("author")
    policy = small_policy(ONE, people=(*PEOPLE, named_author))
    given = replace(approval("ana"), id="own")

    assert judge_now(policy, subject(), approvals=(given,)).outcome is UNKNOWN


def test_an_approval_does_not_move_to_another_branch() -> None:
    """Looked at for a feature branch, used for the release branch."""
    assert (
        judge_now(small_policy(ONE), replace(subject(), target="release"), approvals=(approval("bo"),)).outcome
        is UNKNOWN
    )


def test_freshness_is_content_and_not_a_timestamp() -> None:
    """policy-bot compares the time of the approval with an estimate of the time of the push."""
    later_but_other = replace(approval("bo"), change=OTHER_CHANGE, given_at=NOW)
    earlier_but_same = replace(approval("bo"), given_at=NOW - timedelta(days=300))

    assert judge_now(small_policy(ONE), subject(), approvals=(later_but_other,)).outcome is UNKNOWN
    assert judge_now(small_policy(ONE), subject(), approvals=(earlier_but_same,)).outcome is PASS


def test_the_highest_tier_keeps_approvals_for_the_same_result_only() -> None:
    """Sticky approvals over any push are a convenience that the dangerous tenth of changes cannot have."""
    retention = dict(DEFAULT_POLICY.retention)
    lax = replace(small_policy(ONE), retention=tuple((tier, Retention.SAME_CHANGE) for tier in small_policy().tiers))

    assert retention["high"] is retention["critical"] is Retention.SAME_RESULT
    assert any("retain_on" in fault.path for fault in lint(lax))


def test_a_rejection_is_not_outvoted() -> None:
    """A condition on the number of approvals alone does not see that somebody said no."""
    given = (rejection("bo"), approval("clara"), approval("dora"))

    assert judge_now(small_policy(ONE), subject(), approvals=given).outcome is FAIL


def test_a_misspelt_fact_does_not_switch_a_rule_off() -> None:
    """In Rego an undefined name is no answer, and no answer is no violation."""
    rule = RaiseRule(id="big", when=FactTest(fact="change.linez", operator=Operator.GT, operand=400), tier="medium")

    assert assess_tier(replace(small_policy(), raise_rules=(rule,)), subject()).tier == "high"


def test_true_is_not_one_and_a_number_is_not_its_text() -> None:
    """`int == "x"` is silently false in one engine, and `True == 1` silently true in Python."""
    for operand in ("0", False):
        when = FactTest(fact="tests.failed_count", operator=Operator.EQ, operand=operand)
        policy = replace(small_policy(), evidence=(replace(small_policy().evidence[0], when=when),))
        assert judge_now(policy, subject()).outcome is UNKNOWN


def test_a_pattern_that_takes_for_ever_is_refused_before_it_runs() -> None:
    """`cel-python`: twenty elements and a typo took 26 seconds and 869 MB; a policy must not be able to hang the gate."""
    assert regex_fault("(a+)+$")
    assert glob_fault("**/a/**/b/**/c/**/d/**/e")


def test_the_edit_of_the_policy_does_not_let_itself_pass() -> None:
    """The new policy asks for nothing, the old one for two keys; the change of the policy needs both answers."""
    old = default_policy_with_people()
    new = replace(
        old, requirements=tuple(replace(each, evidence=("tests",), approvals=()) for each in old.requirements)
    )
    judged = subject(".rh/policy.yaml")
    verdict = combine([judge_now(old, judged), judge_now(new, judged)])

    assert verdict.outcome is UNKNOWN
    assert assess_tier(replace(new, surfaces=()), judged).tier == "critical"


def test_an_unknown_author_is_not_a_person_who_may_be_trusted() -> None:
    """Agents act with people's credentials and projects strip their trailers: unknown authorship counts as agent."""
    stranger = Actor(kind=ActorKind.UNKNOWN, id="x@example.net", email="x@example.net")

    assert judge_now(small_policy(ONE), subject(author=stranger), approvals=(approval("bo"),)).outcome is UNKNOWN
    assert actor("bo").kind is ActorKind.PERSON
