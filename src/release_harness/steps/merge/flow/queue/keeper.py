"""Keeps the queue: one look, one plan, and whatever the lander grants of it; called again, it goes on from the ledger."""

from release_harness.kernel.digests import CommitId
from release_harness.steps.merge.flow.act import recover
from release_harness.steps.merge.flow.place import current_tip
from release_harness.steps.merge.flow.queue.blaming import Objected, probes_wanted, refuse_change
from release_harness.steps.merge.flow.queue.chain import Chain
from release_harness.steps.merge.flow.queue.landing import Landed, land_set
from release_harness.steps.merge.flow.queue.leaving import (
    already_there,
    clean_up,
    dequeue,
    refuse_unbelieved,
    send_back,
)
from release_harness.steps.merge.flow.queue.needs import QueueGate, QueueNeeds
from release_harness.steps.merge.flow.queue.running import end_lost, is_useless, start_probe, start_set, stop_run
from release_harness.steps.merge.flow.queue.seeing import TIP, Kept, Seen, entries_in, is_probe, see
from release_harness.steps.merge.flow.queue.view import View, read_view
from release_harness.steps.merge.lander import may_stop
from release_harness.steps.merge.model import Already, Place, Refusal
from release_harness.steps.merge.model.queue import Members, Memory, Proposal
from release_harness.steps.merge.model.queued import EntryState, GateTerms, QueueRun, QueueSettings, Refused, Ticked
from release_harness.steps.merge.plan.planners import PLANNERS
from release_harness.steps.merge.rules.queue import Standing, who_shares

_MOST_ROUNDS = 200


