"""Statements say one thing in both their parts, and only the right record speaks for a change."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_harness.kernel.digests import Sha256, canonical_json
from release_harness.kernel.errors import InputError
from release_harness.kernel.facts import Known, Unknown
from release_harness.kernel.verdict import Outcome
from release_harness.policy.defaults import DEFAULT_POLICY
from release_harness.policy.judge import judge
from release_harness.policy.model import (
    Binding,
    CustomFact,
    EvidenceDefinition,
    FactTest,
    Invalidator,
    Operator,
    Policy,
)
from release_harness.policy.subject import Subject
from release_harness.steps.evidence.model import EvidenceRecord, Finding, Origin, TestLists
from release_harness.steps.evidence.rules.outcome import judge_run
from release_harness.steps.evidence.rules.selection import (
    as_seen,
    claims_about,
    known_facts,
    list_stale,
    predicate_for_fact,
    select,
)
from release_harness.steps.evidence.rules.statement import (
    CLAIM,
    COVERAGE,
    CUSTOM_FACT,
    EXTENSION,
    SCAN,
    TEST_RESULT,
    read_statement,
    write_statement,
)
from release_harness.steps.evidence.rules.values import has_type, parse_value
from release_harness.testing.evidence import (
    ANA,
    BASE,
    CHANGE,
    NOW,
    OTHER_CHANGE,
    OTHER_TREE,
    POLICY,
    TREE,
    change_of,
    record_of,
    rules_of,
)

PASSING = {"tests.exit_code": 0, "tests.run_count": 3, "tests.failed_count": 0, "tests.errors_count": 0}
FAILING = {**PASSING, "tests.exit_code": 1, "tests.failed_count": 1}
ENVELOPE = Sha256("sha256:" + "9" * 64)


def read_back(record: EvidenceRecord) -> EvidenceRecord:
    """Write a record down and read it."""
    return read_statement(write_statement(record), Sha256(record.id))


@pytest.mark.parametrize(
    "record",
    [
        record_of(TEST_RESULT, PASSING, tests=TestLists(failed=("a",), not_run=("b",))),
        record_of(COVERAGE, {"coverage.exercised_ratio": 1 / 3, "coverage.missed_lines_count": 2}),
        record_of(CUSTOM_FACT, {"load": 0.1}, origin=Origin.REPORTED, command=(), exit_code=None),
        record_of(CUSTOM_FACT, {"regions": ("eu", "us"), "ready": True, "note": "ünïcode\n"}),
        record_of(CLAIM, {}, claims={"says": "trust me"}, origin=Origin.CLAIMED),
        record_of(TEST_RESULT, {}, unknown={"tests.run_count": "no report"}, change=None, base=None, log_digest=None),
    ],
)
def test_a_record_survives_being_stated(record: EvidenceRecord) -> None:
    """What is judged later is read from the signed statement alone, to the last digit."""
    assert read_back(record) == record


def test_tests_name_the_tree_and_nothing_else() -> None:
    """Digest sets match when any digest does: a subject with tree and change would also match a revert to that tree."""
    statement = json.loads(write_statement(record_of(TEST_RESULT, PASSING)))
    assert statement["subject"] == [{"name": "result tree", "digest": {"gitTree": TREE}}]
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"


def test_a_fact_of_a_change_names_the_change_and_nothing_else() -> None:
    """It survives an unrelated move of the base, which the tree does not."""
    statement = json.loads(write_statement(record_of(CUSTOM_FACT, {"ready": True})))
    assert statement["subject"] == [{"name": "change", "digest": {"sha256": CHANGE.removeprefix("sha256:")}}]


@pytest.mark.parametrize(
    ("facts", "unknown", "result"),
    [
        (PASSING, {}, "PASSED"),
        ({**PASSING, "tests.flaky_count": 1}, {}, "WARNED"),
        ({**PASSING, "tests.not_run_count": 1}, {}, "WARNED"),
        (PASSING, {"tests.not_run_count": "nobody knows"}, "WARNED"),
        (FAILING, {}, "FAILED"),
        ({**PASSING, "tests.run_count": 0}, {}, "FAILED"),
        ({"tests.exit_code": 0}, {"tests.run_count": "no report"}, "FAILED"),
    ],
)
def test_other_verifiers_read_passed_only_when_everything_is_known(
    facts: dict[str, int], unknown: dict[str, str], result: str
) -> None:
    """They know neither rh's facts nor its unknowns; the one word they read must not say more than is known."""
    record = record_of(TEST_RESULT, facts, unknown=unknown, exit_code=facts["tests.exit_code"])
    assert json.loads(write_statement(record))["predicate"]["result"] == result


