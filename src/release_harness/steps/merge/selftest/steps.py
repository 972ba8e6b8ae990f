"""What can happen next: the work of the queue write by write, the answers of runners, and disturbances."""

from collections.abc import Iterator, Sequence

from release_harness.kernel.digests import CommitId, Sha256, TreeId
from release_harness.steps.merge.lander import may_blame, may_land, may_start, may_stop
from release_harness.steps.merge.model import RunOutcome
from release_harness.steps.merge.model.landing import BlameClaim, Candidate, Granted, LandingClaim, Verdict
from release_harness.steps.merge.model.queue import Members, Memory, Proposal, Running, Snapshot, Waiting
from release_harness.steps.merge.plan.planners import Planner
from release_harness.steps.merge.selftest.state import (
    Content,
    Ended,
    Intent,
    Run,
    SmallWorld,
    State,
    answer_of,
    name_of,
    tree_of,
    waiting_of,
    with_answer,
)

_GATE = Sha256("gate")
_PLACE = Sha256("environment")
_PASS_RATIO = 0.87
FAILURES_WANTED = 2
"""A change is sent back when its tree has failed twice: there are flakes in this world."""

Step = tuple[str, State]


def next_steps(world: SmallWorld, planner: Planner | None, state: State) -> Iterator[Step]:
    """Yield everything that can happen in a state, with a name for it.

    Without a planner everything is proposed that can be: then nothing but the lander stands between a proposal and the act.
    """
    yield from _work(world, planner, state)
    yield from _answers(world, state)
    for number in range(world.changes_count):
        if number not in state.arrived and all(one in state.arrived for one in world.needs_of(number)):
            yield f"{number} arrives", _arrive(state, number)
    if state.frozen:
        yield "the freeze ends", state._replace(frozen=False)
    if state.left:
        yield from _disturbances(world, state._replace(left=state.left - 1))


def fair_step(world: SmallWorld, planner: Planner, state: State) -> Step | None:
    """Return what happens next when nothing disturbs: the queue works, every run ends truly, everybody arrives."""
    for step in _work(world, planner, state):
        return step
    for run in sorted(state.runs, key=lambda one: (len(one.members), sorted(one.tree))):
        ended = state._replace(runs=state.runs - {run})
        good = world.is_good(run.tree)
        return "a run ends", with_answer(ended, run.tree, passed=int(good), failed=int(not good))
    if state.frozen:
        return "the freeze ends", state._replace(frozen=False)
    for number in range(world.changes_count):
        if number not in state.arrived:
            return f"{number} arrives", _arrive(state, number)
    return None


def snapshot_of(world: SmallWorld, state: State) -> Snapshot:
    """Return what a planner sees: what was written down, as far as it holds on this tip."""
    waiting = waiting_of(state)
    passed: set[Members] = set()
    failed: set[Members] = set()
    once_more: set[Members] = set()
    for members in _subsets(waiting):
        answer = answer_of(state, tree_of(state, members))
        if answer[0]:
            passed.add(members)
        elif answer[1] >= FAILURES_WANTED or (answer[1] and len(members) > 1):
            failed.add(members)
        elif answer[1] or answer[2]:
            once_more.add(members)
    tip = answer_of(state, state.tip)
    return Snapshot(
        now_seconds=0.0,
        waiting=tuple(_waiting(world, state, number) for number in sorted(waiting)),
        runners_count=world.runners_count,
        running=tuple(
            Running(id=_run_name(run), members=run.members, started_at_seconds=0.0, holds=run.base == state.tip)
            for run in sorted(state.runs, key=_run_name)
        ),
        passed=frozenset(each for each in passed if each),
        failed=frozenset(each for each in failed if each),
        once_more=frozenset(each for each in once_more if each),
        tip_passed=True if tip[0] else False if tip[1] >= FAILURES_WANTED else None,
    )


def _work(world: SmallWorld, planner: Planner | None, state: State) -> Iterator[Step]:
    """Yield the one next write of the queue; a crash between two writes is not to act after the first."""
    if state.intent is not None:
        yield _finish(state, state.intent)
        return
    cleaned = _clean_up(world, state)
    if cleaned is not None:
        yield cleaned
        return
    seen = snapshot_of(world, state)
    if planner is None:
        yield from _act(world, state, seen, _anything(state, seen))
    else:
        yield from _first(_act(world, state, seen, [planner.plan(seen, planner.options, Memory())]))


