"""`rh eval impact`: how good the engine is on this repository."""

from dataclasses import field
from typing import TYPE_CHECKING

from release_harness.kernel.errors import NotFound
from release_harness.kernel.operations import AnyOperation, Effect, Operation, argument, option
from release_harness.kernel.records import record
from release_harness.steps.evidence.model.evaluation import ImpactEvaluation
from release_harness.steps.evidence.render.evaluation import evaluation_text

if TYPE_CHECKING:
    from release_harness.kernel.digests import CommitId
    from release_harness.steps.evidence.flow.evaluation import EvaluationNeeds


@record
class EvaluationInput:
    """What is measured."""

    revision: str = field(
        default="", metadata=argument("Commit that is measured; HEAD when nothing is named.", metavar="[REV]")
    )
    trace: tuple[str, ...] = field(
        default=(), metadata=option("Trace map of exactly this commit: the truth. Repeatable.", metavar="FILE")
    )
    faults: int = field(default=0, metadata=option("Plant up to so many faults of each kind."))
    mutants: int = field(
        default=0,
        metadata=option("Break so many functions, and run all tests for each: do failing tests count as relevant?"),
    )
    commits: int = field(default=0, metadata=option("Replay so many of the newest landings."))


def evaluate_impact(needs: "EvaluationNeeds", request: EvaluationInput) -> ImpactEvaluation:
    """Measure the engine on a commit."""
    from release_harness.steps.evidence.flow.evaluation import Trials, evaluate

    name = request.revision or "HEAD"
    commit = needs.repository.resolve([name]).get(name)
    if commit is None:
        raise NotFound(
            code="REVISION_UNKNOWN",
            says=f"{name} is not a commit of this repository.",
            hint="`git log` lists the commits that exist.",
            subject=name,
        )
    trials = Trials(
        traces=request.trace,
        faults_count=max(request.faults, 0),
        mutants_count=max(request.mutants, 0),
        commits=_landings(needs, commit, max(request.commits, 0)),
    )
    return evaluate(needs, commit, trials)


def _landings(needs: "EvaluationNeeds", commit: "CommitId", count: int) -> tuple["CommitId", ...]:
    """Return the newest commits of the first-parent line that have a parent here."""
    found: list[CommitId] = []
    while len(found) < count:
        parents = needs.repository.parents_of(commit)
        if not parents:
            break
        found.append(commit)
        commit = parents[0]
    return tuple(found)


OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        name="eval impact",
        summary="Measure on this repository how often the impact engine is right: recall, always beside precision.",
        example="rh eval impact --faults 20 --commits 50",
        schema="rh.eval-impact/1",
        input=EvaluationInput,
        output=ImpactEvaluation,
        handler=evaluate_impact,
        effect=Effect.READ,
        text=evaluation_text,
        details="A trace of the tests is the truth: which functions ran under which entry points. The graph is compared with it "
        "beside two baselines, the closure of imports and the same file. Faults are planted in memory, one at a time. "
        "Replayed landings show what would have been blocked.",
    ),
)
