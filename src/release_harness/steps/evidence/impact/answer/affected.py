"""Which entry points run changed code, how surely, and by which way (§§3.3, 3.5 of the design)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from release_harness.steps.evidence.impact.answer.ways import handler_hop, hops_of, way_of, weakest
from release_harness.steps.evidence.impact.difference.seeds import Seed
from release_harness.steps.evidence.impact.difference.side import SideView, nodes_of
from release_harness.steps.evidence.impact.entries.reading import is_test_path, path_of
from release_harness.steps.evidence.impact.graph import Node, Reached
from release_harness.steps.evidence.model.impact import (
    AffectedEntry,
    Confidence,
    CrossCutting,
    EntryPoint,
    Hop,
    Label,
    Side,
    SymbolId,
)

CROSSING_RATIO = 0.4
CROSSING_LEAST_COUNT = 20
"""A symbol that this share of at least so many entry points reaches is told once."""
_SURE = frozenset({Label.TRACED, Label.RESOLVED})
_LABELS = (Label.TRACED, Label.RESOLVED, Label.POSSIBLE, Label.UNKNOWN)


class Touch(NamedTuple):
    """One entry point reaching one seed on one side."""

    entry: EntryPoint
    seed: SymbolId
    side: Side
    label: Label
    way: tuple[Hop, ...]
    asynchronous: bool = False


class Affected(NamedTuple):
    """Affected entry points, and what is told once for many."""

    entries: tuple[AffectedEntry, ...]
    cross_cutting: tuple[CrossCutting, ...]
    shares: Mapping[str, float]
    """Entry key -> share of all entry points that the changed code nearest to it reaches."""
    reached_count: int = 0
    """Entry points that surely run what changed, also those that are told once for many."""
    possible_count: int = 0
    """Entry points that run what changed by guesses alone, also those that are told once for many."""
    told: tuple[EntryPoint, ...] = ()
    """Entry points that surely run what changed and are not among `entries`: they are told once for many."""


def find_affected(
    base: SideView,
    head: SideView,
    on_base: Sequence[Seed],
    on_head: Sequence[Seed],
    traced: Mapping[str, frozenset[SymbolId]],
) -> Affected:
    """Return what is affected on either side; `traced` says which symbols each entry was seen to run, by its key."""
    touches = [*_touches(base, on_base, Side.BASE, traced), *_touches(head, on_head, Side.HEAD, traced)]
    crossing, told = _crossing(base, head, touches, on_base, on_head)
    all_count = max(1, len({each.key for each in (*base.entries, *head.entries)}))
    reach = {seed: len({each.entry.key for each in found}) for seed, found in _by_seed(touches).items()}
    kept = [each for each in touches if not told.covers(each)]
    shares: dict[str, float] = {}
    entries = []
    for key, found in _by_entry(kept).items():
        entries.append(_join(found))
        shares[key] = reach[entries[-1].changed[0]] / all_count
    entries.sort(key=lambda each: _rank(each, shares))
    sure = {each.entry.key for each in touches if each.label in _SURE}
    sure.update(*(keys for seed, keys in told.around.items() if seed in told.sure))
    possible = {each.entry.key for each in touches}.union(*told.around.values()) - sure
    every = {each.key: each for each in (*base.entries, *head.entries)}
    behind = sure & every.keys() - {each.entry.key for each in entries if each.label in _SURE}
    return Affected(
        tuple(entries), crossing, shares, len(sure), len(possible), tuple(every[key] for key in sorted(behind))
    )


class _Told(NamedTuple):
    """What is said once for many, and of which entry points it is thereby said."""

    shared: frozenset[SymbolId]
    """Seeds that so many entry points run themselves that none of them is listed."""
    guessed: frozenset[SymbolId]
    """Seeds that so many entry points may run that none of those is listed that only may."""
    around: Mapping[SymbolId, AbstractSet[str]]
    """Seed -> keys of the entry points that it stands around."""
    through: Mapping[SymbolId, AbstractSet[SymbolId]]
    """Seed -> what stands around and leads to it."""
    sure: frozenset[SymbolId]
    """Those seeds of `around` that surely changed."""

    def covers(self, touch: Touch) -> bool:
        """Tell whether an entry point need not be listed; its own sure way to the change is more than what stands around it."""
        if touch.seed in self.shared or (touch.seed in self.guessed and touch.label is Label.POSSIBLE):
            return True
        if touch.entry.key not in self.around.get(touch.seed, ()):
            return False
        through = self.through.get(touch.seed, frozenset())
        return touch.label is Label.POSSIBLE or any(hop.symbol in through for hop in touch.way[1:])


def _rank(each: AffectedEntry, shares: Mapping[str, float]) -> tuple[int, int, float, str]:
    return _LABELS.index(each.label), len(each.way), shares.get(each.entry.key, 0.0), each.entry.key


def _by_entry(touches: Iterable[Touch]) -> dict[str, list[Touch]]:
    found: dict[str, list[Touch]] = {}
    for each in touches:
        found.setdefault(each.entry.key, []).append(each)
    return found


def _by_seed(touches: Iterable[Touch]) -> dict[SymbolId, list[Touch]]:
    found: dict[SymbolId, list[Touch]] = {}
    for each in touches:
        found.setdefault(each.seed, []).append(each)
    return found


def _join(touches: Sequence[Touch]) -> AffectedEntry:
    ordered = sorted(
        touches, key=lambda each: (_LABELS.index(each.label), len(each.way), each.side is Side.BASE, each.seed)
    )
    best = ordered[0]
    sides = {each.side for each in touches}
    sure = best.label in _SURE
    changed = tuple(dict.fromkeys(each.seed for each in ordered if not sure or each.label in _SURE))
    return AffectedEntry(
        entry=next((each.entry for each in ordered if each.side is Side.HEAD), best.entry),
        label=best.label,
        side=Side.BOTH if len(sides) > 1 else best.side,
        way=best.way,
        changed=changed,
        possibly=tuple(dict.fromkeys(each.seed for each in ordered if each.seed not in changed)),
        asynchronous=all(each.asynchronous for each in touches),
    )


def _touches(
    side: SideView, seeds: Sequence[Seed], which: Side, traced: Mapping[str, frozenset[SymbolId]]
) -> Iterator[Touch]:
    wanted = {each.symbol: each for each in seeds if not each.on_import}
    entries = [each for each in side.entries if each.mounted is not False and not is_test_path(each.path)]
    nodes = nodes_of(entries)
    found = side.graph.reaching(wanted, set(nodes)) if wanted else {}
    reached: dict[Node, list[tuple[SymbolId, Reached]]] = {}
    for (node, seed), way in found.items():
        if not _through_tests(way):
            reached.setdefault(node, []).append((seed, way))
    for entry, node in zip(entries, nodes, strict=True):
        seen = traced.get(entry.key, frozenset())
        for seed in _direct(entry, wanted):
            label = _label(Confidence.HIGH, sure=wanted[seed].sure, seen=seed in seen)
            yield Touch(entry, seed, which, label, _direct_way(entry, seed))
        for seed, way in reached.get(node, ()):
            if seed in _direct(entry, wanted):
                continue
            label = _label(weakest(entry, way), sure=wanted[seed].sure, seen=seed in seen)
            yield Touch(entry, seed, which, label, way_of(entry, way), way.asynchronous)
        yield from _only_traced(entry, wanted, seen, {each[0] for each in reached.get(node, ())}, which)


def _through_tests(way: Reached) -> bool:
    """Tell whether a way leads through test code: a product never runs that, whatever name it shares."""
    return any(is_test_path(path_of(edge.target.symbol)) for edge in way.way)


def _direct(entry: EntryPoint, wanted: Mapping[SymbolId, Seed]) -> list[SymbolId]:
    """Return the seeds that are the entry point itself: its handler, a class-based handler's own methods, its router."""
    found = [each for each in (entry.handler, entry.receiver, entry.registered_on) if each and each in wanted]
    return list(dict.fromkeys(found))


