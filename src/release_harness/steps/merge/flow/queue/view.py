"""Everything that one look at the queue reads: from the ledger, and where the branches stand now."""

from collections.abc import Collection, Mapping
from datetime import datetime

from release_harness.kernel.digests import CommitId, TreeId
from release_harness.kernel.records import record
from release_harness.steps.merge.flow.queue.needs import QueueLands
from release_harness.steps.merge.model import Place
from release_harness.steps.merge.model.landing import Verdict
from release_harness.steps.merge.model.queued import EntryState, GateTerms, Hold, QueueEntry, QueueRun


@record
class View:
    """The queue of a branch at one moment."""

    place: Place
    now: datetime
    tip: CommitId
    terms: GateTerms
    waiting: tuple[QueueEntry, ...] = ()
    heads: Mapping[int, CommitId | None]
    """Where the branch of each waiting change stands now."""
    others: Mapping[int, QueueEntry]
    """Entries that have an end and that waiting changes or runs speak of."""
    hold: Hold | None = None
    open: tuple[QueueRun, ...] = ()
    ended: tuple[QueueRun, ...] = ()
    """Runs that have an outcome and a change that still waits."""

    def by_number(self) -> Mapping[int, QueueEntry]:
        """Return the waiting changes by their numbers."""
        return {each.number: each for each in self.waiting}

    def has_landed(self, number: int) -> bool:
        """Tell whether an entry landed."""
        return number in self.others and self.others[number].state is EntryState.LANDED

    def held(self, entry: QueueEntry) -> str:
        """Say what keeps a change from being tested and landing now, or nothing."""
        if self.hold is None or entry.asked.emergency:
            return ""
        return f"held by {self.hold.by}: {self.hold.reason}"


def read_view(needs: QueueLands, place: Place, tip: CommitId, terms: GateTerms) -> View:
    """Read the queue of a branch."""
    from release_harness.steps.merge import store

    now = needs.clock.now()
    ledger = needs.ledger.existing()
    if ledger is None:
        return View(place=place, now=now, tip=tip, terms=terms, heads={}, others={})
    with ledger.read() as connection:
        waiting = store.entries.waiting_on(connection, place)
        first = min((each.number for each in waiting), default=None)
        running = store.runs.open_runs(connection, place)
        ended = store.runs.ended_runs(connection, place, first) if first is not None else ()
        numbers = {each.number for run in (*running, *ended) for each in run.order.members}
        numbers |= {needed for each in waiting for needed in each.asked.needs}
        others = store.entries.entries_by_number(connection, frozenset(numbers - {each.number for each in waiting}))
        hold = store.holds.hold_on(connection, place, now)
    return View(
        place=place,
        now=now,
        tip=tip,
        terms=terms,
        waiting=waiting,
        heads=heads_of(needs, waiting),
        others=others,
        hold=hold,
        open=running,
        ended=ended,
    )


def heads_of(needs: QueueLands, entries: Collection[QueueEntry]) -> Mapping[int, CommitId | None]:
    """Return where the branch of each entry stands now, asked for all at once."""
    names = {each.number: name_of(each) for each in entries}
    found = needs.repository.resolve(tuple(names.values())) if names else {}
    return {number: found.get(name) for number, name in names.items()}


def name_of(entry: QueueEntry) -> str:
    """Return what the change is looked up by: its branch, else the name that was given."""
    return f"refs/heads/{entry.asked.source}" if entry.asked.source else entry.asked.revision or entry.asked.head


def verdicts_on(needs: QueueLands, trees: Collection[TreeId]) -> tuple[Verdict, ...]:
    """Return everything that was said of these trees."""
    ledger = needs.ledger.existing()
    if ledger is None or not trees:
        return ()
    from release_harness.steps.merge import store

    with ledger.read() as connection:
        return store.runs.verdicts_on(connection, trees)
