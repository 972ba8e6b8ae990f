"""Which files may still name what a change took away, and why not all of them could be looked for."""

from collections.abc import Iterator, Mapping, Sequence

from release_harness.steps.evidence.impact.answer.names import NameTable
from release_harness.steps.evidence.impact.difference.side import SideView
from release_harness.steps.evidence.impact.difference.symbols import SymbolDiff
from release_harness.steps.evidence.model.impact import SymbolChange

_GONE = frozenset({SymbolChange.REMOVED, SymbolChange.MOVED})
_NAMES_LIMIT = 1_000
_NAMES_AT_ONCE_COUNT = 150
_FILES_LIMIT = 2_000


def files_to_search(diff: SymbolDiff, head: SideView, now: NameTable) -> tuple[list[str], tuple[str, ...]]:
    """Return the files that may name what is not there: those that changed, and those that name what went and its module."""
    paths = [path for path in diff.code if path in head.tree.blobs]
    gone = list(dict.fromkeys(_gone(diff, now)))
    unknown = []
    if len(gone) > _NAMES_LIMIT:
        unknown.append(f"{len(gone)} names were removed; users of {_NAMES_LIMIT} of them were looked for")
        gone = gone[:_NAMES_LIMIT]
    if not gone:
        return paths, tuple(unknown)
    held = _files_naming(head, list(dict.fromkeys(word for name, module, _ in gone for word in (name, module))))
    if held is None:
        return paths, (*unknown, "files that name what was removed could not be looked for")
    others: dict[str, None] = {}
    for name, module, folder in gone:
        for path in sorted(held.get(name, ())):
            near = path.rpartition("/")[0] == folder
            if path in head.tree.blobs and (near or path in held.get(module, ())):
                others[path] = None
    listed = [each for each in others if each not in set(paths)]
    if len(listed) > _FILES_LIMIT:
        unknown.append(f"{len(listed)} files name what was removed; {_FILES_LIMIT} of them were read")
    return [*paths, *listed[:_FILES_LIMIT]], tuple(unknown)


def _files_naming(side: SideView, words: Sequence[str]) -> Mapping[str, set[str]] | None:
    """Return the files that hold each word; None when not all could be looked for."""
    held: dict[str, set[str]] = {}
    for start in range(0, len(words), _NAMES_AT_ONCE_COUNT):
        places = side.words.find(words[start : start + _NAMES_AT_ONCE_COUNT])
        if places is None:
            return None
        held |= {word: {place.path for place in found} for word, found in places.items()}
    return held


def _gone(diff: SymbolDiff, now: NameTable) -> Iterator[tuple[str, str, str]]:
    """Yield name, module and folder of what other files may still name: symbols, imports that others pass on, whole files."""
    for each in diff.changed:
        path, _, qualname = (each.was or each.symbol).rpartition(":")
        name = qualname.partition(".")[0]
        passed_on = each.change is SymbolChange.IMPORT and path in now.tree.blobs and name not in now.of(path).bound
        if name and (each.change in _GONE or passed_on):
            yield name, _stem(path), path.rpartition("/")[0]
    for path in diff.code:
        if path not in now.tree.blobs and _stem(path):
            above = path.removesuffix("/__init__.py").rpartition("/")[0]
            yield _stem(path), above.rpartition("/")[2] or _stem(path), above


def _stem(path: str) -> str:
    folder, _, base = path.rpartition("/")
    stem = base.rpartition(".")[0]
    return folder.rpartition("/")[2] if stem == "__init__" else stem
