"""What a walked history says of a change that waits."""

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release_harness.kernel.facts import Facts, Known, Unknown
from release_harness.policy.judge import judge
from release_harness.policy.lint.deciding import check_conditions
from release_harness.policy.model import FactTest, LowerRule, Operator, Policy, RaiseRule
from release_harness.policy.tier import assess_tier
from release_harness.steps.changes.model import Change
from release_harness.steps.risk.model.landings import FileRow
from release_harness.steps.risk.rules import subject_for
from release_harness.steps.risk.rules.features import FEATURES, Pending, measure
from release_harness.steps.risk.rules.history import measure_history, pending
from release_harness.steps.risk.rules.labels import mine_labels
from release_harness.steps.risk.rules.outlook import Outlook, pack_outlook, unpack_outlook
from release_harness.steps.risk.rules.past import file_key
from release_harness.steps.risk.rules.risk_facts import risk_facts
from release_harness.steps.risk.rules.risk_names import REVERTED, REVERTED_COUNT, SCORE, unknown_risk
from release_harness.testing.past import START, commit_id, landing
from release_harness.testing.policies import NOW, default_policy_with_people
from release_harness.testing.review import findings_of, rules_of, small_change

NOW_SECONDS = NOW.timestamp()
A = commit_id("aaaaaaaa1")


def history() -> bytes:
    """Pack the outlook of a history in which `src/app.py` was part of a revert three days ago."""
    days_ago = (NOW_SECONDS - START) / 86_400
    landings = [
        landing(
            f"{number:08x}",
            f"change {number}",
            files=(FileRow(f"src/file{number % 7}.py", "M", number, 1),),
            day=days_ago - 100 + number,
        )
        for number in range(90)
    ]
    landings.append(landing("aaaaaaaa1", "add x", day=days_ago - 4))
    landings.append(landing("bbbbbbbb1", f'Revert "add x"\n\nThis reverts commit {A}.', day=days_ago - 3))
    seconds = [each.committed_seconds for each in landings]
    measured = measure_history(landings, seconds)
    assert mine_labels(landings).reverted
    weights = [1.0 if name == "lines_added" else 0.0 for name in FEATURES]
    head = {
        "tip": landings[-1].id,
        "branch": "main",
        "walked_at_seconds": NOW_SECONDS,
        "weights": weights,
        "pace": measured.past.pace,
        "reverts": measured.past.reverts,
    }
    columns = [[row[column] for row in measured.rows] for column in range(len(FEATURES))]
    return pack_outlook(head, [*columns, [number / 92 - 0.5 for number in range(92)]], measured.past.rows())


OUTLOOK_BYTES = history()


def outlook() -> Outlook:
    """Read the outlook back."""
    found = unpack_outlook(OUTLOOK_BYTES)
    assert found is not None
    return found


def with_risk(policy: Policy, facts: Facts, change: Change | None = None) -> str:
    """Return the tier of a small change with facts of risk."""
    subject = subject_for(change or small_change("docs/a.md"), findings_of(), (), None, "main", risk=facts)
    return assess_tier(policy, subject).tier


def scored(share: float) -> Facts:
    """Return facts of risk with one score."""
    return {**unknown_risk("not asked"), SCORE: Known(value=share, source="computed here")}


def test_a_change_to_what_was_reverted_lately_is_known_to_be_one() -> None:
    """The strongest simple sign there is: relative risk 1.95 over five repositories."""
    facts = risk_facts(outlook(), small_change("src/app.py", "src/file1.py"), NOW)
    assert facts[REVERTED] == Known(value=True, source="computed here from the history up to bbbbbbbb1000")
    assert facts[REVERTED_COUNT] == Known(value=1, source="computed here from the history up to bbbbbbbb1000")


def test_a_change_elsewhere_is_known_to_be_none() -> None:
    """False is an answer too, and must not be taken for unknown."""
    fact = risk_facts(outlook(), small_change("src/file1.py"), NOW)[REVERTED]
    assert isinstance(fact, Known)
    assert fact.value is False


def test_a_revert_of_long_ago_is_forgotten() -> None:
    """After 90 days a neighbourhood is like any other."""
    later = NOW + timedelta(days=89)
    fresh = replace(outlook(), walked_at_seconds=later.timestamp())
    fact = risk_facts(fresh, small_change("src/app.py"), later)[REVERTED]
    assert isinstance(fact, Known)
    assert fact.value is False


def test_a_bigger_change_stands_higher_where_size_is_what_counts() -> None:
    """The score is a place among what landed lately, whatever its scale."""
    known = outlook()
    places = [
        known.percentile(
            Pending(files=(FileRow("src/file1.py", "M", lines, 0),), author="ana@example.org"), NOW_SECONDS
        )
        for lines in (0, 10, 50, 5000)
    ]
    assert places == sorted(places)
    assert places[0] < 0.1
    assert places[-1] > 0.9


def test_the_table_on_disk_says_what_the_walk_knew() -> None:
    """`rh check` must measure a change as the backtest measured landings."""
    landings = [landing(f"{number:08x}", "x", day=number, author=f"p{number % 3}@example.org") for number in range(9)]
    seconds = [each.committed_seconds for each in landings]
    past = measure_history(landings, seconds).past
    head = {
        "tip": "t",
        "branch": "",
        "walked_at_seconds": 0.0,
        "weights": [0.0] * len(FEATURES),
        "pace": past.pace,
        "reverts": 0.0,
    }
    read = unpack_outlook(pack_outlook(head, [[]] * (len(FEATURES) + 1), past.rows()))
    assert read is not None
    waiting = pending(landing("ffffffff", "next", author="p1@example.org"))
    now = float(seconds[-1] + 3600)
    assert measure(waiting, read, now) == pytest.approx(measure(waiting, past, now), abs=1e-3)
    assert read.seen(file_key("src/app.py")).changes == 9