def _anything(state: State, seen: Snapshot) -> list[Proposal]:
    """Return every proposal that there can be."""
    waiting = waiting_of(state)
    sets = [each for each in _subsets(waiting) if each]
    return [
        Proposal(
            reject=tuple(sorted(waiting)), cancel=tuple(each.id for each in seen.running), start=(frozenset(), *sets)
        ),
        *(Proposal(land=each) for each in sets),
    ]


def _first(steps: Iterator[Step]) -> Iterator[Step]:
    step = next(steps, None)
    if step is not None:
        yield step


def _act(world: SmallWorld, state: State, seen: Snapshot, proposals: Sequence[Proposal]) -> Iterator[Step]:
    """Yield what the lander grants of what is proposed, in the order of its importance."""
    for proposal in proposals:
        yield from _stops(state, seen, proposal)
        granted = may_land(_landing(world, state, proposal.land)) if proposal.land else Granted(proof="")
        if granted.proof:
            tree = tree_of(state, proposal.land)
            intent = Intent(members=proposal.land, base=state.tip, tree=tree, proof=granted.proof)
            yield "a landing is written down", state._replace(intent=intent)
        for number in proposal.reject:
            if may_blame(_blame(world, state, number)).given:
                ended = Ended(how="failed", base=state.tip, tree=tree_of(state, frozenset((number,))))
                yield f"{number} is sent back", _end(state, number, ended)
        yield from _starts(world, state, proposal)


def _stops(state: State, seen: Snapshot, proposal: Proposal) -> Iterator[Step]:
    for run in sorted(state.runs, key=_run_name):
        if _run_name(run) in proposal.cancel:
            shown = next(each for each in seen.running if each.id == _run_name(run))
            red = seen.tip_passed is False
            if red or may_stop(shown, waiting_of(state), seen.failed, urgent=bool(state.urgent)).given:
                yield "a run is stopped", state._replace(runs=state.runs - {run})


def _starts(world: SmallWorld, state: State, proposal: Proposal) -> Iterator[Step]:
    for members in proposal.start:
        run = Run(base=state.tip, members=members, tree=tree_of(state, members))
        known = any(one.tree == run.tree for one in state.runs)
        if not known and may_start(len(state.runs), world.runners_count).given:
            yield "a run begins", state._replace(runs=state.runs | {run})


def _clean_up(world: SmallWorld, state: State) -> Step | None:
    """Return what is clear without any planner: moved heads, lost parents, content that is there, runs of another tip."""
    for number in sorted(waiting_of(state)):
        if state.heads[number] != state.queued[number]:
            return f"{number} leaves, its head has moved", _end(state, number, Ended(how="head"))
        for needed in world.needs_of(number):
            end = state.ended[needed]
            if end is not None and end.how != "landed":
                return f"{number} leaves with what it needs", _end(state, number, Ended(how="parent"))
    for run in sorted(state.runs, key=_run_name):
        if run.base != state.tip or not run.members <= waiting_of(state):
            return "a stale run is stopped", state._replace(runs=state.runs - {run})
    return None


def _finish(state: State, intent: Intent) -> Step:
    """Do the next write of a landing that was begun, or give it up; done twice, it is done once."""
    if state.tip == intent.base and state.tip != intent.tree:
        moved = state._replace(tip=intent.tree, tips=(*state.tips, (intent.tree, "queue")))
        return "the branch is moved", moved
    if intent.tree <= state.tip:
        ended = list(state.ended)
        for number in intent.members:
            if ended[number] is None:
                ended[number] = Ended(how="landed", base=intent.base, tree=intent.tree)
        return "the landing is recorded", state._replace(ended=tuple(ended), intent=None)
    return "the landing is given up", state._replace(intent=None)


def _answers(world: SmallWorld, state: State) -> Iterator[Step]:
    """Yield the true answer of each run that is on its way."""
    for run in sorted(state.runs, key=_run_name):
        good = world.is_good(run.tree)
        ended = state._replace(runs=state.runs - {run})
        yield "a run ends", with_answer(ended, run.tree, passed=int(good), failed=int(not good))


