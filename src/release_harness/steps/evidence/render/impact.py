"""What a change touches, in words for people: what it is, where, by which way, and out of how many."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from release_harness.kernel.operations import View
from release_harness.steps.evidence.model.impact import (
    CrossCutting,
    EntryPoint,
    GuardChange,
    GuardMove,
    ImpactAnswer,
    Label,
    SymbolChange,
    WiredSymbol,
    Wiring,
)
from release_harness.steps.evidence.model.reading import Counts
from release_harness.steps.evidence.model.trace import Walked
from release_harness.steps.evidence.render.affected import affected_lines, name_of, short_lines
from release_harness.steps.evidence.render.guards import guard_texts
from release_harness.steps.evidence.render.lines import counted, heading, left_out, limited, paint, wrapped
from release_harness.steps.evidence.render.referring import referring_lines
from release_harness.steps.evidence.render.registry import registry_lines, registry_texts

if TYPE_CHECKING:
    from release_harness.steps.evidence.impact.entries.comparison import Comparison

_SHOWN_COUNT = 12
_COLOURS = {"REMOVED": "1;31", "WEAKENED": "1;31", "phantom": "1;31", "registered-not-mounted": "1;31"}
_BAD = (Wiring.PHANTOM, Wiring.REGISTERED_NOT_MOUNTED, Wiring.UNREFERENCED)
_LOST = (GuardMove.REMOVED, GuardMove.WEAKENED)
_STOPS = (*_LOST, GuardMove.UNKNOWN, GuardMove.CHANGED)
_SECTION_LINES_COUNT = 12
_ALIKE_SHOWN_COUNT = 4


def impact_lines(answer: ImpactAnswer, walked: Sequence[Walked], view: View, *, everything: bool) -> list[str]:
    """Lay out the whole answer below its head."""
    limit = 0 if everything else _SHOWN_COUNT
    lines = wrapped(summary(answer, reason=False), view, first="  ", rest="  ")
    lines += denominators(answer.counts, view, first="  ")
    lines += _guards(answer.guards, view, limit)
    lines += _wiring(answer.wired, view, everything=everything)
    lines += registry_lines(answer, view, limit)
    lines += affected_lines(answer, walked, view, everything=everything)
    lines += _crossing(answer.cross_cutting, view, limit)
    if answer.reached:
        rows = sorted({(each.surface, each.entry.said) for each in answer.reached})
        texts = [
            line
            for surface, name in rows
            for line in wrapped(f"{name} carries {surface}", view, first="  ", rest="    ")
        ]
        lines += [
            *heading("Sensitive surfaces that it reaches and does not touch", view),
            *limited(texts, limit, "lines"),
        ]
    lines += referring_lines(answer, view, limit)
    lines += _changed(answer, view, everything=everything)
    if answer.unknown:
        shown = answer.unknown[: limit or None]
        lines += heading("Not known", view)
        lines += [line for each in shown for line in wrapped(each, view, first="  ? ", rest="    ")]
        lines += left_out(len(answer.unknown) - len(shown))
    return lines


def summary(answer: ImpactAnswer, *, reason: bool = True) -> str:
    """Say in one sentence what is affected, out of how many, and how sure that is; with the first reason why it is not whole."""
    sure = [each for each in answer.affected if each.label is not Label.POSSIBLE]
    possible_count = answer.possible_count
    if not answer.counts.files_count and not answer.unknown:
        return "No changed file is code that rh reads, or named by such code: no entry point is affected."
    at_least = "At least " if answer.unknown else ""
    count = max(answer.reached_count, len(sure))
    parts = [f"{at_least}{count:,} of {counted(answer.counts.entries_count, 'entry point')} affected"]
    if possible_count:
        parts.append(f"{possible_count:,} more possible")
    around_count = len({each.symbol for each in answer.cross_cutting if each.entries_count})
    if around_count:
        parts.append(f"{counted(around_count, 'changed symbol')} around several of them")
    if answer.unknown and not count:
        maybe = f" ({possible_count:,} may be)" if possible_count else ""
        why = f": {answer.unknown[0]}" if reason else ""
        return f"How many entry points are affected is not known{maybe}{why}."
    return ", ".join(parts) + "."


def denominators(counts: Counts, view: View, *, first: str = "") -> list[str]:
    """Say out of how much the answer was computed; an answer without this says nothing."""
    if not counts.files_count:
        return []
    says = (
        f"read {counts.files_parsed_count:,} of {counted(counts.files_count, 'file')}"
        + (f" ({counts.files_partial_count:,} in part)" if counts.files_partial_count else "")
        + f", {counted(counts.symbols_count, 'symbol')}, {counted(counts.edges_count, 'reference')}; "
        + f"{counts.unresolved_calls_count:,} of {counted(counts.calls_count, 'call')} unresolved"
    )
    if counts.module_level_languages:
        says += f"; by names and declared types alone: {', '.join(counts.module_level_languages)}"
    return [paint(each, "2", view) for each in wrapped(says, view, first=first, rest=f"{first}  ")]


def _guards(found: Sequence[GuardChange], view: View, limit: int) -> list[str]:
    if not found:
        return []
    lines: list[str] = []
    told = guard_texts(found)
    for move, says, _ in told[: limit or None]:
        sign = move.value.upper() if move in _LOST else move.value
        first = f"  {paint(sign, _COLOURS.get(sign, '33'), view)} "
        width = len(sign) + 3
        text = wrapped(says, view, first=" " * width, rest="    ")
        lines += [first + text[0][width:], *text[1:]]
    left_out_count = sum(count for _, _, count in told[limit:]) if limit else 0
    return [*heading("Guards", view), *lines, *left_out(left_out_count)]


def _wiring(found: Sequence[WiredSymbol], view: View, *, everything: bool) -> list[str]:
    shown = [
        each
        for each in found
        if everything or each.state in (*_BAD, Wiring.TEST_ONLY, Wiring.WIRED_DARK, Wiring.UNKNOWN)
    ]
    if not found:
        return []
    lines: list[str] = []
    told = shown if everything else shown[:_SHOWN_COUNT]
    for each in told:
        state = each.state.value
        first = f"  {paint(state, _COLOURS.get(state, '33'), view)} "
        width = len(state) + 3
        reason = f" (lands dark: {each.reason_given})" if each.reason_given else ""
        says = f"{name_of(each.symbol)} ({each.path}:{each.line}): {each.because}{reason}"
        text = wrapped(says, view, first=" " * width, rest="    ")
        lines += [first + text[0][width:], *text[1:]]
    counts = {state: sum(each.state is state for each in found) for state in Wiring}
    rest = [f"{counts[state]:,} {state.value}" for state in (Wiring.WIRED, Wiring.POSSIBLE) if counts[state]]
    total = [f"  of what is new: {', '.join(rest)}"] if rest else []
    return [*heading("Wired", view), *lines, *left_out(len(shown) - len(told)), *total]


def _crossing(found: Sequence[CrossCutting], view: View, limit: int) -> list[str]:
    """List what stands around entry points, in the order of how many there are."""
    texts = crossing_texts(found, everything=not limit)
    if not texts:
        return []
    shown = texts[: limit or None]
    lines = [line for each in shown for line in wrapped(each, view, first="  ", rest="    ")]
    return [*heading("Around entry points", view), *lines, *left_out(len(texts) - len(shown))]


def crossing_texts(found: Sequence[CrossCutting], *, everything: bool) -> list[str]:
    """Say what stands around entry points: each symbol once, and in one line those that stand around the same ones.

    A module that holds no entry point stands around none; it is told only where everything is.
    """
    by_symbol: dict[str, list[CrossCutting]] = {}
    for each in found:
        if each.entries_count or everything:
            by_symbol.setdefault(each.symbol, []).append(each)
    guessed = {} if everything else {symbol: held[0] for symbol, held in by_symbol.items() if _is_guess(held)}
    alike: dict[tuple[object, ...], list[str]] = {}
    for symbol, held in by_symbol.items():
        says = _guesses(tuple(guessed.values())) if symbol in guessed else "; ".join(_stands(each) for each in held)
        alike.setdefault((says, everything and symbol), []).append(symbol)
    return [f"{_names(symbols)}: {key[0]}" for key, symbols in alike.items()]


def _is_guess(held: Sequence[CrossCutting]) -> bool:
    """Tell whether all that is said of a symbol is by how many entry points it may be reached."""
    return len(held) == 1 and held[0].label is Label.POSSIBLE and held[0].reason.startswith("reached by")


def _guesses(found: Sequence[CrossCutting]) -> str:
    """Say in one line by how many entry points several symbols may be reached; guesses must not fill the section."""
    counts = {each.entries_count for each in found}
    if len(counts) == 1:
        return _stands(found[0])
    kinds = sorted({kind for each in found for kind in each.kinds})
    _, _, of = found[0].reason.partition(" of ")
    named = f" ({', '.join(kinds)})" if kinds else ""
    return f"possibly reached by {min(counts)} to {max(counts)} of {of}{named}"


def _names(symbols: Sequence[str]) -> str:
    """Name symbols: the first with its path, and of many the first few."""
    path, what = symbols[0].rpartition(":")[0], name_of(symbols[0])
    others = [name_of(each) for each in symbols[1 : _ALIKE_SHOWN_COUNT + 1]]
    more_count = len(symbols) - 1 - len(others)
    names = [what if what == path else f"{what} of {path}", *others, *([f"{more_count} more"] if more_count else [])]
    return f"{', '.join(names[:-1])}{' and ' if len(names) > 1 else ''}{names[-1]}"


def _stands(each: CrossCutting) -> str:
    """Say in which way a symbol stands around how many entry points."""
    kinds = f" ({', '.join(each.kinds)})" if each.kinds else ""
    count = counted(each.entries_count, "entry point") if each.entries_count else "no entry point of its own"
    # A share of all entry points says the count already.
    says = each.reason if f" {each.entries_count} of " in each.reason else f"{each.reason}, {count}"
    if each.label is Label.POSSIBLE and says.startswith("reached by"):
        says = f"possibly {says}"
    return f"{says}{kinds}"


def _changed(answer: ImpactAnswer, view: View, *, everything: bool) -> list[str]:
    real = [each for each in answer.changed if each.change is not SymbolChange.FORMAT]
    format_count = len(answer.changed) - len(real)
    if not answer.changed:
        return []
    head = f"Changed: {counted(len(real), 'symbol')}"
    if format_count:
        head += f", and {format_count:,} more in comments or format only"
    if not everything:
        return ["", f"  {head}"]
    lines = []
    for each in answer.changed:
        was = f" (was {each.was})" if each.was else ""
        lines += wrapped(
            f"{each.change.value}: {name_of(each.symbol)} ({each.path}:{each.line}){was}", view, first="  ", rest="    "
        )
    return [*heading(head, view), *lines]


def entries_lines(entries: Iterable[EntryPoint], view: View) -> list[str]:
    """List entry points with handler, guards, flags, tables and hosts."""
    lines: list[str] = []
    for each in sorted(entries, key=lambda entry: (entry.kind, entry.name)):
        mounted = "" if each.mounted is not False else "  NOT MOUNTED"
        lines += wrapped(f"{each.kind} {each.said}{mounted}", view, first="", rest="    ")
        lines += wrapped(
            f"{name_of(each.handler)} ({each.path}:{each.line}, {each.framework})", view, first="    ", rest="      "
        )
        guards = ", ".join(f"{guard.name}{' (lets everybody in)' if guard.weak else ''}" for guard in each.guards)
        guards = guards if each.guards_known else f"{guards or 'none seen'} (and some that cannot be read)"
        for title, value in (
            ("guards", guards),
            ("flags", ", ".join(each.flags)),
            ("tables", ", ".join(each.tables)),
            ("hosts", ", ".join(each.hosts)),
            ("not mounted", each.why_not_mounted if each.mounted is False else ""),
        ):
            lines += wrapped(f"{title}: {value}", view, first="    ", rest="      ") if value else []
    return lines


def runtime_lines(found: "Comparison", view: View) -> list[str]:
    """Say how far the list that was read agrees with the running framework."""
    ratio = found.recall_ratio
    share = f" ({ratio:.1%} of the framework's own)" if ratio is not None else ""
    lines = [*heading("Against the running framework", view)]
    lines += wrapped(f"{counted(found.found_count, 'entry point')} found by both{share}", view, first="  ", rest="    ")
    rows = [f"only at run time: {other.kind} {other.name}" for other in found.only_runtime]
    rows += [f"only read: {one.kind} {one.name} ({one.path}:{one.line})" for one in found.only_static]
    rows += [f"another name: {one.name} ({one.path}:{one.line}) is {other.name}" for one, other in found.names_differ]
    for each in found.guards_differ:
        only_read, only_ran = ", ".join(each.only_static) or "none", ", ".join(each.only_runtime) or "none"
        rows.append(f"other guards: {each.entry.name}: only read {only_read}; only at run time {only_ran}")
    if found.outside_count:
        rows.append(f"{counted(found.outside_count, 'entry point')} of libraries, which are not read")
    return lines + [line for each in rows for line in wrapped(each, view, first="  ", rest="    ")]


def touches_lines(answer: ImpactAnswer, walked: Sequence[Walked], view: View) -> list[str]:
    """Lay out the short section of `rh check`: the sentence, then what is wrong, then what is affected; at most a dozen lines."""
    lines = wrapped(summary(answer), view, first="  ", rest="  ")
    bad = guard_texts([each for each in answer.guards if each.move in _STOPS])
    for move, says, _ in bad[:3]:
        lines += wrapped(f"guard {move.value}: {says}", view, first="  ! ", rest="    ")
    wrong = [each for each in answer.wired if each.state in _BAD and not each.reason_given]
    for one in wrong[:4]:
        says = f"{one.state.value}: {name_of(one.symbol)} ({one.path}:{one.line}): {one.because}"
        lines += wrapped(says, view, first="  ! ", rest="    ")
    hidden_count = sum(count for _, _, count in bad[3:]) + max(0, len(wrong) - 4)
    lines += [f"  ! and {hidden_count:,} more of these"] if hidden_count else []
    for says in registry_texts(answer):
        lines += wrapped(says, view, first="  ", rest="    ")
    lines += short_lines(answer, walked, view)
    for text in crossing_texts(answer.cross_cutting, everything=False)[:2]:
        lines += wrapped(text, view, first="  ", rest="    ")
    if answer.unknown and answer.unknown[0] not in summary(answer):
        more = f" (and {len(answer.unknown) - 1} more reasons)" if len(answer.unknown) > 1 else ""
        lines += wrapped(f"not whole: {answer.unknown[0]}{more}", view, first="  ? ", rest="    ")
    return lines[:_SECTION_LINES_COUNT] + (["  … see `rh impact`"] if len(lines) > _SECTION_LINES_COUNT else [])
