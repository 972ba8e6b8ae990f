"""Changed code that stands around many entry points, or only possibly behind one, is judged by what walked through it."""

from collections.abc import Sequence

import pytest

from release_harness.steps.evidence.model.impact import (
    AffectedEntry,
    ChangedSymbol,
    CrossCutting,
    EntryPoint,
    Hop,
    ImpactAnswer,
    Label,
    Side,
    SymbolChange,
)
from release_harness.steps.evidence.model.reading import Counts, Reading
from release_harness.steps.evidence.model.trace import (
    Hit,
    Replacement,
    ReportedWalk,
    RoutedWalks,
    TracedEntry,
    TracedFunction,
    TracedTest,
    TraceMap,
    Walked,
)
from release_harness.steps.evidence.rules.walks import TraceView, unwalked_fact, view_trace, walk_level_fact
from release_harness.steps.evidence.rules.walks.join import known_entries, walk_all

BLOB = "1" * 40
KEEPER, READ, RATE = "app/keeper.py:Keeper.dispatch", "app/api.py:read", "app/prices.py:rate"
FUNCTIONS = tuple(
    TracedFunction(symbol=symbol, path=symbol.partition(":")[0], blob=BLOB) for symbol in (KEEPER, READ, RATE)
)
ROUTE = TracedEntry(kind="http", name="GET /items/{id}", handler=READ)
MOCK = Replacement(name="app.store.load", how="mock", first_party=True)
NOWHERE = TracedEntry(kind="http", name="GET /no/such/page", raw=True)
ENTRY = EntryPoint(kind="http", name="GET /items/{id}", framework="FastAPI", handler=READ, path="app/api.py", line=3)


def around(symbol: str, label: Label = Label.RESOLVED, kinds: tuple[str, ...] = ("http",)) -> CrossCutting:
    """Return a line that is told once for thirty routes."""
    first = Hop(symbol=KEEPER, path="app/keeper.py", line=0, reason="middleware")
    return CrossCutting(reason="middleware", symbol=symbol, entries_count=30, kinds=kinds, label=label, way=(first,))


def changed(symbol: str, kind: str = "function", change: SymbolChange = SymbolChange.BODY) -> ChangedSymbol:
    """Return a changed symbol."""
    return ChangedSymbol(symbol=symbol, change=change, path=symbol.partition(":")[0], line=1, kind=kind)


def answer(
    *lines: CrossCutting, affected: Sequence[AffectedEntry] = (), symbols: Sequence[ChangedSymbol] = ()
) -> ImpactAnswer:
    """Return an answer in which these lines are told once."""
    return ImpactAnswer(
        counts=Counts(files_count=1, files_parsed_count=1),
        reading=Reading.WHOLE,
        cross_cutting=lines,
        affected=tuple(affected),
        changed=tuple(symbols) or tuple(changed(each.symbol) for each in lines),
        other_routes=((ENTRY.name, ENTRY.handler),),
    )


def view(given: ImpactAnswer, *tests: TracedTest) -> TraceView:
    """Return the view of a map in which every file still is what it was."""
    traced = TraceMap(functions=FUNCTIONS, tests=tests, between=TracedTest(id="", outcome="", functions=0))
    return view_trace(traced, known_entries(given), {each.path: BLOB for each in FUNCTIONS})


def ran(functions: int, *hits: Hit, outcome: str = "passed") -> TracedTest:
    """Return a test that ran functions: bit 0 the keeper, bit 1 the handler, bit 2 the rate."""
    return TracedTest(id="tests/test_a.py::test_a", outcome=outcome, functions=functions, hits=hits)


def level(given: ImpactAnswer, *tests: TracedTest) -> int | None:
    """Return the only level of an answer."""
    (walked,) = walk_all(given, view(given, *tests), RoutedWalks(), ())
    return None if walked.level is None else int(walked.level)


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        (ran(0b110), 0),
        (ran(0b111), 1),
        (ran(0b111, Hit(entry=ROUTE, functions=0b110)), 1),
        (ran(0b111, Hit(entry=ROUTE, functions=0b111, used=(MOCK,))), 2),
        (ran(0b111, Hit(entry=ROUTE, functions=0b111)), 3),
        (ran(0b111, Hit(entry=ROUTE, functions=0b111), outcome="failed"), 0),
        (ran(0b111, Hit(entry=NOWHERE, functions=0b111)), 1),
        (ran(0b111, Hit(entry=TracedEntry(kind="task", name="app.tasks.send"), functions=0b111)), 3),
    ],
)
def test_one_entry_point_that_passes_through_the_changed_function_walks_the_line(
    test: TracedTest, expected: int
) -> None:
    """Middleware is the same before each route: one real request through it shows what thirty would."""
    assert level(answer(around(KEEPER)), test) == expected


