"""Which libraries a change gives other versions, and which code uses them: by what is locked, else by what is asked for."""

import json
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from release_harness.kernel.patterns import LazyPattern
from release_harness.steps.evidence.impact.difference.side import SideView
from release_harness.steps.evidence.impact.difference.words import WordPlace
from release_harness.steps.evidence.impact.entries.reading import is_test_path
from release_harness.steps.evidence.impact.expressions import walk
from release_harness.steps.evidence.impact.facts import Symbol
from release_harness.steps.evidence.model.impact import ChangedSymbol, SymbolChange, SymbolId

_WORDS_LIMIT = 400
_ASKED = LazyPattern(
    r"(^|/)(requirements[^/]*\.(txt|in)|requirements/[^/]+\.(txt|in)|pyproject\.toml|setup\.cfg|Pipfile)$"
)
_LOCKED = LazyPattern(r"(^|/)(poetry\.lock|uv\.lock|Pipfile\.lock|pdm\.lock)$")
_LINE = LazyPattern(r"""^[\s"',\[]*([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*((?:[=<>!~]=?|@|["'=\\;,]|$).*)$""")
_LOCKED_NAME = LazyPattern(r'^name = "([A-Za-z0-9][A-Za-z0-9._-]*)"')
_FILLING = LazyPattern(r"""["'\s,=\\()]""")
_IMPORT_NAMES = {
    "pyyaml": "yaml", "pillow": "PIL", "beautifulsoup4": "bs4", "scikit-learn": "sklearn", "python-dateutil": "dateutil",
    "psycopg2-binary": "psycopg2", "opencv-python": "cv2", "pyjwt": "jwt", "django": "django", "djangorestframework":
    "rest_framework", "python-dotenv": "dotenv", "protobuf": "google", "attrs": "attr", "msgpack-python": "msgpack",
    "python-jose": "jose", "mysqlclient": "MySQLdb", "pycryptodome": "Crypto", "pyopenssl": "OpenSSL", "gitpython": "git",
    "python-multipart": "multipart", "websocket-client": "websocket", "typing-extensions": "typing_extensions",
}  # fmt: skip
Versions = Mapping[str, frozenset[str]]
"""Name of a library -> the versions or bounds that a side says of it."""
Reader = Callable[[str, str], Iterator[tuple[str, str]]]
"""Path and text of a file -> name and version of each library that it says."""


class Bumped(NamedTuple):
    """What was found about the libraries of a change."""

    used: tuple[tuple[ChangedSymbol, tuple[SymbolId, ...]], ...] = ()
    """Each library with another version, and the symbols that use it; a library that no code imports is left out."""
    unknown: tuple[str, ...] = ()


def names_libraries(path: str) -> bool:
    """Tell whether a file says which libraries are installed."""
    return bool(_ASKED.search(path) or _LOCKED.search(path))


def bumped_libraries(paths: Sequence[str], base: SideView, head: SideView) -> Bumped:
    """Return the libraries that the changed files `paths` give other versions, with the code that uses them."""
    changed = changed_libraries(paths, base, head)
    if not changed:
        return Bumped()
    modules = {each: _module_of(each.symbol.rpartition(":")[2]) for each in changed}
    words = list(dict.fromkeys(modules.values()))
    unknown = []
    if len(words) > _WORDS_LIMIT:
        unknown.append(f"{len(words)} libraries have other versions; users of {_WORDS_LIMIT} of them were looked for")
        words = words[:_WORDS_LIMIT]
    places = head.words.find(words)
    if places is None:
        return Bumped((), (*unknown, "users of libraries that have other versions could not be looked for"))
    users = {each: _users(module, places.get(module, ()), head) for each, module in modules.items()}
    return Bumped(tuple((each, found) for each, found in users.items() if found), tuple(unknown))


def changed_libraries(paths: Sequence[str], base: SideView, head: SideView) -> tuple[ChangedSymbol, ...]:
    """Return the libraries whose version differs; where both sides lock one, what is asked for says nothing more."""
    asked = [path for path in paths if _ASKED.search(path)]
    locked = [path for path in paths if _LOCKED.search(path)]
    before, after = _joined(asked, base, asked_in), _joined(asked, head, asked_in)
    was, now = _joined(locked, base, locked_in), _joined(locked, head, locked_in)
    names = {name: None for name in (*after, *before) if after.get(name) != before.get(name)}
    if was and now:
        same = {name for name in was.keys() & now.keys() if was[name] == now[name]}
        names = {name: None for name in names if name not in same}
        names |= {name: None for name in (*now, *was) if now.get(name) != was.get(name)}
    return tuple(_changed(name, (*asked, *locked), base, head) for name in names)


def _joined(paths: Iterable[str], side: SideView, read: Reader) -> Versions:
    found: dict[str, set[str]] = {}
    for path in paths:
        for name, version in read(path, side.tree.read_text(path) or ""):
            found.setdefault(name.lower().replace("_", "-"), set()).add(version)
    return {name: frozenset(versions) for name, versions in found.items()}


