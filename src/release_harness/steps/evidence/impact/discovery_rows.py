"""What a framework's adapter found as plain rows, and back: thousands of entry points are read in some milliseconds."""

from collections.abc import Sequence
from typing import Any

from release_harness.steps.evidence.impact.entries.contract import Around, Discovery, HookEdge, TextName, TextUse
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint, Guard

_CONFIDENCE = {each.value: each for each in Confidence}
_USE = {each.value: each for each in TextUse}


def to_row(found: Discovery) -> list[Any]:
    """Return a discovery as plain data."""
    return [
        found.framework,
        [_of_entry(each) for each in found.entries],
        [[*each._replace(confidence=each.confidence.value)] for each in found.edges],  # type: ignore[arg-type]
        [
            [each.symbol, each.reason, None if each.entries is None else sorted(each.entries), sorted(each.places)]
            for each in found.around
        ],
        [[each.symbol, each.text, each.use.value] for each in found.names],
        list(found.unknown),
        [list(each) for each in found.handed],
    ]


def from_row(row: Sequence[Any]) -> Discovery:
    """Return what `to_row` took; raises ValueError, TypeError, KeyError or IndexError when it is anything else."""
    framework, entries, edges, around, names, unknown, handed = row
    return Discovery(
        framework=framework,
        entries=tuple(_entry(each) for each in entries),
        edges=tuple(HookEdge._make([*each[:2], _CONFIDENCE[each[2]], *each[3:]]) for each in edges),
        around=tuple(_around(*each) for each in around),
        names=tuple(TextName(symbol, text, _USE[use]) for symbol, text, use in names),
        unknown=tuple(unknown),
        handed=tuple((symbol, path, line) for symbol, path, line in handed),
    )


def _around(symbol: str, reason: str, entries: list[str] | None, places: list[list[Any]]) -> Around:
    held = None if entries is None else frozenset(entries)
    return Around(symbol, reason, held, frozenset((path, line) for path, line in places))


def _of_entry(each: EntryPoint) -> list[Any]:
    guards = [
        [guard.name, guard.source, guard.symbol, guard.path, guard.line, guard.weak, guard.when, guard.read]
        for guard in each.guards
    ]
    return [
        *(each.kind, each.name, each.framework, each.handler, each.path, each.line, each.receiver, guards),
        *(each.guards_known, list(each.flags), list(each.tables), list(each.hosts), each.mounted),
        *(each.registered_on, each.why_not_mounted, each.confidence.value, list(each.owners)),
    ]


def _entry(row: Sequence[Any]) -> EntryPoint:
    kind, name, framework, handler, path, line, receiver, guards, guards_known, flags, tables, hosts, *rest = row
    mounted, registered_on, why_not_mounted, confidence, owners = rest
    return EntryPoint(
        kind=kind,
        name=name,
        framework=framework,
        handler=handler,
        path=path,
        line=line,
        receiver=receiver,
        guards=tuple(_guard(each) for each in guards),
        guards_known=guards_known,
        flags=tuple(flags),
        tables=tuple(tables),
        hosts=tuple(hosts),
        mounted=mounted,
        registered_on=registered_on,
        why_not_mounted=why_not_mounted,
        confidence=_CONFIDENCE[confidence],
        owners=tuple(owners),
    )


def _guard(row: Sequence[Any]) -> Guard:
    name, source, symbol, path, line, weak, when, read = row
    return Guard(name=name, source=source, symbol=symbol, path=path, line=line, weak=weak, when=when, read=read)
