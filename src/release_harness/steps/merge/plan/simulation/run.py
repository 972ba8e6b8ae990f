"""Runs one planner through one world on a virtual clock; nothing is random that the world did not bring."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import replace

from release_harness.kernel.records import record
from release_harness.steps.merge.model.queue import Members, Memory, Options, Running, Snapshot, Waiting
from release_harness.steps.merge.plan.known import (
    Commutes,
    after_landing,
    after_landing_of_one,
    after_leaving,
    never_commutes,
)
from release_harness.steps.merge.plan.planners import Planner
from release_harness.steps.merge.plan.retries import FlakePolicy, is_believed
from release_harness.steps.merge.plan.simulation.world import Change, World, flakes, is_good, run_seconds

_ARRIVES, _ENDS = 1, 0
_MOST_ROUNDS = 100_000


@record
class Decided:
    """What became of one change, and when."""

    number: int
    landed: bool
    arrived_at_seconds: float
    decided_at_seconds: float


@record
class Played:
    """One planner's way through one world."""

    decided: tuple[Decided, ...]
    landings: tuple[Members, ...]
    """In their order; each is one move of the branch."""
    builds_count: int
    aborted_count: int
    build_seconds: float
    """Spent on all runs, those that were stopped too."""
    ended_at_seconds: float
    plans_count: int


@record
class _Run:
    members: Members
    shown: Running
    """What a planner sees of it; made once, since it is looked at in every snapshot."""
    tree: int
    started_at_seconds: float
    ends_at_seconds: float
    good: bool
    holds: bool = True


def play(
    world: World, planner: Planner, options: Options, runners_count: int, policy: FlakePolicy | None = None
) -> Played:
    """Let a planner work until every change of the world is decided; raises RuntimeError when it stops moving."""
    return _Play(world, planner, options, runners_count, policy or FlakePolicy(flake_ratio=world.flake_ratio)).run()


