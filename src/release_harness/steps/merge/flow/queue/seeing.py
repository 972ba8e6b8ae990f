"""Makes the snapshot that a planner sees: what was said of trees, as far as it is about the present tip."""

from collections.abc import Mapping, Sequence

from release_harness.kernel.digests import CommitId, TreeId
from release_harness.kernel.records import record
from release_harness.kernel.time import to_milliseconds
from release_harness.steps.merge.flow.queue.chain import Chain, Chains
from release_harness.steps.merge.flow.queue.needs import QueueLands
from release_harness.steps.merge.flow.queue.view import View, verdicts_on
from release_harness.steps.merge.model import RunOutcome
from release_harness.steps.merge.model.landing import Verdict
from release_harness.steps.merge.model.queue import Members, Running, Snapshot, Waiting
from release_harness.steps.merge.model.queued import GateTerms, QueueEntry, QueueRun, QueueSettings
from release_harness.steps.merge.plan.known import after_landing, never_commutes
from release_harness.steps.merge.plan.retries import FlakePolicy
from release_harness.steps.merge.rules.queue import Standing, keep_apart, standing_of

TIP: Members = frozenset()


class Kept:
    """What is remembered from one look to the next; losing it costs time and nothing else."""

    def __init__(self, needs: QueueLands) -> None:
        """Nothing is remembered yet."""
        self.chains = Chains(needs)
        self.apart: dict[int, frozenset[int]] = {}
        """Earlier changes that a change was found not to go with in one run."""
        self.unmergeable: dict[tuple[CommitId, int], Chain] = {}
        self.asked: dict[CommitId, set[Members]] = {}
        """Sets whose tree was found to be known already, by tip."""
        self.probing: frozenset[int] = frozenset()
        """Changes whose own tree is being tested, to tell whose failure it is."""

        self.outdated: dict[TreeId, int] = {}
        """How many answers about a tree do not count any more, since their evidence is too old."""

    def keep_apart(self, number: int, others: frozenset[int]) -> None:
        """Remember that a change waits for others."""
        self.apart[number] = self.apart.get(number, frozenset()) | others


@record
class Seen:
    """A snapshot, and the trees that it is about."""

    snapshot: Snapshot
    trees: Mapping[Members, TreeId]
    verdicts: Mapping[TreeId, tuple[Verdict, ...]]
    standings: Mapping[Members, Standing]

    def outcomes(self, tree: TreeId, terms: GateTerms) -> tuple[RunOutcome, ...]:
        """Return what was said of a tree under these terms, oldest first."""
        return outcomes_of(self.verdicts.get(tree, ()), terms)


def see(needs: QueueLands, view: View, kept: Kept, settings: QueueSettings, runners_count: int) -> Seen:
    """Put together what a planner may know."""
    policy = FlakePolicy(flake_ratio=settings.flake_ratio)
    tip_tree = kept.chains.tree_of(view.tip)
    trees = {TIP: tip_tree, **_known_sets(view, kept)}
    verdicts = _by_tree(verdicts_on(needs, set(trees.values())))
    standings = {
        members: standing_of(
            outcomes_of(verdicts.get(tree, ())[kept.outdated.get(tree, 0) :], view.terms),
            [settings.pass_ratio] * len(members),
            policy,
        )
        for members, tree in trees.items()
    }
    numbers = view.by_number()
    found = {each: frozenset(m for m, standing in standings.items() if m and standing is each) for each in Standing}
    failed = found[Standing.FAILED] | found[Standing.SILENT]
    return Seen(
        snapshot=Snapshot(
            now_seconds=to_milliseconds(view.now) / 1000,
            waiting=waiting_of(view, kept, settings),
            runners_count=runners_count,
            running=tuple(_running(each, view, kept) for each in view.open if not is_probe(each, view.tip)),
            passed=found[Standing.PASSED],
            failed=failed - {frozenset((number,)) for number in kept.probing},
            once_more=found[Standing.DOUBTED] | ({TIP} if standings[TIP] is Standing.DOUBTED else frozenset()),
            merge_conflicts=frozenset(
                frozenset((number,)) for tip, number in kept.unmergeable if tip == view.tip and number in numbers
            ),
            tip_passed={Standing.PASSED: True, Standing.FAILED: False}.get(standings[TIP]),
        ),
        trees=trees,
        verdicts=verdicts,
        standings=standings,
    )


