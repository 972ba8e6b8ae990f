"""Measures the engine on a repository: what tests walked is the truth, planted faults and past landings are the trial."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from release_harness.kernel.digests import CommitId
from release_harness.kernel.errors import InputError
from release_harness.steps.changes.model import ChangeSpec
from release_harness.steps.evidence.flow.impact import ImpactNeeds, Words, declared_entries, side_for
from release_harness.steps.evidence.model.evaluation import (
    AccuracyRow,
    DiscoveryRow,
    FaultRow,
    ImpactEvaluation,
    MutantsRow,
    ReplayRow,
)
from release_harness.steps.evidence.model.impact import GuardMove, ImpactAnswer, Wiring

if TYPE_CHECKING:
    from release_harness.kernel.time import Clock
    from release_harness.steps.changes.flow import ChangeNeeds
    from release_harness.steps.evidence.flow.needs import EvidenceRunNeeds
    from release_harness.steps.evidence.flow.tracing import TraceNeeds
    from release_harness.steps.evidence.impact.difference.side import SideView
    from release_harness.steps.evidence.impact.tree import TreeFacts
    from release_harness.steps.evidence.ports import EvidenceRepository
    from release_harness.steps.evidence.rules.walks import TraceView
    from release_harness.steps.project.flow import RulesNeeds
    from release_harness.steps.project.ports import TreeReader

    class EvaluationRepository(EvidenceRepository, TreeReader, Protocol):
        """What measuring reads from git."""

    class EvaluationNeeds(EvidenceRunNeeds, ImpactNeeds, TraceNeeds, ChangeNeeds, RulesNeeds, Protocol):
        """What measuring needs."""

        @property
        def repository(self) -> EvaluationRepository:
            """The repository."""
            ...

        @property
        def clock(self) -> Clock:
            """The clock."""
            ...


_MISSED_SHOWN_COUNT = 40
_BLOCKING = frozenset({Wiring.PHANTOM, Wiring.REGISTERED_NOT_MOUNTED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Trials:
    """What is measured."""

    traces: tuple[str, ...] = ()
    """Files of trace maps that were recorded on exactly this commit."""
    faults_count: int = 0
    """Faults of each kind that are planted; 0 for none."""
    mutants_count: int = 0
    """Functions that are broken, one run of all tests each."""
    commits: tuple[CommitId, ...] = ()
    """Landings that are replayed, each against its first parent."""


def evaluate(needs: "EvaluationNeeds", commit: CommitId, trials: Trials) -> ImpactEvaluation:
    """Measure discovery and accuracy against traces, detection of planted faults, and alarms on what landed."""
    declared = _declared(needs, commit)
    side = side_for(needs, commit, declared)
    discovery: DiscoveryRow | None = None
    accuracy: tuple[AccuracyRow, ...] = ()
    notes: tuple[str, ...] = ()
    if trials.traces:
        from release_harness.steps.evidence.flow.accuracy import measure_accuracy

        view = load_view(needs, side, trials.traces)
        discovery = walked_entries(view, len(side.entries))
        accuracy, notes = measure_accuracy(side, view)
    return ImpactEvaluation(
        commit=commit,
        files_count=side.tree.counts.files_count,
        entries_count=len(side.entries),
        discovery=discovery,
        accuracy=accuracy,
        faults=_faults(needs, commit, side, declared, trials.faults_count) if trials.faults_count else (),
        replay=_replay(needs, trials.commits),
        mutants=_mutants(needs, commit, trials.mutants_count) if trials.mutants_count else None,
        notes=notes,
    )


def load_view(needs: "EvaluationNeeds", side: "SideView", names: Sequence[str]) -> "TraceView":
    """Return what trace maps of exactly this content say; raises InputError when they are of another."""
    from release_harness.steps.evidence.model.trace import TraceMap
    from release_harness.steps.evidence.rules.walks import merge_maps, view_trace

    maps = []
    for name in names:
        parsed = needs.reports.parse(needs.reports.load(name))
        if not isinstance(parsed, TraceMap):
            raise InputError(
                code="NOT_A_TRACE_MAP",
                says=f"{name} is no trace map.",
                hint="`rh evidence run` records one; `--trace` takes the file that the tracer writes.",
            )
        maps.append(parsed)
    view = view_trace(merge_maps(maps), side.entries, side.tree.blobs)
    if not view.has_content:
        raise InputError(
            code="TRACE_OF_OTHER_CONTENT",
            says=f"None of the {view.files_count} files of the trace has the content that it has at this commit.",
            hint="Record the trace on exactly the commit that is measured.",
        )
    return view


def walked_entries(view: "TraceView", static_count: int) -> DiscoveryRow:
    """Return which entries of a trace were found; one that is named by its address alone may be anybody's, and is told apart."""
    missed = tuple(f"{each.kind} {each.name}" for each in view.unmapped if each.handler)
    return DiscoveryRow(
        walked_count=len(view.hits) + len(missed),
        found_count=len(view.hits),
        missed=missed[:_MISSED_SHOWN_COUNT],
        static_count=static_count,
        unplaced_count=sum(1 for each in view.unmapped if not each.handler and not each.raw),
    )


