"""Entry points that another call registers at head than at base: other addresses, other handlers, other wrappers."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from release_harness.steps.evidence.impact.answer.registrations import Registration, Registrations
from release_harness.steps.evidence.impact.answer.touches import Touch
from release_harness.steps.evidence.impact.answer.ways import handler_hop
from release_harness.steps.evidence.impact.difference.seeds import Seed
from release_harness.steps.evidence.impact.difference.side import SideView, entries_by_key
from release_harness.steps.evidence.impact.entries.reading import is_test_path
from release_harness.steps.evidence.model.impact import EntryPoint, Hop, Label, Side, SymbolId


class Registered(NamedTuple):
    """One side with the calls that register its entry points, and where the change is looked for in it."""

    view: SideView
    which: Side
    calls: Registrations
    seeds: Sequence[Seed]

    @property
    def entries(self) -> Mapping[str, EntryPoint]:
        """The entry points of the product by their keys."""
        return entries_by_key([
            each for each in self.view.entries if each.mounted is not False and not is_test_path(each.path)
        ])  # fmt: skip


def rerouted(base: Registered, head: Registered) -> Iterator[Touch]:
    """Yield the entry points whose registering call differs, came or went; the handlers may be what they were."""
    changed = {each.because.path for each in (*base.seeds, *head.seeds)}
    before, after = base.entries, head.entries
    for key in sorted({*before, *after}):
        sides = ((base, before.get(key)), (head, after.get(key)))
        there = [(side, entry) for side, entry in sides if entry is not None]
        if changed.isdisjoint(entry.path for _, entry in there):
            continue
        found = [(side, entry, call) for side, entry in there for call in (side.calls.of(entry),) if call is not None]
        if len(found) == len(there) == len({call.says for _, _, call in found}):
            for side, entry, call in found:
                yield from _touch(side, entry, call)


def _touch(side: Registered, entry: EntryPoint, call: Registration) -> Iterator[Touch]:
    """Yield that the nearest changed thing that holds the registering call registers the entry point."""
    seeds: dict[SymbolId, Seed] = {each.symbol: each for each in side.seeds}
    holder = next((each for each in call.held_by if each in seeds), None)
    if holder is not None:
        hop = Hop(symbol=holder, path=entry.path, line=entry.line, reason="is registered by")
        label = Label.RESOLVED if seeds[holder].sure else Label.POSSIBLE
        yield Touch(entry, holder, side.which, label, (handler_hop(entry), hop), registers=True)
