"""Questions to a trace map: which tests ran a function, which entries reach it, and what of it still holds."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from release_harness.kernel.records import record
from release_harness.steps.evidence.model.impact import EntryPoint, SymbolId
from release_harness.steps.evidence.model.trace import (
    FunctionSet,
    Hit,
    Replacement,
    TracedEntry,
    TracedFunction,
    TracedTest,
    TraceMap,
)
from release_harness.steps.evidence.rules.walks.routing import Router

_OUTCOMES = ("", "passed", "xfailed", "skipped", "failed")
"""The later outweighs the earlier: a test that failed once has not passed."""


def members(functions: FunctionSet) -> Iterator[int]:
    """Yield the numbers of a set."""
    content = functions.to_bytes((functions.bit_length() + 7) // 8, "little")
    for at, byte in enumerate(content):
        if byte:
            yield from (at * 8 + bit for bit in range(8) if byte >> bit & 1)


def merge_maps(maps: Iterable[TraceMap]) -> TraceMap:
    """Put the maps of shards, workers and children together; the same map twice changes nothing."""
    merging = _Merging()
    for each in maps:
        merging.add(each)
    return merging.result()


class _Merging:
    def __init__(self) -> None:
        self._numbers: dict[TracedFunction, int] = {}
        self._tests: dict[str, TracedTest] = {}
        self._between = TracedTest(id="", outcome="", functions=0)
        self._methods: dict[str, None] = {}
        self._commits: dict[str, None] = {}
        self._faults: dict[str, None] = {}
        self._dropped_count = 0

    def add(self, other: TraceMap) -> None:
        places = [self._numbers.setdefault(each, len(self._numbers)) for each in other.functions]
        moved: dict[FunctionSet, FunctionSet] = {}

        def move(functions: FunctionSet) -> FunctionSet:
            if functions not in moved:
                bits = bytearray(len(self._numbers) // 8 + 1)
                for number in members(functions):
                    bits[places[number] >> 3] |= 1 << (places[number] & 7)
                moved[functions] = int.from_bytes(bits, "little")
            return moved[functions]

        for test in other.tests:
            known = self._tests.get(test.id)
            fresh = _moved(test, move)
            self._tests[test.id] = fresh if known is None else _join(known, fresh)
        self._between = _join(self._between, _moved(other.between, move))
        self._methods |= dict.fromkeys(other.methods)
        self._commits |= dict.fromkeys(other.commits)
        self._faults |= dict.fromkeys(other.faults)
        self._dropped_count = max(self._dropped_count, other.dropped_count)

    def result(self) -> TraceMap:
        return TraceMap(
            functions=tuple(self._numbers),
            tests=tuple(self._tests[each] for each in sorted(self._tests)),
            between=self._between,
            methods=tuple(self._methods),
            commits=tuple(self._commits),
            dropped_count=self._dropped_count,
            faults=tuple(sorted(self._faults)),
        )


def _moved(test: TracedTest, move: Callable[[FunctionSet], FunctionSet]) -> TracedTest:
    hits = tuple(
        Hit(entry=each.entry, functions=move(each.functions), used=each.used, idle=each.idle, count=each.count)
        for each in test.hits
    )
    return TracedTest(
        id=test.id,
        outcome=test.outcome,
        functions=move(test.functions),
        hits=hits,
        why=test.why,
        replaced=test.replaced,
        stubs=test.stubs,
        sockets=test.sockets,
        dropped_count=test.dropped_count,
    )


def _join(one: TracedTest, other: TracedTest) -> TracedTest:
    hits: dict[tuple[TracedEntry, tuple[Replacement, ...], tuple[Replacement, ...]], Hit] = {}
    for each in (*one.hits, *other.hits):
        key = (each.entry, each.used, each.idle)
        known = hits.get(key)
        functions = each.functions | (known.functions if known else 0)
        count = max(each.count, known.count if known else 0)
        hits[key] = Hit(entry=each.entry, functions=functions, used=each.used, idle=each.idle, count=count)
    return TracedTest(
        id=one.id,
        outcome=max(one.outcome, other.outcome, key=_OUTCOMES.index),
        functions=one.functions | other.functions,
        hits=tuple(hits.values()),
        why=one.why or other.why,
        replaced=tuple(dict.fromkeys((*one.replaced, *other.replaced))),
        stubs=tuple(sorted({*one.stubs, *other.stubs})),
        sockets=tuple(sorted({*one.sockets, *other.sockets})),
        dropped_count=max(one.dropped_count, other.dropped_count),
    )


@record
class TraceView:
    """A map as it holds for one tree: functions whose content is another are gone."""

    map: TraceMap
    numbers: dict[SymbolId, FunctionSet]
    """The functions that still are what ran."""
    hits: dict[str, tuple[tuple[TracedTest, Hit], ...]]
    """By `EntryPoint.key`: passed tests that went through it."""
    valid: FunctionSet
    files_count: int
    """Files of the map."""
    files_matched_count: int
    """Files whose content in the tree is the one that ran."""
    unmapped: tuple[TracedEntry, ...]
    """Dispatches that are of no known entry point, such as routes that tests register themselves."""

    @property
    def has_content(self) -> bool:
        """Tell whether the map says anything about the tree."""
        return self.files_matched_count > 0


def view_trace(
    traced: TraceMap,
    entries: Sequence[EntryPoint],
    blobs: Mapping[str, str],
    unchanged: Collection[SymbolId] = (),
) -> TraceView:
    """Return what a map says about a tree with these blobs (path -> git blob id).

    `unchanged` names functions whose body is the same although their file is another: a map of the base keeps them.
    """
    numbers: dict[SymbolId, FunctionSet] = {}
    valid = 0
    kept = frozenset(unchanged)
    files = {(each.path, each.blob) for each in traced.functions}
    for number, each in enumerate(traced.functions):
        if (each.blob and blobs.get(each.path) == each.blob) or each.symbol in kept:
            numbers[each.symbol] = numbers.get(each.symbol, 0) | 1 << number
            valid |= 1 << number
    hits, unmapped = _hits_of(traced, Router(entries))
    return TraceView(
        map=traced,
        numbers=numbers,
        hits=hits,
        valid=valid,
        files_count=len({path for path, _blob in files}),
        files_matched_count=len({path for path, blob in files if blob and blobs.get(path) == blob}),
        unmapped=unmapped,
    )


def _hits_of(
    traced: TraceMap, router: Router
) -> tuple[dict[str, tuple[tuple[TracedTest, Hit], ...]], tuple[TracedEntry, ...]]:
    places: dict[TracedEntry, EntryPoint | None] = {}
    found: dict[str, list[tuple[TracedTest, Hit]]] = {}
    for test in traced.tests:
        for hit in test.hits if test.outcome == "passed" else ():
            entry = hit.entry
            if entry not in places:
                places[entry] = router.named(entry.kind, entry.name, raw=entry.raw, handler=entry.handler)
            known = places[entry]
            if known is not None:
                found.setdefault(known.key, []).append((test, hit))
    unmapped = tuple(each for each, known in places.items() if known is None)
    return {key: tuple(each) for key, each in found.items()}, unmapped


def entries_by_function(traced: TraceMap) -> dict[SymbolId, frozenset[TracedEntry]]:
    """Return, for each function, the entries from which a dispatch reached it, whatever became of the test."""
    reached: dict[TracedEntry, FunctionSet] = {}
    for test in (*traced.tests, traced.between):
        for hit in test.hits:
            reached[hit.entry] = reached.get(hit.entry, 0) | hit.functions
    found: dict[SymbolId, set[TracedEntry]] = {}
    for entry, functions in reached.items():
        for number in members(functions):
            found.setdefault(traced.functions[number].symbol, set()).add(entry)
    return {symbol: frozenset(each) for symbol, each in found.items()}


def tests_by_function(traced: TraceMap) -> dict[SymbolId, frozenset[str]]:
    """Return, for each function, the tests that ran it; `*` stands for all, as for what runs at import."""
    found: dict[SymbolId, set[str]] = {}
    for test in traced.tests:
        for number in members(test.functions):
            found.setdefault(traced.functions[number].symbol, set()).add(test.id)
    for number in members(traced.between.functions):
        found.setdefault(traced.functions[number].symbol, set()).add("*")
    return {symbol: frozenset(each) for symbol, each in found.items()}


def tests_by_entry(traced: TraceMap) -> dict[TracedEntry, frozenset[str]]:
    """Return, for each entry, the tests that went through it."""
    found: dict[TracedEntry, set[str]] = {}
    for test in traced.tests:
        for hit in test.hits:
            found.setdefault(hit.entry, set()).add(test.id)
    return {entry: frozenset(each) for entry, each in found.items()}
