"""Which files have to be linked again when some have changed: those, and whoever read a piece that is another one now."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from release_harness.steps.evidence.impact.extract import language_of
from release_harness.steps.evidence.impact.lexical.reads import ALL_JVM
from release_harness.steps.evidence.impact.link.bindings import FileIndex
from release_harness.steps.evidence.impact.link.families import family_of
from release_harness.steps.evidence.impact.link.fragments import changed_keys
from release_harness.steps.evidence.impact.link.layers import Layers
from release_harness.steps.evidence.impact.link.modules import ModuleTable, is_module, modules_of
from release_harness.steps.evidence.impact.link.other_files import import_of, key_of

_SETTINGS = {
    "package.json": ("js",),
    "pnpm-workspace.yaml": ("js",),
    "go.mod": ("go",),
    "go.work": ("go",),
    "composer.json": ("php",),
    "Gemfile": ("rb",),
}
"""Files that say where modules of a family are found."""

Look = Callable[[str], FileIndex | None]
Pieces = Callable[[str], tuple[set[str], bool] | None]
Tells = Callable[[str], bool]
Find = Callable[[str, str], str]


class Moved(NamedTuple):
    """What is another thing in a tree than in the one before."""

    files: frozenset[str]
    """Paths to link again, removed ones among them."""
    keys: frozenset[str] = frozenset()
    """Keys of what reads otherwise now."""
    starts: tuple[str, ...] = ()
    """Beginnings of such keys, for files of which nobody can tell what they were."""


def _differs(_path: str) -> bool:
    return False


def _unknown(_path: str) -> None:
    return None


def _from_a_library(_module: str, _importer: str) -> str:
    return ""


def files_to_link(
    base: Layers,
    paths: Mapping[str, str],
    modules: ModuleTable,
    *,
    old: Look,
    new: Look,
    alike: Tells = _differs,
    pieces: Pieces = _unknown,
    find: Find = _from_a_library,
) -> Moved | None:
    """Return what moved, and the paths to link again; None when everything has to be.

    `old` and `new` give the two versions of a file; `old` may not know it any more, then all of it counts as changed. `alike`
    tells whether both versions of a file of another language than Python say the same to other files; `pieces` gives the keys that
    differ between both versions of a file of Java or Kotlin (see `changed_pieces`), None when the old one is not known any more;
    `find` gives the file that a module of JavaScript or TypeScript means now for an importer.
    """
    was = base.paths
    changed = [path for path, blob in paths.items() if was.get(path) != blob]
    removed = [path for path in was if path not in paths]
    added = [path for path in changed if path not in was]
    if not changed and not removed:
        return Moved(frozenset())
    if added or removed:
        before = modules_of(was.keys())
        if not before.same_roots(modules):
            return None
        keys = before.keys_of([*removed]) | modules.keys_of(added)
        keys |= {f"?/{folder}" for folder in before.folders() ^ modules.folders()}
    else:
        keys = set()
    others, importers = _of_other_languages(base, [*changed, *removed], {*added, *removed}, alike, find)
    keys |= others
    unknown: list[str] = []
    for path in [*changed, *removed]:
        if family_of(path) == "jvm":
            said = pieces(path)
            keys |= said[0] if said is not None else set()
            if said is None or said[1]:
                unknown += [f"{path}:"] if said is not None else [f"{path}:", ALL_JVM]
        if not is_module(path):
            continue
        earlier = old(path) if path in was else None
        if earlier is None and path in was:
            unknown.append(f"{path}:")
        else:
            keys |= changed_keys(earlier, new(path) if path in paths else None)
    files = frozenset([*changed, *removed, *importers, *base.readers(keys, unknown)])
    return Moved(files, frozenset(keys), tuple(unknown))


def _of_other_languages(
    base: Layers, paths: Sequence[str], moved: set[str], alike: Tells, find: Find
) -> tuple[set[str], set[str]]:
    """Return the families of languages that have to be linked again as a whole, and else the files that import what changed.

    What a module of JavaScript or TypeScript means depends only on the modules that it imports, over any number of steps; what a
    file of Java or Kotlin means on the names that it read; in the other languages names are found without imports.
    """
    keys: set[str] = set()
    changed: set[str] = set()
    look_again = False
    for path in paths:
        name = path.rpartition("/")[2]
        if name in _SETTINGS or (name.endswith(".json") and "config" in name):
            families = _SETTINGS.get(name, ("js",))
            look_again |= "js" in families
            keys.update(key_of(f".{ending}") for ending in families if ending != "js")
        elif (
            not language_of(path) or is_module(path) or family_of(path) == "jvm" or (path not in moved and alike(path))
        ):
            continue
        elif family_of(path) == "js":
            look_again |= path in moved
            changed.add(path)
        else:
            keys.add(key_of(path))
    return keys, _importers(base, changed, find, look_again=look_again)


def _importers(base: Layers, changed: set[str], find: Find, *, look_again: bool) -> set[str]:
    """Return the files that import some others, over any number of steps, and those whose imports mean other files now."""
    if not changed and not look_again:
        return set()
    importers: dict[str, list[str]] = {}
    found: set[str] = set()
    for path, keys in base.keys_by_file():
        for module, target in filter(None, map(import_of, keys)):
            if target:
                importers.setdefault(target, []).append(path)
            if look_again and path not in found and find(module, path) != target:
                found.add(path)
    waiting = [*changed, *found]
    while waiting:
        for importer in importers.get(waiting.pop(), ()):
            if importer not in found:
                found.add(importer)
                waiting.append(importer)
    return found
