"""Which files have to be linked again when some have changed: those, and whoever read a piece that is another one now."""

from collections.abc import Callable, Mapping, Sequence

from release_harness.steps.evidence.impact.link.bindings import FileIndex
from release_harness.steps.evidence.impact.link.fragments import changed_keys
from release_harness.steps.evidence.impact.link.modules import ModuleTable, is_module
from release_harness.steps.evidence.impact.link.other_files import EVERY_OTHER_FILE
from release_harness.steps.evidence.impact.link.snapshot import Snapshot

Look = Callable[[str], FileIndex | None]


def files_to_link(
    snapshot: Snapshot, paths: Mapping[str, str], modules: ModuleTable, *, old: Look, new: Look
) -> frozenset[str] | None:
    """Return the paths to link again, removed ones among them; None when everything has to be.

    `old` and `new` give the two versions of a file; `old` may not know it any more, then all of it counts as changed.
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
    unknown: list[str] = []
    for path in [*changed, *removed]:
        if not is_module(path):
            keys.add(EVERY_OTHER_FILE)
            continue
        earlier = old(path) if path in was else None
        if earlier is None and path in was:
            unknown.append(f"{path}:")
        else:
            keys |= changed_keys(earlier, new(path) if path in paths else None)
    return frozenset([*changed, *removed, *_readers(snapshot, keys, unknown)])


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
