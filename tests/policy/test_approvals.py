"""Approvals: enough different people, of the right kind, who looked at this very content."""

from dataclasses import replace
from datetime import timedelta

import pytest

from release_harness.kernel.identity import Actor, ActorKind, ProofLevel
from release_harness.kernel.verdict import Outcome, Verdict
from release_harness.policy.default_surfaces import path_set
from release_harness.policy.model import (
    ApprovalRequirement,
    OwnersMode,
    OwnersRequirement,
    Person,
    Policy,
    Retention,
    Surface,
    Team,
)
from release_harness.policy.subject import ApprovalSeen, FileOwners, Subject
from release_harness.testing.policies import (
    AGENT,
    ANA,
    BO,
    CLARA,
    DORA,
    NOW,
    OTHER_CHANGE,
    OTHER_TREE,
    STRANGER,
    actor,
    approval,
    judge_now,
    rejection,
    small_policy,
    subject,
)

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
KEY, PRESENCE = ProofLevel.KEY, ProofLevel.PRESENCE
ONE = ApprovalRequirement(humans_count=1, exclude_author=True, exclude_requester=True)
TWO = replace(ONE, humans_count=2)


def outcome(policy: Policy, *given: ApprovalSeen, judged: Subject | None = None) -> Outcome:
    """Judge with green tests and return the outcome of the whole."""
    return judge_now(policy, judged or subject(), approvals=given).outcome


def says(policy: Policy, *given: ApprovalSeen, judged: Subject | None = None) -> str:
    """Return every sentence of the tree, in order."""

    def walk(node: Verdict) -> list[str]:
        return [node.says, node.wanted, *(line for child in node.children for line in walk(child))]

    return "\n".join(walk(judge_now(policy, judged or subject(), approvals=given).verdict))


def test_enough_people_pass_and_too_few_are_unknown() -> None:
    """A missing approval is not a failure: somebody may still give it."""
    assert outcome(small_policy(ONE)) is UNKNOWN
    assert outcome(small_policy(ONE), approval("bo")) is PASS
    assert outcome(small_policy(TWO), approval("bo")) is UNKNOWN
    assert outcome(small_policy(TWO), approval("bo"), approval("clara")) is PASS


def test_one_person_counts_once() -> None:
    """Two clicks, two addresses or two lenses do not make two people."""
    bo_twice = replace(BO, emails=("bo@example.org", "bo@home.example"))
    policy = small_policy(TWO, people=(ANA, bo_twice, CLARA))
    at_home = replace(approval("bo"), id="2", approver=replace(actor("bo"), email="bo@home.example"), lenses=("data",))

    assert outcome(policy, approval("bo"), at_home, approval("bo", proof=KEY)) is UNKNOWN


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"change": OTHER_CHANGE}, "other content"),
        ({"target": "release"}, "for the branch release"),
        ({"target": ""}, "for the branch (none)"),
        ({"given_at": NOW + timedelta(seconds=1)}, "a clock went backwards"),
        ({"tier_shown": "low"}, "was shown the tier low"),
        ({"approver": AGENT}, "claude is an agent"),
        ({"approver": STRANGER}, "not among the people"),
        ({"approver": Actor(kind=ActorKind.SERVICE, id="bo", email="bo@example.org")}, "bo is an agent"),
        ({"approver": Actor(kind=ActorKind.PERSON, id="bo", email="bo@example.net")}, "not among the people"),
        ({"approver": Actor(kind=ActorKind.PERSON, id="b")}, "not among the people"),
    ],
)
def test_an_approval_counts_for_what_it_was_given_to(parts: dict[str, object], why: str) -> None:
    """Each part of what was signed is compared, and the tree says which one did not fit."""
    given = replace(approval("bo"), **parts)  # type: ignore[arg-type]

    assert outcome(small_policy(ONE), given) is UNKNOWN
    assert why in says(small_policy(ONE), given)


def test_an_approval_shown_the_same_or_a_higher_tier_counts() -> None:
    """Who looked harder than was needed has looked."""
    for tier in ("medium", "high", "", "a tier of another policy"):
        assert outcome(small_policy(ONE), replace(approval("bo"), tier_shown=tier)) is PASS


