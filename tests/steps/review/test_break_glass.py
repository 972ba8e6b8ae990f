"""Going past rules in an emergency, in a real repository with real keys."""

from dataclasses import replace
from datetime import timedelta

import pytest
from review_bench import Bench

from release_harness.kernel.errors import InputError, NotAllowed
from release_harness.kernel.identity import ProofLevel
from release_harness.kernel.verdict import Outcome
from release_harness.policy.model import Policy
from release_harness.steps.changes.model import ChangeSpec
from release_harness.steps.review.flow.queue import review_queue
from release_harness.steps.review.model import Answer, QueueReason, ReviewDuty, ReviewQueue
from release_harness.steps.review.render.deeds import queue_outcome
from release_harness.steps.review.rules.duties import closable_duties
from release_harness.steps.review.rules.shown import show_check
from release_harness.testing.policies import CHANGE, NOW, default_policy_with_people

pytestmark = pytest.mark.slow  # each test builds a repository and judges it several times


def queue_of(bench: Bench) -> ReviewQueue:
    """List what waits."""
    return review_queue(bench.app(), base="", limit_count=25, time_limit=timedelta(minutes=1))


def test_it_forces_one_rule_for_one_content_and_says_so(bench: Bench) -> None:
    """The decision is FORCED, never PASSED; everybody who reads it sees by whom and why."""
    broken = bench.break_glass()
    assert (broken.forced_now, broken.outcome_now) == (True, Outcome.PASS)
    examination = bench.examine()
    assert examination.forced
    assert examination.verdict.says.startswith("FORCED")
    report = show_check(examination, ChangeSpec(revision="topic"))
    assert report.forced
    bench.repository.commit({"src/new.py": "other = 1\n"}, "One more thing")
    assert bench.examine().outcome is Outcome.UNKNOWN


def test_it_expires(bench: Bench) -> None:
    """An emergency does not last."""
    bench.break_glass(ttl=timedelta(hours=1))
    bench.clock.move(timedelta(minutes=50))
    assert bench.examine().forced
    bench.clock.move(timedelta(minutes=20))
    assert bench.examine().outcome is Outcome.UNKNOWN


def test_nobody_breaks_it_for_longer_than_the_policy_allows(bench: Bench) -> None:
    """A wish for a week is refused, not cut silently."""
    with pytest.raises(InputError) as caught:
        bench.break_glass(ttl=timedelta(days=7))
    assert caught.value.code == "TTL_TOO_LONG"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"who": "clara@example.org", "key": "clara"}, "BREAK_GLASS_WHO"),
        ({"who": "eve@example.net"}, "PERSON_UNKNOWN"),
        ({"key": "mallory"}, "KEY_NOT_LISTED"),
        ({"key": ""}, "KEY_MISSING"),
        ({"reason": " "}, "BREAK_GLASS_NEEDS"),
        ({"incident": ""}, "BREAK_GLASS_NEEDS"),
        ({"rules": ()}, "RULE_NOT_OPEN"),
        ({"rules": ("approvals:9",)}, "RULE_NOT_OPEN"),
        ({"rules": ("evidence:secrets_scan",)}, "RULE_NOT_OPEN"),
    ],
)
def test_it_is_refused_with_a_reason(bench: Bench, wanted: dict[str, object], code: str) -> None:
    """Only whom the policy names, signed, with incident and reason, for a rule that stands in the way."""
    with pytest.raises((InputError, NotAllowed)) as caught:
        bench.break_glass(**wanted)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert caught.value.hint
    assert not bench.examine().forced


@pytest.mark.parametrize("path", ["frozen/a.py", ".rh/policy.yaml"])
def test_nobody_goes_past_what_is_never_or_hard(bench: Bench, path: str) -> None:
    """The rules that judge changes, and what the policy calls `never`, have no emergency door."""
    content = (bench.repository.path / ".rh/policy.yaml").read_text() + "# more\n"
    bench.repository.commit({path: content}, "Touch it")
    rules = ("approvals:1", "approvals:1:key")
    with pytest.raises((NotAllowed, InputError)) as caught:
        bench.break_glass(rules=rules)
    assert caught.value.code == "BREAK_GLASS_NEVER"


def test_it_opens_a_duty_that_becomes_overdue_and_that_somebody_else_closes(bench: Bench) -> None:
    """Looking afterwards is part of the bargain, and cannot be done by who went past the rule or who wrote it."""
    bench.break_glass()
    head = bench.repository.head("topic")
    bench.repository.checkout("main")
    bench.repository.git("merge", "--quiet", "--no-ff", "--no-edit", "topic")
    bench.repository.git("branch", "--quiet", "-D", "topic")
    queue = queue_of(bench)
    assert [item.reason for item in queue.items] == [QueueReason.DUTY]
    assert queue_outcome(queue) is Outcome.UNKNOWN
    bench.clock.move(timedelta(hours=25))
    queue = queue_of(bench)
    assert [item.reason for item in queue.items] == [QueueReason.OVERDUE]
    assert queue_outcome(queue) is Outcome.FAIL
    span = queue.items[0].revision
    assert span.endswith(head)
    assert queue.items[0].command == f"rh approve {span}"
    assert bench.answer("bo@example.org", revision=span, key="bo").duties_closed == ()
    assert bench.answer("ana@example.org", revision=span, key="ana").duties_closed == ()
    assert bench.answer("clara@example.org", revision=span).duties_closed == ()
    assert [item.reason for item in queue_of(bench).items] == [QueueReason.OVERDUE]
    assert len(bench.answer("clara@example.org", revision=span, key="clara").duties_closed) == 1
    assert queue_of(bench).items == ()


def test_a_rejection_afterwards_closes_the_duty_too(bench: Bench) -> None:
    """Somebody looked and said no; that is an answer, and the record says which."""
    bench.break_glass()
    assert len(bench.answer("clara@example.org", key="clara", answer=Answer.REJECT).duties_closed) == 1
    assert bench.examine().outcome is Outcome.FAIL


def test_a_duty_is_closed_by_a_signed_answer_unless_nobody_has_a_key() -> None:
    """A login can be borrowed by an agent in the same terminal; what was signed to open is signed to close."""
    duty = ReviewDuty(
        id="e1",
        change=CHANGE,
        target="main",
        branch="topic",
        base="b",
        head="h",
        opened_by="bo",
        incident="INC-1",
        opened_at=NOW,
        due_at=NOW,
    )
    keyed = default_policy_with_people()
    keyless = replace(keyed, people=tuple(replace(each, keys=()) for each in keyed.people))

    def closed_count(policy: Policy, proof: ProofLevel, reviewer: str = "clara") -> int:
        return len(closable_duties([duty], reviewer=reviewer, authors=["ana"], proof=proof, policies=[policy]))

    assert closed_count(keyed, ProofLevel.LOGIN) == 0
    assert closed_count(keyed, ProofLevel.KEY) == closed_count(keyed, ProofLevel.PRESENCE) == 1
    assert closed_count(keyless, ProofLevel.LOGIN) == 1
    assert closed_count(keyless, ProofLevel.LOGIN, "bo") == closed_count(keyless, ProofLevel.LOGIN, "ana") == 0
