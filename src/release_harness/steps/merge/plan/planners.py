"""The planners by name, with the set-up that each is known for."""

from collections.abc import Callable, Mapping

from release_harness.kernel.records import record
from release_harness.steps.merge.model.queue import Memory, Options, Proposal, Snapshot
from release_harness.steps.merge.plan import bors, pcut, prefix, probation, scout, submitqueue, tide


@record
class Planner:
    """One way to decide what to test next."""

    name: str
    summary: str
    plan: Callable[[Snapshot, Options, Memory], Proposal]
    options: Options = Options()
    forgets: bool = False
    """True for a product that finds out again what it knew before its last decision."""
    probes: bool = False
    """True when a run of one change is worth finishing after the tip has moved."""
    probes_groups: bool = False
    """True when that holds for any run."""
    one_by_one: bool = False
    """True when only the newest change of a run ever lands by it, unless the options say otherwise."""
    keeps_order: bool = True
    """True when nothing ever lands before something that arrived earlier, except what is held."""

    def lands_one_by_one(self, options: Options) -> bool:
        """Tell whether that holds with these options: batches and a failure depth land several at once."""
        return self.one_by_one and prefix.lands_one_by_one(options)


PLANNERS: Mapping[str, Planner] = {
    each.name: each
    for each in (
        Planner(name="serial", summary="One change at a time, in order.", plan=bors.plan_serial),
        Planner(
            name="pcut",
            summary="Prefixes that split the probability evenly; the largest that passes lands.",
            plan=pcut.plan,
        ),
        Planner(
            name="scout",
            summary="Cuts, and beside them groups that are tried ahead; suspects are set aside until it is known who it was.",
            plan=scout.plan,
            probes=True,
            probes_groups=True,
            keeps_order=False,
        ),
        Planner(
            name="probation",
            summary="A risky change passes alone first; what passes lands with all it contains.",
            plan=probation.plan,
            probes=True,
            keeps_order=False,
        ),
        Planner(
            name="prefix",
            summary="Each change on all that is ahead of it (GitHub, GitLab, Zuul).",
            plan=prefix.plan,
            one_by_one=True,
        ),
        Planner(
            name="bors",
            summary="One batch at a time, halved on failure (bors-ng).",
            plan=bors.plan,
            options=Options(batch_count=4),
            forgets=True,
        ),
        Planner(
            name="tide",
            summary="One batch and one single beside it, no bisection (Prow).",
            plan=tide.plan,
            options=Options(batch_count=4),
            forgets=True,
        ),
        Planner(
            name="submitqueue",
            summary="The likeliest outcomes of all that is ahead, best first (Uber).",
            plan=submitqueue.plan,
            one_by_one=True,
        ),
        Planner(
            name="speculate-all",
            summary="Every outcome as likely as not.",
            plan=submitqueue.plan_all,
            one_by_one=True,
        ),
    )
}