class Keeper:
    """Keeps the queue of one branch; holds nothing that the ledger and git do not have, but what saves time."""

    def __init__(self, needs: QueueNeeds, gate: QueueGate, place: Place, settings: QueueSettings) -> None:
        """Nothing is read before the first tick."""
        self._needs, self._gate, self._place, self._settings = needs, gate, place, settings
        self._planner = PLANNERS[settings.planner]
        self._kept = Kept(needs)
        self._memory = Memory()
        self._terms: dict[CommitId, GateTerms] = {}
        self._notes: list[str] = []

    def resume(self) -> None:
        """Give up the runs of a keeper that is gone; their trees are run again when they are still wanted."""
        tip = current_tip(self._needs, self._place)
        for run in read_view(self._needs, self._place, tip, self._terms_of(tip)).open:
            stop_run(self._needs, run, "the keeper that began it is gone")

    def tick(self) -> Ticked:
        """Look, plan and act until there is nothing left to do at this moment."""
        done = Ticked(tip=CommitId(""), waiting_count=0, running_count=0)
        for _round in range(_MOST_ROUNDS):
            self._notes = []
            once = self._round()
            done = _joined(done, once)
            if not once.did_something:
                break
        return done

    def _round(self) -> Ticked:
        """Do what one snapshot asks for; what was done makes the next one."""
        lost = self._needs.runners.lost()
        recover(self._needs, self._place)
        tip = current_tip(self._needs, self._place)
        view = read_view(self._needs, self._place, tip, self._terms_of(tip))
        self._forget_ended(view)
        ended = end_lost(self._needs, view, lost)
        left = clean_up(self._needs, view)
        if ended or left:
            return self._told(view, refused=left, stopped=ended)
        seen = self._see(view)
        silent = tuple(n for n in sorted(view.by_number()) if seen.standings.get(frozenset((n,))) is Standing.SILENT)
        if silent:
            return self._reject(view, seen, silent)
        red = seen.snapshot.tip_passed is False
        proposal = self._planner.plan(seen.snapshot, self._planner.options, self._memory)
        self._memory = proposal.memory
        stopped = self._stop(view, seen, proposal)
        told = self._told(view, stopped=stopped, base_red=red)
        if proposal.land:
            return _joined(told, self._land(view, seen, proposal.land))
        if proposal.reject:
            told = _joined(told, self._reject(view, seen, proposal.reject))
        if told.refused:
            return told
        return _joined(told, self._start(view, seen, proposal))

    def _see(self, view: View) -> Seen:
        """Take the snapshot; changes whose own tree is still to be tested are left out of the plan meanwhile."""
        runners_count = len(self._needs.runners.names)
        probes = [each for each in view.open if is_probe(each, view.tip)]
        seen = see(self._needs, view, self._kept, self._settings, runners_count - len(probes))
        wanted = probes_wanted(self._needs, self._gate, view, seen, self._kept)
        probing = frozenset(each.entry.number for each in wanted)
        free = len(self._needs.runners.free())
        for probe in wanted[:free]:
            if not any(each.order.tree == probe.tree for each in view.open):
                start_probe(self._needs, view, probe)
        if probing != self._kept.probing:
            self._kept.probing = probing
            seen = see(self._needs, view, self._kept, self._settings, runners_count - len(probes))
        return seen

    def _stop(self, view: View, seen: Seen, proposal: Proposal) -> tuple[str, ...]:
        """Stop the runs whose result can be of no use any more."""
        stopped = []
        waiting = frozenset(view.by_number())
        refuted = seen.snapshot.failed | seen.snapshot.merge_conflicts
        shown = {each.id: each for each in seen.snapshot.running}
        urgent = any(each.asked.emergency for each in view.waiting)
        probed = {each.asked.head for each in view.waiting if each.number in self._kept.probing}
        for run in view.open:
            if run.id not in shown:
                if run.order.commit not in probed:
                    self._end(run, "nobody needs to know it any more")
                    stopped.append(run.id)
                continue
            asked = run.id in proposal.cancel
            if not asked and not is_useless(shown[run.id], waiting, keeps_probes=self._planner.probes):
                continue
            granted = may_stop(shown[run.id], waiting, refuted, urgent=urgent and asked)
            if granted.given or seen.snapshot.tip_passed is False:
                self._end(run, "its result can be of no use any more")
                stopped.append(run.id)
        return tuple(stopped)

    def _end(self, run: QueueRun, because: str) -> None:
        stop_run(self._needs, run, because)
        self._needs.runners.stop(run.id)

    def _land(self, view: View, seen: Seen, members: Members) -> Ticked:
        """Land one set, or take out the change that keeps it from landing."""
        chain = self._kept.chains.of(view.tip, entries_in(members, view.by_number()))
        apart = frozenset(each.number for each in seen.snapshot.waiting if each.apart_from or each.needs or each.held)
        landed = land_set(self._needs, self._gate, view, chain, apart, self._settings)
        if landed.landings or landed.moved:
            return self._told(view, landed=landed, stopped=("tip",) if landed.moved else ())
        if landed.uncovered and landed.blocked is not None:
            first = landed.blocked.number
            for each in chain.entries:
                if each.number > first:
                    self._kept.keep_apart(each.number, frozenset((first,)))
            return self._told(view, landed=landed, stopped=("apart",))
        if landed.blocked is None or landed.facts is None:
            return self._told(view, landed=landed)
        return self._told(view, landed=landed, refused=self._blocked(view, seen, chain, landed), stopped=("blocked",))

    def _blocked(self, view: View, seen: Seen, chain: Chain, landed: Landed) -> tuple[Refused, ...]:
        """Take out the change that keeps a set from landing, or run the tree anew when its evidence is too old."""
        entry, facts, step = landed.blocked, landed.facts, landed.step
        if entry is None or facts is None:
            return ()
        if isinstance(step, Already):
            return (dequeue(self._needs, entry, already_there(entry, view.place), EntryState.LANDED),)
        if isinstance(step, Refusal):
            return (send_back(self._needs, view.place, entry, facts.look, step),)
        if chain.tree in self._kept.outdated:
            return (send_back(self._needs, view.place, entry, facts.look, refuse_unbelieved(entry)),)
        self._kept.outdated[chain.tree] = len(seen.verdicts.get(chain.tree, ()))
        return ()

    def _reject(self, view: View, seen: Seen, numbers: tuple[int, ...]) -> Ticked:
        refused = []
        for number in numbers:
            answer = refuse_change(self._needs, self._gate, view, seen, self._kept, number, self._settings)
            if isinstance(answer, Objected):
                self._notes.append(answer.says)
            else:
                refused.append(answer)
        return self._told(view, refused=tuple(refused))

    def _start(self, view: View, seen: Seen, proposal: Proposal) -> Ticked:
        """Begin what is wanted, as far as there are free runners; what is known already is not run again."""
        started: list[QueueRun] = []
        learned = False
        for members in proposal.start:
            chain = self._kept.chains.of(view.tip, entries_in(members, view.by_number()))
            if not chain.whole:
                learned |= self._does_not_merge(view, members)
                continue
            if members == TIP and seen.standings[TIP] is Standing.SILENT:
                self._notes.append("The branch itself was run as often as is sensible, and nothing came of it.")
                continue
            doubted = seen.standings.get(members) is Standing.DOUBTED
            if members != TIP and not doubted and self._knows(view, members, seen):
                learned = True
                continue
            anew = doubted or chain.tree in self._kept.outdated
            run = start_set(self._needs, self._gate, view, chain, anew=anew)
            if run is not None:
                started.append(run)
        told = self._told(view, started=tuple(started))
        return _joined(told, self._told(view, stopped=("learned",))) if learned else told

    def _knows(self, view: View, members: Members, seen: Seen) -> bool:
        """Tell whether the tree of a set was judged before, as part of whatever."""
        asked = self._kept.asked.setdefault(view.tip, set())
        if members in seen.standings and seen.standings[members] is not Standing.NOTHING:
            return False
        if members in asked:
            return False
        asked.add(members)
        again = see(self._needs, view, self._kept, self._settings, 0)
        return again.standings.get(members, Standing.NOTHING) is not Standing.NOTHING

    def _does_not_merge(self, view: View, members: Members) -> bool:
        """Find out with what a change does not merge: with the tip, or only with a change that has not landed."""
        chain = self._kept.chains.of(view.tip, entries_in(members, view.by_number()))
        entry = chain.stopped_at
        if entry is None:
            return False
        alone = self._kept.chains.of(view.tip, (entry,))
        if not alone.whole:
            self._kept.unmergeable[view.tip, entry.number] = alone
        else:
            self._kept.keep_apart(entry.number, who_shares(entry, chain.entries))
        return True

    def _forget_ended(self, view: View) -> None:
        still_open = {each.id for each in view.open}
        for run in self._needs.runners.busy() - still_open:
            self._needs.runners.done(run)

    def _terms_of(self, tip: CommitId) -> GateTerms:
        if tip not in self._terms:
            self._terms[tip] = self._gate.terms(tip, self._place)
        return self._terms[tip]

    def _told(
        self,
        view: View,
        *,
        landed: Landed | None = None,
        refused: tuple[Refused, ...] = (),
        started: tuple[QueueRun, ...] = (),
        stopped: tuple[str, ...] = (),
        base_red: bool = False,
    ) -> Ticked:
        return Ticked(
            tip=view.tip,
            waiting_count=len(view.waiting),
            running_count=len(view.open) + len(started),
            base_red=base_red,
            landed=landed.landings if landed is not None else (),
            refused=refused,
            started=started,
            stopped=stopped,
            says=(*(landed.says if landed is not None else ()), *self._notes),
        )


def _joined(before: Ticked, now: Ticked) -> Ticked:
    return Ticked(
        tip=now.tip,
        waiting_count=now.waiting_count,
        running_count=now.running_count,
        base_red=before.base_red or now.base_red if before.tip == now.tip else now.base_red,
        landed=(*before.landed, *now.landed),
        refused=(*before.refused, *now.refused),
        started=(*before.started, *now.started),
        stopped=(*before.stopped, *now.stopped),
        says=tuple(dict.fromkeys((*before.says, *now.says))),
    )