def test_an_approval_without_a_target_never_counts() -> None:
    """Two unknown branches are not the same branch."""
    assert (
        outcome(small_policy(ONE), replace(approval("bo"), target=""), judged=replace(subject(), target="")) is UNKNOWN
    )


def test_retention_decides_whether_another_result_is_enough() -> None:
    """The same change on a base that moved elsewhere keeps its approvals, unless the tier wants the exact result."""
    moved = replace(approval("bo"), result_tree=OTHER_TREE)

    assert outcome(small_policy(ONE), moved) is PASS
    assert outcome(small_policy(ONE, retention=Retention.SAME_RESULT), moved) is UNKNOWN
    assert outcome(replace(small_policy(ONE), retention=()), moved) is UNKNOWN


def test_authors_and_requesters_do_not_approve_for_themselves() -> None:
    """Also not when an agent wrote it on their behalf, nor under the address that the agent borrowed."""
    asked = replace(subject(author=AGENT), requester=actor("bo"))
    behalf = subject(author=replace(AGENT, on_behalf_of="bo"))
    borrowed = subject(author=Actor(kind=ActorKind.AGENT, id="aider", name="Bo (aider)", email="bo@example.org"))
    for judged in (subject(author=actor("bo")), asked, behalf, borrowed):
        assert outcome(small_policy(ONE), approval("bo"), judged=judged) is UNKNOWN
        assert outcome(small_policy(ONE), approval("clara"), judged=judged) is PASS


def test_the_requester_counts_as_author_unless_the_policy_says_otherwise() -> None:
    """`count_requester_as_author` is the policy's choice, and a visible one."""
    asked = replace(subject(author=AGENT), requester=actor("bo"))
    authors_only = small_policy(replace(ONE, exclude_requester=False))

    assert outcome(authors_only, approval("bo"), judged=asked) is UNKNOWN
    assert outcome(replace(authors_only, count_requester_as_author=False), approval("bo"), judged=asked) is PASS


@pytest.mark.parametrize(
    "judged",
    [
        subject(author=STRANGER),
        subject(author=AGENT),
        replace(subject(author=AGENT), requester=STRANGER),
        replace(subject(), authors=(actor("ana"), STRANGER)),
    ],
)
def test_behind_an_unknown_author_or_requester_one_more_person_is_needed(judged: Subject) -> None:
    """Whoever asked the agent could be the one who approves; of two people at least one is not that somebody."""
    assert outcome(small_policy(ONE), approval("bo"), judged=judged) is UNKNOWN
    assert outcome(small_policy(ONE), approval("bo"), approval("clara"), judged=judged) is PASS
    assert "and one more because" in says(small_policy(ONE), judged=judged)


def test_without_any_author_nobody_can_be_told_from_the_author() -> None:
    """An empty list of authors excludes nobody, which is the hole."""
    nobody = replace(subject(), authors=())

    assert outcome(small_policy(TWO), approval("bo"), approval("clara"), approval("dora"), judged=nobody) is UNKNOWN


def test_a_proof_needs_one_of_the_persons_own_keys() -> None:
    """A policy that gives somebody's id to another key must not inherit that somebody's signature."""
    keyed = small_policy(replace(ONE, proof=KEY))
    for given, expected in (
        (approval("bo"), UNKNOWN),
        (approval("bo", proof=KEY), PASS),
        (replace(approval("bo", proof=KEY), key=""), UNKNOWN),
        (replace(approval("bo", proof=KEY), key="ssh-ed25519 AAAAother"), UNKNOWN),
        (replace(approval("bo", proof=KEY), key="ssh-ed25519 AAAAbo bo@laptop"), PASS),
        (replace(approval("bo", proof=KEY), key=CLARA.keys[0]), UNKNOWN),
        (approval("clara", proof=PRESENCE), PASS),
    ):
        assert outcome(keyed, given) is expected


def test_presence_needs_a_key_that_asks_for_a_touch() -> None:
    """An ordinary key signs while nobody is in the room."""
    present = small_policy(replace(ONE, proof=PRESENCE))

    assert outcome(present, approval("clara", proof=PRESENCE)) is PASS
    assert outcome(present, approval("clara", proof=KEY)) is UNKNOWN
    assert outcome(present, approval("bo", proof=PRESENCE)) is UNKNOWN


