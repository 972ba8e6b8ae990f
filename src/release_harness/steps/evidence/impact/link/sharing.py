"""Which answers of one tree hold in another one that differs by little: all but those about names that moved.

A name moved when anything that the answers about it rest on is another one: an edge that leads to it, what a class binds it to,
the resolution order of a class that has it, or what a framework registers under it. Too many names cost time; one too few would
be wrong, so a piece that is not understood moves every name that it mentions.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from release_harness.steps.evidence.impact.entries.contract import HookEdge
from release_harness.steps.evidence.impact.link.hierarchy import Hierarchy
from release_harness.steps.evidence.impact.link.record import SEPARATOR, FileLink
from release_harness.steps.evidence.impact.link.table import Edges

Texts = Mapping[str, list[tuple[str, int, bool]]]


class Tree(NamedTuple):
    """What the answers about one tree rest on."""

    links: Mapping[str, FileLink]
    edges: Edges
    hierarchy: Hierarchy
    hooks: Mapping[str, list[HookEdge]]
    texts: Texts
    snake: Mapping[str, list[str]]
    """Class name in snake case -> the classes of that name."""


@lru_cache(maxsize=1 << 16)
def snake_case(name: str) -> str:
    """Return `HTTPServer` as `http_server`."""
    found: list[str] = []
    for at, letter in enumerate(name):
        if letter.isupper() and at and (not name[at - 1].isupper() or (at + 1 < len(name) and name[at + 1].islower())):
            found.append("_")
        found.append(letter.lower())
    return "".join(found)


def last_of(symbol: str) -> str:
    """Return the last name of a symbol; of a module, nothing."""
    return symbol.rpartition(":")[2].rpartition(".")[2]


def moved_names(old: Tree, new: Tree, relinked: frozenset[str]) -> frozenset[str]:
    """Return the last names of all symbols whose answers can differ between two trees of which some files were linked again."""
    found: set[str] = set()
    lettered: set[str] = set()
    for path in relinked:
        before, after = old.links.get(path), new.links.get(path)
        lettered.update(_of_members(path, before, after))
        found.update(set(_functions(before)) ^ set(_functions(after)))
    found.update(map(last_of, lettered))
    found.update(_of_classes(old, new))
    rows = old.edges.rows_of(relinked), new.edges.rows_of(relinked)
    targets = {row.target for row in rows[0] ^ rows[1]}
    targets.update(row.target for row in (rows[0] | rows[1] if lettered else ()) if row.source in lettered)
    by_text = _by_text(old, new)
    for target in targets:
        found.update(_of_target(target, old, new, by_text))
    found.update(last_of(symbol) for symbol in _differing(old.hooks, new.hooks))
    found.update(last_of(symbol) for symbol in _differing(old.texts, new.texts))
    return frozenset(found)


def _functions(link: FileLink | None) -> Iterator[str]:
    yield from (each.rpartition(".")[2] for each in (link.functions if link is not None else ()))


def _of_members(path: str, before: FileLink | None, after: FileLink | None) -> Iterator[str]:
    """Yield the members that one of two versions of a file does not bind, or binds to something of another kind."""
    old = {} if before is None else before.members
    new = {} if after is None else after.members
    for owner in old.keys() | new.keys():
        mine, other = old.get(owner, {}), new.get(owner, {})
        for name in mine.keys() | other.keys():
            if mine.get(name) != other.get(name):
                yield f"{path}:{owner}.{name}"


def _of_classes(old: Tree, new: Tree) -> Iterator[str]:
    """Yield the names that classes with other bases, and those around them, have."""
    mine, other = old.hierarchy.bases, new.hierarchy.bases
    for owner in mine.keys() | other.keys():
        before, after = mine.get(owner), other.get(owner)
        if before is not None and after is not None and tuple(before) == tuple(after):
            continue
        for tree in (old, new):
            around = {owner, *tree.hierarchy.mro(owner), *tree.hierarchy.subclasses(owner)}
            around.update(tree.snake.get(snake_case(last_of(owner)), ()))
            for each in around:
                yield last_of(each)
                yield from tree.hierarchy.members.get(each, ())


def _by_text(*trees: Tree) -> Mapping[str, set[str]]:
    """Return text -> last names of the symbols that it names in any of some trees."""
    found: dict[str, set[str]] = {}
    for tree in trees:
        for symbol, rows in tree.texts.items():
            for text, _reason, _later in rows:
                found.setdefault(text, set()).add(last_of(symbol))
    return found


def _of_target(target: str, old: Tree, new: Tree, by_text: Mapping[str, set[str]]) -> Iterator[str]:
    """Yield the last names of the symbols that an edge to a target can lead to."""
    form, rest = target[0], target[1:]
    if form == "S":
        yield last_of(rest)
        return
    owner, separator, name = rest.rpartition(SEPARATOR)
    if not separator:
        yield rest
        if form == "T":
            yield from by_text.get(rest, ())
    elif name:
        yield name
    else:
        for tree in (old, new):
            yield from (last_of(each) for each in (owner, *tree.hierarchy.subclasses(owner)))


def _differing(old: Mapping[str, Sequence[object]], new: Mapping[str, Sequence[object]]) -> Iterable[str]:
    return [each for each in old.keys() | new.keys() if old.get(each) != new.get(each)]
