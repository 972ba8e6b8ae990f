"""Which entry points reach which changed symbols, and by which way."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from release_harness.steps.evidence.impact.answer.closures import makers_of
from release_harness.steps.evidence.impact.answer.registrations import Registrations
from release_harness.steps.evidence.impact.answer.ways import handler_hop, hops_of, way_of, weakest
from release_harness.steps.evidence.impact.difference.seeds import Seed
from release_harness.steps.evidence.impact.difference.side import SideView, nodes_of
from release_harness.steps.evidence.impact.entries.contract import ProgramView
from release_harness.steps.evidence.impact.entries.reading import is_test_path, path_of
from release_harness.steps.evidence.impact.graph import Node, Reached
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint, Hop, Label, Side, SymbolId

SURE = frozenset({Label.TRACED, Label.RESOLVED})
LABELS = (Label.TRACED, Label.RESOLVED, Label.POSSIBLE, Label.UNKNOWN)
"""From sure to guessed."""


class Touch(NamedTuple):
    """One entry point reaching one seed on one side."""

    entry: EntryPoint
    seed: SymbolId
    side: Side
    label: Label
    way: tuple[Hop, ...]
    asynchronous: bool = False
    registers: bool = False
    """Whether the seed is what registers the entry point, and registers it in another way now."""


def by_seed(touches: Iterable[Touch]) -> dict[SymbolId, list[Touch]]:
    """Return the touches of each seed."""
    found: dict[SymbolId, list[Touch]] = {}
    for each in touches:
        found.setdefault(each.seed, []).append(each)
    return found


def referrers_of(wanted: Mapping[SymbolId, Seed]) -> dict[SymbolId, tuple[SymbolId, ...]]:
    """Return where the search starts for seeds that are no symbols of the tree, such as libraries."""
    return {symbol: seed.referrers for symbol, seed in wanted.items() if seed.referrers}


def whole_way(entry: EntryPoint, reached: Reached, seed: Seed) -> tuple[Hop, ...]:
    """Return the way to a seed; that to a library goes one step further than the code that uses it."""
    way = way_of(entry, reached)
    if not seed.referrers:
        return way
    return (*way, Hop(symbol=seed.symbol, path=path_of(way[-1].symbol), line=0, reason="uses the library"))


def touches_of(
    side: SideView,
    seeds: Sequence[Seed],
    which: Side,
    traced: Mapping[str, frozenset[SymbolId]],
    registrations: Registrations,
) -> Iterator[Touch]:
    """Yield which entry points reach which seeds on one side; `traced` says what each was seen to run."""
    wanted = {each.symbol: each for each in seeds if not each.on_import}
    entries = [each for each in side.entries if each.mounted is not False and not is_test_path(each.path)]
    nodes = nodes_of(entries)
    handed = [tuple(registrations.handed_in(each)) for each in entries] if wanted else [()] * len(entries)
    targets = {*nodes, *(Node(symbol) for each in handed for symbol, _ in each)}
    found = side.graph.reaching(wanted, targets, referrers_of(wanted)) if wanted else {}
    reached: dict[Node, list[tuple[SymbolId, Reached]]] = {}
    for (node, seed), way in found.items():
        if not _through_tests(way):
            reached.setdefault(node, []).append((seed, way))
    handing = {(symbol, each.path, line) for each, given in zip(entries, handed, strict=True) for symbol, line in given}
    for entry, node, given in zip(entries, nodes, handed, strict=True):
        seen = traced.get(entry.key, frozenset())
        direct = _direct(entry, wanted, registrations)
        for seed in direct:
            label = _label(Confidence.HIGH, sure=wanted[seed].sure, seen=seed in seen)
            yield Touch(entry, seed, which, label, _direct_way(entry, seed))
        made = {seed: way for seed, way in _made_by(side.program, entry, wanted) if seed not in direct}
        for seed, hops in made.items():
            yield Touch(entry, seed, which, _label(Confidence.HIGH, sure=wanted[seed].sure, seen=seed in seen), hops)
        for seed, way in reached.get(node, ()):
            if seed in direct or seed in made:
                continue
            hops = whole_way(entry, way, wanted[seed])
            only_handed = any((hop.symbol, hop.path, hop.line) in handing for hop in hops[1:])
            label = _label(weakest(entry, way), sure=wanted[seed].sure and not only_handed, seen=seed in seen)
            yield Touch(entry, seed, which, label, hops, way.asynchronous)
        for symbol, line in given:
            yield from _through_handed_in(entry, symbol, line, reached.get(Node(symbol), ()), wanted, seen, which)
        yield from _only_traced(entry, wanted, seen, {each[0] for each in reached.get(node, ())}, which)


def _through_handed_in(
    entry: EntryPoint,
    symbol: SymbolId,
    line: int,
    reached: Iterable[tuple[SymbolId, Reached]],
    wanted: Mapping[SymbolId, Seed],
    seen: frozenset[SymbolId],
    which: Side,
) -> Iterator[Touch]:
    """Yield what an entry point reaches by what is handed in where it is registered."""
    start = (
        handler_hop(entry),
        Hop(symbol=symbol, path=entry.path, line=line, reason="is registered with"),
    )
    if symbol in wanted:
        yield Touch(entry, symbol, which, _label(Confidence.HIGH, sure=wanted[symbol].sure, seen=symbol in seen), start)
    for seed, way in reached:
        if seed != symbol:
            label = _label(weakest(entry, way), sure=wanted[seed].sure, seen=seed in seen)
            yield Touch(entry, seed, which, label, (*start, *hops_of(way.way)), way.asynchronous)


def _through_tests(way: Reached) -> bool:
    """Tell whether a way leads through test code: a product never runs that, whatever name it shares."""
    return any(is_test_path(path_of(edge.target.symbol)) for edge in way.way)


def _direct(entry: EntryPoint, wanted: Mapping[SymbolId, Seed], registrations: Registrations) -> list[SymbolId]:
    """Return the seeds that are the entry point itself: its handler, a class-based handler's own methods, its router.

    A list of URLs is no router: one more address in it leaves the others as they were.
    """
    found = [each for each in (entry.handler, entry.receiver, entry.registered_on) if each and each in wanted]
    if entry.registered_on in found and entry.registered_on != entry.handler:
        own = registrations.of(entry)
        if own is not None and entry.registered_on in own.held_by:
            found.remove(entry.registered_on)
    return list(dict.fromkeys(found))


def _direct_way(entry: EntryPoint, seed: SymbolId) -> tuple[Hop, ...]:
    if seed == entry.registered_on and seed != entry.handler:
        hop = Hop(symbol=seed, path=entry.path, line=entry.line, reason="is registered on")
        return (handler_hop(entry), hop)
    return (handler_hop(entry),)


def _made_by(
    program: ProgramView, entry: EntryPoint, wanted: Mapping[SymbolId, Seed]
) -> Iterator[tuple[SymbolId, tuple[Hop, ...]]]:
    """Yield the seeds that are, or are used by, a function around the handler whose variables the handler uses."""
    for maker in makers_of(program, entry.handler) if wanted else ():
        hop = Hop(symbol=maker, path=path_of(maker), line=0, reason="uses a variable of")
        for seed in wanted.values():
            if seed.symbol == maker:
                yield seed.symbol, (handler_hop(entry), hop)
            elif maker in seed.referrers:
                library = Hop(symbol=seed.symbol, path=path_of(maker), line=0, reason="uses the library")
                yield seed.symbol, (handler_hop(entry), hop, library)


def _label(confidence: Confidence, *, sure: bool, seen: bool) -> Label:
    if seen:
        return Label.TRACED
    return Label.RESOLVED if confidence is Confidence.HIGH and sure else Label.POSSIBLE


def _only_traced(
    entry: EntryPoint, wanted: Mapping[SymbolId, Seed], seen: frozenset[SymbolId], known: set[SymbolId], which: Side
) -> Iterator[Touch]:
    """Yield what a trace saw although no way is in the graph: reading the code cannot find everything."""
    for seed in sorted(seen & wanted.keys()):
        if seed not in known and seed not in {entry.handler, entry.receiver, entry.registered_on}:
            hop = Hop(
                symbol=seed, path=path_of(seed), line=wanted[seed].because.line, reason="was seen to run by a trace"
            )
            yield Touch(entry, seed, which, Label.TRACED, (handler_hop(entry), hop))