def _declared(needs: "EvaluationNeeds", commit: CommitId) -> Sequence[Mapping[str, Any]]:
    from release_harness.steps.project.flow import rules_for

    tree = needs.repository.tree_of(commit)
    return declared_entries(rules_for(needs, merge_base=commit, base=commit, result_tree=tree))


def _faults(
    needs: "EvaluationNeeds",
    commit: CommitId,
    side: "SideView",
    declared: Sequence[Mapping[str, Any]],
    count: int,
) -> tuple[FaultRow, ...]:
    from release_harness.steps.evidence.impact.evaluation.experiments import faults_of, sample, try_faults
    from release_harness.steps.evidence.impact.sides import view_side

    def link(tree: "TreeFacts") -> "SideView":
        words = Words(needs.tree_words, commit)
        return view_side(tree, words, declared=declared, cache=needs.facts_cache, spread=needs.workers.map)

    planted = faults_of(side, lambda path: needs.repository.read_file(commit, path))
    chosen = [sample(faults, count) for faults in planted.values() if faults]
    needs.progress.start("planting faults", sum(map(len, chosen)))
    rows = tuple(try_faults(side, faults, link, needs.progress.advance) for faults in chosen)
    needs.progress.finish()
    return rows


def _mutants(needs: "EvaluationNeeds", commit: CommitId, count: int) -> MutantsRow:
    from release_harness.steps.changes.flow import gather
    from release_harness.steps.evidence.flow.mutating import try_mutants
    from release_harness.steps.evidence.flow.testing import settings_for
    from release_harness.steps.project.flow import rules_for

    change = gather(needs, ChangeSpec(revision=f"{commit}..{commit}"))
    tree = needs.repository.tree_of(commit)
    rules = rules_for(needs, merge_base=commit, base=commit, result_tree=tree)
    settings = replace(settings_for(needs, change, rules.project), reruns_count=0)
    return try_mutants(needs, commit, tree, settings, count)


def _replay(needs: "EvaluationNeeds", commits: Sequence[CommitId]) -> tuple[ReplayRow, ...]:
    if not commits:
        return ()
    needs.progress.start("replaying landings", len(commits))
    rows = []
    for commit in commits:
        rows.append(_replay_one(needs, commit))
        needs.progress.advance()
    needs.progress.finish()
    return tuple(rows)


def _replay_one(needs: "EvaluationNeeds", commit: CommitId) -> ReplayRow:
    from release_harness.steps.changes.flow import gather
    from release_harness.steps.evidence.flow.impact import impact_for
    from release_harness.steps.project.flow import rules_for

    started = needs.clock.now()
    parents = needs.repository.parents_of(commit)
    change = gather(needs, ChangeSpec(revision=f"{parents[0]}..{commit}"))
    rules = rules_for(needs, merge_base=change.merge_base, base=change.base, result_tree=change.digests.result_tree)
    answer = impact_for(needs, change, rules)
    return ReplayRow(
        commit=commit,
        subject=change.title,
        affected_count=len(answer.affected),
        cross_cutting_count=len(answer.cross_cutting),
        seconds=(needs.clock.now() - started).total_seconds(),
        alarms=alarms_of(answer),
        unknown=answer.unknown,
    )


def alarms_of(answer: ImpactAnswer) -> tuple[str, ...]:
    """Return what would block the change, one line each."""
    wired = (f"{each.state.value}: {each.symbol}: {each.because}" for each in answer.wired if each.state in _BLOCKING)
    moves = {GuardMove.REMOVED, GuardMove.WEAKENED, GuardMove.UNKNOWN}
    guards = (
        f"guard {each.move.value}: {each.entry.key}: {each.because}" for each in answer.guards if each.move in moves
    )
    return (*wired, *guards)
