"""The levels L0 to L5 of one entry point, and the facts that policies read."""

from dataclasses import replace

import pytest

from release_harness.kernel.facts import Known, Unknown
from release_harness.steps.evidence.model.impact import EntryPoint
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
    WalkLevel,
)
from release_harness.steps.evidence.rules import walks
from release_harness.steps.evidence.rules.walks import (
    TraceView,
    entries_by_function,
    level_of,
    merge_maps,
    unwalked_fact,
    view_trace,
    walk_level_fact,
)

BLOB, OTHER = "1" * 40, "2" * 40
ITEMS = EntryPoint(
    kind="http", name="GET /items/{id}", framework="fastapi", handler="app/api.py:read", path="app/api.py", line=3
)
ENTRY = TracedEntry(kind="http", name="GET /items/{item_id}", handler="app/api.py:read")
FUNCTIONS = tuple(
    TracedFunction(symbol=symbol, path=symbol.partition(":")[0], blob=BLOB)
    for symbol in ("app/api.py:read", "app/store.py:load", "app/store.py:Store.get", "tests/test_a.py:test_a")
)
BLOBS = {"app/api.py": BLOB, "app/store.py": BLOB, "tests/test_a.py": BLOB}
MOCK = Replacement(name="app.store.Store.get", how="mock", first_party=True)


def traced(test: str = "tests/test_a.py::test_a", ran: int = 0b1111, outcome: str = "passed", *hits: Hit) -> TracedTest:
    """Return one traced test."""
    return TracedTest(id=test, outcome=outcome, functions=ran, hits=hits)


def map_of(*tests: TracedTest, between: int = 0) -> TraceMap:
    """Return a map of these tests."""
    return TraceMap(functions=FUNCTIONS, tests=tests, between=TracedTest(id="", outcome="", functions=between))


def view(*tests: TracedTest) -> TraceView:
    """Return the view of a map in which every file still is what it was."""
    return view_trace(map_of(*tests), [ITEMS], BLOBS)


def level(symbols: list[str], *tests: TracedTest) -> tuple[int | None, str]:
    """Return the level and why."""
    walked = level_of(ITEMS, symbols, view(*tests))
    return walked.level, walked.why


@pytest.mark.parametrize(
    ("tests", "expected", "why"),
    [
        ([traced(ran=0b1001)], 0, "no test that passed ran"),
        ([traced(outcome="failed")], 0, "no test that passed ran"),
        ([traced()], 1, "none of them came in through"),
        ([traced("t", 0b1111, "passed", Hit(entry=ENTRY, functions=0b0001))], 1, "none of them came in through"),
        ([traced("t", 0b1111, "passed", Hit(entry=ENTRY, functions=0b0011, used=(MOCK,)))], 2, "app.store.Store.get"),
        ([traced("t", 0b1111, "passed", Hit(entry=ENTRY, functions=0b0011, idle=(MOCK,)))], 3, "replaced nothing"),
        ([traced("t", 0b1111, "failed", Hit(entry=ENTRY, functions=0b0011))], 0, "no test that passed ran"),
    ],
)
def test_each_level_is_given_for_what_it_says(tests: list[TracedTest], expected: int, why: str) -> None:
    """A mocked or unplugged test must not read as a walked path."""
    found, because = level(["app/store.py:load"], *tests)
    assert found == expected
    assert why in because


@pytest.mark.parametrize(
    "replacement",
    [
        Replacement(name="requests.get", how="mock", first_party=False),
        Replacement(name="app.settings.TIMEOUT", how="value", first_party=True),
    ],
)
def test_the_border_of_the_repository_may_be_replaced(replacement: Replacement) -> None:
    """Stubs of the network and settings take no code of the repository out of the way."""
    hit = Hit(entry=ENTRY, functions=0b0011, used=(replacement,))
    assert level(["app/store.py:load"], traced("t", 0b1111, "passed", hit))[0] == WalkLevel.UNMOCKED


def test_a_half_walked_change_is_as_low_as_its_worst_function() -> None:
    """Otherwise one walked line would vouch for all that changed behind the same route."""
    hit = Hit(entry=ENTRY, functions=0b0011)
    walked = level_of(ITEMS, ["app/store.py:load", "app/store.py:Store.get"], view(traced("t", 0b0011, "passed", hit)))
    assert (walked.level, walked.best, walked.missed) == (0, 3, ("app/store.py:Store.get",))


