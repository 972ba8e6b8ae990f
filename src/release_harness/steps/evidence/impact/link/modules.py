"""Which file a dotted module name means, for whoever imports it."""

import sys
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache

_PACKAGE_FILES = ("__init__.py", "__init__.pyi")
_PROJECT_FILES = frozenset({"pyproject.toml", "setup.py", "setup.cfg"})
_SOURCE_FOLDERS = frozenset({"src", "lib", "python"})
_ENDINGS = (".py", ".pyi")
NAMESPACE = "/"
"""Ends the path of a package without a file of its own."""


def is_module(path: str) -> bool:
    """Tell whether a path is a file of Python that can be imported or run."""
    return path.endswith(_ENDINGS)


class ModuleTable:
    """The modules of one tree: source roots are inferred from the files that are there.

    A name that several files could answer to goes to the file nearest to the importer; the others are kept behind it.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        """Read the paths of a tree, in any order."""
        files = sorted(paths)
        self.packages = {each.rpartition("/")[0] for each in files if each.endswith(_PACKAGE_FILES)}
        self._project_roots = {each.rpartition("/")[0] for each in files if each.rpartition("/")[2] in _PROJECT_FILES}
        self._root_of: dict[str, str] = {}
        self._by_name: dict[str, list[tuple[str, str]]] = {}
        self._namespaces: dict[str, list[tuple[str, str]]] = {}
        self._found: dict[tuple[str, str], tuple[str, ...]] = {}
        self._paths = [each for each in files if is_module(each)]
        self.roots = {self._root(each.rpartition("/")[0]) for each in self._paths}
        for path in self._paths:
            self._enter(path)

    def _root(self, folder: str) -> str:
        """Return the source root of a folder: above its topmost package, or below `src` for a namespace package."""
        known = self._root_of.get(folder)
        if known is None:
            self._root_of[folder] = known = self._find_root(folder)
        return known

    def _find_root(self, folder: str) -> str:
        parts = folder.split("/") if folder else []
        for index, part in enumerate(parts):
            if part in _SOURCE_FOLDERS and "/".join(parts[: index + 1]) not in self.packages:
                return "/".join(parts[: index + 1])
        above = folder
        while above and above in self.packages:
            above = above.rpartition("/")[0]
        if above != folder:
            return above
        while above and above not in self._project_roots:
            above = above.rpartition("/")[0]
        return above

    def _enter(self, path: str) -> None:
        folder, _, base = path.rpartition("/")
        name = base.rpartition(".")[0]
        dotted = "" if name == "__init__" else name
        self._enter_below(path, folder, dotted)

    def _enter_below(self, path: str, folder: str, dotted: str) -> None:
        """Enter every name the file can have: one for each folder above it that may be on the path of the interpreter."""
        in_package = folder in self.packages
        while True:
            if dotted and not in_package:
                self._by_name.setdefault(dotted, []).append((folder, path))
                self._enter_namespaces(dotted, folder)
            if not folder:
                if dotted and in_package:
                    self._by_name.setdefault(dotted, []).append(("", path))
                return
            folder, _, last = folder.rpartition("/")
            in_package = folder in self.packages
            dotted = f"{last}.{dotted}" if dotted else last

    def _enter_namespaces(self, dotted: str, root: str) -> None:
        above = dotted.rpartition(".")[0]
        while above:
            places = self._namespaces.setdefault(above, [])
            folder = f"{root}/{above.replace('.', '/')}" if root else above.replace(".", "/")
            if (root, folder + NAMESPACE) in places or folder in self.packages:
                return
            places.append((root, folder + NAMESPACE))
            above = above.rpartition(".")[0]

    def name_of(self, path: str) -> str:
        """Return the dotted name a file is imported by; for other languages the path without its ending."""
        stem = path.rpartition(".")[0] or path
        if not is_module(path):
            return stem
        folder, _, base = stem.rpartition("/")
        root = self._root(folder)
        inner = folder[len(root) :].strip("/") if root else folder
        parts = [*inner.split("/"), base] if inner else [base]
        if parts[-1] == "__init__" and len(parts) > 1:
            parts.pop()
        return ".".join(parts)

    def find(self, dotted: str, importer: str) -> tuple[str, ...]:
        """Return the files a name may mean, the likeliest first; a package without a file ends with a slash."""
        folder = importer.rpartition("/")[0]
        key = (dotted, folder)
        known = self._found.get(key)
        if known is None:
            self._found[key] = known = self._find(dotted, folder)
        return known

    def _find(self, dotted: str, folder: str) -> tuple[str, ...]:
        if "." not in dotted and dotted in sys.stdlib_module_names:
            return ()
        for places, is_namespace in ((self._by_name.get(dotted), False), (self._namespaces.get(dotted), True)):
            seen = [each for each in places or () if self._sees(folder, each[0], is_namespace=is_namespace)]
            if seen:
                seen.sort(key=lambda each: (-_shared(folder, each[1]), each[1].endswith("i"), len(each[0]), each[1]))
                return tuple(dict.fromkeys(each[1] for each in seen))
        return ()

    def _sees(self, folder: str, root: str, *, is_namespace: bool) -> bool:
        """Tell whether an importer in a folder may have a root on its path: a known source root, or one it stands in."""
        if not root or root in self.roots:
            return True
        return not is_namespace and (folder == root or folder.startswith(root + "/"))

    def has_name(self, dotted: str) -> bool:
        """Tell whether any file may have this name."""
        return dotted in self._by_name or dotted in self._namespaces

    def children(self, folder: str, name: str) -> tuple[str, ...]:
        """Return the file of a submodule in a package's own folder."""
        stem = f"{folder}/{name}" if folder else name
        candidates = (f"{stem}.py", f"{stem}/__init__.py", f"{stem}.pyi", f"{stem}/__init__.pyi")
        found = tuple(each for each in candidates if each in self._known)
        if not found and f"{stem}/" in self._known_folders:
            return (stem + NAMESPACE,)
        return found

    @property
    def _known(self) -> frozenset[str]:
        known = self.__dict__.get("_known_paths")
        if known is None:
            known = frozenset(self._paths)
            self.__dict__["_known_paths"] = known
        return known

    @property
    def _known_folders(self) -> frozenset[str]:
        known = self.__dict__.get("_known_above")
        if known is None:
            folders: set[str] = set()
            for each in self._paths:
                above = each.rpartition("/")[0]
                while above and above + "/" not in folders:
                    folders.add(above + "/")
                    above = above.rpartition("/")[0]
            known = frozenset(folders)
            self.__dict__["_known_above"] = known
        return known

    def stem(self, path: str, level: int, module: str) -> str:
        """Return the place, without an ending, that `from ..module import` means in a file."""
        folder = path.rpartition("/")[0]
        for _ in range(level - 1):
            folder = folder.rpartition("/")[0]
        below = module.replace(".", "/")
        return f"{folder}/{below}" if folder and below else folder or below

    def relative(self, path: str, level: int, module: str) -> tuple[str, ...]:
        """Return the files that `from ..module import` means in a file."""
        folder = path.rpartition("/")[0]
        for _ in range(level - 1):
            if not folder:
                return ()
            folder = folder.rpartition("/")[0]
        if not module:
            stem = f"{folder}/" if folder else ""
            found = tuple(stem + each for each in _PACKAGE_FILES if stem + each in self._known)
            return found or (folder + NAMESPACE,)
        *above, last = module.split(".")
        return self.children("/".join([folder, *above] if folder else above), last)

    def same_roots(self, other: "ModuleTable") -> bool:
        """Tell whether another table infers the same source roots, and the same packages in the folders that both have."""
        shared = self.folders() & other.folders()
        return self.roots == other.roots and self.packages & shared == other.packages & shared

    def folders(self) -> frozenset[str]:
        """Return every folder that has modules somewhere below, without the slash at the end."""
        return frozenset(each[:-1] for each in self._known_folders)

    def keys_of(self, paths: Iterable[str]) -> set[str]:
        """Return the keys by which lookups of some modules are noted."""
        wanted = set(paths)
        found = {f"?/{each.rpartition('.')[0].removesuffix('/__init__')}" for each in wanted if is_module(each)}
        for dotted, places in self._by_name.items():
            if any(path in wanted for _, path in places):
                found.add(f"?{dotted}")
        if wanted:
            for dotted, places in self._namespaces.items():
                if any(path.startswith(place[1]) for place in places for path in wanted):
                    found.add(f"?{dotted}")
        return found

    def ambiguous(self) -> Sequence[tuple[str, tuple[str, ...]]]:
        """Return each name that files of several source roots share, with the files."""
        found = []
        for dotted, places in self._by_name.items():
            rooted = {path for root, path in places if root in self.roots and self.name_of(path) == dotted}
            stems = {each.rpartition(".")[0].removesuffix("/__init__") for each in rooted}
            if len(stems) > 1 and "." not in dotted:
                found.append((dotted, tuple(sorted(rooted))))
        return sorted(found)


def modules_of(paths: AbstractSet[str]) -> ModuleTable:
    """Return the modules of a tree; trees of the same paths, such as the two sides of most changes, have one table."""
    return _table_of(frozenset(paths))


@lru_cache(maxsize=2)
def _table_of(paths: frozenset[str]) -> ModuleTable:
    return ModuleTable(paths)


def _shared(folder: str, path: str) -> int:
    """Count the folders that two places share from the top."""
    count = 0
    for one, other in zip(folder.split("/"), path.split("/")[:-1], strict=False):
        if one != other:
            break
        count += 1
    return count
