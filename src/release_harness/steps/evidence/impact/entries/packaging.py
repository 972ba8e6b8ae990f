"""What the packaging of a project names as entry points: pyproject.toml, setup.cfg, setup.py; read as hostile text."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from configparser import ConfigParser, Error
from typing import Any, NamedTuple

from release_harness.steps.evidence.impact.entries.contract import FileView, ProgramView
from release_harness.steps.evidence.impact.entries.reading import index_of, is_test_path
from release_harness.steps.evidence.impact.entries.registering import texts_in
from release_harness.steps.evidence.impact.expressions import text_of
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.model.impact import SymbolId

TEXT_LIMIT_CHARACTERS = 1_000_000
NAMES_LIMIT = 5000
SCRIPT_GROUPS = frozenset({"console_scripts", "gui_scripts"})
_TARGET = re.compile(r"[A-Za-z_][\w.]*\s*:\s*[A-Za-z_][\w.]*")


class NamedEntry(NamedTuple):
    """One entry point that packaging names."""

    group: str
    """`console_scripts` for commands, else the group of a plugin."""
    name: str
    target: str
    """`package.module:function`."""
    path: str
    """File that says so."""
    line: int = 0


class Package(NamedTuple):
    """One installable package of the tree."""

    name: str
    path: str
    """Its pyproject.toml, setup.cfg or setup.py."""
    modules: tuple[str, ...] = ()
    """Top-level packages it says it ships; empty when it does not say."""


def toml_of(text: str | None) -> Mapping[str, Any]:
    """Return the table of a TOML text; empty for what is missing, broken or too large."""
    if text is None or len(text) > TEXT_LIMIT_CHARACTERS:
        return {}
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return {}


def named_entries(program: ProgramView) -> tuple[NamedEntry, ...]:
    """Return every entry point that the packaging of the tree names, in files outside of tests."""
    found: list[NamedEntry] = []
    for path in program.all_paths:
        base = path.rpartition("/")[2]
        if is_test_path(path):
            continue
        if base == "pyproject.toml":
            found.extend(_of_pyproject(path, toml_of(program.read_text(path))))
        elif base == "setup.cfg":
            found.extend(_of_setup_cfg(path, program.read_text(path)))
        elif base == "setup.py":
            view = program.view(path)
            found.extend(_of_setup_py(view) if view else ())
        if len(found) > NAMES_LIMIT:
            break
    return tuple(dict.fromkeys(found[:NAMES_LIMIT]))


def packages(program: ProgramView) -> tuple[Package, ...]:
    """Return the installable packages of the tree."""
    found = []
    for path in program.all_paths:
        base = path.rpartition("/")[2]
        if base == "pyproject.toml" and not is_test_path(path):
            table = toml_of(program.read_text(path))
            project, poetry = _table(table, "project"), _table(table, "tool", "poetry")
            name = project.get("name") or poetry.get("name")
            if isinstance(name, str) and name and _table(table, "build-system"):
                found.append(Package(name, path, _shipped(poetry)))
        elif base == "setup.py" and not is_test_path(path):
            view = program.view(path)
            sites = index_of(view.facts).calls.get("setup", ()) if view else ()
            names = [text_of(each.call[3].get("name")) or "" for each in sites]
            found.extend(Package(name, path) for name in names[:1])
    return tuple(found)


def target_symbol(program: ProgramView, target: str) -> SymbolId:
    """Return the symbol that `package.module:function` names in the tree, or empty."""
    plain = target.partition("[")[0].replace(" ", "")
    return program.resolve_dotted(plain).symbol if plain else ""


def _table(table: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    value: Any = table
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _shipped(poetry: Mapping[str, Any]) -> tuple[str, ...]:
    rows = poetry.get("packages")
    names = [row.get("include") for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
    return tuple(each for each in names if isinstance(each, str))


def _of_pyproject(path: str, table: Mapping[str, Any]) -> Iterator[NamedEntry]:
    projects = (("project",), ("tool", "poetry"), ("tool", "flit"))
    groups = [("console_scripts", _table(table, *keys, "scripts")) for keys in projects]
    groups.append(("gui_scripts", _table(table, "project", "gui-scripts")))
    for keys in (("project", "entry-points"), ("tool", "poetry", "plugins")):
        groups.extend((group, _table(table, *keys, group)) for group in _table(table, *keys))
    for group, rows in groups:
        for name, said in rows.items():
            target = said.get("reference", said.get("callable")) if isinstance(said, Mapping) else said
            if isinstance(target, str) and _TARGET.fullmatch(target.partition("[")[0].strip()):
                yield NamedEntry(group, str(name), target.strip(), path)


def _of_setup_cfg(path: str, text: str | None) -> Iterator[NamedEntry]:
    if text is None or len(text) > TEXT_LIMIT_CHARACTERS:
        return
    parser = ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except Error:
        return
    if parser.has_section("options.entry_points"):
        for group, rows in parser.items("options.entry_points"):
            yield from _of_rows(path, group, rows.splitlines())


def _of_rows(path: str, group: str, rows: list[str] | tuple[str, ...], line: int = 0) -> Iterator[NamedEntry]:
    for row in rows:
        name, equals, target = row.partition("=")
        if equals and _TARGET.match(target.strip()):
            yield NamedEntry(group, name.strip(), target.strip(), path, line)


def _of_setup_py(file: FileView) -> Iterator[NamedEntry]:
    for site in index_of(file.facts).calls.get("setup", ()):
        given: Expr | None = site.call[3].get("entry_points")
        given = _assigned(file, given)
        if given and given[0] == "d":
            for key, value in given[1]:
                group = text_of(key)
                if group is not None:
                    rows = [row for text in texts_in(_assigned(file, value)) for row in text.splitlines()]
                    yield from _of_rows(file.path, group, rows, site.call[4])
        elif text_of(given) is not None:
            yield from _of_text(file.path, str(text_of(given)), site.call[4])


def _of_text(path: str, text: str, line: int) -> Iterator[NamedEntry]:
    group = ""
    for row in text.splitlines():
        if row.strip().startswith("["):
            group = row.strip().strip("[]").strip()
        else:
            yield from _of_rows(path, group, (row,), line)


def _assigned(file: FileView, expr: Expr | None) -> Expr | None:
    if expr and expr[0] == "n":
        for each in file.facts.module.body:
            if each.kind == "set" and each.target == expr:
                return each.value
    return expr


def script_of(entry: NamedEntry) -> str:
    """Return the name of the command; empty for plugins of other groups."""
    return entry.name if entry.group in SCRIPT_GROUPS else ""
