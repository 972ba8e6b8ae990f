"""Which lines at head a changed symbol has for itself, so that a finding on a line is laid to what holds the line."""

from collections.abc import Mapping

from release_harness.steps.evidence.impact.difference.outline import FUNCTIONS, Part

Lines = tuple[tuple[int, int], ...]


def own_lines(parts: Mapping[str, Part], qualname: str, line: int, kind: str) -> Lines:
    """Return the ranges of lines of a symbol: a function whole, a class without its members, a variable its statement."""
    part = parts.get(qualname)
    if part is not None and kind != "variable":
        if part.symbol.kind in FUNCTIONS:
            return ((part.symbol.first_line, part.symbol.end_line),)
        return _between(parts, qualname, part.symbol.first_line, part.symbol.end_line)
    owner = qualname if part is not None else qualname.rpartition(".")[0]
    holder = parts.get(owner)
    if holder is None or not line:
        return ()
    following = [each.line for each in holder.segments if each.line > line]
    last = min(following, default=holder.symbol.end_line + 1) - 1
    return _between(parts, owner, line, last)[:1]


def _between(parts: Mapping[str, Part], owner: str, first: int, last: int) -> Lines:
    """Return what is left of a range of lines without the symbols that an owner holds."""
    inside = sorted(
        (each.symbol.first_line, each.symbol.end_line)
        for name, each in parts.items()
        if name and name != owner and (not owner or name.startswith(f"{owner}."))
    )
    found: list[tuple[int, int]] = []
    for start, end in inside:
        if start > first:
            found.append((first, min(start - 1, last)))
        first = max(first, end + 1)
    found.append((first, last))
    return tuple(each for each in found if each[0] <= each[1])