def test_without_a_trace_nobody_can_tell() -> None:
    """Missing evidence is unknown for a line as for an entry point."""
    (walked,) = walk_all(answer(around(KEEPER)), None, RoutedWalks(), ())

    assert walked.level is None
    assert walk_level_fact([walked]).__class__.__name__ == "Unknown"


def test_each_line_counts_and_the_worst_holds() -> None:
    """A request that passed the keeper says nothing of the rate."""
    given = answer(around(KEEPER), around(RATE))
    walked = walk_all(given, view(given, ran(0b011, Hit(entry=ROUTE, functions=0b011))), RoutedWalks(), ())

    assert [each.level for each in walked] == [3, 0]
    assert walk_level_fact(walked).value == 0  # type: ignore[union-attr]
    assert unwalked_fact(walked).value == 1  # type: ignore[union-attr]


def test_a_class_is_walked_through_its_changed_methods() -> None:
    """The line names the class; what has to run is the method that changed."""
    given = answer(around("app/keeper.py:Keeper"), symbols=[changed("app/keeper.py:Keeper", "class"), changed(KEEPER)])

    assert level(given, ran(0b011, Hit(entry=ROUTE, functions=0b011))) == 3
    assert level(given, ran(0b010, Hit(entry=ROUTE, functions=0b010))) == 0


def test_a_setting_is_walked_through_what_stands_around() -> None:
    """No function changed, so that which reads the setting stands for it."""
    given = answer(around("app/settings.py:LIMIT"), symbols=[changed("app/settings.py:LIMIT", "variable")])

    assert level(given, ran(0b011, Hit(entry=ROUTE, functions=0b011))) == 3


@pytest.mark.parametrize(("functions", "expected"), [(0b010, 3), (0b001, None)])
def test_statements_that_run_on_import_are_walked_through_anything_of_their_file(
    functions: int, expected: int | None
) -> None:
    """They ran before it could; whether they matter to it is not known, so that nothing is claimed without a walk."""
    line = around("app/api.py:", Label.POSSIBLE)
    given = answer(line, symbols=[changed("app/api.py:", "module", SymbolChange.STATEMENT)])

    assert level(given, ran(functions, Hit(entry=ROUTE, functions=functions))) == expected


def test_a_started_service_walks_what_stands_around_every_route() -> None:
    """Whichever route it asked, the request passed through the line; of a line around some routes nobody knows."""
    walk = ReportedWalk(kind="http", name="GET /items/7", raw=True, tool="Playwright", commit="a" * 40)
    routed = RoutedWalks(by_entry={ENTRY.key: (walk,)})
    whole, some = answer(around(KEEPER)), answer(around(KEEPER, kinds=("http", "task")))

    assert [each.level for each in walk_all(whole, None, routed, ())] == [4]
    assert [each.level for each in walk_all(some, None, routed, ())] == [None]


def possible(*symbols: str) -> AffectedEntry:
    """Return an entry point that may run some symbols."""
    return AffectedEntry(entry=ENTRY, label=Label.POSSIBLE, side=Side.HEAD, way=(), changed=symbols)


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        (ran(0b100), None),
        (ran(0b110, Hit(entry=ROUTE, functions=0b010)), None),
        (ran(0b110, Hit(entry=ROUTE, functions=0b110, used=(MOCK,))), 2),
    ],
)
def test_what_only_may_run_is_no_highest_level(test: TracedTest, expected: int | None) -> None:
    """That no entry point surely runs it is no proof that none does; a walk that ran it is."""
    assert level(answer(affected=[possible(RATE)], symbols=[changed(RATE)]), test) == expected


def test_a_template_that_a_route_may_render_wants_the_route_walked() -> None:
    """Nothing of it can be traced, so the handler stands for it."""
    given = answer(affected=[possible("templates/a.html")], symbols=[changed("templates/a.html", "file")])

    assert level(given, ran(0b010, Hit(entry=ROUTE, functions=0b010))) == 3
    assert level(given, ran(0b010)) is None


def test_what_is_judged_already_is_not_judged_again() -> None:
    """A second, unsure way to what a sure one reaches changes nothing."""
    sure = AffectedEntry(entry=ENTRY, label=Label.RESOLVED, side=Side.HEAD, way=(), changed=(READ,), possibly=(READ,))
    given = answer(affected=[sure], symbols=[changed(READ)])
    walked = walk_all(given, view(given, ran(0b010, Hit(entry=ROUTE, functions=0b010))), RoutedWalks(), ())

    assert [(each.entry, each.level) for each in walked] == [(ENTRY.key, 3)]


def test_a_removed_function_that_might_have_run_wants_no_walk() -> None:
    """There is nothing left to be walked."""
    given = answer(affected=[possible(RATE)], symbols=[changed(RATE, change=SymbolChange.REMOVED)])
    walked: tuple[Walked, ...] = walk_all(given, view(given, ran(0b010)), RoutedWalks(), ())

    assert walked == ()
