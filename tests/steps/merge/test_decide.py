"""The pure lander: which step follows from which facts."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release_harness.kernel.digests import ChangeDigest, CommitId, PolicyDigest, TreeId
from release_harness.kernel.errors import Bug
from release_harness.kernel.verdict import NextAction, Outcome, Verdict
from release_harness.steps.merge.model import (
    Already,
    Culprit,
    Draft,
    Land,
    LandFacts,
    Look,
    Method,
    NeedRun,
    NeedSuspects,
    Parent,
    Person,
    Place,
    Refusal,
    RefusalReason,
    RunOutcome,
    Suspects,
    Tree,
    TreeRun,
)
from release_harness.steps.merge.rules import check_draft, decide, draft_commit, next_probe, pause_before, write_message

HEAD, TIP, BASE = CommitId("a" * 40), CommitId("b" * 40), CommitId("c" * 40)
RESULT, OTHER = TreeId("d" * 40), TreeId("e" * 40)
PASSED = Verdict(outcome=Outcome.PASS, says="The change may land.", rule="gate")
FAILED = Verdict(outcome=Outcome.FAIL, says="The tests fail.", rule="evidence:tests")


def run(outcome: RunOutcome, tree: TreeId = RESULT, *failed: str) -> TreeRun:
    """Return a run with an id of its own."""
    return TreeRun(tree=tree, outcome=outcome, evidence=(f"{tree[:1]}-{outcome.value}",), failed=failed)


LOOK = Look(
    head=HEAD,
    tip=TIP,
    merge_base=BASE,
    branch="feature",
    title="add a feature",
    brief="",
    author=Person(name="Ana", email="ana@example.org"),
    result_tree=RESULT,
    change=ChangeDigest("sha256:" + "1" * 64),
    policy=PolicyDigest("sha256:" + "2" * 64),
    tier="low",
    verdict=PASSED,
    forced=False,
    conflicts=(),
    gaps=(),
    files=("app.py",),
    evidence=("e1",),
    approvals=(),
    bypasses=(),
    approvals_lost=(),
    next_actions=(),
    tests_configured=True,
    run=run(RunOutcome.PASSED),
    method=Method.MERGE,
)
FACTS = LandFacts(place=Place(branch="main", remote="origin"), look=LOOK, head_now=HEAD)


def facts(look: dict[str, Any] | None = None, **rest: Any) -> LandFacts:
    """Return the facts of a change that may land, with something else."""
    return replace(FACTS, look=replace(LOOK, **(look or {})), **rest)


RED = {"run": run(RunOutcome.FAILED, RESULT, "t1", "t2"), "verdict": FAILED}
GREEN_TIP = run(RunOutcome.PASSED, OTHER)
AGAIN = run(RunOutcome.FAILED, RESULT, "t2")
DIAGNOSED = {"tip_run": GREEN_TIP, "again": AGAIN}


def test_a_change_that_was_tested_and_judged_may_land() -> None:
    """The one way to a landing."""
    assert decide(FACTS) == Land()


@pytest.mark.parametrize(
    ("given_facts", "wanted"),
    [
        (facts({"run": None}), NeedRun(tree=Tree.RESULT)),
        (facts(RED), NeedRun(tree=Tree.TIP)),
        (facts(RED, tip_run=GREEN_TIP), NeedRun(tree=Tree.AGAIN)),
        (facts(RED, **DIAGNOSED), NeedRun(tree=Tree.ALONE)),
        (facts(RED, **DIAGNOSED, alone_run=run(RunOutcome.PASSED, OTHER)), NeedSuspects()),
        (facts(already="same content"), Already(how="same content")),
        (facts({**RED, "verdict": PASSED, "forced": True}), Land()),
        (facts({**RED, "verdict": PASSED}, tip_run=GREEN_TIP, again=run(RunOutcome.PASSED)), Land()),
        (facts({"run": None, "verdict": PASSED, "forced": True}), NeedRun(tree=Tree.RESULT)),
        (facts({"run": None, "tests_configured": False}), Land()),
    ],
)
def test_what_is_not_known_is_found_out_one_step_at_a_time(given_facts: LandFacts, wanted: object) -> None:
    """Runs cost money: each is asked for only when the answer hangs on it."""
    assert decide(given_facts) == wanted


UNKNOWN = Verdict(outcome=Outcome.UNKNOWN, says="Not yet.", rule="gate")


def node(rule: str, outcome: Outcome = Outcome.UNKNOWN) -> Verdict:
    """Return a verdict with one open rule below it."""
    leaf = Verdict(outcome=outcome, says=f"{rule} is open", rule=rule, actions=(NextAction(do=f"See to {rule}."),))
    return Verdict(outcome=outcome, says="Not yet.", rule="gate", children=(leaf,))


REFUSALS: list[tuple[LandFacts, RefusalReason, Outcome]] = [
    (facts(head_now=TIP), RefusalReason.HEAD_CHANGED, Outcome.UNKNOWN),
    (facts(head_now=None), RefusalReason.HEAD_CHANGED, Outcome.UNKNOWN),
    (facts({"conflicts": ("app.py",), "result_tree": None}), RefusalReason.CONFLICT_TEXTUAL, Outcome.FAIL),
    (facts({"result_tree": None, "gaps": ("shallow",)}), RefusalReason.INFRA, Outcome.UNKNOWN),
    (facts({"run": None}, may_run=False), RefusalReason.CHECK_NEVER_REPORTED, Outcome.UNKNOWN),
    (facts(RED, may_run=False), RefusalReason.CHECK_NEVER_REPORTED, Outcome.UNKNOWN),
    (facts({"run": run(RunOutcome.TIMEOUT), "verdict": UNKNOWN}), RefusalReason.TIMEOUT, Outcome.UNKNOWN),
    (facts({"run": run(RunOutcome.INFRA), "verdict": UNKNOWN}), RefusalReason.INFRA, Outcome.UNKNOWN),
    (facts({"run": run(RunOutcome.NOT_RUN)}), RefusalReason.CHECK_NEVER_REPORTED, Outcome.UNKNOWN),
    (facts(RED, tip_run=run(RunOutcome.FAILED, OTHER)), RefusalReason.BASE_RED, Outcome.UNKNOWN),
    (facts(RED, tip_run=run(RunOutcome.TIMEOUT, OTHER)), RefusalReason.TIMEOUT, Outcome.UNKNOWN),
    (facts(RED, tip_run=GREEN_TIP, again=run(RunOutcome.INFRA)), RefusalReason.INFRA, Outcome.UNKNOWN),
    (
        facts(RED, tip_run=GREEN_TIP, again=run(RunOutcome.FAILED, RESULT, "t9")),
        RefusalReason.FLAKE_EXHAUSTED,
        Outcome.UNKNOWN,
    ),
    (facts({**RED, "merge_base": TIP}, **DIAGNOSED), RefusalReason.OWN_FAILURE, Outcome.FAIL),
    (facts(RED, **DIAGNOSED, alone_run=run(RunOutcome.FAILED, OTHER)), RefusalReason.OWN_FAILURE, Outcome.FAIL),
    (facts(RED, **DIAGNOSED, alone_run=run(RunOutcome.TIMEOUT, OTHER)), RefusalReason.OWN_FAILURE, Outcome.FAIL),
    (
        facts(
            RED,
            **DIAGNOSED,
            alone_run=run(RunOutcome.PASSED, OTHER),
            suspects=Suspects(found=(Culprit(commit=BASE, subject="add b"),), exact=True),
        ),
        RefusalReason.CONFLICT_SEMANTIC,
        Outcome.FAIL,
    ),
    (
        facts(parents=(Parent(name="p", landed=False, refused="own-failure"),)),
        RefusalReason.PARENT_REJECTED,
        Outcome.FAIL,
    ),
    (facts(parents=(Parent(name="p", landed=False),)), RefusalReason.POLICY, Outcome.UNKNOWN),
    (facts({"verdict": node("approvals:1")}), RefusalReason.POLICY, Outcome.UNKNOWN),
    (facts({"verdict": node("approvals:1"), "approvals_lost": ("a1",)}), RefusalReason.APPROVAL_LOST, Outcome.UNKNOWN),
    (facts({"verdict": node("evidence:sarif")}), RefusalReason.CHECK_NEVER_REPORTED, Outcome.UNKNOWN),
    (facts({"verdict": node("evidence:changed_lines", Outcome.FAIL)}), RefusalReason.POLICY, Outcome.FAIL),
    (facts({"verdict": node("rejections", Outcome.FAIL)}), RefusalReason.POLICY, Outcome.FAIL),
    (facts({"verdict": UNKNOWN}), RefusalReason.POLICY, Outcome.UNKNOWN),
]


@pytest.mark.parametrize(("given_facts", "reason", "outcome"), REFUSALS, ids=lambda each: getattr(each, "value", ""))
def test_each_refusal_has_its_reason_and_says_what_to_do(
    given_facts: LandFacts, reason: RefusalReason, outcome: Outcome
) -> None:
    """The set is closed, every refusal is a sentence, and nobody is left without a next action."""
    step = decide(given_facts)

    assert isinstance(step, Refusal)
    assert (step.reason, step.outcome) == (reason, outcome)
    assert step.says.strip().endswith((".", "shallow", "open"))
    assert step.next_actions or given_facts.look.verdict is UNKNOWN


def test_a_refusal_for_failing_tests_carries_the_evidence_of_both_sides() -> None:
    """Invariant 8: base PASS and base + change FAIL, by the ids of the records."""
    step = decide(facts({**RED, "merge_base": TIP}, **DIAGNOSED))

    assert isinstance(step, Refusal)
    assert set(GREEN_TIP.evidence) | set(AGAIN.evidence) <= set(step.evidence)


def test_a_pair_is_named() -> None:
    """`conflict-semantic` says with whom."""
    suspects = Suspects(found=(Culprit(commit=BASE, subject="add b\x1b"),), exact=True)
    step = decide(facts(RED, **DIAGNOSED, alone_run=run(RunOutcome.PASSED, OTHER), suspects=suspects))

    assert isinstance(step, Refusal)
    assert step.culprits == suspects.found
    assert BASE[:12] in step.says
    assert "\x1b" not in step.says


runs = st.one_of(
    st.none(),
    st.builds(
        TreeRun,
        tree=st.sampled_from([RESULT, OTHER]),
        outcome=st.sampled_from(RunOutcome),
        evidence=st.just(("id",)),
        failed=st.lists(st.sampled_from(["t1", "t2"]), max_size=2).map(tuple),
    ),
)
verdicts = st.sampled_from([PASSED, FAILED, UNKNOWN, node("approvals:1"), node("evidence:x", Outcome.FAIL)])


@st.composite
def any_facts(draw: st.DrawFn) -> LandFacts:
    """Draw facts that need not make sense together."""
    look = replace(
        LOOK,
        verdict=draw(verdicts),
        forced=draw(st.booleans()),
        run=draw(runs),
        tests_configured=draw(st.booleans()),
        conflicts=draw(st.sampled_from([(), ("x",)])),
        result_tree=draw(st.sampled_from([RESULT, None])),
        merge_base=draw(st.sampled_from([None, BASE, TIP])),
    )
    return LandFacts(
        place=Place(branch="main"),
        look=look,
        head_now=draw(st.sampled_from([HEAD, TIP, None])),
        already="",
        may_run=draw(st.booleans()),
        again=draw(runs),
        tip_run=draw(runs),
        alone_run=draw(runs),
        suspects=draw(st.sampled_from([None, Suspects(found=(), exact=False)])),
        parents=draw(st.sampled_from([(), (Parent(name="p", landed=False),), (Parent(name="p", landed=True),)])),
    )


@pytest.mark.slow
@given(any_facts())
@settings(max_examples=200, deadline=None)
def test_nothing_lands_without_a_passing_verdict_and_a_passing_run(given_facts: LandFacts) -> None:
    """Invariant 1 and fail closed: unknown is never a pass, whatever else is true."""
    look = given_facts.look
    if decide(given_facts) != Land():
        return
    assert look.verdict.outcome is Outcome.PASS
    assert given_facts.head_now == look.head
    assert look.result_tree is not None
    assert not look.conflicts
    passed = look.run is not None and look.run.outcome is RunOutcome.PASSED
    again = given_facts.again is not None and given_facts.again.outcome is RunOutcome.PASSED
    assert passed or again or look.forced or (not look.tests_configured and look.run is None)


@pytest.mark.slow
@given(any_facts())
@settings(max_examples=200, deadline=None)
def test_nobody_is_blamed_without_evidence(given_facts: LandFacts) -> None:
    """Invariant 8 for every combination of facts."""
    step = decide(given_facts)
    if not isinstance(step, Refusal) or step.reason not in (RefusalReason.OWN_FAILURE, RefusalReason.CONFLICT_SEMANTIC):
        return
    assert given_facts.tip_run is not None
    assert given_facts.tip_run.outcome is RunOutcome.PASSED
    assert given_facts.look.run is not None
    assert given_facts.look.run.outcome is RunOutcome.FAILED
    assert given_facts.again is not None
    assert given_facts.again.outcome is RunOutcome.FAILED
    if step.reason is RefusalReason.CONFLICT_SEMANTIC:
        assert given_facts.alone_run is not None
        assert given_facts.alone_run.outcome is RunOutcome.PASSED


@pytest.mark.slow
@given(any_facts(), st.sampled_from(["run", "verdict"]))
@settings(max_examples=200, deadline=None)
def test_dropping_a_fact_never_turns_a_refusal_into_a_landing(given_facts: LandFacts, dropped: str) -> None:
    """Fail closed: knowing less never lands more, unless nothing was ever to be run."""
    if decide(given_facts) == Land() or not given_facts.look.tests_configured:
        return
    look = given_facts.look
    less = replace(look, run=None) if dropped == "run" else replace(look, verdict=UNKNOWN)
    assert decide(replace(given_facts, look=less)) != Land()


def draft(**changes: Any) -> Draft:
    """Return the draft of the sample, with something else."""
    made = draft_commit(LOOK, FACTS.place)
    assert made is not None
    return replace(made, **changes)


def test_the_last_check_lets_the_true_commit_through() -> None:
    """It must not stop what is right."""
    check_draft(FACTS, draft(), tree=RESULT, first_parent=TIP)


@pytest.mark.parametrize(
    ("seen", "made", "tree", "parent"),
    [
        (FACTS, draft(), OTHER, TIP),
        (FACTS, draft(), RESULT, BASE),
        (FACTS, draft(tree=OTHER), RESULT, TIP),
        (FACTS, draft(tip=BASE), RESULT, TIP),
        (FACTS, draft(head=BASE), RESULT, TIP),
        (facts({"verdict": UNKNOWN}), draft(), RESULT, TIP),
        (facts({"run": None}), draft(), RESULT, TIP),
        (facts({"run": run(RunOutcome.FAILED)}), draft(), RESULT, TIP),
        (facts({"run": run(RunOutcome.PASSED, OTHER)}), draft(), RESULT, TIP),
        (facts(head_now=BASE), draft(), RESULT, TIP),
    ],
)
def test_the_last_check_stops_whatever_does_not_match(
    seen: LandFacts, made: Draft, tree: TreeId, parent: CommitId
) -> None:
    """Invariant 14: a separate small check decides, even when the lander above it is wrong."""
    with pytest.raises(Bug):
        check_draft(seen, made, tree=tree, first_parent=parent)


def test_the_message_keeps_to_one_subject_and_its_trailers() -> None:
    """Trailers join those that a commit ends with, so that git still reads all of them."""
    made = draft()
    assert write_message(made).split("\n")[0] == "Merge feature into main: add a feature"
    joined = write_message(made, "why\n\nBrief: x").split("\n\n")
    assert joined[-1].startswith("Brief: x\nChange-digest: sha256:")
    assert "\n" not in draft_commit(replace(LOOK, title="a\nBrief: b\r\nc"), FACTS.place).subject  # type: ignore[union-attr]


def test_retries_are_bounded_and_two_landings_do_not_meet_for_ever() -> None:
    """Pauses grow, end, and differ by head."""
    pauses = [pause_before(count, HEAD) for count in range(1, 20)]
    real = [pause for pause in pauses if pause is not None]

    assert real == sorted(real)
    assert pauses[-1] is None
    assert real[0] != pause_before(1, "00000000")


@pytest.mark.slow
@given(st.integers(min_value=1, max_value=200), st.integers(min_value=0, max_value=199))
def test_the_search_finds_any_culprit_with_few_probes(count: int, at: int) -> None:
    """A binary search over the landings: log2 of their number, and never a wrong one."""
    guilty = at % count + 1
    passing, failing, probes = 0, count, 0
    while (probe := next_probe(passing, failing)) is not None:
        probes += 1
        passing, failing = (passing, probe) if probe >= guilty else (probe, failing)
    assert failing == guilty
    assert probes <= count.bit_length()
