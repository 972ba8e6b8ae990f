"""A queue in tests: runners that run when they are told to, and a world with many changes to land."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from release_harness.kernel.digests import CommitId
from release_harness.steps.merge.flow.queue.adding import AddOrder, add_change
from release_harness.steps.merge.flow.queue.keeper import Keeper
from release_harness.steps.merge.flow.queue.working import work_off
from release_harness.steps.merge.model import Place, Refusal, RunOutcome
from release_harness.steps.merge.model.queued import QueueEntry, QueueSettings, Ticked
from release_harness.steps.merge.ports import Boundaries, QueueLocks
from release_harness.testing.landing import LandingDesk, ScriptedGate, Wired
from release_harness.testing.landing_world import LandingWorld

if TYPE_CHECKING:
    from release_harness.steps.changes.ports import Repository

MOST_STEPS = 400


class QueueWired(Wired, Protocol):
    """The parts of an application that the queue uses."""

    @property
    def queue_locks(self) -> QueueLocks:
        """Its locks."""
        ...


class ScriptedRunners:
    """Fake of the Runners: holds every run until a test lets it end, so that a test chooses the order."""

    def __init__(self, desk: "QueueDesk", gate: ScriptedGate, count: int = 2) -> None:
        """Nothing runs yet."""
        self._desk, self._gate = desk, gate
        self.open(count)
        self.running: dict[str, str] = {}
        """Worker by run."""
        self.begun: list[str] = []
        self.stopped: list[str] = []
        self._dead: set[str] = set()

    def open(self, count: int) -> None:
        """Say how many workers there are."""
        self._names = tuple(f"worker-{number + 1}" for number in range(count))

    @property
    def names(self) -> tuple[str, ...]:
        """Every worker."""
        return self._names

    def free(self) -> tuple[str, ...]:
        """Return the workers that have nothing to do."""
        return tuple(each for each in self._names if each not in self.running.values())

    def busy(self) -> frozenset[str]:
        """Return the runs that were handed out."""
        return frozenset(self.running)

    def begin(self, run: str, worker: str) -> None:
        """Take a run."""
        self.running[run] = worker
        self.begun.append(run)

    def lost(self) -> frozenset[str]:
        """Return the runs whose worker a test has killed."""
        return frozenset(self._dead)

    def done(self, run: str) -> None:
        """Free the worker."""
        self.running.pop(run, None)
        self._dead.discard(run)

    def stop(self, run: str) -> None:
        """Free the worker, and remember that it was stopped."""
        self.stopped.append(run)
        self.done(run)

    def wait(self, length: timedelta) -> None:
        """Let the oldest run end."""
        del length
        self.finish()

    def close(self) -> None:
        """Stop everything."""
        for run in tuple(self.running):
            self.stop(run)

    def finish(self, run: str = "") -> None:
        """Let one run end with what the gate says: the named one, else the oldest."""
        chosen = run or next((each for each in self.running if each not in self._dead), "")
        if chosen:
            work_off(self._desk, self._gate, chosen)

    def kill(self, run: str = "") -> str:
        """Let the worker of a run die before it could say anything."""
        chosen = run or next(iter(self.running))
        self._dead.add(chosen)
        return chosen


class QueueDesk(LandingDesk):
    """Implements the QueueNeeds of one process that keeps a queue."""

    def __init__(
        self, wired: QueueWired, gate: ScriptedGate, *, boundaries: Boundaries | None = None, workers_count: int = 2
    ) -> None:
        """Take the adapters of an application."""
        super().__init__(wired, boundaries=boundaries)
        self.queue_locks = wired.queue_locks
        self.runners = ScriptedRunners(self, gate, workers_count)


class QueueWorld:
    """A landing world with a queue on its main branch."""

    def __init__(self, world: LandingWorld, *, workers_count: int = 2, settings: QueueSettings | None = None) -> None:
        """Sit down at a fresh desk; the gate is that of the world."""
        self.world, self.gate = world, world.gate
        self.place = Place(branch="main", remote="origin" if world.remote else "")
        self.settings = settings or QueueSettings(workers_count=workers_count)
        self.desk, self.keeper = self.sit_down()
        self.tips: list[str] = [world.start]

    def sit_down(self, boundaries: Boundaries | None = None) -> tuple[QueueDesk, Keeper]:
        """Return a fresh desk and a keeper at it, as a new process would have."""
        wired = self.world.wire(self.world.work.path)
        desk = QueueDesk(
            wired,  # type: ignore[arg-type] # the application has the locks of the queue, too
            self.gate,
            boundaries=boundaries,
            workers_count=self.settings.workers_count,
        )
        self.gate.repository = desk.repository
        return desk, Keeper(desk, self.gate, self.place, self.settings)

    def again(self) -> None:
        """Go on as a new process would, with the old one gone."""
        self.desk, self.keeper = self.sit_down()
        self.keeper.resume()

    def add(self, revision: str, *, priority: int = 0, emergency: str = "") -> QueueEntry | Refusal:
        """Queue a change."""
        order = AddOrder(revision=revision, priority=priority, emergency=emergency)
        return add_change(self.desk, self.gate, self.place, order)

    def queue(self, *revisions: str) -> list[QueueEntry]:
        """Queue changes that may be queued."""
        found = [self.add(each) for each in revisions]
        return [each for each in found if isinstance(each, QueueEntry)]

    def tick(self) -> Ticked:
        """Look once."""
        ticked = self.keeper.tick()
        tip = str(ticked.tip)
        if tip and tip != self.tips[-1]:
            self.tips.append(tip)
        return ticked

    def drain(self) -> list[Ticked]:
        """Tick and let runs end, one at a time, until nothing happens any more."""
        ticks = []
        for _step in range(MOST_STEPS):
            ticked = self.tick()
            ticks.append(ticked)
            if not self.desk.runners.running:
                return ticks
            self.desk.runners.finish()
        message = "the queue does not come to an end"
        raise AssertionError(message)

    def ends(self) -> dict[str, str]:
        """Return what became of every change: its state, or the class with which it was sent back."""
        from release_harness.steps.merge import store

        ledger = self.desk.ledger.existing()
        if ledger is None:
            return {}
        with ledger.read() as connection:
            entries = store.entries.last_entries(connection, self.place, 1000)
        return {each.name: each.reason or each.state.value for each in reversed(entries)}

    def red_tips(self) -> list[str]:
        """Run the check on every commit that main has been at since the beginning, and return those that fail."""
        repository: Repository = self.desk.repository
        tip = self.desk.landing.fetch_tip(self.place)
        assert tip is not None  # noqa: S101 - the world has a main branch
        line = [each.commit for each in self.desk.landing.first_parents(CommitId(self.world.start), tip, MOST_STEPS)]
        return [str(each) for each in line if self._fails(repository, each) and each in self._pushed()]

    def _fails(self, repository: "Repository", commit: CommitId) -> bool:
        tree = repository.tree_of(commit)
        return self.gate.check(lambda path: repository.read_file(tree, path)) is not RunOutcome.PASSED

    def _pushed(self) -> Sequence[str]:
        """Return every commit that the branch really stood at, by its reflog."""
        return self.world.tips_of_main()
