"""The level at which one affected entry point was walked (L0 to L5)."""

from collections.abc import Collection, Iterable, Sequence

from release_harness.steps.evidence.model.impact import EntryPoint, SymbolId
from release_harness.steps.evidence.model.trace import (
    Hit,
    Replacement,
    ReportedWalk,
    RoutedWalks,
    TracedTest,
    Walked,
    WalkLevel,
)
from release_harness.steps.evidence.rules.walks.traces import TraceView

INTERNAL_ENVIRONMENTS = frozenset({"internal", "dogfood", "staging", "preview", "canary", "ring0"})
"""Environments in which only the team's own people are users, unless the project says otherwise."""
_LISTED_COUNT = 20
NOT_TRACED = "no trace of this content is recorded; run `rh evidence run`"


def level_of(
    entry: EntryPoint,
    changed: Sequence[SymbolId],
    view: TraceView | None,
    routed: RoutedWalks | None = None,
    *,
    missed: Collection[SymbolId] = (),
    internal: Collection[str] = INTERNAL_ENVIRONMENTS,
) -> Walked:
    """Return how really an entry was walked to the changed functions that it reaches.

    `changed` holds functions; without any the handler itself stands for them, as for an entry that was only registered
    anew. The level is that of the function that was walked worst, so that a half walked change does not read as walked.
    `missed` are functions of whose changed lines coverage says that no test ran one: starting such a function proves nothing.
    """
    reported = _reported(entry, routed, internal)
    if view is None or not view.has_content:
        if reported is not None:
            return reported
        return Walked(entry=entry.key, level=None, best=WalkLevel.NOTHING, why=NOT_TRACED)
    wanted = tuple(dict.fromkeys(changed)) or (entry.handler,)
    walked = level_through(entry.key, wanted, view, view.hits.get(entry.key, ()), missed)
    if reported is not None and reported.level is not None and (walked.level is None or reported.level > walked.level):
        return reported
    return walked


def level_through(
    name: str,
    functions: Sequence[SymbolId],
    view: TraceView,
    hits: Sequence[tuple[TracedTest, Hit]],
    missed: Collection[SymbolId] = (),
) -> Walked:
    """Return at which level these hits walked the worst of some functions."""
    steps = [_Step(symbol, view, hits, excluded=symbol in set(missed)) for symbol in functions]
    worst, best = min(steps, key=lambda each: each.level), max(steps, key=lambda each: each.level)
    return Walked(
        entry=name,
        level=worst.level,
        best=best.level,
        tests=worst.tests,
        mocks=worst.mocks,
        stubs=worst.stubs,
        missed=tuple(each.symbol for each in steps if each.level < WalkLevel.DISPATCHED),
        why=worst.why(),
    )


class _Step:
    """How one changed function was reached by some ways through entry points."""

    def __init__(
        self, symbol: SymbolId, view: TraceView, hits: Sequence[tuple[TracedTest, Hit]], *, excluded: bool
    ) -> None:
        self.symbol = symbol
        self.excluded = excluded
        self.level = WalkLevel.NOTHING
        self.tests: tuple[str, ...] = ()
        self.mocks: tuple[str, ...] = ()
        self.stubs: tuple[str, ...] = ()
        wanted = view.numbers.get(symbol, 0)
        if not wanted or excluded:
            return
        ran = [each for each in view.map.tests if each.outcome == "passed" and each.functions & wanted]
        if not ran:
            return
        self._take(WalkLevel.EXECUTED, ran)
        self._dispatched([(test, hit) for test, hit in hits if hit.functions & wanted])

    def _dispatched(self, through: Sequence[tuple[TracedTest, Hit]]) -> None:
        if not through:
            return
        clean = [(test, hit) for test, hit in through if not blocking(hit)]
        level = WalkLevel.UNMOCKED if clean else WalkLevel.DISPATCHED
        self._take(level, [test for test, _hit in clean or through])
        if not clean:
            names = (each.name for _test, hit in through for each in blocking(hit))
            self.mocks = tuple(sorted(set(names)))[:_LISTED_COUNT]
        self.stubs = tuple(sorted({stub for test, _hit in clean or through for stub in test.stubs}))

    def _take(self, level: WalkLevel, tests: Iterable[TracedTest]) -> None:
        self.level = level
        self.tests = tuple(dict.fromkeys(each.id for each in tests))[:_LISTED_COUNT]

    def why(self) -> str:
        name = self.symbol
        if self.excluded:
            return f"no test ran a changed line of {name}"
        match self.level:
            case WalkLevel.NOTHING:
                return f"no test that passed ran {name}"
            case WalkLevel.EXECUTED:
                return f"tests ran {name}, but none of them came in through this entry point"
            case WalkLevel.DISPATCHED:
                return f"on the way to {name} was replaced: {', '.join(self.mocks)}"
            case _:
                return f"{len(self.tests)} tests walked it and replaced nothing of the repository"


def blocking(hit: Hit) -> tuple[Replacement, ...]:
    """Return the replacements that keep a walk from being unmocked: code of the repository that took part.

    A plain value in the place of another is a setting, and what stands in for the network is named elsewhere.
    """
    return tuple(each for each in hit.used if each.first_party and each.how != "value")


def _reported(entry: EntryPoint, routed: RoutedWalks | None, internal: Collection[str]) -> Walked | None:
    walks = routed.by_entry.get(entry.key, ()) if routed is not None else ()
    if not walks:
        return None
    inside = [each for each in walks if each.environment in internal and each.commit]
    level = WalkLevel.INTERNAL if inside else WalkLevel.OUT_OF_PROCESS
    names = tuple(dict.fromkeys(_who(each) for each in inside or walks))[:_LISTED_COUNT]
    where = f"in {inside[0].environment}" if inside else "against a started service"
    return Walked(entry=entry.key, level=level, best=level, tests=names, why=f"{names[0]} went through it {where}")


def _who(walk: ReportedWalk) -> str:
    return f"{walk.tool}: {walk.test}" if walk.test else walk.tool
