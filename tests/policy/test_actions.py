"""What is left to do, without anything that is not needed, and by whom."""

from dataclasses import replace

from release_harness.kernel.identity import ProofLevel
from release_harness.kernel.verdict import NextAction, Outcome, Verdict, all_of, any_of
from release_harness.policy.actions import smallest_actions
from release_harness.policy.default_surfaces import path_set
from release_harness.policy.model import (
    ApprovalRequirement,
    OwnersMode,
    OwnersRequirement,
    Policy,
    Surface,
    Team,
)
from release_harness.policy.simulate import WhatIf
from release_harness.policy.subject import FileOwners, Subject
from release_harness.testing.policies import (
    NOW,
    POLICY_DIGEST,
    approval,
    default_policy_with_people,
    green_run,
    judge_now,
    rejection,
    small_policy,
    subject,
)

ONE = ApprovalRequirement(humans_count=1, exclude_author=True)
TWO = replace(ONE, humans_count=2)


def leaf(name: str, outcome: Outcome = Outcome.UNKNOWN, *, command: str = "") -> Verdict:
    """Make a leaf with one action of its name."""
    return Verdict(outcome=outcome, says=name, actions=(NextAction(do=name, command=command),))


def do(verdict: Verdict) -> list[str]:
    """Return what is to be done."""
    return [action.do for action in smallest_actions(verdict)]


def left(policy: Policy, judged: Subject, *names: str) -> list[tuple[str, str]]:
    """Return command and candidates of what is left after these people approved."""
    verdict = judge_now(policy, judged, approvals=tuple(approval(name) for name in names)).verdict
    return [(action.command, action.who) for action in smallest_actions(verdict)]


def test_all_needs_everything_and_any_the_cheapest() -> None:
    """Doing more than is needed is the idle motion that rh is there to take out."""
    cheap = leaf("c", command="rh c")
    tree = all_of(
        "x", [leaf("a"), leaf("done", Outcome.PASS), any_of("y", [all_of("z", [leaf("b"), leaf("b2")]), cheap])]
    )

    assert do(tree) == ["a", "c"]


def test_a_way_that_nobody_can_go_is_no_way() -> None:
    """The cheapest way is not the one without any action."""
    stuck = Verdict(outcome=Outcome.FAIL, says="stuck")

    assert do(any_of("x", [stuck, leaf("a")])) == ["a"]
    assert do(any_of("x", [stuck])) == []


def test_a_way_that_rh_can_go_is_cheaper_than_one_that_it_cannot() -> None:
    """Of two single steps, the one with a command."""
    assert do(any_of("x", [leaf("by hand"), leaf("by command", command="rh x")])) == ["by command"]


def test_nothing_is_said_twice_and_a_pass_needs_nothing() -> None:
    """Several rules may want the same run of the tests."""
    assert do(all_of("x", [leaf("a"), all_of("y", [leaf("a")])])) == ["a"]
    assert do(all_of("x", [leaf("a", Outcome.PASS)])) == []


def test_an_approval_serves_every_requirement_that_it_can() -> None:
    """Two people, one of whom looks for security, are two approvals and not three."""
    auth = Surface(name="auth", paths=path_set("auth/**"), tier="high", lenses=("security",))
    policy = small_policy(TWO, surfaces=(auth,))

    assert left(policy, subject("auth/a")) == [
        ("rh approve --lens security", "bo, clara, dora"),
        ("rh approve", "bo, clara, dora"),
    ]
    assert left(policy, subject("auth/a"), "bo") == [("rh approve --lens security", "clara, dora")]


def test_owners_and_roles_narrow_the_candidates() -> None:
    """Who is asked for must be able to fill the place, or the queue asks the wrong people."""
    policy = small_policy(
        replace(ONE, owners=OwnersRequirement(mode=OwnersMode.ANY)), teams=(Team(id="data", members=("dora", "ana")),)
    )
    owned = replace(subject("a"), owners=(FileOwners(path="a", owners=("data",)),))

    assert left(policy, owned) == [("rh approve", "dora")]


def test_equal_places_are_counted() -> None:
    """`2 different people` reads better than the same line twice."""
    verdict = judge_now(small_policy(TWO), subject()).verdict

    assert do(verdict) == ["2 different people: look at the change and approve it."]


def test_proof_narrows_the_candidates_to_those_who_have_such_a_key() -> None:
    """Asking somebody without a hardware key for presence leads nowhere."""
    policy = small_policy(replace(ONE, proof=ProofLevel.PRESENCE))

    assert left(policy, subject()) == [("rh approve", "clara, dora")]


def test_where_nobody_could_approve_the_policy_is_what_must_change() -> None:
    """Without people in the policy, waiting for an approval would be waiting for ever."""
    assert left(small_policy(ONE, people=()), subject())[0][0] == "rh init"
    alone = small_policy(replace(ONE, role="nobody"))
    assert "nobody is left who could" in do(judge_now(alone, subject()).verdict)[0]


def test_a_rejection_names_who_can_take_it_back() -> None:
    """The one who said no is the one to talk to."""
    verdict = judge_now(small_policy(), subject(), approvals=(rejection("bo"),)).verdict

    assert [action.who for action in smallest_actions(verdict)] == ["bo"]


def test_doing_all_that_is_named_makes_the_default_policy_pass() -> None:
    """The set is not only small but enough: every action is supposed done and the change is judged again."""
    policy = default_policy_with_people()
    start = WhatIf(policy=policy, digest=POLICY_DIGEST, subject=subject("src/auth/login.py"))
    actions = smallest_actions(start.judge(NOW).verdict)

    assert [action.command for action in actions] == ["rh evidence run", "rh approve --lens security", "rh approve"]
    done = replace(start, evidence=(green_run(),))
    done = done.with_approval("bo", NOW, lenses=("security",), proof=ProofLevel.KEY)
    assert done.judge(NOW).outcome is Outcome.UNKNOWN
    assert done.with_approval("clara", NOW, proof=ProofLevel.KEY).judge(NOW).outcome is Outcome.PASS
