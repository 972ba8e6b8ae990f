"""Which symbols differ between two trees, and how."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from release_harness.kernel.patterns import LazyPattern
from release_harness.steps.evidence.impact.difference.moves import Whole, match_moves
from release_harness.steps.evidence.impact.difference.outline import FUNCTIONS, Part, outline
from release_harness.steps.evidence.impact.difference.own_lines import own_lines
from release_harness.steps.evidence.impact.difference.segments import segment_changes
from release_harness.steps.evidence.impact.difference.unnamed import renumbered
from release_harness.steps.evidence.impact.extract import TEMPLATE, language_of
from release_harness.steps.evidence.impact.facts import FileFacts
from release_harness.steps.evidence.impact.tree import TreeFacts
from release_harness.steps.evidence.model.impact import ChangedSymbol, SymbolChange, SymbolId

_FORMAT = SymbolChange.FORMAT
_PAGES = (".vue", ".svelte")
"""Files that hold what users see beside their script."""
_NO_PAGE = LazyPattern(r"<script\b.*?</script>|<!--.*?-->|\s+", re.DOTALL)


class SymbolDiff(NamedTuple):
    """What differs between two trees."""

    changed: tuple[ChangedSymbol, ...]
    """In the order of paths and lines."""
    code: tuple[str, ...]
    """Changed paths of files that rh reads."""
    other: tuple[str, ...]
    """Changed paths of all other files."""
    unread: Mapping[str, str]
    """Changed paths that rh should be able to read at head and could not, and why."""
    partial: tuple[str, ...]
    """Changed paths that were read with errors inside at head."""
    unread_before: Mapping[str, str]
    """The same for the base: what was there cannot be compared."""
    partial_before: tuple[str, ...]
    """The same for the base: what stood in the part that was not read cannot be compared."""
    aside: Mapping[str, str]
    """Changed paths that rh leaves out on purpose, such as minified files, and why."""

    @property
    def moved(self) -> Mapping[SymbolId, SymbolId]:
        """What symbols were called at base, and what they are called now."""
        return {each.was: each.symbol for each in self.changed if each.was}


class _File(NamedTuple):
    facts: FileFacts
    parts: Mapping[str, Part]


def changed_paths(base: TreeFacts, head: TreeFacts) -> tuple[str, ...]:
    """Return every path whose content differs, sorted."""
    before, after = base.paths, head.paths
    return tuple(sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path)))


def symbol_diff(base: TreeFacts, head: TreeFacts, paths: Sequence[str]) -> SymbolDiff:
    """Compare the symbols of the changed files of two trees (§3.2 of the design: by name, then by body)."""
    read = [path for path in paths if path in base.blobs or path in head.blobs]
    code = [path for path in read if language_of(path) != TEMPLATE]
    was, now = _Reader(base), _Reader(head)
    changed = list(_pages([path for path in read if language_of(path) == TEMPLATE], was, now))
    gone: list[Whole] = []
    new: list[Whole] = []
    for path in code:
        before, after = was.read(path), now.read(path)
        if path in was.unread or path in now.unread:
            changed.append(
                ChangedSymbol(symbol=f"{path}:", change=SymbolChange.STATEMENT, path=path, line=1, kind="file")
            )
            continue
        shifted = renumbered(before.parts, after.parts) if before and after else {}
        changed.extend(_with_lines(_compare(path, before, after, shifted), after))
        gone.extend(each for each in _wholes(path, before, after) if each.qualname not in shifted)
        new.extend(each for each in _wholes(path, after, before) if each.qualname not in shifted.values())
    changed = _join_moves(changed, match_moves(gone, new))
    aside = {**was.left_out(paths), **now.left_out(paths)}
    others = tuple(path for path in paths if path not in code and path not in aside)
    changed.sort(key=lambda each: (each.path, each.line, each.symbol, each.change.value))
    return SymbolDiff(
        changed=tuple(changed),
        code=tuple(code),
        other=others,
        unread=now.unread,
        partial=tuple(sorted(now.partial)),
        unread_before=was.unread,
        partial_before=tuple(sorted(was.partial)),
        aside=aside,
    )


def _pages(paths: Sequence[str], was: "_Reader", now: "_Reader") -> Iterator[ChangedSymbol]:
    """Yield changed templates, each as a whole: what stands between the tags is text that somebody gets to see."""
    for path in paths:
        was.note(path)
        now.note(path)
        yield ChangedSymbol(symbol=f"{path}:", change=SymbolChange.LITERAL, path=path, line=1, kind="file")


class _Reader:
    """Reads the changed files of one tree and notes what could not be read."""

    def __init__(self, tree: TreeFacts) -> None:
        self._tree = tree
        self.unread: dict[str, str] = {}
        self.partial: list[str] = []

    def note(self, path: str) -> FileFacts | None:
        """Return the facts of a file, and note what could not be read."""
        if path not in self._tree.blobs:
            return None
        facts = self._tree.facts(path)
        if not facts.parser:
            self.unread[path] = facts.problem or "no parser could read it"
            return None
        if facts.partial:
            self.partial.append(path)
        return facts

    def read(self, path: str) -> _File | None:
        facts = self.note(path)
        text = None if facts is None else self._tree.read_text(path)
        if facts is None:
            return None
        if text is None:
            self.unread[path] = "its content is not in this repository"
            return None
        return _File(facts, outline(facts, text))

    def left_out(self, paths: Sequence[str]) -> dict[str, str]:
        causes = {path: cause for cause, held in self._tree.counts.left_out.items() for path in held}
        return {path: causes[path] for path in paths if path in causes and path not in self._tree.blobs}


def _with_lines(changed: Iterable[ChangedSymbol], after: _File | None) -> Iterator[ChangedSymbol]:
    """Say which lines at head each symbol has for itself; what was removed has none."""
    for each in changed:
        if after is None or each.change is SymbolChange.REMOVED:
            yield each
        else:
            qualname = each.symbol.rpartition(":")[2]
            yield replace(each, lines=own_lines(after.parts, qualname, each.line, each.kind))


def _compare(
    path: str, before: _File | None, after: _File | None, shifted: Mapping[str, str]
) -> Iterator[ChangedSymbol]:
    """Compare by qualname, where `shifted` says old -> new of those that only have another number."""
    old = before.parts if before else {}
    new = after.parts if after else {}
    back = {now: was for was, now in shifted.items()}
    for qualname in {**old, **new}:
        was = None if qualname in shifted else old.get(qualname)
        now = new.get(qualname)
        if qualname in back:
            if was is not None:
                yield _changed(path, qualname, SymbolChange.REMOVED, was)
            was = old[back[qualname]]
        if was is not None and now is not None:
            yield from _differences(path, qualname, was, now)
        elif present := now or was:
            change = SymbolChange.ADDED if was is None else SymbolChange.REMOVED
            yield _changed(path, qualname, change, present)
            if not qualname:
                yield from _module_variables(path, change, present)


def _module_variables(path: str, change: SymbolChange, part: Part) -> Iterator[ChangedSymbol]:
    for segment in part.segments:
        if segment.kind == "set":
            for name in segment.names:
                yield ChangedSymbol(
                    symbol=f"{path}:{name}", change=change, path=path, line=segment.line, kind="variable"
                )


def _changed(path: str, qualname: str, change: SymbolChange, part: Part) -> ChangedSymbol:
    kind = part.symbol.kind
    return ChangedSymbol(
        symbol=f"{path}:{qualname}",
        change=change,
        path=path,
        line=part.symbol.line,
        kind="function" if kind in FUNCTIONS else kind if kind in {"class", "module"} else "class",
    )


def _differences(path: str, qualname: str, was: Part, now: Part) -> Iterator[ChangedSymbol]:
    found: list[ChangedSymbol] = []
    if was.symbol.kind == "module":
        found.extend(segment_changes(path, "", was.segments, now.segments, SymbolChange.CONSTANT))
    else:
        kinds: list[SymbolChange] = []
        if was.decorators != now.decorators:
            kinds.append(SymbolChange.DECORATOR)
        function = now.symbol.kind in FUNCTIONS
        if was.header != now.header:
            kinds.append(SymbolChange.SIGNATURE if function else SymbolChange.BASE_CLASS)
        if function and was.body != now.body:
            kinds.append(SymbolChange.BODY)
        found.extend(_changed(path, qualname, each, now) for each in kinds)
        if not function:
            found.extend(segment_changes(path, qualname, was.segments, now.segments, SymbolChange.FIELD))
            if not found and was.body != now.body and not now.segments:
                found.append(_changed(path, qualname, SymbolChange.FIELD, now))
    if not found and was.raw != now.raw:
        shown = not qualname and path.endswith(_PAGES) and _page_of(was.raw) != _page_of(now.raw)
        found.append(_changed(path, qualname, SymbolChange.STATEMENT if shown else _FORMAT, now))
    yield from found


def _page_of(text: str) -> str:
    """Return what a file shows: all of it but its script, comments and white space."""
    return _NO_PAGE.sub("", text)


def _wholes(path: str, here: _File | None, there: _File | None) -> Iterator[Whole]:
    """Yield the functions and classes that only one side has, with all their tokens, for the search of moves."""
    if here is None:
        return
    others = there.parts if there else {}
    for qualname, part in here.parts.items():
        if not qualname or qualname in others or ".<locals>." in qualname:
            continue
        if part.symbol.kind in FUNCTIONS:
            yield Whole(path, qualname, part.symbol.line, "function", _nameless_header(part) + part.body)
        elif part.symbol.kind == "class":
            inside = [
                token
                for name, each in here.parts.items()
                if name.startswith(f"{qualname}.")
                for token in (name[len(qualname) :], *each.decorators, *each.header, *each.body)
            ]
            yield Whole(path, qualname, part.symbol.line, "class", (*_nameless_header(part), *part.body, *inside))


def _nameless_header(part: Part) -> tuple[str, ...]:
    name = part.symbol.qualname.rpartition(".")[2]
    return (*part.decorators, *("?" if each == name else each for each in part.header))


def _join_moves(changed: list[ChangedSymbol], moves: Mapping[SymbolId, SymbolId]) -> list[ChangedSymbol]:
    """Say `moved` once, instead of removed there and added here."""
    back = {new: old for old, new in moves.items()}
    joined = []
    for each in changed:
        if each.change is SymbolChange.REMOVED and each.symbol in moves:
            continue
        if each.change is SymbolChange.ADDED and each.symbol in back:
            joined.append(
                ChangedSymbol(
                    symbol=each.symbol,
                    change=SymbolChange.MOVED,
                    path=each.path,
                    line=each.line,
                    kind=each.kind,
                    was=back[each.symbol],
                    lines=each.lines,
                )
            )
            continue
        joined.append(each)
    return joined


def is_no_op(change: ChangedSymbol) -> bool:
    """Tell whether a change does nothing when the program runs."""
    return change.change is _FORMAT
