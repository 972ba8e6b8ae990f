"""Where a search backwards stopped: a name too common to tell whose member it is, or a base of too many classes."""

from collections import deque
from typing import TYPE_CHECKING

from release_harness.steps.evidence.impact.link.before import DEFINERS_LIMIT, FAMILIES_LIMIT, Before
from release_harness.steps.evidence.impact.link.families import may_mean
from release_harness.steps.evidence.impact.link.hierarchy import SUBCLASSES_LIMIT
from release_harness.steps.evidence.impact.link.known_names import CONSTRUCTORS, STOP_NAMES

if TYPE_CHECKING:
    from release_harness.steps.evidence.impact.link.states import State


def why_cut_short(before: Before, symbol: str) -> str:
    """Return why what uses a symbol was not followed to its end, as in `16 classes have a method notify`; empty when it was.

    It goes wherever the search itself went: a limit of its own would call cut what nobody looked at.
    """
    seen: set[State] = {(symbol, "")}
    waiting: deque[State] = deque(seen)
    while waiting:
        state = waiting.popleft()
        why = _why(before, state[0])
        if why:
            return why
        for step in before.before(state):
            if step.state not in seen:
                seen.add(step.state)
                waiting.append(step.state)
    return ""


def _why(before: Before, symbol: str) -> str:
    owner, _, name = symbol.rpartition(".")
    if owner not in before.hierarchy.bases or before.letters.get(owner, {}).get(name, "") in {"", "v", "c"}:
        return ""
    if len(before.hierarchy.subclasses(owner)) > SUBCLASSES_LIMIT:
        return f"more than {SUBCLASSES_LIMIT} classes inherit it"
    if name in STOP_NAMES:
        return f"`{name}` is a method of many things"
    if name in CONSTRUCTORS or not any(may_mean(row.source, owner) for row in before.edges.into(f"N{name}")):
        return ""
    definers = [each for each in before.definers(name) if may_mean(each, owner)]
    roots = {_root(before, each, name) for each in definers}
    if len(definers) > DEFINERS_LIMIT and len(roots) > FAMILIES_LIMIT:
        return f"{len(definers)} classes have a method `{name}`"
    return ""


def _root(before: Before, owner: str, name: str) -> str:
    """Return the class that defines a method first."""
    order = [base for base in before.hierarchy.mro(owner) if name in before.hierarchy.members.get(base, ())]
    return order[-1] if order else owner
