"""Whether anything loads a module that registers things when it is imported: an import, a list of modules, a search by name."""

import re
from collections.abc import Iterable, Iterator

from release_harness.steps.evidence.impact.entries.contract import FileView, Registration
from release_harness.steps.evidence.impact.entries.reading import index_of, is_test_path, path_of
from release_harness.steps.evidence.impact.expressions import walk
from release_harness.steps.evidence.impact.facts import Import

LOADS = "loads"
WORDS = re.compile(
    r"task|job|worker|celery|actor|consumer|cron|sched|beat|agent|queue|handler|listener|receiver|signal"
)
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
LOADERS = ("import_module", "__import__", "import_string", "autodiscover_modules", "find_modules", "load_module")


def loads(file: FileView, framework: str) -> Iterator[Registration]:
    """Yield the modules with a telling name that a file imports or names in a text; others are not followed."""
    if is_test_path(file.path):
        return
    found: set[str] = set()
    for symbol in file.facts.symbols:
        for each in symbol.imports:
            if not each.typing_only and WORDS.search(f"{each.module}.{each.name}"):
                found.update(_imported(file, each))
    for text in _texts(file):
        found.add(path_of(file.resolve_dotted(text).symbol))
    found -= {"", file.path}
    if found:
        yield Registration(framework, LOADS, file.id_of(file.facts.module), 1, {"paths": sorted(found)})


def searches_by_name(file: FileView, framework: str) -> Iterator[Registration]:
    """Yield the places of a file that load modules whose names only running tells."""
    for name in (*LOADERS, "walk_packages", "iter_modules"):
        for site in index_of(file.facts).calls.get(name, ()):
            if not site.call[2] or site.call[2][0][0] != "s":
                yield Registration(framework, "search", file.id_of(site.scope), site.call[4], {})


def _imported(file: FileView, each: Import) -> Iterator[str]:
    module = absolute(file, each)
    for name in (module, f"{module}.{each.name}" if each.name and each.name != "*" else ""):
        symbol = file.resolve_dotted(name).symbol if name else ""
        if symbol:
            yield path_of(symbol)


def absolute(file: FileView, each: Import) -> str:
    """Return the dotted name of the module that an import names, without its dots."""
    if not each.level:
        return each.module
    parts = file.module.split(".")
    if not file.path.endswith("/__init__.py"):
        parts.pop()
    above = parts[: len(parts) - each.level + 1]
    return ".".join([*above, each.module] if each.module else above)


def _texts(file: FileView) -> Iterator[str]:
    for statement in file.facts.module.body:
        for each in walk(statement.value):
            if each[0] == "s" and _DOTTED.fullmatch(each[1]) and WORDS.search(each[1]):
                yield each[1]
    for name in (*LOADERS, "autodiscover_tasks", "Celery"):
        for site in index_of(file.facts).calls.get(name, ()):
            for each in walk(site.call):
                if each[0] == "s" and _DOTTED.fullmatch(each[1]):
                    yield each[1]


class Loaded:
    """The modules that something loads."""

    def __init__(self, found: Iterable[Registration]) -> None:
        """Read the registrations that `loads` and `searches_by_name` gave."""
        self._paths: set[str] = set()
        self._searches: list[str] = []
        for each in found:
            if each.kind == LOADS:
                self._paths.update(each.data["paths"])
            elif each.kind == "search":
                self._searches.append(path_of(each.scope))

    def add(self, path: str) -> None:
        """Say that something loads a module."""
        self._paths.add(path)

    def state(self, path: str) -> tuple[bool | None, str]:
        """Tell whether something loads a module, and why not; None when its name is one that is not followed."""
        if path in self._paths or path.endswith("__init__.py"):
            return True, ""
        if not WORDS.search(path.rpartition(".")[0]):
            return None, "imports of modules with such a name are not followed"
        near = [each for each in self._searches if _near(each, path)]
        if near:
            return None, f"{near[0]} loads modules by names that only running tells"
        return False, f"nothing imports {path} and no list of modules names it"


def _near(searcher: str, path: str) -> bool:
    """Tell whether a file that searches for modules may mean one: it stands in the same top folder."""
    return searcher.partition("/")[0] == path.partition("/")[0]
