"""The entry points that a change brings or takes away, in words: with what stands before the new ones."""

from collections.abc import Sequence

from release_harness.kernel.operations import View
from release_harness.steps.evidence.model.impact import EntryPoint, ImpactAnswer
from release_harness.steps.evidence.render.affected import names_of
from release_harness.steps.evidence.render.lines import heading, left_out, wrapped

_FROM_OUTSIDE = frozenset({"http", "websocket", "graphql"})
_NAMES_SHOWN_COUNT = 3


def registry_lines(answer: ImpactAnswer, view: View, limit: int) -> list[str]:
    """List what came and went; a limit of 0 shows all."""
    rows = [("+", each, _stands_before(each)) for each in answer.entries_added]
    rows += [("-", each, "") for each in answer.entries_removed]
    if not rows:
        return []
    shown = rows[: limit or None]
    came, went = ({each.said for each in found} for found in (answer.entries_added, answer.entries_removed))
    lines: list[str] = []
    for sign, each, guards in shown:
        # Where the pattern behind the name alone differs, the name says nothing.
        name = each.name if each.said in came & went else each.said
        says = f"{each.kind} {name} ({each.path}:{each.line}){guards}"
        lines += wrapped(says, view, first=f"  {sign} ", rest="    ")
    return [*heading("Entry points that came and went", view), *lines, *left_out(len(rows) - len(shown))]


def registry_texts(answer: ImpactAnswer) -> list[str]:
    """Say in one sentence each what came, what of it nothing guards, and what went."""
    bare = [each for each in answer.entries_added if _is_bare(each)]
    rows = (("new", answer.entries_added), ("new, and no guard is seen before", bare), ("gone", answer.entries_removed))
    return [f"{word}: {_listed(found)}" for word, found in rows if found]


def _listed(found: Sequence[EntryPoint]) -> str:
    kinds = sorted({each.kind for each in found})
    names = [f"{kind} {name}" for kind in kinds for name in names_of([each for each in found if each.kind == kind])]
    more_count = len(names) - _NAMES_SHOWN_COUNT
    shown = names if more_count <= 0 else [*names[:_NAMES_SHOWN_COUNT], f"{more_count} more"]
    return "; ".join(shown)


def _is_bare(entry: EntryPoint) -> bool:
    return entry.kind in _FROM_OUTSIDE and entry.guards_known and not entry.guards


def _stands_before(entry: EntryPoint) -> str:
    """Say what guards a new way in from outside; that nothing does is what a reviewer asks first."""
    if entry.kind not in _FROM_OUTSIDE:
        return ""
    names = ", ".join(dict.fromkeys(each.name for each in entry.guards))
    if not entry.guards_known:
        return f"; guards: {names}, and some that cannot be read" if names else "; its guards cannot be read"
    return f"; guards: {names}" if names else "; no guard is seen"
