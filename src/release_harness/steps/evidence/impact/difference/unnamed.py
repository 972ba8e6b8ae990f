"""Which function without a name is which: one that comes or goes among others moves the numbers of all that follow."""

import re
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import NamedTuple

from release_harness.kernel.patterns import LazyPattern
from release_harness.steps.evidence.impact.difference.outline import Part

_NUMBERED = LazyPattern(r"^(?P<owner>(?:.*\.)?)<(?P<word>[^<>]*?)(?: \d+)?>$", re.DOTALL)

_Content = tuple[tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...]


class _Group(NamedTuple):
    """Functions without a name that one function or file holds, and that are handed to the same."""

    owner: str
    word: str


def renumbered(before: Mapping[str, Part], after: Mapping[str, Part]) -> Mapping[str, str]:
    """Return old -> new qualname of every unnamed function whose number alone differs, and of what is written inside it."""
    old, new = _groups(before), _groups(after)
    uneven = [each for each in old.keys() & new.keys() if old[each] != new[each]]
    if not uneven:
        return {}
    was, now = _contents(before), _contents(after)
    shifted: dict[str, str] = {}
    for group in sorted(uneven, key=lambda each: (each.owner.count("."), each)):
        if _is_inside(group.owner, shifted):
            continue
        matcher = SequenceMatcher(
            None, [was[one] for one in old[group]], [now[one] for one in new[group]], autojunk=False
        )
        for start, other, count in matcher.get_matching_blocks():
            for offset in range(count):
                one, two = old[group][start + offset], new[group][other + offset]
                if one != two:
                    shifted[one] = two
    return {**shifted, **dict(_with_insides(before, shifted))}


def _groups(parts: Mapping[str, Part]) -> dict[_Group, list[str]]:
    """Return the unnamed functions of each place, in the order in which they stand there."""
    found: dict[_Group, list[str]] = {}
    for qualname in sorted(parts, key=lambda each: parts[each].symbol.line):
        match = _NUMBERED.match(qualname) if qualname.endswith(">") else None
        if match is not None:
            found.setdefault(_Group(match["owner"], match["word"]), []).append(qualname)
    return found


def _contents(parts: Mapping[str, Part]) -> dict[str, _Content]:
    """Return what each unnamed function says, with all that is written inside it."""
    found: dict[str, list[tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]]] = {}
    for qualname, part in parts.items():
        for outer in _unnamed_around(qualname):
            said = (qualname[len(outer) :], part.decorators, part.header, part.body)
            found.setdefault(outer, []).append(said)
    return {qualname: tuple(each) for qualname, each in found.items()}


def _is_inside(owner: str, shifted: Mapping[str, str]) -> bool:
    """Tell whether a place is a function that has another number on the other side, so that its name means two."""
    return any(owner.startswith(f"{each}.") for pair in shifted.items() for each in pair)


def _with_insides(parts: Mapping[str, Part], shifted: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for qualname in parts if shifted else ():
        for outer in _unnamed_around(qualname):
            if outer in shifted and outer != qualname:
                yield qualname, shifted[outer] + qualname[len(outer) :]
                break


def _unnamed_around(qualname: str) -> Iterator[str]:
    """Yield the unnamed functions that something is written inside, outermost first, and itself if it has no name."""
    parts = qualname.split(".") if "<" in qualname else []
    for index, part in enumerate(parts, 1):
        if part.startswith("<") and part != "<locals>":
            yield ".".join(parts[:index])