def asked_in(path: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield name and bounds of the libraries that a file asks for."""
    table = _table(text) if path.endswith("pyproject.toml") else {}
    if table:
        for each in _texts_of_project(table):
            yield from _of_line(each)
        for name, bounds in _of_poetry(table):
            yield name, _bare(bounds)
        return
    for line in text.splitlines():
        yield from _of_line(line)


def _of_line(line: str) -> Iterator[tuple[str, str]]:
    found = _LINE.match(line.partition("#")[0].partition(" --hash")[0])
    if found is not None:
        yield found.group(1), _bare(found.group(2))


def _bare(bounds: str) -> str:
    """Return bounds without what only the format of the file wants: `name = "1.2"` says what `name==1.2` says."""
    return _FILLING.sub("", bounds.partition(";")[0])


def _table(text: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return {}


def _texts_of_project(table: Mapping[str, Any]) -> Iterator[str]:
    project = _part(table, "project")
    groups = [project.get("dependencies"), *_part(project, "optional-dependencies").values()]
    groups += [*_part(table, "dependency-groups").values(), _part(table, "tool", "uv").get("dev-dependencies")]
    for group in groups:
        yield from (each for each in (group if isinstance(group, list) else ()) if isinstance(each, str))


def _of_poetry(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    poetry = _part(table, "tool", "poetry")
    groups = [_part(poetry, "dependencies"), _part(poetry, "dev-dependencies")]
    groups += [_part(each, "dependencies") for each in _part(poetry, "group").values() if isinstance(each, dict)]
    for group in groups:
        for name, bounds in group.items():
            yield name, str(bounds.get("version", bounds) if isinstance(bounds, dict) else bounds)


def _part(table: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    for key in keys:
        found = table.get(key)
        table = found if isinstance(found, dict) else {}
    return table


def locked_in(path: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield name and version of the libraries that a lock file holds."""
    if path.endswith("Pipfile.lock"):
        yield from _locked_in_json(text)
        return
    name = ""
    for line in text.splitlines():
        named = _LOCKED_NAME.match(line)
        if named is not None:
            name = named.group(1)
        elif name and line.startswith("version = "):
            yield name, _bare(line.removeprefix("version = "))
            name = ""


def _locked_in_json(text: str) -> Iterator[tuple[str, str]]:
    try:
        held = json.loads(text)
    except (ValueError, RecursionError):
        return
    for group in (held.get("default"), held.get("develop")) if isinstance(held, dict) else ():
        for name, row in group.items() if isinstance(group, dict) else ():
            if isinstance(row, dict):
                yield name, _bare(str(row.get("version", "")))


def _changed(name: str, paths: Sequence[str], base: SideView, head: SideView) -> ChangedSymbol:
    """Return the change of a library at the first line that says its name, in what is asked for before what is locked."""
    wanted = name.replace("-", "_")
    for side in (head, base):
        for path in paths:
            for number, line in enumerate((side.tree.read_text(path) or "").splitlines(), 1):
                if wanted in line.lower().replace("-", "_"):
                    return ChangedSymbol(
                        symbol=f"{path}:{name}", change=SymbolChange.LITERAL, path=path, line=number, kind="file"
                    )
    path = paths[0]
    return ChangedSymbol(symbol=f"{path}:{name}", change=SymbolChange.LITERAL, path=path, line=1, kind="file")


def _module_of(name: str) -> str:
    """Return the name that a library is imported by, as well as its own name tells it."""
    return _IMPORT_NAMES.get(name, name.removeprefix("python-").replace("-", "_"))


def _users(module: str, places: Sequence[WordPlace], head: SideView) -> tuple[SymbolId, ...]:
    if head.program.resolve_dotted(module).symbol:
        return ()  # a package of this tree: lock files hold it too
    paths = dict.fromkeys(
        place.path for place in places if place.path in head.tree.blobs and not is_test_path(place.path)
    )
    return tuple(
        dict.fromkeys(each for path in paths for each in _importers(module, path, head.tree.facts(path).symbols))
    )


def _importers(module: str, path: str, symbols: Sequence[Symbol]) -> Iterator[SymbolId]:
    """Yield the symbols of a file that use what it imports from a library."""
    bound = {
        each.bound
        for symbol in symbols
        for each in symbol.imports
        if not each.level and each.module.partition(".")[0] == module and each.bound
    }
    if not bound:
        return
    for symbol in symbols:
        held: list[list[object] | None] = [*symbol.decorators, *symbol.bases, symbol.returns]
        held += [each for parameter in symbol.parameters for each in (parameter.annotation, parameter.default)]
        held += [each for statement in symbol.body for each in (statement.value, statement.annotation)]
        if symbol.qualname and any(each[0] == "n" and each[1] in bound for expr in held for each in walk(expr)):
            yield f"{path}:{symbol.qualname}"