@pytest.mark.parametrize(
    "alter",
    [
        lambda document: document["predicate"].update(result="FAILED"),
        lambda document: document["subject"][0]["digest"].update(gitTree=OTHER_TREE),
        lambda document: document.update(predicateType="https://example.org/other"),
        lambda document: document["predicate"][EXTENSION]["facts"].update({"tests.failed_count": 1}),
        lambda document: document["predicate"][EXTENSION].pop("facts"),
        lambda document: document["predicate"].pop(EXTENSION),
        lambda document: document["predicate"][EXTENSION].update(surprise=1),
    ],
)
def test_a_statement_whose_parts_disagree_is_not_read(alter: object) -> None:
    """Even a signed one: two readers would believe two things."""
    document = json.loads(write_statement(record_of(TEST_RESULT, PASSING)))
    alter(document)  # type: ignore[operator]
    with pytest.raises(InputError) as caught:
        read_statement(canonical_json(document), ENVELOPE)
    assert caught.value.code == "EVIDENCE_MALFORMED"


def test_tests_of_another_tree_do_not_speak_for_the_change() -> None:
    """Evidence is bound to bytes, not to a branch or a time."""
    assert select([record_of(TEST_RESULT, PASSING, result_tree=OTHER_TREE)], change_of({})) == ()


def test_coverage_needs_the_same_tree_and_the_same_change() -> None:
    """The lines that were counted are those of one change, on one base."""
    change = change_of({})
    assert select([record_of(COVERAGE, {}, change=OTHER_CHANGE)], change) == ()
    assert select([record_of(COVERAGE, {}, result_tree=OTHER_TREE)], change) == ()
    assert len(select([record_of(COVERAGE, {})], change)) == 1


def test_what_was_computed_here_goes_before_a_newer_report() -> None:
    """Anybody can write a JUnit file; it must not wash a failing run away."""
    computed = record_of(TEST_RESULT, FAILING, minutes_ago=60)
    reported = record_of(TEST_RESULT, PASSING, minutes_ago=1, origin=Origin.REPORTED)
    assert select([reported, computed], change_of({})) == (computed,)


def test_among_equals_the_newest_counts() -> None:
    """A failing run after a passing one is news."""
    old, new = record_of(TEST_RESULT, PASSING, minutes_ago=60), record_of(TEST_RESULT, FAILING, minutes_ago=1)
    assert select([new, old], change_of({})) == (new,)


def test_claims_are_shown_and_never_facts() -> None:
    """An agent's words are claims, and no rule reads them, whatever predicate they hide behind."""
    claim = record_of(CLAIM, {"tests.failed_count": 0}, origin=Origin.CLAIMED, claims={"says": "all green"})
    disguised = record_of(TEST_RESULT, PASSING, origin=Origin.CLAIMED)
    assert select([claim, disguised], change_of({})) == ()
    assert claims_about([claim], change_of({})) == (claim,)


def test_everything_is_visibly_unknown_when_nothing_is_recorded() -> None:
    """A fact that could not be computed is unknown with its reason, never absent and never 0."""
    facts = known_facts((), rules_of(DEFAULT_POLICY), (), None)
    assert isinstance(facts["tests.run_count"], Unknown)
    assert isinstance(facts["coverage.exercised_ratio"], Unknown)
    assert isinstance(facts["sarif.errors_count"], Unknown)
    for name in ("entry_points.affected_count", "entry_points.unwalked_count", "wiring.unreached_count"):
        assert facts[name] == Unknown(why="entry points are not analysed yet")


