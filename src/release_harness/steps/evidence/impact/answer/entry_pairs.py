"""Which entry point of the head is which of the base, and what stands before each where it is registered more than once."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from release_harness.steps.evidence.impact.difference.side import SideView
from release_harness.steps.evidence.impact.entries.guards import registered_again
from release_harness.steps.evidence.impact.entries.reading import is_test_path
from release_harness.steps.evidence.model.impact import EntryPoint, SymbolId


class Pair(NamedTuple):
    """One entry point on both sides."""

    base: EntryPoint
    head: EntryPoint


class Registry(NamedTuple):
    """What became of the entry points."""

    added: tuple[EntryPoint, ...]
    removed: tuple[EntryPoint, ...]
    pairs: tuple[Pair, ...]


def compare_entries(base: SideView, head: SideView, moved: Mapping[SymbolId, SymbolId]) -> Registry:
    """Match the entry points of both sides by kind, name and handler, else by kind and name, else by handler where that is one."""
    before, after = _reachable(base), _reachable(head)
    pairs = [pair for key, each in before.items() if key in after for pair in _of_one_name(each, after[key], moved)]
    gone = [each[0] for key, each in before.items() if key not in after]
    come = [each[0] for key, each in after.items() if key not in before]
    by_handler = _alone(come, lambda each: each)
    for name, was in _alone(gone, lambda each: moved.get(each, each)).items():
        now = by_handler.get(name)
        if now is not None:
            pairs.append(Pair(was, now))
    return Registry(added=tuple(come), removed=tuple(gone), pairs=tuple(pairs))


def _of_one_name(
    before: Sequence[EntryPoint], after: Sequence[EntryPoint], moved: Mapping[SymbolId, SymbolId]
) -> Iterator[Pair]:
    """Yield the pairs of one address: several programs of one repository may answer it, each by a handler of its own."""
    waiting = list(after)
    rest = []
    for was in before:
        name = moved.get(was.handler, was.handler)
        now = next((each for each in waiting if each.handler == name), None)
        if now is None:
            rest.append(was)
        else:
            waiting.remove(now)
            yield Pair(was, now)
    for was, now in zip(rest, waiting, strict=False):
        yield Pair(was, now)
    for now in waiting[len(rest) :]:
        # A second handler beside the first may be the one that answers now.
        shadowed = next((each for each in before if each.registered_on == now.registered_on), None)
        if shadowed is not None:
            yield Pair(shadowed, now)


def _reachable(side: SideView) -> Mapping[str, list[EntryPoint]]:
    found: dict[str, dict[SymbolId, list[EntryPoint]]] = {}
    for each in side.entries:
        if each.mounted is not False and not is_test_path(each.path):
            found.setdefault(each.key, {}).setdefault(each.handler, []).append(each)
    return {key: [registered_again(each) for each in held.values()] for key, held in found.items()}


def _alone(
    entries: Iterable[EntryPoint], name: Callable[[SymbolId], SymbolId]
) -> dict[tuple[str, str, str], EntryPoint]:
    """Return entry points by handler, those that share one with another of the same kind left out."""
    found: dict[tuple[str, str, str], list[EntryPoint]] = {}
    for each in entries:
        verb = each.name.partition(" ")[0] if each.kind == "http" else ""
        found.setdefault((name(each.handler), each.kind, verb), []).append(each)
    return {key: held[0] for key, held in found.items() if len(held) == 1}
