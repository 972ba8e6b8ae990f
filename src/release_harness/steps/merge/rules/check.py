"""The last look before the branch moves: small, and independent of what decided."""

from release_harness.kernel.digests import CommitId, TreeId
from release_harness.kernel.errors import Bug
from release_harness.kernel.verdict import Outcome
from release_harness.steps.merge.model import Draft, LandFacts, RunOutcome


def check_draft(facts: LandFacts, draft: Draft, *, tree: TreeId, first_parent: CommitId) -> None:
    """Raise Bug unless the commit holds exactly the judged and tested tree on exactly the tip.

    `tree` and `first_parent` are read back from the made commit (for a rebase: the tip that it stands on).
    """
    look = facts.look
    run = facts.again if facts.again is not None and facts.again.outcome is RunOutcome.PASSED else look.run
    broken = {
        "the verdict is not a pass": look.verdict.outcome is not Outcome.PASS,
        "the commit holds another tree than was judged": tree != look.result_tree or draft.tree != look.result_tree,
        "the commit does not stand on the tip": first_parent != look.tip or draft.tip != look.tip,
        "the head is not the one that was judged": draft.head != look.head or facts.head_now != look.head,
        "the tests did not pass on this tree": not look.forced
        and (run is not None or look.tests_configured)
        and (run is None or run.tree != look.result_tree or run.outcome is not RunOutcome.PASSED),
    }
    found = [says for says, is_broken in broken.items() if is_broken]
    if found:
        raise Bug(
            code="LANDING_UNPROVEN",
            says=f"The landing was stopped: {'; '.join(found)}.",
            hint="Nothing was moved. Report this with the output of `rh why`.",
            subject=look.head,
        )