class _Play:
    """The state of one simulation."""

    def __init__(
        self, world: World, planner: Planner, options: Options, runners_count: int, policy: FlakePolicy
    ) -> None:
        self.world, self.planner, self.options, self.policy = world, planner, options, policy
        self.runners_count = runners_count
        self.now = 0.0
        self.waiting: dict[int, Waiting] = {}
        self.landed: set[int] = set()
        self.rejected: set[int] = set()
        self.tip = 0
        self.passed: set[Members] = set()
        self.failures: dict[Members, int] = {}
        self.unmergeable: set[Members] = set()
        self.suspected: set[Members] = set()
        self.running: dict[str, _Run] = {}
        self.attempts: dict[int, int] = {}
        self.memory = Memory()
        self.decided: list[Decided] = []
        self.landings: list[Members] = []
        self.builds_count = self.aborted_count = self.plans_count = 0
        self.build_seconds = 0.0
        self.events: list[tuple[float, int, str]] = [
            (each.arrives_at_seconds, _ARRIVES, str(each.number)) for each in world.changes
        ]
        heapq.heapify(self.events)

    def run(self) -> Played:
        while self.events:
            self.now = self.events[0][0]
            while self.events and self.events[0][0] == self.now:
                _at, kind, name = heapq.heappop(self.events)
                if kind == _ARRIVES:
                    self._arrive(self.world.changes[int(name)])
                elif name in self.running:
                    self._end(self.running.pop(name))
            self._plan()
        if len(self.decided) != len(self.world.changes):
            message = (
                f"{self.planner.name} stopped with {len(self.waiting)} of {len(self.world.changes)} changes waiting"
            )
            raise RuntimeError(message)
        return Played(
            decided=tuple(self.decided),
            landings=tuple(self.landings),
            builds_count=self.builds_count,
            aborted_count=self.aborted_count,
            build_seconds=self.build_seconds,
            ended_at_seconds=self.now,
            plans_count=self.plans_count,
        )

    def snapshot(self) -> Snapshot:
        believed: list[Members] = []
        once_more: list[Members] = []
        for members, count in self.failures.items():
            ratios = [self.waiting[number].pass_ratio for number in members]
            (believed if is_believed(self.policy, ratios, count) else once_more).append(members)
        return Snapshot(
            now_seconds=self.now,
            waiting=tuple(self.waiting.values()),
            runners_count=self.runners_count,
            running=tuple([run.shown for run in self.running.values()]),
            passed=frozenset(self.passed),
            failed=frozenset(believed),
            once_more=frozenset(once_more),
            suspected=frozenset(self.suspected),
            merge_conflicts=frozenset(self.unmergeable),
            tip_passed=True,
            lanes=self.world.lanes,
        )

    def _arrive(self, change: Change) -> None:
        if change.needs & self.rejected:
            self.rejected.add(change.number)
            self._decide(change.number, change.arrives_at_seconds, landed=False)
            return
        self.waiting[change.number] = Waiting(
            number=change.number,
            arrived_at_seconds=change.arrives_at_seconds,
            pass_ratio=change.pass_ratio,
            needs=change.needs - self.landed,
            commutes_never=change.commutes_never,
            areas=change.areas,
        )
        if change.unmergeable:
            self.unmergeable.add(frozenset((change.number,)))

    def _end(self, run: _Run) -> None:
        attempt = self.attempts[run.tree] = self.attempts.get(run.tree, 0) + 1
        self.build_seconds += run.ends_at_seconds - run.started_at_seconds
        passes = run.good and not flakes(self.world, run.tree, attempt)
        if passes:
            self.failures.pop(run.members, None)
            if run.holds:
                self.passed.add(run.members)
            self._clear(run.members)
            return
        if run.holds or len(run.members) == 1:
            self.failures[run.members] = self.failures.get(run.members, 0) + 1
        suspects = frozenset([each for each in run.members if not self.waiting[each].cleared]) or run.members
        self.suspected.add(suspects)

    def _clear(self, members: Members) -> None:
        for number in members:
            each = self.waiting[number]
            if not each.cleared or (len(members) == 1 and not each.passed_alone):
                self.waiting[number] = replace(each, cleared=True, passed_alone=each.passed_alone or len(members) == 1)
        self.suspected = {rest for each in self.suspected if (rest := each - members)}

    def _plan(self) -> None:
        for _round in range(_MOST_ROUNDS):
            proposal = self.planner.plan(self.snapshot(), self.options, self.memory)
            self.plans_count += 1
            self.memory = proposal.memory
            for name in proposal.cancel:
                self._abort(name)
            if proposal.land:
                self._land(proposal.land)
            for number in proposal.reject:
                if number in self.waiting:
                    self._reject(number)
            if proposal.land or proposal.reject:
                continue
            for members in proposal.start[: self.runners_count - len(self.running)]:
                self._start(members)
            if not proposal.cancel:
                return
        message = f"{self.planner.name} plans without end"
        raise RuntimeError(message)

    def _start(self, members: Members) -> None:
        tree = self.tip
        for number in members:
            tree ^= self.world.changes[number].code
        name = f"{self.builds_count}"
        run = _Run(
            members=members,
            shown=Running(id=name, members=members, started_at_seconds=self.now),
            tree=tree,
            started_at_seconds=self.now,
            ends_at_seconds=self.now + run_seconds(self.world, members, tree),
            good=is_good(self.world, members, self.landed),
        )
        self.builds_count += 1
        self.running[name] = run
        heapq.heappush(self.events, (run.ends_at_seconds, _ENDS, name))

    def _abort(self, name: str) -> None:
        run = self.running.pop(name)
        self.aborted_count += 1
        self.build_seconds += self.now - run.started_at_seconds

    def _land(self, members: Members) -> None:
        if not is_good(self.world, members, self.landed) and not self.policy.flake_ratio:
            message = f"{self.planner.name} would land what fails: {sorted(members)}"
            raise RuntimeError(message)
        for number in sorted(members):
            each = self.waiting.pop(number)
            self.tip ^= self.world.changes[number].code
            self._decide(number, each.arrived_at_seconds, landed=True)
        self.landed |= members
        self.landings.append(members)
        for number, each in self.waiting.items():
            if each.needs & members:
                self.waiting[number] = _without_needs(each, members)
        alone = self.planner.lands_one_by_one(self.options) and self.world.lanes
        carry = after_landing_of_one if alone else after_landing
        self._keep(lambda known: carry(known, members, self._commutes()))

    def _reject(self, number: int) -> None:
        each = self.waiting.pop(number)
        self.rejected.add(number)
        self._decide(number, each.arrived_at_seconds, landed=False)
        gone = frozenset((number,))
        self._keep(lambda known: after_leaving(known, gone))
        for child in [one.number for one in self.waiting.values() if number in one.needs]:
            if child in self.waiting:
                self._reject(child)

    def _commutes(self) -> Commutes:
        return self._all_commute if self.world.lanes else never_commutes

    def _all_commute(self, ones: Members, others: Members) -> bool:
        return not any(self.world.changes[one].commutes_never for one in ones | others) and self._areas(
            ones
        ).isdisjoint(self._areas(others))

    def _areas(self, members: Members) -> frozenset[str]:
        return frozenset().union(*(self.world.changes[number].areas for number in members))

    def _keep(self, still: "Callable[[Members], Members | None]") -> None:
        """Carry over what still holds; runs whose result says nothing any more are stopped."""
        if self.planner.forgets:
            self.passed, self.failures = set(), {}
        else:
            self.passed = {rest for each in self.passed if (rest := still(each)) is not None}
            self.failures = {rest: count for each, count in self.failures.items() if (rest := still(each)) is not None}
        self.suspected = {each for each in self.suspected if each <= self.waiting.keys()}
        self.unmergeable = {each for each in self.unmergeable if still(each) is not None or each <= self.waiting.keys()}
        for name, run in list(self.running.items()):
            if not run.holds:
                if not run.members <= self.waiting.keys():
                    self._abort(name)
                continue
            rest = still(run.members)
            if rest is not None:
                self.running[name] = _moved(run, rest, holds=True)
            elif (
                self.planner.probes
                and run.members <= self.waiting.keys()
                and (len(run.members) == 1 or self.planner.probes_groups)
            ):
                self.running[name] = _moved(run, run.members, holds=False)
            elif run.members or not self.planner.forgets:
                self._abort(name)

    def _decide(self, number: int, arrived_at_seconds: float, *, landed: bool) -> None:
        self.decided.append(
            Decided(number=number, landed=landed, arrived_at_seconds=arrived_at_seconds, decided_at_seconds=self.now)
        )


def wrong_rejections(world: World, played: Played) -> Iterator[int]:
    """Yield the rejected changes that pass on the final branch."""
    landed = {number for each in played.landings for number in each}
    for each in played.decided:
        change = world.changes[each.number]
        judged = not each.landed and not change.unmergeable and change.needs <= landed
        if judged and is_good(world, frozenset((each.number,)), landed):
            yield each.number


def red_tips(world: World, played: Played) -> int:
    """Count the moves of the branch after which it did not pass."""
    landed: set[int] = set()
    red = 0
    for members in played.landings:
        red += not is_good(world, members, landed)
        landed |= members
    return red


def _without_needs(each: Waiting, landed: Members) -> Waiting:
    return replace(each, needs=each.needs - landed)


def _moved(run: _Run, members: Members, *, holds: bool) -> _Run:
    if members == run.members and holds == run.holds:
        return run
    return replace(run, members=members, holds=holds, shown=replace(run.shown, members=members, holds=holds))