def waiting_of(view: View, kept: Kept, settings: QueueSettings) -> tuple[Waiting, ...]:
    """Return the waiting changes as a planner sees them."""
    present = view.by_number()
    apart = keep_apart(view.waiting)
    return tuple(
        Waiting(
            number=each.number,
            arrived_at_seconds=to_milliseconds(each.queued_at) / 1000,
            pass_ratio=settings.pass_ratio,
            needs=frozenset(number for number in each.asked.needs if number in present),
            apart_from=(apart[each.number] | kept.apart.get(each.number, frozenset())) & present.keys(),
            priority=each.asked.priority + (_EMERGENCY if each.asked.emergency else 0),
            overtaken_count=each.overtaken_count,
            held=view.held(each)
            or ("its own tree is tested, to tell whose failure it is" if each.number in kept.probing else ""),
        )
        for each in view.waiting
    )


_EMERGENCY = 1_000_000
"""An emergency goes before every priority."""


def is_probe(run: QueueRun, tip: CommitId) -> bool:
    """Tell whether a run tests a change on the commit that it began at, and not what would land."""
    return not run.order.members and run.order.commit not in (tip, run.order.tip)


def rest_of(run: QueueRun, view: View) -> Members | None:
    """Return the changes of a run that still wait, when all the others landed; None when it says nothing any more."""
    members = frozenset(each.number for each in run.order.members)
    present = view.by_number()
    gone = members - present.keys()
    if not all(view.has_landed(number) for number in gone):
        return None
    if any(present[each.number].asked.head != each.head for each in run.order.members if each.number in present):
        return None
    return after_landing(members, gone, never_commutes) if gone else members


def outcomes_of(verdicts: Sequence[Verdict], terms: GateTerms) -> tuple[RunOutcome, ...]:
    """Return the outcomes under these terms, oldest first."""
    return tuple(each.outcome for each in verdicts if each.gate == terms.gate and each.environment == terms.environment)


def entries_in(members: Members, present: Mapping[int, QueueEntry]) -> tuple[QueueEntry, ...]:
    """Return the entries of a set in the order of their numbers."""
    return tuple(present[number] for number in sorted(members))


def _known_sets(view: View, kept: Kept) -> dict[Members, TreeId]:
    """Return the sets that something was said of, each with its tree on this tip.

    Whether a result of an earlier tip holds is told by the tree alone: with what is left of its changes, this tip gives
    exactly the tree that was tested, or the result says nothing.
    """
    present = view.by_number()
    sets = {rest: run.order.tree for run in view.ended if (rest := rest_of(run, view))}
    found: dict[Members, TreeId] = {}
    for members in {*sets, *(each for each in kept.asked.get(view.tip, ()) if each <= present.keys())}:
        chain = kept.chains.of(view.tip, entries_in(members, present))
        if chain.whole:
            found[members] = chain.tree
    return found


def _running(run: QueueRun, view: View, kept: Kept) -> Running:
    rest = rest_of(run, view)
    members = frozenset(each.number for each in run.order.members)
    holds = run.order.commit == view.tip if not members else False
    if rest:
        chain = kept.chains.of(view.tip, entries_in(rest, view.by_number()))
        holds = chain.whole and chain.tree == run.order.tree and run.order.gate == view.terms.gate
    return Running(
        id=run.id,
        members=(rest or members) if holds else members,
        started_at_seconds=to_milliseconds(run.began_at) / 1000,
        holds=holds,
    )


def _by_tree(verdicts: Sequence[Verdict]) -> dict[TreeId, tuple[Verdict, ...]]:
    found: dict[TreeId, tuple[Verdict, ...]] = {}
    for each in verdicts:
        found[each.tree] = (*found.get(each.tree, ()), each)
    return found
