"""Finds out whose failure it is before anybody is sent back, and says so with the evidence."""

from release_harness.kernel.digests import CommitId, TreeId
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import record
from release_harness.steps.merge.flow.queue.leaving import already_there, dequeue, send_back
from release_harness.steps.merge.flow.queue.needs import QueueGate, QueueNeeds
from release_harness.steps.merge.flow.queue.seeing import Kept, Seen
from release_harness.steps.merge.flow.queue.view import View, read_view, verdicts_on
from release_harness.steps.merge.flow.records import name_changes
from release_harness.steps.merge.lander import may_blame
from release_harness.steps.merge.model import (
    Culprit,
    LandFacts,
    Refusal,
    RunOutcome,
    Suspects,
    Tree,
    TreeRun,
)
from release_harness.steps.merge.model.landing import BlameClaim, Candidate
from release_harness.steps.merge.model.queued import EntryState, GateTerms, QueueEntry, QueueSettings, Refused
from release_harness.steps.merge.rules import refusals
from release_harness.steps.merge.rules.queue import Standing

_MOST_SUSPECTS = 32
_WANTED = 2


@record
class Probe:
    """A change on the commit that it began at: it tells its own failure from one that comes of what landed since."""

    entry: QueueEntry
    base: CommitId
    tree: TreeId
    terms: GateTerms
    again: bool = False


@record
class Objected:
    """Why a change is not sent back."""

    says: str


def failures_wanted(settings: QueueSettings) -> int:
    """Return how often a tree has to fail before one change is blamed for it."""
    return _WANTED if settings.flake_ratio > 0 else 1


def probes_wanted(needs: QueueNeeds, gate: QueueGate, view: View, seen: Seen, kept: Kept) -> tuple[Probe, ...]:
    """Return the changes that fail on a tip that passes, and of which nobody knows whether they ever passed alone."""
    if seen.standings[frozenset()] is not Standing.PASSED:
        return ()
    present = view.by_number()
    found = []
    for members, standing in seen.standings.items():
        if len(members) != 1 or standing is not Standing.FAILED:
            continue
        (number,) = members
        probe = _probe_of(needs, gate, view, present[number], kept)
        if probe is None:
            continue
        outcomes = _outcomes(needs, probe)
        if not any(each in (RunOutcome.PASSED, RunOutcome.FAILED) for each in outcomes) and len(outcomes) < _WANTED:
            found.append(
                Probe(entry=probe.entry, base=probe.base, tree=probe.tree, terms=probe.terms, again=bool(outcomes))
            )
    return tuple(found)


def refuse_change(
    needs: QueueNeeds, gate: QueueGate, view: View, seen: Seen, kept: Kept, number: int, settings: QueueSettings
) -> Refused | Objected:
    """Send a change back, if the lander grants it."""
    entry = view.by_number()[number]
    unmergeable = kept.unmergeable.get((view.tip, number))
    if unmergeable is not None and unmergeable.link is not None and unmergeable.link.empty:
        return dequeue(needs, entry, already_there(entry, view.place), EntryState.LANDED)
    look = gate.look(entry.asked.head, view.tip, view.place, entry.asked.source)
    facts = LandFacts(place=view.place, look=look, head_now=view.heads[number])
    if unmergeable is not None:
        refusal = refusals.refuse_conflict(facts) if look.conflicts else refusals.refuse_unknown_content(look)
        return send_back(needs, view.place, entry, look, refusal)
    members = frozenset((number,))
    tree = seen.trees[members]
    runs = _runs(needs, tree, view.terms)
    if seen.standings[members] is Standing.SILENT:
        return send_back(needs, view.place, entry, look, refusals.refuse_silent_run(runs[-1], Tree.RESULT))
    still = read_view(needs, view.place, view.tip, view.terms)
    claim = BlameClaim(
        candidate=Candidate(
            number=number,
            head=entry.asked.head,
            head_now=view.heads[number],
            waits=number in still.by_number(),
            may_pass=False,
        ),
        base=seen.trees[frozenset()],
        tree=tree,
        gate=view.terms.gate,
        environment=view.terms.environment,
        verdicts=(*seen.verdicts.get(seen.trees[frozenset()], ()), *seen.verdicts.get(tree, ())),
        failures_wanted_count=failures_wanted(settings),
    )
    granted = may_blame(claim)
    if not granted.given:
        return Objected(says="; ".join(each.says for each in granted.objections))
    return send_back(needs, view.place, entry, look, _own_or_shared(needs, gate, view, seen, kept, entry, facts))


def _own_or_shared(
    needs: QueueNeeds, gate: QueueGate, view: View, seen: Seen, kept: Kept, entry: QueueEntry, facts: LandFacts
) -> Refusal:
    """Tell a failure of its own from one together with what landed since it was begun."""
    tip_runs = _runs(needs, seen.trees[frozenset()], view.terms)
    failing = [each for each in _runs(needs, seen.trees[frozenset((entry.number,))], view.terms) if _failed(each)]
    runs = (*failing, *tip_runs[-1:])
    probe = _probe_of(needs, gate, view, entry, kept)
    alone = _runs(needs, probe.tree, probe.terms) if probe is not None else ()
    if probe is None or not alone or alone[-1].outcome is not RunOutcome.PASSED:
        return refusals.refuse_own_failure(facts, runs, alone[-1] if alone else None)
    landed = needs.landing.first_parents(probe.base, view.tip, _MOST_SUSPECTS)
    found = tuple(Culprit(commit=each.commit, subject=show_text(each.subject)) for each in landed)
    suspects = name_changes(needs, Suspects(found=found, exact=len(found) == 1))
    return refusals.refuse_pair(facts, (*runs, alone[-1]), suspects)


def _probe_of(needs: QueueNeeds, gate: QueueGate, view: View, entry: QueueEntry, kept: Kept) -> Probe | None:
    bases = needs.repository.merge_bases(view.tip, entry.asked.head)
    if len(bases) != 1 or bases[0] == view.tip:
        return None
    tree = kept.chains.tree_of(entry.asked.head)
    return Probe(entry=entry, base=bases[0], tree=tree, terms=gate.terms(bases[0], view.place))


def _outcomes(needs: QueueNeeds, probe: Probe) -> tuple[RunOutcome, ...]:
    return tuple(
        each.outcome
        for each in verdicts_on(needs, {probe.tree})
        if each.gate == probe.terms.gate and each.environment == probe.terms.environment
    )


def _runs(needs: QueueNeeds, tree: TreeId, terms: GateTerms) -> tuple[TreeRun, ...]:
    """Return what the runs of a tree said under these terms, oldest first."""
    ledger = needs.ledger.existing()
    if ledger is None:
        return ()
    from release_harness.steps.merge import store

    with ledger.read() as connection:
        rows = store.runs.runs_of_tree(connection, tree)
    wanted = [each for each in rows if each.order.environment == terms.environment and each.answer is not None]
    return tuple(
        TreeRun(
            tree=tree,
            outcome=one.outcome,
            evidence=answer.evidence,
            says=answer.says,
            failed=answer.failed,
            took_seconds=answer.took_seconds,
        )
        for each in wanted
        if (answer := each.answer) is not None
        for one in answer.answers
        if one.gate == terms.gate
    )


def _failed(run: TreeRun) -> bool:
    return run.outcome is RunOutcome.FAILED