def _disturbances(world: SmallWorld, state: State) -> Iterator[Step]:
    """Yield whatever can go wrong; each costs one of the disturbances that are left."""
    for run in sorted(state.runs, key=_run_name):
        ended = state._replace(runs=state.runs - {run})
        if world.is_good(run.tree):
            yield "a run flakes", with_answer(ended, run.tree, failed=1)
            yield "an answer comes twice", with_answer(with_answer(state, run.tree, passed=1), run.tree, passed=0)
        yield "a run is lost", ended
        yield "a run reports nothing", with_answer(ended, run.tree, lost=True)
    for number in sorted(waiting_of(state)):
        heads = tuple(each + (index == number) for index, each in enumerate(state.heads))
        yield f"{number} gets a new head", state._replace(heads=heads)
        yield f"{number} is cancelled", _cancel(state, number)
        yield f"{number} is an emergency", state._replace(urgent=state.urgent | {number})
    if "foreign" not in state.tip:
        tip = state.tip | {"foreign"}
        yield "somebody else pushes", state._replace(tip=tip, tips=(*state.tips, (tip, "foreign")))
    if not state.frozen:
        yield "a freeze begins", state._replace(frozen=True)


def _cancel(state: State, number: int) -> State:
    """Cancel a change, unless it is being landed: then it is too late."""
    if state.intent is not None and number in state.intent.members:
        return state
    return _end(state, number, Ended(how="cancelled"))


def _arrive(state: State, number: int) -> State:
    arrived = state._replace(arrived=state.arrived | {number})
    return arrived._replace(
        queued=tuple(arrived.heads[i] if i == number else each for i, each in enumerate(arrived.queued))
    )


def _end(state: State, number: int, how: Ended) -> State:
    return state._replace(ended=tuple(how if index == number else each for index, each in enumerate(state.ended)))


def _waiting(world: SmallWorld, state: State, number: int) -> Waiting:
    held = "a freeze" if state.frozen and number not in state.urgent else ""
    return Waiting(
        number=number,
        arrived_at_seconds=float(number),
        pass_ratio=_PASS_RATIO,
        needs=world.needs_of(number) & waiting_of(state),
        priority=int(number in state.urgent),
        held=held,
    )


def _landing(world: SmallWorld, state: State, members: Members) -> LandingClaim:
    tree = tree_of(state, members)
    return LandingClaim(
        tip=CommitId(_name(state.tip)),
        tip_now=CommitId(_name(state.tip)),
        tree=TreeId(_name(tree)),
        candidates=tuple(_candidate(world, state, number) for number in sorted(members)),
        gate=_GATE,
        gate_after=_GATE,
        environment=_PLACE,
        verdicts=_verdicts(state, tree),
    )


def _blame(world: SmallWorld, state: State, number: int) -> BlameClaim:
    tree = tree_of(state, frozenset((number,)))
    return BlameClaim(
        candidate=_candidate(world, state, number),
        base=TreeId(_name(state.tip)),
        tree=TreeId(_name(tree)),
        gate=_GATE,
        environment=_PLACE,
        verdicts=(*_verdicts(state, state.tip), *_verdicts(state, tree)),
        failures_wanted_count=FAILURES_WANTED,
    )


def _candidate(world: SmallWorld, state: State, number: int) -> Candidate:
    return Candidate(
        number=number,
        head=CommitId(name_of(number, state.queued[number])),
        head_now=CommitId(name_of(number, state.heads[number])),
        waits=number in waiting_of(state),
        may_pass=True,
        on_branch=name_of(number, state.queued[number]) in state.tip,
        needs=world.needs_of(number) & waiting_of(state),
        held="a freeze" if state.frozen else "",
        emergency=number in state.urgent,
    )


def _verdicts(state: State, tree: Content) -> tuple[Verdict, ...]:
    passed, failed, _lost = answer_of(state, tree)
    outcomes = [RunOutcome.FAILED] * failed + [RunOutcome.PASSED] * passed
    return tuple(
        Verdict(tree=TreeId(_name(tree)), gate=_GATE, environment=_PLACE, outcome=each, run="") for each in outcomes
    )


def _name(tree: Content) -> str:
    return "+".join(sorted(tree)) or "empty"


def _run_name(run: Run) -> str:
    return f"{_name(run.base)}|{_name(run.tree)}"


def _subsets(waiting: frozenset[int]) -> Iterator[Members]:
    numbers = sorted(waiting)
    for bits in range(1 << len(numbers)):
        yield frozenset(number for index, number in enumerate(numbers) if bits >> index & 1)