def test_a_person_under_an_old_policy_is_not_the_one_of_the_new_policy() -> None:
    """Both policies judge a change of the policy: who was put in by it counts under neither the old name nor the old key."""
    impostor = Person(id="bo", emails=("eve@example.net",), keys=("ssh-ed25519 AAAAeve",))
    given = replace(
        approval("bo", proof=KEY),
        approver=Actor(kind=ActorKind.PERSON, id="bo", email="eve@example.net"),
        key="ssh-ed25519 AAAAeve",
    )

    assert outcome(small_policy(ONE, people=(ANA, impostor)), given) is PASS
    assert outcome(small_policy(ONE), given) is UNKNOWN


def test_role_and_lens_are_asked_of_the_approver() -> None:
    """`any two people` and `one of those on call, for security` are different questions."""
    role = small_policy(replace(ONE, role="oncall"))
    team = small_policy(replace(ONE, role="sec"), teams=(Team(id="sec", members=("clara", "ghost")),))
    lens = small_policy(replace(ONE, lens="security"))

    assert outcome(role, approval("clara")) is UNKNOWN
    assert outcome(role, approval("bo")) is PASS
    assert outcome(team, approval("bo")) is UNKNOWN
    assert outcome(team, approval("clara")) is PASS
    assert outcome(lens, approval("bo", lenses=("secur",))) is UNKNOWN
    assert outcome(lens, approval("bo", lenses=("data", "security"))) is PASS


def test_a_touched_surface_asks_for_its_lenses() -> None:
    """Two people who both looked at the colours have not looked at the login."""
    auth = Surface(name="auth", paths=path_set("auth/**"), tier="high", lenses=("security",))
    policy = small_policy(ONE, surfaces=(auth,))

    assert outcome(policy, approval("bo"), judged=subject("auth/a")) is UNKNOWN
    assert outcome(policy, approval("bo", lenses=("security",)), judged=subject("auth/a")) is PASS
    assert outcome(policy, approval("bo"), judged=subject("src/a")) is PASS


OWNED = replace(
    subject("a/x", "b/y"),
    owners=(FileOwners(path="a/x", owners=("@bo", "clara@example.org")), FileOwners(path="b/y", owners=("data",))),
)
DATA = (Team(id="data", members=("clara", "dora")),)


def owners(mode: OwnersMode, count: int = 1, **parts: object) -> Policy:
    """Make a policy that asks owners."""
    requirement = replace(ONE, owners=OwnersRequirement(mode=mode, count=count), **parts)  # type: ignore[arg-type]
    return small_policy(requirement, teams=DATA)


@pytest.mark.parametrize(
    ("mode", "count", "names", "expected"),
    [
        (OwnersMode.ANY, 1, ("bo",), UNKNOWN),
        (OwnersMode.ANY, 1, ("bo", "dora"), PASS),
        (OwnersMode.ANY, 1, ("clara",), PASS),
        (OwnersMode.ALL, 1, ("bo", "dora"), UNKNOWN),
        (OwnersMode.ALL, 1, ("bo", "clara"), PASS),
        (OwnersMode.COUNT, 2, ("clara", "bo"), UNKNOWN),
        (OwnersMode.COUNT, 2, ("clara", "bo", "dora"), PASS),
    ],
)
def test_owners_are_asked_for_each_file(
    mode: OwnersMode, count: int, names: tuple[str, ...], expected: Outcome
) -> None:
    """One owner of one package does not speak for the owners of another one."""
    assert outcome(owners(mode, count), *(approval(name) for name in names), judged=OWNED) is expected


def test_an_owner_who_stands_for_nobody_is_named() -> None:
    """A team without members would otherwise be fulfilled by nobody, or wait for ever without a word."""
    ghost = replace(OWNED, owners=(OWNED.owners[0], FileOwners(path="b/y", owners=("@acme/ghosts",))))

    assert outcome(owners(OwnersMode.ALL), approval("bo"), approval("clara"), judged=ghost) is UNKNOWN
    assert "@acme/ghosts for b/y, which stands for nobody" in says(owners(OwnersMode.ALL), judged=ghost)


def test_an_owner_who_wrote_the_change_is_not_asked_as_long_as_another_one_is() -> None:
    """Every owner but the author; an author who is the only owner leaves the question open."""
    by_bo = replace(OWNED, authors=(actor("bo"),))
    alone = replace(by_bo, files=("a/x",), owners=(FileOwners(path="a/x", owners=("@bo",)),))

    assert outcome(owners(OwnersMode.ALL), approval("clara"), judged=by_bo) is PASS
    assert outcome(owners(OwnersMode.ALL), approval("clara"), judged=alone) is UNKNOWN


