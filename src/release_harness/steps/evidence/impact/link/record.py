"""What linking one file gave: plain data that depends only on the file and on the answers it consumed."""

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from release_harness.steps.evidence.impact.entries.contract import FileView, Framework

LINK_VERSION = 35
"""Part of every key of the cache; raised whenever the same facts would give other links."""

SEPARATOR = "\0"
"""Between a class and the name of a member in a target."""


class FileLink(NamedTuple):
    """The links of one file."""

    edges: list[list[Any]]
    """`[source, [[reason, target, line], …]]`; a source without `:` is a qualname of this file. A target starts with what it is:
    `S` symbol, `M` class and member, `F` own member, `U` member of a base, `N` member of an unknown receiver, `G` member of the
    class a receiver is named after, `T` text, `A` attribute that is mentioned."""
    classes: dict[str, list[str]]
    """Qualname of a class -> resolved bases."""
    members: dict[str, dict[str, str]]
    """Qualname of a class -> name -> `f` function, `m` function that no library calls by itself, `p` property, `h` function handed to a library, `c` class, `v` field."""
    functions: list[str]
    """Qualnames of functions outside of classes."""
    consumed: list[str]
    """Keys of what was read elsewhere, sorted."""
    calls_count: int
    unresolved_count: int
    dropped: dict[str, int]
    registrations: dict[str, list[list[Any]]]
    """Framework -> `[kind, scope, line, data]`."""
    missing: list[list[Any]]
    """`[scope, what, line]` of imported names and attributes of modules of this repository that do not exist."""


def to_bytes(link: FileLink) -> bytes:
    """Return the canonical JSON of the links of a file."""
    return json.dumps(link, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def from_bytes(content: bytes) -> FileLink:
    """Return what `to_bytes` wrote; raises ValueError or TypeError when it is nothing of the kind."""
    row = json.loads(content)
    if not isinstance(row, list):
        says = "no links of a file"
        raise TypeError(says)
    return FileLink._make(row)


def registrations_of(
    view: FileView, frameworks: Sequence[Framework], drop: Callable[[str], None]
) -> dict[str, list[list[Any]]]:
    """Return what each framework that a file can concern finds in it."""
    found: dict[str, list[list[Any]]] = {}
    for framework in frameworks:
        if view.facts.language not in framework.languages:
            continue
        if framework.libraries and framework.libraries.isdisjoint(view.imports):
            continue
        try:
            rows: list[list[Any]] = [[each.kind, each.scope, each.line, each.data] for each in framework.collect(view)]
        except RecursionError:
            drop(f"registrations of {framework.name} nested too deep to read")
            continue
        if rows:
            found[framework.name] = rows
    return found
