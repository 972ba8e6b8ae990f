"""What a policy gets to know of the impact of a change, and what would mend what is wrong with it.

A count above zero is known even where not everything was read; zero is known only where everything was.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from release_harness.kernel.facts import Fact, FactValue, Known, Unknown
from release_harness.kernel.paths import show_text
from release_harness.steps.changes.model import Change
from release_harness.steps.evidence.model.impact import GuardChange, GuardMove, ImpactAnswer, Label, WiredSymbol, Wiring
from release_harness.steps.evidence.model.reading import Reading

AFFECTED = "entry_points.affected_count"
UNREACHED = "wiring.unreached_count"
UNMOUNTED = "wiring.unmounted_count"
SOUND = "wiring.sound"
KEPT = "guards.kept"
EXPLAINED = "wiring.explained"
PHANTOM = "wiring.phantom_count"
GUARDS_REMOVED = "guards.removed_count"
GUARDS_UNKNOWN = "guards.unknown_count"
GUARDS_CHANGED = "guards.changed_count"
READING = "impact.reading"
FOUND = "impact.found"
_SOURCE = "computed here"
_SHOWN_COUNT = 5
_LOST = frozenset({GuardMove.REMOVED, GuardMove.WEAKENED})
_WORDS = {
    UNMOUNTED: "unmounted",
    PHANTOM: "phantom",
    GUARDS_REMOVED: "guard-removed",
    GUARDS_UNKNOWN: "guard-unclear",
    GUARDS_CHANGED: "guard-changed",
    UNREACHED: "unreached",
}
LANDS_DARK = "lands-dark"


def impact_facts(answer: ImpactAnswer) -> dict[str, Fact]:
    """Return every fact of the answer; what was not read makes counts of zero unknown."""
    counts: dict[str, int] = {
        UNREACHED: len(unreached(answer)),
        UNMOUNTED: len(in_state(answer, Wiring.REGISTERED_NOT_MOUNTED)),
        PHANTOM: len(in_state(answer, Wiring.PHANTOM)),
        GUARDS_REMOVED: len(lost_guards(answer)),
        GUARDS_UNKNOWN: len(unclear_guards(answer)),
        GUARDS_CHANGED: sum(each.move is GuardMove.CHANGED for each in answer.guards),
    }
    facts: dict[str, Fact] = {name: _at_least(answer, count) for name, count in counts.items()}
    whole: dict[str, FactValue] = {
        AFFECTED: max(answer.reached_count, sum(each.label is not Label.POSSIBLE for each in answer.affected)),
        "entry_points.possible_count": answer.possible_count,
        "entry_points.cross_cutting_count": len(answer.cross_cutting),
        "entry_points.added_count": len(answer.entries_added),
        "entry_points.removed_count": len(answer.entries_removed),
        "impact.kinds": tuple(sorted({each.entry.kind for each in answer.affected})),
    }
    facts |= {name: _exact(answer, value) for name, value in whole.items()}
    facts[EXPLAINED] = _explained(answer)
    facts["impact.surfaces"] = _surfaces(answer)
    facts[SOUND] = _holds(answer, counts[UNMOUNTED] + counts[PHANTOM], answer.unjudged.wiring)
    facts[KEPT] = _kept(answer)
    facts[READING] = Known(value=answer.reading.value, source=_SOURCE)
    found = sorted(word for name, word in _WORDS.items() if counts[name])
    facts[FOUND] = Known(value=tuple(found), source=_SOURCE)
    return facts


def why_unknown(answer: ImpactAnswer) -> str:
    """Say why the answer is not whole, or return an empty text."""
    return _first_of(answer.unknown) if answer.unknown else ""


def _first_of(reasons: Sequence[str]) -> str:
    more = f" (and {len(reasons) - 1} more reasons)" if len(reasons) > 1 else ""
    return f"{show_text(reasons[0])}{more}"


def _holds(answer: ImpactAnswer, faults_count: int, unjudged: Sequence[str] = ()) -> Fact:
    """Say whether something holds: a proven fault is one, and what could not be read is no proof that there is none.

    `unjudged` says what the change may have broken without anybody being able to tell. What lies beside the change, such as a language that rh does not read, does not stop anybody; it is said as the source.
    """
    if faults_count:
        return Known(value=False, source=_SOURCE)
    why = why_unknown(answer)
    if answer.reading is Reading.BROKEN:
        return Unknown(why=why or "the change could not be read")
    if unjudged:
        return Unknown(why=_first_of(unjudged))
    return Known(value=True, source=f"{_SOURCE}, as far as rh reads: {why}" if why else _SOURCE)


def _kept(answer: ImpactAnswer) -> Fact:
    """A guard of which reading cannot tell whether it keeps the same callers out is not kept, and not proven to be gone."""
    unclear = [f"{each.entry.name}: {each.because}" for each in unclear_guards(answer)]
    return _holds(answer, len(lost_guards(answer)), (*unclear, *answer.unjudged.guards))


def _explained(answer: ImpactAnswer) -> Fact:
    """Code may land before anything calls it; then its author says why, and until that is said nobody knows."""
    silent = unreached(answer)
    if silent:
        names = ", ".join(_name(each) for each in silent[:_SHOWN_COUNT])
        return Unknown(why=f"nothing refers to {names}, and nobody says why")
    return _holds(answer, 0, [f"{_name(each)}: {each.because}" for each in in_state(answer, Wiring.UNKNOWN)])


def _surfaces(answer: ImpactAnswer) -> Fact:
    """Return the surfaces that are reached; where not all could be looked at, nobody knows that there are no more."""
    if answer.unjudged.surfaces and not answer.unknown:
        return Unknown(why=_first_of(answer.unjudged.surfaces))
    return _exact(answer, tuple(sorted({each.surface for each in answer.reached})))


def _at_least(answer: ImpactAnswer, count: int) -> Fact:
    why = why_unknown(answer)
    if why and not count:
        return Unknown(why=why)
    return Known(value=count, source=f"{_SOURCE}: at least, since not everything was read" if why else _SOURCE)


def _exact(answer: ImpactAnswer, value: FactValue) -> Fact:
    why = why_unknown(answer)
    return Unknown(why=why) if why else Known(value=value, source=_SOURCE)


def in_state(answer: ImpactAnswer, state: Wiring) -> tuple[WiredSymbol, ...]:
    """Return what is in a state."""
    return tuple(each for each in answer.wired if each.state is state)


def unreached(answer: ImpactAnswer) -> tuple[WiredSymbol, ...]:
    """Return the added symbols that nothing refers to and of which the author does not say why."""
    return tuple(each for each in in_state(answer, Wiring.UNREFERENCED) if not each.reason_given)


def lost_guards(answer: ImpactAnswer) -> tuple[GuardChange, ...]:
    """Return the guards that were removed or weakened."""
    return tuple(each for each in answer.guards if each.move in _LOST)


def unclear_guards(answer: ImpactAnswer) -> tuple[GuardChange, ...]:
    """Return the guards that changed in a way that reading cannot judge."""
    return tuple(each for each in answer.guards if each.move is GuardMove.UNKNOWN)


def advice_of_impact(answer: ImpactAnswer) -> dict[str, str]:
    """Say what would mend the facts of the impact, by the name of the fact."""
    mount = _list(in_state(answer, Wiring.REGISTERED_NOT_MOUNTED), _mount)
    mend = _list(in_state(answer, Wiring.PHANTOM), _mend)
    explain = _list(unreached(answer), _say_why)
    guard = _list(lost_guards(answer), _guard)
    unclear = _list(unclear_guards(answer), _unclear)
    readable = f"Make the change readable: {why_unknown(answer)}." if answer.reading is Reading.BROKEN else ""
    advice = {
        UNMOUNTED: mount,
        PHANTOM: mend,
        SOUND: " ".join(each for each in (mount, mend) if each) or readable,
        UNREACHED: explain,
        EXPLAINED: explain or readable,
        GUARDS_REMOVED: guard,
        GUARDS_UNKNOWN: unclear,
        KEPT: " ".join(each for each in (guard, unclear) if each) or readable,
        READING: readable,
    }
    return {name: says for name, says in advice.items() if says}


def _list(found: Iterable[WiredSymbol] | Iterable[GuardChange], say: Callable[..., str]) -> str:
    every = [say(each) for each in found]
    more = f" And {len(every) - _SHOWN_COUNT} more." if len(every) > _SHOWN_COUNT else ""
    return " ".join(every[:_SHOWN_COUNT]) + more


def _name(each: WiredSymbol) -> str:
    return show_text(each.symbol.rpartition(":")[2] or each.symbol.rstrip(":"))


def _mount(each: WiredSymbol) -> str:
    return f"Mount {_name(each)} of {show_text(each.path)}:{each.line}: {show_text(each.because)}."


def _mend(each: WiredSymbol) -> str:
    return f"Mend {show_text(each.path)}:{each.line}: {show_text(each.because)}."


def _say_why(each: WiredSymbol) -> str:
    name = _name(each)
    return (
        f"Call {name} of {show_text(each.path)}:{each.line}, or say why it lands dark with a trailer "
        f"`Lands-dark: {name}: why`: {show_text(each.because)}."
    )


def _guard(each: GuardChange) -> str:
    return (
        f"Put the guard of {show_text(each.entry.name)} back, or show that it is not needed: {show_text(each.because)}."
    )


def _unclear(each: GuardChange) -> str:
    return (
        f"Let the guard of {show_text(each.entry.name)} that stood there stand beside what is new, where it can be read: "
        f"{show_text(each.because)}."
    )


def reasons_of(change: Change) -> Mapping[str, str]:
    """Return the author's reasons by name, from trailers and lines `Lands-dark: NAME: why` of the commits."""
    found: dict[str, str] = {}
    for commit in change.commits:
        said = [(key, value) for key, value in commit.trailers]
        said += [(key, value) for line in commit.body.splitlines() for key, _, value in (line.partition(":"),)]
        for key, value in said:
            name, colon, why = value.strip().partition(":")
            if key.strip().lower() == LANDS_DARK and colon and why.strip():
                found[name.strip().strip("`")] = " ".join(why.split())
    return found