def test_starting_a_function_without_its_changed_lines_proves_nothing() -> None:
    """The tracer sees functions; coverage knows which of their lines ran."""
    tests = traced("t", 0b1111, "passed", Hit(entry=ENTRY, functions=0b0011))
    walked = level_of(ITEMS, ["app/store.py:load"], view(tests), missed=["app/store.py:load"])
    assert walked.level == WalkLevel.NOTHING
    assert "changed line" in walked.why


def test_a_trace_of_other_content_never_counts() -> None:
    """The function that ran is not the one that would be landed."""
    tests = traced("t", 0b1111, "passed", Hit(entry=ENTRY, functions=0b0011))
    stale = view_trace(map_of(tests), [ITEMS], {**BLOBS, "app/store.py": OTHER})
    assert level_of(ITEMS, ["app/store.py:load"], stale).level == WalkLevel.NOTHING
    nothing = view_trace(map_of(tests), [ITEMS], {})
    assert level_of(ITEMS, ["app/store.py:load"], nothing).level is None
    kept = view_trace(map_of(tests), [ITEMS], {**BLOBS, "app/store.py": OTHER}, unchanged=["app/store.py:load"])
    assert level_of(ITEMS, ["app/store.py:load"], kept).level == WalkLevel.UNMOCKED


def test_a_service_that_runs_this_commit_is_more_than_a_test() -> None:
    """The started product is what users get; an environment of the team's own is more again."""
    from_outside = ReportedWalk(kind="http", name="GET /items/7", raw=True, tool="Playwright", commit="a" * 40)
    inside = replace(from_outside, tool="OpenTelemetry", environment="staging")
    for walk, expected in ((from_outside, 4), (inside, 5), (replace(inside, commit=""), 4)):
        routed = RoutedWalks(by_entry={ITEMS.key: (walk,)})
        assert level_of(ITEMS, ["app/store.py:load"], None, routed).level == expected
        assert level_of(ITEMS, ["app/store.py:load"], view(traced()), routed).level == expected


def test_nobody_can_tell_without_trace_or_walk() -> None:
    """Missing evidence is unknown, never nothing and never enough."""
    assert level_of(ITEMS, ["app/store.py:load"], None).level is None


def test_the_facts_are_the_lowest_level_and_the_count_below_a_bound() -> None:
    """A policy asks one number of all affected entries."""
    rows = [Walked(entry=str(each), level=WalkLevel(each), best=WalkLevel(each)) for each in (3, 1, 2)]
    assert walk_level_fact(rows) == Known(value=1, source="computed here from the trace")
    assert unwalked_fact(rows) == Known(value=1, source="computed here from the trace")
    assert unwalked_fact(rows, below=WalkLevel.UNMOCKED) == Known(value=2, source="computed here from the trace")
    unknown = Walked(entry="http GET /x", level=None, best=WalkLevel.NOTHING, why="no trace")
    for fact in (walk_level_fact([*rows, unknown]), unwalked_fact([*rows, unknown]), walk_level_fact(rows, "no base")):
        assert isinstance(fact, Unknown)
    assert walk_level_fact([]).value == 5  # type: ignore[union-attr]


def test_maps_of_shards_add_up_and_the_same_map_twice_changes_nothing() -> None:
    """CI uploads the files of workers in any order, and sometimes twice."""
    one = map_of(traced("t1", 0b0001), between=0b0100)
    other = TraceMap(
        functions=tuple(reversed(FUNCTIONS)),
        tests=(traced("t1", 0b1000, "failed"), traced("t2", 0b0100, "passed", Hit(entry=ENTRY, functions=0b1000))),
        between=TracedTest(id="", outcome="", functions=0),
    )
    merged = merge_maps([one, other])
    assert merge_maps([one, other, other, one]) == merged
    assert walks.tests_by_function(merged) == {
        "app/api.py:read": {"t1"},
        "app/store.py:load": {"t2"},
        "app/store.py:Store.get": {"*"},
    }
    assert {each.id: each.outcome for each in merged.tests} == {"t1": "failed", "t2": "passed"}
    assert entries_by_function(merged) == {"app/api.py:read": {ENTRY}}
    assert walks.tests_by_entry(merged) == {ENTRY: {"t2"}}
