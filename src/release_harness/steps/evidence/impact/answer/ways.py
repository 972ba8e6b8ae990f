"""Ways of the graph as people read them: from the handler of an entry point down to what was changed."""

from collections.abc import Sequence

from release_harness.steps.evidence.impact.entries.reading import path_of
from release_harness.steps.evidence.impact.graph import Edge, Reached
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint, Hop

ORDER = (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)


def way_of(entry: EntryPoint, reached: Reached) -> tuple[Hop, ...]:
    """Return the hops from the handler to the changed symbol; each hop says where it is referred to."""
    return (handler_hop(entry), *hops_of(reached.way))


def hops_of(way: Sequence[Edge]) -> tuple[Hop, ...]:
    """Return the hops of a way of the graph without its start."""
    return tuple(
        Hop(
            symbol=each.target.symbol,
            path=path_of(each.source.symbol),
            line=each.line,
            reason=each.reason,
            confidence=each.confidence,
            asynchronous=each.asynchronous,
        )
        for each in way
    )


def handler_hop(entry: EntryPoint) -> Hop:
    """Return the first hop: the entry point runs its handler."""
    return Hop(symbol=entry.handler, path=entry.path, line=entry.line, reason="runs", confidence=_sure_to_run(entry))


def weakest(entry: EntryPoint, reached: Reached) -> Confidence:
    """Return how sure the way is together with the entry point it begins at."""
    return min(_sure_to_run(entry), reached.confidence, key=ORDER.index)


def _sure_to_run(entry: EntryPoint) -> Confidence:
    """Return how sure it is that an entry point runs its handler; a Python route whose address is computed surely does."""
    if entry.kind in {"http", "websocket"} and path_of(entry.handler).endswith(".py"):
        return Confidence.HIGH
    return entry.confidence