def _direct_way(entry: EntryPoint, seed: SymbolId) -> tuple[Hop, ...]:
    if seed == entry.registered_on and seed != entry.handler:
        hop = Hop(symbol=seed, path=entry.path, line=entry.line, reason="is registered on")
        return (handler_hop(entry), hop)
    return (handler_hop(entry),)


def _label(confidence: Confidence, *, sure: bool, seen: bool) -> Label:
    if seen:
        return Label.TRACED
    return Label.RESOLVED if confidence is Confidence.HIGH and sure else Label.POSSIBLE


def _only_traced(
    entry: EntryPoint, wanted: Mapping[SymbolId, Seed], seen: frozenset[SymbolId], known: set[SymbolId], which: Side
) -> Iterator[Touch]:
    """Yield what a trace saw although no way is in the graph: reading the code cannot find everything."""
    for seed in sorted(seen & wanted.keys()):
        if seed not in known and seed not in _direct(entry, wanted):
            hop = Hop(
                symbol=seed, path=path_of(seed), line=wanted[seed].because.line, reason="was seen to run by a trace"
            )
            yield Touch(entry, seed, which, Label.TRACED, (handler_hop(entry), hop))


def _crossing(
    base: SideView, head: SideView, touches: Sequence[Touch], on_base: Sequence[Seed], on_head: Sequence[Seed]
) -> tuple[tuple[CrossCutting, ...], _Told]:
    """Return what is told once for many, and what is thereby told."""
    found: list[CrossCutting] = []
    around: dict[SymbolId, set[str]] = {}
    through: dict[SymbolId, set[SymbolId]] = {}
    for side, seeds in ((head, on_head), (base, on_base)):
        for each, keys in (*_through_around(side, seeds), *_through_imports(side, seeds)):
            known = around.get(each.symbol)
            through.setdefault(each.symbol, set()).add(each.way[0].symbol)
            if known is None or not keys <= known:
                found.append(each)
                around.setdefault(each.symbol, set()).update(keys)
    sure = frozenset(each.symbol for each in found if each.label is not Label.POSSIBLE)
    entries = {each.key: each for each in (*base.entries, *head.entries)}
    many = [_by_many(seed, reached, entries) for seed, reached in _by_seed(touches).items()]
    told = [each for each in many if each is not None]
    found += [each for each, keys in told if not keys <= around.get(each.symbol, set())]
    shared = frozenset(each.symbol for each, _ in told if each.label is not Label.POSSIBLE)
    guessed = frozenset(each.symbol for each, _ in told) - shared
    # A class is told once, without each of its fields and methods.
    symbols = {each.symbol for each in found}
    kept = [each for each in found if each.symbol.rpartition(".")[0] not in symbols]
    ordered = tuple(sorted(kept, key=lambda each: (-each.entries_count, each.symbol)))
    return ordered, _Told(shared, guessed, around, through, sure)


