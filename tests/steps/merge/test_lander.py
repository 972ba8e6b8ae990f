"""The lander: each invariant of exactly-tested landing is enough to stop a landing, whatever a planner proposes."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from release_harness.kernel.digests import CommitId, Sha256, TreeId
from release_harness.steps.merge.lander import may_blame, may_land, may_start, may_stop
from release_harness.steps.merge.model import RunOutcome
from release_harness.steps.merge.model.landing import (
    BlameClaim,
    Candidate,
    Granted,
    Invariant,
    LandingClaim,
    Overtaken,
    Verdict,
)
from release_harness.steps.merge.model.queue import Running

GATE, NEW_GATE, PLACE = Sha256("gate"), Sha256("new gate"), Sha256("place")
TREE, BASE = TreeId("tree"), TreeId("base")


def verdict(outcome: RunOutcome = RunOutcome.PASSED, tree: TreeId = TREE, gate: Sha256 = GATE) -> Verdict:
    """Return a stored answer."""
    return Verdict(tree=tree, gate=gate, environment=PLACE, outcome=outcome, run="r")


def candidate(number: int = 1) -> Candidate:
    """Return a change that may land."""
    return Candidate(
        number=number, head=CommitId(f"h{number}"), head_now=CommitId(f"h{number}"), waits=True, may_pass=True
    )


SOUND = LandingClaim(
    tip=CommitId("tip"),
    tip_now=CommitId("tip"),
    tree=TREE,
    candidates=(candidate(1), replace(candidate(2), needs=frozenset({1}))),
    gate=GATE,
    gate_after=GATE,
    environment=PLACE,
    verdicts=(verdict(),),
)
BLAME = BlameClaim(
    candidate=candidate(),
    base=BASE,
    tree=TREE,
    gate=GATE,
    environment=PLACE,
    verdicts=(verdict(tree=BASE), verdict(RunOutcome.FAILED)),
)


def broken(granted: Granted) -> set[Invariant]:
    """Return the invariants that stand against it."""
    return {each.invariant for each in granted.objections}


def with_first(**more: object) -> LandingClaim:
    """Return the sound claim with another first change."""
    first = replace(SOUND.candidates[0], **more)  # type: ignore[arg-type]
    return replace(SOUND, candidates=(first, *SOUND.candidates[1:]))


def test_a_tree_that_passed_on_the_tip_lands_as_exactly_tested() -> None:
    """And says by which proof."""
    granted = may_land(SOUND)
    assert granted.given
    assert granted.proof == "exact"


STOPPED: dict[str, tuple[Callable[[], LandingClaim], Invariant]] = {
    "no run": (lambda: replace(SOUND, verdicts=()), Invariant.TESTED_TREE),
    "a pass of another tree": (lambda: replace(SOUND, verdicts=(verdict(tree=BASE),)), Invariant.TESTED_TREE),
    "a pass by another gate": (lambda: replace(SOUND, verdicts=(verdict(gate=NEW_GATE),)), Invariant.TESTED_TREE),
    "a pass elsewhere": (lambda: replace(SOUND, environment=Sha256("other")), Invariant.TESTED_TREE),
    "a failure after the pass": (
        lambda: replace(SOUND, verdicts=(verdict(), verdict(RunOutcome.FAILED))),
        Invariant.TESTED_TREE,
    ),
    "a timeout": (lambda: replace(SOUND, verdicts=(verdict(RunOutcome.TIMEOUT),)), Invariant.TESTED_TREE),
    "no report": (lambda: replace(SOUND, verdicts=(verdict(RunOutcome.NOT_RUN),)), Invariant.TESTED_TREE),
    "a gate that it brings": (lambda: replace(SOUND, gate_after=NEW_GATE), Invariant.OLD_GATE_FIRST),
    "a moved head": (lambda: with_first(head_now=CommitId("other")), Invariant.APPROVED_HEAD),
    "a deleted branch": (lambda: with_first(head_now=None), Invariant.APPROVED_HEAD),
    "a policy that does not pass": (lambda: with_first(may_pass=False), Invariant.APPROVED_HEAD),
    "a moved tip": (lambda: replace(SOUND, tip_now=CommitId("foreign")), Invariant.TESTED_BASE),
    "an end that it has": (lambda: with_first(waits=False), Invariant.ONE_END),
    "content that is there": (lambda: with_first(on_branch=True), Invariant.ONCE),
    "a change named twice": (lambda: replace(SOUND, candidates=(candidate(), candidate())), Invariant.ONCE),
    "nothing": (lambda: replace(SOUND, candidates=()), Invariant.ONCE),
    "a missing parent": (lambda: replace(SOUND, candidates=SOUND.candidates[1:]), Invariant.PARENTS_FIRST),
    "a parent behind it": (lambda: replace(SOUND, candidates=SOUND.candidates[::-1]), Invariant.PARENTS_FIRST),
    "a freeze": (lambda: with_first(held="a freeze until Monday"), Invariant.FREEZE),
    "one who waits too long": (lambda: replace(SOUND, behind=(Overtaken(number=0, count=19),)), Invariant.BOUNDED_WAIT),
}


@pytest.mark.parametrize("name", sorted(STOPPED))
def test_each_invariant_alone_stops_a_landing(name: str) -> None:
    """And is the only one named."""
    claim, invariant = STOPPED[name]
    assert broken(may_land(claim())) == {invariant}
    assert may_land(claim()).proof == ""


def test_an_objection_names_what_is_missing() -> None:
    """Only the parents that are neither landed nor before it."""
    second = replace(SOUND.candidates[1], needs=frozenset({1, 7}))
    (objection,) = may_land(replace(SOUND, candidates=(SOUND.candidates[0], second))).objections
    assert objection.says == "it needs 7"
    assert objection.numbers == (2,)


def test_a_change_of_the_gate_lands_when_the_old_and_the_new_gate_passed() -> None:
    """Both on the same tree."""
    assert may_land(replace(SOUND, gate_after=NEW_GATE, verdicts=(verdict(), verdict(gate=NEW_GATE)))).given


def test_a_flake_that_passed_when_it_was_run_again_is_a_pass() -> None:
    """The last answer about a tree counts."""
    assert may_land(replace(SOUND, verdicts=(verdict(RunOutcome.FAILED), verdict()))).given


def test_an_emergency_lands_in_a_freeze_and_past_everybody() -> None:
    """As exactly tested as any other."""
    urgent = tuple(replace(each, held="a freeze", emergency=True) for each in SOUND.candidates)
    behind = (Overtaken(number=0, count=99),)
    assert may_land(replace(SOUND, candidates=urgent, behind=behind)).given
    assert not may_land(replace(SOUND, candidates=urgent, verdicts=())).given


def test_a_few_may_be_overtaken_up_to_the_bound() -> None:
    """One who waits for the twentieth time is the last straw, not the third."""
    assert may_land(replace(SOUND, behind=(Overtaken(number=0, count=18),))).given
    assert not may_land(replace(SOUND, behind=(Overtaken(number=0, count=19),))).given


def test_an_emergency_does_not_count_among_those_who_overtake() -> None:
    """It goes first for a reason that is written down."""
    mixed = (replace(SOUND.candidates[0], emergency=True), SOUND.candidates[1])
    assert may_land(replace(SOUND, candidates=mixed, behind=(Overtaken(number=0, count=19),))).given
    assert not may_land(replace(SOUND, candidates=mixed, behind=(Overtaken(number=0, count=20),))).given


def test_whoever_is_held_is_not_overtaken() -> None:
    """It could not have landed."""
    assert may_land(replace(SOUND, behind=(Overtaken(number=0, count=99, held=True),))).given
    assert may_land(replace(SOUND, behind=(Overtaken(number=7, count=99),))).given


def test_a_landing_by_commuting_is_marked_so() -> None:
    """It is a weaker proof, to be checked again on the tip."""
    older = replace(SOUND, verdicts=(), commutes_from=(verdict(tree=BASE),), commutes=True)
    assert may_land(older).proof == "commuting"
    other_failed = replace(older, verdicts=(verdict(RunOutcome.FAILED, tree=TreeId("other")),))
    assert may_land(other_failed).proof == "commuting"
    timed_out = replace(older, verdicts=(verdict(RunOutcome.TIMEOUT),))
    assert may_land(timed_out).proof == "commuting"


@pytest.mark.parametrize(
    "more",
    [
        {"commutes": False},
        {"commutes_from": ()},
        {"commutes_from": (verdict(RunOutcome.FAILED, tree=BASE),)},
        {"commutes_from": (verdict(tree=BASE, gate=NEW_GATE),)},
        {"commutes_from": (replace(verdict(tree=BASE), environment=Sha256("elsewhere")),)},
        {"gate_after": NEW_GATE},
        {"gate_after": NEW_GATE, "verdicts": (verdict(gate=NEW_GATE),)},
        {"verdicts": (verdict(RunOutcome.FAILED),)},
    ],
)
def test_a_commuting_proof_needs_all_its_parts(more: dict[str, object]) -> None:
    """A pass on the earlier tip, the proof itself, the same gate, and no failure of the tree."""
    older = replace(SOUND, verdicts=(), commutes_from=(verdict(tree=BASE),), commutes=True)
    assert not may_land(replace(older, **more)).given  # type: ignore[arg-type]


def test_a_change_is_sent_back_when_the_base_passes_and_fails_with_it() -> None:
    """By one gate, in one environment."""
    assert may_blame(BLAME).given
    assert may_blame(BLAME).proof == "exact"


@pytest.mark.parametrize(
    "more",
    [
        {"verdicts": (verdict(RunOutcome.FAILED),)},
        {"verdicts": (verdict(RunOutcome.FAILED, tree=BASE), verdict(RunOutcome.FAILED))},
        {"verdicts": (verdict(tree=BASE), verdict(RunOutcome.FAILED, tree=BASE), verdict(RunOutcome.FAILED))},
        {"verdicts": (verdict(tree=BASE), verdict(RunOutcome.TIMEOUT))},
        {"verdicts": (verdict(tree=BASE), verdict(RunOutcome.INFRA))},
        {"verdicts": (verdict(tree=BASE), verdict(RunOutcome.FAILED), verdict())},
        {"verdicts": (verdict(tree=BASE), verdict(RunOutcome.FAILED, gate=NEW_GATE))},
        {"failures_wanted_count": 2},
        {"failures_wanted_count": 0, "verdicts": (verdict(tree=BASE),)},
        {"base": TREE, "verdicts": (verdict(), verdict(RunOutcome.FAILED))},
    ],
)
def test_nobody_is_blamed_for_a_red_base_a_machine_or_a_flake(more: dict[str, object]) -> None:
    """Base red, timeout, infrastructure, a pass of the same tree, another gate, one failure where two are wanted."""
    blamed = may_blame(replace(BLAME, **more))  # type: ignore[arg-type]
    assert broken(blamed) == {Invariant.PROVEN_BLAME}
    assert blamed.proof == ""


def test_who_has_an_end_is_not_sent_back() -> None:
    """Each change ends once."""
    ended = replace(BLAME, candidate=replace(candidate(), waits=False))
    assert broken(may_blame(ended)) == {Invariant.ONE_END}


def test_no_more_runs_begin_than_there_are_runners() -> None:
    """Those that are being stopped count."""
    assert may_start(1, 2).given
    assert broken(may_start(2, 2)) == {Invariant.BUDGET}


def test_a_run_is_stopped_only_when_its_result_is_of_no_use() -> None:
    """A member is gone, the tip has moved, something in it is known to fail, or there is an emergency."""
    run = Running(id="r", members=frozenset({1, 2}), started_at_seconds=0.0)
    waiting = frozenset({1, 2, 3})
    assert broken(may_stop(run, waiting, ())) == {Invariant.NO_WASTE}
    assert broken(may_stop(run, waiting, (frozenset({3}), frozenset()))) == {Invariant.NO_WASTE}
    assert may_stop(run, frozenset({1}), ()).given
    assert may_stop(replace(run, holds=False), waiting, ()).given
    assert may_stop(run, waiting, (frozenset({2}),)).given
    assert may_stop(run, waiting, (frozenset({1, 2}),)).given
    assert may_stop(run, waiting, (), urgent=True).given
