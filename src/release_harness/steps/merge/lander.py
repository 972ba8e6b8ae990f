"""The lander: judges what a planner proposes against the invariants of exactly-tested landing; small, pure, trusts nobody.

A planner, a scorer and an analyser only propose. Nothing moves, nobody is sent back and no run is stopped without an
answer from here (references: the invariants 1 to 12 of exactly-tested landing; the split is SubmitQueue's).
"""

from collections.abc import Iterable, Iterator

from release_harness.kernel.digests import Sha256, TreeId
from release_harness.steps.merge.model import RunOutcome
from release_harness.steps.merge.model.landing import (
    BlameClaim,
    Candidate,
    Granted,
    Invariant,
    LandingClaim,
    Objection,
    Verdict,
)
from release_harness.steps.merge.model.queue import Members, Running

EXACT, COMMUTING = "exact", "commuting"


def may_land(claim: LandingClaim) -> Granted:
    """Answer whether exactly this tree may become the branch, and by which proof."""
    proof = _proof_of(claim)
    objections = (
        *_against_base(claim),
        *_against_candidates(claim.candidates),
        *_against_order(claim),
        *_against_tree(claim, proof),
    )
    return Granted(objections=objections, proof="" if objections else proof)


def may_blame(claim: BlameClaim) -> Granted:
    """Answer whether a change may be sent back as failing: the base passes, and the base with it fails, by one gate."""
    objections = [*_against_end(claim.candidate)]
    tree = _outcomes(claim, claim.tree)
    if not _passed(claim.verdicts, claim.base, claim.gate, claim.environment):
        objections.append(_objection(Invariant.PROVEN_BLAME, "the base is not known to pass", claim.candidate.number))
    if RunOutcome.PASSED in tree:
        objections.append(_objection(Invariant.PROVEN_BLAME, "its tree has passed", claim.candidate.number))
    failures = sum(1 for each in tree if each is RunOutcome.FAILED)
    wanted = max(1, claim.failures_wanted_count)
    if failures < wanted:
        says = f"its tree has failed {failures} times, and {wanted} are wanted"
        objections.append(_objection(Invariant.PROVEN_BLAME, says, claim.candidate.number))
    return Granted(objections=tuple(objections), proof="" if objections else EXACT)


def may_start(running_count: int, runners_count: int) -> Granted:
    """Answer whether one more run may begin; runs that are being stopped still count."""
    if running_count < runners_count:
        return Granted()
    says = f"{running_count} of {runners_count} runners are taken"
    return Granted(objections=(_objection(Invariant.BUDGET, says),))


def may_stop(run: Running, waiting: Members, refuted: Iterable[Members], *, urgent: bool = False) -> Granted:
    """Answer whether a run may be stopped: only when its result can be of no use any more, or for an emergency."""
    gone = run.members - waiting
    useless = bool(gone) or not run.holds or any(each and each <= run.members for each in refuted)
    if useless or urgent:
        return Granted()
    says = f"everything that run {run.id} assumes still holds"
    return Granted(objections=(_objection(Invariant.NO_WASTE, says, *sorted(run.members)),))


def _against_base(claim: LandingClaim) -> Iterator[Objection]:
    if claim.tip != claim.tip_now:
        yield _objection(Invariant.TESTED_BASE, f"the branch stands at {claim.tip_now[:12]} by now")
    if not claim.candidates:
        yield _objection(Invariant.ONCE, "there is nothing to land")


def _against_candidates(candidates: tuple[Candidate, ...]) -> Iterator[Objection]:
    """Check each change in the order in which it would land."""
    before: set[int] = set()
    for each in candidates:
        yield from _against_end(each)
        if each.head_now != each.head:
            yield _objection(Invariant.APPROVED_HEAD, "its branch has moved since it was queued", each.number)
        if not each.may_pass:
            yield _objection(Invariant.APPROVED_HEAD, "the policy does not pass for this content", each.number)
        if each.on_branch:
            yield _objection(Invariant.ONCE, "its content is on the branch already", each.number)
        if each.number in before:
            yield _objection(Invariant.ONCE, "it is named twice", each.number)
        if not each.needs <= before:
            missing = ", ".join(str(number) for number in sorted(each.needs - before))
            yield _objection(Invariant.PARENTS_FIRST, f"it needs {missing}", each.number)
        if each.held and not each.emergency:
            yield _objection(Invariant.FREEZE, each.held, each.number)
        before.add(each.number)


def _against_end(candidate: Candidate) -> Iterator[Objection]:
    if not candidate.waits:
        yield _objection(Invariant.ONE_END, "it has an end already", candidate.number)


def _against_order(claim: LandingClaim) -> Iterator[Objection]:
    """Check that nobody who waits is overtaken too often; an emergency overtakes everybody."""
    if all(each.emergency for each in claim.candidates):
        return
    for behind in claim.behind:
        passing = sum(1 for each in claim.candidates if each.number > behind.number and not each.emergency)
        count = behind.count + passing
        if passing and not behind.held and count > claim.most_overtakes_count:
            says = f"it would have been overtaken {count} times, {claim.most_overtakes_count} at most"
            yield _objection(Invariant.BOUNDED_WAIT, says, behind.number)


def _against_tree(claim: LandingClaim, proof: str) -> Iterator[Objection]:
    if not proof:
        yield _objection(Invariant.TESTED_TREE, f"no stored pass for the tree {claim.tree[:12]} by the gate of the tip")
    if claim.gate_after != claim.gate and not _passed(claim.verdicts, claim.tree, claim.gate_after, claim.environment):
        yield _objection(Invariant.OLD_GATE_FIRST, "the gate that it brings has not passed on its tree")


def _proof_of(claim: LandingClaim) -> str:
    """Return by which proof the tree passes; a failure that came after a pass takes the proof away again."""
    if _passed(claim.verdicts, claim.tree, claim.gate, claim.environment):
        return EXACT
    if any(each.tree == claim.tree and each.outcome is RunOutcome.FAILED for each in claim.verdicts):
        return ""
    earlier = claim.commutes_from
    holds = claim.commutes and earlier and all(_counts(each, claim.gate, claim.environment) for each in earlier)
    return COMMUTING if holds and claim.gate_after == claim.gate else ""


def _counts(verdict: Verdict, gate: Sha256, environment: Sha256) -> bool:
    return verdict.outcome is RunOutcome.PASSED and verdict.gate == gate and verdict.environment == environment


def _passed(verdicts: Iterable[Verdict], tree: TreeId, gate: Sha256, environment: Sha256) -> bool:
    """Tell whether exactly this tree is known to pass; of several answers the last one counts."""
    found = [each for each in verdicts if (each.tree, each.gate, each.environment) == (tree, gate, environment)]
    spoken = [each.outcome for each in found if each.outcome in (RunOutcome.PASSED, RunOutcome.FAILED)]
    return bool(spoken) and spoken[-1] is RunOutcome.PASSED


def _outcomes(claim: BlameClaim, tree: TreeId) -> list[RunOutcome]:
    wanted = (tree, claim.gate, claim.environment)
    return [each.outcome for each in claim.verdicts if (each.tree, each.gate, each.environment) == wanted]


def _objection(invariant: Invariant, says: str, *numbers: int) -> Objection:
    return Objection(invariant=invariant, says=says, numbers=numbers)