def test_files_whose_owners_nobody_looked_up_are_unknown() -> None:
    """No row is not the same as a row that says nobody."""
    missing = replace(OWNED, owners=OWNED.owners[:1])
    unowned = replace(OWNED, owners=(OWNED.owners[0], FileOwners(path="b/y", owners=())))
    nobody = replace(OWNED, owners=tuple(replace(each, owners=()) for each in OWNED.owners))

    assert outcome(owners(OwnersMode.ANY), approval("bo"), judged=missing) is UNKNOWN
    assert outcome(owners(OwnersMode.ANY), approval("bo"), judged=unowned) is PASS
    assert outcome(owners(OwnersMode.ANY), approval("bo"), judged=nobody) is UNKNOWN


def test_the_owners_of_a_surface_are_asked_beside_those_of_the_file() -> None:
    """A line in CODEOWNERS must not stand in for the owner that the policy names."""
    surface = Surface(name="b", paths=path_set("b/**"), tier="medium", owners=("dora",))
    policy = replace(owners(OwnersMode.ANY), surfaces=(surface,))

    assert outcome(policy, approval("clara"), judged=OWNED) is UNKNOWN
    assert outcome(policy, approval("clara"), approval("dora"), judged=OWNED) is PASS


def test_owners_must_satisfy_the_rest_of_the_requirement_too() -> None:
    """An owner's click is no owner's signature where a signature is asked for."""
    assert outcome(owners(OwnersMode.ANY, proof=KEY), approval("clara"), judged=OWNED) is UNKNOWN
    assert outcome(owners(OwnersMode.ANY, proof=KEY), approval("clara", proof=KEY), judged=OWNED) is PASS


def test_a_rejection_stands_until_the_same_person_approves_the_same_content() -> None:
    """Nobody else's approval outvotes it, and nobody else can take it back."""
    policy = small_policy(ONE)

    assert outcome(policy, rejection("bo"), approval("clara")) is FAIL
    assert outcome(policy, rejection("bo"), approval("bo")) is PASS
    earlier = replace(approval("bo"), given_at=NOW - timedelta(minutes=20))
    assert outcome(policy, earlier, rejection("bo"), approval("clara")) is FAIL
    assert outcome(policy, rejection("bo"), replace(approval("bo"), change=OTHER_CHANGE), approval("clara")) is FAIL
    assert outcome(policy, replace(rejection("bo"), change=OTHER_CHANGE), approval("clara")) is PASS


def test_a_signed_rejection_is_not_taken_back_by_an_unsigned_approval() -> None:
    """Otherwise whoever borrows the login of the one who rejected clears the way."""
    signed = replace(rejection("bo"), proof=KEY, key=BO.keys[0])

    assert outcome(small_policy(ONE), signed, approval("bo")) is FAIL
    assert outcome(small_policy(ONE), signed, approval("bo", proof=KEY)) is PASS


def test_a_rejection_by_anybody_stands_also_where_no_approval_is_asked_for() -> None:
    """Saying no is safe for everybody: agents and strangers may, and automation does not land past it."""
    for who in (AGENT, STRANGER, actor("ana")):
        assert outcome(small_policy(), replace(rejection("bo"), approver=who)) is FAIL
    unknown = replace(rejection("bo"), approver=Actor(kind=ActorKind.UNKNOWN, id="unknown"))
    assert outcome(small_policy(), unknown, replace(approval("bo"), approver=unknown.approver)) is FAIL


def test_a_person_whose_later_rejection_stands_does_not_count() -> None:
    """The last word of one person counts, not the friendliest."""
    later = replace(rejection("bo"), given_at=NOW - timedelta(minutes=1))

    assert "rejected it afterwards" in says(small_policy(ONE), approval("bo"), later)


def test_an_approval_for_nobody_is_no_requirement_that_passes() -> None:
    """`humans: 0` asks nobody, so it says nothing."""
    assert outcome(small_policy(replace(ONE, humans_count=0))) is UNKNOWN
    assert DORA.keys[0].startswith("sk-")
