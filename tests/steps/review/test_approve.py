"""Approving and rejecting in a real repository, with real keys and a real ledger."""

import json
from datetime import timedelta

import pytest
from review_bench import Bench

from release_harness.kernel.errors import InputError, NotAllowed, NotFound
from release_harness.kernel.identity import ProofLevel
from release_harness.kernel.verdict import Outcome
from release_harness.ledger.reading import read_entries
from release_harness.steps.changes.model import ChangeSpec
from release_harness.steps.review.flow.answer import answer_change
from release_harness.steps.review.model import Answer, AnswerOrder

pytestmark = pytest.mark.slow  # each test builds a repository and judges it several times


def test_a_signed_approval_lets_the_change_pass(bench: Bench) -> None:
    """The main way: look, sign, land."""
    assert bench.examine().outcome is Outcome.UNKNOWN
    given = bench.answer(key="bo")
    assert (given.counts, given.proof, given.outcome_now) == (True, ProofLevel.KEY, Outcome.PASS)
    assert bench.examine().outcome is Outcome.PASS


def test_looking_never_makes_a_ledger(bench: Bench) -> None:
    """`rh check` reads; a repository that was only looked at holds nothing new but what can be thrown away."""
    bench.examine()
    assert {each.name for each in (bench.repository.path / ".git" / "rh").glob("*")} <= {"cache"}


def test_the_statement_carries_what_was_shown(bench: Bench) -> None:
    """An auditor must see which content, tier, policy and state of the ledger the approver had in front of them."""
    examination = bench.examine()
    bench.answer(key="bo", lenses=("security",))
    with bench.app().ledger.open().read() as connection:
        (entry,) = read_entries(connection)
    statement = json.loads(str(entry.payload["statement"]))
    assert entry.type == "ApprovalGiven"
    assert statement["change"] == examination.change.digests.change
    assert statement["result_tree"] == examination.change.digests.result_tree
    assert statement["base"] == examination.change.base
    assert (statement["target"], statement["tier"], statement["lenses"]) == ("main", "medium", ["security"])
    assert statement["policy"] == examination.rules.digest
    assert statement["policies"] == [each.digest for each in examination.rules.policies]
    assert statement["content"].startswith("sha256:")
    assert statement["checkpoint"]["size"] == 0
    assert len(statement["nonce"]) == 32


def test_an_unsigned_approval_says_so(bench: Bench) -> None:
    """Where the tier asks for no key, a login is enough, and is called a login."""
    assert bench.answer("bo@example.org").proof is ProofLevel.LOGIN
    assert bench.examine().outcome is Outcome.PASS


@pytest.mark.parametrize("who", ["bo", "bo-at-work", "Bo Reviewer <BO@example.org>"])
def test_people_may_name_themselves_as_the_policy_knows_them(bench: Bench, who: str) -> None:
    """Id, login and address all lead to the same person."""
    assert bench.answer(who).approver == "bo"


def test_the_author_is_told_at_once_that_it_does_not_count(bench: Bench) -> None:
    """Finding out at the gate costs a day."""
    given = bench.answer("ana@example.org", key="ana")
    assert not given.counts
    assert "ana is an author of the change" in given.why
    assert given.outcome_now is Outcome.UNKNOWN


def test_too_weak_a_proof_is_told_at_once(bench: Bench) -> None:
    """A tier that asks for a key is not satisfied by a login, and the approver hears it now."""
    bench.repository.commit({"strict/a.py": "x = 1\n"}, "Touch what is strict")
    given = bench.answer("bo@example.org", lenses=("security",))
    assert not given.counts
    assert "proven by login and key is asked for" in given.why
    assert bench.answer("bo@example.org", key="bo", lenses=("security",)).counts


def test_a_stranger_is_told_to_be_listed(bench: Bench) -> None:
    """An approval by somebody unknown would count for nothing; the hint says what to do."""
    with pytest.raises(NotAllowed) as caught:
        bench.answer("eve@example.net")
    assert caught.value.code == "PERSON_UNKNOWN"
    assert "people:" in caught.value.hint


def test_a_key_that_is_not_listed_is_refused_before_it_is_recorded(bench: Bench) -> None:
    """A signature that nobody would see later must not look like an approval now."""
    with pytest.raises(NotAllowed) as caught:
        bench.answer("bo@example.org", key="mallory")
    assert caught.value.code == "KEY_NOT_LISTED"
    assert bench.examine().approvals == ()


def test_what_is_not_committed_or_empty_or_unknown_cannot_be_approved(bench: Bench) -> None:
    """An approval binds to content that others can name."""
    order = AnswerOrder(answer=Answer.APPROVE)
    with pytest.raises(InputError) as caught:
        answer_change(bench.app(), ChangeSpec(worktree=True), order)
    assert caught.value.code == "NOT_COMMITTED"
    with pytest.raises(InputError) as caught:
        bench.answer(revision="topic", base="topic")
    assert caught.value.code == "NOTHING_TO_APPROVE"
    with pytest.raises(NotFound):
        bench.answer(revision="no-such-branch")


def test_a_change_without_a_target_branch_cannot_be_approved(bench: Bench) -> None:
    """An approval is for one branch; a pair of commits names none."""
    base = bench.repository.head("main")
    with pytest.raises(InputError) as caught:
        bench.answer(revision=f"{base}..topic")
    assert caught.value.code == "TARGET_UNKNOWN"


def test_conflicts_cannot_be_approved(bench: Bench) -> None:
    """Without a merge there is no result that anybody could have looked at."""
    bench.repository.checkout("main")
    bench.repository.commit({"src/app.py": "one = 1\ntwo = 'other'\n"}, "Say two differently")
    with pytest.raises(InputError) as caught:
        bench.answer()
    assert caught.value.code == "CONTENT_UNKNOWN"
    assert "src/app.py" in caught.value.says


def test_a_rejection_fails_the_change_until_the_same_person_approves(bench: Bench) -> None:
    """Somebody who says no is not outvoted."""
    bench.answer("bo@example.org", key="bo", answer=Answer.REJECT)
    assert bench.examine().outcome is Outcome.FAIL
    bench.answer("clara@example.org", key="clara")
    assert bench.examine().outcome is Outcome.FAIL
    bench.answer("bo@example.org", key="bo")
    assert bench.examine().outcome is Outcome.PASS


def test_every_answer_is_an_entry_and_the_ledger_holds(bench: Bench) -> None:
    """Folds and log tell the same story."""
    from release_harness.ledger.folds import compare_folds

    bench.answer(key="bo")
    bench.answer("clara@example.org", answer=Answer.REJECT)
    bench.break_glass(rules=("rejections",))
    app = bench.app()
    with app.ledger.open().read() as connection:
        types = [entry.type for entry in read_entries(connection)]
        faults = compare_folds(connection, app.ledger.open().folds)
    assert types == ["ApprovalGiven", "ChangeRejected", "GlassBroken"]
    assert faults == ()


def test_an_approval_given_after_the_clock_went_back_waits(bench: Bench) -> None:
    """A clock that stands in the past must not let an approval from the future count."""
    bench.answer(key="bo")
    bench.clock.move(timedelta(hours=-2))
    assert bench.examine().outcome is Outcome.UNKNOWN
