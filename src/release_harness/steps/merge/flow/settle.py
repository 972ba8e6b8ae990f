"""Decides what becomes of a change on one tip, and finds out whatever has to be known for it."""

from dataclasses import replace

from release_harness.kernel.digests import CommitId
from release_harness.kernel.errors import Bug
from release_harness.steps.merge.flow import records
from release_harness.steps.merge.flow.job import Job
from release_harness.steps.merge.flow.needs import Gate, LandNeeds
from release_harness.steps.merge.flow.suspects import find_suspects
from release_harness.steps.merge.model import Land, LandFacts, Look, NeedRun, NeedSuspects, RunOutcome, Step, Tree
from release_harness.steps.merge.rules import decide

_MOST_STEPS = 12


def look_facts(needs: LandNeeds, job: Job, look: Look) -> LandFacts:
    """Gather what decides beside the look itself."""
    return LandFacts(
        place=job.place,
        look=look,
        head_now=needs.landing.commit_of(job.order.revision),
        already=_already_there(needs, look),
        may_run=job.order.may_run,
        parents=records.look_up_parents(needs, job.place, look),
    )


def settle(needs: LandNeeds, gate: Gate, job: Job, tip: CommitId) -> tuple[LandFacts, Step, tuple[str, ...]]:
    """Decide, find out what is asked for, and decide again, until there is a final step."""
    facts = look_facts(needs, job, gate.look(job.head, tip, job.place, job.branch))
    needs.boundaries.reach("examined")
    flaky: tuple[str, ...] = ()
    for _ in range(_MOST_STEPS):
        step = decide(facts)
        if isinstance(step, NeedRun):
            facts, more = _run(needs, gate, job, facts, step.tree)
            flaky = (*flaky, *more)
        elif isinstance(step, NeedSuspects):
            facts = replace(facts, suspects=find_suspects(needs, gate, facts.look, job.place))
        else:
            if isinstance(step, Land):
                facts = replace(facts, head_now=needs.landing.commit_of(job.order.revision))
                step = decide(facts)
            return facts, step, flaky
    raise Bug(code="LANDING_UNSETTLED", says="The landing asks for one thing again and again.", hint="Report this.")


def _run(needs: LandNeeds, gate: Gate, job: Job, facts: LandFacts, tree: Tree) -> tuple[LandFacts, tuple[str, ...]]:
    """Run the tests on the tree that is asked for, and add what they say."""
    look = facts.look
    needs.progress.say(f"Running the tests on {tree.value} ({look.tip[:12]}).")
    if tree is Tree.TIP:
        return replace(facts, tip_run=gate.run(look.tip, look.tip, job.place, anew=False)), ()
    if tree is Tree.ALONE:
        base = look.merge_base or look.tip
        return replace(facts, alone_run=gate.run(look.head, base, job.place, anew=False)), ()
    run = gate.run(look.head, look.tip, job.place, anew=True)
    if tree is Tree.AGAIN and run.outcome is not RunOutcome.PASSED:
        return replace(facts, again=run), ()
    flaky = look.run.failed if tree is Tree.AGAIN and look.run is not None else ()
    fresh = gate.look(job.head, look.tip, job.place, job.branch)
    # What a run just said counts even where the examination does not repeat it.
    return replace(facts, look=replace(fresh, run=run)), flaky


def _already_there(needs: LandNeeds, look: Look) -> str:
    if needs.landing.is_ancestor(look.head, look.tip):
        return "the branch contains the commit"
    if look.result_tree is not None and look.result_tree == needs.landing.tree_of(look.tip):
        return "the branch holds the same content"
    return ""
