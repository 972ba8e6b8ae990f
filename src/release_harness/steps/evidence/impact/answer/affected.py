"""Which entry points run changed code, how surely, and by which way (§§3.3, 3.5 of the design)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from release_harness.steps.evidence.impact.answer.crossing import crossing_of
from release_harness.steps.evidence.impact.answer.registrations import Registrations
from release_harness.steps.evidence.impact.answer.rerouted import Registered, rerouted
from release_harness.steps.evidence.impact.answer.touches import LABELS, SURE, Touch, by_seed, touches_of
from release_harness.steps.evidence.impact.difference.seeds import Seed
from release_harness.steps.evidence.impact.difference.side import SideView
from release_harness.steps.evidence.model.impact import AffectedEntry, CrossCutting, EntryPoint, Side, SymbolId


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
    touched: frozenset[SymbolId] = frozenset()
    """Changed symbols that some entry point runs or may run."""


def find_affected(
    base: SideView,
    head: SideView,
    on_base: Sequence[Seed],
    on_head: Sequence[Seed],
    traced: Mapping[str, frozenset[SymbolId]],
) -> Affected:
    """Return what is affected on either side; `traced` says which symbols each entry was seen to run, by its key."""
    was = Registered(base, Side.BASE, Registrations(base), on_base)
    now = Registered(head, Side.HEAD, Registrations(head), on_head)
    touches = [*rerouted(was, now)]
    for side in (was, now):
        touches += touches_of(side.view, side.seeds, side.which, traced, side.calls)
    crossing, told = crossing_of(base, head, touches, on_base, on_head)
    all_count = max(1, len({each.key for each in (*base.entries, *head.entries)}))
    reach = {seed: len({each.entry.key for each in found}) for seed, found in by_seed(touches).items()}
    kept = [each for each in touches if not told.covers(each)]
    shares: dict[str, float] = {}
    entries = []
    for key, found in _by_entry(kept).items():
        entries.append(_join(found))
        shares[key] = reach[entries[-1].changed[0]] / all_count
    entries.sort(key=lambda each: _rank(each, shares))
    sure = {each.entry.key for each in touches if each.label in SURE}
    sure.update(*(keys for seed, keys in told.around.items() if seed in told.sure))
    possible = {each.entry.key for each in touches}.union(*told.around.values()) - sure
    every = {each.key: each for each in (*base.entries, *head.entries)}
    behind = sure & every.keys() - {each.entry.key for each in entries if each.label in SURE}
    touched = {each.seed for each in touches} | {seed for seed, keys in told.around.items() if keys}
    return Affected(
        entries=tuple(entries),
        cross_cutting=crossing,
        shares=shares,
        reached_count=len(sure),
        possible_count=len(possible),
        told=tuple(every[key] for key in sorted(behind)),
        touched=frozenset(touched),
    )


def _rank(each: AffectedEntry, shares: Mapping[str, float]) -> tuple[int, int, float, str]:
    return LABELS.index(each.label), len(each.way), shares.get(each.entry.key, 0.0), each.entry.key


def _by_entry(touches: Iterable[Touch]) -> dict[str, list[Touch]]:
    found: dict[str, list[Touch]] = {}
    for each in touches:
        found.setdefault(each.entry.key, []).append(each)
    return found


def _join(touches: Sequence[Touch]) -> AffectedEntry:
    ordered = sorted(
        touches, key=lambda each: (LABELS.index(each.label), len(each.way), each.side is Side.BASE, each.seed)
    )
    best = ordered[0]
    sides = {each.side for each in touches}
    sure = best.label in SURE
    changed = tuple(dict.fromkeys(each.seed for each in ordered if not sure or each.label in SURE))
    return AffectedEntry(
        entry=next((each.entry for each in ordered if each.side is Side.HEAD), best.entry),
        label=best.label,
        side=Side.BOTH if len(sides) > 1 else best.side,
        way=best.way,
        changed=changed,
        possibly=tuple(dict.fromkeys(each.seed for each in ordered if each.seed not in changed)),
        asynchronous=all(each.asynchronous for each in touches),
    )
