"""Protocols: classes that say which methods others have, and which classes of the tree have them without naming the protocol."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

PROTOCOL = "typing.Protocol"
"""Stands among the bases of a class that is a protocol."""
_METHODS = frozenset({"f", "p", "h"})
_FEW = 3
"""A protocol of one method is only what a few classes have; `close` alone says nothing."""


def with_protocols(
    bases: Mapping[str, Sequence[str]], members: Mapping[str, Mapping[str, str]]
) -> Mapping[str, Sequence[str]]:
    """Return the bases with each protocol after those of the classes that have all its methods; `members` says what each name is."""
    protocols = {owner for owner, row in bases.items() if PROTOCOL in row}
    if not protocols:
        return bases
    found = {owner: tuple(each for each in row if each != PROTOCOL) for owner, row in bases.items()}
    below: dict[str, list[str]] = {}
    for owner, row in found.items():
        for each in row:
            below.setdefault(each, []).append(owner)
    asked = {
        each: [name for name in _methods(members.get(each, {})) if not name.startswith("__")]
        for each in sorted(protocols)
    }
    definers: dict[str, list[str]] = {name: [] for wanted in asked.values() for name in wanted}
    for owner, names in members.items():
        for name in names.keys() & definers.keys():
            definers[name].append(owner)
    for protocol, wanted in asked.items():
        for owner in _having(wanted, definers, below, found, members, protocols):
            if protocol not in found[owner]:
                found[owner] = (*found[owner], protocol)
    return found


def _having(
    wanted: Sequence[str],
    definers: Mapping[str, Sequence[str]],
    below: Mapping[str, Sequence[str]],
    bases: Mapping[str, Sequence[str]],
    members: Mapping[str, Mapping[str, str]],
    protocols: set[str],
) -> list[str]:
    """Return the classes that have all of some methods, their own or inherited."""
    if not wanted:
        return []
    rarest = min(wanted, key=lambda name: len(definers.get(name, ())))
    able = [
        owner
        for owner in sorted(_and_below(definers.get(rarest, ()), below))
        if owner not in protocols and set(wanted) <= _names(owner, bases, members, set())
    ]
    return able if len(wanted) > 1 or len(able) <= _FEW else []


def _and_below(owners: Iterable[str], below: Mapping[str, Sequence[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(owners)
    while waiting:
        owner = waiting.pop()
        if owner not in found:
            found.add(owner)
            waiting.extend(below.get(owner, ()))
    return found


def _names(
    owner: str, bases: Mapping[str, Sequence[str]], members: Mapping[str, Mapping[str, str]], met: set[str]
) -> set[str]:
    """Return the methods of a class, with those of its bases in the tree."""
    met.add(owner)
    found = set(_methods(members.get(owner, {})))
    for each in bases.get(owner, ()):
        if each not in met:
            found |= _names(each, bases, members, met)
    return found


def _methods(names: Mapping[str, str]) -> Iterator[str]:
    return (name for name, letter in names.items() if letter in _METHODS)
