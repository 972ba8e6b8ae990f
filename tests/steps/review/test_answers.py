"""What a stored answer is worth: only a statement about exactly this content, by a listed person, proven as it says."""

from dataclasses import replace

import pytest

from release_harness.kernel.digests import ChangeDigest, Sha256
from release_harness.kernel.identity import Actor, ActorKind, ProofLevel
from release_harness.policy.model import Policy
from release_harness.steps.review.model import Answer, Approval, SignatureCheck, Statement
from release_harness.steps.review.rules.answers import Content, Read, find_person, see_approvals, weigh_answers
from release_harness.steps.review.rules.statements import read_approval, read_break_glass, write_statement
from release_harness.steps.review.rules.worth import filling_ids
from release_harness.testing.policies import ANA, BO, CHANGE, OTHER_CHANGE, QUIET, default_policy_with_people
from release_harness.testing.review import CONTENT, examination_of, signed_by, small_change, statement_by

POLICY: Policy = default_policy_with_people()
HERE = Content(change=CHANGE, target="main", digest=CONTENT)
KEY = SignatureCheck(proof=ProofLevel.KEY, key=BO.keys[0])


def weigh(
    statement: Statement, *, check: SignatureCheck | None = None, recorder: Actor | None = None, content: Content = HERE
) -> Approval:
    """Weigh one statement."""
    read = Read(signed=signed_by(statement, recorder=recorder), statement=statement, check=check)
    return weigh_answers([read], content, [POLICY])[0]


def test_an_unsigned_approval_by_a_listed_person_counts_as_login() -> None:
    """The weakest proof is still an approval where the tier asks for no more."""
    approval = weigh(statement_by("bo"))
    assert (approval.counts, approval.proof) == (True, ProofLevel.LOGIN)
    seen = see_approvals([approval])
    assert [(each.approver.id, each.proof, each.key) for each in seen] == [("bo", ProofLevel.LOGIN, "")]


def test_a_signed_approval_carries_its_key_to_the_policy() -> None:
    """Each policy in force decides by its own list of keys."""
    (seen,) = see_approvals([weigh(statement_by("bo"), check=KEY)])
    assert (seen.proof, seen.key, seen.tier_shown) == (ProofLevel.KEY, BO.keys[0], "medium")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (replace(HERE, change=OTHER_CHANGE), "other content"),
        (replace(HERE, target="release"), "for the branch 'main'"),
        (replace(HERE, digest=Sha256("sha256:" + "6" * 64)), "although their git ids are the same"),
        (replace(HERE, digest=None), "not in this clone"),
    ],
)
def test_an_approval_of_anything_else_is_not_seen(content: Content, why: str) -> None:
    """Change, target and contents must all be the ones that were approved."""
    approval = weigh(statement_by("bo"), content=content)
    assert not approval.counts
    assert why in approval.why
    assert see_approvals([approval]) == ()


def test_a_signature_that_proves_nothing_is_worse_than_none() -> None:
    """A forged signature must not fall back to the login that came with it."""
    approval = weigh(statement_by("bo"), check=SignatureCheck(proof=None, why="the signature cannot be read"))
    assert not approval.counts


def test_the_same_statement_counts_once() -> None:
    """A replayed row must not become a second approval."""
    read = Read(signed=signed_by(statement_by("bo")), statement=statement_by("bo"), check=None)
    assert [each.counts for each in weigh_answers([read, read], HERE, [POLICY])] == [True, False]


def test_somebody_nobody_lists_is_not_seen() -> None:
    """Approvals come from the people of the policy, not from whoever has a mail address."""
    assert "no policy in force lists" in weigh(statement_by("mallory")).why


def test_a_text_that_differs_from_what_rh_writes_is_no_statement() -> None:
    """Two texts that mean the same could carry one signature to a text that nobody was shown."""
    text = write_statement(statement_by("bo"))
    assert read_approval(text) == statement_by("bo")
    for broken in (
        text + " ",
        text.replace(":", ": ", 1),
        text.replace('"approve"', '"APPROVE"'),
        text[:-1] + ',"extra":1}',
        text.replace("rh.approval/1", "rh.approval/2"),
        text.replace(CHANGE, "*"),
        text.replace('"nonce":"n1"', '"nonce":""'),
        "[]",
        "",
        "[" * 100_000,
    ):
        assert read_approval(broken) is None
    assert read_break_glass(text) is None


def test_people_are_found_by_exact_address_id_or_login_only() -> None:
    """`bo` inside another name is somebody else."""

    def found(identity: str, email: str = "", kind: ActorKind = ActorKind.UNKNOWN) -> str:
        person = find_person([POLICY], Actor(kind=kind, id=identity, email=email))
        return person.id if person is not None else ""

    assert found("bo") == found("x", "bo@example.org") == found("BO".lower()) == "bo"
    assert found("bob") == found("x", "robo@example.org") == found("", "") == found("unknown") == ""
    assert found("bo", kind=ActorKind.AGENT) == found("bo", kind=ActorKind.SERVICE) == ""


def test_a_rejection_is_seen_as_one() -> None:
    """The policies fail a change that somebody rejected."""
    (seen,) = see_approvals([weigh(statement_by("bo", answer=Answer.REJECT))])
    assert not seen.approved


def test_a_statement_of_another_content_never_matches_by_accident() -> None:
    """Digests are compared whole."""
    statement = replace(statement_by("bo"), change=ChangeDigest(CHANGE[:-1] + "0"))
    assert not weigh(statement).counts


def test_only_what_fills_a_requirement_is_counted_and_each_person_once() -> None:
    """`approvals: 3` must never stand for the author, and for one person twice."""
    given = [
        weigh(
            statement_by(name, nonce=nonce, lenses=("security",)), check=SignatureCheck(proof=ProofLevel.KEY, key=key)
        )
        for name, nonce, key in (("ana", "n0", ANA.keys[0]), ("bo", "n1", BO.keys[0]), ("bo", "n2", BO.keys[0]))
    ]
    change = small_change("src/app.py")
    examination = examination_of(change, approvals=tuple(given))
    unasked = examination_of(
        small_change("README.md", known={**QUIET, "change.code_files_count": 0}), approvals=tuple(given)
    )

    assert filling_ids(examination) == ("event-bo-n1",)
    assert filling_ids(unasked) == ()
    assert filling_ids(examination_of(change)) == ()
