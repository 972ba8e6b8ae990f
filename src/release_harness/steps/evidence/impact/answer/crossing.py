"""What stands around entry points or is reached by many of them: told once, and not with each of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import NamedTuple

from release_harness.steps.evidence.impact.answer.touches import LABELS, SURE, Touch, by_seed, referrers_of
from release_harness.steps.evidence.impact.answer.ways import hops_of
from release_harness.steps.evidence.impact.difference.seeds import Seed
from release_harness.steps.evidence.impact.difference.side import SideView
from release_harness.steps.evidence.impact.entries.reading import path_of
from release_harness.steps.evidence.impact.graph import Node
from release_harness.steps.evidence.model.impact import Confidence, CrossCutting, EntryPoint, Hop, Label, SymbolId

CROSSING_RATIO = 0.4
CROSSING_LEAST_COUNT = 20
"""A symbol that this share of at least so many entry points reaches is told once."""


class Told(NamedTuple):
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
        if touch.registers or touch.entry.key not in self.around.get(touch.seed, ()):
            return False
        through = self.through.get(touch.seed, frozenset())
        return touch.label is Label.POSSIBLE or any(hop.symbol in through for hop in touch.way[1:])


def crossing_of(
    base: SideView, head: SideView, touches: Sequence[Touch], on_base: Sequence[Seed], on_head: Sequence[Seed]
) -> tuple[tuple[CrossCutting, ...], Told]:
    """Return what is told once for many, and what is thereby told."""
    standing: dict[tuple[SymbolId, str, Label], tuple[CrossCutting, set[str]]] = {}
    around: dict[SymbolId, set[str]] = {}
    through: dict[SymbolId, set[SymbolId]] = {}
    for side, seeds in ((head, on_head), (base, on_base)):
        for each, keys in (*_through_around(side, seeds), *_through_imports(side, seeds)):
            known = around.get(each.symbol)
            through.setdefault(each.symbol, set()).add(each.way[0].symbol)
            if known is None or not keys <= known:
                standing.setdefault((each.symbol, each.reason, each.label), (each, set()))[1].update(keys)
                around.setdefault(each.symbol, set()).update(keys)
    entries = {each.key: each for each in (*base.entries, *head.entries)}
    # Several filters that lead to one place are told as one.
    found = [
        replace(each, entries_count=len(keys), kinds=_kinds(entries[key] for key in keys if key in entries))
        for each, keys in standing.values()
    ]
    sure = frozenset(each.symbol for each in found if each.label is not Label.POSSIBLE)
    many = [_by_many(seed, reached, entries) for seed, reached in by_seed(touches).items()]
    told = [each for each in many if each is not None]
    found += [each for each, keys in told if not keys <= around.get(each.symbol, set())]
    shared = frozenset(each.symbol for each, _ in told if each.label is not Label.POSSIBLE)
    guessed = frozenset(each.symbol for each, _ in told) - shared
    # A class is told once, without each of its fields and methods.
    symbols = {each.symbol for each in found}
    kept = [each for each in found if each.symbol.rpartition(".")[0] not in symbols]
    ordered = tuple(sorted(kept, key=lambda each: (-each.entries_count, each.symbol)))
    return ordered, Told(shared, guessed, around, through, sure)


def _by_many(
    seed: SymbolId, touches: Sequence[Touch], entries: Mapping[str, EntryPoint]
) -> tuple[CrossCutting, set[str]] | None:
    """Return what is told once of a seed that many entry points run, and of which; guesses never swell what is sure."""
    sure = [each for each in touches if each.label in SURE]
    known = {each.entry.key for each in sure}
    for found in (sure, [each for each in touches if each.entry.key not in known]):
        keys = {each.entry.key for each in found}
        if len(entries) >= CROSSING_LEAST_COUNT and len(keys) >= CROSSING_RATIO * len(entries):
            best = min(found, key=lambda each: (LABELS.index(each.label), len(each.way)))
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
    # What is read when the application starts is no part of each request; see `_through_imports`.
    around = [
        (discovery, each)
        for discovery in side.discoveries
        for each in discovery.around
        if not each.symbol.endswith(":")
    ]
    if not wanted or not around:
        return
    found = side.graph.reaching(wanted, {Node(each.symbol) for _, each in around}, referrers_of(wanted))
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
    """Yield statements that run when a module is imported, with the entry points whose handlers the module holds.

    A framework may know more of a module: that it is read when the application starts, before all entry points.
    """
    started = {each.symbol: (found, each) for found in side.discoveries for each in found.around}
    for seed in seeds:
        if seed.on_import:
            path = path_of(seed.symbol)
            held = [
                each for each in side.entries if path in {each.path, path_of(each.handler), path_of(each.registered_on)}
            ]
            known = started.get(f"{path}:")
            if known is not None:
                held = [each for each in known[0].entries if known[1].entries is None or each.key in known[1].entries]
            told = CrossCutting(
                reason=known[1].reason if known is not None else "statements that run on import",
                symbol=seed.symbol,
                entries_count=len(held),
                kinds=_kinds(held),
                label=Label.POSSIBLE,
                way=(Hop(symbol=seed.symbol, path=path, line=seed.because.line, reason="runs on import"),),
            )
            yield told, {each.key for each in held}
