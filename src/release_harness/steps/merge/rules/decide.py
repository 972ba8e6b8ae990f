"""The lander: from what is known, the one next step of a landing.

It never fetches and never acts. A change is only blamed when the tip without it passes and the tip with it fails, twice
(references: the dequeue classes and invariants 1, 3, 5, 6 and 8 of exactly-tested landing).
"""

from release_harness.kernel.verdict import Outcome
from release_harness.steps.merge.model import (
    Already,
    Land,
    LandFacts,
    NeedRun,
    NeedSuspects,
    Refusal,
    RunOutcome,
    Step,
    Tree,
    TreeRun,
)
from release_harness.steps.merge.rules import refusals


def decide(facts: LandFacts) -> Step:
    """Return the next step; asking for one more run is a step, so the answer is final only when it is Land or Refusal."""
    look = facts.look
    if facts.head_now != look.head:
        return refusals.refuse_moved_head(facts)
    if facts.already:
        return Already(how=facts.already)
    waiting = [parent for parent in facts.parents if not parent.landed]
    if waiting:
        return refusals.refuse_for_parents(waiting)
    if look.conflicts:
        return refusals.refuse_conflict(facts)
    if look.result_tree is None or look.change is None:
        return refusals.refuse_unknown_content(look)
    if look.tests_configured and look.run is None:
        return NeedRun(tree=Tree.RESULT) if facts.may_run else refusals.refuse_without_run(look)
    if look.run is not None and not _forced(facts):
        blocked = _judge_run(facts, look.run)
        if blocked is not None:
            return blocked
    if look.verdict.outcome is Outcome.PASS:
        return Land()
    return refusals.refuse_verdict(facts)


def _forced(facts: LandFacts) -> bool:
    """Break-glass goes past named rules; whether that is enough is the verdict's to say, and it is marked FORCED."""
    return facts.look.forced and facts.look.verdict.outcome is Outcome.PASS


def _judge_run(facts: LandFacts, run: TreeRun) -> Step | None:
    """Return what keeps the run of the result tree from being a pass, or None when it is one."""
    match run.outcome:
        case RunOutcome.PASSED:
            return None
        case RunOutcome.FAILED:
            return _diagnose(facts, run)
        case RunOutcome.TIMEOUT | RunOutcome.INFRA | RunOutcome.NOT_RUN:
            return refusals.refuse_silent_run(run, Tree.RESULT)


def _diagnose(facts: LandFacts, run: TreeRun) -> Step | None:
    """Find out whose failure it is: first whether the base is red, then whether it was a flake, then with whom."""
    if facts.tip_run is None:
        return NeedRun(tree=Tree.TIP) if facts.may_run else refusals.refuse_undiagnosed(facts, run)
    if facts.tip_run.outcome is RunOutcome.FAILED:
        return refusals.refuse_red_base(facts, facts.tip_run)
    if facts.tip_run.outcome is not RunOutcome.PASSED:
        return refusals.refuse_silent_run(facts.tip_run, Tree.TIP)
    if facts.again is None:
        return NeedRun(tree=Tree.AGAIN) if facts.may_run else refusals.refuse_undiagnosed(facts, run)
    if facts.again.outcome is RunOutcome.PASSED:
        return None
    if facts.again.outcome is not RunOutcome.FAILED:
        return refusals.refuse_silent_run(facts.again, Tree.AGAIN)
    if run.failed and facts.again.failed and not set(run.failed) & set(facts.again.failed):
        return refusals.refuse_flakes(facts, run, facts.again)
    return _blame(facts, run, facts.again, facts.tip_run)


def _blame(facts: LandFacts, run: TreeRun, again: TreeRun, tip_run: TreeRun) -> Step:
    """Name the change, or the pair: base passes, base and change fail twice."""
    look = facts.look
    if look.merge_base is None or look.merge_base == look.tip:
        return refusals.refuse_own_failure(facts, (run, again, tip_run), alone=None)
    if facts.alone_run is None:
        return NeedRun(tree=Tree.ALONE)
    if facts.alone_run.outcome is not RunOutcome.PASSED:
        return refusals.refuse_own_failure(facts, (run, again, tip_run), alone=facts.alone_run)
    if facts.suspects is None:
        return NeedSuspects()
    return refusals.refuse_pair(facts, (run, again, tip_run, facts.alone_run), facts.suspects)


def final(step: Step) -> bool:
    """Tell whether a step ends the deciding."""
    return isinstance(step, Land | Already | Refusal)