DECLARING = Policy(
    tiers=("low",),
    default_tier="low",
    facts=(CustomFact(name="load.ok", type="bool"), CustomFact(name="tests.run_count", type="int")),
    evidence=(
        EvidenceDefinition(
            name="drill",
            predicate="rollback-drill/v1",
            bind=Binding.CHANGE,
            when=FactTest(fact="load.ok", operator=Operator.EQ, operand=True),
            max_age=timedelta(days=7),
            invalidated_by=(Invalidator.POLICY,),
        ),
    ),
)


def test_a_custom_fact_counts_only_when_declared_and_of_its_type() -> None:
    """Otherwise whoever attaches facts would decide what they mean."""
    rules = rules_of(DECLARING)
    good = known_facts([record_of(CUSTOM_FACT, {"load.ok": True})], rules, (), None)
    assert good["load.ok"] == Known(value=True, source="computed here")
    assert isinstance(known_facts([record_of(CUSTOM_FACT, {"load.ok": "yes"})], rules, (), None)["load.ok"], Unknown)
    assert "other" not in known_facts([record_of(CUSTOM_FACT, {"other": 1})], rules, (), None)


def test_a_custom_fact_cannot_take_the_name_of_a_built_in_one() -> None:
    """`rh evidence fact tests.run_count=5` would be a pass for the asking."""
    facts = known_facts([record_of(CUSTOM_FACT, {"tests.run_count": 5})], rules_of(DECLARING), (), None)
    assert isinstance(facts["tests.run_count"], Unknown)


def test_a_fact_is_recorded_under_the_predicate_that_asks_for_it() -> None:
    """A drill that a policy asks for is evidence of its own kind."""
    assert predicate_for_fact("load.ok", [DECLARING]) == "rollback-drill/v1"
    assert predicate_for_fact("other", [DECLARING]) == CUSTOM_FACT


def test_only_errors_that_are_new_against_the_base_count() -> None:
    """Old findings would block every change for ever."""
    old, new = (Finding(rule="r", path="a", line=1, says="x", level="error", fingerprint=each) for each in "on")
    record = record_of(SCAN, {"sarif.errors_count": 2}, origin=Origin.REPORTED)
    facts = known_facts([record], rules_of(DEFAULT_POLICY), (old,), (old, new))
    assert facts["sarif.errors_count"] == Known(value=1, source=f"reported by CI: {ANA.id}")


def test_without_the_list_of_findings_the_signed_count_stands() -> None:
    """Deleting a file of the content store must not delete errors."""
    facts = known_facts([record_of(SCAN, {"sarif.errors_count": 2})], rules_of(DEFAULT_POLICY), (), None)
    assert facts["sarif.errors_count"] == Known(value=2, source="computed here")


def test_stale_evidence_says_why_and_what_renews_it_cheapest_first() -> None:
    """The base moved, another content, too old, another policy: each has its sentence."""
    moved = record_of(TEST_RESULT, PASSING, result_tree=OTHER_TREE)
    other = record_of("rollback-drill/v1", {"load.ok": True}, change=OTHER_CHANGE, command=())
    stale = list_stale([moved, other], (), change_of({}), rules_of(DECLARING), "", NOW)
    assert [(each.predicate, each.cost_seconds) for each in stale] == [(TEST_RESULT, 30.0), ("rollback-drill/v1", None)]
    assert "the base has moved" in stale[0].because
    assert stale[0].rerun == "rh evidence run"
    assert "other content" in stale[1].because
    assert stale[1].rerun == "rh evidence fact load.ok=…"


@pytest.mark.parametrize(
    ("values", "because"),
    [
        ({"minutes_ago": 60 * 24 * 8}, "old"),
        ({"policy": None}, "the policy has changed since"),
    ],
)
def test_evidence_of_the_right_content_can_still_be_stale(values: dict[str, int], because: str) -> None:
    """Freshness is what the definition in the policy says."""
    record = record_of("rollback-drill/v1", {"load.ok": True}, **values)
    stale = list_stale([record], [record], change_of({}), rules_of(DECLARING), "", NOW)
    assert because in stale[0].because


