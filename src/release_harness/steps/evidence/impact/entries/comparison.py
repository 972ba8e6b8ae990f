"""What was read against what the framework itself says: both lists, entry by entry; pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from release_harness.kernel.errors import InputError
from release_harness.kernel.records import record
from release_harness.steps.evidence.model.impact import EntryPoint

_PARAMETER = re.compile(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)|\{(\w+)[^{}]*\}|<(?:[^<>:]+:)?(\w+)>|\{\*?(\w+)[^{}]*\}")


@record
class RuntimeEntry:
    """One entry point as the running framework names it."""

    kind: str
    name: str
    handler: str
    """`module:qualname`, or empty when the framework does not tell."""
    guards: tuple[str, ...] | None = None
    """Names of the guards; None when the framework does not tell."""


@record
class GuardDifference:
    """An entry whose guards were read otherwise than the framework has them."""

    entry: EntryPoint
    only_static: tuple[str, ...]
    only_runtime: tuple[str, ...]


@record
class Comparison:
    """How far the static list and the running framework agree."""

    found_count: int
    """Entries of the framework, with code of this repository, that were read too: the handler and the verb agree."""
    only_runtime: tuple[RuntimeEntry, ...]
    """With code of this repository, and not read."""
    only_static: tuple[EntryPoint, ...]
    """Read as mounted, and the framework does not have them (behind a setting, say, or a fault of reading)."""
    names_differ: tuple[tuple[EntryPoint, RuntimeEntry], ...]
    """The handler agrees and the address does not."""
    guards_differ: tuple[GuardDifference, ...]
    outside_count: int
    """Entries of the framework whose code is in a library."""

    @property
    def address_ratio(self) -> float | None:
        """Share of the framework's entries that were read with the very address; the strict figure where handlers are shared."""
        whole = self.found_count + len(self.only_runtime)
        return (self.found_count - len(self.names_differ)) / whole if whole else None

    @property
    def recall_ratio(self) -> float | None:
        """Share of the framework's entries that were read; None when there is nothing to compare."""
        whole = self.found_count + len(self.only_runtime)
        return self.found_count / whole if whole else None


def runtime_entries(rows: object) -> tuple[RuntimeEntry, ...]:
    """Check what a dump printed; raises InputError when it is no list of entries."""
    if not isinstance(rows, list):
        raise InputError(
            code="RUNTIME_DUMP_INVALID",
            says="The project's interpreter printed something that is no list of entries.",
            hint="A package of the project may stand in the place of its framework; report it with the framework and its version.",
        )
    return tuple(_entry(each) for each in rows)


def _entry(row: Any) -> RuntimeEntry:
    guards = row.get("guards") if isinstance(row, dict) else None
    if (
        not isinstance(row, dict)
        or not all(isinstance(row.get(key), str) for key in ("kind", "name", "handler"))
        or not (guards is None or (isinstance(guards, list) and all(isinstance(each, str) for each in guards)))
    ):
        raise InputError(
            code="RUNTIME_DUMP_INVALID",
            says="An entry that the project's interpreter printed lacks its kind, name or handler.",
            hint="A package of the project may stand in the place of its framework; report it with the framework and its version.",
        )
    return RuntimeEntry(
        kind=row["kind"], name=row["name"], handler=row["handler"], guards=None if guards is None else tuple(guards)
    )


def plain_name(name: str) -> str:
    """Return a name with parameters and slashes at the end made alike: `GET /a/<x>` for `GET /a/{x}/` and `GET /a/(?P<x>.*)$`."""
    text = _PARAMETER.sub(lambda found: f"<{next(each for each in found.groups() if each)}>", name)
    for mark in ("^", "$", "\\Z", "\\"):
        text = text.replace(mark, "")
    verb, _, path = text.partition(" ")
    return f"{verb} /{path.strip('/?')}" if path.startswith("/") else text


