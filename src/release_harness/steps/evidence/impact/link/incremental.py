"""Which files have to be linked again when some have changed: those, and whoever read a piece that is another one now."""

from collections.abc import Callable, Mapping, Sequence

from release_harness.steps.evidence.impact.extract import language_of
from release_harness.steps.evidence.impact.link import reasons
from release_harness.steps.evidence.impact.link.bindings import FileIndex
from release_harness.steps.evidence.impact.link.families import family_of
from release_harness.steps.evidence.impact.link.fragments import changed_keys
from release_harness.steps.evidence.impact.link.modules import ModuleTable, is_module
from release_harness.steps.evidence.impact.link.other_files import key_of
from release_harness.steps.evidence.impact.link.snapshot import Snapshot

_SETTINGS = {
    "package.json": ("js",),
    "pnpm-workspace.yaml": ("js",),
    "go.mod": ("go",),
    "go.work": ("go",),
    "composer.json": ("php",),
    "Gemfile": ("rb",),
    "pom.xml": ("java",),
}
"""Files that say where modules of a family are found."""

Look = Callable[[str], FileIndex | None]
Tells = Callable[[str], bool]


def _differs(_path: str) -> bool:
    return False


def files_to_link(
    snapshot: Snapshot, paths: Mapping[str, str], modules: ModuleTable, *, old: Look, new: Look, alike: Tells = _differs
) -> frozenset[str] | None:
    """Return the paths to link again, removed ones among them; None when everything has to be.

    `old` and `new` give the two versions of a file; `old` may not know it any more, then all of it counts as changed. `alike`
    tells whether both versions of a file of another language than Python say the same to other files.
    """
    was = snapshot.paths
    changed = [path for path, blob in paths.items() if was.get(path) != blob]
    removed = [path for path in was if path not in paths]
    added = [path for path in changed if path not in was]
    if not changed and not removed:
        return frozenset()
    if added or removed:
        before = ModuleTable(was)
        if not before.same_roots(modules):
            return None
        keys = before.keys_of([*removed]) | modules.keys_of(added)
        keys |= {f"?/{folder}" for folder in before.folders() ^ modules.folders()}
    else:
        keys = set()
    others, importers = _of_other_languages(snapshot, [*changed, *removed], {*added, *removed}, alike)
    keys |= others
    unknown: list[str] = []
    for path in [*changed, *removed]:
        if not is_module(path):
            continue
        earlier = old(path) if path in was else None
        if earlier is None and path in was:
            unknown.append(f"{path}:")
        else:
            keys |= changed_keys(earlier, new(path) if path in paths else None)
    return frozenset([*changed, *removed, *importers, *_readers(snapshot, keys, unknown)])


def _of_other_languages(
    snapshot: Snapshot, paths: Sequence[str], moved: set[str], alike: Tells
) -> tuple[set[str], set[str]]:
    """Return the families of languages that have to be linked again as a whole, and else the files that import what changed.

    What a module of JavaScript or TypeScript means depends only on the modules that it imports, over any number of steps; in
    the other languages names are found without imports.
    """
    keys: set[str] = set()
    changed: list[str] = []
    for path in paths:
        name = path.rpartition("/")[2]
        if name in _SETTINGS or (name.endswith(".json") and "config" in name):
            keys.update(key_of(f".{ending}") for ending in _SETTINGS.get(name, ("js",)))
        elif not language_of(path) or is_module(path) or (path not in moved and alike(path)):
            continue
        elif family_of(path) == "js" and path not in moved:
            changed.append(path)
        else:
            keys.add(key_of(path))
    found: set[str] = set()
    while changed:
        for row in snapshot.table.into(f"S{changed.pop()}:"):
            importer = row.source.rpartition(":")[0]
            if row.reason == reasons.IMPORTS and importer not in found:
                found.add(importer)
                changed.append(importer)
    return keys, found


def _readers(snapshot: Snapshot, keys: set[str], unknown: Sequence[str]) -> list[str]:
    """Return the files that read one of some keys, or anything of some files."""
    wanted = {number for number, key in enumerate(snapshot.keys) if key in keys}
    if unknown:
        starts = tuple(unknown)
        wanted |= {number for number, key in enumerate(snapshot.keys) if key.startswith(starts)}
    if not wanted:
        return []
    consumed, starts_at = snapshot.consumed, snapshot.starts
    return [
        path
        for at, path in enumerate(snapshot.table.paths)
        if not wanted.isdisjoint(consumed[starts_at[at] : starts_at[at + 1]])
    ]
