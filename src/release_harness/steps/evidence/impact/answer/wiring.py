"""Whether anything leads to what a change adds (§3.6 of the design).

Looked at: added functions, methods and classes of product code. Not looked at: tests, stubs, migrations, examples and
scripts, dunder names, what is nested in a function, overloads and what only declares, members of an added class
that is told itself, and what is called by the library that its class comes from.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from release_harness.kernel.patterns import LazyPattern
from release_harness.steps.evidence.impact.answer.ways import ORDER, hops_of, way_of, weakest
from release_harness.steps.evidence.impact.difference.side import SideView, node_of
from release_harness.steps.evidence.impact.difference.symbols import SymbolDiff
from release_harness.steps.evidence.impact.difference.words import WordPlace
from release_harness.steps.evidence.impact.entries.reading import is_test_path, last_name, path_of, qualname_of
from release_harness.steps.evidence.impact.facts import Symbol
from release_harness.steps.evidence.impact.graph import Node, Reached
from release_harness.steps.evidence.impact.link.reasons import HELD, REASONS
from release_harness.steps.evidence.model.impact import (
    ChangedSymbol,
    Confidence,
    EntryPoint,
    Hop,
    SymbolChange,
    SymbolId,
    WiredSymbol,
    Wiring,
)

_NOT_PRODUCT = LazyPattern(
    r"(^|/)(migrations|versions|examples?|samples?|scripts?|tools?|docs?|benchmarks?|vendor|_vendor|third_party|node_modules|"
    r"fixtures|factories|testing|conftest\.py|setup\.py|noxfile\.py|fabfile\.py|tasks\.py\Z|manage\.py)(/|$)|\.pyi$"
)
_PLAIN_DECORATORS = frozenset(
    {
        "staticmethod", "classmethod", "property", "cached_property", "abstractmethod", "lru_cache", "cache", "wraps",
        "contextmanager", "asynccontextmanager", "dataclass", "override", "final", "singledispatch", "total_ordering",
        "deprecated", "retry", "timed", "inject", "sync_to_async", "async_to_sync", "cached_classmethod", "define", "frozen",
        "attrs", "runtime_checkable", "unique", "no_type_check", "typechecked", "record",
    }
)  # fmt: skip
_DECLARING_BASES = frozenset({"Protocol", "ABC", "TypedDict", "NamedTuple", "Enum", "IntEnum", "StrEnum", "Exception"})
_BACK_LIMIT = 3_000
_NAMED_LIMIT = 200
_ROUNDS_LIMIT = 6
_HELD = REASONS[HELD].words

CalledByLibrary = Callable[[SideView, SymbolId], str]
"""Says why a library calls a symbol by itself, or returns an empty text."""
FlagsOnWay = Callable[[SideView, Sequence[SymbolId]], str]
"""Names the flag that a way stands behind and that is off, or returns an empty text."""


class Question(NamedTuple):
    """What is asked about the added symbols."""

    diff: SymbolDiff
    base: SideView
    head: SideView
    called_by_library: CalledByLibrary
    dark: FlagsOnWay
    reasons: Mapping[str, str]
    """Name or SymbolId -> why it lands although nothing leads to it, as the author says."""


def find_wired(asked: Question) -> tuple[WiredSymbol, ...]:
    """Return the state of each added symbol, and of each registration that lost its mount; the worst first."""
    unmounted = tuple(_unmounted(asked))
    told = {each.symbol for each in unmounted}
    added = [each for each in asked.diff.changed if each.change is SymbolChange.ADDED and _counts(each, asked.head)]
    states = [each for each in _states(asked, added, told) if each.symbol not in told]
    order = tuple(Wiring)
    found = _leave_out_members((*unmounted, *states))
    return tuple(sorted(found, key=lambda each: (order.index(each.state), each.path, each.line)))


def _counts(change: ChangedSymbol, head: SideView) -> bool:
    name = qualname_of(change.symbol).rpartition(".")[2]
    if change.kind not in {"function", "class"} or is_test_path(change.path) or _NOT_PRODUCT.search(change.path):
        return False
    if name.startswith("__") or "<locals>" in change.symbol:
        return False
    symbol = head.program.symbol(change.symbol)
    if symbol is None or head.tree.facts(change.path).language not in {"python", "notebook"}:
        return False
    return not _only_declares(symbol)


def _only_declares(symbol: Symbol) -> bool:
    names = {last_name(each) for each in symbol.decorators}
    return "overload" in symbol.flags or bool(names & {"overload", "abstractmethod"})


def _states(asked: Question, added: Sequence[ChangedSymbol], told: set[SymbolId]) -> Iterator[WiredSymbol]:
    if not added:
        return
    head = asked.head
    entries = {node_of(each): each for each in head.entries if not is_test_path(each.path)}
    around = {Node(each.symbol): each for found in head.discoveries for each in found.around}
    reached = head.graph.reaching([each.symbol for each in added], [*entries, *around])
    ways: dict[SymbolId, list[tuple[Node, Reached]]] = {}
    for (node, seed), way in reached.items():
        ways.setdefault(seed, []).append((node, way))
    for node, entry in entries.items():
        if entry.handler in {each.symbol for each in added}:
            ways.setdefault(entry.handler, []).append(
                (node, Reached(node, Confidence.HIGH, 0, asynchronous=False, way=()))
            )
    unreached = []
    for each in added:
        found = _by_ways(asked, each, ways.get(each.symbol, []), entries, told)
        if found is not None:
            # What hangs on a router that is told itself is not told again.
            if found.because:
                yield found
        else:
            unreached.append(each)
    yield from _unreached(asked, unreached)


def _by_ways(
    asked: Question,
    change: ChangedSymbol,
    ways: Sequence[tuple[Node, Reached]],
    entries: Mapping[Node, EntryPoint],
    told: set[SymbolId],
) -> WiredSymbol | None:
    """Tell the state of what an entry point or surrounding code reaches; None when nothing does."""
    mounted: list[tuple[EntryPoint | None, Reached]] = []
    hanging: list[tuple[EntryPoint | None, Reached]] = []
    for node, way in ways:
        entry = entries.get(node)
        (hanging if entry is not None and entry.mounted is False else mounted).append((entry, way))
    ranked = sorted(mounted, key=lambda each: (_order(each[0], each[1]), each[1].length))
    if not ranked:
        return _of_hanging(asked, change, hanging, told)
    entry, way = ranked[0]
    said = entry.key if entry is not None else "code that stands around entry points"
    hops = way_of(entry, way) if entry is not None else hops_of(way.way)
    if _order(entry, way):
        open_question = f"; {entry.why_not_mounted}" if entry is not None and entry.mounted is None else ""
        return _wired(change, Wiring.POSSIBLE, f"{said} may lead to it{open_question}", hops)
    for each, sure in ranked:
        if _order(each, sure):
            break
        flag = asked.dark(asked.head, [sure.node.symbol, *(edge.target.symbol for edge in sure.way)])
        if not flag:
            return _wired(change, Wiring.WIRED, f"{each.key if each else said} leads to it", hops)
    flag = asked.dark(asked.head, [way.node.symbol, *(edge.target.symbol for edge in way.way)])
    return _wired(change, Wiring.WIRED_DARK, f"{said} leads to it, behind the flag {flag}", hops)


def _of_hanging(
    asked: Question,
    change: ChangedSymbol,
    hanging: Sequence[tuple[EntryPoint | None, Reached]],
    told: set[SymbolId],
) -> WiredSymbol | None:
    """Tell the state of what only unmounted entry points reach; None when there is none."""
    entry, way = min(hanging, key=lambda each: each[1].length, default=(None, None))
    if entry is None or way is None:
        return None
    if _was_hanging(asked.base, entry):
        return _wired(change, Wiring.POSSIBLE, f"only {entry.key} leads to it, which nothing mounted before either")
    if entry.registered_on in told or entry.handler in told:
        return _wired(change, Wiring.REGISTERED_NOT_MOUNTED, "")
    because = f"only {entry.key} leads to it, and that is not mounted: {entry.why_not_mounted or 'nothing includes it'}"
    return _wired(change, Wiring.REGISTERED_NOT_MOUNTED, because, way_of(entry, way))


def _order(entry: EntryPoint | None, way: Reached) -> int:
    """Rank a way by its weakest step; what was put into a table that entry points read is plugged in.

    No way is sure that begins at an entry point of which nobody can tell whether it is mounted.
    """
    if any(each.reason == _HELD for each in way.way):
        rest = (each.confidence for each in way.way if each.reason != _HELD)
        way = way._replace(confidence=min(rest, key=ORDER.index, default=Confidence.HIGH))
    confidence = weakest(entry, way) if entry is not None else way.confidence
    ranked = (Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW).index(confidence)
    return max(ranked, 1) if entry is not None and entry.mounted is None else ranked


def _wired(change: ChangedSymbol, state: Wiring, because: str, way: tuple[Hop, ...] = ()) -> WiredSymbol:
    return WiredSymbol(symbol=change.symbol, path=change.path, line=change.line, state=state, because=because, way=way)


def _unreached(asked: Question, added: Sequence[ChangedSymbol]) -> Iterator[WiredSymbol]:
    """Tell the state of what no entry point reaches: used elsewhere, by tests only, or by nothing at all."""
    if not added:
        return
    names = list(dict.fromkeys(qualname_of(each.symbol).rpartition(".")[2] for each in added))
    mentions = asked.head.words.find(names) if len(names) <= _NAMED_LIMIT else None
    new = {each.symbol for each in added}
    states: list[WiredSymbol] = []
    for _ in range(_ROUNDS_LIMIT):
        states = [_of_unreached(asked, each, new, mentions) for each in added]
        dead = {each.symbol for each in states if each.state in {Wiring.UNREFERENCED, Wiring.TEST_ONLY}}
        if dead == new:
            break
        # What only something new uses is as alive as that: a helper of a new hook is no dead code.
        new = dead
    yield from states


def _of_unreached(
    asked: Question,
    change: ChangedSymbol,
    new: set[SymbolId],
    mentions: Mapping[str, Sequence[WordPlace]] | None,
) -> WiredSymbol:
    head = asked.head
    symbol = head.program.symbol(change.symbol)
    library = asked.called_by_library(head, change.symbol)
    if library:
        return _wired(change, Wiring.POSSIBLE, library)
    decorator = (
        next((last_name(each) for each in symbol.decorators if last_name(each) not in _PLAIN_DECORATORS), "")
        if symbol
        else ""
    )
    if decorator:
        return _wired(change, Wiring.POSSIBLE, f"its decorator {decorator} may register it")
    if symbol is not None and {last_name(each) for each in symbol.bases} & _DECLARING_BASES:
        return _wired(change, Wiring.POSSIBLE, "it declares what others are made of")
    user, tested = _users(head, change.symbol, new)
    if user:
        return _wired(change, Wiring.POSSIBLE, f"{user} uses it, and no entry point is known to reach that")
    if mentions is None:
        return _wired(change, Wiring.UNKNOWN, "nothing was found to lead to it, and its name could not be looked for")
    name = qualname_of(change.symbol).rpartition(".")[2]
    place = _mentioned(asked, change, mentions.get(name, ()), new)
    if place is not None:
        return _wired(change, Wiring.POSSIBLE, f"its name stands at {place.path}:{place.line}")
    if tested or any(is_test_path(each.path) for each in mentions.get(name, ())):
        return _wired(change, Wiring.TEST_ONLY, "only tests lead to it")
    given = (
        asked.reasons.get(name)
        or asked.reasons.get(qualname_of(change.symbol))
        or asked.reasons.get(change.symbol)
        or ""
    )
    return WiredSymbol(
        symbol=change.symbol,
        path=change.path,
        line=change.line,
        state=Wiring.UNREFERENCED,
        because="nothing refers to it",
        reason_given=given,
    )


def _users(head: SideView, symbol: SymbolId, new: set[SymbolId]) -> tuple[str, bool]:
    """Follow references back; return who uses it beside tests and what is itself new and unreached, and whether tests do."""
    seen, waiting, tested = {symbol}, [symbol], False
    while waiting and len(seen) < _BACK_LIMIT:
        for edge in head.graph.referrers(waiting.pop()):
            source = edge.source.symbol
            if source in seen or _contains(source, edge.target.symbol):
                continue
            seen.add(source)
            if is_test_path(path_of(source)):
                tested = True
            elif source in new or (qualname_of(source) and _inside(source, new)):
                waiting.append(source)
            else:
                return source, tested
    return "", tested


def _contains(outer: SymbolId, inner: SymbolId) -> bool:
    """Tell whether one symbol is the scope that defines the other: a definition is no use."""
    return inner.startswith((f"{outer}.", f"{outer}.<locals>.")) or (outer.endswith(":") and inner.startswith(outer))


def _inside(symbol: SymbolId, new: set[SymbolId]) -> bool:
    return any(symbol.startswith(f"{each}.") for each in new)


def _mentioned(
    asked: Question, change: ChangedSymbol, places: Sequence[WordPlace], new: set[SymbolId]
) -> WordPlace | None:
    """Return a place of its name that is neither its own definition nor in what is itself new and unreached."""
    spans = [
        (path_of(each), symbol.first_line, symbol.end_line)
        for each in new
        if (symbol := asked.head.program.symbol(each))
    ]
    for place in places:
        if is_test_path(place.path) or _prose(place.path):
            continue
        own = place.path == change.path and place.line == change.line
        inside = any(place.path == path and first <= place.line <= last for path, first, last in spans)
        if not own and not inside and not _is_definition(place.text):
            return place
    return None


_DEFINES = LazyPattern(r"^\s*(?:async\s+)?(?:def|class)\s")
_PROSE = LazyPattern(r"\.(md|rst|adoc|txt|po|pot|lock|csv|svg|snap)$|(^|/)(CHANGELOG|HISTORY|NEWS|docs?)[/.]?", 2)


def _is_definition(text: str) -> bool:
    return _DEFINES.search(text) is not None or text.lstrip().startswith("#")


def _prose(path: str) -> bool:
    return _PROSE.search(path) is not None


def _leave_out_members(found: Sequence[WiredSymbol]) -> tuple[WiredSymbol, ...]:
    """Tell an unreached class once, without each of its methods."""
    bad = {Wiring.UNREFERENCED, Wiring.TEST_ONLY, Wiring.POSSIBLE, Wiring.UNKNOWN}
    classes = {each.symbol: each.state for each in found if each.state in bad}
    return tuple(
        each for each in found if not (each.state in bad and classes.get(each.symbol.rpartition(".")[0]) is not None)
    )


def _was_hanging(base: SideView, entry: EntryPoint) -> bool:
    return any(each.mounted is False and each.key == entry.key for each in base.entries)


def _unmounted(asked: Question) -> Iterator[WiredSymbol]:
    """Yield what is registered and not mounted at head, and was not so at base; once for each router."""
    before = {(each.key, each.handler) for each in asked.base.entries if each.mounted is False}
    routers_before = {each.registered_on for each in asked.base.entries if each.mounted is False and each.registered_on}
    groups: dict[str, list[EntryPoint]] = {}
    for each in asked.head.entries:
        if each.mounted is not False or is_test_path(each.path) or _NOT_PRODUCT.search(each.path):
            continue
        if (each.key, each.handler) in before or (each.registered_on and each.registered_on in routers_before):
            continue
        groups.setdefault(each.registered_on or each.handler, []).append(each)
    for symbol, held in groups.items():
        first = held[0]
        line = first.line
        where = asked.head.program.symbol(symbol)
        if where is not None:
            line = where.line
        elif first.registered_on:
            line = _line_of_variable(asked.head, symbol) or line
        count = f"{first.key}" if len(held) == 1 else f"{first.key} and {len(held) - 1} more"
        because = f"{count} cannot be reached: {first.why_not_mounted or 'nothing includes it'}"
        yield WiredSymbol(
            symbol=symbol,
            path=path_of(symbol) or first.path,
            line=line,
            state=Wiring.REGISTERED_NOT_MOUNTED,
            because=because,
        )


def _line_of_variable(side: SideView, symbol: SymbolId) -> int:
    path, name = path_of(symbol), qualname_of(symbol)
    if path not in side.tree.blobs:
        return 0
    owner, _, last = name.rpartition(".")
    scope = side.program.symbol(f"{path}:{owner.removesuffix('.<locals>')}")
    for each in scope.body if scope is not None else ():
        if each.kind == "set" and each.target is not None and each.target[0] == "n" and each.target[1] == last:
            return each.line
    return 0
