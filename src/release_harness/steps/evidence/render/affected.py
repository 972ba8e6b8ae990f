"""The affected entry points in words: those that run the change by one way are told together, with that way."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from release_harness.kernel.operations import View
from release_harness.kernel.paths import show_text
from release_harness.steps.evidence.model.impact import (
    AffectedEntry,
    ChangedSymbol,
    EntryPoint,
    Hop,
    ImpactAnswer,
    Label,
    Side,
    SymbolId,
)
from release_harness.steps.evidence.model.trace import Walked
from release_harness.steps.evidence.render.lines import counted, heading, left_out, wrapped

_GROUPS_SHOWN_COUNT = 12
_NAMES_SHOWN_COUNT = 4
_WHOLE_FILE = "<view>"
"""Name of a symbol that is all of a template."""
_WAY_SHOWN_COUNT = 5
_POSSIBLE_SHOWN_COUNT = 6
_MORE_SHOWN_COUNT = 2
_SHORT_SHOWN_COUNT = 4
_REGISTERED = {
    "is registered by": ", registered by ",
    "is registered on": ", registered on ",
    "is registered with": " with ",
}
"""Steps of a way that run nothing themselves -> how they read."""
_VERBS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


class Together(NamedTuple):
    """Entry points that run the same changed symbols by the same way, as surely and as really walked."""

    first: AffectedEntry
    """The one that ranks highest."""
    entries: tuple[EntryPoint, ...]
    level: int | None
    """The level at which each of them was walked, when that is known."""


def affected_lines(answer: ImpactAnswer, walked: Sequence[Walked], view: View, *, everything: bool) -> list[str]:
    """List what is affected, the surest first; of many the first few, with how many were left out."""
    if not (answer.affected if everything else _standing(answer)):
        return []
    sure, possible = _sure_and_possible(answer.affected if everything else _standing(answer))
    groups = together(sure, walked)
    families = [[each] for each in groups] if everything else alike(groups)
    shown = families if everything else families[:_GROUPS_SHOWN_COUNT]
    places = _places(answer.changed)
    lines: list[str] = []
    for first, *others in shown:
        lines += _group(first, places, view, everything=everything)
        lines += wrapped(_so_do(others), view, first="      ", rest="        ") if others else []
    lines += left_out(sum(len(each.entries) for family in families[len(shown) :] for each in family))
    if possible and not everything:
        lines += possible_lines(possible, view, shown_count=0 if sure else _POSSIBLE_SHOWN_COUNT)
    for each in together(possible, ()) if everything else ():
        lines += _group(each, places, view, everything=True)
    return [*heading("Affected entry points", view), *lines]


def short_lines(answer: ImpactAnswer, walked: Sequence[Walked], view: View) -> list[str]:
    """List the first few of what is affected, one paragraph each, and how many more there are."""
    sure, possible = _sure_and_possible(_standing(answer))
    families = alike(together(sure, walked))
    places = _places(answer.changed)
    lines: list[str] = []
    for first, *others in families[:_SHORT_SHOWN_COUNT]:
        also = sum(len(each.entries) for each in others)
        so = f"; so {'does' if also == 1 else 'do'} {counted(also, 'other')}" if also else ""
        says = f"{_title(first, everything=False)}: {way_text(first.first.way, view, places)}{so}"
        lines += wrapped(says, view, first="  ", rest="    ")
    more_count = sum(len(each.entries) for family in families[_SHORT_SHOWN_COUNT:] for each in family)
    lines += [f"  + {more_count:,} more; see `rh impact`"] if more_count else []
    if possible and not sure:
        lines += possible_lines(possible, view, shown_count=_POSSIBLE_SHOWN_COUNT)
    return lines


def _standing(answer: ImpactAnswer) -> list[AffectedEntry]:
    """Return what is affected and was there before and after: what came and went is listed by itself."""
    moved = {each.key for each in (*answer.entries_added, *answer.entries_removed)}
    return [each for each in answer.affected if each.entry.key not in moved]


def _sure_and_possible(found: Sequence[AffectedEntry]) -> tuple[list[AffectedEntry], list[AffectedEntry]]:
    sure = [each for each in found if each.label is not Label.POSSIBLE]
    return sure, [each for each in found if each.label is Label.POSSIBLE]


def together(found: Iterable[AffectedEntry], walked: Sequence[Walked]) -> list[Together]:
    """Put together what differs in its address alone, such as the routes of one viewset; the order stays that of the first."""
    levels = {each.entry: each.level for each in walked}
    groups: dict[tuple[object, ...], list[AffectedEntry]] = {}
    for each in found:
        level = levels.get(each.entry.key)
        way = tuple((hop.symbol, hop.line, hop.asynchronous) for hop in each.way[1:])
        start = each.way[0].symbol if each.way else each.entry.key
        key = (each.entry.kind, each.label, each.side, each.asynchronous, level, start, way, each.changed)
        groups.setdefault(key, []).append(each)
    made = []
    for held in groups.values():
        level = levels.get(held[0].entry.key)
        made.append(Together(held[0], tuple(each.entry for each in held), int(level) if level is not None else None))
    return made


def alike(groups: Iterable[Together]) -> list[list[Together]]:
    """Put beside each other what ends at the same changed symbols, each by a handler of its own; the order stays that of the first."""
    families: dict[tuple[object, ...], list[Together]] = {}
    for each in groups:
        first = each.first
        end = first.way[-1].symbol if len(first.way) > 1 else first.entry.key
        key = (first.entry.kind, first.label, first.side, first.asynchronous, each.level, end, first.changed)
        families.setdefault(key, []).append(each)
    return list(families.values())


def _so_do(others: Sequence[Together]) -> str:
    """Name the first of those that do what another does, and count the rest."""
    names = names_of([entry for each in others for entry in each.entries])
    more_count = len(names) - _NAMES_SHOWN_COUNT
    shown = names if more_count <= 0 else [*names[:_NAMES_SHOWN_COUNT], _more_addresses(more_count)]
    return f"so {'do' if len(names) > 1 else 'does'} {'; '.join(shown)}"


def _title(group: Together, *, everything: bool) -> str:
    first = group.first
    side = "" if first.side is Side.BOTH else f", {first.side.value} only"
    later = ", later" if first.asynchronous else ""
    level = f", walked L{group.level}" if group.level is not None else ""
    names = names_of(group.entries)
    more_count = 0 if everything else len(names) - _NAMES_SHOWN_COUNT
    shown = names if more_count <= 0 else [*names[:_NAMES_SHOWN_COUNT], _more_addresses(more_count)]
    return f"{first.entry.kind} {'; '.join(shown)} [{first.label.value}{side}{later}{level}]"


def _more_addresses(count: int) -> str:
    return f"{count} more {'address' if count == 1 else 'addresses'}"


def names_of(entries: Iterable[EntryPoint]) -> list[str]:
    """Return the names of entry points as people read them; the verbs of one address stand before it together."""
    verbs: dict[str, list[str]] = {}
    for each in entries:
        verb, space, address = each.said.partition(" ")
        routed = each.kind == "http" and space and address.startswith("/")
        verbs.setdefault(address if routed else each.said, []).extend([verb] if routed else [])
    return [f"{', '.join(sorted(set(each), key=_place_of))} {name}".lstrip() for name, each in sorted(verbs.items())]


def _place_of(verb: str) -> tuple[int, str]:
    return (_VERBS.index(verb) if verb in _VERBS else len(_VERBS), verb)


def possible_lines(found: Sequence[AffectedEntry], view: View, *, shown_count: int) -> list[str]:
    """Count what may be affected; where nothing is sure, the nearest are named, so that the answer says something."""
    names = [f"{each.entry.kind} {each.entry.said}" for each in found[:shown_count]]
    first = f": {', '.join(names)}{', …' if len(found) > len(names) and view.unicode else ''}" if names else ""
    return wrapped(
        f"+ {len(found):,} possible, by ways that are not sure{first}; see --all", view, first="  ", rest="    "
    )


def _group(group: Together, places: Mapping[SymbolId, str], view: View, *, everything: bool) -> list[str]:
    each = group.first
    lines = wrapped(_title(group, everything=everything), view, first="  ", rest="    ")
    if everything and len(each.way) > 1:
        lines += _long_way(each.way, view)
    else:
        lines += wrapped(way_text(each.way, view, places), view, first="      ", rest="        ")
    more = each.changed[1:]
    return lines + (wrapped(_more(more), view, first="      ", rest="        ") if more else [])


def _more(changed: Sequence[SymbolId]) -> str:
    """Name the first of what is reached beside the end of the way, and count the rest."""
    names = [name_of(each) for each in changed[:_MORE_SHOWN_COUNT]]
    more_count = len(changed) - len(names)
    return f"and {', '.join(names)}" + (f" + {counted(more_count, 'more changed symbol')}" if more_count else "")


def _long_way(way: Sequence[Hop], view: View) -> list[str]:
    lines: list[str] = []
    for hop in way:
        sure = "" if hop.confidence.value == "high" else f", {hop.confidence.value}"
        later = ", later" if hop.asynchronous else ""
        place = f"{hop.path}:{hop.line}" if hop.line else hop.path
        says = f"{place}: {hop.reason} {name_of(hop.symbol)}{sure}{later}"
        lines += wrapped(says, view, first="      ", rest="        ")
    return lines


def way_text(way: Sequence[Hop], view: View, places: Mapping[SymbolId, str]) -> str:
    """Write a way in one line: the names, and where the last one is referred to, or where it is when it is the handler itself."""
    arrow, later = (" → ", " ⇢ ") if view.unicode else (" -> ", " ~> ")
    names: list[str] = []
    around = ""
    for index, hop in enumerate(way):
        sign = _REGISTERED.get(hop.reason) or (later if hop.asynchronous else arrow)
        # What is written inside the last one is named without it: `save → <map>`.
        inner = hop.symbol.removeprefix(f"{around}.<locals>.") if around else hop.symbol
        names.append((sign if index else "") + show_text(name_of(inner)))
        around = hop.symbol
    if len(names) > _WAY_SHOWN_COUNT:
        names = [
            *names[:2],
            f"{arrow}… {len(names) - 4} more" if view.unicode else f"{arrow}... {len(names) - 4} more",
            *names[-2:],
        ]
    last = way[-1] if way else None
    where = ""
    if last is not None and len(way) > 1 and last.line:
        where = f"{show_text(last.path)}:{last.line}"
    elif last is not None:
        where = show_text(places.get(last.symbol, ""))
    return "".join(names) + (f" ({where})" if where else "")


def _places(changed: Sequence[ChangedSymbol]) -> dict[SymbolId, str]:
    return {each.symbol: f"{each.path}:{each.line}" for each in changed}


def name_of(symbol: str) -> str:
    """Return the name of a symbol without its path, and without the mark that a function is inside another; the path for a file."""
    path, _, name = symbol.rpartition(":")
    return path if name == _WHOLE_FILE else name.replace(".<locals>", "") or symbol.rstrip(":")