def _by_many(
    seed: SymbolId, touches: Sequence[Touch], entries: Mapping[str, EntryPoint]
) -> tuple[CrossCutting, set[str]] | None:
    """Return what is told once of a seed that many entry points run, and of which; guesses never swell what is sure."""
    sure = [each for each in touches if each.label in _SURE]
    known = {each.entry.key for each in sure}
    for found in (sure, [each for each in touches if each.entry.key not in known]):
        keys = {each.entry.key for each in found}
        if len(entries) >= CROSSING_LEAST_COUNT and len(keys) >= CROSSING_RATIO * len(entries):
            best = min(found, key=lambda each: (_LABELS.index(each.label), len(each.way)))
            told = CrossCutting(
                reason=f"reached by {len(keys)} of {len(entries)} entry points",
                symbol=seed,
                entries_count=len(keys),
                kinds=_kinds(entries[key] for key in keys if key in entries),
                label=best.label,
                way=best.way,
            )
            return told, keys
    return None


def _kinds(entries: Iterable[EntryPoint]) -> tuple[str, ...]:
    return tuple(sorted({each.kind for each in entries}))


def _through_around(side: SideView, seeds: Sequence[Seed]) -> Iterator[tuple[CrossCutting, set[str]]]:
    """Yield changed code that middleware, loaders, exception handlers and settings run, with the entry points behind it."""
    wanted = {each.symbol: each for each in seeds if not each.on_import}
    around = [(discovery, each) for discovery in side.discoveries for each in discovery.around]
    if not wanted or not around:
        return
    found = side.graph.reaching(wanted, {Node(each.symbol) for _, each in around})
    for discovery, each in around:
        held = [entry for entry in discovery.entries if each.entries is None or entry.key in each.entries]
        for seed, start in wanted.items():
            way = found.get((Node(each.symbol), seed))
            if seed != each.symbol and (way is None or way.confidence is not Confidence.HIGH):
                # Through a guess everything stands around everything; what may be reached is told for each entry point.
                continue
            first = Hop(symbol=each.symbol, path=path_of(each.symbol), line=0, reason=each.reason)
            told = CrossCutting(
                reason=each.reason,
                symbol=seed,
                entries_count=len(held),
                kinds=_kinds(held),
                label=Label.RESOLVED if start.sure else Label.POSSIBLE,
                way=(first, *(hops_of(way.way) if way is not None else ())),
            )
            yield told, {entry.key for entry in held}


def _through_imports(side: SideView, seeds: Sequence[Seed]) -> Iterator[tuple[CrossCutting, set[str]]]:
    """Yield statements that run when a module is imported, with the entry points whose handlers the module holds."""
    for seed in seeds:
        if seed.on_import:
            path = path_of(seed.symbol)
            held = [
                each for each in side.entries if path in {each.path, path_of(each.handler), path_of(each.registered_on)}
            ]
            told = CrossCutting(
                reason="statements that run on import",
                symbol=seed.symbol,
                entries_count=len(held),
                kinds=_kinds(held),
                label=Label.POSSIBLE,
                way=(Hop(symbol=seed.symbol, path=path, line=seed.because.line, reason="runs on import"),),
            )
            yield told, {each.key for each in held}
