"""What changes of templates, SQL, settings, dependencies and migrations touch: the code that holds their names."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from release_harness.kernel.patterns import LazyPattern
from release_harness.steps.evidence.impact.difference.dependencies import bumped_libraries, names_libraries
from release_harness.steps.evidence.impact.difference.side import SideView
from release_harness.steps.evidence.impact.difference.symbols import SymbolDiff
from release_harness.steps.evidence.impact.difference.words import WordPlace
from release_harness.steps.evidence.impact.entries.reading import is_test_path
from release_harness.steps.evidence.impact.expressions import text_of, walk
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.model.impact import ChangedSymbol, SymbolChange, SymbolId

_NAMED_BY_PATH = (
    "html",
    "htm",
    "jinja",
    "jinja2",
    "j2",
    "txt",
    "xml",
    "sql",
    "mako",
    "tmpl",
    "tpl",
    "graphql",
    "csv",
    "json",
)
_KEYED = ("yaml", "yml", "toml", "json", "ini", "cfg", "env", "conf", "properties")
_NO_CODE_READS = (
    "md",
    "rst",
    "adoc",
    "png",
    "jpg",
    "jpeg",
    "gif",
    "svg",
    "webp",
    "ico",
    "css",
    "scss",
    "po",
    "mo",
    "lock",
)
_KEY = LazyPattern(r"""^\s*-?\s*(?:export\s+)?["']?([A-Za-z_][\w.-]{2,80})["']?\s*[:=](?:\s|["'\w\[{]|$)""")
_OF_TOOLS = LazyPattern(
    r"(^|/)(package(-lock)?|npm-shrinkwrap|composer|[tj]sconfig[^/]*|angular|renovate|lerna|nx|turbo|biome|pnpm-(lock|workspace)"
    r"|codecov|mkdocs|netlify|vercel|(babel|jest)\.config|\.[^/]+)\.(json|ya?ml|toml)$"
)
"""Tools read their keys (`name`, `version`, `scripts`); code that says the same words means something else."""
_WORDS_LIMIT = 60
_PLACES_LIMIT = 60
_DEPLOYED_ONLY = LazyPattern(
    r"(^|/)(\.github|\.gitlab|\.circleci|docs?|node_modules|locale|locales|changelog[^/]*)/|(^|/)\.[^/]+\.(ya?ml|toml)$"
)


class Elsewhere(NamedTuple):
    """What was found for changes of files that are no code."""

    found: tuple[tuple[SymbolId, ChangedSymbol], ...] = ()
    changed: tuple[ChangedSymbol, ...] = ()
    unknown: tuple[str, ...] = ()
    libraries: tuple[tuple[ChangedSymbol, tuple[SymbolId, ...]], ...] = ()
    """Libraries that have another version, each with the symbols that use it."""


class _Wanted(NamedTuple):
    word: str
    change: ChangedSymbol
    how: str
    """`text` for a string that is or ends with it, `table` for the models of a table."""


def may_matter(path: str) -> bool:
    """Tell whether code may hold what a file that is no code names: a template, a query, a key, a dependency."""
    ending = path.rpartition(".")[2].lower()
    if names_libraries(path):
        return True
    if ending in _NO_CODE_READS or _DEPLOYED_ONLY.search(path) or is_test_path(path):
        return False
    return ending in _NAMED_BY_PATH or ending in _KEYED or path.rpartition("/")[2].startswith(".env")


def seeds_elsewhere(diff: SymbolDiff, base: SideView, head: SideView) -> Elsewhere:
    """Return the symbols that hold a name whose meaning was changed in another file, and the libraries that changed."""
    bumped = bumped_libraries([path for path in diff.other if names_libraries(path)], base, head)
    named = _holders_of_names(diff, base, head)
    return Elsewhere(
        named.found,
        (*named.changed, *(each for each, _ in bumped.used)),
        (*named.unknown, *bumped.unknown),
        bumped.used,
    )


def _holders_of_names(diff: SymbolDiff, base: SideView, head: SideView) -> Elsewhere:
    wanted = [each for path in diff.other for each in _wanted(path, base, head)]
    wanted += [each for path in diff.code for each in _of_migration(path, diff, head)]
    if not wanted:
        return Elsewhere()
    words = list(dict.fromkeys(each.word for each in wanted))
    unknown = []
    if len(words) > _WORDS_LIMIT:
        unknown.append(f"{len(words)} keys and names changed in files that are no code; {_WORDS_LIMIT} were looked for")
        words = words[:_WORDS_LIMIT]
    places = head.words.find(words)
    if places is None:
        return Elsewhere((), (), (*unknown, "names of changed files that are no code could not be looked for"))
    found: dict[tuple[SymbolId, str], tuple[SymbolId, ChangedSymbol]] = {}
    used: dict[str, ChangedSymbol] = {}
    for each in wanted:
        for symbol in _holders(each, places.get(each.word, ()), head):
            found.setdefault((symbol, each.change.symbol), (symbol, each.change))
            used.setdefault(each.change.symbol, each.change)
    return Elsewhere(tuple(found.values()), tuple(used.values()), tuple(unknown))


def _wanted(path: str, base: SideView, head: SideView) -> Iterator[_Wanted]:
    ending = path.rpartition(".")[2].lower()
    if ending in _NO_CODE_READS or names_libraries(path):
        return
    if _DEPLOYED_ONLY.search(path) or is_test_path(path):
        return
    if ending in _NAMED_BY_PATH:
        change = ChangedSymbol(symbol=f"{path}:", change=SymbolChange.LITERAL, path=path, line=1, kind="file")
        yield _Wanted(path.rpartition("/")[2], change, "text")
    base_name = path.rpartition("/")[2]
    if (ending in _KEYED and not _OF_TOOLS.search(path)) or base_name.startswith(".env"):
        for key, line in _changed_keys(path, base, head):
            change = ChangedSymbol(
                symbol=f"{path}:{key}", change=SymbolChange.LITERAL, path=path, line=line, kind="file"
            )
            yield _Wanted(key, change, "text")


def _lines(side: SideView, path: str) -> list[str]:
    return (side.tree.read_text(path) or "").splitlines()


def _line_changes(path: str, base: SideView, head: SideView) -> Iterator[tuple[str, int]]:
    """Yield the lines that only one side has, with their number at head, or at base for those that went."""
    before, after = _lines(base, path), _lines(head, path)
    old, new = set(before), set(after)
    yield from ((line, number) for number, line in enumerate(after, 1) if line not in old)
    yield from ((line, number) for number, line in enumerate(before, 1) if line not in new)


def _changed_keys(path: str, base: SideView, head: SideView) -> Iterator[tuple[str, int]]:
    seen: set[str] = set()
    for line, number in _line_changes(path, base, head):
        key = _KEY.match(line)
        if key is not None and key.group(1) not in seen:
            seen.add(key.group(1))
            yield key.group(1), number


def _of_migration(path: str, diff: SymbolDiff, head: SideView) -> Iterator[_Wanted]:
    """Yield the tables and models that an added migration names; its code runs once, the models live on."""
    if ("/migrations/" not in f"/{path}" and "/versions/" not in f"/{path}") or path not in head.tree.blobs:
        return
    line = next((each.line for each in diff.changed if each.path == path), 1)
    for symbol in head.tree.facts(path).symbols:
        for name in _tables_named(symbol):
            change = ChangedSymbol(
                symbol=f"{path}:{name}", change=SymbolChange.LITERAL, path=path, line=line, kind="file"
            )
            yield _Wanted(name, change, "table")


def _tables_named(symbol: Symbol) -> Iterator[str]:
    for statement in symbol.body:
        for each in walk(statement.value):
            if each[0] != "c" or each[1][0] not in {"a", "n"}:
                continue
            if each[1][0] == "a" and each[1][1] == ["n", "op"] and each[2]:
                name = text_of(each[2][1] if str(each[1][2]).endswith("_index") and len(each[2]) > 1 else each[2][0])
            else:
                given = each[3].get("model_name") or (
                    each[3].get("name") if each[1][-1] in {"CreateModel", "DeleteModel"} else None
                )
                name = text_of(given)
            if name:
                yield name


def _holders(wanted: _Wanted, places: Sequence[WordPlace], head: SideView) -> Iterator[SymbolId]:
    code: dict[str, list[int]] = {}
    for place in places:
        if place.path in head.tree.blobs and not is_test_path(place.path):
            code.setdefault(place.path, []).append(place.line)
    if len(code) > _PLACES_LIMIT:
        # A word that stands in so many files is a word, not a key.
        return
    for path, lines in code.items():
        symbols = head.tree.facts(path).symbols
        if wanted.how == "table":
            yield from (f"{path}:{each.qualname}" for each in symbols if _is_model(each, wanted.word))
        else:
            yield from (f"{path}:{each.qualname}" for each in symbols if _holds_text(each, wanted.word, lines))
            yield from (f"{path}:{name}" for name in _variables_with_text(symbols[0], wanted.word))


def _is_model(symbol: Symbol, table: str) -> bool:
    if symbol.kind != "class" or not symbol.bases:
        return False
    if symbol.qualname.rpartition(".")[2].lower() == table.lower():
        return True
    return any(
        each.kind == "set" and each.target == ["n", "__tablename__"] and text_of(each.value) == table
        for each in symbol.body
    )


def _holds_text(symbol: Symbol, word: str, lines: Iterable[int]) -> bool:
    if not any(symbol.first_line <= line <= symbol.end_line for line in lines) or not symbol.qualname:
        return False
    held = [*symbol.decorators, *(each.value for each in symbol.body), *(each.default for each in symbol.parameters)]
    return any(_says(expr, word) for expr in held)


def _variables_with_text(module: Symbol, word: str) -> Iterator[str]:
    for each in module.body:
        if each.kind == "set" and each.target is not None and each.target[0] == "n" and _says(each.value, word):
            yield each.target[1]


def _says(expr: Expr | None, word: str) -> bool:
    return any(
        each[0] == "s" and (each[1] == word or each[1].endswith(f"/{word}") or each[1].endswith(f".{word}"))
        for each in walk(expr)
    )