def test_a_renewed_record_is_no_longer_listed_as_stale() -> None:
    """Otherwise the list grows with every run."""
    old, new = record_of(TEST_RESULT, PASSING, result_tree=OTHER_TREE), record_of(TEST_RESULT, PASSING)
    assert list_stale([old, new], [new], change_of({}), rules_of(DEFAULT_POLICY), "", NOW) == ()


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("true", "bool", True),
        ("yes", "bool", None),
        ("-3", "int", -3),
        ("3.5", "int", None),
        ("3.5", "float", 3.5),
        ("nan", "float", None),
        ("inf", "float", None),
        ("a, b,", "strings", ("a", "b")),
        ("x", "str", "x"),
    ],
)
def test_a_value_is_read_as_its_declared_type_or_not_at_all(text: str, kind: str, value: object) -> None:
    """`yes` for true or `nan` for a number would be compared into nonsense later."""
    read = parse_value(text, kind)
    assert read == value
    assert read is None or has_type(read, kind)


@pytest.mark.parametrize(
    ("facts", "unknown", "outcome"),
    [
        (PASSING, {}, Outcome.PASS),
        (FAILING, {}, Outcome.FAIL),
        ({**PASSING, "tests.exit_code": 5}, {}, Outcome.FAIL),
        ({**PASSING, "tests.run_count": 0}, {}, Outcome.UNKNOWN),
        ({"tests.exit_code": 0}, {"tests.run_count": "no report"}, Outcome.UNKNOWN),
        ({name: value for name, value in PASSING.items() if name != "tests.exit_code"}, {}, Outcome.UNKNOWN),
    ],
)
def test_a_run_passes_only_with_exit_code_0_and_tests_that_ran(
    facts: dict[str, int], unknown: dict[str, str], outcome: Outcome
) -> None:
    """All skipped, nothing collected, or no report: none of that is a pass."""
    assert judge_run([record_of(TEST_RESULT, facts, unknown=unknown)]).outcome is outcome


RECORDS = st.lists(
    st.builds(
        lambda predicate, passing, minutes, tree, origin: record_of(
            predicate,
            (PASSING if passing else FAILING) if predicate == TEST_RESULT else {"coverage.exercised_ratio": 1.0},
            minutes_ago=minutes,
            result_tree=tree,
            origin=origin,
        ),
        st.sampled_from([TEST_RESULT, COVERAGE]),
        st.booleans(),
        st.integers(1, 500),
        st.sampled_from([TREE, OTHER_TREE]),
        st.sampled_from(list(Origin)),
    ),
    max_size=6,
)


def outcome_of(records: list[EvidenceRecord]) -> dict[str, Outcome]:
    """Judge the change under the default policy; return the outcome of every leaf that asks for evidence."""
    change = change_of({"src/a.py": [(1, "x")]})
    selected = select(records, change)
    subject = Subject(
        files=("src/a.py",),
        listing_complete=True,
        facts=known_facts(selected, rules_of(DEFAULT_POLICY), (), None),
        authors=(),
        requester=None,
        owners=(),
        change=CHANGE,
        result_tree=TREE,
        target="main",
        base=BASE,
    )
    judgement = judge(DEFAULT_POLICY, POLICY, subject, tuple(as_seen(each) for each in selected), (), (), NOW)
    return {each.rule: each.outcome for each in judgement.verdict.children if each.rule.startswith("evidence:")}


@pytest.mark.slow
@given(RECORDS)
def test_dropping_all_evidence_of_a_kind_never_adds_a_pass(records: list[EvidenceRecord]) -> None:
    """Whoever takes the evidence away is left with unknown, whatever it said. Hypothesis judges hundreds of times."""
    for predicate, rule in ((TEST_RESULT, "evidence:tests"), (COVERAGE, "evidence:changed_lines")):
        without = outcome_of([each for each in records if each.predicate != predicate])
        assert without[rule] is Outcome.UNKNOWN
        assert outcome_of(records)[rule] in Outcome


@pytest.mark.slow
@given(RECORDS, st.data())
def test_a_pass_always_rests_on_a_record_of_this_very_content(
    records: list[EvidenceRecord], data: st.DataObject
) -> None:
    """Dropping one record can only let an older one of the same content speak, never a claim nor another tree."""
    kept = [each for each in records if not data.draw(st.booleans())]
    if outcome_of(kept)["evidence:tests"] is Outcome.PASS:
        assert any(
            each.facts == PASSING and each.result_tree == TREE and each.origin is not Origin.CLAIMED for each in kept
        )
