"""Modules that exist and are not shipped or loaded: packaging lists, installed applications, plugin entry points."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from release_harness.steps.evidence.impact.answer.named_targets import missing_target
from release_harness.steps.evidence.impact.answer.names import NameTable
from release_harness.steps.evidence.impact.difference.side import SideView
from release_harness.steps.evidence.impact.difference.symbols import SymbolDiff
from release_harness.steps.evidence.impact.difference.words import WordPlace
from release_harness.steps.evidence.impact.entries.reading import is_test_path, last_name
from release_harness.steps.evidence.impact.expressions import text_of
from release_harness.steps.evidence.model.impact import SymbolChange, WiredSymbol, Wiring


def find_unloaded(diff: SymbolDiff, base: SideView, head: SideView) -> tuple[tuple[WiredSymbol, ...], tuple[str, ...]]:
    """Return what the change ships in name only, and why not all of it could be looked for; what was so at base is not told again."""
    before = {(each.symbol, each.because) for each in _plugins(base)}
    found = [each for each in _plugins(head) if (each.symbol, each.because) not in before]
    apps = _new_apps(diff, head)
    places = head.words.find(list(apps)) if apps else {}
    found += [*_unlisted_packages(diff, head), *_uninstalled_apps(apps, places or {})]
    unknown = [
        f"{path} was changed and is no TOML, so what it ships is not known"
        for path in _project_files(head)
        if path in diff.other and _read_project(head, path) is None
    ]
    if places is None:
        unknown.append(f"whether anything installs {', '.join(apps)} could not be looked for")
    return tuple(found), tuple(unknown)


def _project_files(side: SideView) -> Iterator[str]:
    for path in side.tree.paths:
        if path.rpartition("/")[2] == "pyproject.toml" and not is_test_path(path):
            yield path


def _read_project(side: SideView, path: str) -> Mapping[str, Any] | None:
    try:
        return tomllib.loads(side.tree.read_text(path) or "")
    except tomllib.TOMLDecodeError:
        return None


def _projects(side: SideView) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    for path in _project_files(side):
        held = _read_project(side, path)
        if held is not None:
            yield path, held, side.tree.read_text(path) or ""


def _plugins(side: SideView) -> Iterator[WiredSymbol]:
    """Yield scripts and plugin entry points that name what is not there."""
    table: NameTable | None = None
    for path, held, text in _projects(side):
        for group, name, target in _targets(held):
            table = table or NameTable(side.tree)
            dotted = target.partition("[")[0].strip().replace(":", ".")
            module = target.partition(":")[0].strip()
            missing = missing_target(dotted, path, table)
            parent, _, last = module.rpartition(".")
            if not missing and parent and not table.modules.find(module, path):
                package = table.modules.find(parent, path)
                if len(package) == 1 and package[0].endswith("/__init__.py") and table.has(package[0], last) is False:
                    missing = f"there is no module {module}"
            if missing:
                line = next((number for number, each in enumerate(text.splitlines(), 1) if target in each), 1)
                because = f"{path}: {group} {name} names {target}, and {missing}"
                yield WiredSymbol(symbol=target, path=path, line=line, state=Wiring.PHANTOM, because=because)


def _targets(held: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    project = held.get("project")
    tool = held.get("tool")
    poetry = tool.get("poetry") if isinstance(tool, dict) else None
    for table, plural in ((project, "entry-points"), (poetry, "plugins")):
        if not isinstance(table, dict):
            continue
        groups = {"script": table.get("scripts"), "gui script": table.get("gui-scripts")}
        plugins = table.get(plural)
        groups |= {f"entry point {name}": each for name, each in plugins.items()} if isinstance(plugins, dict) else {}
        for group, rows in groups.items():
            for name, target in rows.items() if isinstance(rows, dict) else ():
                if isinstance(target, str):
                    yield group, name, target


def _new_packages(diff: SymbolDiff) -> Iterator[str]:
    for each in diff.changed:
        if each.change is SymbolChange.ADDED and each.kind == "module" and each.path.endswith("/__init__.py"):
            yield each.path.removesuffix("/__init__.py")


def _unlisted_packages(diff: SymbolDiff, head: SideView) -> Iterator[WiredSymbol]:
    """Yield new packages that the list of packages to ship leaves out, where their own parent is on the list."""
    new = [each for each in _new_packages(diff) if not is_test_path(f"{each}/x.py")]
    if not new:
        return
    for path, held, _ in _projects(head):
        tool = held.get("tool")
        setuptools = tool.get("setuptools") if isinstance(tool, dict) else None
        listed = setuptools.get("packages") if isinstance(setuptools, dict) else None
        if not isinstance(listed, list):
            continue
        root = path.rpartition("/")[0]
        for folder in new:
            dotted = folder[len(root) :].strip("/").removeprefix("src/").replace("/", ".")
            parent = dotted.rpartition(".")[0]
            if parent in listed and dotted not in listed:
                because = f"{path} lists the packages that are shipped, and {dotted} is not among them"
                yield WiredSymbol(
                    symbol=f"{folder}/__init__.py:",
                    path=f"{folder}/__init__.py",
                    line=1,
                    state=Wiring.PHANTOM,
                    because=because,
                )


def _new_apps(diff: SymbolDiff, head: SideView) -> dict[str, tuple[str, int]]:
    """Return path and line of each Django application that is new, by its name."""
    apps: dict[str, tuple[str, int]] = {}
    for each in diff.changed:
        if each.change is not SymbolChange.ADDED or each.kind != "class" or not each.path.endswith("/apps.py"):
            continue
        symbol = head.program.symbol(each.symbol)
        if symbol is None or is_test_path(each.path) or "AppConfig" not in {last_name(base) for base in symbol.bases}:
            continue
        for statement in symbol.body:
            name = text_of(statement.value) if statement.target == ["n", "name"] else None
            if name:
                apps[name] = (each.path, each.line)
    return apps


def _uninstalled_apps(
    apps: Mapping[str, tuple[str, int]], places: Mapping[str, Sequence[WordPlace]]
) -> Iterator[WiredSymbol]:
    """Yield new Django applications whose name stands in no other file: nothing can install them."""
    for name in apps.keys() & places.keys():
        path, line = apps[name]
        if all(each.path.startswith(path.rpartition("/")[0] + "/") for each in places[name]):
            because = f"no settings name {name}, so nothing loads this application"
            yield WiredSymbol(symbol=f"{path}:", path=path, line=line, state=Wiring.PHANTOM, because=because)