def test_without_a_walked_history_nothing_is_known_and_it_says_what_to_do() -> None:
    """Nobody is told that a change is safe because nobody looked."""
    facts = risk_facts(None, small_change(), NOW)
    assert set(facts) == set(risk_facts(outlook(), small_change(), NOW))
    for fact in facts.values():
        assert fact == Unknown(why="the history was not walked yet: run `rh backtest` once")


def test_an_old_walk_is_unknown() -> None:
    """Reverts of the last weeks would be missing from it."""
    fact = risk_facts(outlook(), small_change("src/app.py"), NOW + timedelta(days=15))[REVERTED]
    assert isinstance(fact, Unknown)
    assert "rh backtest" in fact.why


def test_a_listing_that_was_cut_short_is_unknown() -> None:
    """The file that was reverted may be one that is not listed."""
    cut = replace(small_change("src/app.py"), listing_complete=False)
    assert isinstance(risk_facts(outlook(), cut, NOW)[REVERTED], Unknown)


@pytest.mark.slow
@given(st.data())
@settings(max_examples=60)
def test_damage_is_unknown_and_never_a_wrong_answer(data: st.DataObject) -> None:
    """A damaged row that says `never reverted` would be worse than none."""
    place = data.draw(st.integers(0, len(OUTLOOK_BYTES) - 1))
    damaged = OUTLOOK_BYTES[:place] + bytes([OUTLOOK_BYTES[place] ^ 0x41]) + OUTLOOK_BYTES[place + 1 :]
    facts = risk_facts(unpack_outlook(damaged), small_change("src/file1.py"), NOW)
    whole = risk_facts(outlook(), small_change("src/file1.py"), NOW)
    assert set(facts) == set(whole)
    for name, fact in facts.items():
        assert isinstance(fact, Unknown) or fact == whole[name]


@pytest.mark.slow
@given(st.floats(0, 1), st.floats(0, 1), st.sampled_from([Operator.GT, Operator.GE]), st.floats(0, 1))
def test_more_risk_never_means_a_lower_tier(one: float, other: float, operator: Operator, operand: float) -> None:
    """Policies raise by the score; a higher one may only raise more."""
    rule = RaiseRule(id="risky", when=FactTest(fact=SCORE, operator=operator, operand=operand), tier="high")
    policy = replace(default_policy_with_people(), raise_rules=(rule,))
    low, high = with_risk(policy, scored(min(one, other))), with_risk(policy, scored(max(one, other)))
    assert policy.rank(low) <= policy.rank(high)
    assert policy.rank(high) <= policy.rank(with_risk(policy, unknown_risk("nobody looked")))


@pytest.mark.slow
@given(st.floats(0, 1), st.sampled_from(list(Operator)[:6]))
def test_no_score_lowers_a_tier(share: float, operator: Operator) -> None:
    """What history guesses may draw attention; it is no evidence that nobody needs to look."""
    policy = default_policy_with_people()
    asks = FactTest(fact=SCORE, operator=operator, operand=0.5)
    lowering = tuple(
        LowerRule(id=each.id, only=each.only, to=each.to, when=asks, because="calm") for each in policy.lower_rules
    )
    assert lowering
    without = replace(policy, lower_rules=())
    assert with_risk(replace(policy, lower_rules=lowering), scored(share)) == with_risk(without, scored(share))


def test_a_rule_that_would_lower_by_a_score_is_named() -> None:
    """It never applies, so whoever wrote it must hear of it."""
    policy = default_policy_with_people()
    asks = FactTest(fact=SCORE, operator=Operator.LT, operand=0.1)
    rule = replace(policy.lower_rules[0], when=asks)
    says = [each.says for each in check_conditions(replace(policy, lower_rules=(rule,)))]
    assert any("may raise a tier, not lower it" in each for each in says)


def test_evidence_cannot_claim_a_low_score() -> None:
    """A CI job that reports a score must not replace what was computed here."""
    claimed = findings_of(known={SCORE: 0.0, REVERTED: False})
    subject = subject_for(small_change(), claimed, (), None, "main")
    assert isinstance(subject.facts[SCORE], Unknown)
    assert isinstance(subject.facts[REVERTED], Unknown)


@pytest.mark.slow
def test_judging_with_risk_needs_no_numpy() -> None:
    """`rh check` has to start fast; numpy alone takes longer than everything else (slow: starts a process)."""
    names = "steps.risk.flow.outlook", "steps.risk.rules", "steps.review.flow.examine", "steps.risk.operations", "app"
    program = "import sys\n" + "".join(f"import release_harness.{each}\n" for each in names)
    done = subprocess.run(
        [sys.executable, "-c", f"{program}print('numpy' in sys.modules)"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_a_subject_with_risk_is_judged_as_ever() -> None:
    """A policy that asks nothing of risk sees no difference."""
    policy = default_policy_with_people()
    change = small_change()
    verdicts = {
        judge(
            policy, rules_of().digest, subject_for(change, findings_of(), (), None, "main", risk=facts), (), (), (), NOW
        ).outcome
        for facts in (scored(0.0), scored(1.0), unknown_risk("nobody looked"))
    }
    assert len(verdicts) == 1