def compare(entries: Sequence[EntryPoint], runtime: Sequence[RuntimeEntry], modules: Mapping[str, str]) -> Comparison:
    """Compare both lists; `modules` gives for each file of the repository the dotted name that it is imported by."""
    by_handler: dict[tuple[str, str], list[EntryPoint]] = {}
    by_name: dict[str, list[EntryPoint]] = {}
    for each in entries:
        by_handler.setdefault((each.kind, _handler(each, modules)), []).append(each)
        by_name.setdefault(f"{each.kind} {plain_name(each.name)}", []).append(each)
    ours = {*modules.values()}
    found_count, outside_count = 0, 0
    missing: list[RuntimeEntry] = []
    names: list[tuple[EntryPoint, RuntimeEntry]] = []
    guards: list[GuardDifference] = []
    met: set[EntryPoint] = set()
    for row in dict.fromkeys(runtime):
        match, same_name = _match(row, by_handler, by_name)
        module = row.handler.partition(":")[0]
        if match is None:
            if module in ours or not module:
                missing.append(row)
            else:
                outside_count += 1
            continue
        met.add(match)
        found_count += 1
        if not same_name:
            names.append((match, row))
        difference = _guards(match, row)
        if difference:
            guards.append(difference)
    kinds = {row.kind for row in runtime}
    only = tuple(each for each in entries if each.kind in kinds and each.mounted and each not in met)
    return Comparison(
        found_count=found_count, only_runtime=tuple(missing), only_static=only, names_differ=tuple(names),
        guards_differ=tuple(guards), outside_count=outside_count,
    )  # fmt: skip


def _handler(entry: EntryPoint, modules: Mapping[str, str]) -> str:
    path, _, qualname = entry.handler.rpartition(":")
    return f"{modules.get(path, path)}:{qualname}"


def _match(
    row: RuntimeEntry, by_handler: Mapping[tuple[str, str], list[EntryPoint]], by_name: Mapping[str, list[EntryPoint]]
) -> tuple[EntryPoint | None, bool]:
    """Return the entry that a row of the framework stands for, and whether their addresses agree."""
    name = plain_name(row.name)
    same_handler = by_handler.get((row.kind, row.handler), [])
    exact = [each for each in same_handler if _same(plain_name(each.name), name)]
    if exact:
        return exact[0], True
    verb = name.partition(" ")[0]
    for each in sorted(same_handler, key=lambda entry: -_common_end(plain_name(entry.name), name)):
        if row.kind not in {"http", "websocket"} or each.name.partition(" ")[0] in {verb, "ANY"} or verb == "ANY":
            return each, False
    named = _named(row, name, by_name)
    return (named, True) if named else (None, False)


def _common_end(first: str, second: str) -> int:
    length = 0
    for one, other in zip(reversed(first), reversed(second), strict=False):
        if one != other:
            break
        length += 1
    return length


def _named(row: RuntimeEntry, name: str, by_name: Mapping[str, list[EntryPoint]]) -> EntryPoint | None:
    verb, _, path = name.partition(" ")
    candidates: Iterable[str] = (name, f"ANY {path}")
    if verb == "ANY":
        candidates = (f"{each} {path}" for each in ("ANY", "GET", "POST", "PUT", "PATCH", "DELETE"))
    for each in candidates:
        found = by_name.get(f"{row.kind} {each}")
        if found:
            return found[0]
    return None


def _same(static: str, runtime: str) -> bool:
    if static == runtime:
        return True
    verb, _, path = static.partition(" ")
    other, _, where = runtime.partition(" ")
    return path == where and "ANY" in {verb, other}


def _guards(entry: EntryPoint, row: RuntimeEntry) -> GuardDifference | None:
    """Compare by the last part of what checks; the framework lists all dependencies, so what it has more is told only for guards that were read elsewhere."""
    if row.guards is None or not entry.guards_known:
        return None
    has = {each.rpartition(":")[2].rpartition(".")[2] for each in row.guards}
    read = {
        each.symbol.rpartition(":")[2].rpartition(".")[2] or each.name for each in entry.guards if each.source in _TOLD
    }
    lacking = tuple(sorted(read - has))
    return GuardDifference(entry=entry, only_static=lacking, only_runtime=()) if lacking else None


_TOLD = frozenset({"dependency", "permission class"})
"""Guards that the frameworks tell of; decorators leave no trace at run time."""
